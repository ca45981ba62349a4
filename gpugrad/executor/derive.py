"""What a step makes, by the shapes and dtypes of its operands alone.

Nothing here computes with the arrays of a plan. Elementwise steps broadcast, and the namespace says
of single numbers which dtype they give; views are made of stand-ins, arrays without memory of their
own. Functions of the library are called with small stand-ins: so does the recorder learn what they
give.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache
from math import prod
from reprlib import repr as short
from typing import Any

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.backends.standard import SHAPED_BY_VALUES
from gpugrad.executor.engines.interpret import fill, run_step
from gpugrad.executor.functions import FUNCTIONS, arguments, function
from gpugrad.executor.passes.common import hashable
from gpugrad.executor.passes.memory import VIEWS
from gpugrad.executor.plan import Operand, Slot, Step
from gpugrad.executor.scalars import SCALARS

Slots = tuple[Slot, ...]
Shape = tuple[int, ...]
Rule = Callable[[Slots, dict[str, Any]], Slot]

TRIED = 2**22
"""Bytes of operands and results up to which a function is called to see what it gives. What a
larger call gives is compared with its slot when it runs."""

KEPT = 2**10
"""Calls of which it is remembered what they gave."""

INDEXED = frozenset(("getitem", "take_along_axis", "add_at", "set_at"))
"""Functions whose integers are places, of which the first is there where any is."""


def results(step: Step, operands: Slots, claimed: Slots, known: bool = True) -> Slots:
    """What `step` makes of these operands, where `claimed` is what its slots say.

    Raises whatever says that it cannot be. With `known=False`, functions of the user's own may be
    called too, of which nothing is known.
    """
    settings = dict(step.settings)
    if len(settings) != len(step.settings):
        raise TypeError("a setting is there twice")
    rule = _RULES.get(step.op)
    if step.op in SCALARS:
        return (_elementwise(step.op, operands, settings),)
    if step.op in VIEWS:
        return (_view(step, operands, settings),)
    if rule is not None:
        return (rule(operands, settings),)
    if step.op == "check_labels":
        expect(settings, "n")
        _labels(_only(operands))
        length_of(settings["n"])
        return ()
    return _called(step, operands, claimed, settings, known)


def stand_in(slot: Slot, number: int = 1) -> np.ndarray[Any, Any]:
    """An array of that shape and dtype, all of whose elements are one number in memory.

    Raises `ValueError` where NumPy has no such array.
    """
    return np.broadcast_to(_number(slot.dtype, number), slot.shape)


@lru_cache(KEPT)
def _number(dtype: np.dtype[Any], number: int) -> np.ndarray[Any, Any]:
    return np.full((), number, dtype)


# Settings


def expect(settings: dict[str, Any], *names: str) -> None:
    """Raises `TypeError` unless the settings are those of these names."""
    if {*settings} != {*names}:
        raise TypeError(f"its settings are {short([*settings])}, and wanted are {[*names]}")


def _only(operands: Slots) -> Slot:
    (operand,) = operands
    return operand


def length_of(n: Any) -> int:
    """`n`, a number from 0 on; raises `TypeError` for anything else."""
    if type(n) is not int or n < 0:
        raise TypeError(f"{short(n)} stands where a number from 0 is wanted")
    return n


def shape_of(shape: Any) -> Shape:
    """`shape`, a tuple of numbers from 0 on; raises `TypeError` for anything else."""
    if type(shape) is not tuple:
        raise TypeError(f"{short(shape)} is no shape")
    return tuple(map(length_of, shape))


def check_key(key: Any) -> None:
    """Raises `TypeError` unless an index key holds numbers, slices, and arrays alone."""
    if type(key) is not tuple:
        raise TypeError(f"the key {short(key)} is no tuple")
    for part in key:
        ends = (part.start, part.stop, part.step) if type(part) is slice else ()
        if not (
            part is None or part is ... or type(part) in (int, slice, Operand)
        ) or not all(end is None or type(end) is int for end in ends):
            raise TypeError(f"{short(part)} is no part of an index key")


def _real_or_complex(given: np.dtype[Any], wanted: np.dtype[Any]) -> None:
    """Raises `TypeError` where complex numbers would become real ones."""
    if given.kind == "c" != wanted.kind:
        raise TypeError(f"numbers of {given} have a part that {wanted} does not hold")


# Elementwise


def _elementwise(op: str, operands: Slots, settings: dict[str, Any]) -> Slot:
    scalar = SCALARS[op]
    if len(operands) != scalar.count:
        raise TypeError(f"it has {len(operands)} operands, and {scalar.count} are wanted")
    shape = np.broadcast_shapes(*(slot.shape for slot in operands))
    dtypes = tuple(slot.dtype for slot in operands)
    if op == "astype":
        expect(settings, "dtype")
        dtype = settings["dtype"]
        if not isinstance(dtype, np.dtype):
            raise TypeError(f"{short(dtype)} is no dtype")
        _real_or_complex(dtypes[0], dtype)
        return Slot(shape, dtype)
    expect(settings)
    result = _dtype(op, dtypes)
    wanted = {
        "result": (result,) * scalar.count,
        "common": (dtypes[0],) * scalar.count,
        "select": (np.dtype(bool), result, result),
        "own": dtypes,
    }[scalar.operands]
    if dtypes != wanted:
        raise TypeError(f"its operands are {_named(dtypes)}, and wanted are {_named(wanted)}")
    return Slot(shape, result)


@lru_cache(KEPT)
def _dtype(op: str, dtypes: tuple[np.dtype[Any], ...]) -> np.dtype[Any]:
    """The dtype that an elementwise primitive gives for numbers of these."""
    with numpy_namespace.quiet():
        numbers = [_number(dtype, 1) for dtype in dtypes]
        y = numpy_namespace.as_array(getattr(numpy_namespace, op)(*numbers))
    return y.dtype  # type: ignore[no-any-return]


def _named(dtypes: tuple[np.dtype[Any], ...]) -> str:
    return " and ".join(dtype.name if dtype.isnative else dtype.str for dtype in dtypes)


# Views, and the other primitives that have settings with names


def _view(step: Step, operands: Slots, settings: dict[str, Any]) -> Slot:
    x = _only(operands)
    name = {"permute_dims": "axes", "slice": "key"}.get(step.op, "shape")
    expect(settings, name)
    if step.op == "slice":
        check_key(settings["key"])
        if any(type(part) is Operand for part in settings["key"]):
            raise TypeError("an array is in the key of a view")
    else:
        shape_of(settings[name])
    (y,) = run_step(step, [stand_in(x)], numpy_namespace)
    return Slot(y.shape, x.dtype)


def _reduction(name: str) -> Rule:
    def rule(operands: Slots, settings: dict[str, Any]) -> Slot:
        x = _only(operands)
        expect(settings, "axes", "keepdims")
        axes, keepdims = shape_of(settings["axes"]), settings["keepdims"]
        if type(keepdims) is not bool:
            raise TypeError(f"keepdims is {short(keepdims)}")
        if list(axes) != sorted({*axes}) or (axes and axes[-1] >= len(x.shape)):
            raise TypeError(f"an array of {len(x.shape)} axes has no axes {short(axes)} in order")
        small = Slot(tuple(min(n, 1) for n in x.shape), x.dtype)
        step = Step(name, (0,), (1,), tuple(settings.items()))
        (y,) = run_step(step, [stand_in(small)], numpy_namespace)
        left = (1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes)
        return Slot(tuple(left), y.dtype)

    return rule


def _matmul(operands: Slots, settings: dict[str, Any]) -> Slot:
    a, b = operands
    expect(settings)
    depth = b.shape[-2:][0]
    if a.shape[-1] != depth or a.dtype != b.dtype:
        raise TypeError(f"{a} and {b} cannot be multiplied")
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    small = [_number(x.dtype, 1).reshape(1, 1) for x in operands]
    dtype = numpy_namespace.matmul(*small).dtype
    return Slot((*batch, *a.shape[-2:-1], *b.shape[1:][-1:]), dtype)


def _joined(operands: Slots) -> np.dtype[Any]:
    """The dtype of arrays that are put side by side."""
    (dtype,) = {slot.dtype for slot in operands}
    return dtype


def _concat(operands: Slots, settings: dict[str, Any]) -> Slot:
    expect(settings, "axis")
    axis, shape = length_of(settings["axis"]), operands[0].shape
    if axis >= len(shape):
        raise TypeError(f"an array of {len(shape)} axes has no axis {axis}")
    others = {(*slot.shape[:axis], *slot.shape[axis + 1 :]) for slot in operands}
    if len(others) != 1 or any(len(slot.shape) != len(shape) for slot in operands):
        raise TypeError(f"{', '.join(map(str, operands))} do not fit side by side")
    length = sum(slot.shape[axis] for slot in operands)
    return Slot((*shape[:axis], length, *shape[axis + 1 :]), _joined(operands))


def _pack(operands: Slots, settings: dict[str, Any]) -> Slot:
    expect(settings, "shape")
    shape, size = shape_of(settings["shape"]), sum(slot.size for slot in operands)
    if prod(shape) != size:
        raise TypeError(f"{size} elements do not make up an array of {short(shape)}")
    return Slot(shape, _joined(operands))


def _added(operands: Slots, settings: dict[str, Any]) -> Slot:
    owned, x = operands[:2]
    if not np.can_cast(x.dtype, owned.dtype, "same_kind"):
        raise TypeError(f"numbers of {x.dtype} are added to an array of {owned.dtype}")
    return _written(operands, settings)


def _written(operands: Slots, settings: dict[str, Any]) -> Slot:
    owned, x, *arrays = operands
    expect(settings, "key")
    key = settings["key"]
    check_key(key)
    numbers = [part.number for part in key if type(part) is Operand]
    if sorted(numbers) != list(range(2, len(operands))):
        raise TypeError("the arrays of its key are not its operands")
    _real_or_complex(x.dtype, owned.dtype)
    by_values = any(slot.dtype.kind == "b" for slot in arrays)
    if not by_values and _extent("getitem", (owned, *arrays)) <= TRIED:
        places = [stand_in(slot, 0) for slot in operands]
        part = places[0][fill(key, places)].shape
        further = len(x.shape) - len(part)          # axes of length 1, which NumPy drops
        shape = x.shape[further:] if further > 0 and prod(x.shape[:further]) == 1 else x.shape
        if np.broadcast_shapes(shape, part) != part:
            raise TypeError(f"an array of shape {list(x.shape)} is written into {list(part)}")
    return owned


def _labels(labels: Slot) -> None:
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels of {labels.dtype} are no integers")


def _nll(operands: Slots, settings: dict[str, Any]) -> Slot:
    x, labels = operands
    expect(settings)
    _labels(labels)
    if not x.shape or x.shape[:-1] != labels.shape:
        raise TypeError(f"{labels} are no labels of the rows of {x}")
    return Slot(labels.shape, _dtype("negative", (x.dtype,)))


def _one_hot(operands: Slots, settings: dict[str, Any]) -> Slot:
    labels = _only(operands)
    expect(settings, "n", "dtype")
    _labels(labels)
    if not isinstance(settings["dtype"], np.dtype):
        raise TypeError(f"{short(settings['dtype'])} is no dtype")
    return Slot((*labels.shape, length_of(settings["n"])), settings["dtype"])


_RULES: dict[str, Rule] = {
    "sum": _reduction("sum"),
    "max": _reduction("max"),
    "min": _reduction("min"),
    "matmul": _matmul,
    "concat": _concat,
    "pack": _pack,
    "add_at": _added,
    "set_at": _written,
    "nll": _nll,
    "one_hot": _one_hot,
}


# Functions of the library


def _called(
    step: Step, operands: Slots, claimed: Slots, settings: dict[str, Any], known: bool
) -> Slots:
    expect(settings, "args", "kwargs")
    takes = function(step.op)
    if takes is None:
        if known:
            raise TypeError("a file may name the operations of gpugrad and NumPy's ufuncs alone")
        return claimed
    arrays, values = arguments(step.op, takes, settings)
    _check_arrays(step.op, arrays, len(operands))
    for name, value in values.items():
        if step.op == "getitem":
            check_key(value)
            _check_arrays(step.op, [x for x in value if type(x) is Operand], len(operands))
        else:
            check_setting(value)
        if name == "shape" and (shape_of(value),) != tuple(slot.shape for slot in claimed):
            raise TypeError(f"it makes an array of shape {short(value)}")
        if name == takes.sized and value is not None:
            if length_of(value) > 2 * max((n for slot in claimed for n in slot.shape), default=0):
                raise TypeError(f"it makes {short(value)} numbers")
    if step.op not in FUNCTIONS or step.op == "compared":
        return _broadcast(step, operands, arrays)
    if max(_extent(step.op, operands), *(slot.nbytes for slot in claimed)) > TRIED:
        return claimed
    key = (step.op, operands, hashable(step.settings))
    made = _tried.get(key)
    if made is None:
        if len(_tried) >= KEPT:
            _tried.clear()
        made = _tried[key] = _try(step, operands)
    if step.op in SHAPED_BY_VALUES or any(slot.dtype.kind == "b" for slot in operands[1:]):
        made = tuple(map(_as_claimed, made, claimed)) if len(made) == len(claimed) else made
    return made


_tried: dict[Any, Slots] = {}


def _extent(op: str, operands: Slots) -> int:
    """Bytes that are more than what a function of these operands needs."""
    if op == "getitem":
        return prod(slot.nbytes for slot in operands)
    longest = max(len(slot.shape) for slot in operands)
    shapes = [(1,) * (longest - len(slot.shape)) + slot.shape for slot in operands]
    lengths: list[int] = [max(axis) for axis in zip(*shapes, strict=True)]
    return prod(lengths) * max(slot.dtype.itemsize for slot in operands)


def _broadcast(step: Step, operands: Slots, arrays: list[Any]) -> Slots:
    """What a function makes that goes by elements."""
    used = [operands[x.number] for x in arrays if type(x) is Operand]
    shape = np.broadcast_shapes(*(slot.shape for slot in used))
    numbers = [_number(slot.dtype, 1) for slot in operands]
    with numpy_namespace.quiet():
        made = run_step(step, numbers, numpy_namespace)
    return tuple(Slot(shape, y.dtype) for y in made)


def _check_arrays(op: str, arrays: list[Any], count: int) -> None:
    """Raises `TypeError` unless these are operands, or numbers where arrays broadcast."""
    numbers = (bool, int, float, complex) if op not in FUNCTIONS or op == "compared" else ()
    if not count:
        raise TypeError("it has no operands")
    for x in arrays:
        if type(x) not in numbers and not (type(x) is Operand and x.number < count):
            raise TypeError(f"{short(x)} stands where an array is wanted")


def check_setting(value: Any) -> None:
    """Raises `TypeError` for a setting that is no number, text, dtype, slice or tuple of these."""
    if type(value) is tuple:
        for part in value:
            check_setting(part)
    elif type(value) is slice:
        check_setting((value.start, value.stop, value.step))
    elif not (
        value is None
        or value is ...
        or type(value) in (bool, int, float, complex, str)
        or isinstance(value, np.dtype)
        or (isinstance(value, type) and issubclass(value, np.generic))
    ):
        raise TypeError(f"{short(value)} is no setting of a function")


def _as_claimed(made: Slot, claimed: Slot) -> Slot:
    """`claimed` if it is of the same kind as what was `made` of other values."""
    same = len(made.shape) == len(claimed.shape) and made.dtype == claimed.dtype
    return claimed if same else made


def _try(step: Step, operands: Slots) -> Slots:
    """What a function gives for stand-ins: places that are there, matrices with an inverse."""
    number = 0 if step.op in INDEXED else 1
    values = [stand_in(slot, number if slot.dtype.kind in "iu" else 1) for slot in operands]
    for i, slot in enumerate(operands):
        if len(slot.shape) > 1 and slot.shape[-1] == slot.shape[-2] and slot.dtype.kind in "fc":
            values[i] = np.broadcast_to(np.eye(slot.shape[-1], dtype=slot.dtype), slot.shape)
    with numpy_namespace.quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")             # of values, which are none
        made = run_step(step, values, numpy_namespace)
    return tuple(Slot(y.shape, y.dtype) for y in made)
