"""Data sets of rows and their targets: loading, checking, splitting, scaling, batching.

Everything here is NumPy on the CPU and depends on a seed only, so that every backend trains on the
same bits in the same order.
"""

from gpugrad.data.batch import batch_bounds, epoch_order
from gpugrad.data.dataset import PARTS, Dataset, row_hashes
from gpugrad.data.file_rows import FileRows
from gpugrad.data.load import dataset_names, is_path, load
from gpugrad.data.named import digits, moons, spirals
from gpugrad.data.npz import read_files
from gpugrad.data.scale import Standardiser
from gpugrad.data.split import Split, split, split_as_given, split_in_order, split_rows

__all__ = [
    "PARTS",
    "Dataset",
    "FileRows",
    "Split",
    "Standardiser",
    "batch_bounds",
    "dataset_names",
    "digits",
    "epoch_order",
    "is_path",
    "load",
    "moons",
    "read_files",
    "row_hashes",
    "spirals",
    "split",
    "split_as_given",
    "split_in_order",
    "split_rows",
]
