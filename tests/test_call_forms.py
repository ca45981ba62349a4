"""NumPy's functions with each of their parameters: as NumPy has them, or refused with a way out."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from call_forms import BARE, DONE, REFUSED, WRONG, Form, forms, outcome, page
from numpy_examples import V, W

import gpugrad as gg

ALL: dict[str, list[Form]] = defaultdict(list)
for _form in forms():
    ALL[_form.of].append(_form)

MOST = 0.08
"""The share of forms that may be refused."""


@cache
def found() -> dict[str, list[tuple[str, str, str]]]:
    """What came of all forms, by what they are of."""
    return {of: [(form.how, *outcome(form)) for form in mine] for of, mine in ALL.items()}


@pytest.mark.parametrize("of", ALL)
def test_a_form_is_done_or_refused(of: str) -> None:
    """No other values, no other slopes, no bare errors; and each refusal says what to do."""
    for how, kind, why in found()[of]:
        assert kind in (DONE, REFUSED), (how, kind, why)
        if kind == REFUSED:
            assert len(why.split(". ")) > 1, (how, why)


def test_few_forms_are_refused() -> None:
    kinds = [kind for mine in found().values() for _, kind, _ in mine]
    assert len(kinds) >= 600
    assert kinds.count(REFUSED) <= MOST * len(kinds)


def test_the_page_is_what_the_forms_give() -> None:
    committed = Path(__file__).parent.parent / "docs" / "call-forms.md"
    if np.__version__.startswith("2.4"):            # the page is that of one version
        assert committed.read_text() == page(), "python tests/call_forms.py > docs/call-forms.md"


def _wrong_value(a: Any, b: Any) -> Any:
    return np.add(a, b) * (1.0 + 1e-6 * isinstance(a, gg.Tensor))


def _wrong_slope(a: Any, b: Any) -> Any:
    return np.add(gg.stop_gradient(a), b)


def _bare(a: Any, b: Any) -> Any:
    if isinstance(a, gg.Tensor):
        raise KeyError("a")
    return a


@pytest.mark.parametrize(
    ("function", "kind"), [(_wrong_value, WRONG), (_wrong_slope, WRONG), (_bare, BARE)]
)
def test_what_is_wrong_is_found(function: Any, kind: str) -> None:
    assert outcome(Form("np.add", "()", function, (V, W), {}))[0] == kind
