"""Ready routers: the flows that give tokens, and the keys that verify them.

In: accounts, keys and a store. Out: routes of OAuth 2.0, with its errors in its words. A flow enters itself
in its `Tokens`, so that the document says where the tokens come from.
"""
