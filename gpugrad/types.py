"""The words for types that all rooms share.

An array is whatever has the attributes and operators below: those of NumPy, of CuPy and of other
libraries of the Array API standard, Tensors, and what stands for an array while a function is
transformed. Code that takes an `Array` can use nothing else of it, so it works with all of them.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from inspect import unwrap
from types import EllipsisType, FunctionType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from typing_extensions import TypeIs

DType: TypeAlias = "np.dtype"
"""The type of elements. Those of NumPy serve CuPy too; of others, only `==` is used."""

DTypeLike: TypeAlias = "np.typing.DTypeLike"
"""What names a dtype: itself, its name, or a type of Python or NumPy."""

Shape: TypeAlias = tuple[int, ...]
"""Length along each axis."""

Axis: TypeAlias = int | tuple[int, ...] | None
"""Which axes a function works along: one, several, or all."""

NUMBERS = frozenset((bool, int, float, complex))
"""Python's own number types: as operands they are weak, they take the dtype of the arrays."""

LISTS = (list, tuple)
"""What may hold several operands: for `isinstance`, which takes half as long as with a union."""


def is_number(x: object) -> TypeIs[complex]:
    """Whether `x` is one of Python's own numbers; those of NumPy are arrays."""
    return type(x) in NUMBERS


class Array(Protocol):
    """An array of any kind. Its elements are read by `xp.getitem`, its values not at all."""

    @property
    def shape(self) -> Shape: ...

    @property
    def dtype(self) -> DType: ...

    @property
    def ndim(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def device(self) -> object: ...

    @property
    def mT(self) -> Array: ...

    # What stands for an array without values refuses these.

    def __int__(self) -> int: ...
    def __float__(self) -> float: ...
    def __complex__(self) -> complex: ...
    def __index__(self) -> int: ...

    # The libraries say in their own ways what may stand on the other side.

    def __neg__(self) -> Array: ...
    def __abs__(self) -> Array: ...
    def __invert__(self) -> Array: ...
    def __add__(self, other: Any, /) -> Array: ...
    def __radd__(self, other: Any, /) -> Array: ...
    def __sub__(self, other: Any, /) -> Array: ...
    def __rsub__(self, other: Any, /) -> Array: ...
    def __mul__(self, other: Any, /) -> Array: ...
    def __rmul__(self, other: Any, /) -> Array: ...
    def __truediv__(self, other: Any, /) -> Array: ...
    def __rtruediv__(self, other: Any, /) -> Array: ...
    def __pow__(self, other: Any, /) -> Array: ...
    def __rpow__(self, other: Any, /) -> Array: ...
    def __matmul__(self, other: Any, /) -> Array: ...
    def __and__(self, other: Any, /) -> Array: ...
    def __or__(self, other: Any, /) -> Array: ...
    def __lt__(self, other: Any, /) -> Array: ...
    def __le__(self, other: Any, /) -> Array: ...
    def __gt__(self, other: Any, /) -> Array: ...
    def __ge__(self, other: Any, /) -> Array: ...
    def __eq__(self, other: Operand, /) -> Array: ...  # type: ignore[override]
    def __ne__(self, other: Operand, /) -> Array: ...  # type: ignore[override]


class Buffer(Array, Protocol):
    """An array that is written to."""

    def __setitem__(self, key: object, value: object, /) -> None: ...


Index: TypeAlias = "int | slice | EllipsisType | Array | Sequence[int] | None"
"""What stands between the brackets of an array for one axis, or for none or several."""

Key: TypeAlias = "tuple[Index, ...]"
"""All that stands between the brackets of an array."""

BasicKey: TypeAlias = "tuple[int | slice | EllipsisType | None, ...]"
"""One without arrays."""

View: TypeAlias = (
    "tuple[Literal['getitem'], BasicKey]"
    " | tuple[Literal['permute_dims', 'reshape', 'broadcast_to'], tuple[int, ...]]"
    " | tuple[Literal['diagonal'], int, int, int]"
    " | tuple[Literal['real', 'imag', 'zeros']]"
)
"""How an array is seen through another: a primitive and its arguments."""

Operand: TypeAlias = "Array | np.generic | complex | Sequence[Operand]"
"""What a function takes as an array: an array, a Tensor, a number, or numbers in nested lists."""

Value: TypeAlias = "Array | complex"
"""An array or a number of Python."""

ArrayFunction: TypeAlias = Callable[..., Array]
"""A function of an array library."""

Operator: TypeAlias = Callable[[Any], Array]
"""What Python calls for an operator, bound to the first operand."""


Arrays: TypeAlias = Callable[..., tuple[Array, ...]]
Pair: TypeAlias = Callable[..., tuple[Array, Array]]
Triple: TypeAlias = Callable[..., tuple[Array, Array, Array]]
"""Functions of an array library with several results."""


class Functions:
    """Functions of arrays under the names of the standard: of a library, or those of Tensors.

    Here stand those that do not return one array, and what is no function.
    """

    bool: DType
    int8: DType
    int32: DType
    int64: DType
    uint32: DType
    float16: DType
    float32: DType
    float64: DType
    complex64: DType
    complex128: DType

    complete_qr: Pair
    cross_entropy: Pair
    eig: Pair
    eigh: Pair
    full_svd: Triple
    nonzero: Arrays
    qr: Pair
    slogdet: Pair
    svd: Triple
    unique_all: Arrays
    unique_places: Triple
    unstack: Arrays

    module: Library
    """Of a library, its own functions."""

    quiet: Callable[[], AbstractContextManager[object]]
    noting: Callable[[], AbstractContextManager[list[str]]]
    to_numpy: Callable[[Array], np.ndarray]
    isdtype: Callable[..., builtins.bool]
    result_type: Callable[..., DType]

    if TYPE_CHECKING:
        def __getattr__(self, name: str) -> ArrayFunction: ...


class Library(Functions):
    """The module of an array library."""

    __name__: str
    __version__: str
    fft: Functions
    linalg: Functions


class Annotation(str):
    """An annotation that `help` shows as it was written, `x: Array`, and not as `x: 'Array'`."""

    __slots__ = ()

    __repr__ = str.__str__


def as_written(thing: object) -> None:
    """Show the annotations of a function, or those of the methods of a class, as written in `help`.

    Python 3.14 and later do so themselves.
    """
    kinds = thing.__mro__[:-1] if isinstance(thing, type) else ()
    for function in (thing, *(inner for kind in kinds for inner in vars(kind).values())):
        function = getattr(function, "__func__", function)
        if isinstance(function, FunctionType):
            notes = unwrap(function).__annotations__
            texts = {k: getattr(x, "__forward_arg__", x) for k, x in notes.items()}
            notes.update({k: Annotation(x) for k, x in texts.items() if type(x) is str})


def offered(room: dict[str, Any]) -> Callable[[], list[str]]:
    """The `__dir__` of a module that offers what is in its `__all__`, and `help` of that.

    It is called with the `globals()` of the module, at its end. A name that the module has not gets
    an error that says what is meant; one with a `__getattr__` of its own sees to that itself.
    """
    for name in room["__all__"]:
        as_written(room.get(name))
    module = room["__name__"]

    def absent(name: str) -> NoReturn:
        # Imported now, because most programs make no mistake, and by its name: it is no lower.
        hint = import_module("gpugrad.hints").meant(name, module.partition(".")[2])
        raise AttributeError(f"module {module!r} has no attribute {name!r}{hint}")

    room.setdefault("__getattr__", absent)
    return lambda: list(room["__all__"])
