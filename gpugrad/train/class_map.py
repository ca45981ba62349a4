"""Which class a model sees at each point of the plane, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpugrad.backends import Namespace
from gpugrad.train.run_data import RunData
from gpugrad.train.scoring import in_batches, outputs_of
from gpugrad.train.tasks.task import Model, Task

POINTS = 300  # along each side: finer than the eye needs at the size of the picture
MARGIN = 0.08  # of the data's extent, left free around it


@dataclass(frozen=True)
class ClassMap:
    """`shares` is (rows, columns, classes): the probabilities at the points of a regular mesh.

    `extent` is (left, right, bottom, top), in the units of the features; row 0 is at the bottom.
    """

    shares: NDArray[np.float64]
    extent: tuple[float, float, float, float]


def class_map(model: Model, run_data: RunData, task: Task, backend: Namespace) -> ClassMap:
    """The map of a model of two features over the region in which the rows lie."""
    x, fitted = np.asarray(run_data.x), run_data.fitted
    low, high = x.min(axis=0), x.max(axis=0)
    margin = MARGIN * np.where(high > low, high - low, 1.0)
    low, high = low - margin, high + margin
    first, second = (np.linspace(low[i], high[i], POINTS) for i in (0, 1))
    mesh = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    ready = run_data.inputs.ready(mesh, fitted.features, run_data.dtype)
    features = backend.asarray(ready)
    outputs = outputs_of(model, in_batches(features), backend)
    shares = task.predictions(outputs, fitted.targets).shares
    assert shares is not None                       # it is a task with classes
    extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    return ClassMap(shares.reshape(POINTS, POINTS, -1), extent)
