"""Values and gradients are those of PyTorch, at random operands in every layout and dtype.

These tests are there where PyTorch is installed; gpugrad does not depend on it. Operands keep away
from kinks and infinities, on which `test_torch_conventions.py` compares the two.
"""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from op_cases import Case, Shape
from programs import LAYOUTS, laid_out, profile
from torch_table import COMPLEX, Pair, pairs

import gpugrad as gg
from gpugrad.core.op import op

TOLERANCE = {"float32": 2e-4, "float64": 1e-10, "complex64": 2e-4,
             "complex128": 1e-10}

PAIRS = list(pairs())


def operands(pair: Pair, choose: Random) -> tuple[list[Any], dict[str, Any]]:
    """Arrays as NumPy lays them out by itself, and the settings."""
    shapes, settings = pair.draw(choose)
    dtype = choose.choice(pair.dtypes)
    arrays = Case(pair.name, shapes).arrays(dtype, choose.randrange(1000))
    stretch, shift = choose.choice([(1, 0), (-1, 0), (6, -3.6)]) if pair.everywhere else (1, 0)
    return [np.asarray(x * stretch + shift, dtype) for x in arrays], settings


def compare(pair: Pair, choose: Random) -> None:
    """Raises `AssertionError` unless value and gradients are the same."""
    arrays, settings = operands(pair, choose)
    before = pair.before or (lambda x: x)

    def f(*xs: Any) -> Any:
        return pair.ours(*map(before, xs), **settings)

    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    wanted = pair.theirs(*map(before, theirs), **settings)
    out, pullback = gg.vjp(f, *(laid_out(x, choose.choice(LAYOUTS)) for x in arrays))
    same(out, wanted.detach().resolve_conj().numpy(), pair)

    rng = np.random.default_rng(0)
    v = rng.normal(size=out.shape)
    v = (v + 1j * rng.normal(size=out.shape) if out.dtype.kind == "c" else v).astype(out.dtype)
    slopes = torch.autograd.grad(wanted, theirs, torch.tensor(v), materialize_grads=True)
    for g, slope in zip(pullback(v), slopes, strict=True):
        same(g, slope.resolve_conj().numpy(), pair)


def same(found: Any, wanted: Any, pair: Pair) -> None:
    """Raises `AssertionError` unless these are."""
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    tolerance = max(TOLERANCE[found.dtype.name], pair.tolerance or 0)
    largest = np.abs(wanted).max(initial=1)
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance * largest)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_values_and_gradients_are_those_of_pytorch(pair: Pair) -> None:
    @profile(3, len(PAIRS))
    @given(st.integers(0, 2**32))
    def draw(seed: int) -> None:
        compare(pair, Random(f"{pair.name} {seed}"))    # each pair draws its own

    draw()


def test_a_wrong_rule_is_found(own_ops: None) -> None:
    """By a part in a thousand, or because it takes the conjugate."""

    @op(lambda g, x, xp: 1.001 * g * xp.cos(x))
    def steep_sine(xp: Any, x: Any) -> Any:
        """Sine, with a wrong rule."""
        return xp.sin(x)

    @op(lambda g, y, xp: g * xp.conj(y))
    def turned_exp(xp: Any, x: Any) -> Any:
        """Exponential, with a rule that is right for real numbers."""
        return xp.exp(x)

    for seed in range(3):
        vectors = {"draw": lambda choose: ((Shape((3,)),), {})}
        with pytest.raises(AssertionError, match="Not equal to tolerance"):
            compare(Pair("wrong", steep_sine, torch.sin, **vectors), Random(seed))
        with pytest.raises(AssertionError, match="Not equal to tolerance"):
            compare(Pair("wrong", turned_exp, torch.exp, **vectors, dtypes=COMPLEX), Random(seed))
        compare(Pair("right", turned_exp, torch.exp, **vectors), Random(seed))
