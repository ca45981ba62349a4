"""Pictures, tables and pages of a graph: what was computed, how gradients flow, what is kept.

>>> gg.show.trace(lambda x: gg.sum(gg.sin(x) * x), np.array([1.0, 2.0]))
f(x)
Forward
  Step  Node  Operation  Value
  ────  ────  ─────────  ────────────────────
  1     x     input      [1, 2]
  2     a     sin(x)     [0.841471, 0.909297]
  3     b     a × x      [0.841471, 1.81859]
  4     f     sum(b)     2.66007
...
"""

from gpugrad.show.display import Graph, Trace, graph, page, trace
from gpugrad.show.pages.page import Page
from gpugrad.types import offered

__all__ = ["Graph", "Page", "Trace", "graph", "page", "trace"]

__dir__ = offered(globals())
