"""Models behind an API of OpenAI's kind: batches, streams, uploads, keys and limits."""
