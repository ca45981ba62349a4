"""`gg.einsum`: every form, against NumPy and finite differences."""

from __future__ import annotations

from itertools import pairwise
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
    ("ijk,ia,jb,kc->abc", R(3, 4, 2), R(3, 2), R(4, 3), R(2, 2)),
    ("ijk,ia,jb,kc->cab", R(3, 4, 2), R(3, 2), R(4, 3), R(2, 2)),
    ("ijk,jb->ibk", R(2, 3, 4), R(3, 5)),
    ("ijkl,jkb->ibl", R(2, 3, 4, 2), R(3, 4, 5)),
    ("ijkl,kjb->ibl", R(2, 3, 4, 2), R(4, 3, 5)),
    ("ijk,ib->bjk", R(3, 2, 4), R(1, 5)),
    ("ijk,j->ik", R(2, 3, 4), R(3)),
    ("ab,cd,bc->ad", R(2, 3), R(4, 2), R(3, 4)),
    ("a,b,c,d,ad,bc->", R(2), R(3), R(2), R(3), R(2, 3), R(3, 2)),
    ("ab,bc,cd,de,ef,fg,gh->ah", *(R(2, 2) for _ in range(7))),
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


@pytest.mark.parametrize("subscripts", ["ij->ij", "ij->ji", "ii->i", "ijj->ij", "...ii->...i"])
def test_what_sums_nothing_is_a_view_that_is_written_to(subscripts: str) -> None:
    """As in NumPy: of the array itself, of a transpose of it, and of a tracked one."""
    shape = (3,) * len(subscripts.partition("->")[0].replace("...", "b"))

    def f(x: Any, a: Any) -> Any:
        np.einsum(subscripts, a)[..., 1] *= x
        np.einsum(subscripts, a)[0] = 2 * x
        return np.sum(a**3)

    a = R(*shape)
    check_grads(lambda x, a: f(x, a + 0.0), (1.5, a))
    found = gg.jit(gg.value_and_grad(lambda x, a: f(x, a + 0.0)))(1.5, a)
    np.testing.assert_allclose(found[0], f(1.5, a.copy()))
    for order in (range(len(shape)), range(len(shape))[::-1]):
        t, plain = gg.tensor(a.copy()), a.copy()
        assert float(f(1.5, t.transpose(order))) == pytest.approx(f(1.5, plain.transpose(order)))
        np.testing.assert_array_equal(t.value, plain)


def test_writes_that_would_be_lost_are_refused() -> None:
    """Where the elements of a diagonal have no even steps in the memory of the Tensor."""
    t = gg.zeros((3, 2, 3))
    with pytest.raises(InvalidArgument, match="a write into the result of diagonal"):
        np.einsum("iji->ij", t)[...] = 1.0
    np.testing.assert_array_equal(t.value, 0)


def test_lists_of_numbers_for_letters() -> None:
    wanted = np.einsum(A, [0, 1], B, [1, 2], [2, 0])
    np.testing.assert_allclose(gg.einsum(A, [0, 1], B, [1, 2], [2, 0]), wanted)
    np.testing.assert_allclose(gg.einsum(A, [..., 1], B, [1, 2]), np.einsum("...b,bc", A, B))


def test_one_product_for_each_pair() -> None:
    plan = gg.jit(lambda a, b: gg.einsum("bij,bjk->bik", a, b)).plan(R(2, 3, 4), R(2, 4, 5))
    assert [step.op for step in plan.steps] == ["matmul"]


CORE = "ijk,ia,jb,kc->abc"
FACTORS = (R(3, 4, 5), R(3, 2), R(4, 3), R(5, 2))

ORDERS: list[Any] = [
    True,
    False,
    None,
    np.False_,
    "greedy",
    "optimal",
    ("greedy", 10**6),
    ("optimal", 1),
    ["einsum_path", (0, 1), (0, 2), (0, 1)],
    [(0, 1, 2, 3)],
    [(2, 3), (1, 2), (0, 1)],
    ((3,), (0, 1), (0, 1, 2)),
    np.einsum_path(CORE, *FACTORS, optimize="optimal")[0],
    np.einsum_path(CORE, *FACTORS, optimize=False)[0],
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_any_order_gives_the_same(order: Any) -> None:
    wanted = np.einsum(CORE, *FACTORS)
    np.testing.assert_allclose(gg.einsum(CORE, *FACTORS, optimize=order), wanted, rtol=1e-12)
    tensors = [gg.tensor(x, requires_grad=True) for x in FACTORS]
    found = np.einsum(CORE, *tensors, optimize=order)
    np.testing.assert_allclose(found.value, wanted, rtol=1e-12)
    check_grads(lambda *x: gg.einsum(CORE, *x, optimize=order), FACTORS)


@pytest.mark.parametrize("order", ["best", 3, [], ("greedy", "x"), [(0, 1)], [(0, 9)], [(0, 0)]])
def test_what_is_no_order_is_refused(order: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"optimize is|path"):
        gg.einsum(CORE, *FACTORS, optimize=order)


def multiplications(f: Any, *operands: Any) -> int:
    """Those of all products of the plan of `f`."""
    plan = gg.jit(f).plan(*operands)
    products = [step for step in plan.steps if step.op == "matmul"]
    shapes = [[plan.slots[slot].shape for slot in step.inputs] for step in products]
    return sum(np.prod(a[-2:]) * b[-1] * (a[0] if len(a) == 3 else 1) for a, b in shapes)


SIDES = (30, 2, 40, 3, 20, 1)
MATRICES = [R(a, b) for a, b in pairwise(SIDES)]


def fewest(sides: tuple[int, ...]) -> int:
    """Of the product of a chain, by trying all orders."""
    n = len(sides) - 1
    return min(
        (fewest(sides[: k + 1]) + fewest(sides[k:]) + sides[0] * sides[k] * sides[-1]
         for k in range(1, n)), default=0,
    )  # fmt: skip


def test_the_cheapest_order_is_found() -> None:
    chain = "ab,bc,cd,de,ef->af"
    least = fewest(SIDES)
    assert multiplications(lambda *x: gg.einsum(chain, *x), *MATRICES) == least
    assert multiplications(lambda *x: gg.linalg.multi_dot(x), *MATRICES) == least
    given = multiplications(lambda *x: gg.einsum(chain, *x, optimize=False), *MATRICES)
    assert given == sum(30 * a * b for a, b in pairwise(SIDES[1:])) > least
    order = gg.jit(lambda *x: gg.einsum(CORE, *x)).plan(*FACTORS)
    assert [step.op for step in order.steps].count("matmul") == 3


def test_the_largest_operand_stays_where_it_is() -> None:
    """Without copies: no view has its axes moved but the small matrices."""
    operands = (R(6, 6, 6), R(6, 3), R(6, 3), R(6, 3))
    plan = gg.jit(lambda *x: gg.einsum(CORE, *x)).plan(*operands)
    moved = [plan.slots[step.inputs[0]].size for step in plan.steps if step.op == "permute_dims"]
    assert max(moved) <= 18


def test_a_limit_keeps_intermediate_results_small() -> None:
    outer = "a,b,ab->"                              # two vectors first would be a matrix
    operands = (R(30), R(40), R(30, 40))
    for how in ("optimal", "greedy"):
        plan = gg.jit(lambda *x, how=how: gg.einsum(outer, *x, optimize=(how, 40))).plan(*operands)
        made = [plan.slots[slot].size for step in plan.steps for slot in step.outputs
                if step.op == "matmul"]  # fmt: skip
        assert max(made) <= 40


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
