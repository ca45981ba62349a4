"""Every op with its gradient on a page: what it computes anew, or which primitive it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from browsers import evaluated
from op_cases import Case, all_cases, differentiable
from test_page import check_numbers, data_of

import gpugrad as gg
import gpugrad.special  # has ops that are there once somebody asks for it
from gpugrad.core.registry import get_op

REFUSED = """
    betainc betainc_slope betaincinv betaln cholesky cumulative_prod_slope digamma eigh eigvalsh
    erfcx erfinv exp1 expi expm expn full_convolution gamma gammainc gammainc_slope gammaincc
    gammainccinv gammaincinv gammaln i0 i0e i1 i1e inverse_take iv j0 j1 jv kv lambertw log_ndtr
    ndtri order_statistics other_products pinv polygamma qr slogdet solve_triangular sort svd
    svdvals valid_correlation y0 y1 yv zeta
""".split()
"""Primitives that a page does not know, which it says by name."""


def _pages() -> Iterator[tuple[Case, dict[str, Any]]]:
    """Each case of each op, its results summed, and what is in the page of it."""
    for case in all_cases(differentiable):
        rules, given = get_op(case.op).rules, case.arrays()
        tracked = [
            i for i, x in enumerate(given)
            if isinstance(x, np.ndarray) and x.dtype.kind == "f" and rules.differentiates(i)
        ]  # fmt: skip

        def total(*xs: Any, case: Case = case, given: Any = given, tracked: Any = tracked) -> Any:
            places = dict(zip(tracked, xs, strict=True))
            made = case.call(tuple(places.get(i, x) for i, x in enumerate(given)))
            parts = made if isinstance(made, tuple | list) else [made]
            real = [gg.abs(y) if y.dtype.kind == "c" else y for y in parts if y.dtype.kind in "fc"]
            return sum((gg.sum(1.5 * y) for y in real), 0.0)

        if tracked:
            yield case, data_of(gg.show.page(total, *(given[i] for i in tracked)))


def test_every_op_computes_on_a_page_what_python_computes_or_is_refused() -> None:
    pages = list(_pages())
    for case, data in pages:
        fixed = data.get("fixed", "")
        assert not fixed or "complex numbers" in fixed or "Collective" in fixed, f"{case}: {fixed}"
    pages = [(case, data) for case, data in pages if "program" in data]
    found = evaluated([
        {"program": data["program"], "arrays": data["program"]["arrays"]} for _, data in pages
    ])
    computed, refused = 0, set()
    for (case, data), made in zip(pages, found, strict=True):
        if "missing" in made:
            refused.add(made["missing"].rpartition(" ")[2])
            continue
        assert "outputs" in made, f"{case}: {made}"
        check_numbers(made, data)
        computed += 1
    assert sorted(refused) == sorted(REFUSED)
    assert computed > 430
