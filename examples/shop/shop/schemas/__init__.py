"""What travels over HTTP. Every text and number has a bound: nothing absurd ever reaches the database.

The examples name rows of the demo data (`shop.seed`): "Try it out" works as it stands.
"""
