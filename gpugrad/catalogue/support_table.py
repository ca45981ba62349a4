"""`support`: what each function can do, found out by trying it.

`python -m gpugrad.catalogue` prints the page `SUPPORT.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

import gpugrad as gg
import gpugrad.tree as tree
from gpugrad.backends import is_inexact
from gpugrad.catalogue.examples import Example, example, functions, helpers
from gpugrad.core import registry
from gpugrad.core.op_info import OpInfo
from gpugrad.errors import NotDifferentiable, TrackedConversion
from gpugrad.plan.plan import Step
from gpugrad.plan.primitive import PART_BY_PART
from gpugrad.plan.primitives import PRIMITIVES
from gpugrad.tabular import columns, fragment, html_table
from gpugrad.testing import check_grads

STANDARD = frozenset(
    """
    abs acos acosh add all any arange argmax argmin argsort asarray asin asinh astype atan atan2
    atanh bitwise_and bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor
    broadcast_arrays broadcast_shapes broadcast_to can_cast ceil clip concat conj copysign cos cosh
    count_nonzero cumulative_prod cumulative_sum diff divide empty empty_like equal exp expand_dims
    expm1 eye finfo flip floor floor_divide from_dlpack full full_like greater greater_equal hypot
    iinfo imag isdtype isfinite isin isinf isnan less less_equal linspace log log10 log1p log2
    logaddexp logical_and logical_not logical_or logical_xor matmul matrix_transpose max maximum
    mean meshgrid min minimum moveaxis multiply negative nextafter nonzero not_equal ones ones_like
    permute_dims positive pow prod real reciprocal remainder repeat reshape result_type roll round
    searchsorted sign signbit sin sinh sort sqrt square squeeze stack std subtract sum take
    take_along_axis tan tanh tensordot tile tril triu trunc unique_all unique_counts unique_inverse
    unique_values unstack var vecdot where zeros zeros_like

    linalg.cholesky linalg.cross linalg.det linalg.diagonal linalg.eig linalg.eigh linalg.eigvals
    linalg.eigvalsh linalg.inv linalg.matmul linalg.matrix_norm linalg.matrix_power
    linalg.matrix_rank linalg.matrix_transpose linalg.outer linalg.pinv linalg.qr linalg.slogdet
    linalg.solve linalg.svd linalg.svdvals linalg.tensordot linalg.trace linalg.vecdot
    linalg.vector_norm

    fft.fft fft.fftfreq fft.fftn fft.fftshift fft.hfft fft.ifft fft.ifftn fft.ifftshift fft.ihfft
    fft.irfft fft.irfftn fft.rfft fft.rfftfreq fft.rfftn
    """.split()
)
"""The functions of the Array API standard 2025.12, with its extensions."""

STEPS = frozenset("ceil floor floor_divide nextafter rint round sign spacing trunc".split())
"""Functions of floating results that are constant but for steps, or follow the steps of floats."""

_NORM = "gradient 0 at 0; so the second derivatives of norm(x)**2 there are 0, not 2"

CONVENTIONS = {
    "linalg.matrix_norm": _NORM,
    "linalg.vector_norm": f"{_NORM}; infinities share the gradient",
}
"""Of functions in rooms of their own; others say it beside their definition, as `edges=`."""


ANY_ORDER = "any order"
REFUSED = "refused: it would depend on values"


@dataclass(frozen=True)
class Row:
    """What one function can do.

    `gradient` is `ANY_ORDER` or why there is none; `compiled` what `gg.jit` makes of it and its
    gradient; `batched` how `gg.vmap` runs it.
    """

    name: str
    group: str
    gradient: str
    compiled: str
    batched: str
    convention: str


@dataclass(frozen=True, repr=False)
class Support:
    """The table: `print` it, or take the `rows`; `markdown()` gives the page `SUPPORT.md`.

    `other_names` are NumPy's names of functions that the standard calls otherwise.
    """

    rows: tuple[Row, ...]
    other_names: dict[str, str]

    def __str__(self) -> str:
        lines = [_HEAD, *(astuple(row) for row in self.rows)]
        return "\n".join(columns(lines, "<" * len(_HEAD)))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return fragment(html_table(_HEAD, [astuple(row) for row in self.rows]))

    def markdown(self) -> str:
        """The table as a page, group by group."""
        parts = [_INTRODUCTION]
        for group in dict.fromkeys(row.group for row in self.rows):
            rows = [row for row in self.rows if row.group == group]
            parts.append(f"\n## {group} ({len(rows)})\n")
            parts.append("| function | gradient | under `gg.jit` | under `gg.vmap` | edges |")
            parts.append("|---|---|---|---|---|")
            parts += [
                f"| `{r.name}` | {r.gradient} | {r.compiled} | {r.batched} | {r.convention} |"
                for r in rows
            ]
        names = [f"`{name}` is `{own}`" for name, own in sorted(self.other_names.items())]
        parts.append(f"\n## Other names ({len(names)})\n\n{', '.join(names)}.")
        return "\n".join(parts) + "\n"


_HEAD = ("function", "group", "gradient", "gg.jit", "gg.vmap", "edges")

_INTRODUCTION = """\
# What gpugrad supports

Made by `python -m gpugrad.catalogue`, which tries every function: it compares first and second
derivatives with finite differences, compiles the function with its gradient, and runs it on a
batch. In a program, `gg.support()` returns the same table. *Generated* means that all steps become
generated code; otherwise the functions of the array library that are called are named. *One call*
means that all samples of a batch run at once. *Edges* says what the derivative is at kinks, ties
and other points where there is a choice; *slope* is the first derivative by an element."""


def support() -> Support:
    """A table of what each function of gpugrad can do, made by trying each (in a few seconds).

    For every function it lists the gradient (of any order, or why there is none), how it runs under
    `gg.jit` and `gg.vmap`, and the convention at its edges.

    Returns:
        The table, to be printed, with a row for each function.

    Example:
        >>> print(gg.support())  # doctest: +SKIP
    """
    found = functions()
    rows = [_row(name, f) for name, f in found.items() if not _is_other_name(name, f)]
    others = {name: f.__name__ for name, f in found.items() if _is_other_name(name, f)}
    order = list(_GROUPS.values())
    rows.sort(key=lambda row: (order.index(row.group), row.name))
    return Support(tuple(rows), others)


def _is_other_name(name: str, function: Callable[..., object]) -> bool:
    """Whether it is a second name of a function in `gg`, which the standard does not have."""
    return "." not in name and name not in STANDARD and function.__name__ != name


def _row(name: str, function: Callable[..., object]) -> Row:
    call = example(name, function)
    short = getattr(function, "__name__", name)
    gradient = _gradient(short, call)
    compiled = _compiled(call, gradient == ANY_ORDER)
    own = registry.all_infos().get(short, OpInfo()).edges
    convention = own.sentence if own else CONVENTIONS.get(name) or CONVENTIONS.get(short, "")
    return Row(name, _group(name), gradient, compiled, _batched(short, call), convention)


def _gradient(short: str, call: Example) -> str:
    """Whether there is a gradient of any order, and else why not."""
    f, operands = call.floating()
    try:
        out = f(*(gg.tensor(x, requires_grad=True) for x in operands))
    except (NotDifferentiable, TrackedConversion):
        return "refused: it would be lost"
    results = [x for x in tree.leaves(out) if isinstance(x, gg.Tensor)]
    if any(x.requires_grad for x in results):
        try:
            check_grads(f, tuple(operands))
        except NotDifferentiable:                   # by all at once
            orders = [_order(f, operands, i) for i in range(len(operands))]
            return f"by each operand: {', '.join(orders)}"
        return ANY_ORDER
    if not operands:
        return "none: no floating operand"
    if short in STEPS:
        return "0: piecewise constant"
    if short.endswith("_like"):
        return "0: does not depend on values"
    return "none" if any(is_inexact(x.dtype) for x in results) else "none: no floating result"


def _order(f: Callable[..., object], operands: Sequence[Any], i: int) -> str:
    """How often a function can be differentiated by one of its operands."""

    def of_one(x: object) -> object:
        return f(*operands[:i], x, *operands[i + 1 :])

    for order, word in ((2, ANY_ORDER), (1, "first order")):
        try:
            check_grads(of_one, (operands[i],), order)
        except NotDifferentiable:
            continue
        return word
    return "none"


def _compiled(call: Example, differentiable: bool) -> str:
    """What the steps of a plan of the function, and of its gradient, are."""
    if not call.arrays:
        return "a constant"
    f, operands = call.floating()
    try:
        steps = list(gg.jit(call, engine="numpy").plan(*call.arrays).steps)
        if differentiable:
            gradient = gg.jit(lambda *x: _pulled(f, x), engine="numpy")
            steps += gradient.plan(*operands).steps
    except TrackedConversion:
        return REFUSED
    called = sorted({step.op for step in _all_steps(steps) if "kwargs" in dict(step.settings)})
    return f"calls {', '.join(called)}" if called else "generated"


def _pulled(f: Callable[..., object], operands: tuple[object, ...]) -> object:
    """Cotangents of floating operands, for cotangents of ones."""
    out, pullback = gg.vjp(f, *operands)
    return pullback(tree.map(gg.ones_like, out))


def _all_steps(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _all_steps(step.body)


def _batched(short: str, call: Example) -> str:
    """How `gg.vmap` runs the function."""
    if not call.arrays:
        return "the same for all"
    try:
        gg.vmap(call)(*(np.stack([x, x]) for x in call.arrays))
    except TrackedConversion:
        return REFUSED
    row = PRIMITIVES.get(short)
    apart = row is not None and row.batches == PART_BY_PART
    return "part by part" if apart else "one call"


_GROUPS = {
    "": "The Array API standard",
    "linalg": "Linear algebra beyond the standard",
    "fft": "Fourier transforms beyond the standard",
    "special": "Special functions",
    "numpy": "Beyond the standard",
    "nn": "Networks",
    "random": "Random numbers",
    "rules": "What reverse rules and other functions are made of",
}

def _group(name: str) -> str:
    if name in STANDARD:
        return _GROUPS[""]
    if name in helpers():
        return _GROUPS["rules"]
    return _GROUPS[name.partition(".")[0] if "." in name else "numpy"]
