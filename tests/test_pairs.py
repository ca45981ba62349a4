"""Every transform inside of every other: against loops, and against finite differences."""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest

import gpugrad as gg
from gpugrad.catalogue import nesting
from gpugrad.catalogue.nesting import LAYERS, WAYS_OUT, Layer, X, tried
from gpugrad.errors import InvalidArgument, TrackedConversion

VOLUME = int(os.environ.get("GPUGRAD_NESTING", "0"))
"""How many samples of deeper nestings there are, for each engine; without it, a few."""

RECORDED = [name for name in LAYERS if ("jit", name) not in WAYS_OUT]
"""What may be inside of `jit`, however deep."""


@pytest.mark.parametrize("inner", LAYERS)
@pytest.mark.parametrize("outer", LAYERS)
def test_a_pair(outer: str, inner: str) -> None:
    """At most five are refused, with the way out in the page SUPPORT.md."""
    if (outer, inner) in WAYS_OUT:
        with pytest.raises((InvalidArgument, TrackedConversion), match=r"gg\.(debug|implicit)"):
            tried((inner, outer))
    else:
        tried((inner, outer))


def test_few_are_refused() -> None:
    assert len(WAYS_OUT) <= 5


@pytest.mark.parametrize("name", RECORDED)
def test_a_transform_thrice_and_its_gradient_under_jit(name: str) -> None:
    if LAYERS[name].made is not LAYERS["hessian"].made:     # whose third is a sixth derivative
        tried((name, name, name))
    tried((name, "grad", "jit"))
    tried((name, "jit", "grad", "vmap", "jit"))


def sampled(seed: str, volume: int) -> list[tuple[str, ...]]:
    """Layers from the innermost on, with `jit` as one of the last two."""
    random = Random(seed)
    found = []
    for _ in range(volume):
        inside = random.choices(RECORDED, k=random.choice([2, 2, 3]))
        outside = random.choice([["jit"], ["jit", random.choice(list(LAYERS))], ["grad", "jit"]])
        if outside[1:] and (outside[1] == "jit" or inside.count("hessian") > 1):
            outside = ["jit"]
        found.append((*inside, *outside))
    return found


@pytest.mark.parametrize("names", sampled("numpy", VOLUME or 60), ids=" < ".join)
def test_samples_of_more(names: tuple[str, ...]) -> None:
    tried(names)


@pytest.mark.parametrize("names", sampled("native", VOLUME or 30), ids=" < ".join)
def test_samples_on_the_compiled_engine(
    names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = LAYERS["jit"]._replace(made=lambda f: gg.jit(f, engine="native"))
    monkeypatch.setitem(LAYERS, "jit", compiled)
    tried(names)


@pytest.mark.parametrize("what", ["value", "gradient"])
def test_what_is_wrong_is_found(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(f: Any) -> Any:
        if what == "value":
            return lambda x: f(x) * (1 + 1e-8)
        return lambda x: f(x) + gg.stop_gradient(x) * 0.01 - x * 0.01

    monkeypatch.setitem(LAYERS, "wrong", Layer(wrong, lambda f: f))
    for names in (("wrong", "jit"), ("vmap", "wrong"), ("wrong", "scan")):
        with pytest.raises(AssertionError):
            tried(names)


def test_a_batch_takes_both_branches() -> None:
    """Or the pairs of `vmap` and `cond` would show nothing."""
    sums = [float(gg.sum(s * X)) > 1.9 for s in nesting.W + 1]
    assert set(sums) == {True, False}
