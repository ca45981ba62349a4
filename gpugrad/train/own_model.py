"""Models of a program: looked at, and copied to be trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gpugrad.tree as tree
from gpugrad.backends import Namespace, namespace_of
from gpugrad.errors import InvalidArgument
from gpugrad.graph import no_grad
from gpugrad.ops.operands import is_array
from gpugrad.train.config import Settled
from gpugrad.train.model import start_state
from gpugrad.train.network import Network
from gpugrad.train.run_data import RunData
from gpugrad.train.tensors import names

WANTED = (
    "expected a tree of arrays that is called like a function, such as gg.nn.Sequential or an "
    "object of a class above which @gg.tree.register stands"
)


def settings_of(model: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that follow from a model, as far as they were not given.

    Raises:
        InvalidArgument: For what is no model, and for weights of several types.
    """
    if not callable(model) or tree.is_leaf(model):
        raise InvalidArgument(f"model is of type {type(model).__name__}; {WANTED}")
    leaves = tree.leaves(model)
    names("model", model)                           # in its file, in which each has one
    for place, leaf in zip(tree.paths(model), leaves, strict=True):
        if not is_array(leaf) or namespace_of(leaf).name not in ("numpy", "cupy"):
            raise InvalidArgument(
                f"the model's {place} is of type {type(leaf).__name__}; {WANTED}. What is no "
                "weight is named in static= of gg.tree.register"
            )
    dtypes = {str(leaf.dtype) for leaf in leaves}
    if len(dtypes) != 1 or not dtypes <= {"float32", "float64"}:
        raise InvalidArgument(
            f"the model has weights of {', '.join(sorted(dtypes)) or 'no type, as it has none'}; "
            "expected all float32, or all float64"
        )
    if given.get("hidden"):
        raise InvalidArgument("hidden is for models of gpugrad; leave it out, as model is given")
    found = {"dtype": dtypes.pop(), "backend": namespace_of(leaves[0]).name}
    return {name: value for name, value in found.items() if name not in given}


def own_model(model: Any, config: Settled, run_data: RunData, backend: Namespace) -> Any:
    """A copy of the model on the device, which training may write over.

    Raises:
        InvalidArgument: For a model that gives no outputs as the task has them.
    """
    copied = tree.map(lambda x: backend.copy(backend.asarray(namespace_of(x).to_numpy(x))), model)
    network = Network(copied, start_state(copied, backend))
    some, *_ = run_data.train.between(0, min(2, len(run_data.train)))
    with no_grad():
        outputs = network(some)
    expected = (some.shape[0], config.kind.outputs(run_data.target))
    shape = tuple(getattr(outputs, "shape", ()))
    if shape != expected:
        raise InvalidArgument(
            f"the model gives {shape} for rows of shape {tuple(some.shape)}; expected "
            f"{expected}, for the task {config.task}"
        )
    return copied
