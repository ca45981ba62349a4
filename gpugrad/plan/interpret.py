"""The reference engine: runs a plan step by step with the functions of a namespace.

It plans no memory and generates no code, so that it is easy to see that it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from gpugrad.backends import Array, Namespace
from gpugrad.errors import InvalidArgument
from gpugrad.plan.plan import Operand, Plan, Step, leaves
from gpugrad.plan.primitive import CALLED, EFFECT
from gpugrad.plan.primitives import PRIMITIVES, REDUCTIONS


def run(plan: Plan, arrays: Sequence[Array], xp: Namespace) -> list[Array]:
    """The outputs of `plan` for these inputs. They may share memory with inputs and each other."""
    values: dict[int, Array] = {
        slot: xp.asarray(constant.array()) for slot, constant in plan.constants
    }
    values.update(zip(plan.inputs, arrays, strict=True))
    for step in plan.steps:
        results = run_step(step, [values[slot] for slot in step.inputs], xp)
        values.update(zip(step.outputs, results, strict=True))
    return [values[slot] for slot in plan.outputs]

def run_step(step: Step, values: Sequence[Array], xp: Namespace) -> tuple[Array, ...]:
    """The results of one step."""
    if step.body:
        return _run_body(step, values, xp)
    if step.op in CONTROL:
        return CONTROL[step.op](step, values, xp)
    if step.op == "check_labels":
        check_labels(values[0], step.setting("n"))  # type: ignore[arg-type]  # with values
        return ()
    special = SPECIAL.get(step.op)
    settings = dict(step.settings)
    if special is not None:
        return (xp.as_array(special(xp, values, settings)),)
    row = PRIMITIVES.get(step.op)
    if row is not None and row.kind not in (CALLED, EFFECT):
        return (xp.as_array(getattr(xp, step.op)(*values)),)
    args = fill(settings["args"], values)
    kwargs = {name: fill(value, values) for name, value in settings["kwargs"]}
    return as_results(getattr(xp, step.op)(*args, **kwargs), xp)

def as_results(results: Any, xp: Namespace) -> tuple[Array, ...]:
    """What a function gave, as the results of its step."""
    if results is None:                             # of an effect alone
        return ()
    parts = results if isinstance(results, tuple | list) else (results,)
    return tuple(xp.as_array(part) for part in parts)

def bound(step: Step, xp: Namespace) -> Callable[..., Any] | None:
    """The function that a step calls, with its settings, for operands in order.

    It is filled by `fill` once for all calls. `None` where operands stand elsewhere, or the step
    calls no function as it is.
    """
    row = PRIMITIVES.get(step.op)
    known = step.body or step.op in CONTROL or step.op in SPECIAL or step.op == "check_labels"
    if known or (row is not None and row.kind not in (CALLED, EFFECT)):
        return None
    settings = dict(step.settings)
    args, kwargs = settings["args"], settings["kwargs"]
    before = len(args) - len(step.inputs)
    named, operands = args[:before], args[before:]
    in_order = operands == tuple(map(Operand, range(len(step.inputs))))
    if before < 0 or not in_order or any(isinstance(x, Operand) for x in leaves((named, kwargs))):
        return None
    return partial(getattr(xp, step.op), *named, **dict(kwargs))

def _run_body(step: Step, values: Sequence[Array], xp: Namespace) -> tuple[Array, ...]:
    known = dict(zip(step.inputs, values, strict=True))
    for inner in step.body:
        results = run_step(inner, [known[slot] for slot in inner.inputs], xp)
        known.update(zip(inner.outputs, results, strict=True))
    return tuple(known[slot] for slot in step.outputs)

def fill(template: object, values: Sequence[object]) -> Any:
    """`template` with the values in the places of its operands."""
    if isinstance(template, Operand):
        return values[template.number]
    if isinstance(template, tuple):
        return tuple(fill(part, values) for part in template)
    return template

def check_labels(labels: np.ndarray, n: int) -> None:
    """Raises `InvalidArgument` unless all labels are in `range(n)`."""
    if labels.size and (labels.min() < 0 or labels.max() >= n):
        raise InvalidArgument(
            f"labels go from {labels.min()} to {labels.max()}, but there are {n} classes: they "
            f"must be integers from 0 to {n - 1}."
        )


def _reduction(name: str) -> Callable[..., Array]:
    def reduce(xp: Namespace, values: Sequence[Array], settings: dict[str, Any]) -> Array:
        axes, keepdims = settings["axes"], settings["keepdims"]
        x = values[0]
        axis: object = axes[0] if len(axes) == 1 else None if len(axes) == len(x.shape) else axes
        return getattr(xp, name)(x, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    return reduce

def _update(name: str) -> Callable[..., Array]:
    def update(xp: Namespace, values: Sequence[Array], settings: dict[str, object]) -> Array:
        return getattr(xp, name)(xp.copy(values[0]), fill(settings["key"], values), values[1])  # type: ignore[no-any-return]

    return update

SPECIAL: dict[str, Callable[[Namespace, Sequence[Array], dict[str, Any]], Array]] = {
    "astype": lambda xp, v, s: xp.astype(v[0], s["dtype"]),
    **{name: _reduction(name) for name in REDUCTIONS},
    "reshape": lambda xp, v, s: xp.reshape(v[0], s["shape"]),
    "permute_dims": lambda xp, v, s: xp.permute_dims(v[0], s["axes"]),
    "broadcast_to": lambda xp, v, s: xp.module.broadcast_to(v[0], s["shape"]),
    "concat": lambda xp, v, s: xp.concat(v, axis=s["axis"]),
    "pack": lambda xp, v, s: xp.reshape(
        xp.concat([xp.reshape(x, (-1,)) for x in v], axis=0), s["shape"]
    ),
    "slice": lambda xp, v, s: xp.getitem(v[0], s["key"]),
    "add_at": _update("add_at"),
    "set_at": _update("set_at"),
    "one_hot": lambda xp, v, s: xp.one_hot(v[0], s["n"], s["dtype"]),
    "maximum": lambda xp, v, s: xp.module.maximum(v[0], v[1]),
}
"""Primitives whose settings are named, not an argument template."""


def _cond(step: Step, values: Sequence[Array], xp: Namespace) -> tuple[Array, ...]:
    branch = step.setting("true" if values[0] else "false")
    return _own(run(branch, values[1:], xp), xp)


def _scan(step: Step, values: Sequence[Array], xp: Namespace) -> tuple[Array, ...]:
    body, n, length = (step.setting(name) for name in ("body", "carries", "length"))
    rows_from = n + step.setting("xs")
    carry, xs, outside = values[:n], values[n:rows_from], values[rows_from:]
    order = range(length)
    rows = []
    for i in reversed(order) if step.setting("reverse") else order:
        parts = [xp.as_array(xp.getitem(x, (i, ...))) for x in xs]
        results = run(body, [*carry, *parts, *outside], xp)
        carry = results[:n]
        rows.append(list(map(xp.as_array, results[n:])))
    if step.setting("reverse"):
        rows.reverse()
    ys = [xp.stack(column) for column in zip(*rows, strict=True)]
    if not rows:
        slots = [body.slots[slot] for slot in body.outputs[n:]]
        ys = [xp.zeros((0, *slot.shape), dtype=slot.dtype) for slot in slots]
    return (*_own(carry, xp), *ys)


def _own(results: Sequence[Array], xp: Namespace) -> tuple[Array, ...]:
    """Copies, also of what came in as a number, which stays on the host where one is computed."""
    return tuple(xp.copy(xp.as_array(x)) for x in results)


CONTROL: dict[str, Callable[[Step, Sequence[Array], Namespace], tuple[Array, ...]]] = {
    "cond": _cond,
    "scan": _scan,
}
"""Steps whose settings hold plans.

`cond` has a condition and operands; its settings `true` and `false` are plans of all the operands.
`scan` has carries, arrays with an element for each iteration, and what the body takes from outside;
the setting `body` is a plan from carries, elements and the rest to carries and results, `carries`
and `xs` are numbers of operands, `length` that of iterations; `reverse` begins with the last.
"""
