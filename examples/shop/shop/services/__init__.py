"""What the shop does. Functions that take a session and plain values, and raise `shop.errors`.

They never commit: the caller opened the transaction and ends it. They never see a request.
"""
