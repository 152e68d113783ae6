"""A shop: products, carts, orders and stock, served by Rapide.

Imports run one way: `main → routers → services → models`. `schemas` is what travels over HTTP and `models`
what is stored; only the routers know both, so either can change without the other.
"""
