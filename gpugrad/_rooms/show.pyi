# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Pictures and tables of a graph: what was computed, how gradients flow back, what is kept."""

from gpugrad.show import Graph as Graph
from gpugrad.show import Trace as Trace
from gpugrad.show import graph as graph
from gpugrad.show import trace as trace

__all__ = [
    "Graph",
    "Trace",
    "graph",
    "trace",
]
