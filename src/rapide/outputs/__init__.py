"""The ways out: one file for each kind of output.

Each kind is a module with
  emit(writer, plan)      the lines that turn `result` into `content` (bytes) or `reply` (a Response)
  DIRECT                  whether it makes `content`
A new kind is one new file and one row in the table below. `rapide._analyse.returns` decides which kind a
route has. Must not know: other kinds, the drivers of analysis and compilation.
"""

from types import ModuleType

from rapide.outputs import events, json_lines, model, plain, stream

__all__ = ["KINDS"]

KINDS: dict[str, ModuleType] = {
    "model": model,
    "plain": plain,
    "json_lines": json_lines,
    "events": events,
    "stream": stream,
}
