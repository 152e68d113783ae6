"""Fuzz targets for all readers of bytes that are our own; `scripts/fuzz` runs them."""
