"""How a function is written: lines, constants bound by name, compilation that debuggers can show.

In: lines of source. Out: a function that keeps its source.
Must not know: routes, HTTP, plans.
"""

from rapide._codegen.load import load_function, with_builtins
from rapide._codegen.writer import Writer, marked, safe_name

__all__ = ["Writer", "load_function", "marked", "safe_name", "with_builtins"]
