"""Plans as Python functions of NumPy calls into planned buffers."""
