"""Forms of calls of NumPy's functions: each alone, and with each of its parameters by place and by
name. A form is tried on arrays and on Tensors that need a gradient.

`python tests/call_forms.py` prints the page `docs/call-forms.md`.
"""

from __future__ import annotations

import inspect
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy_examples import (
    ANSWERS,
    ATTRIBUTES,
    BY_PHASE,
    BY_PLACE,
    ELEMENTWISE,
    FOURIER,
    FUNCTIONS,
    LINEAR_ALGEBRA,
    MASK,
    METHODS,
    NOTHING,
    OUT,
    POSITIVE,
    U3,
    USUAL,
    V4,
    WRITERS,
    Example,
    N,
    Operand,
)

import gpugrad as gg
from gpugrad.errors import GpugradError

STEP = 1e-6

EXTREMES = frozenset("amax amin max min nanmax nanmin".split())
"""Reductions whose `where=` needs `initial=`."""

BY_NAME = ("keepdims", "where", "initial", "copy", "stable")
"""Parameters of methods that are given by name alone."""

REFUSED, WRONG, BARE, DONE = "refused", "wrong", "bare error", "done"


@dataclass(frozen=True)
class Form:
    """A call: what it is of, how it is written, and with what."""

    of: str
    how: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def title(self) -> str:
        return f"{self.of}{self.how}"


# Which forms there are


def forms() -> Iterator[Form]:
    """All forms."""
    rooms = (
        ("np", np, ELEMENTWISE + FUNCTIONS),
        ("np.linalg", np.linalg, LINEAR_ALGEBRA),
        ("np.fft", np.fft, FOURIER),
    )
    for room, module, examples in rooms:
        for example in examples:
            if hasattr(module, example.name):       # not all are in all versions
                yield from _of_function(f"{room}.{example.name}", module, example)
    for example in METHODS:
        if hasattr(np.ndarray, example.name):
            yield from _of_method(example)
    for name, x in ATTRIBUTES.items():
        if hasattr(np.ndarray, name):
            yield Form(f"t.{name}", "", partial(_attribute, name), (x,), {})
    yield from _of_ufunc_methods()


UNUSED = {("corrcoef", "bias"), ("corrcoef", "ddof")}
"""Parameters that some versions of NumPy take, warn of and do not use."""


def _of_function(title: str, module: Any, example: Example) -> Iterator[Form]:
    function = getattr(module, example.name)
    parameters = _parameters(function)
    args = example.args
    yield Form(title, "()", function, args, {})
    placed = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        placed = []
    for i, p in enumerate(placed[: len(args)]):
        if p.kind is p.POSITIONAL_OR_KEYWORD and title not in WRITERS | BY_PLACE:
            named = dict(zip([q.name for q in placed[i:]], args[i:], strict=False))
            yield Form(title, f"({', '.join(named)}=)", function, args[:i], named)
    rest = [p for p in parameters if p.name not in {q.name for q in placed[: len(args)]}]
    tail, is_open = list(args), True
    for p in rest:
        value = example.given.get(p.name, USUAL.get(p.name, NOTHING))
        if (example.name, p.name) in UNUSED:
            continue
        if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) or value is NOTHING:
            is_open = False
            continue
        named = {p.name: value}
        if p.name == "where" and example.name in EXTREMES:
            named["initial"] = 0.5
        yield Form(title, f"({p.name}=)", function, args, named)
        is_open = is_open and p.kind is p.POSITIONAL_OR_KEYWORD and value is not OUT
        if is_open:
            tail.append(value)
            yield Form(title, f"(.., {p.name})", function, tuple(tail), {})


def _parameters(function: Any) -> list[inspect.Parameter]:
    if isinstance(function, np.ufunc):              # of which not all versions tell them
        kind = inspect.Parameter.KEYWORD_ONLY
        words = ["casting", "order", "dtype", "subok"]
        words += ["axes", "axis", "keepdims"] if function.signature else ["where"]
        inputs = [inspect.Parameter(f"x{i}", inspect.Parameter.POSITIONAL_ONLY)
                  for i in range(function.nin)]  # fmt: skip
        out = inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY)
        predicates = {np.dtype(t[-1]).kind for t in function.types} <= {"b", "O"}
        takes = not predicates and function is not np.frexp
        named = [w for w in words if takes or w != "dtype"]
        return [*inputs, out, *(inspect.Parameter(word, kind) for word in named)]
    try:
        return list(inspect.signature(function).parameters.values())
    except ValueError:
        return []


def _of_method(example: Example) -> Iterator[Form]:
    title, function = f"t.{example.name}", partial(_method, example.name)
    yield Form(title, "()", function, example.args, {})
    for word, value in example.given.items():
        yield Form(title, f"({word}=)", function, example.args, {word: value})
    words = [w for w in example.given if w not in BY_NAME]
    for count in range(1, len(words) + 1):
        values = [example.given[w] for w in words[:count]]
        if any(v is OUT for v in values) or example.name in ("astype", "reshape", "sort"):
            break
        yield Form(title, f"(.., {words[count - 1]})", function, (*example.args, *values), {})


def _method(name: str, x: Any, *args: Any, **kwargs: Any) -> Any:
    return getattr(x, name)(*args, **kwargs)


def _attribute(name: str, x: Any) -> Any:
    return getattr(x, name)


def _of_ufunc_methods() -> Iterator[Form]:
    def form(name: str, method: str, args: Any, **kwargs: Any) -> Form:
        function = getattr(getattr(np, name), method)
        how = f"({', '.join(f'{word}=' for word in kwargs)})"
        call = partial(_in_place, function) if method == "at" else function
        return Form(f"np.{name}.{method}", how, call, args, kwargs)

    summed = {"axis": 1, "keepdims": True, "out": OUT, "dtype": np.float64, "initial": 0.5}
    for name in "add multiply maximum minimum logaddexp subtract hypot".split():
        yield form(name, "reduce", (N,))
        for word, value in summed.items():
            yield form(name, "reduce", (N,), **{word: value})
    for name in ("add", "multiply"):
        yield form(name, "reduce", (N,), where=MASK)
    for name in "add multiply maximum minimum logaddexp subtract".split():
        yield form(name, "accumulate", (N,))
        for word in ("axis", "out", "dtype"):
            yield form(name, "accumulate", (N,), **{word: summed[word]})
    for name in "add subtract multiply divide maximum power hypot arctan2".split():
        yield form(name, "outer", (POSITIVE, U3))
    for name in "add multiply maximum subtract".split():
        yield form(name, "at", (N, [0, 2, 0], V4))
    for name in ("add", "maximum"):
        yield form(name, "reduceat", (POSITIVE, [0, 2, 3]))


def _in_place(function: Callable[..., Any], x: Any, *rest: Any) -> Any:
    y = x * 1.0
    function(y, *rest)
    return y


# What comes of one


def outcome(form: Form) -> tuple[str, str]:
    """What comes of a form with Tensors, and what was wrong or said."""
    operands = _operands((form.args, *form.kwargs.values()))
    arrays = [x.array(seed + 3) for seed, x in enumerate(operands)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")             # of NumPy's own about its own forms
        try:
            into = _call(_without_out(form), arrays)
            wanted = _call(form, arrays, into)
        except Exception as error:
            raise AssertionError(f"{form.title}: NumPy itself refuses the form: {error}") from error
        results: list[Any] = []

        def total(*tensors: Any) -> Any:
            results[:] = _leaves(_call(form, tensors, into, gg.tensor))
            sums = [_weighed(y, gg.sum) for y in results if _is_floating(y)]
            return sum(sums, 0.0 * sum(gg.sum(gg.real(t)) for t in tensors))

        try:
            gradients = gg.grad(total, tuple(range(len(arrays))))(*arrays)
        except GpugradError as error:
            return REFUSED, f"{type(error).__name__}: {error}"
        except Exception as error:
            return BARE, f"{type(error).__name__}: {error}"
        problem = _difference(results, _leaves(wanted), form)
        if not problem and form.of not in ANSWERS | BY_PHASE:
            problem = _slope_problem(form, arrays, gradients, into)
    return (WRONG, problem) if problem else (DONE, "")


def _operands(x: Any) -> list[Operand]:
    if isinstance(x, Operand):
        return [x]
    return [part for y in x for part in _operands(y)] if isinstance(x, list | tuple) else []


def _without_out(form: Form) -> Form:
    kept = {word: value for word, value in form.kwargs.items() if value is not OUT}
    return Form(form.of, form.how, form.function, form.args, kept)


def _call(
    form: Form, arrays: Any, into: Any = None, kind: Callable[[Any], Any] = np.array
) -> Any:
    """The result of a form of arrays or Tensors, or what it has written to."""
    first = arrays[0].shape if len(arrays) else ()
    mask = (np.arange(int(np.prod(first))) % 3 != 1).reshape(first)
    given = iter([x * 1.0 if form.of in WRITERS else x for x in arrays])

    def filled(x: Any) -> Any:
        if isinstance(x, Operand):
            return next(given)
        if x is OUT:
            made = tuple(kind(np.zeros_like(y)) for y in _leaves(into))
            return made if isinstance(into, tuple) else made[0]
        if x is MASK:
            return mask
        return type(x)(map(filled, x)) if isinstance(x, list | tuple) else x

    args = tuple(map(filled, form.args))
    y = form.function(*args, **{word: filled(x) for word, x in form.kwargs.items()})
    return args[0] if form.of in WRITERS else y


def _leaves(y: Any) -> list[Any]:
    if isinstance(y, list | tuple):
        return [leaf for part in y for leaf in _leaves(part)]
    return [] if y is None else [y]


def _is_floating(y: Any) -> bool:
    if isinstance(y, type | np.dtype):
        return False
    return isinstance(y, float | complex) or np.dtype(getattr(y, "dtype", int)).kind in "fc"


def _weighed(y: Any, total: Callable[[Any], Any]) -> Any:
    """A sum of the elements, each times another number."""
    shape = np.shape(y)
    weights = np.cos(1 + np.arange(int(np.prod(shape)))).reshape(shape)
    imaginary = getattr(y, "dtype", np.dtype(type(y))).kind == "c"
    if total is gg.sum:
        real, imag = gg.real(y) if imaginary else y, gg.imag(y) if imaginary else 0.0
    else:
        real, imag = np.real(y), np.imag(y)
    return total(real * weights) + (total(imag * weights) * 0.5 if imaginary else 0.0)


def _difference(found: list[Any], wanted: list[Any], form: Form) -> str:
    """What is wrong with values, shapes or dtypes."""
    if len(found) != len(wanted):
        return f"{len(found)} results for {len(wanted)}"
    unwritten = form.of == "np.empty_like" or ("where" in form.kwargs and isinstance(
        form.function, np.ufunc
    ))  # of which NumPy leaves elements as memory has them
    for y, want in zip(found, wanted, strict=True):
        if not isinstance(want, np.ndarray | np.generic | float | int | complex | bool):
            continue
        plain = np.asarray(gg.stop_gradient(y)) if isinstance(y, gg.Tensor) else np.asarray(y)
        other = np.asarray(want)
        if plain.shape != other.shape:
            return f"shape {plain.shape} for {other.shape}"
        if _is_floating(want) and plain.dtype != other.dtype and form.of not in (
            "np.linalg.eig", "np.linalg.eigvals"    # complex ones, as the standard has them
        ):  # fmt: skip
            return f"dtype {plain.dtype} for {other.dtype}"
        if form.of in BY_PHASE or unwritten:
            continue
        if not np.allclose(plain, other, rtol=1e-9, atol=1e-12, equal_nan=True):
            return "other values"
    return ""


def _slope_problem(form: Form, arrays: Any, gradients: Any, into: Any) -> str:
    """Whether the gradient is that of differences, along one direction."""
    if form.of == "np.empty_like" or ("where" in form.kwargs and isinstance(
        form.function, np.ufunc
    )):  # fmt: skip
        return ""
    rng = np.random.default_rng(0)
    directions = [rng.standard_normal(x.shape) for x in arrays]

    def at(step: float) -> float:
        moved = [x + step * d for x, d in zip(arrays, directions, strict=True)]
        found = _leaves(_call(form, moved, into))
        return float(sum(_weighed(y, np.sum) for y in found if _is_floating(y)))

    measured = (at(STEP) - at(-STEP)) / (2 * STEP)
    slopes = [np.real(np.asarray(g)) for g in gradients]
    claimed = sum(float(np.sum(g * d)) for g, d in zip(slopes, directions, strict=True))
    if np.isclose(measured, claimed, rtol=1e-5, atol=1e-5):
        return ""
    return f"a slope of {claimed} where differences have {measured}"


# The page


def page() -> str:
    """The table of all forms: how many of each function are done, and which are refused and why."""
    found = [(form, *outcome(form)) for form in forms()]
    counts = Counter(kind for _, kind, _ in found)
    lines = [
        "# Ways of calling NumPy's functions",
        "",
        "Made by `python tests/call_forms.py`, which calls each NumPy function and method that",
        "takes or returns floating-point numbers with Tensors: alone, and with each of its",
        "parameters by position and by name. Results are compared with NumPy's, gradients with",
        "finite differences.",
        "",
        f"{len(found)} forms: {counts[DONE]} work, {counts[REFUSED]} are refused, "
        f"{counts[WRONG]} are wrong, {counts[BARE]} raise an error without advice.",
        "",
        "| function | forms | refused | why |",
        "|---|---|---|---|",
    ]
    for of in dict.fromkeys(form.of for form, _, _ in found):
        mine = [(form.how, kind, why) for form, kind, why in found if form.of == of]
        others = [(how, kind, why) for how, kind, why in mine if kind != DONE]
        hows = " ".join(f"`{how or 'alone'}`" for how, _, _ in others)
        why = others[0][2].partition(": ")[2].split(". ")[0] if others else ""
        lines.append(f"| `{of}` | {len(mine)} | {hows} | {why.replace('|', ' ')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
