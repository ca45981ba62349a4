"""`gg.interop` and JAX: values and gradients over the bridges are those of either side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from bridge_table import ROWS, Row, is_moving, loss, moving, with_moving
from jax.test_util import check_grads

import gpugrad as gg
from gpugrad.errors import InvalidArgument, TrackedConversion, UnsupportedOperand
from gpugrad.interop import from_jax, jax_arrays, jax_function

EACH = pytest.mark.parametrize("row", ROWS, ids=str)


@pytest.fixture(autouse=True)
def _with_64_bits() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def same(found: Any, wanted: Any) -> None:
    found, wanted = gg.tree.leaves(found), gg.tree.leaves(wanted)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        if hasattr(b, "shape"):
            assert a.dtype == b.dtype
            assert a.shape == b.shape
            np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-10, atol=1e-12)
        else:
            assert a == b


def as_jax(args: Any) -> Any:
    return gg.tree.map(lambda x: jnp.asarray(x) if isinstance(x, np.ndarray) else x, args)


def of_leaves(f: Callable[..., Any], args: tuple[Any, ...]) -> Callable[..., Any]:
    """The results of `f` that move, as a function of the leaves that do."""

    def of(*leaves: Any) -> Any:
        found = gg.tree.leaves(f(*with_moving(args, leaves)))
        return [y for y in found if getattr(y, "dtype", np.dtype(int)).kind in "fc"]

    return of


@EACH
def test_a_function_of_gpugrad_in_jax(row: Row) -> None:
    bridged, native = jax_function(row.ours), row.jax(jax, jnp)
    same(bridged(*as_jax(row.args)), native(*as_jax(row.args)))
    leaves = as_jax(moving(row.args))
    args = gg.tree.map(
        lambda x: jnp.asarray(x) if isinstance(x, np.ndarray) and not is_moving(x) else x, row.args
    )
    places = tuple(range(len(leaves)))

    def total(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *leaves: loss(of_leaves(f, args)(*leaves), jnp.real)

    def derivatives(f: Callable[..., Any]) -> Callable[..., Any]:
        def first(*leaves: Any) -> Any:
            return jax.value_and_grad(total(f), places)(*leaves)

        def both(*leaves: Any) -> Any:
            def curved(*leaves: Any) -> Any:
                return loss(list(first(*leaves)[1]), jnp.real)

            return first(*leaves), jax.grad(curved, places)(*leaves)

        return both if row.smooth else first

    found, wanted = jax.jit(derivatives(bridged)), jax.jit(derivatives(native))(*leaves)
    for _ in range(3):                              # of a function under gg.jit, the last by a plan
        same(found(*leaves), wanted)
    same(jax.grad(total(bridged), places)(*leaves), (wanted[0] if row.smooth else wanted)[1])
    if row.smooth and all(x.size for x in leaves):
        check_grads(jax.jit(of_leaves(bridged, args)), leaves, order=1)


@EACH
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_a_function_of_jax_in_gpugrad(row: Row, compiled: bool) -> None:
    jit = all(isinstance(y, np.ndarray) for y in gg.tree.leaves(row.ours(*row.args)))
    bridged, native = from_jax(row.jax(jax, jnp), jit=jit), row.ours
    same(bridged(*row.args), native(*row.args))
    leaves = moving(row.args)
    places = tuple(range(len(leaves)))

    def slopes(f: Callable[..., Any]) -> Any:
        def total(*leaves: Any) -> Any:
            return loss(of_leaves(f, row.args)(*leaves), gg.real)

        both = gg.value_and_grad(total, places)
        both = gg.jit(both) if compiled else both
        for _ in range(3 if compiled else 1):       # the last by a plan
            found = both(*leaves)
        return found

    same(slopes(bridged), slopes(native))
    if row.smooth and not compiled:
        gg.testing.check_grads(of_leaves(bridged, row.args), leaves, order=2)


def test_a_wrong_bridge_is_noticed() -> None:
    wrong = gg.custom_vjp(lambda x: x**2)
    wrong.defvjp(lambda x: (x**2, x), lambda x, g: (g * x,))
    with pytest.raises(AssertionError):
        check_grads(jax_function(wrong), (jnp.array([1.0, 2.0]),), order=1)


def ours(x: Any, w: Any) -> Any:
    return gg.tanh(x @ w) ** 2


def native(x: Any, w: Any) -> Any:
    return jnp.tanh(x @ w) ** 2


X, W = np.random.default_rng(0).normal(size=(3, 4)), np.random.default_rng(1).normal(size=(4, 2))


def total(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, w: jnp.sum(f(x, w) ** 2)


def linear(f: Callable[..., Any]) -> Callable[..., Any]:
    """The derivative of `f` at `x`, for a batch of tangents."""
    return lambda x, w: jax.vmap(jax.linearize(lambda x: f(x, w), x)[1])


TRANSFORMS: dict[str, Callable[..., Any]] = {
    "jit": jax.jit,
    "grad": lambda f: jax.grad(total(f), (0, 1)),
    "hessian": lambda f: jax.hessian(total(f)),
    "jit of hessian": lambda f: jax.jit(jax.hessian(total(f), (0, 1))),
    "jacfwd": jax.jacfwd,
    "jacrev": jax.jacrev,
    "jacrev of jacfwd": lambda f: jax.jacrev(jax.jacfwd(f)),
    "jacrev of jacrev of jit": lambda f: jax.jacrev(jax.jacrev(total(jax.jit(f)))),
    "vmap": lambda f: jax.vmap(f, (0, None)),
    "vmap along 1": lambda f: jax.vmap(f, (None, 1), 1),
    "vmap of grad": lambda f: jax.vmap(jax.grad(total(f)), (0, None)),
    "jit of vmap of hessian": lambda f: jax.jit(jax.vmap(jax.hessian(total(f)), (0, None))),
    "grad of vmap": lambda f: jax.grad(
        lambda x, w: jnp.sum(jax.vmap(lambda x: total(f)(x, w))(x) ** 2), (0, 1)
    ),
    "grad of vmap of grad of jit": lambda f: jax.grad(
        lambda x, w: jax.vmap(lambda x: jax.grad(total(jax.jit(f)))(x, w).sum())(x).sum(), (0, 1)
    ),
    "checkpoint": lambda f: jax.grad(total(jax.checkpoint(f)), (0, 1)),
    "scan": lambda f: jax.grad(
        lambda x, w: jax.lax.scan(
            lambda c, _: (jnp.tanh(f(c, w) @ w.T), None), x, None, length=3
        )[0].sum(), (0, 1),
    ),
    "jvp": lambda f: lambda x, w: jax.jvp(f, (x, w), (2 * x, w)),
    "linearize": lambda f: lambda x, w: linear(f)(x, w)(jnp.stack([x, 2 * x])),
    "grad of linearize": lambda f: lambda x, w: jax.grad(
        lambda t: jnp.sum(linear(f)(x, w)(t) ** 2)
    )(jnp.stack([x, 2 * x])),
    "linear_transpose": lambda f: lambda x, w: jax.linear_transpose(
        linear(f)(x, w), jnp.stack([x, x])
    )(jnp.arange(12.0).reshape(2, 3, 2)),
}  # fmt: skip


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=list(TRANSFORMS))
@pytest.mark.parametrize("f", [ours, gg.jit(ours)], ids=["eager", "jit"])
def test_the_transforms_of_jax_go_through(
    transform: Callable[..., Any], f: Callable[..., Any]
) -> None:
    found, wanted = transform(jax_function(f)), transform(native)
    for _ in range(2):
        same(found(jnp.asarray(X), jnp.asarray(W)), wanted(jnp.asarray(X), jnp.asarray(W)))


def summed(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, w: gg.sum(f(x, w) ** 2)


OF_OURS: dict[str, Callable[..., Any]] = {
    "hessian": lambda f: gg.hessian(summed(f)),
    "jacobian": lambda f: gg.jacobian(f, (0, 1)),
    "forward": lambda f: gg.jacobian(f, mode="forward"),
    "jit of hessian": lambda f: gg.jit(gg.hessian(summed(f))),
    "vmap": lambda f: gg.vmap(f, (0, None)),
    "jit of vmap of grad": lambda f: gg.jit(gg.vmap(gg.grad(summed(f)), (0, None))),
    "scan": lambda f: gg.jit(gg.grad(
        lambda x, w: gg.sum(gg.scan(lambda c, _: (f(c, w) @ w.T, None), x, None, length=3)[0]),
        (0, 1),
    )),
    "checkpoint": lambda f: gg.grad(summed(gg.checkpoint(f)), (0, 1)),
}  # fmt: skip


@pytest.mark.parametrize("transform", OF_OURS.values(), ids=list(OF_OURS))
@pytest.mark.parametrize("jit", [False, True])
def test_the_transforms_of_gpugrad_go_through(transform: Callable[..., Any], jit: bool) -> None:
    found, wanted = transform(from_jax(native, jit=jit)), transform(ours)
    for _ in range(3):
        same(found(X, W), wanted(X, W))


def test_there_and_back() -> None:
    f = from_jax(jax_function(ours))
    same(gg.jit(gg.grad(summed(f), (0, 1)))(X, W), gg.grad(summed(ours), (0, 1))(X, W))
    check_grads(jax_function(from_jax(native)), (X, W), order=2)


def test_functions_of_values_are_not_compiled() -> None:
    def choose(x: Any) -> Any:
        return jnp.sin(x) if x[0] > 0 else jnp.cos(x)

    with pytest.raises(jax.errors.TracerBoolConversionError):
        from_jax(choose)(np.ones(2))
    found = gg.grad(lambda x: gg.sum(from_jax(choose, jit=False)(x)))(np.ones(2))
    np.testing.assert_allclose(found, np.cos(np.ones(2)))


# Arrays of all kinds


def aligned_ones(n: int) -> np.ndarray:
    """An array in whose place JAX computes."""
    room = np.ones(n + 8)
    start = -room.ctypes.data % jax_arrays.ALIGNED // 8
    return room[start : start + n]


def test_operands_share_memory() -> None:
    seen: list[Any] = []
    x = jnp.arange(8.0)
    jax_function(lambda x: seen.append(x) or x + 1)(x)
    assert seen[0].ctypes.data == np.asarray(x).ctypes.data
    assert not seen[0].flags.writeable
    large = aligned_ones(jax_arrays.LARGE // 8)
    from_jax(lambda x: seen.append(x) or x + 1, jit=False)(large)
    assert np.asarray(seen[1]).ctypes.data == large.ctypes.data


def test_what_is_returned_belongs_to_the_caller() -> None:
    for n in (2, jax_arrays.LARGE // 8):
        constant, x = aligned_ones(n), jnp.ones(n)
        functions = [lambda x, constant=constant: constant, lambda x: x]
        functions += [gg.jit(f) for f in functions]
        found = [jax_function(f)(x) for f in functions for _ in range(4)]
        constant[...] = 5
        assert all(jnp.all(y == 1) for y in found)
        w = aligned_ones(n)
        for jit in (False, True):
            found = from_jax(lambda x: x, jit=jit)(w)
            found[...] = 5
            assert np.all(w == 1)
        held = jnp.ones(n)
        from_jax(lambda x, held=held: held)(w)[...] = 5
        assert jnp.all(held == 1)


@pytest.mark.parametrize("dtype", [
    "bool", "uint8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64",
    "complex128",
])  # fmt: skip
def test_dtypes_go_over(dtype: str) -> None:
    x = np.array([[0, 1], [2, 3]]).astype(dtype)
    y = jax_function(lambda x: x[::-1])(jnp.asarray(x))
    assert y.dtype == dtype
    assert np.array_equal(y, x[::-1])
    z = from_jax(lambda x: x[::-1])(x)
    assert z.dtype == dtype
    assert np.array_equal(z, x[::-1])
    if x.dtype.kind in "fc":
        slope = jax.grad(lambda x: jax_function(lambda x: gg.sum(gg.real(x * 2)))(x))(x)
        assert slope.dtype == dtype
        assert np.all(slope == 2)
        slope = gg.grad(lambda x: from_jax(lambda x: jnp.sum(jnp.real(x * 2)))(x))(x)
        assert slope.dtype == dtype
        assert np.all(slope == 2)


def test_what_numpy_does_not_have_is_refused() -> None:
    with pytest.raises(UnsupportedOperand, match=r"x\.astype"):
        jax_function(lambda x: x)(jnp.ones(2, "bfloat16"))
    with pytest.raises(UnsupportedOperand, match="key_data"):
        jax_function(lambda x: x)(jax.random.key(0))
    with pytest.raises(UnsupportedOperand, match="bfloat16"):
        from_jax(lambda x: x.astype("bfloat16"))(np.ones(2))


@pytest.mark.parametrize("layout", {
    "reversed": lambda x: x[::-1],
    "transposed": lambda x: x.T,
    "every other": lambda x: x[::2, ::-2],
    "read-only": lambda x: np.broadcast_to(x[0], x.shape),
    "one element": lambda x: x[0, 0, ...],
    "a number of NumPy": lambda x: x[0, 0],
    "empty": lambda x: x[:0, ::-1],
    "other byte order": lambda x: x.astype(">f8"),
}.items(), ids=lambda pair: pair[0])  # fmt: skip
@pytest.mark.parametrize("rows", [3, jax_arrays.LARGE // 16])
def test_layouts_go_over(layout: tuple[str, Callable[..., Any]], rows: int) -> None:
    x = layout[1](np.arange(4.0 * rows).reshape(rows, 4) + 1)
    y = from_jax(lambda x: x * 2)(x)
    assert y.shape == np.shape(x)
    assert np.array_equal(y, x * 2)
    z = jax_function(lambda _: x)(jnp.ones(1))
    assert np.array_equal(z, x)


def test_without_64_bits_no_digits_are_lost_unsaid() -> None:
    jax.config.update("jax_enable_x64", False)
    with pytest.raises(InvalidArgument, match="jax_enable_x64"):
        from_jax(jnp.sin)(np.ones(2))
    assert from_jax(lambda x, i: x[i])(np.ones(2, "float32"), np.array([1])).dtype == np.float32
    f = jax_function(lambda x: (x * np.ones(2), gg.argmax(x)))
    for y, i in (f(jnp.ones(2)), jax.jit(f)(jnp.ones(2))):
        assert y.dtype == np.float32                # as everywhere in JAX
        assert i.dtype == np.int32


# Shapes


def test_shapes_are_found_by_made_up_numbers() -> None:
    for f in (gg.linalg.inv, gg.linalg.cholesky, gg.log, gg.linalg.slogdet, gg.linalg.eigh):
        jax.eval_shape(jax_function(f), jnp.ones((3, 3)))


def test_shapes_can_be_said() -> None:
    calls: list[Any] = []

    def f(x: Any) -> Any:
        calls.append(x)
        if not np.all(np.asarray(gg.stop_gradient(x)) > 5):
            raise ValueError("too small")
        return {"y": x**2}

    x = jnp.array([6.0, 7.0])
    with pytest.raises(InvalidArgument, match=r"ValueError: too small.*result=\.\.\."):
        jax.jit(jax_function(f))(x)
    for result in (
        {"y": jax.ShapeDtypeStruct((2,), "float64")}, lambda x: {"y": x},
    ):  # fmt: skip
        calls.clear()
        g = jax.jit(jax_function(f, result=result))
        assert not calls
        assert np.array_equal(g(x)["y"], [36, 49])
        assert len(calls) == 1
    wrong = jax.jit(jax_function(f, result={"y": jax.ShapeDtypeStruct((3,), "float64")}))
    with pytest.raises(Exception, match="shapes"):
        wrong(x)["y"].block_until_ready()


def test_trees_of_both_libraries() -> None:
    @jax.tree_util.register_pytree_node_class
    class Pair:
        def __init__(self, a: Any, b: Any) -> None:
            self.a, self.b = a, b

        def tree_flatten(self) -> Any:
            return (self.a, self.b), None

        @classmethod
        def tree_unflatten(cls, _: Any, parts: Any) -> Any:
            return cls(*parts)

    model = gg.nn.MLP([2, 3], rng=0, dtype="float64")

    def f(pair: Any, model: Any) -> Any:
        return [model(pair.a), pair.b]

    y, b = jax_function(f)(Pair(jnp.ones(2), 3), model)
    assert np.allclose(y, model(np.ones(2)))
    assert b == 3

    def loss(leaves: Any) -> Any:                   # a model of tracers
        return jax_function(f)(
            Pair(jnp.ones(2), 3), gg.tree.unflatten(gg.tree.flatten(model)[1], leaves)
        )[0].sum()

    slopes = jax.grad(loss)(gg.tree.leaves(model))
    same(slopes, gg.tree.leaves(gg.grad(lambda m: gg.sum(m(np.ones(2))))(model)))
    pair = from_jax(lambda pair: Pair(pair.b, pair.a))(Pair(np.ones(2), np.zeros(1)))
    assert pair.a.shape == (1,)


def test_a_graph_of_gpugrad_is_not_lost_silently() -> None:
    w = gg.tensor(np.ones(2), requires_grad=True)
    with pytest.raises(TrackedConversion, match="argument"):
        jax_function(lambda x: x * w)(jnp.ones(2))


def test_large_arrays_under_jit() -> None:
    x = jnp.ones((700, 700))
    f = jax.jit(jax.value_and_grad(lambda x: jax_function(lambda x: gg.sin(x) @ x)(x).sum()))
    value, slope = f(x)
    wanted, slopes = jax.value_and_grad(lambda x: (jnp.sin(x) @ x).sum())(x)
    np.testing.assert_allclose(value, wanted, rtol=1e-12)
    np.testing.assert_allclose(slope, slopes, rtol=1e-12)


@pytest.mark.parametrize("name", ["jax_function", "from_jax"])
def test_wanted_are_functions(name: str) -> None:
    with pytest.raises(UnsupportedOperand, match=f"{name} was given a ndarray; expected"):
        getattr(gg.interop, name)(X)


@pytest.mark.parametrize("compiled", [lambda f: f, jax.jit])
def test_what_is_not_known_to_be_linear_has_no_transpose(compiled: Callable[..., Any]) -> None:
    f, x = compiled(jax_function(lambda x: 3 * x)), jnp.ones(3)
    with pytest.raises(InvalidArgument, match=r"does not know that it is linear.*jax\.vjp"):
        jax.linear_transpose(f, x)(x)
    same(jax.vjp(f, x)[1](x), (3 * x,))
    push = jax.linearize(f, x)[1]                   # is linear
    same(jax.linear_transpose(push, x)(x), (3 * x,))
