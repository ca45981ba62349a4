"""What the tests check of a case, in a process of its own in which SciPy follows the standard."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from extras import EXTRAS
from libraries import library
from refused import COMPILED, NUMBERS
from rounding import largest
from scikit_learn import LEARN
from scipy_numerics import DIFFERENTIATE, INTEGRATE, LINALG, OPTIMIZE
from scipy_rotations import RIGID, ROTATION
from scipy_signals import FOURIER, SIGNAL
from scipy_statistics import CLUSTER, SPECIAL, STATISTICS

import gpugrad as gg
from gpugrad.errors import MixedBackends, TrackedConversion, UnknownOp
from gpugrad.sweep import planned

CASES = {
    case.id: case
    for case in (
        *SPECIAL, *STATISTICS, *CLUSTER, *FOURIER, *SIGNAL, *DIFFERENTIATE, *INTEGRATE, *LINALG,
        *OPTIMIZE, *ROTATION, *RIGID, *EXTRAS, *LEARN,
    )
}  # fmt: skip

REFUSED = {case.id: case for case in (*COMPILED, *NUMBERS)}

WRITERS = (
    "array_api_extra.at(set)", "array_api_extra.at(multiply by a mask)",
    "scipy.linalg.block_diag", "scipy.signal.hilbert", "scipy.signal.resample",
    "scipy.spatial.transform.Rotation.__setitem__", "scipy.stats.lmoment",
    "scipy.stats.quantile", "sklearn.linear_model.Ridge", "sklearn.preprocessing.StandardScaler",
)  # fmt: skip
"""Those of the cases that write in place into a Tensor that is tracked or becomes so."""


HOST_MADE = (
    "scipy.differentiate.derivative", "scipy.differentiate.hessian", "scipy.differentiate.jacobian",
    "scipy.fft.fht", "scipy.fft.ifht", "scipy.integrate.cubature", "scipy.integrate.fixed_quad",
    "scipy.stats.lmoment",
)  # fmt: skip
"""Those that make constants with NumPy and name no device for them: on a GPU they are mixed."""


ROUNDED = 1e-9
"""Of a result, or of the largest in it: what rounding (2e-16) comes to in a function that magnifies
it a million times. A mistake in a rule moves the gradient by more.
"""


def follows() -> None:
    """Whether SciPy follows the standard in this process."""
    from scipy._lib._array_api import SCIPY_ARRAY_API

    assert SCIPY_ARRAY_API


@contextmanager
def dispatching() -> Iterator[None]:
    """scikit-learn follows the standard too, and warnings are errors, as in all tests."""
    from sklearn import config_context

    with config_context(array_api_dispatch=True), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def check_gradients(name: str, change: Callable[[Any], Any] = lambda x: x) -> None:
    """Gradients of both orders agree with differences of the function on plain arrays.

    `change` is done to the arguments first.
    """
    case = CASES[name]

    def run(*arrays: Any) -> list[Any]:
        return case.run(*map(change, arrays))

    with dispatching():
        gg.testing.check_grads(run, case.point())
        gradients = _swept(name, "numpy")[: len(case.arrays)]
        assert any(map(np.any, gradients)), "the gradient is 0: nothing was checked"


def check_sweeps(name: str, other: str) -> None:
    """On arrays of that library, values and gradients are those of a direct sweep on NumPy's."""
    with dispatching():
        with planned.use_planned_sweeps(False):
            wanted = _swept(name, "numpy")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(planned, "MEETINGS", 1)
            found = _swept(name, other)
        planned.cache.clear()
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=ROUNDED, atol=ROUNDED * max(largest(b), 1))


def _swept(name: str, other: str) -> list[Any]:
    """Cotangents of the arguments, and values, on the host."""
    xp = library(other)
    out, pullback = gg.vjp(CASES[name].run, *map(xp.asarray, CASES[name].point()))
    generator = np.random.default_rng(0)
    seeds = [xp.asarray(generator.standard_normal(y.shape).astype(y.dtype)) for y in out]
    return [xp.numpy(x) for x in (*pullback(seeds), *out)]


def check_transforms(name: str) -> list[str]:
    """Gradients by `gg.jit` and `gg.vmap` are the same, unless the function looks at values.

    Returns which of the two took it.
    """
    case = CASES[name]
    taken = []
    with dispatching():
        point = case.point()
        seeds = [np.ones_like(y) for y in gg.vjp(case.run, *point)[0]]

        def gradients(*arrays: Any) -> Any:
            return gg.vjp(case.run, *arrays)[1](seeds)

        wanted = gradients(*point)
        compiled = gg.jit(gradients, engine="numpy")
        batch = [np.stack([x, x]) for x in point]
        for transform, call in (
            ("jit", lambda: [compiled(*point) for _ in range(4)][-1]),
            ("vmap", lambda: [g[1] for g in gg.vmap(gradients)(*batch)]),
        ):
            try:
                found = call()
            except TrackedConversion:
                continue
            for a, b in zip(found, wanted, strict=True):
                room = ROUNDED * max(largest(b), 1)
                np.testing.assert_allclose(a, b, rtol=ROUNDED, atol=room, err_msg=name)
            taken.append(transform)
    return taken


def check_mixture(name: str) -> None:
    """On CuPy it is refused, with a way out."""
    with dispatching(), pytest.raises(MixedBackends, match="to_device"):
        _swept(name, "cupy")


def check_refusal(name: str) -> None:
    """A tracked argument is refused with a way out, and an untracked one is served."""
    case = REFUSED[name]
    with dispatching():
        case.call(case.function, *map(gg.asarray, case.point()))
        with pytest.raises((TrackedConversion, UnknownOp), match=r"gg\.stop_gradient"):
            gg.vjp(case.run, *case.point())


def check_write(name: str) -> None:
    """At least one write goes into what is recorded."""
    written = []
    assign = gg.Tensor.__setitem__

    def noted(self: Any, key: Any, value: Any) -> None:
        assign(self, key, value)
        written.append(self.requires_grad)

    with dispatching(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(gg.Tensor, "__setitem__", noted)
        gg.vjp(CASES[name].run, *CASES[name].point())
    assert any(written)


def steeper(x: Any) -> Any:
    """`x` with twice the gradient."""
    return x + (x - gg.stop_gradient(x)) if isinstance(x, gg.Tensor) else x


def detached(x: Any) -> Any:
    """`x` without a gradient."""
    return gg.stop_gradient(x) if isinstance(x, gg.Tensor) else x
