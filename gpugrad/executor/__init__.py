"""How a graph is run. So far: the eager reverse sweep, in `sweep.py`."""
