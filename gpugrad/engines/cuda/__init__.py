"""Plans as CUDA C++: sources are generated here, which needs no GPU and no CuPy."""
