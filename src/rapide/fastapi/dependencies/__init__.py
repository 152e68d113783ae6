"""`fastapi.dependencies`: dependency graphs in the form in which extensions read, build and change them."""
