"""`jit`: a function is traced once for each kind of arguments, and runs as a plan."""
