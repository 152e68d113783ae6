"""A shop's back office as full-stack templates lay it out: SQLModel, users, tokens, migrations."""
