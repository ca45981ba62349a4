"""Graphs of ONNX as they are written: operators, constants, and lengths that follow from a batch.

What does not depend on the place, constants and lengths, stands in the outermost graph, of which
those inside of loops and branches see all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto, helper

from gpugrad.interop.onnx.batch_sizes import Given, Length, Lengths, Share, Size
from gpugrad.interop.onnx.runtime_kernels import computed_in


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a graph, by its name, and its dtype."""

    name: str
    dtype: np.dtype


Operand: TypeAlias = "Value | bool | int | float"

_BOOL, _INT64 = np.dtype(bool), np.dtype(np.int64)

_GIVES = dict.fromkeys(
    "And Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Not Or Xor".split(), _BOOL
) | dict.fromkeys("ArgMax ArgMin Shape".split(), _INT64)
"""Dtypes of results that are not those of the operands."""

_FIRST = {"Where": 1}
"""Which operand has the dtype of the result, where it is not the first one."""

BATCH = "batch"
"""What the length is called that is known when a model runs."""


class Graph:
    """A graph under construction; with a `parent`, one inside of it."""

    def __init__(self, parent: Graph | None = None) -> None:
        self.nodes: list[NodeProto] = []
        self.outermost: Graph = self if parent is None else parent.outermost
        self.batch_of: tuple[str, int] | None = None        # an input, and its axis
        self.initializers: dict[str, TensorProto] = {}
        self._constants: dict[tuple[object, ...], Value] = {}
        self._lengths: dict[Lengths, Value] = {}
        self._names: set[str] = set()
        self._numbers: dict[str, int] = {}          # how many names there are of each kind

    def __call__(
        self, op: str, *operands: Operand, dtype: np.dtype | None = None, **attributes: Any
    ) -> Value:
        """The result of that operator; numbers among the operands get the dtype of the others.

        Where onnxruntime has no kernel for their dtype, they are computed in another one.
        """
        return self.several(op, *operands, dtypes=[dtype], **attributes)[0]

    def several(
        self, op: str, *operands: Operand, dtypes: Sequence[np.dtype | None], **attributes: Any
    ) -> list[Value]:
        """The results, for each of which `dtypes` says what it is, or `None` if it is usual."""
        values = [x for x in operands if isinstance(x, Value)]
        place = _FIRST.get(op, 0)
        leading = operands[place] if place < len(operands) else None
        main = leading if isinstance(leading, Value) else values[-1] if values else None
        given = [x if isinstance(x, Value) else self.number(x, main) for x in operands]
        own = None if main is None else main.dtype
        within = None if own is None else computed_in(op, own)
        if own != within:
            given = [self.cast(x, within) if x.dtype == own else x for x in given]
        usual = _GIVES.get(op, within)
        found = []
        for dtype in dtypes:
            given_dtype = usual if dtype is None else dtype
            assert given_dtype is not None          # an operator without operands says its own
            found.append(Value(self.name(op), given_dtype))
        names = [x.name for x in found]
        self.nodes.append(
            helper.make_node(op, [x.name for x in given], names, name=names[0], **attributes)
        )
        if own == within or op in _GIVES:
            return found
        return [
            self.cast(x, own) if dtype is None else x
            for x, dtype in zip(found, dtypes, strict=True)
        ]

    def cast(self, x: Value, dtype: Any) -> Value:
        """`x` in another dtype."""
        dtype = np.dtype(dtype)
        if x.dtype == dtype:
            return x
        return self("Cast", x, dtype=dtype, to=element_type(dtype))

    def name(self, of: str) -> str:
        """A new name for a result of that operator."""
        numbers = self.outermost._numbers
        numbers[of] = numbers.get(of, 0) + 1
        name = f"{of}_{numbers[of]}"
        return self.name(of) if name in self.outermost._names else self.reserve(name)

    def reserve(self, name: str) -> str:
        """That name, or one like it that nothing has yet."""
        if name in self.outermost._names:
            return self.name(name)
        self.outermost._names.add(name)
        return name

    # Constants

    def constant(self, array: Any, name: str = "") -> Value:
        """A constant, one for all that are equal; one with a name is an array of its own."""
        if self is not self.outermost:
            return self.outermost.constant(array, name)
        array = np.asarray(array)
        key = (name, array.dtype, array.shape, array.tobytes())
        found = self._constants.get(key)
        if found is None:
            called = self.reserve(name or "constant")
            self.initializers[called] = helper.make_tensor(
                called, element_type(array.dtype), array.shape, array.tobytes(), raw=True
            )
            found = self._constants[key] = Value(called, array.dtype)
        return found

    def number(self, x: Any, like: Value | None) -> Value:
        """A number in the dtype of a value."""
        assert like is not None
        return self.constant(np.asarray(x, like.dtype))

    def integers(self, *numbers: int) -> Value:
        """Integers as operators take them for axes and places."""
        return self.constant(np.array(numbers, np.int64))

    # What follows from the batch size

    def shape(self, lengths: Lengths) -> Value:
        """These lengths as a vector of integers."""
        if self is not self.outermost:
            return self.outermost.shape(lengths)
        if lengths not in self._lengths:
            if not any(isinstance(n, Size) for n in lengths):
                return self.integers(*lengths)  # type: ignore[arg-type]  # which are numbers
            parts = [self._length(n) for n in lengths]
            whole = parts[0] if len(parts) == 1 else self("Concat", *parts, axis=0)
            self._lengths[lengths] = whole
        return self._lengths[lengths]

    def _length(self, n: Length) -> Value:
        """A length as a vector of one integer."""
        if not isinstance(n, Size):
            return self.integers(n)
        key = (n,)
        if key not in self._lengths:
            if n == Size(1):
                assert self.batch_of is not None
                name, axis = self.batch_of
                whole = self("Shape", Value(name, _INT64))
                found = self("Gather", whole, self.integers(axis), axis=0)
            else:
                found = self._length(Size(1))
                found = found if n.slope == 1 else self("Mul", found, n.slope)
                found = found if not n.offset else self("Add", found, n.offset)
            self._lengths[key] = found
        return self._lengths[key]

    def expand(self, x: Value, lengths: Lengths) -> Value:
        """`x` repeated to have these lengths."""
        return self("Expand", x, self.shape(lengths))

    def reshape(self, x: Value, lengths: Lengths) -> Value:
        """The elements of `x` with these lengths."""
        dynamic = [n for n in lengths if isinstance(n, Size)]
        if 0 in lengths:
            return self("Reshape", x, self.shape(lengths), allowzero=1)
        if len(dynamic) == 1:
            rest = [-1 if isinstance(n, Size) else n for n in lengths]
            return self("Reshape", x, self.integers(*rest))
        return self("Reshape", x, self.shape(lengths))

    def given(self, rule: Given) -> Value:
        """An array that follows from the batch size."""
        if rule.of is None:
            count = next(n for n in rule.lengths if isinstance(n, Size))
            ends = Size(count.slope * rule.step, count.offset * rule.step + rule.start)
            start, step = (self.constant(np.array(n, np.int64)) for n in (rule.start, rule.step))
            found = self("Range", start, self._scalar(ends), step)
            return self.cast(self.reshape(found, rule.lengths), rule.dtype)
        if isinstance(rule.of, np.ndarray):
            return self.expand(self.constant(rule.of), rule.lengths)
        if isinstance(rule.of, Share):
            n = self.cast(self._scalar(Size(1)), np.float64)
            number = self("Div", self.constant(np.float64(rule.of.over)), n)
        else:
            number = self._scalar(rule.of)
        return self.reshape(self.cast(number, rule.dtype), rule.lengths)

    def _scalar(self, n: Length) -> Value:
        if self is not self.outermost:
            return self.outermost._scalar(n)
        return self("Reshape", self._length(n), self.integers())

    # The finished graph

    def made(
        self, name: str, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]
    ) -> GraphProto:
        """The graph as ONNX has it, without constants that nothing reads after all."""
        read = set(_read(self.nodes)) | {x.name for x in outputs}
        constants = [x for called, x in self.initializers.items() if called in read]
        return helper.make_graph(self.nodes, name, list(inputs), list(outputs), constants)

    def rename(self, old: str, new: str) -> None:
        """Give a value another name, also where graphs inside read it."""
        for node in self.nodes:
            _rename(node, old, new)


def _rename(node: NodeProto, old: str, new: str) -> None:
    for names in (node.input, node.output):
        for i, name in enumerate(names):
            if name == old:
                names[i] = new
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            for inner in attribute.g.node:
                _rename(inner, old, new)


def _read(nodes: Iterable[NodeProto]) -> Iterator[str]:
    """The names of what nodes read, and those in the graphs inside them."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from _read(attribute.g.node)


def described(name: str, dtype: np.dtype, lengths: Lengths) -> ValueInfoProto:
    """What a graph says of one of its inputs or results."""
    shape = [n if not isinstance(n, Size) else BATCH if n == Size(1) else None for n in lengths]
    return helper.make_tensor_value_info(name, element_type(dtype), shape)


def element_type(dtype: np.dtype) -> int:
    """The number by which ONNX knows a dtype."""
    if dtype.name == "bfloat16":                    # which older versions do not know of NumPy
        return int(TensorProto.BFLOAT16)
    return int(helper.np_dtype_to_tensor_dtype(dtype.newbyteorder("=")))
