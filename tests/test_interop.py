"""What the bridges of `gg.interop` have in common, where no other library is installed.

A library made up here stands for the others: NumPy, with complex steps. PyTorch and JAX themselves
are in `peers`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import BackendUnavailable, TrackedConversion, UnsupportedOperand
from gpugrad.interop import foreign, inside
from gpugrad.interop.inside import Found

NAMES = ("torch_function", "from_torch", "jax_function", "from_jax")


@pytest.mark.parametrize("name", NAMES)
def test_without_the_library_it_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    library = "torch" if "torch" in name else "jax"
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(BackendUnavailable, match=f"pip install {library}"):
        getattr(gg.interop, name)(np.sin)


@pytest.mark.parametrize("name", NAMES)
def test_wanted_are_functions(name: str) -> None:
    with pytest.raises(UnsupportedOperand, match=f"{name} was given a float; expected"):
        getattr(gg.interop, name)(1.0)


def test_the_room_imports_no_library() -> None:
    program = "import sys, gpugrad.interop; print({'torch', 'jax'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


# A function of another library here


class ByHand:
    """A library that differentiates by complex steps, as exactly as by hand; it notes its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def run(self, f: Callable[..., Found], arrays: Sequence[Any]) -> Found:
        self.calls.append("run")
        return f(*arrays)

    def kept(
        self, f: Callable[..., Found], wanted: Sequence[int], arrays: Sequence[Any]
    ) -> tuple[Found, Any]:
        self.calls.append("kept")
        found = f(*arrays)
        pull = self.pulled(f, wanted, len(arrays))
        return found, lambda g: pull(*arrays, *g).leaves

    def pulled(
        self, f: Callable[..., Found], wanted: Sequence[int], count: int
    ) -> Callable[..., Found]:
        def pull(*given: Any) -> Found:
            arrays, g = list(given[:count]), given[count:]
            slopes = []
            for i in wanted:
                slope = np.zeros(np.shape(arrays[i]))
                for place in np.ndindex(slope.shape):
                    moved = [np.array(x, complex) for x in arrays]
                    moved[i][place] += 1e-30j
                    tops = [y.imag / 1e-30 for y in f(*moved).arrays()]
                    slope[place] = sum(np.sum(h * top) for h, top in zip(g, tops, strict=True))
                slopes.append(slope)
            return Found(slopes, None)

        return pull


X = np.array([0.5, -1.5, 2.0])


def bridged() -> tuple[ByHand, Callable[..., Any]]:
    library = ByHand()
    return library, foreign.function(library, lambda x: {"y": x**3, "n": "name"})


def test_eagerly_it_runs_once() -> None:
    library, f = bridged()
    assert f(X)["n"] == "name"
    assert np.array_equal(f(X)["y"], X**3)
    assert library.calls == ["run", "run"]
    library.calls.clear()
    slope = gg.grad(lambda x: gg.sum(f(x)["y"]))(X)
    np.testing.assert_allclose(slope, 3 * X**2, rtol=1e-12)
    assert library.calls == ["kept"]


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_it_is_differentiated_in_batches_and_plans(compiled: bool) -> None:
    _, f = bridged()

    def total(x: Any) -> Any:
        return gg.sum(f(x)["y"])

    made = gg.jit if compiled else lambda f: f
    gradient, batch = made(gg.grad(total)), made(gg.vmap(gg.grad(total)))
    rows, jacobian = np.stack([X, 2 * X]), made(gg.jacobian(lambda x: f(x)["y"]))
    for _ in range(3):
        np.testing.assert_allclose(gradient(X), 3 * X**2, rtol=1e-12)
        np.testing.assert_allclose(batch(rows), 3 * rows**2, rtol=1e-12)
        np.testing.assert_allclose(jacobian(X), np.diag(3 * X**2), rtol=1e-12)


def test_only_what_is_a_tensor_is_differentiated() -> None:
    library = ByHand()
    asked: list[Any] = []
    pulled = library.pulled

    def noted(f: Any, wanted: Any, count: int) -> Any:
        asked.append(tuple(wanted))
        return pulled(f, wanted, count)

    library.pulled = noted  # type: ignore[method-assign]
    f = foreign.function(library, lambda a, b, n: a * b**n)
    np.testing.assert_allclose(gg.grad(lambda b: gg.sum(f(X, b, 2)))(X), 2 * X * X)
    assert asked == [(1,)]


def test_numbers_and_words_are_as_they_are() -> None:
    seen: list[Any] = []
    f = foreign.function(ByHand(), lambda x, n, how: seen.append((n, how)) or x * n)
    for n in (2, 2.0, True):
        f(X, n, how="word")
    assert [type(n) for n, _ in seen] == [int, float, bool]
    assert {how for _, how in seen} == {"word"}


# A function of gpugrad there


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_derivatives_of_leaves(compiled: bool) -> None:
    """Those that other libraries ask for, against formulas."""

    def f(p: Any, n: Any) -> Any:
        return {"y": gg.sin(p["a"]) * p["b"] ** n, "i": gg.argmax(p["a"]), "n": "name"}

    _, structure = gg.tree.flatten((({"a": 0, "b": 0}, 2), {}))
    flat = inside.flat(gg.jit(f) if compiled else f, structure)
    a, b, g = X, X[::-1].copy(), np.array([1.0, 10.0, 100.0])
    for _ in range(3):                              # the last by a plan
        found = flat(a, b, 2)
        assert found.tree()["n"] == "name"
        assert found.tree()["i"] == 2
        np.testing.assert_allclose(found.tree()["y"], np.sin(a) * b**2, rtol=1e-14)
        slopes = flat.pulled((0, 1), 3)(a, b, 2, g).leaves
        np.testing.assert_allclose(slopes[0], g * np.cos(a) * b**2, rtol=1e-13)
        np.testing.assert_allclose(slopes[1], g * np.sin(a) * 2 * b, rtol=1e-13)
        (pushed,) = flat.pushed((0,), 3)(a, b, 2, g).leaves
        np.testing.assert_allclose(pushed, g * np.cos(a) * b**2, rtol=1e-13)
        (curved,) = flat.pulled((0,), 3).pushed((0,), 4)(a, b, 2, g, g).leaves
        np.testing.assert_allclose(curved, -g * g * np.sin(a) * b**2, rtol=1e-13)
        batch = flat.batched((0, None, None))(np.stack([a, 2 * a]), b, 2)
        np.testing.assert_allclose(batch.tree()["y"], np.sin([a, 2 * a]) * b**2, rtol=1e-13)
    if not compiled:
        found, pullback = flat.kept((0,), (a, b, 2))
        assert pullback is not None
        np.testing.assert_allclose(pullback([g])[0], g * np.cos(a) * b**2, rtol=1e-13)


def test_results_are_arrays_of_their_own() -> None:
    _, structure = gg.tree.flatten(((0,), {}))
    for f in (lambda x: x, lambda x: X, lambda x: gg.tensor(X)):
        assert not np.shares_memory(inside.flat(f, structure)(X).leaves[0], X)
    w = gg.tensor(X, requires_grad=True)
    with pytest.raises(TrackedConversion, match="argument"):
        inside.flat(lambda x: x * w, structure)(X)


def test_statics_of_a_compiled_function_stay_static() -> None:
    _, structure = gg.tree.flatten(((0, 0), {}))
    f = gg.jit(lambda x, n: x**n if n > 1 else x, static_argnums=1)
    flat = inside.flat(f, structure)
    for n in (1, 3):
        for _ in range(3):
            slope = flat.pulled((0,), 2)(X, n, np.ones(3)).leaves[0]
            np.testing.assert_allclose(slope, n * X ** (n - 1), rtol=1e-14)
