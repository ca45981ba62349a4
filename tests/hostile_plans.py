"""A process that loads plans whose files nobody saved, and runs what it could load.

    python tests/hostile_plans.py [--seed N] [--count N] [--engine numpy|native] [--believe]

Each plan is refused with `PlanError`, or what it gives is what NumPy gives step by step. Everything
else is a fault: another error, another result, a warning, an input that was written to, a file that
was opened to write, code of the file that ran. The last line is a JSON object with the counts. A
crash is seen by who started this: the file `current` holds the number of the plan at work. With
`--believe`, nothing is verified, so that it can be seen that there are faults to find.
"""

from __future__ import annotations

import argparse
import builtins
import json
import os
import resource
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from made_up_plans import Array, Json, Maker, change, made_up, nudge

import gpugrad as gg
from gpugrad.backends import numpy_namespace
from gpugrad.core.registry import namespace as ops
from gpugrad.engines import make_program
from gpugrad.engines.writer import without
from gpugrad.errors import ImpureFunction, PlanError
from gpugrad.plan import interpret, storage
from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.plan import Plan

SECONDS = 60
"""For one plan, the compiler included."""

BYTES = 2**25
"""Of all slots of a plan that is run; it takes one of them at a time."""

LOOPS = 1000
"""Iterations of a loop in a plan that is run."""

MEMORY = 16 * 2**30
"""Bytes that the process may reserve."""

TOLERANCE = {"e": 1e-2, "f": 1e-4, "F": 1e-4, "d": 1e-9, "D": 1e-9}
"""Of floating numbers by their dtype."""


class Hang(BaseException):
    """A plan took too long."""


# What was recorded


def recorded() -> list[Json]:
    """Plans of gpugrad, as their files hold them."""
    x, w = np.linspace(-1.0, 1.0, 12).reshape(4, 3), np.linspace(0.5, 1.0, 9).reshape(3, 3)
    labels, key = np.array([0, 2, 1, 0]), np.array([2, 0])

    def step(w: Any, x: Any, labels: Any) -> Any:
        def loss(w: Any) -> Any:
            return gg.mean(gg.nn.softmax_cross_entropy(gg.tanh(x @ w), labels))

        value, g = gg.value_and_grad(loss)(w)
        return w - 0.1 * g, value

    def loop(x: Any, flag: Any) -> Any:
        def body(c: Any, row: Any) -> Any:
            return gg.cond(flag, lambda: (c * row, c), lambda: (c + row, row))

        return gg.scan(body, gg.sum(x, axis=0), x, reverse=True)

    def grad_of_loop(x: Any) -> Any:
        def f(x: Any) -> Any:
            return gg.sum(gg.scan(lambda c, row: (gg.sin(c) * row, c), x[0], x)[0])

        return gg.grad(f)(x)

    def written(x: Any, key: Any) -> Any:
        y = x * 2
        y[key] = 0.0
        y[:, 1] += 1.0
        return y, ops.getitem(x, (key, ..., slice(None, None, -1), None)), gg.argmax(x, axis=0)

    def several(x: Any) -> Any:
        u, s, _ = gg.linalg.svd(x)
        return u @ gg.sort(x, axis=0), s, gg.fft.rfft(x), gg.cumulative_sum(x, axis=1)

    def many(x: Any) -> Any:
        return gg.vmap(lambda row: gg.softmax(row) * gg.where(row > 0, row, -row))(x)

    def kinds(x: Any) -> Any:
        small = gg.astype(x, np.float16) * 2
        return small, gg.astype(gg.round(x * 9), np.int32) % 4, x + 1j * x, gg.isnan(x) | (x > 0)

    def drawn(x: Any) -> Any:
        return x * gg.random.uniform(gg.random.key(7), x.shape)

    plans = [
        gg.jit(step).plan(w, x, labels), gg.jit(step, donate_argnums=0).plan(w, x, labels),
        gg.jit(step, donate_argnums=0).plan(w.astype("f4"), x.astype("f4"), labels),
        fuse(gg.jit(step).plan(w, x, labels)), fuse(gg.jit(many).plan(x)),
        gg.jit(loop).plan(x, np.array(True)), gg.jit(grad_of_loop).plan(x),
        gg.jit(written).plan(x, key), gg.jit(several).plan(x), gg.jit(many).plan(x),
        gg.jit(kinds).plan(x), gg.jit(drawn).plan(x), gg.jit(gg.hessian(lambda v: gg.sum(v**3)))
        .plan(x[0]),
    ]  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.plan"
        found = []
        for plan in plans:
            plan.save(path)
            found.append(json.loads(path.read_bytes().split(b"\n")[1]))
    return found


def settled(rng: np.random.Generator, data: Json) -> Json:
    """A plan that was changed, with slots that say what its steps make, as far as they make it.

    So a plan says what is true in places where nobody else would.
    """
    try:
        plan = storage._read_plan(data)
        values = dict(zip(plan.inputs, inputs_of(plan, rng), strict=True))
        values |= {slot: constant.array() for slot, constant in plan.constants}
        for step in plan.steps if is_small(plan) else ():
            operands = [values[slot] for slot in step.inputs]
            made = interpret.run_step(step, operands, numpy_namespace)
            for slot, value in zip(step.outputs, made, strict=True):
                values[slot] = value
                data["slots"][slot] = [list(value.shape), value.dtype.str]
    except Exception:
        pass
    return data


# One plan


def write(path: Path, plan: Json) -> None:
    """A file whose checksum fits."""
    text = json.dumps(plan).encode()
    header = {"format": storage.FORMAT, "version": storage.VERSION}
    header["sha256"] = sha256(text).hexdigest()
    path.write_bytes(json.dumps(header).encode() + b"\n" + text + b"\n")


def plans_in(plan: Plan) -> Iterator[Plan]:
    """The plan and those in its steps."""
    yield plan
    for step in plan.steps:
        for _, value in step.settings:
            if isinstance(value, Plan):
                yield from plans_in(value)


def is_small(plan: Plan) -> bool:
    """Whether it is no matter of minutes or gigabytes."""
    slots = [slot for inner in plans_in(plan) for slot in inner.slots]
    lengths = [
        dict(step.settings).get("length", 0) for inner in plans_in(plan) for step in inner.steps
    ]
    return sum(slot.nbytes for slot in slots) <= BYTES and max(lengths, default=0) <= LOOPS


def inputs_of(plan: Plan, rng: np.random.Generator) -> list[Array]:
    """Arrays for it: small whole numbers among others, so that labels and places may be right."""
    arrays = []
    for slot in plan.inputs:
        shape, dtype = plan.slots[slot].shape, plan.slots[slot].dtype
        if dtype.kind in "biu":
            arrays.append(rng.integers(0, 3, shape).astype(dtype))
        elif dtype.kind == "c":
            arrays.append((rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(dtype))
        else:
            arrays.append(np.asarray(rng.normal(size=shape)).astype(dtype))
    return arrays


def by_engine(plan: Plan, arrays: list[Array], engine: str) -> list[Array]:
    """The outputs by an engine, in a second run of the same memory."""
    instance = make_program(plan, engine).instance()
    given = dict(zip(plan.inputs, arrays, strict=True))
    donated = [slot for slot, _ in plan.donated]
    for _ in range(2):
        for mine, slot in zip(instance.donated, donated, strict=True):
            mine[...] = given[slot]
        made = instance.run(*(given[slot] for slot in plan.inputs if slot not in donated))
    replaced = [output for _, output in plan.donated]
    values = dict(zip(replaced, instance.donated, strict=True))
    values |= dict(zip(without(plan.outputs, replaced), made, strict=True))
    return [np.array(values[slot]) for slot in plan.outputs]


def by_steps(plan: Plan, arrays: list[Array]) -> list[Array]:
    """The outputs by NumPy, step by step."""
    with numpy_namespace.quiet():
        return [np.array(y) for y in interpret.run(plan, arrays, numpy_namespace)]


def tolerance_of(plan: Plan) -> float:
    """That of its coarsest numbers, which it may turn into finer ones after they were rounded."""
    slots = [slot for inner in plans_in(plan) for slot in inner.slots]
    return max((TOLERANCE.get(slot.dtype.char, 0.0) for slot in slots), default=0.0)


def differs(mine: Array, wanted: Array, tolerance: float) -> str:
    """In what two outputs are not the same, to rounding; empty where they are."""
    if (mine.shape, mine.dtype) != (wanted.shape, wanted.dtype):
        return f"{mine.dtype}{list(mine.shape)} instead of {wanted.dtype}{list(wanted.shape)}"
    if wanted.dtype.kind not in "fc":
        return "" if np.array_equal(mine, wanted) else "other elements"
    scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=1.0).astype(float)
    same = np.allclose(mine, wanted, tolerance, tolerance * scale, equal_nan=True)
    return "" if same else f"other numbers: {mine.ravel()[:4]} instead of {wanted.ravel()[:4]}"


def outcome(function: Callable[[], list[Array]]) -> list[Array] | Exception:
    """What it returns or raises."""
    try:
        return function()
    except Exception as error:
        return error


def attempt(path: Path, rng: np.random.Generator, engine: str, known: Maker | None) -> str:
    """What became of the plan in a file; a fault begins with `!`. Of one that is right, what each
    slot holds is `known`.
    """
    try:
        plan = Plan.load(path)
    except PlanError as error:
        return "refused" if known is None else f"! it is right, and was refused: {error}"
    if not is_small(plan):
        return "not run"
    arrays = inputs_of(plan, rng) if known is None else [known.values[i] for i in plan.inputs]
    before = [array.tobytes() for array in arrays]
    # What nobody reads is left out where steps are fused, with the errors that it would raise.
    read = plan if engine == "numpy" else remove_dead(plan)
    wanted = outcome(lambda: by_steps(read, arrays))
    if known is not None and not isinstance(wanted, Exception):
        wanted = [known.values[slot] for slot in plan.outputs]
    made = outcome(lambda: by_engine(plan, arrays, engine))
    if [array.tobytes() for array in arrays] != before:
        return "! an input was written to"
    if isinstance(made, ImpureFunction):
        return "refused when it ran"
    if isinstance(made, Exception) or isinstance(wanted, Exception):
        if type(made) is type(wanted) and known is None:
            return "the same error"
        return f"! {made!r:.300} instead of {wanted!r:.300}"
    tolerance = tolerance_of(plan)
    texts = [differs(x, y, tolerance) for x, y in zip(made, wanted, strict=True)]
    found = [text for text in texts if text]
    return f"! {found[0]}" if found else "ran"


# All


@contextmanager
def watched(faults: list[str]) -> Iterator[None]:
    """Inside, whatever a file could do beside computing is a fault."""
    active = True

    def look(event: str, args: tuple[Any, ...]) -> None:
        if active and event == "open" and type(args[2]) is int and type(args[0]) is not int:
            if args[2] & (os.O_WRONLY | os.O_RDWR) and not writes_are_known(str(args[0])):
                faults.append(f"! it wrote {args[0]}")
        elif active and event in ("os.system", "os.exec", "os.fork", "socket.connect"):
            faults.append(f"! {event}")

    def on_alarm(number: int, frame: Any) -> None:
        raise Hang

    setattr(builtins, "pwned", lambda: faults.append("! code of the file ran"))  # noqa: B010
    sys.addaudithook(look)
    signal.signal(signal.SIGALRM, on_alarm)
    try:
        yield
    finally:
        active = False


def writes_are_known(path: str) -> bool:
    """Whether it is where the plans are made, or compiled code is kept."""
    return os.path.abspath(path).startswith((os.environ["GPUGRAD_CACHE"], os.getcwd(), "/dev/null"))


def main() -> None:
    """Attempt after attempt in the working directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--only", type=int)
    parser.add_argument("--engine", default="numpy")
    parser.add_argument("--believe", action="store_true")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))
    if options.believe:
        storage.verify = lambda plan: None          # type: ignore[assignment]
    base, counts, faults = recorded(), Counter[str](), []
    path, current = Path("made up.plan"), Path("current")
    numbers = range(options.count) if options.only is None else [options.only]
    said: list[str] = []
    warnings.simplefilter("always")
    warnings.showwarning = lambda message, *rest, **named: said.append(f"! warned: {message}")
    with watched(said), np.errstate(all="ignore"):
        for number in numbers:
            rng = np.random.default_rng([options.seed, number])
            known = made_up(rng) if rng.random() < 0.6 else None
            plan = base[int(rng.integers(len(base)))] if known is None else known.plan
            if known is None or rng.random() < 0.8:
                known = None
                if rng.random() < 0.5:
                    plan = settled(rng, nudge(rng, plan))
                else:
                    plan = change(rng, plan)
            write(path, plan)
            said.clear()
            current.write_text(str(number))
            signal.alarm(SECONDS)
            try:
                found = attempt(path, rng, options.engine, known)
            except Hang:
                found = f"! it took more than {SECONDS} s"
            except Exception as error:
                found = f"! {error!r:.300}"
            finally:
                signal.alarm(0)
            for text in (found, *said):
                if text.startswith("!"):
                    faults.append(f"{number}: {text[2:]}")
            counts["fault" if found.startswith("!") or said else found] += 1
    print(json.dumps({"counts": counts, "faults": faults}))


if __name__ == "__main__":
    main()
