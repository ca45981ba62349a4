"""Functions and models as files of ONNX: from a trace, by one row for each primitive.

`export` is the way in. `runs` traces a function for several batch sizes, `agreed` makes one program
of these, `graph` writes operators, and the tables beside it say which ones a primitive becomes.
"""
