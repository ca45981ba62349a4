"""Every public function of CuPy's arrays, of Tensors of them, and the functions of CuPy and NumPy
that have its name: values and gradients are those on NumPy.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import cupy as cp
import cupyx.scipy.special
import numpy as np
import pytest
import scipy.special
from freedom import determined
from mixing import agree
from wraps import WRAPS

import gpugrad as gg
from gpugrad.catalogue.examples import example, functions

NUMPY = {"": np, "linalg": np.linalg, "fft": np.fft, "special": scipy.special}
CUPY = {"": cp, "linalg": cp.linalg, "fft": cp.fft, "special": cupyx.scipy.special}

NOT_OF_VALUES = frozenset(
    "astype betainc_slope cast empty_like from_dlpack gammainc_slope move tensor to_device".split()
)
"""Functions that another test tries: conversions, moves, one that leaves open what it holds, and
slopes that have none in all of their operands.
"""

OF_ARRAYS = {
    name: f for name, f in functions().items()
    if example(name, f).arrays and name not in NOT_OF_VALUES
}  # fmt: skip

PAGE = Path(__file__).parents[2] / "docs" / "cupy.md"


@pytest.mark.parametrize("kind", WRAPS)
@pytest.mark.parametrize("name", OF_ARRAYS)
def test_functions(name: str, kind: str) -> None:
    call = example(name, OF_ARRAYS[name])
    f = determined(name, call)
    agree(f, f, call.arrays, [WRAPS[kind]] * len(call.arrays))


def named(rooms: dict[str, Any]) -> dict[str, Any]:
    """The functions of gpugrad that other modules have by the same names."""
    found = {}
    for name in OF_ARRAYS:
        room, _, short = name.rpartition(".")
        module = rooms.get(room)
        if callable(getattr(module, short, None)):
            found[name] = getattr(module, short)
    return found


BY_CUPY = named(CUPY)
BY_NUMPY = {
    name: f for name, f in named(NUMPY).items()
    # SciPy's functions that are no ufuncs make arrays of NumPy of their operands first.
    if name not in ("asarray", "put_along_axis") and getattr(f, "__module__", "")[:5] != "scipy"
}  # fmt: skip


def on_page(title: str) -> set[str]:
    """The names in code of the section of that title."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"`cupyx?\.([^`(]+)`", section))


WORKING = {name.removeprefix("scipy.") for name in on_page("CuPy's functions that take Tensors")}


@pytest.mark.parametrize("name", BY_NUMPY)
def test_functions_of_numpy(name: str) -> None:
    call = example(name, OF_ARRAYS[name])
    for kind in ("untracked", "tracked"):
        wraps = [WRAPS[kind]] * len(call.arrays)
        f = determined(name, call.of(BY_NUMPY[name]))
        agree(f, f, call.arrays, wraps)


@pytest.mark.parametrize("name", BY_CUPY)
def test_functions_of_cupy(name: str) -> None:
    """Those that the page names do as gpugrad's own; the others refuse what is tracked."""
    call = example(name, OF_ARRAYS[name])
    for kind in ("untracked", "tracked"):
        wraps = [WRAPS[kind]] * len(call.arrays)
        if name in WORKING:
            f, own = determined(name, call.of(BY_CUPY[name])), determined(name, call)
            agree(f, own, call.arrays, wraps, like=False)
    if name not in WORKING and name not in on_page("Take care"):
        tensors = [WRAPS["tracked"](cp.asarray(x)) for x in call.arrays]
        with pytest.raises((TypeError, ValueError, AttributeError, NotImplementedError)):
            call.of(BY_CUPY[name])(*tensors)


# Arrays and Tensors side by side


def mixes(name: str) -> list[tuple[str, ...]]:
    """What the operands of a function may be, where they are not all the same."""
    n = len(example(name, OF_ARRAYS[name]).arrays)
    return [kinds for kinds in product(WRAPS, repeat=n) if len(set(kinds)) > 1]


MIXED = {
    f"{module}.{name}": (f, name)
    for module, table in (("gg", OF_ARRAYS), ("numpy", BY_NUMPY), ("cupy", BY_CUPY))
    for name, f in table.items() if mixes(name)
}  # fmt: skip

BY_THE_FIRST = {"cupy.dot": {"untracked", "tracked"}, "numpy.matmul": {"untracked"}}
"""Functions that CuPy's array answers if it comes first, and which second operands it refuses."""


@pytest.mark.parametrize("called", MIXED)
def test_arrays_and_tensors_side_by_side(called: str) -> None:
    """In every order: differentiated, or refused."""
    f, name = MIXED[called]
    call = example(name, OF_ARRAYS[name])
    works = not called.startswith("cupy.") or name in WORKING
    for kinds in mixes(name):
        first, *others = kinds
        operands = [WRAPS[k](cp.asarray(x)) for k, x in zip(kinds, call.arrays, strict=True)]
        is_tracked = any(isinstance(x, gg.Tensor) and x.requires_grad for x in operands)
        if first == "array" and BY_THE_FIRST.get(called, set()).intersection(others):
            with pytest.raises(TypeError, match="got Tensor"):
                call.of(f)(*operands)
        elif works:
            wraps = [WRAPS[kind] for kind in kinds]
            agree(determined(name, call.of(f)), determined(name, call), call.arrays, wraps, False)
        elif is_tracked and name not in on_page("Take care"):
            with pytest.raises((TypeError, ValueError, AttributeError, NotImplementedError)):
                call.of(f)(*operands)


def test_a_result_is_written_past_a_tensor_that_is_not_asked() -> None:
    """As the page warns; a tracked one is refused."""
    x, s = cp.ones(3), gg.tensor(cp.zeros(3))
    assert type(cp.add(x, x, out=s)) is cp.ndarray
    assert cp.asnumpy(s.value).tolist() == [2, 2, 2]
    with pytest.raises(TypeError, match="Tensor"):
        cp.add(x, x, out=gg.tensor(cp.zeros(3), requires_grad=True))


def test_which_module_has_the_functions_for_a_tensor() -> None:
    t = gg.tensor(cp.ones(3))
    assert cp.get_array_module(t) is np
    assert cp.get_array_module(t.value) is cp
    assert t.__array_namespace__() is gg
