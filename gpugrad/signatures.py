"""Functions that say what they take where they are called with other arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any, ParamSpec, TypeVar

from gpugrad.errors import UnsupportedOperand

P = ParamSpec("P")
R = TypeVar("R")

OURS = {
    "beta": "momentum",
    "beta1": "b1",
    "beta2": "b2",
    "beta_1": "b1",
    "beta_2": "b2",
    "betas": "b1",
    "elementwise_affine": "affine",
    "embed_dim": "width",
    "embedding_dim": "width",
    "epsilon": "eps",
    "features": "n_out",
    "filters": "out_channels",
    "hidden_size": "width",
    "in_features": "n_in",
    "input_size": "n_in",
    "key": "rng",
    "learning_rate": "lr",
    "normalized_shape": "shape",
    "num_channels": "channels",
    "num_embeddings": "n",
    "num_features": "channels",
    "num_groups": "groups",
    "num_heads": "heads",
    "num_layers": "layers",
    "out_features": "n_out",
    "p": "rate",
    "strides": "stride",
    "use_bias": "bias",
}
"""What arguments of layers and optimisers are called in PyTorch, Keras, Flax, Equinox and optax."""


def telling(name: str, hidden: int = 0) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator for a function whose errors for a call that does not fit are those of gpugrad.

    They say `name` and what the function takes, but for its first `hidden` arguments.
    """

    def decorate(f: Callable[P, R]) -> Callable[P, R]:
        @wraps(f)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return f(*args, **kwargs)
            except TypeError as error:
                trace = error.__traceback__
                if trace is None or trace.tb_next is not None:      # `f` began to run
                    raise
                taken = signature(f)
                raise _unfit(name, taken, args[hidden:], kwargs, hidden) from None

        return call

    return decorate


def _unfit(
    name: str, whole: Signature, args: tuple[Any, ...], kwargs: dict[str, Any], hidden: int
) -> UnsupportedOperand:
    """The error about a call, with what was found, what was expected, and what may be meant."""
    taken = list(whole.parameters.values())[hidden:]
    placed = [x for x in taken if x.kind in (x.POSITIONAL_ONLY, x.POSITIONAL_OR_KEYWORD)]
    there = {x.name for x in placed[: len(args)]}
    known = {x.name: x for x in taken if x.kind in (x.POSITIONAL_OR_KEYWORD, x.KEYWORD_ONLY)}
    unknown = [word for word in kwargs if word not in known]
    twice = [word for word in kwargs if word in there]
    meant = ""
    if unknown:
        found = f"there is no argument {unknown[0]}="
        ours = _meant(unknown[0], known)
        meant = f" Did you mean {ours}=?" if ours else ""
    elif twice:
        found = f"{twice[0]} is given twice, by place and by name"
    elif len(args) > len(placed):
        found = f"{len(args)} arguments are given by place, and there are {len(placed)}"
    else:
        rest = known.keys() - there - kwargs.keys()
        absent = [x.name for x in taken if x.name in rest and x.default is x.empty]
        found = f"{' and '.join(absent)} {'are' if len(absent) > 1 else 'is'} missing"
    return UnsupportedOperand(f"{name}: {found}; expected {_form(name, taken)}.{meant}")


def _form(name: str, taken: Iterable[Parameter]) -> str:
    """A call with its arguments and defaults, without the types."""
    plain = [x.replace(annotation=Parameter.empty) for x in taken]
    return f"{name}{Signature(plain)}"


def _meant(word: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    if word in OURS and OURS[word] in known:
        return OURS[word]
    return next(iter(get_close_matches(word, known, 1, 0.7)), None)
