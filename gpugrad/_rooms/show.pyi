# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

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

from gpugrad.show import Graph as Graph
from gpugrad.show import Page as Page
from gpugrad.show import Trace as Trace
from gpugrad.show import graph as graph
from gpugrad.show import page as page
from gpugrad.show import trace as trace

__all__ = [
    "Graph",
    "Page",
    "Trace",
    "graph",
    "page",
    "trace",
]
