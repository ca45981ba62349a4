"""`gg.einsum`: every form, against NumPy and finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.errors import InvalidArgument
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)


def R(*shape: int) -> Any:
    return rng.normal(size=shape)


A, B, V = R(3, 4), R(4, 5), R(4)

CASES: list[tuple[Any, ...]] = [
    ("ij,jk->ik", A, B),
    ("ij,jk", A, B),
    ("ji,jk->ki", A, R(3, 2)),
    ("ij->ji", A),
    ("ba", A),
    ("ij->", A),
    ("ij->j", A),
    ("ii->", R(3, 3)),
    ("ii", R(3, 3)),
    ("ii->i", R(3, 3)),
    ("iij->ij", R(3, 3, 2)),
    ("iii->i", R(3, 3, 3)),
    ("i,i->", V, V),
    ("i,i->i", R(2), R(1)),
    ("i,i", R(2), R(1)),
    ("i,j->ij", R(2), R(3)),
    ("nd,nn->d", R(3, 2), R(3, 3)),
    ("bij,bjk->bik", R(2, 3, 4), R(2, 4, 5)),
    ("bij,bjk->ikb", R(2, 3, 4), R(1, 4, 5)),
    ("...ij,...jk->...ik", R(2, 1, 3, 4), R(5, 4, 2)),
    ("...i,...i", R(2, 3), R(3)),
    ("i...->...", R(2, 3, 4)),
    ("...ii->...i", R(2, 3, 3)),
    ("ij,jk,kl->il", A, B, R(5, 2)),
    ("ij,kj,lj->ikl", A, R(2, 4), R(5, 4)),
    ("ab,bc,ca->", R(2, 3), R(3, 4), R(4, 2)),
    ("i,,j->ij", R(2), np.array(2.0), R(3)),
    ("ij , jk -> ik", A, B),
    ("bhqd,bhkd->bhqk", R(2, 3, 4, 5), R(2, 3, 6, 5)),
    ("i,i->", R(0), R(0)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
@pytest.mark.usefixtures("sweeps")
def test_values_and_gradients(case: tuple[Any, ...]) -> None:
    subscripts, *operands = case
    wanted = np.einsum(subscripts, *operands)
    found = gg.einsum(subscripts, *operands)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(np.einsum(subscripts, *map(gg.tensor, operands)).value, wanted)
    check_grads(lambda *x: gg.einsum(subscripts, *x), tuple(operands))


def test_the_same_operand_twice() -> None:
    g = gg.grad(lambda x: gg.einsum("ij,ij->", x, x))(A)
    np.testing.assert_allclose(g, 2 * A)


def test_lists_of_numbers_for_letters() -> None:
    wanted = np.einsum(A, [0, 1], B, [1, 2], [2, 0])
    np.testing.assert_allclose(gg.einsum(A, [0, 1], B, [1, 2], [2, 0]), wanted)
    np.testing.assert_allclose(gg.einsum(A, [..., 1], B, [1, 2]), np.einsum("...b,bc", A, B))


def test_one_product_for_each_pair() -> None:
    plan = gg.jit(lambda a, b: gg.einsum("bij,bjk->bik", a, b)).plan(R(2, 3, 4), R(2, 4, 5))
    assert [step.op for step in plan.steps] == ["matmul"]


@pytest.mark.parametrize(
    ("subscripts", "operands", "message"),
    [
        ("ij,jk->ik", (A,), "2 operands"),
        ("ij->ik", (A,), "at no operand"),
        ("ijk->i", (A,), "3 axes"),
        ("i->i", (A,), "1 axes"),
        ("ij->ii", (A,), "twice in the result"),
        ("i1->i", (A,), "letters"),
        ("ij,ik->jk", (A, B), "lengths 3 and 4"),
    ],
)
def test_what_is_wrong_is_said(subscripts: str, operands: Any, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        gg.einsum(subscripts, *operands)
