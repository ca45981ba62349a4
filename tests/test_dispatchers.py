"""einops, opt_einsum and autoray serve Tensors in programs that are written for NumPy's arrays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import autoray
import einops
import numpy as np
import opt_einsum
import pytest
from einops import array_api, asnumpy, pack, parse_shape, rearrange, reduce, repeat, unpack
from libraries import library
from on_engines import compiled

import gpugrad as gg
from gpugrad.errors import TrackedConversion
from gpugrad.testing import check_grads

X = np.random.default_rng(0).standard_normal((4, 6, 3))
A, B, C = (np.random.default_rng(1).standard_normal(shape) for shape in ((3, 4), (4, 5), (5, 3)))

Program = Callable[..., Any]

EINOPS: dict[str, Program] = {
    "transpose": lambda x: rearrange(x, "h w c -> c h w"),
    "split": lambda x: rearrange(x, "(a h) (b w) c -> a b h w c", a=2, b=3),
    "merge": lambda x: rearrange(x, "h w c -> (c w h)"),
    "new axes": lambda x: rearrange(x, "h w c -> h 1 w () c"),
    "the same axes": lambda x: rearrange(x, "h w c -> h w c"),
    "ellipsis": lambda x: rearrange(x, "... c -> c ..."),
    "ellipsis in a group": lambda x: rearrange(x, "h ... -> (...) h"),
    "list": lambda x: rearrange([x, 2 * x], "n a b c -> a n b c"),
    "list to rows": lambda x: rearrange([x, x[::-1]], "n a ... -> (n a) ..."),
    "min": lambda x: reduce(x, "h (w k) c -> h w", "min", k=2),
    "max": lambda x: reduce(x, "(h 2) (w 3) c -> h w c", "max"),
    "sum": lambda x: reduce(x, "h w c -> ", "sum"),
    "mean": lambda x: reduce(x, "h w c -> h () c", "mean"),
    "prod": lambda x: reduce(x, "h ... -> ...", "prod"),
    "mean of a list": lambda x: reduce([x, 3 * x], "n h w c -> h c", "mean"),
    "callable of gpugrad": lambda x: reduce(x, "h w c -> c", lambda y, axes: gg.sum(y**3, axes)),
    "callable of NumPy": lambda x: reduce(x, "h w c -> h c", np.std),
    "repeat": lambda x: repeat(x, "h w c -> (h a) (w b) c", a=2, b=3),
    "repeat along a new axis": lambda x: repeat(x, "h w c -> k h w c", k=3),
    "repeat along an anonymous axis": lambda x: repeat(x, "h w c -> h w (c 2)"),
    "repeat of a list": lambda x: repeat([x, x], "n h w c -> n h w c 2"),
    "einsum": lambda x: einops.einsum(x, x * x, "h w c, h w d -> c d"),
    "einsum of one": lambda x: einops.einsum(x, "height width channel -> height channel"),
    "einsum with ellipsis": lambda x: einops.einsum(x, x, "... c, ... c -> ..."),
    "pack": lambda x: pack([x, x[..., 0]], "h w *")[0],
    "unpack": lambda x: unpack(x * x, [[], [2]], "h w *")[1],
    "unpack the rest": lambda x: unpack(x * x, [[1], [-1]], "h w *")[1],
    "unpack numbers": lambda x: unpack(x[0, 0], [()] * 3, "*")[1],
    "of the standard: list": lambda x: array_api.rearrange([x, 2 * x], "n a b c -> a n b c"),
    "of the standard: mean": lambda x: array_api.reduce(x, "h (w 2) c -> w c", "mean"),
    "of the standard: pack": lambda x: array_api.pack([x, x[..., 0]], "h w *")[0],
    "parse_shape": lambda x: repeat(x, "h w c -> h w c k", k=parse_shape(x, "_ w _")["w"]),
}

OPT_EINSUM: dict[str, Program] = {
    "chain": lambda a, b, c: opt_einsum.contract("ij,jk,kl->il", a, b, c),
    "trace": lambda a, b, c: opt_einsum.contract("ij,jk,ki->", a, b, c),
    "a shared index": lambda a, b, c: opt_einsum.contract("ij,jk,kl,jk->jl", a, b, c, b),
    "implicit": lambda a, b, c: opt_einsum.contract("ij,jk,kl", a, b, c),
    "ellipsis": lambda a, b, c: opt_einsum.contract("...ij,jk,kl->...li", a[None], b, c),
    "outer": lambda a, b, c: opt_einsum.contract("ij,kl->ljki", a, c),
    "diagonal": lambda a, b, c: opt_einsum.contract("ii,ij->i", a[:, :3], a),
    "labels": lambda a, b, c: opt_einsum.contract(a, "xy", b, "yz", c, "zw", "wx"),
    "letters beyond NumPy's": lambda a, b, c: opt_einsum.contract("αβ,βγ,γδ->δα", a, b, c),
    "a path": lambda a, b, c: opt_einsum.contract("ij,jk,kl->il", a, b, c, optimize=[(0, 1)] * 2),
    "expression": lambda a, b, c: EXPRESSION(a, b, c),
    "intermediates shared": lambda a, b, c: _shared(a, b, c),
}

EXPRESSION = opt_einsum.contract_expression("ij,jk,kl->il", A.shape, B.shape, C.shape)
WITH_CONSTANT = opt_einsum.contract_expression("ij,jk,kl->il", A.shape, B, C.shape, constants=[1])


def _shared(a: Any, b: Any, c: Any) -> Any:
    with opt_einsum.shared_intermediates():
        once = opt_einsum.contract("ij,jk,kl->il", a, b, c)
        return once + opt_einsum.contract("ij,jk,kl->li", a, b, c)


AUTORAY: dict[str, Program] = {
    "array": lambda x: autoray.do("array", [[1.0, 2.0, 3.0, 4.0]], like=x) @ x,
    "complex": lambda x: autoray.do("abs", autoray.do("complex", x, 2 * x)),
    "cholesky": lambda x: autoray.do("linalg.cholesky", x @ x.T + autoray.do("eye", 4, like=x)),
    "dag": lambda x: autoray.dag(x),
    "einsum": lambda x: autoray.do("einsum", "ij,kj->ik", x, x),
    "expm": lambda x: autoray.do("scipy.linalg.expm", x @ x.T / 4),
    "identity": lambda x: autoray.do("identity", 4, like=x) + x @ x.T,
    "indices": lambda x: autoray.do("indices", (4, 5), like=x)[1] * x,
    "reshape": lambda x: autoray.do("transpose", autoray.do("reshape", x, (10, 2))),
    "solve_triangular": lambda x: autoray.do(
        "scipy.linalg.solve_triangular", x @ x.T + 9 * autoray.do("eye", 4, like=x), x, lower=True
    ),
    "svd": lambda x: _product_of_svd(x),
    "tensordot": lambda x: autoray.do("tensordot", x, x, 2),
}


def _product_of_svd(x: Any) -> Any:
    u, s, vh = autoray.do("linalg.svd", x)
    return (u * s**2) @ vh


Cases = dict[str, tuple[Program, tuple[np.ndarray, ...]]]

ON_ANY: Cases = {
    **{f"einops: {name}": (f, (X,)) for name, f in EINOPS.items()},
    **{f"opt_einsum: {name}": (f, (A, B, C)) for name, f in OPT_EINSUM.items()},
    **{f"autoray: {name}": (f, (B,)) for name, f in AUTORAY.items()},
}
"""Programs all of whose operands are arguments."""

WITH_ARRAYS: Cases = {
    "einops: list, array first": (lambda x: rearrange([X, x], "n a ... -> (n a) ..."), (X,)),
    "einops: list, Tensor first": (lambda x: rearrange([x, X], "n a ... -> (n a) ..."), (X,)),
    "einops: einsum": (lambda x: einops.einsum(X, x, "h w c, h w d -> c d"), (X,)),
    "einops: pack": (lambda x: pack([X, x[..., 0]], "h w *")[0], (X,)),
    "opt_einsum: array first": (lambda b: opt_einsum.contract("ij,jk,kl->il", A, b, C), (B,)),
    "opt_einsum: constant": (lambda a, c: WITH_CONSTANT(a, c), (A, C)),
    "autoray: array first": (lambda b: autoray.do("einsum", "ij,jk->ik", A, b), (B,)),
}
"""Programs of Tensors and arrays of NumPy."""

CASES = ON_ANY | WITH_ARRAYS
EACH = pytest.mark.parametrize(("f", "point"), CASES.values(), ids=list(CASES))


@EACH
def test_values_are_those_of_arrays(f: Program, point: tuple[np.ndarray, ...]) -> None:
    """And the dtypes, of double and single precision."""
    for dtype in (np.float64, np.float32):
        arrays = [x.astype(dtype) for x in point]
        wanted, found = f(*arrays), f(*map(gg.asarray, arrays))
        assert isinstance(found, gg.Tensor)
        assert (found.shape, found.dtype) == (np.shape(wanted), wanted.dtype)
        close(found.value, wanted, 1e-12 if wanted.dtype == np.float64 else 1e-3)


@EACH
def test_gradients_of_both_orders(f: Program, point: tuple[np.ndarray, ...]) -> None:
    check_grads(f, point)


@EACH
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_compiled_programs(
    engine: str, f: Program, point: tuple[np.ndarray, ...], runs: list[int]
) -> None:
    """They are traced once for all calls: what these libraries keep does not change them."""
    slopes = gradient(f)
    step = compiled(slopes, *point, engine=engine)
    traced = len(runs)
    for _ in range(3):
        close(step(*point), slopes(*point), 1e-9)
    assert len(runs) == traced


@EACH
def test_batches(f: Program, point: tuple[np.ndarray, ...]) -> None:
    """Each part of a batch has the gradient that it has alone, also under `gg.jit`."""
    slopes = gradient(f)
    moved = tuple(x / 2 + 0.25 for x in point)
    batch = [np.stack(pair) for pair in zip(point, moved, strict=True)]
    wanted = [slopes(*point), slopes(*moved)]
    for call in (gg.vmap(slopes), compiled(gg.vmap(slopes), *batch, engine="numpy")):
        found = call(*batch)
        for i in range(2):
            close([part[i] for part in found], wanted[i], 1e-9)


@pytest.mark.parametrize(("f", "point"), ON_ANY.values(), ids=list(ON_ANY))
def test_cupy_agrees_with_numpy(f: Program, point: tuple[np.ndarray, ...]) -> None:
    """Eager and compiled."""
    xp = library("cupy")
    arrays = [xp.asarray(x) for x in point]
    for call in (gradient(f), compiled(gradient(f), *arrays, engine="auto")):
        close([xp.numpy(g) for g in call(*arrays)], gradient(f)(*point), 1e-9)
    assert type(asnumpy(gg.asarray(xp.asarray(point[0])))) is np.ndarray


def gradient(f: Program) -> Program:
    """The cotangents of all arguments, for a cotangent that depends on the result."""

    def loss(*arrays: Any) -> Any:
        return gg.sum(gg.sin(f(*arrays)))

    def cotangents(*arrays: Any) -> Any:
        return gg.grad(loss, argnums=tuple(range(len(arrays))))(*arrays)

    return cotangents


def close(found: Any, wanted: Any, rtol: float) -> None:
    for a, b in zip(found, wanted, strict=True) if isinstance(wanted, tuple) else [(found, wanted)]:
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


# What einops itself refuses, and what would lose a gradient

WRONG: dict[str, Program] = {
    "too few axes": lambda x: rearrange(x, "h w -> w h"),
    "no divisor": lambda x: rearrange(x, "(h a) w c -> h a w c", a=3),
    "an unknown axis": lambda x: rearrange(x, "h w c -> h w d"),
    "an unknown reduction": lambda x: reduce(x, "h w c -> h", "median"),
    "a mean of integers": lambda x: reduce(x > 0, "h w c -> h", "mean"),
    "a wrong split": lambda x: unpack(x, [[2], [3]], "h w *"),
    "too few axes to pack": lambda x: pack([x, x[0, 0]], "h w *"),
    "no arrow": lambda x: einops.einsum(x, "h w c"),
    "an unknown type": lambda x: rearrange([1.0, x], "n h w c -> h w c n"),
}


@pytest.mark.parametrize("f", WRONG.values(), ids=list(WRONG))
def test_errors_are_those_of_arrays(f: Program) -> None:
    with pytest.raises((ValueError, RuntimeError)) as wanted:      # what those of einops are
        f(X)
    with pytest.raises(type(wanted.value)) as found:
        f(gg.asarray(X))
    assert str(found.value) == str(wanted.value)


def test_numbers_are_not_taken_of_a_tensor_that_needs_a_gradient() -> None:
    np.testing.assert_array_equal(asnumpy(gg.asarray(X)), X)
    assert type(asnumpy(gg.asarray(X))) is np.ndarray
    with pytest.raises(TrackedConversion, match=r"gg\.stop_gradient"):
        gg.grad(lambda x: gg.sum(x * asnumpy(x)))(X)


def test_booleans_and_views() -> None:
    """As of arrays, a rearrangement that is a view is written through."""
    x = gg.asarray(X.copy())
    assert reduce(x > -9, "h w c -> ", "all")
    assert not reduce(x > 9, "h w c -> ", "any")
    rearrange(x, "h w c -> c h w")[0, 0, 0] = 5.0
    assert x[0, 0, 0] == 5.0


def test_paths_of_opt_einsum_serve_einsum() -> None:
    formula, operands = "ij,jk,kl->il", (A, B, C)
    path, report = opt_einsum.contract_path(formula, *map(gg.asarray, operands))
    assert path == opt_einsum.contract_path(formula, *operands)[0]
    assert report.opt_cost > 0
    wanted = np.einsum(formula, *operands)
    for einsum in (gg.einsum, np.einsum):
        for order in (path, ["einsum_path", *path]):
            close(einsum(formula, *map(gg.asarray, operands), optimize=order).value, wanted, 1e-12)
    check_grads(lambda *x: gg.einsum(formula, *x, optimize=path), operands)
    check_grads(lambda *x: np.einsum(formula, *x, optimize=["einsum_path", *path]), operands)


# Who is imported when

REARRANGED = """
x = gg.asarray(np.arange(6.0).reshape(2, 3))
assert rearrange(x, "a b -> b a").shape == (3, 2)
assert isinstance(rearrange(x, "a b -> (b a)"), gg.Tensor)
"""
SVD = """
assert do("linalg.svd", gg.asarray(np.ones((2, 3))))[2].shape == (2, 3)
"""


@pytest.mark.parametrize(
    ("first", "second", "then"),
    [
        ("import gpugrad as gg", "from einops import rearrange", REARRANGED),
        ("from einops import rearrange", "import gpugrad as gg", REARRANGED),
        ("import gpugrad as gg", "from autoray import do", SVD),
        ("from autoray import do", "import gpugrad as gg", SVD),
    ],
)
def test_either_may_be_imported_first(first: str, second: str, then: str) -> None:
    said(f"{first}\nimport numpy as np\n{second}\n{then}")


def test_none_is_imported_by_gpugrad() -> None:
    program = "import gpugrad, sys\nprint({'einops', 'autoray', 'opt_einsum'} & {*sys.modules})"
    assert said(program) == "set()"


def test_a_module_keeps_its_loader() -> None:
    """What imports a module later, or shows its source, sees nothing of who was told."""
    program = """
import gpugrad, importlib.machinery, inspect
import einops._backends as backends
assert backends.__spec__.loader is backends.__loader__
assert isinstance(backends.__loader__, importlib.machinery.SourceFileLoader)
assert "class NumpyBackend" in inspect.getsource(backends)
importlib.reload(backends)
print(backends.GpugradBackend.framework_name)
"""
    assert said(program) == "gpugrad"


def test_an_import_that_fails_is_tried_again() -> None:
    program = """
import gpugrad as gg, numpy as np, sys
sys.modules["einops.parsing"] = None
try:
    import einops
except ImportError:
    del sys.modules["einops.parsing"]
    from einops import rearrange
    print(rearrange(gg.asarray(np.ones((2, 3))), "a b -> b a").shape)
"""
    assert said(program) == "(3, 2)"


def test_what_is_not_there_is_still_missing() -> None:
    program = """
import gpugrad, importlib.util, sys
sys.path.clear()
print(importlib.util.find_spec("autoray"))
"""
    assert said(program) == "None"


def said(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
