"""The way from a function to a model of ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

import gpugrad
import gpugrad.tree as tree
from gpugrad.atomic import write_atomically
from gpugrad.backends import namespace_of
from gpugrad.core.tensor import Tensor
from gpugrad.errors import InvalidArgument
from gpugrad.interop.inside import is_array
from gpugrad.interop.onnx.agreed import Program, agreed
from gpugrad.interop.onnx.array_names import name_of, names_of
from gpugrad.interop.onnx.batch_sizes import Differs
from gpugrad.interop.onnx.onnx_graph import Graph, Value, described
from gpugrad.interop.onnx.program_writer import write
from gpugrad.interop.onnx.runs import BATCHES, Run, resized, run
from gpugrad.transforms.jit.jit import Jit
from gpugrad.transforms.watched import positional_names

OPSETS = 18, 25
"""The least and the latest set of operators that the rows are written for."""

LARGEST = 2**31 - 1
"""Bytes of a file that protobuf reads."""


def export(
    f: Callable[..., Any],
    example_args: Sequence[Any],
    path: str | PathLike[str] | None,
    input_names: Sequence[str] | None,
    output_names: Sequence[str] | None,
    dynamic_batch: bool | Sequence[int | None],
    opset: int,
    metadata: Mapping[str, str] | None,
) -> onnx.ModelProto:
    """See `gg.interop.to_onnx`."""
    _check_opset(opset)
    given = _Arguments(f, example_args, input_names)
    axes = given.axes(dynamic_batch)
    program, paths = _traced(f, given, axes)
    model = _model(program, given, axes, _output_names(paths, output_names), opset)
    helper.set_model_props(model, dict(metadata or {}))
    content = _checked(model)
    if path is not None:
        write_atomically(Path(path), content)
    return model


class _Arguments:
    """The example arguments: their arrays on the host, and where they belong."""

    def __init__(
        self, f: Callable[..., Any], args: Sequence[Any], names: Sequence[str] | None
    ) -> None:
        leaves, self.structure = tree.flatten(tuple(args))
        self.leaves = leaves
        self.places = [i for i, x in enumerate(leaves) if is_array(x)]
        arrays = [_value(leaves[i]) for i in self.places]
        if not arrays:
            raise InvalidArgument(
                "gg.interop.to_onnx was given no array as an example argument; expected one for "
                "each input of the model, as in to_onnx(model, x)."
            )
        self.home = namespace_of(arrays[0])
        self.arrays = [np.asarray(namespace_of(x).to_numpy(x)) for x in arrays]
        roots = positional_names(f, len(args))
        paths = [
            f"{root}{path}" for root, part in zip(roots, args, strict=True)
            for path in tree.paths(part)
        ]
        self.names = _named("input_names", names, [name_of(paths[i]) for i in self.places])

    def filled(self, arrays: Sequence[Any]) -> Any:
        """The arguments with these arrays."""
        leaves = list(self.leaves)
        for i, x in zip(self.places, arrays, strict=True):
            leaves[i] = x
        return tree.unflatten(self.structure, leaves)

    def axes(self, dynamic: bool | Sequence[int | None]) -> list[int | None]:
        """The axis of each array along which the batch goes, if it has one."""
        if isinstance(dynamic, bool):
            first = self.arrays[0].shape
            batched = dynamic and bool(first)
            found: list[int | None] = [
                0 if batched and x.shape[:1] == first[:1] else None for x in self.arrays
            ]
        else:
            found = list(dynamic)
            if len(found) != len(self.arrays):
                raise InvalidArgument(
                    f"dynamic_batch has {len(found)} axes; expected one for each of the "
                    f"{len(self.arrays)} inputs, or None for one without."
                )
        lengths = set()
        for i, (axis, x, name) in enumerate(zip(found, self.arrays, self.names, strict=True)):
            if axis is None:
                continue
            if not -x.ndim <= axis < x.ndim or not x.shape[axis]:
                raise InvalidArgument(
                    f"the batch of the input {name!r} goes along axis {axis}, and the example has "
                    f"shape {x.shape}; expected an axis that is not empty."
                )
            found[i] = axis % x.ndim
            lengths.add(x.shape[axis])
        if len(lengths) > 1:
            raise InvalidArgument(
                f"the batches of the examples are of {', '.join(map(str, sorted(lengths)))}; "
                "expected one length for all."
            )
        return found


def _value(x: Any) -> Any:
    return x._value if isinstance(x, Tensor) else x


def _traced(
    f: Callable[..., Any], given: _Arguments, axes: Sequence[int | None]
) -> tuple[Program, list[str]]:
    """What `f` does, for any batch size if one of the axes is there."""
    if isinstance(f, Jit):                          # whose plans are of one batch size
        f = f.f
    names = names_of(f)

    def of_arrays(*arrays: Any) -> Any:
        return f(*given.filled(arrays))

    def run_of(n: int) -> Run:
        arrays = (resized(x, axis, n) for x, axis in zip(given.arrays, axes, strict=True))
        return run(of_arrays, [given.home.asarray(x) for x in arrays])

    def name(x: Any) -> str:
        return names.get(id(x), "")

    reason: Differs | None = None
    dynamic = any(axis is not None for axis in axes)
    for batches in BATCHES if dynamic else ((1, 1),):
        try:
            found = list(map(run_of, batches))
        except Exception as error:
            if not dynamic:
                raise
            run(of_arrays, list(map(given.home.asarray, given.arrays)))     # or its own error
            raise InvalidArgument(
                "gg.interop.to_onnx ran the function with the batch of the example, which works, "
                f"and with batches of {', '.join(map(str, batches))}, which does not: "
                f"{type(error).__name__}: {str(error).strip(' .')}. Export it for the batch of the "
                "example, with dynamic_batch=False, or compute it without the batch size."
            ) from error
        try:
            return agreed(found, batches, name), found[0].paths
        except Differs as error:
            reason = reason or error
    way = (
        "Export it for the batch of the example, with dynamic_batch=False, or compute it without "
        "the batch size." if dynamic else
        "What it computes may depend only on its arguments: pass what changes as one."
    )  # fmt: skip
    raise InvalidArgument(
        f"gg.interop.to_onnx ran the function several times, and found no one model: {reason}. "
        f"{way}"
    )


def _model(
    program: Program,
    given: _Arguments,
    axes: Sequence[int | None],
    names: list[str],
    opset: int,
) -> onnx.ModelProto:
    g = Graph()
    for name in (*given.names, *names):
        g.reserve(name)
    batched = ((name, axis) for name, axis in zip(given.names, axes, strict=True)
               if axis is not None)  # fmt: skip
    g.batch_of = next(batched, None)
    inputs = [
        Value(name, program.slots[slot].dtype)
        for name, slot in zip(given.names, program.inputs, strict=True)
    ]
    found = write(g, program, inputs)
    taken = {x.name for x in inputs} | set(g.initializers)
    for x, name in zip(found, names, strict=True):
        if x.name in taken:
            g.nodes.append(helper.make_node("Identity", [x.name], [name], name=name))
        else:
            g.rename(x.name, name)
            taken.add(x.name)
    said = [
        [described(name, program.slots[slot].dtype, program.slots[slot].lengths)
         for name, slot in zip(of, slots, strict=True)]
        for of, slots in ((given.names, program.inputs), (names, program.outputs))
    ]  # fmt: skip
    model = helper.make_model(
        g.made("gpugrad", *said),
        opset_imports=[helper.make_opsetid("", opset)],
        producer_name="gpugrad", producer_version=gpugrad.__version__,
    )  # fmt: skip
    model.ir_version = helper.find_min_ir_version_for(model.opset_import)
    return model


def _checked(model: onnx.ModelProto) -> bytes:
    """The bytes of a model that holds what ONNX asks for."""
    nbytes = model.ByteSize()
    if nbytes > LARGEST:
        raise InvalidArgument(
            f"the model has {nbytes:,} bytes, and a file of ONNX at most {LARGEST:,}: export parts "
            "of it, or cast its arrays to float16."
        )
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def _check_opset(opset: int) -> None:
    least, latest = OPSETS
    latest = min(latest, onnx.defs.onnx_opset_version())
    if not isinstance(opset, int) or not least <= opset <= latest:
        raise InvalidArgument(
            f"opset is {opset!r}; expected an integer from {least} to {latest}, with the onnx "
            f"{onnx.__version__} that is installed."
        )


def _named(word: str, names: Sequence[str] | None, usual: list[str]) -> list[str]:
    """Names for as many values as there are usual ones; each is there once."""
    if names is None:
        return [name if usual.count(name) == 1 else f"{name}_{i}" for i, name in enumerate(usual)]
    found = [names] if isinstance(names, str) else list(names)
    if len(found) != len(usual) or len(set(found)) < len(found) or not all(found):
        raise InvalidArgument(
            f"{word} is {found}; expected {len(usual)} different names, for {', '.join(usual)}."
        )
    return found


def _output_names(paths: Sequence[str], names: Sequence[str] | None) -> list[str]:
    if not paths:
        raise InvalidArgument(
            "gg.interop.to_onnx: the function returned nothing that it computes of its arguments; "
            "expected a tree of arrays."
        )
    usual = [name_of(path) if path.startswith("['") else f"output{path}" for path in paths]
    return _named("output_names", names, usual)

