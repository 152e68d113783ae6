"""One application for each framework, all giving the same answers.

They run in the framework's own environment: they import the framework, the standard library, the validation
library that their environment holds, and `bench.contract`.
"""
