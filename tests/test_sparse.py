"""Products and systems with sparse matrices: of every format and dtype, under every transform."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.sparse

import gpugrad as gg
from gpugrad.errors import InvalidArgument, MixedBackends, TrackedConversion, UnsupportedOperand
from gpugrad.testing import check_grads

DENSE = np.array([[4.0, 1.0, 0.0], [1.0, 5.0, 2.0], [0.0, 2.0, 6.0]])
VECTOR = np.array([1.0, 2.0, 3.0])
COLUMNS = np.random.default_rng(0).standard_normal((3, 2))

FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "matmul": (gg.sparse.matmul, lambda matrix, x: matrix @ x),
    "solve": (gg.sparse.solve, lambda matrix, x: gg.linalg.solve(matrix, x)),
    "factorized": (lambda matrix, x: gg.sparse.factorized(matrix)(x), gg.linalg.solve),
}
EACH = pytest.mark.parametrize(("sparse", "dense"), FUNCTIONS.values(), ids=list(FUNCTIONS))


@EACH
@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csr_array])
@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"])
def test_every_format(form: str, kind: Any, sparse: Any, dense: Any) -> None:
    matrix = kind(DENSE).asformat(form)
    for x in (VECTOR, COLUMNS):
        np.testing.assert_allclose(sparse(matrix, x), dense(DENSE, x))
        check_grads(lambda x: sparse(matrix, x), (x,))


@EACH
@pytest.mark.parametrize("of_x", ["float32", "float64", "complex64", "complex128", "int64"])
@pytest.mark.parametrize("of_matrix", ["float32", "float64", "complex64", "complex128", "int64"])
def test_every_dtype(of_matrix: str, of_x: str, sparse: Any, dense: Any) -> None:
    full = (DENSE * (1 + 0.5j if of_matrix[0] == "c" else 1)).astype(of_matrix)
    x = (VECTOR * (1 + 1j if of_x[0] == "c" else 1)).astype(of_x)
    matrix = scipy.sparse.csc_matrix(full)
    found, wanted = sparse(matrix, x), dense(full, x)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    if "int64" not in (of_matrix, of_x):
        assert found.dtype == wanted.dtype
    if of_x != "int64":
        slopes = [
            gg.grad(lambda x, f=f, m=m: gg.sum(gg.abs(f(m, x)) ** 2))(x)
            for f, m in ((sparse, matrix), (dense, full))
        ]
        assert slopes[0].dtype == x.dtype
        np.testing.assert_allclose(*slopes, rtol=1e-4)


@EACH
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_under_transforms(engine: str, sparse: Any, dense: Any) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    matrix = scipy.sparse.csr_matrix(DENSE)

    def loss(f: Any, a: Any) -> Any:
        return lambda x: gg.sum(f(a, 2 * x) ** 3)

    mine, theirs = loss(sparse, matrix), loss(dense, DENSE)
    for _ in range(3):
        np.testing.assert_allclose(
            gg.jit(gg.grad(mine), engine=engine)(VECTOR), gg.grad(theirs)(VECTOR), atol=1e-12
        )
    np.testing.assert_allclose(gg.hessian(mine)(VECTOR), gg.hessian(theirs)(VECTOR), atol=1e-12)
    rows = np.random.default_rng(1).standard_normal((4, 3))
    slope = gg.vmap(gg.grad(mine))
    np.testing.assert_allclose(slope(rows), gg.vmap(gg.grad(theirs))(rows), atol=1e-12)
    np.testing.assert_allclose(gg.jit(slope, engine=engine)(rows), slope(rows), atol=1e-12)


def test_matrices_that_are_not_square() -> None:
    wide = np.random.default_rng(0).standard_normal((2, 3))
    matrix = scipy.sparse.csr_matrix(wide)
    check_grads(lambda x: gg.sparse.matmul(matrix, x), (VECTOR,))
    np.testing.assert_allclose(gg.jacobian(lambda x: gg.sparse.matmul(matrix, x))(VECTOR), wide)
    np.testing.assert_allclose(gg.sparse.matmul(matrix, [1.0, 2.0, 3.0]), wide @ VECTOR)


FORMS = ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (5, 2), (1, 1), (1, 3), (3, 1)], ids=str)
@pytest.mark.parametrize("form", FORMS)
def test_shapes_of_products(form: str, shape: tuple[int, int]) -> None:
    """Also of one row or column, and empty ones."""
    dense = np.arange(1.0, 1 + shape[0] * shape[1]).reshape(shape)
    matrix = scipy.sparse.coo_array(dense)
    if dense.size or form not in ("bsr", "dia"):    # which SciPy does not make of nothing
        matrix = matrix.asformat(form)
    for x in (np.ones(shape[1]), np.ones((shape[1], 2)), np.ones((shape[1], 0))):
        found = gg.sparse.matmul(matrix, x)
        assert found.shape == (dense @ x).shape
        np.testing.assert_allclose(found, dense @ x)
        slope = gg.grad(lambda x: gg.sum(gg.sparse.matmul(matrix, x) ** 2))(x)
        np.testing.assert_allclose(slope, 2 * dense.T @ (dense @ x))


# Entries of their own

ENTRIES = {"matmul": (gg.sparse.matmul, lambda m, x: m @ x),
           "solve": (gg.sparse.solve, gg.linalg.solve)}  # fmt: skip
WITH_ENTRIES = pytest.mark.parametrize(
    ("sparse", "dense"), ENTRIES.values(), ids=list(ENTRIES)
)


@WITH_ENTRIES
@pytest.mark.parametrize("form", FORMS)
def test_slopes_of_entries(form: str, sparse: Any, dense: Any) -> None:
    matrix = scipy.sparse.csr_array(DENSE).asformat(form)
    places = matrix.tocoo()
    data = places.data + 0.5

    def full(data: Any) -> Any:
        return gg.scatter_add(data, (places.row, places.col), shape=(3, 3))

    for x in (VECTOR, COLUMNS):
        for numbers in (data, data * (1 + 0.3j)):
            found = sparse(matrix, x, numbers)
            np.testing.assert_allclose(found, dense(np.asarray(full(numbers)), x))
        check_grads(lambda data, x: sparse(matrix, x, data), (data, x))
        check_grads(
            lambda data, x: gg.sum(gg.abs(sparse(matrix, x, data)) ** 2),
            (data * (1 + 0.3j), x * (1 - 0.2j)),
        )
        mine = gg.grad(lambda data, x: gg.sum(gg.abs(sparse(matrix, x, data)) ** 2), argnums=(0, 1))
        theirs = gg.grad(
            lambda data, x: gg.sum(gg.abs(dense(full(data), x)) ** 2), argnums=(0, 1)
        )
        for numbers in (data, data * (1 + 0.3j)):
            for one, other in zip(mine(numbers, x * 1j), theirs(numbers, x * 1j), strict=True):
                np.testing.assert_allclose(one, other, atol=1e-12)
                assert one.dtype == other.dtype


@WITH_ENTRIES
@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_entries_under_transforms(engine: str, sparse: Any, dense: Any) -> None:
    if engine == "native":
        pytest.importorskip("llvmlite")
    for form in ("csr", "dok"):
        matrix = scipy.sparse.csr_array(DENSE).asformat(form)
        data = matrix.tocoo().data.copy()
        slope = gg.grad(lambda data, m=matrix: gg.sum(sparse(m, VECTOR, data) ** 2))
        compiled = gg.jit(slope, engine=engine)
        for _ in range(3):
            np.testing.assert_allclose(compiled(data), slope(data))
        rows = np.stack([data, 2 * data])
        np.testing.assert_allclose(gg.vmap(slope)(rows)[1], slope(2 * data), rtol=1e-12)
    single = gg.grad(lambda data: gg.sum(sparse(matrix, VECTOR.astype("float32"), data)))
    assert single(data.astype("float32")).dtype == np.float32


def test_numbers_in_one_place_are_added_up() -> None:
    twice = scipy.sparse.coo_array(([1.0, 2.0, 3.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    slope = gg.grad(lambda data: gg.sum(gg.sparse.matmul(twice, VECTOR[:2], data) ** 2))
    np.testing.assert_array_equal(slope(twice.data), [24, 24, 6])
    with pytest.raises(InvalidArgument, match=r"data has shape \(2,\); expected \(3,\)"):
        gg.sparse.matmul(twice, VECTOR[:2], np.ones(2))


@pytest.mark.parametrize("form", FORMS)
def test_a_matrix_outside_is_known_again(form: str) -> None:
    """Of any format: one is a dictionary whose iterator gives rows, made anew."""
    matrix, traced = scipy.sparse.csr_array(DENSE).asformat(form), []

    @gg.jit
    def product(x: Any) -> Any:
        traced.append(x)
        return gg.sparse.matmul(matrix, x)

    for _ in range(5):
        product(VECTOR)
    assert len(traced) == 2


def test_a_matrix_that_changes_is_read_at_each_call() -> None:
    matrix = scipy.sparse.csr_matrix(DENSE)
    product = gg.jit(lambda x: gg.sparse.matmul(matrix, x))
    for _ in range(3):
        np.testing.assert_array_equal(product(VECTOR), DENSE @ VECTOR)
    matrix.data *= 2
    np.testing.assert_array_equal(product(VECTOR), 2 * DENSE @ VECTOR)


def test_matrices_of_the_library_sparse_are_told_the_way() -> None:
    """They have no format of SciPy's, but a method that makes one."""

    class GCXS:
        shape = (3, 3)

        def __array_namespace__(self, api_version: str | None = None) -> ModuleType:
            return ModuleType("sparse")

        def to_scipy_sparse(self) -> Any:
            return scipy.sparse.csr_matrix(DENSE)

    matrix: Any = GCXS()
    way = r"matrix\.to_scipy_sparse\(\)"
    with pytest.raises(UnsupportedOperand, match=f"is a GCXS; expected .* Write {way}"):
        gg.sparse.matmul(matrix, VECTOR)
    for f in (lambda t: t @ matrix, lambda t: t * matrix, lambda t: matrix * t):
        with pytest.raises(MixedBackends, match=rf"sparse .*gg\.sparse\.matmul\({way}, t"):
            f(gg.tensor(VECTOR, requires_grad=True))
    check_grads(lambda x: gg.sparse.matmul(matrix.to_scipy_sparse(), x), (VECTOR,))


def test_what_is_refused() -> None:
    matrix = scipy.sparse.csr_matrix(DENSE)
    wide = scipy.sparse.csr_matrix(np.ones((2, 3)))
    for f in (gg.sparse.matmul, gg.sparse.solve):
        with pytest.raises(UnsupportedOperand, match="the matrix is a ndarray"):
            f(DENSE, VECTOR)
        with pytest.raises(InvalidArgument, match=r"operand of shape \(4,\); expected \(3,\)"):
            f(matrix, np.ones(4))
    with pytest.raises(UnsupportedOperand, match="the matrix is a ndarray"):
        gg.sparse.factorized(DENSE)  # type: ignore[arg-type]
    for f in (lambda m: gg.sparse.solve(m, VECTOR), gg.sparse.factorized):
        with pytest.raises(InvalidArgument, match="expected a square one"):
            f(wide)
        with pytest.raises(RuntimeError, match="singular"):
            f(scipy.sparse.csc_matrix((3, 3)))
    for f in (lambda x: matrix @ x, matrix.dot):
        with pytest.raises(TrackedConversion, match=r"gg\.sparse\.matmul\(matrix, t\)"):
            gg.grad(lambda x, f=f: gg.sum(f(x)))(VECTOR)
