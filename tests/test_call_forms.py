"""NumPy's functions with each of their parameters: as NumPy has them, or refused with a way out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
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


def _of_gg(form: Form) -> Form | None:
    """The form with the function of `gg` of that name for Tensors; plain arrays go to NumPy's."""
    room, _, name = f".{form.of.removeprefix('np.')}".rpartition(".")
    ours = getattr(getattr(gg, room.removeprefix("."), None) if room else gg, name, None)
    if not form.of.startswith("np.") or not callable(ours) or form.of in NOT_THE_SAME:
        return None

    def call(*args: Any, **kwargs: Any) -> Any:
        if _holds_tensor((args, kwargs)):
            return ours(*args, **kwargs)
        if isinstance(form.function, np.ufunc) and "where" in kwargs and "out" not in kwargs:
            whole = form.function(*args, **{k: v for k, v in kwargs.items() if k != "where"})
            parts = whole if isinstance(whole, tuple) else (whole,)
            kwargs["out"] = tuple(map(np.zeros_like, parts))    # which NumPy leaves open
        return form.function(*args, **kwargs)

    return replace(form, function=call)


NOT_THE_SAME = frozenset({"np.empty_like"})
"""Those whose results are whatever lies in memory."""


def _holds_tensor(x: Any) -> bool:
    if isinstance(x, dict):
        return _holds_tensor(list(x.values()))
    return isinstance(x, gg.Tensor) or (isinstance(x, list | tuple) and any(map(_holds_tensor, x)))


@pytest.mark.parametrize("of", [of for of, mine in ALL.items() if _of_gg(mine[0]) is not None])
def test_functions_of_gg_take_the_same_forms(of: str) -> None:
    for form in ALL[of]:
        ours = _of_gg(form)
        assert ours is not None
        kind, why = outcome(ours)
        assert kind in (DONE, REFUSED), (form.how, kind, why)
        assert kind == DONE or outcome(form)[0] == REFUSED, (form.how, why)


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
