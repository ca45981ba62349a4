"""The modules of HIPS autograd under `gpugrad.autograd`, with its conventions."""

from __future__ import annotations

import importlib
import types
import warnings
from typing import Any

import numpy
import pytest
from scipy import linalg
from scipy import special as scipy_special

import gpugrad as gg
import gpugrad.autograd as ag
import gpugrad.autograd.numpy as np
import gpugrad.autograd.numpy.random as npr
import gpugrad.autograd.scipy.stats.norm as norm
from gpugrad.autograd.builtins import isinstance as is_instance
from gpugrad.autograd.extend import Box, defjvp, defvjp_argnum, defvjp_argnums, primitive, vspace
from gpugrad.autograd.misc.flatten import flatten
from gpugrad.autograd.misc.optimizers import adam
from gpugrad.autograd.numpy.linalg import inv
from gpugrad.autograd.numpy.numpy_vjps import unbroadcast_f
from gpugrad.autograd.scipy.linalg import solve_triangular
from gpugrad.autograd.scipy.special import gammaln
from gpugrad.autograd.tracer import getval, isbox
from gpugrad.autograd.util import subvals
from gpugrad.autograd.wrap_util import unary_to_nary
from gpugrad.errors import InvalidArgument, UnsupportedOperand

rng = numpy.random.default_rng(0)


def close(found: Any, wanted: Any) -> None:
    numpy.testing.assert_allclose(numpy.asarray(found), wanted, rtol=1e-12, atol=1e-12)


def test_modules_are_found_by_all_forms_of_import() -> None:
    assert importlib.import_module("gpugrad.autograd.scipy.signal") is ag.scipy.signal
    assert ag.misc.flatten is flatten               # the function hides its module, as there
    assert importlib.import_module("gpugrad.autograd.misc.flatten").flatten_func is ag.flatten_func
    assert ag.misc.optimizers.adam is adam is ag.adam
    assert npr.RandomState is numpy.random.RandomState
    close(ag.grad(norm.logpdf)(1.0), -1)
    close(ag.grad(gammaln)(1.0), -numpy.euler_gamma)
    close(inv(numpy.eye(2)), numpy.eye(2))
    assert ag.scipy.stats.rankdata([3, 1]).tolist() == [2, 1]       # SciPy's, without a gradient
    assert "stats" in dir(ag.scipy)
    assert "grad" in dir(ag.differential_operators)
    assert np.numpy_boxes.ArrayBox is Box
    for module in ("gpugrad.numpy", "gpugrad.autograd.numpy"):
        names: dict[str, Any] = {}
        exec(f"from {module} import *", names)
        close(names["sum"](names["array"]([1.0, 2.0])), 3)
        assert names["pi"] == numpy.pi
    assert np.__version__ == numpy.__version__


def test_names_that_are_missing() -> None:
    with pytest.raises(AttributeError, match=r"gpugrad\.autograd' has no attribute 'gradd'.*grad"):
        ag.gradd  # noqa: B018
    with pytest.raises(AttributeError, match=r"autograd\.misc\.optimizers.*'adams'.*adam\?"):
        ag.misc.optimizers.adams  # noqa: B018
    with pytest.raises(UnsupportedOperand, match=r"no VJPNode.*gg\.vjp"):
        ag.extend.VJPNode.new_root()
    with pytest.raises(UnsupportedOperand, match=r"const_graph.*gg\.jit"):
        ag.misc.const_graph(numpy.sin)
    for use in (
        lambda: types.new_class("Own", (Box,)), lambda: Box.register(int),
        lambda: types.new_class("Own", (ag.extend.VSpace,)), lambda: ag.extend.VSpace.register(int),
    ):  # fmt: skip
        with pytest.raises(UnsupportedOperand, match=r"gg\.tree\.register"):
            use()


def test_complex_gradients_are_conjugated_as_there() -> None:
    """In every function of the module; gradients of `gg` are not."""
    z = numpy.array([1 + 2j, -0.5 + 1j])

    def size(z: Any) -> Any:
        return np.sum(np.abs(z) ** 2)

    close(gg.grad(size)(z), 2 * z)
    close(ag.grad(size)(z), 2 * z.conj())
    close(ag.value_and_grad(size)(z)[1], 2 * z.conj())
    close(ag.grad_and_aux(lambda z: (size(z), 0.0))(z)[0], 2 * z.conj())
    close(ag.elementwise_grad(lambda z: np.abs(z) ** 2)(z), 2 * z.conj())
    close(ag.jacobian(lambda z: np.abs(z) ** 2)(z), numpy.diag(2 * z.conj()))
    close(ag.make_vjp(lambda z: z**2)(z)[0](numpy.array([1j, 1.0])), 2 * z * [1j, 1.0])
    close(ag.multigrad_dict(size)(z)["z"], 2 * z.conj())
    assert ag.holomorphic_grad(lambda z: z**2)(1 + 2j) == 2 + 4j


def test_rules_of_complex_primitives_have_no_conjugates() -> None:
    """The rule of a product is the product with the other factor, as it is written there."""
    a = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    product = primitive(lambda a, z: a @ z)
    ag.defvjp(product, None, lambda ans, a, z: lambda g: a.T @ g)
    z = rng.normal(size=3) + 1j * rng.normal(size=3)

    def f(multiply: Any) -> Any:
        return lambda z: np.sum(np.abs(multiply(a, z)) ** 2 * numpy.arange(3))

    close(ag.grad(f(product))(z), ag.grad(f(np.matmul))(z))
    close(gg.grad(f(product))(z), gg.grad(f(np.matmul))(z))
    close(gg.jit(gg.grad(f(product)))(z), gg.grad(f(np.matmul))(z))


def test_rules_for_several_arguments() -> None:
    weighted = primitive(lambda k, *xs: sum(k**i * x for i, x in enumerate(xs)))
    defvjp_argnum(weighted, lambda i, ans, args, kwargs: lambda g: g * args[0] ** (i - 1))
    both = primitive(lambda x, y, scale=1.0: scale * x * y)
    defvjp_argnums(
        both, lambda argnums, ans, args, kwargs: lambda g: tuple(
            g * kwargs["scale"] * args[1 - i] for i in argnums
        )
    )  # fmt: skip
    defjvp(both, None, None)
    x, y = rng.normal(size=3), rng.normal(size=3)
    close(ag.grad(lambda x, y: np.sum(weighted(3.0, x, y, x)))(x, y), numpy.full(3, 10))
    for argnum, wanted in ((0, 2 * y), (1, 2 * x)):
        close(ag.grad(lambda x, y: np.sum(both(x, y, scale=2.0)), argnum)(x, y), wanted)
    found = ag.grad(lambda x, y: np.sum(both(x, y, scale=2.0)), (0, 1))(x, y)
    close(found[1], 2 * x)
    assert len(ag.grad(lambda x: np.sum(both(x, y, scale=2.0)))(x)) == 3


def test_primitives_compile_whatever_they_are_given() -> None:
    """Arrays, settings and indices, that a program makes anew each time that it runs."""
    taken = primitive(lambda x, places, power, signs=(1,), matrix=None: x[places] ** power * signs)
    ag.defvjp(
        taken,
        lambda ans, x, places, power, signs, matrix: lambda g: matrix @ g * power * x
    )  # fmt: skip

    def f(x: Any) -> Any:
        return np.sum(taken(x, numpy.arange(3), 2, signs=[1, 1, 1], matrix=numpy.eye(3)))

    x = rng.normal(size=3)
    step = gg.jit(gg.grad(f))
    for _ in range(4):
        close(step(x), 2 * x)


def test_functions_that_are_no_primitives_keep_their_slopes() -> None:
    def plain(x: Any) -> Any:
        return x**2

    with pytest.warns(UserWarning, match="plain, which has no decorator"):
        ag.defvjp(plain, lambda ans, x: lambda g: 0 * g)
    close(ag.grad(plain)(3.0), 6)
    with pytest.raises(InvalidArgument, match="of a int"):
        defvjp_argnum(3, lambda *a: None)  # type: ignore[arg-type]  # what is refused


def test_further_derivatives() -> None:
    x, v = rng.normal(size=3), rng.normal(size=3)

    def f(x: Any, power: Any = 3.0) -> Any:
        return np.stack([np.sum(x**power), x[0] * x[1]])

    def total(x: Any, power: Any = 3.0) -> Any:
        return np.sum(x**power)

    jacobian = ag.jacobian(f)(x)
    close(ag.deriv(f)(x), jacobian.sum(axis=1))
    close(ag.grad_named(lambda a, b: a * b**2, "b")(2.0, 3.0), 12)
    close(ag.hessian_tensor_product(total)(x, v), 6 * x * v)
    close(ag.make_hvp(total)(x)[0](v), 6 * x * v)
    close(ag.make_hvp(total)(x)[1], 3 * x**2)
    close(ag.make_ggnvp(f)(x)(v), jacobian.T @ jacobian @ v)
    close(ag.differential_operators.make_jvp_reversemode(f)(x)(v), jacobian @ v)
    pull, value = ag.make_vjp(lambda a, b: a * b, (0, 1))(2.0, 3.0)
    close((value, *pull(1.0)), (6, 3, 2))
    close(ag.make_vjp(total)(x, power=2.0)[0](1.0), 2 * x)
    pull, value = ag.core.make_vjp(f, x)
    close(pull(v[:2]), v[:2] @ jacobian)
    close(ag.core.make_jvp(f, x)(v), (value, jacobian @ v))
    found = ag.multigrad_dict(lambda a, *rest, **more: a * rest[0] * more["c"])(2.0, 3.0, c=5.0)
    close((found["a"], found["rest"][0], found["more"]["c"]), (15, 10, 6))
    with pytest.raises(InvalidArgument, match="'c'; the arguments are a, b"):
        ag.grad_named(lambda a, b: a, "c")
    ag.test_util.check_grads(lambda a, b: a * b, (0, 1), modes=["rev"], order=1)(2.0, 3.0)
    ag.test_util.check_grads(lambda a, n: a**n, 0, ["fwd", "rev"], 2)(2.0, 3)
    with pytest.raises(AssertionError):
        ag.check_grads(lambda a, b: a * gg.stop_gradient(b), 1, ["rev"])(2.0, 3.0)


def test_own_transforms_are_told_which_argument() -> None:
    @unary_to_nary
    def slope(fun: Any, x: Any, scale: float) -> Any:
        return scale * ag.make_vjp(fun)(x)[0](1.0)

    close(slope(lambda a, b, c=1.0: a * b**2 * c, 1, 10.0)(2.0, 3.0, c=2.0), 240)
    assert subvals((1, 2, 3), [(0, 5), (2, 6)]) == (5, 2, 6)


def test_values_that_tensors_hold_have_their_types() -> None:
    seen = []

    def f(x: Any) -> Any:
        total = np.sum(x)
        seen.append((
            is_instance(x, numpy.ndarray), is_instance(total, float), is_instance(x, float),
            ag.type(x) is numpy.ndarray, isinstance(x, Box), isbox(x), isbox(getval(total)),
        ))  # fmt: skip
        return total * getval(total)

    close(ag.grad(f)(numpy.ones(2)), [2, 2])
    assert seen == [(True, True, False, True, True, True, True)]
    assert not isinstance(1.0, Box)
    assert is_instance(1.0, float)
    assert ag.type("a") is str
    assert ag.getval("a") == "a"


def test_triangular_systems_take_the_arguments_of_scipy() -> None:
    a, b = numpy.tril(rng.normal(size=(3, 3))) + 3 * numpy.eye(3), rng.normal(size=3)
    for args in ((), (1,), (0, True), ("T", True, True)):
        wanted = linalg.solve_triangular(a, b, *args)
        close(solve_triangular(a.tolist(), b, *args), wanted)
        ag.check_grads(lambda a, b, args=args: np.sum(solve_triangular(a, b, *args)), (0, 1))(a, b)


def test_rules_are_summed_to_the_shapes_of_their_arguments() -> None:
    times = primitive(numpy.multiply)
    ag.defvjp(
        times,
        lambda ans, x, y: unbroadcast_f(x, lambda g: g * y),
        lambda ans, x, y: unbroadcast_f(y, lambda g: g * x),
    )
    x, y = rng.normal(size=(3, 1)), rng.normal(size=4)
    for argnum in (0, 1):
        found = ag.grad(lambda x, y: np.sum(times(x, y) ** 2), argnum)(x, y)
        close(found, ag.grad(lambda x, y: np.sum((x * y) ** 2), argnum)(x, y))


def test_imports_warn_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        importlib.reload(importlib.import_module("gpugrad.numpy"))


def test_vector_spaces_of_arrays_and_trees() -> None:
    space = vspace(numpy.ones((2, 1)))
    assert (space.shape, space.size, space.ndim, space.iscomplex) == ((2, 1), 2, 2, False)
    assert [x.ravel().tolist() for x in space.standard_basis()] == [[1, 0], [0, 1]]
    close(space.add(space.zeros(), space.ones()), numpy.ones((2, 1)))
    assert vspace(1.0).size == 1
    z = vspace(numpy.ones(2, dtype=complex))
    assert (z.size, z.iscomplex, len(list(z.standard_basis()))) == (4, True, 4)
    close(z.ones(), sum(z.standard_basis()))
    a, b = z.randn(), z.randn()
    close(z.inner_prod(a, b), sum(z.inner_prod(a, e) * z.inner_prod(b, e)
                                  for e in z.standard_basis()))  # fmt: skip
    close(z.covector(a), a.conj())
    both = vspace({"a": numpy.ones(2), "b": (1.0, 1j)})
    assert both.size == 5
    close(both.inner_prod(both.ones(), both.scalar_mul(both.ones(), 2.0)), 10)
    assert both == vspace(both.randn())
    assert both != space
    assert "complex128[]" in repr(both)
    assert len({both, vspace(both.zeros())}) == 1


def test_gradients_that_are_made_with_vector_spaces() -> None:
    """As packages write their own transforms."""
    value, pull = gg.vjp(lambda x: np.stack([np.sum(x**2), x[0]]), numpy.array([1.0, 2.0]))
    rows = [pull(e)[0] for e in vspace(value).standard_basis()]
    close(rows, [[2, 4], [1, 0]])
    close(ag.grad(lambda x: vspace(x).size * np.sum(x))(numpy.ones(3)), [3, 3, 3])


@pytest.mark.parametrize("name", ["jn", "yn", "erfcinv", "multigammaln"])
def test_special_functions_that_only_hips_autograd_has(name: str) -> None:
    args: dict[str, tuple[Any, ...]] = {"erfcinv": (), "multigammaln": (2,)}
    x = numpy.array([0.3, 0.7, 1.4]) + (name == "multigammaln")

    def f(x: Any) -> Any:
        function = getattr(ag.scipy.special, name)
        return function(x, *args[name]) if name in args else function(1, x)

    plain = getattr(scipy_special, name)
    wanted = plain(x, *args[name]) if name in args else plain(1, x)
    close(f(x), wanted)
    ag.check_grads(f, order=1)(x)


def test_settings_of_primitives_are_told_apart() -> None:
    """Numbers that are equal, and lists that change, are other settings."""
    shifted = primitive(lambda x, by, more=(): x + np.copysign(1.0, by) + sum(more) + len(str(by)))
    ag.defvjp(shifted, lambda ans, x, by, more=(): lambda g: g * (len(str(by)) + sum(more)))
    more = [1.0]
    for by in (0.0, -0.0, 1, 1.0, True, 1):
        assert ag.grad(lambda x, by=by: shifted(x, by))(1.0) == len(str(by))
        assert float(ag.value_and_grad(lambda x, by=by: shifted(x, by))(1.0)[0]) == (
            1 + np.copysign(1.0, by) + len(str(by))
        )
        assert ag.grad(lambda x, by=by: shifted(x, by, more=more))(1.0) == len(str(by)) + sum(more)
        more[0] += 1
