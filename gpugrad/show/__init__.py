"""Pictures and tables of a graph: what was computed, how gradients flow back, what is kept."""

from gpugrad.show.display import Graph, Trace, graph, trace

__all__ = ["Graph", "Trace", "graph", "trace"]


def __dir__() -> list[str]:
    return __all__
