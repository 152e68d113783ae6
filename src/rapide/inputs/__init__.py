"""The ways in: one file for each kind of parameter.

Each kind is a module with
  claim(parameter) -> Input | Connection | None      does this parameter belong to me? (analysis)
  emit(writer, item)                                 the lines of the handler that read it (compilation)
  read(item, sources) -> (value, errors)             the same, slowly and exactly (the oracle, and the maker
  of errors)
A new kind is one new file and one row in the table of `rapide.inputs.table`.
Must not know: other kinds, the drivers of analysis and compilation.
"""
