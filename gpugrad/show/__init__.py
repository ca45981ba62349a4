"""Pictures, tables and pages of a graph: what was computed, how gradients flow, what is kept."""

from gpugrad.show.display import Graph, Trace, graph, page, trace
from gpugrad.show.pages.page import Page

__all__ = ["Graph", "Page", "Trace", "graph", "page", "trace"]
