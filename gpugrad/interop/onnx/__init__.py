"""Functions and models as files of ONNX: from a trace, by one row for each primitive.

`to_model` is the way in. `runs` traces a function for several batch sizes, `agreed` makes one
program of these, `program_writer` writes its steps by the rows of `whole_table`, and `onnx_graph`
is what they write to.
"""
