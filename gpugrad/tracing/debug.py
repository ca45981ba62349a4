"""`debug`: find the op that made the first NaN or infinity, and saved arrays that were changed.

While it is open, its `Checks` stand among the tracers, so that every op takes the general way
(`gpugrad.core.op.apply`), which calls them. Outside of such a block nothing is slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from typing import NamedTuple, Protocol, TypeGuard

from gpugrad.backends import Cleared, Indexed, StandIn, is_inexact, namespace_of
from gpugrad.context import holding, listed
from gpugrad.errors import GpugradError, InvalidArgument, NonFinite, SavedArrayChanged
from gpugrad.graph import Node
from gpugrad.plan.observers import observing
from gpugrad.tracing.frames import program_line, warn_of_program
from gpugrad.tracing.tracer import tracer_here, tracers, user_line
from gpugrad.types import Array

PENDING = 64
"""Checks on a device whose results are fetched together, because each fetch waits for it."""

FOUND = ("", "an infinity", "a NaN")
"""What makes an array not finite, by the worse."""

_active: ContextVar[Checks | None] = ContextVar("gpugrad_debug", default=None)

open_checks: list[Checks] = []
"""Those of all threads and tasks: where there are none, nobody need ask for those that are here."""


@contextmanager
def debug(*, nan: bool = True, inf: bool = True) -> Iterator[None]:
    """Check every op in this block, in this thread or task, and name the line of an error.

    It finds the first op, forward or backward, that makes a NaN from operands without one, or an
    infinity from finite operands, and it finds arrays that were written to after the graph saved
    them. Values that `gg.where` discards later count too. The errors name the op, shapes, dtypes,
    and the line of your program that applied the op; so does a note on any error raised by a
    reverse rule. If a function under a transform, `gg.jit` or `gg.vmap` returns a NaN or an
    infinite loss that no op made, the error names the argument that brought it in, or the op that
    met it first.

    In the block, functions under `gg.jit` run op by op, and fill floating NumPy arrays donated to
    them with NaN, so that reading one again shows. Any plan made meanwhile, for example of a loop,
    is verified after each pass. Saved arrays are copied, which doubles their memory. On a GPU the
    results of many checks are fetched together, at the latest when a sweep or the block ends.
    `@gg.debug()` is also a decorator.

    Args:
        nan: Whether to look for NaNs.
        inf: Whether to look for infinities.

    Raises:
        NonFinite: At the first op that makes a NaN or an infinity.
        SavedArrayChanged: If a sweep needs an array that was written to since the graph saved it.
        InvalidArgument: Inside a function that `gg.jit` traces.

    Example:
        >>> def loss(x):
        ...     return gg.sum(gg.log(x) * x)
        >>> with gg.debug():
        ...     gg.grad(loss)(np.array([1.0, 0.0]))
        Traceback (most recent call last):
        gpugrad.errors.NonFinite: ...log...
    """
    if tracer_here() is not None:
        raise InvalidArgument(
            "gg.debug() inside a function that gg.jit traces, whose values are not to be looked "
            "at. Put it around the call of that function."
        )
    from gpugrad.plan.verify import verify_made  # not before: most programs need none

    checks = Checks(nan, inf)
    try:
        with (
            holding(_active, checks), listed(tracers, checks), listed(open_checks, checks),
            observing(verify_made),
        ):  # fmt: skip
            yield
    finally:
        checks.look()                               # after an error too: this may be its cause


def checks_here() -> Checks | None:
    """The checks to make in this thread or task, if any; none of what is being traced."""
    return _active.get() if tracers and tracer_here() is None else None


class Origin(NamedTuple):
    """Where a node was made, and copies of the arrays that it saved."""

    line: str
    saved: list[Array]


def origin_of(node: Node) -> str:
    """Where the op of `node` was applied, as far as that is known."""
    origin = getattr(node, "origin", None)
    if origin is None:
        return "applied outside of gg.debug(), which would name the line"
    return f"applied at {origin.line}"


class _Named(Protocol):
    name: str


class _Check(NamedTuple):
    found: Array                                    # 0 or, a place in `FOUND`, as a 0-d array
    error: type[GpugradError]
    text: str


class Checks:
    """What an open `debug` looks for, and the checks whose results are still on a device."""

    def __init__(self, nan: bool, inf: bool) -> None:
        self._nan, self._inf = nan, inf
        self._pending: list[_Check] = []
        self._met = ""                              # the op that met a NaN first

    def forward(self, op: _Named, operands: object, y: object, noted: Sequence[str]) -> None:
        """Check what `op` made of `operands`.

        Where that is no mistake, the library's own warnings are given that were `noted` meanwhile.
        """
        given = _arrays(operands)

        def text(part: Array) -> str:
            return f"{user_line()}: {op.name} made {{}} in its result {_kinds([part])}"

        self._compare(_arrays(y), given, text)
        if not self._met:
            self._meet(op.name, given)
        for kind in noted:
            warn_of_program(f"{user_line()}: {kind} in {op.name}", RuntimeWarning)

    def _meet(self, name: str, given: Sequence[Array]) -> None:
        """Note that the op of that name was given a NaN; on a device nobody waits to see that."""
        for i, x in enumerate(given):
            if x.shape and namespace_of(x).device == "cpu" and self._worst(x) == len(FOUND) - 1:
                self._met = f"{user_line()}: operand {i + 1} of {name}, {_kinds([x])}{_place(x)}"
                return

    def begin(self) -> None:
        """A transform runs a function: what was met before is of no interest to it."""
        self._met = ""

    def came_in(
        self, name: str, given: Sequence[tuple[str, object]], results: Sequence[object]
    ) -> None:
        """Raise `NonFinite` if one of the results that `name` describes is not finite.

        As no op was found that made it so, that came in, with one of the arguments `given` with
        their names or with an array from outside. An infinity counts in one number, as a loss is:
        among others it may be meant.
        """
        self.look()
        arrays = [x for part in results for x in _arrays(part)]
        found = max((int(w) for w in map(self._worst, arrays) if w is not None), default=0)
        if not found or (FOUND[found] == "an infinity" and (len(arrays) > 1 or arrays[0].size > 1)):
            return
        culprits = [
            f"{label}, {_kinds([x])}{_place(x)}"
            for label, argument in given
            for x in _arrays(argument)
            if (worst := self._worst(x)) is not None and int(worst) == found
        ]
        if not culprits and self._met:
            culprits = [f"an array that is no argument ({self._met})"]
        if culprits:
            raise NonFinite(
                f"{program_line()}: {name} holds {FOUND[found]} that no op made. It came in with "
                f"the data: in {' and in '.join(culprits)}."
            )

    def watch(self, node: Node) -> None:
        """Note where `node` is made, and what it saves."""
        node.origin = Origin(user_line(), [namespace_of(x).copy(x) for x in _arrays(node.saved)])

    def backward(self, node: Node, g: object, shares: object) -> None:
        """Check that what `node` saved is as it was, and the `shares` that its rule made of `g`."""
        origin: Origin | None = getattr(node, "origin", None)
        assert node.vjp is not None
        name = node.vjp.op.name
        saved = _arrays(node.saved)
        place = origin_of(node)

        def changed(part: Array) -> str:
            return (
                f"an array {_kinds([part])} that {name}, {place}, saved for its reverse rule was "
                "written to since then: the gradient would be wrong. Write to a copy, or to a "
                "Tensor, whose graph keeps what it needs."
            )

        for now, before in zip(saved, [] if origin is None else origin.saved, strict=False):
            xp = namespace_of(now)
            same: Array | bool = now.shape == before.shape
            if same:
                same = xp.all((now == before) | ((now != now) & (before != before)))
            self._expect(same == 0, now, SavedArrayChanged, changed)

        def text(part: Array) -> str:
            return (
                f"the reverse rule of {name}, {place}, made {{}} in a cotangent {_kinds([part])}"
            )

        self._compare(_arrays(shares), [*_arrays(g), *saved], text)

    def look(self) -> None:
        """Fetch the results of pending checks; raises the first error among them."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        xp = namespace_of(pending[0].found)
        each = xp.to_numpy(xp.stack([check.found for check in pending]))
        for found, check in zip(each, pending, strict=True):
            if found:
                raise check.error(check.text.replace("{}", FOUND[found]))

    def _compare(self, made: list[Array], given: list[Array], text: Callable[[Array], str]) -> None:
        """Expect nothing worse in what was `made` than in what was `given`."""
        before = [self._worst(x) for x in given]

        def full_text(part: Array) -> str:
            return f"{text(part)} from operands {_kinds(given)} that hold none."

        for part in made:
            worst = self._worst(part)
            if worst is None:
                continue
            xp = namespace_of(part)
            limit = reduce(xp.maximum, [x for x in before if x is not None], xp.zeros_like(worst))
            found = xp.where(worst > limit, worst, xp.zeros_like(worst))
            self._expect(found, part, NonFinite, full_text)

    def _worst(self, x: Array) -> Array | None:
        """The worse of what is wrong with the elements of `x`, a place in `FOUND`."""
        if not is_inexact(x.dtype) or not x.size:
            return None
        xp = namespace_of(x)
        places = xp.astype(xp.isinf(x), xp.int8) if self._inf else xp.zeros_like(x, dtype=xp.int8)
        if self._nan:
            places = xp.where(xp.isnan(x), xp.full_like(places, 2), places)
        return xp.max(places)

    def _expect(
        self,
        found: Array | bool,
        part: Array,
        error: type[GpugradError],
        text: Callable[[Array], str],
    ) -> None:
        """Raise if `found` about `part` is not 0: now or, on a device, with other checks."""
        xp = namespace_of(part)
        if xp.device == "cpu":
            if found:
                raise error(text(part).replace("{}", FOUND[int(found)]))
            return
        # The text now, because later the arrays may be gone.
        self._pending.append(_Check(xp.asarray(found, dtype=xp.int8), error, text(part)))
        if len(self._pending) >= PENDING:
            self.look()


def _arrays(x: object) -> list[Array]:
    """The arrays in `x`, as libraries have them: the parts of a tuple, all parts of a batch."""
    if isinstance(x, tuple | list):
        return [array for part in x for array in _arrays(part)]
    while isinstance(x, StandIn):
        x = x.value
    if isinstance(x, Indexed | Cleared):
        x = x.value                                 # a cotangent that is not written out yet
    return [x] if _is_array(x) else []


def _is_array(x: object) -> TypeGuard[Array]:
    return hasattr(x, "shape") and hasattr(x, "dtype") and not isinstance(x, type)


def _kinds(arrays: list[Array]) -> str:
    return ", ".join(f"{x.dtype}{list(x.shape)}" for x in arrays)


def _place(x: Array) -> str:
    """Where the first element is that is not finite, and a NaN if there is one."""
    xp = namespace_of(x)
    for look in (xp.isnan, xp.isinf):
        found = xp.to_numpy(xp.astype(look(x), xp.int8))
        if found.any() and found.ndim:
            return f" at {[int(i[0]) for i in found.nonzero()]}"
    return ""
