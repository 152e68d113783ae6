"""Applications whose documents are known, by area: what users declare, and what nobody should."""
