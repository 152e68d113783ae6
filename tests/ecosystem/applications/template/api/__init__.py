"""Routes and what they depend on."""
