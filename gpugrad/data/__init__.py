"""Data to learn from: tables, images and arrays, read, checked, split, scaled and put in batches.

What is drawn depends on a seed only, so that every backend trains on the same bits in the same
order.

>>> from gpugrad import data
>>> table = data.as_table({"wing": [7.2, 5.1, 5.0], "kind": ["robin", "wren", "wren"]})
>>> x = data.Encoder.fit(table, target=["kind"]).encode(table)
>>> x.shape, data.target_of(table, ["kind"]).values.tolist()
((3, 1), ['robin', 'wren', 'wren'])
"""

from gpugrad.data.arrays import as_features, read_pair
from gpugrad.data.augment import normalise, random_brightness, random_crop, random_flip
from gpugrad.data.batch import batch_bounds, epoch_order
from gpugrad.data.dataset import PARTS, Dataset, row_hashes
from gpugrad.data.file_rows import FileRows
from gpugrad.data.images.image_rows import ImageRows
from gpugrad.data.images.read_images import Images, is_image_folder, read_images
from gpugrad.data.load import dataset_names, is_path, load
from gpugrad.data.loader import Loader, Position
from gpugrad.data.named import digits, moons, spirals
from gpugrad.data.npz import read_files
from gpugrad.data.scale import Standardiser
from gpugrad.data.split import Split, split, split_as_given, split_in_order, split_rows
from gpugrad.data.tables.encoder import Encoder
from gpugrad.data.tables.named_columns import Table
from gpugrad.data.tables.read import as_table, is_table, read_table
from gpugrad.data.tables.targets import Target, target_of, weights_of
from gpugrad.types import offered

__all__ = [
    "PARTS",
    "Dataset",
    "Encoder",
    "FileRows",
    "ImageRows",
    "Images",
    "Loader",
    "Position",
    "Split",
    "Standardiser",
    "Table",
    "Target",
    "as_features",
    "as_table",
    "batch_bounds",
    "dataset_names",
    "digits",
    "epoch_order",
    "is_image_folder",
    "is_path",
    "is_table",
    "load",
    "moons",
    "normalise",
    "random_brightness",
    "random_crop",
    "random_flip",
    "read_files",
    "read_images",
    "read_pair",
    "read_table",
    "row_hashes",
    "spirals",
    "split",
    "split_as_given",
    "split_in_order",
    "split_rows",
    "target_of",
    "weights_of",
]

__dir__ = offered(globals())
