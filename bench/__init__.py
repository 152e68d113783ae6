"""Measures Rapide against bare ASGI and its peers; `scripts/bench` runs it.

It knows nothing about how Rapide works inside. `cases.py` says what is asked of every framework, `apps/`
answers it once for each, `frameworks.py` lists them, the harnesses measure, `report.py` writes down what came
out.
"""
