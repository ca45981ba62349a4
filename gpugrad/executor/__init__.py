"""How a graph is run. So far: the eager reverse sweep."""

from gpugrad.executor.sweep import sweep

__all__ = ["sweep"]
