"""What is no array of numbers: what it is, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gpugrad.backends.dtypes import NUMBER_KINDS, kind_of
from gpugrad.errors import UnsupportedOperand
from gpugrad.types import NUMBERS

EXPECTED = "expected numbers: booleans, integers, floating or complex."

_BY_KIND = {
    "M": "Count dates from one of them: (x - x[0]) / np.timedelta64(1, 'D').",
    "O": "Convert it with x.astype(float); put Tensors together with gg.stack or gg.asarray.",
    "S": "Convert text with x.astype(float), or leave it outside.",
    "T": "Convert text with x.astype(float), or leave it outside.",
    "U": "Convert text with x.astype(float), or leave it outside.",
    "V": "Take one field of the records: x['name'].",
    "m": "Divide durations by a unit of time: x / np.timedelta64(1, 's').",
}
"""What to do with arrays of other dtypes, by NumPy's letters."""

_BY_TYPE = {
    "datetime.date": "Count from a date: (day - start).days.",
    "datetime.datetime": "Count from a moment: (x - start).total_seconds().",
    "datetime.timedelta": "Take x.total_seconds().",
    "decimal.Decimal": "Write float(x): it computes in floating point.",
    "fractions.Fraction": "Write float(x): it computes in floating point.",
    "numpy.matrix": "Write np.asarray(x), whose product of matrices is @, not *.",
    "numpy.ma.MaskedArray": (
        "Take the numbers, x.filled(0), and choose with gg.where(np.ma.getmaskarray(x), 0, ...)."
    ),
    "builtins.NoneType": "Leave it out, or write a number.",
    "builtins.dict": "Go through the values: gg.tree.map(f, x) takes trees of arrays.",
    "builtins.set": "Put the numbers in order first: np.array(sorted(x)).",
    "builtins.frozenset": "Put the numbers in order first: np.array(sorted(x)).",
    "builtins.generator": "Put the numbers together first: gg.asarray(list(x)).",
    "builtins.map": "Put the numbers together first: gg.asarray(list(x)).",
    "builtins.zip": "Put the numbers together first: gg.asarray(list(x)).",
    "torch.Tensor": (
        "Hand over its numbers, x.detach().cpu().numpy(), or let PyTorch call and differentiate "
        "the function: gg.interop.torch_function(f)(x)."
    ),
}
"""What to do with objects of these types."""


def no_array(x: object) -> UnsupportedOperand:
    """The error about an operand that is no array, Tensor or number."""
    kind = type(x)
    if kind in NUMBERS:                             # where a number is no operand, as in a model
        return UnsupportedOperand(f"{x!r} is a number; expected an array here: np.asarray({x!r}).")
    return UnsupportedOperand(
        f"an operand is of type {_named(kind)}: expected an array of NumPy, CuPy or another "
        f"library of the Array API standard, a Tensor, or a number. {instead(x)}"
    )


def check_numbers(name: str, arrays: Iterable[Any]) -> None:
    """Raise `UnsupportedOperand` for an array of another dtype than those of numbers."""
    for x in arrays:
        dtype = getattr(x, "dtype", None)
        if isinstance(x, tuple):
            check_numbers(name, x)
        elif dtype is not None and kind_of(dtype) not in NUMBER_KINDS:
            raise no_numbers(x, f"{name}: ")


def no_numbers(x: Any, begin: str = "") -> UnsupportedOperand:
    """The error about an array of another dtype than those of numbers."""
    kind = getattr(x.dtype, "kind", "O")
    held = ""
    if kind == "O":
        types = sorted({_named(type(part)) for part in _parts(x)})
        held = f", and holds {' and '.join(types[:3])}" if types else ""
    return UnsupportedOperand(
        f"{begin}an array has dtype {x.dtype}{held}; {EXPECTED} {_BY_KIND.get(kind, '')}".strip()
    )


def _parts(x: Any) -> Sequence[object]:
    flat: Sequence[object] = x.ravel()[:100].tolist()
    return flat


def _named(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def instead(x: object) -> str:
    """What to write for an operand that is none."""
    kind = type(x)
    known = next((_BY_TYPE[_named(k)] for k in kind.__mro__ if _named(k) in _BY_TYPE), "")
    if known:
        return known
    if isinstance(x, np.ndarray):                   # which computes in a way of its own
        return f"Take the plain array of the {kind.__name__}: np.asarray(x)."
    if kind.__module__.startswith("tensorflow."):
        return f"Hand over the numbers of the {kind.__name__}: x.numpy()."
    if hasattr(x, "to_numpy"):
        return f"Take the array of the {kind.__name__}: x.to_numpy()."
    if hasattr(x, "tocsr"):
        return "Multiply with a sparse matrix by gg.sparse.matmul(matrix, t)."
    if isinstance(x, str | bytes | bytearray):
        return (
            "Text is no number: convert it with float(x). What a model holds beside its numbers is "
            "named in static= of gg.tree.register."
        )
    if (callable(x) and not hasattr(x, "__dict__")) or kind.__name__ == "function":
        return "Call the function first, and hand over what it returns."
    home = kind.__module__.partition(".")[0]
    if home == "torch" and hasattr(x, "named_parameters"):
        return "A module of PyTorch becomes a tree of arrays by gg.interop.from_torch(module)."
    if hasattr(x, "__dict__") and home not in ("builtins", "numpy", "jax", "jaxlib"):
        return (
            f"A model of an own class becomes a tree of arrays by @gg.tree.register above class "
            f"{kind.__name__}; anything else becomes an array by np.asarray(...)."
        )
    return "Turn it into an array first, for example with `np.asarray(...)`."
