"""`cond` and `scan`: branches and loops that depend on values."""
