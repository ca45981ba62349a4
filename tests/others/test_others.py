"""Code of others that is written to the Array API standard, differentiated: SciPy and more.

SciPy follows the standard if SCIPY_ARRAY_API is set when it is imported, so that the checks run in
a process of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import checks
import pytest
from installed import skip_unless_recent
from libraries import library

skip_unless_recent("scipy", "scikit-learn", "array-api-extra")

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Calls a function with some arguments in that process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SCIPY_ARRAY_API", "1")
            process.submit(checks.follows).result()
        yield lambda check, *args: process.submit(check, *args).result()


@pytest.mark.parametrize("name", checks.CASES)
def test_gradients_agree_with_differences(run: Run, name: str) -> None:
    """To second order, of the same function on plain arrays."""
    run(checks.check_gradients, name)


@pytest.mark.parametrize("name", checks.CASES)
def test_planned_sweeps_agree_with_direct_sweeps(run: Run, name: str) -> None:
    run(checks.check_sweeps, name, "numpy")


def test_what_jit_and_vmap_take_is_the_same(run: Run) -> None:
    """That is more than half of the functions; the others look at values."""
    taken = [transform for name in checks.CASES for transform in run(checks.check_transforms, name)]
    for transform in ("jit", "vmap"):
        assert taken.count(transform) > len(checks.CASES) / 2


@pytest.mark.parametrize("name", [name for name in checks.CASES if name not in checks.HOST_MADE])
def test_cupy_agrees_with_numpy(run: Run, name: str) -> None:
    """The functions see gpugrad alone, and so need nothing of CuPy's own."""
    library("cupy")
    run(checks.check_sweeps, name, "cupy")


@pytest.mark.parametrize("name", checks.HOST_MADE)
def test_constants_of_the_host_are_not_mixed_with_cupys(run: Run, name: str) -> None:
    library("cupy")
    run(checks.check_mixture, name)


@pytest.mark.parametrize("name", checks.REFUSED)
def test_what_leaves_the_namespace_is_refused(run: Run, name: str) -> None:
    """With a way out; and a Tensor that is not tracked goes through."""
    run(checks.check_refusal, name)


@pytest.mark.parametrize("name", checks.WRITERS)
def test_what_is_recorded_is_written_into(run: Run, name: str) -> None:
    """These write into an array in place: what other frameworks cannot differentiate."""
    run(checks.check_write, name)


def test_many_functions_are_checked() -> None:
    """By public names; the same one at several points counts once."""
    names = {case.name for case in checks.CASES.values()}
    for package, least in (("scipy", 150), ("array_api_extra", 15), ("sklearn", 30)):
        assert sum(name.startswith(f"{package}.") for name in names) >= least
    parts = {part for name in names for part in name.split(".")}
    assert not any(part.startswith("_") and not part.endswith("__") for part in parts)


@pytest.mark.parametrize("change", [checks.steeper, checks.detached])
def test_a_wrong_gradient_is_found(run: Run, change: Callable[[Any], Any]) -> None:
    with pytest.raises(AssertionError, match=r"measured as .* claimed"):
        run(checks.check_gradients, "scipy.stats.gmean", change)
