# Made by `python -m gpugrad.catalogue --stubs`.
# ruff: noqa

"""Pytrees: nested lists, tuples, dictionaries and registered classes, with arrays as leaves.

>>> gg.tree.map(lambda x: 2 * x, {"w": np.ones(2), "rest": [np.zeros(1), None]})
{'w': array([2., 2.]), 'rest': [array([0.]), None]}

This and `tree_classes.py` are the places that name optree. What needs more than the structure is
imported when it is first used.
"""

from gpugrad.tree import NAMESPACE as NAMESPACE
from gpugrad.tree import Structure as Structure
from gpugrad.tree import cast as cast
from gpugrad.tree import combine as combine
from gpugrad.tree import flatten as flatten
from gpugrad.tree import is_leaf as is_leaf
from gpugrad.tree import leaves as leaves
from gpugrad.tree import load as load
from gpugrad.tree import map as map
from gpugrad.tree import partition as partition
from gpugrad.tree import paths as paths
from gpugrad.tree import prefix as prefix
from gpugrad.tree import ravel as ravel
from gpugrad.tree import register as register
from gpugrad.tree import save as save
from gpugrad.tree import unflatten as unflatten
from gpugrad.tree import where as where

__all__ = [
    "NAMESPACE",
    "Structure",
    "cast",
    "combine",
    "flatten",
    "is_leaf",
    "leaves",
    "load",
    "map",
    "partition",
    "paths",
    "prefix",
    "ravel",
    "register",
    "save",
    "unflatten",
    "where",
]
