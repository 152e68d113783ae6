"""The command line: `python -m bench`, or rather `scripts/bench`, which makes the environments first."""
