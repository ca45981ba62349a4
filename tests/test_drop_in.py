"""Programs that are there run with `gpugrad.numpy` for `autograd.numpy` and `gpugrad.autograd`."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

import gpugrad as gg
import gpugrad.numpy as np
from gpugrad.autograd import (
    checkpoint,
    elementwise_grad,
    flatten,
    grad,
    grad_and_aux,
    hessian,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)
from gpugrad.errors import UnsupportedOperand


def tanh(x: Any) -> Any:
    return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))


def close(found: Any, wanted: Any) -> None:
    numpy.testing.assert_allclose(numpy.asarray(found), wanted, rtol=1e-12, atol=1e-12)


def test_the_first_programs_of_its_pages() -> None:
    close(grad(tanh)(1.0), 1 / numpy.cosh(1.0) ** 2)
    points = numpy.linspace(-2, 2, 5)
    slope = elementwise_grad(elementwise_grad(tanh))
    close(slope(points), -2 * numpy.tanh(points) / numpy.cosh(points) ** 2)
    inputs = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.3]])
    targets = np.array([True, True, False])

    def loss(weights: Any) -> Any:
        chance = 0.5 * (np.tanh(np.dot(inputs, weights) / 2.0) + 1)
        return -np.sum(np.log(chance * targets + (1 - chance) * (1 - targets)))

    weights = np.array([0.0, 0.0, 0.0])
    before = loss(weights)
    for _ in range(100):
        weights -= grad(loss)(weights) * 0.1
    assert loss(weights) < before / 4
    assert hessian(loss)(weights).shape == (3, 3)


def test_arrays_that_are_filled_and_nested() -> None:
    def filled(x: Any) -> Any:
        out = np.zeros((2, 2))
        out[0, 1] = x
        out[1] = np.array([x * x, 1.0])
        return np.sum(np.linalg.det(out) ** 2)

    close(grad(filled)(2.0), 192)
    close(gg.jit(gg.grad(filled))(2.0), 192)
    close(gg.vmap(gg.grad(filled))(numpy.full(2, 2.0)), [192, 192])

    def nested(x: Any) -> Any:
        return (
            np.sum(np.array([[x[0], 1.0], [2.0, x[1]]])) + np.sum(np.concatenate([x, [1.0]]))
            + np.sum(np.stack([x, x * 2]) ** 2) + np.max(np.hstack([x, [x[0]]]))
            + np.mean([x[0], x[1]]) + np.dot([x[0], x[1]], [1.0, 2.0]) + np.sum(np.vstack([x, x]))
        )  # fmt: skip

    close(grad(nested)(np.array([1.0, 2.0])), [15.5, 27.5])


def test_values_made_of_a_shape_are_tensors_and_others_what_they_are() -> None:
    made = np.zeros(3)
    assert isinstance(made, gg.Tensor)
    made[1] = 2.0
    made += 1
    assert [float(x) for x in made] == [1, 3, 1]
    assert (len(made), made.shape, int(made[1]), bool((made > 0).all())) == (3, (3,), 3, True)
    for plain in (np.array([1.0]), np.arange(3), np.linspace(0, 1, 3), np.zeros(2, dtype=int),
                  np.sin(numpy.ones(2))):  # fmt: skip
        assert type(plain) is numpy.ndarray
    assert isinstance(made, np.ndarray)
    assert isinstance(numpy.ones(1), np.ndarray)
    assert not isinstance(1.0, np.ndarray)
    assert (np.pi, np.float64, np.newaxis) == (numpy.pi, numpy.float64, None)


@pytest.mark.parametrize(
    "make", [np.zeros_like, np.ones_like, np.empty_like, lambda x: np.full_like(x, 2.0)]
)
def test_arrays_like_plain_ones_are_filled(make: Any) -> None:
    """With Tensors; those like integers are plain, and those like Tensors what they were."""
    grid = numpy.linspace(0.0, 1.0, 4)

    def f(x: Any) -> Any:
        out = make(grid)
        for i in range(4):
            out[i] = x * grid[i]
        return np.sum(out**2)

    close(grad(f)(2.0), 4 * numpy.sum(grid**2))
    close(gg.jit(gg.grad(f))(2.0), 4 * numpy.sum(grid**2))
    assert type(make(numpy.arange(3))) is numpy.ndarray
    assert isinstance(make(gg.asarray(grid)), gg.Tensor)


def test_matrices_and_copies_are_filled() -> None:
    """What NumPy's function gives for a part of an array that may not be written to stays it."""
    for make in (np.diag, np.diagflat, np.tri, np.copy):
        def f(x: Any, make: Any = make) -> Any:
            out = make(3) if make is np.tri else make(numpy.ones(3))
            out[0] = x
            return np.sum(out**2)

        close(grad(f)(2.0), 4 if make is np.copy else 12)
    assert type(np.diag(numpy.eye(3))) is numpy.ndarray
    assert type(np.copy(numpy.arange(3))) is numpy.ndarray


def test_empty_arrays_hold_the_same_each_time() -> None:
    """Where a program is traced, what it holds outside of its arguments may not change."""

    def f(x: Any) -> Any:
        out, rest = np.empty((64, 2)), np.empty_like(numpy.ones(500))
        out[::2] = x
        return np.sum(out[::2]) + 0 * np.sum(rest)

    step = gg.jit(gg.grad(f))
    for _ in range(3):
        kept = [numpy.random.default_rng(0).normal(size=(64, 2)) for _ in range(20)]
        close(step(1.0), 64)
        del kept


def test_values_are_put_into_arrays_of_one_value_and_joined() -> None:
    close(grad(lambda x: np.sum(np.full(3, x)) + np.sum(np.full_like(numpy.ones(2), x)))(1.0), 5)
    close(grad(lambda x: np.sum(np.r_[x, 2.0] * np.c_[x, x].sum()))(numpy.ones(2)), [12, 12])
    close(np.r_[1:3], [1, 2])
    with pytest.raises(UnsupportedOperand, match=r"np\.concatenate or np\.stack"):
        grad(lambda x: np.sum(np.r_["0,2", x, x]))(numpy.ones(2))


def test_rooms_of_numpy() -> None:
    close(grad(lambda x: np.linalg.norm([x, 2 * x]))(1.0), numpy.sqrt(5))
    close(grad(lambda x: np.real(np.fft.fft(x))[0])(numpy.ones(3)), numpy.ones(3))
    assert np.linalg.LinAlgError is numpy.linalg.LinAlgError
    np.testing.assert_array_equal(np.ones(2), [1, 1])
    assert np.random.RandomState(0).rand(2).shape == (2,)
    with pytest.raises(AttributeError, match="sinn"):
        np.sinn  # noqa: B018


X = numpy.array([2.0, 3.0])


def pair(x: Any) -> Any:
    return np.stack([x[0] * x[1], x[0] ** 2])


def cubes(x: Any) -> Any:
    return np.sum(x**3)


def test_products_with_derivatives() -> None:
    pull, value = make_vjp(pair)(X)
    close(pull(numpy.array([1.0, 0.0])), [3, 2])
    close(value, [6, 4])
    for product in (vector_jacobian_product, tensor_jacobian_product):
        close(product(pair)(X, numpy.array([0.0, 1.0])), [4, 0])
    value, tangent = make_jvp(pair)(X)(numpy.array([1.0, 0.0]))
    close(value, [6, 4])
    close(tangent, [3, 4])
    product, slope = make_hvp(cubes)(X)
    close(product(numpy.ones(2)), 6 * X)
    close(slope, 3 * X**2)
    close(hessian_vector_product(cubes)(X, numpy.ones(2)), 6 * X)
    close(jacobian(pair)(X), [[3, 2], [4, 0]])
    close(hessian(cubes)(X), numpy.diag(6 * X))
    close(grad(checkpoint(cubes))(X), 3 * X**2)


def test_which_argument_and_what_beside() -> None:
    def product(a: Any, b: Any = 3.0) -> Any:
        return a * b

    close(grad(product, 1)(2.0, 3.0), 2)
    close(grad(product, argnum=[0, 1])(2.0, 3.0), (3, 2))
    close(value_and_grad(product)(2.0), (6, 3))
    close(grad_and_aux(lambda x: (x**2, x))(3.0), (6, 3))
    found = multigrad_dict(product)(2.0)
    assert {name: float(x) for name, x in found.items()} == {"a": 3, "b": 2}
    assert holomorphic_grad(lambda z: z**2)(1 + 2j) == 2 + 4j
    close(elementwise_grad(lambda x, k=2: x**k)(X, k=3), 3 * X**2)


def test_parameters_as_a_vector() -> None:
    vector, unflatten = flatten({"a": numpy.ones((2, 2)), "b": [1.0, 2.0]})
    close(vector, [1, 1, 1, 1, 1, 2])
    back = unflatten(vector * 2)
    close(back["a"], numpy.full((2, 2), 2))
    close(back["b"], [2, 4])

    def loss(vector: Any) -> Any:
        parts = unflatten(vector)
        return np.sum(parts["a"]) * parts["b"][0]

    close(grad(loss)(vector), [1, 1, 1, 1, 4, 0])


def test_ufuncs_take_sequences_that_hold_tensors() -> None:
    def f(s: Any, t: Any) -> Any:
        return (
            np.sum(np.exp([s, t])) + np.add.reduce([s, 2.0, t]) + np.maximum([s, 0.0], (1.0, t))[1]
            + np.multiply.outer([s, t], [1.0, 2.0]).sum()
        )  # fmt: skip

    found = gg.grad(f, (0, 1))(0.5, 2.0)
    numpy.testing.assert_allclose(found, (numpy.exp(0.5) + 4, numpy.exp(2.0) + 5))
    assert np.exp(numpy.ones(2)).tolist() == numpy.exp(numpy.ones(2)).tolist()
    assert (np.add.nin, np.exp.__name__) == (2, "exp")
    assert np.full_like(gg.tensor([1.0]), 2.0, None, "K", True, (3,)).shape == (3,)
