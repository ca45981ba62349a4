"""Pictures and tables of a graph: what was computed, how gradients flow back, what is kept."""

from gpugrad.show.display import Graph, Trace, graph, trace
from gpugrad.types import offered

__all__ = ["Graph", "Trace", "graph", "trace"]

__dir__ = offered(globals())
