"""Where the elements of views lie in memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from gpugrad.plan.plan import Plan


@dataclass(frozen=True)
class Layout:
    """Where the elements of a view lie: from which element of slot `root`, with which strides."""

    root: int
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def ordered(self) -> bool:
        """Whether the elements lie in their order, one behind the other."""
        wanted = strides_of(self.shape)
        pairs = zip(self.shape, self.strides, wanted, strict=True)
        return all(n == 1 or found == stride for n, found, stride in pairs)

    @property
    def reach(self) -> int:
        """A bound of all numbers that come up when the place of an element is computed."""
        pairs = zip(self.shape, self.strides, strict=True)
        return self.start + sum((n - 1) * abs(stride) for n, stride in pairs if n)

    def place(self, i: str) -> str:
        """Where element `i` lies in the root, as a C++ expression."""
        terms, rest = [str(self.start)] if self.start else [], i
        for n, stride in reversed(list(zip(self.shape, self.strides, strict=True))):
            if n > 1 and stride:
                terms.append(f"{rest} % {n} * {stride}")
            rest = f"{rest} / {n}" if n > 1 else rest
        return " + ".join(terms) or "0"


def layouts(plan: Plan, views: frozenset[str]) -> dict[int, Layout]:
    """The layout of each slot that a step named in `views` makes of another one.

    A reshape is one only of what lies in order, as all slots do that no such step made.
    """
    found: dict[int, Layout] = {}
    for step in plan.steps:
        if step.op not in views:
            continue
        x, (y,) = step.inputs[0], step.outputs
        shape = plan.slots[y].shape
        old = found.get(x) or Layout(x, 0, plan.slots[x].shape, strides_of(plan.slots[x].shape))
        if step.op == "permute_dims":
            turned = tuple(old.strides[axis] for axis in step.setting("axes"))
            found[y] = Layout(old.root, old.start, shape, turned)
        elif step.op == "broadcast_to":
            new = len(shape) - len(old.shape)
            axes = zip(old.strides, old.shape, shape[new:], strict=True)
            kept = tuple(stride if n == m else 0 for stride, n, m in axes)
            found[y] = Layout(old.root, old.start, shape, (0,) * new + kept)
        elif step.op == "slice":
            found[y] = _sliced(old, step.setting("key"))
        elif old.ordered:
            found[y] = Layout(old.root, old.start, shape, strides_of(shape))
    return found


def strides_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of elements in their order."""
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def _sliced(old: Layout, key: tuple[object, ...]) -> Layout:
    taken = sum(part is not None and part is not ... for part in key)
    start, shape, strides, axis = old.start, [], [], 0
    for part in (*key, ...) if ... not in key else key:
        if part is None:
            shape.append(1)
            strides.append(0)
        elif part is ...:
            rest = len(old.shape) - taken
            shape += old.shape[axis : axis + rest]
            strides += old.strides[axis : axis + rest]
            axis += rest
        elif isinstance(part, slice):
            places = range(*part.indices(old.shape[axis]))
            start += places.start * old.strides[axis] if places else 0
            shape.append(len(places))
            strides.append(places.step * old.strides[axis])
            axis += 1
        else:
            place = int(part) % old.shape[axis]  # type: ignore[call-overload]
            start += place * old.strides[axis]
            axis += 1
    return Layout(old.root, start, tuple(shape), tuple(strides))
