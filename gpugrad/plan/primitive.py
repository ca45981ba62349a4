"""What is known of one primitive: the columns of the table in `primitives.py`.

They are named tuples, which take half the time of dataclasses to define: this is imported with the
package.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import inf
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gpugrad.backends.dtypes import kind_of

if TYPE_CHECKING:
    from gpugrad.plan.plan import Slot

ELEMENTWISE, REDUCTION, CONTRACTION = "elementwise", "reduction", "contraction"
VIEW, MOVEMENT, LABELS = "view", "movement", "labels"
CALLED, COMPOSED, CHECK = "called", "composed", "check"
CONTROL, EFFECT = "control", "effect"
"""Kinds of primitives.

What is `CALLED` is a function of the array library, with arguments as one writes them; what is
`COMPOSED` is made of several others while it is traced, and batched as one. A `CHECK` raises and
has no result; `CONTROL` are the steps that hold plans. An `EFFECT` does something that somebody
sees: it runs as often as the program says and in its order, whoever reads its results.
"""

BY_BROADCAST, OVER_AXES, ALONG_AXIS = "by broadcast", "over axes", "along an axis"
BY_MATRIX, OF_RANDOM_KEYS, PART_BY_PART = "by matrix", "of random keys", "part by part"
"""How a batch is computed: with aligned operands, over axes or along one that lie further to the
right, for matrices in the last two axes, for keys in the last one, or one part after the other.
"""


class Scalar(NamedTuple):
    """An elementwise primitive as one expression, from which engines make code.

    An expression is over `{0}`, `{1}`, ... In it, `f.NAME` stands for the engine's own function of
    the dtype, and `T(...)` for a number of the result's dtype. What is compared with NaN says so.
    `integers` and `booleans` are the expressions where the first operand is of these, if they are
    others. Integers wrap around, as NumPy's do: a compiler takes it that signed ones never would,
    so what could is written in unsigned ones of 64 bits, `U(...)`.

    `takes` says of which dtypes the operands are: `"result"` all that of the result, `"common"`
    all one dtype, that of none named, as in comparisons; `"select"` a boolean and two of the
    result's; `"own"` whatever it is.
    """

    expression: str
    takes: str = "result"
    integers: str = ""
    booleans: str = ""

    def of(self, kind: str) -> str:
        """The expression for a first operand of that kind of dtype."""
        special = self.integers if kind == "i" else self.booleans if kind == "b" else ""
        return special or self.expression

    @property
    def arity(self) -> int:
        """How many operands there are."""
        return 1 + max(i for i in range(3) if f"{{{i}}}" in self.expression)


class Reduction(NamedTuple):
    """How two values are joined, as the expression of a `Scalar`, and with which one to begin.

    `start` is a number, or `"lowest"` or `"highest"` of the dtype. Where values are added up
    (`adds`), parts of a sum may be too: over columns, over all rows, and by threads.
    """

    join: str
    start: Literal["lowest", "highest"] | int
    adds: bool = False

    def first(self, dtype: np.dtype) -> bool | int | float:
        """The number to begin with, for elements of that dtype."""
        if isinstance(self.start, int):
            return self.start
        low = self.start == "lowest"
        if kind_of(dtype) == "f":
            return -inf if low else inf
        if dtype.kind == "b":
            return not low
        limits = np.iinfo(dtype)
        return int(limits.min if low else limits.max)


class Call(NamedTuple):
    """What a called function takes: so many arrays, or `names` and any number, and settings.

    `names` are what may stand before the arrays. The setting `sized` is a length of the result,
    within a factor of two. Nothing else can be said, so that no argument writes (`out`) or decides
    what runs.
    """

    arrays: int = 1
    settings: tuple[str, ...] = ()
    names: Collection[str] = ()
    sized: str = ""


class Primitive(NamedTuple):
    """One row of the table: a function of the array namespace that can be a step of a plan.

    `ufunc` is the function of NumPy that writes into a buffer, and of which `reduce` reduces;
    `special.NAME` is one of SciPy's. `c` is the function of the C library of the same meaning,
    which generated code calls as `f.NAME`. `settings` are the names of what a step says beside its
    operands; a called function has `call` instead. `batches` says how `gg.vmap` computes it, if not
    as all of its kind.

    Of an effect, `makes` gives the slots of its results, from those of its operands and the
    settings of its step: it is not run to see them. The arrays that it is given are there during
    the call alone, and what it returns is copied.
    """

    name: str
    kind: str = ELEMENTWISE
    scalar: Scalar | None = None
    reduction: Reduction | None = None
    call: Call | None = None
    settings: tuple[str, ...] = ()
    ufunc: str = ""
    c: str = ""
    batches: str = ""
    in_regions: bool = False                        # whether a loop over elements may hold it
    selects: bool = False                           # elements of its operands are all it gives
    in_python: bool = False                         # whose own numbers give the same bits
    counts_booleans: bool = False                   # as Python does, to which True is 1
    rereads: bool = False                           # operands, when a part of it is written
    indexed: bool = False                           # by integers, of which 0 is always there
    shaped_by_values: bool = False
    makes: Callable[[tuple[Slot, ...], dict[str, object]], tuple[Slot, ...]] | None = None

    @property
    def batching(self) -> str:
        """How `gg.vmap` computes it: as `batches` says, or as all of its kind."""
        return self.batches or {ELEMENTWISE: BY_BROADCAST, REDUCTION: OVER_AXES}.get(self.kind, "")
