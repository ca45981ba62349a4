"""What a step makes, by the shapes and dtypes of its operands alone.

Nothing here computes with the arrays of a plan. Elementwise steps broadcast, and the namespace says
of single numbers which dtype they give; views are made of stand-ins, arrays without memory of their
own. What functions of the library give, see `called.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod
from reprlib import repr as short

import numpy as np

from gpugrad.backends import numpy_namespace
from gpugrad.plan.called import TRIED, called, extent
from gpugrad.plan.claims import (
    KEPT,
    Slots,
    check_key,
    expect,
    length_of,
    number_of,
    shape_of,
    stand_in,
)
from gpugrad.plan.interpret import fill, run_step
from gpugrad.plan.plan import Operand, Slot, Step
from gpugrad.plan.primitive import CALLED, CHECK, VIEW, Scalar
from gpugrad.plan.primitives import PRIMITIVES

Rule = Callable[[Slots, dict[str, object]], Slot]


def results(step: Step, operands: Slots, claimed: Slots, known: bool = True) -> Slots:
    """What `step` makes of these operands, where `claimed` is what its slots say.

    Raises whatever says that it cannot be. With `known=False`, functions of the user's own may be
    called too, of which nothing is known.
    """
    settings = dict(step.settings)
    if len(settings) != len(step.settings):
        raise TypeError("a setting is there twice")
    row = PRIMITIVES.get(step.op)
    if row is None or row.kind == CALLED:
        return called(step, operands, claimed, settings, known)
    if row.makes is not None:
        return row.makes(operands, settings)
    expect(settings, *row.settings)
    if row.scalar is not None:
        return (_elementwise(step.op, row.scalar, operands, settings),)
    if row.reduction is not None:
        return (_reduction(step, operands, settings),)
    if row.kind == VIEW:
        return (_view(step, operands, *settings.values()),)
    if row.kind == CHECK:
        _labels(_only(operands))
        length_of(settings["n"])
        return ()
    return (_RULES[step.op](operands, settings),)


def _only(operands: Slots) -> Slot:
    (operand,) = operands
    return operand


def _real_or_complex(given: np.dtype, wanted: np.dtype) -> None:
    """Raises `TypeError` where complex numbers would become real ones."""
    if given.kind == "c" != wanted.kind:
        raise TypeError(f"numbers of {given} have a part that {wanted} does not hold")


# Elementwise


def _elementwise(op: str, scalar: Scalar, operands: Slots, settings: dict[str, object]) -> Slot:
    if len(operands) != scalar.arity:
        raise TypeError(f"it has {len(operands)} operands; expected {scalar.arity}")
    shape = np.broadcast_shapes(*(slot.shape for slot in operands))
    dtypes = tuple(slot.dtype for slot in operands)
    if op == "astype":
        dtype = settings["dtype"]
        if not isinstance(dtype, np.dtype):
            raise TypeError(f"{short(dtype)} is no dtype")
        _real_or_complex(dtypes[0], dtype)
        return Slot(shape, dtype)
    result = _dtype(op, dtypes)
    wanted = {
        "result": (result,) * scalar.arity,
        "common": (dtypes[0],) * scalar.arity,
        "select": (np.dtype(bool), result, result),
        "own": dtypes,
    }[scalar.takes]
    if dtypes != wanted:
        raise TypeError(f"its operands are {_named(dtypes)}; expected {_named(wanted)}")
    return Slot(shape, result)


@lru_cache(KEPT)
def _dtype(op: str, dtypes: tuple[np.dtype, ...]) -> np.dtype:
    """The dtype that an elementwise primitive gives for numbers of these."""
    with numpy_namespace.quiet():
        numbers = [number_of(dtype) for dtype in dtypes]
        y = numpy_namespace.as_array(getattr(numpy_namespace, op)(*numbers))
    return y.dtype


def _named(dtypes: tuple[np.dtype, ...]) -> str:
    return " and ".join(dtype.name if dtype.isnative else dtype.str for dtype in dtypes)


# Views, and the other primitives that have settings with names


def _view(step: Step, operands: Slots, setting: object) -> Slot:
    x = _only(operands)
    if step.op == "slice":
        if any(type(part) is Operand for part in check_key(setting)):
            raise TypeError("an array is in the key of a view")
    else:
        shape_of(setting)
    (y,) = run_step(step, [stand_in(x)], numpy_namespace)
    return Slot(y.shape, x.dtype)


def _reduction(step: Step, operands: Slots, settings: dict[str, object]) -> Slot:
    x = _only(operands)
    axes, keepdims = shape_of(settings["axes"]), settings["keepdims"]
    if type(keepdims) is not bool:
        raise TypeError(f"keepdims is {short(keepdims)}")
    if list(axes) != sorted({*axes}) or (axes and axes[-1] >= len(x.shape)):
        raise TypeError(f"an array of {len(x.shape)} axes has no axes {short(axes)} in order")
    small = Slot(tuple(min(n, 1) for n in x.shape), x.dtype)
    (y,) = run_step(step, [stand_in(small)], numpy_namespace)
    left = (1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes)
    return Slot(tuple(left), y.dtype)


def _matmul(operands: Slots, settings: dict[str, object]) -> Slot:
    a, b = operands
    depth = b.shape[-2:][0]
    if a.shape[-1] != depth or a.dtype != b.dtype:
        raise TypeError(f"{a} and {b} cannot be multiplied")
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    small = [number_of(x.dtype).reshape(1, 1) for x in operands]
    dtype = numpy_namespace.matmul(*small).dtype
    return Slot((*batch, *a.shape[-2:-1], *b.shape[1:][-1:]), dtype)


def _joined(operands: Slots) -> np.dtype:
    """The dtype of arrays that are put side by side."""
    (dtype,) = {slot.dtype for slot in operands}
    return dtype


def _concat(operands: Slots, settings: dict[str, object]) -> Slot:
    axis, shape = length_of(settings["axis"]), operands[0].shape
    if axis >= len(shape):
        raise TypeError(f"an array of {len(shape)} axes has no axis {axis}")
    others = {(*slot.shape[:axis], *slot.shape[axis + 1 :]) for slot in operands}
    if len(others) != 1 or any(len(slot.shape) != len(shape) for slot in operands):
        raise TypeError(f"{', '.join(map(str, operands))} do not fit side by side")
    length = sum(slot.shape[axis] for slot in operands)
    return Slot((*shape[:axis], length, *shape[axis + 1 :]), _joined(operands))


def _pack(operands: Slots, settings: dict[str, object]) -> Slot:
    shape, size = shape_of(settings["shape"]), sum(slot.size for slot in operands)
    if prod(shape) != size:
        raise TypeError(f"{size} elements do not make up an array of {short(shape)}")
    return Slot(shape, _joined(operands))


def _added(operands: Slots, settings: dict[str, object]) -> Slot:
    owned, x = operands[:2]
    if not np.can_cast(x.dtype, owned.dtype, "same_kind"):
        raise TypeError(f"numbers of {x.dtype} are added to an array of {owned.dtype}")
    return _written(operands, settings)


def _written(operands: Slots, settings: dict[str, object]) -> Slot:
    owned, x, *arrays = operands
    key = check_key(settings["key"])
    numbers = [part.number for part in key if type(part) is Operand]
    if sorted(numbers) != list(range(2, len(operands))):
        raise TypeError("the arrays of its key are not its operands")
    _real_or_complex(x.dtype, owned.dtype)
    by_values = any(slot.dtype.kind == "b" for slot in arrays)
    if not by_values and extent("getitem", (owned, *arrays)) <= TRIED:
        places = [stand_in(slot, 0) for slot in operands]
        part = places[0][fill(key, places)].shape
        further = len(x.shape) - len(part)          # axes of length 1, which NumPy drops
        shape = x.shape[further:] if further > 0 and prod(x.shape[:further]) == 1 else x.shape
        if np.broadcast_shapes(shape, part) != part:
            raise TypeError(f"an array of shape {list(x.shape)} is written into {list(part)}")
    return owned


def _labels(labels: Slot) -> None:
    if labels.dtype.kind not in "biu":
        raise TypeError(f"labels of {labels.dtype} are no integers")


def _nll(operands: Slots, settings: dict[str, object]) -> Slot:
    x, labels = operands
    _labels(labels)
    if not x.shape or x.shape[:-1] != labels.shape:
        raise TypeError(f"{labels} are no labels of the rows of {x}")
    return Slot(labels.shape, _dtype("negative", (x.dtype,)))


def _one_hot(operands: Slots, settings: dict[str, object]) -> Slot:
    labels = _only(operands)
    _labels(labels)
    if not isinstance(settings["dtype"], np.dtype):
        raise TypeError(f"{short(settings['dtype'])} is no dtype")
    return Slot((*labels.shape, length_of(settings["n"])), settings["dtype"])


_RULES: dict[str, Rule] = {
    "matmul": _matmul,
    "concat": _concat,
    "pack": _pack,
    "add_at": _added,
    "set_at": _written,
    "nll": _nll,
    "one_hot": _one_hot,
}
