"""Arguments of NumPy's functions: from their names and places to those of the op.

A parameter of NumPy that the op has is translated; what `numpy_parameters.py` gives a meaning to is
set aside; all else is a problem, unless it says no more than the default.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from inspect import BoundArguments, Parameter, Signature, signature

import numpy as np

from gpugrad.core.numpy_parameters import Call, meant

KEYWORDS = {"a_max": "max", "a_min": "min", "ddof": "correction", "newshape": "shape"}
"""Where NumPy's keyword is not that of the standard."""

_WORDS = ("where", "casting", "order", "dtype", "subok", "signature", "axes", "axis", "keepdims")
"""What every ufunc takes by name, beside `out`."""


@lru_cache(maxsize=512)
def signature_of(function: Callable[..., object]) -> Signature | None:
    """`None` where it has none that could be read. That of a ufunc is the same in all versions."""
    if _is_ufunc(function):
        inputs = [Parameter(f"x{i + 1}", Parameter.POSITIONAL_ONLY) for i in range(function.nin)]  # type: ignore[attr-defined]
        outs = [Parameter("out", Parameter.POSITIONAL_OR_KEYWORD, default=None)]
        words = [Parameter(w, Parameter.KEYWORD_ONLY, default=_DEFAULTS.get(w)) for w in _WORDS]
        return Signature([*inputs, *outs, *words])
    try:
        return signature(function)
    except (TypeError, ValueError):
        return None


_DEFAULTS = {"where": True, "casting": "same_kind", "order": "K", "subok": True, "keepdims": False}


def _is_ufunc(function: object) -> bool:
    return isinstance(function, np.ufunc) or type(function).__name__ == "ufunc"


class _Parameters:
    """Those of an op: its arrays are `operands`; of the `settings`, `needed` have no default.

    A variadic one takes arrays in any number by their places, and settings by name.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self.signature = signature(function)
        parameters = list(self.signature.parameters.values())
        by_place = (Parameter.POSITIONAL_ONLY, Parameter.VAR_POSITIONAL)
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        self.operands: list[str] = []
        for kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.POSITIONAL_ONLY):
            self.operands = [p.name for p in parameters if p.kind is kind] or self.operands
        if self.variadic:
            self.operands = [p.name for p in parameters if p.kind in by_place]
        self.required = [p.name for p in parameters if p.default is p.empty]
        self.settings = frozenset(self.signature.parameters).difference(self.operands)
        self.needed = self.settings.intersection(self.required)
        self.enough = -1 if self.needed else len(self.operands)


_parameters = lru_cache(maxsize=512)(_Parameters)


def fits(
    function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
) -> bool:
    """Whether the arguments are the op's as they are: all operands, and settings by name."""
    own = _parameters(function)
    if not kwargs:
        return own.variadic or len(args) == own.enough
    return (
        (own.variadic or len(args) == len(own.operands))
        and own.needed <= kwargs.keys() <= own.settings
        and not any(value is None or value is np._NoValue for value in kwargs.values())
    )


def translated(
    name: str,
    function: Callable[..., object],
    outside: Callable[..., object],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> Call:
    """The arguments as the op takes them, what is meant beside, and what is wrong, if anything."""
    own = _parameters(function)
    there = signature_of(outside)
    is_ufunc = _is_ufunc(outside) or name == "clip"     # which is made of one
    if own.variadic and there is not None:
        args, kwargs = _placed(there, args, kwargs)
    theirs = own.signature.parameters if there is None else there.parameters
    tells = all(p.kind is not p.VAR_POSITIONAL for p in theirs.values())
    names, operands = list(theirs if tells else own.signature.parameters), own.operands
    placed = () if own.variadic else args
    if _is_ufunc(outside) and len(args) > len(operands) + 1:    # results in several arrays
        placed = (*args[: len(operands)], args[len(operands) :])
    taken: dict[str, object] = {}
    more: dict[str, object] = {}
    unknown = [f"argument {len(names) + 1}"] if len(placed) > len(names) else []
    for word, value in (*zip(names, placed, strict=False), *kwargs.items()):
        mine = word if word in own.signature.parameters else KEYWORDS.get(word, word)
        if value is np._NoValue:
            continue
        if mine not in (own.settings if own.variadic else own.signature.parameters):
            if _is_default(word, value, theirs.get(word)):
                continue
            if word not in more and meant(name, word, is_ufunc):
                more[word] = value
                continue
            place = names.index(word) if word in names and tells else len(operands)
            mine = operands[place] if place < len(operands) and not own.variadic else ""
        if not mine or mine in taken:
            unknown.append(f"{word}=")
        else:
            taken[mine] = value
    ordered = OrderedDict((p, taken[p]) for p in own.signature.parameters if p in taken)
    bound = BoundArguments(own.signature, ordered)
    missing = [p for p in own.required if p not in taken]
    if own.variadic:
        bound, missing = own.signature.bind_partial(*args, **taken), []
    call = Call(function, bound.args, bound.kwargs, more, is_ufunc)
    if unknown or missing:
        found = (
            f"was given {', '.join(unknown)}" if unknown
            else f"was not given {', '.join(missing)}"
        )  # fmt: skip
        cast = " Convert with t.astype(dtype) first." if "dtype=" in unknown else ""
        call.problem = (
            f"{name!r} of a Tensor that needs a gradient {found}; gg.{name} takes "
            f"{', '.join(own.signature.parameters)}.{cast}"
        )
    return call


def beyond(name: str, function: Callable[..., object]) -> list[Parameter]:
    """What NumPy's function of that name takes by name and the op of that name has not.

    Each has the annotation of the parameter of the op that it is, or `Any`.
    """
    theirs, own = getattr(np, name, None), signature(function).parameters
    there = None if theirs is None else signature_of(theirs)
    if there is None or any(p.kind is p.VAR_POSITIONAL for p in own.values()):
        return []
    is_ufunc = _is_ufunc(theirs) or name == "clip"
    unmeant = {"axes", "keepdims"} if is_ufunc and not getattr(theirs, "signature", "") else ()
    found = []
    for word in there.parameters:
        if word in unmeant:
            continue
        mine = own.get(KEYWORDS.get(word, word))
        if word not in own and (mine is not None or meant(name, word, is_ufunc)):
            annotation = "Any" if mine is None else mine.annotation
            found.append(Parameter(
                word, Parameter.KEYWORD_ONLY, default=..., annotation=annotation
            ))  # fmt: skip
    return found


def _placed(
    there: Signature, args: tuple[object, ...], kwargs: dict[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The arguments, with operands that were given by name in their places.

    These are the ones which come before any number of others.
    """
    left = dict(kwargs)
    kinds = [p.kind for p in there.parameters.values()]
    first = kinds.index(Parameter.VAR_POSITIONAL) if Parameter.VAR_POSITIONAL in kinds else 0
    for word in list(there.parameters)[len(args) : first]:
        if word not in left:
            break
        args = (*args, left.pop(word))
    return args, left


def _is_default(name: str, value: object, parameter: Parameter | None) -> bool:
    """Whether it says nothing, so that an op that lacks this argument may leave it out."""
    if value is None:
        return parameter is None or parameter.default in (None, np._NoValue)
    if name == "where":
        return value is True
    simple = type(value) in (bool, int, str)
    return simple and parameter is not None and bool(value == parameter.default)
