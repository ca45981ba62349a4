"""Views are views: a program of views and writes ends with NumPy's numbers, and their gradients."""

from __future__ import annotations

import copy
import os
import pickle
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from calls import called
from thresholds import SHARES, lowered
from view_programs import Program, draw_program

import gpugrad as gg
from gpugrad.backends import Namespace, numpy_namespace
from gpugrad.errors import InvalidArgument, NotDifferentiable, TrackedConversion
from gpugrad.graph.signature import LARGEST

PROGRAMS = int(os.environ.get("GPUGRAD_VIEWS", "400"))
"""Random programs; `ci/full.sh` asks for more."""


def drawn(seed: int) -> tuple[Program, list[np.ndarray], list[np.ndarray]]:
    """A program, arrays to run it on, and a direction for each."""
    rng = np.random.default_rng(seed)
    program = draw_program(rng)
    arrays = [rng.normal(size=shape) for shape in program.shapes]
    return program, arrays, [rng.normal(size=shape) for shape in program.shapes]


@pytest.mark.parametrize("requires_grad", [False, True])
def test_random_programs_end_with_numpys_numbers(requires_grad: bool) -> None:
    for seed in range(PROGRAMS):
        program, arrays, _ = drawn(seed)
        wanted = program.run(arrays, np)
        found = program.run([gg.tensor(x, requires_grad=requires_grad) for x in arrays], gg)
        assert len(found) == len(wanted)
        for x, y in zip(found, wanted, strict=True):
            np.testing.assert_allclose(x.value, y, rtol=1e-12, atol=1e-12, err_msg=str(program))


def check_slope(program: Program, arrays: Any, directions: Any, value: Any, slopes: Any) -> None:
    """Value and gradient of the program's total are those of NumPy and of finite differences."""
    h = 1e-6
    up, down = (
        program.total([x + s * d for x, d in zip(arrays, directions, strict=True)], np)
        for s in (h, -h)
    )
    wanted = (up - down) / (2 * h)
    found = sum(np.sum(g * d) for g, d in zip(slopes, directions, strict=True))
    total = program.total(arrays, np)
    scale = max(1, abs(total), abs(wanted), *(np.sum(np.abs(g)) for g in slopes))
    np.testing.assert_allclose(value, total, rtol=1e-10, atol=1e-10, err_msg=str(program))
    assert abs(found - wanted) <= 1e-5 * scale, (found, wanted, str(program))


def batched(program: Program, arrays: Any, seed: int) -> tuple[Any, Any]:
    """A batch of the arrays along some axis of each, and where."""
    axes = [seed % (x.ndim + 1) for x in arrays]
    return [np.stack([x, x + 1], axis=a) for x, a in zip(arrays, axes, strict=True)], (axes,)


@pytest.mark.parametrize("how", ["eager", "jit numpy", "vmap", "jit vmap"])
def test_random_programs_have_the_gradients_of_finite_differences(how: str) -> None:
    refused = 0
    for seed in range(PROGRAMS if how == "eager" else PROGRAMS // 8):
        program, arrays, directions = drawn(seed)

        def f(xs: Any, program: Program = program) -> Any:
            return program.total(xs, gg)

        call: Callable[..., Any] = gg.value_and_grad(f)
        given, pick = arrays, (lambda x: x)
        if "vmap" in how:
            given, axes = batched(program, arrays, seed)
            call, pick = gg.vmap(call, in_axes=axes), (lambda x: x[0])
        if "jit" in how:
            call = gg.jit(call, engine="numpy")
        try:
            with lowered(SHARES[seed % len(SHARES)]):
                if "jit" in how:
                    call(given), call(given)        # recorded twice; then the plan runs
                value, slopes = call(given)
        except TrackedConversion:                   # a recorded mask whose hits get several values
            refused += 1
            continue
        check_slope(program, arrays, directions, pick(value), [pick(g) for g in slopes])
    assert refused <= PROGRAMS // 100


def test_random_programs_have_the_second_derivatives_of_finite_differences() -> None:
    h = 1e-6
    for seed in range(PROGRAMS // 8):
        program, arrays, directions = drawn(seed)

        def f(*xs: Any, program: Program = program) -> Any:
            return program.total(list(xs), gg)

        argnums = tuple(range(len(arrays)))
        _, found = gg.jvp(gg.grad(f, argnums), tuple(arrays), tuple(directions))
        up, down = (
            gg.grad(f, argnums)(*(x + s * d for x, d in zip(arrays, directions, strict=True)))
            for s in (h, -h)
        )
        for y, a, b in zip(found, up, down, strict=True):
            scale = max(1, np.max(np.abs(y), initial=0))
            np.testing.assert_allclose(
                y, (a - b) / (2 * h), rtol=1e-4, atol=1e-4 * scale, err_msg=str(program)
            )


def test_programs_on_the_compiled_engine() -> None:
    for seed in range(max(PROGRAMS // 40, 1)):
        program, arrays, directions = drawn(seed)
        step = gg.jit(gg.value_and_grad(lambda xs, p=program: p.total(xs, gg)), engine="native")
        step(arrays), step(arrays)
        check_slope(program, arrays, directions, *step(arrays))


def test_the_differential_test_finds_a_lost_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """If views did not look again, or flip were a copy."""
    with monkeypatch.context() as patch:
        patch.setattr("gpugrad.core.inplace._let_go", lambda root: True)
        with pytest.raises(AssertionError):
            test_random_programs_end_with_numpys_numbers(False)
    gg.flip(X)                                      # compiles it
    monkeypatch.setitem(
        gg.flip.__globals__, "view_result", lambda base, y, edge, *_: gg.Tensor(y, edge)
    )
    with pytest.raises(AssertionError):
        test_random_programs_end_with_numpys_numbers(False)


# Each function: what shares memory in NumPy is a view here, and what does not is none

X = np.arange(1.0, 25.0).reshape(2, 3, 4)

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "T of a matrix": lambda x, xp: x[0].T,
    "T of a vector": lambda x, xp: x[0, 0].T,
    "T of three axes": lambda x, xp: x.T,
    "mT": lambda x, xp: x.mT,
    "array_split": lambda x, xp: xp.array_split(x, 2, axis=2)[1],
    "atleast_1d": lambda x, xp: xp.atleast_1d(x),
    "atleast_3d": lambda x, xp: xp.atleast_3d(x[0]),
    "basic key": lambda x, xp: x[:, None, 1, ::-2],
    "broadcast_arrays": lambda x, xp: xp.broadcast_to(x, (2, 2, 3, 4)),
    "copy": lambda x, xp: x.copy(),
    "diag": lambda x, xp: xp.diag(x[0]),
    "diagonal": lambda x, xp: xp.diagonal(x, 1, 1, 2),
    "diff of order 0": lambda x, xp: xp.diff(x, n=1),
    "dsplit": lambda x, xp: xp.dsplit(x, 2)[0],
    "element": lambda x, xp: x[0, 1, 2, ...],
    "expand_dims": lambda x, xp: xp.expand_dims(x, axis=(0, 2)),
    "flatten": lambda x, xp: x.flatten(),
    "flip": lambda x, xp: xp.flip(x),
    "fliplr": lambda x, xp: xp.fliplr(x),
    "flipud": lambda x, xp: xp.flipud(x),
    "hsplit": lambda x, xp: xp.hsplit(x, 3)[1],
    "index array": lambda x, xp: x[np.array([0, 1])],
    "mask": lambda x, xp: x[X > 3],
    "moveaxis": lambda x, xp: xp.moveaxis(x, 0, 2),
    "permute_dims": lambda x, xp: xp.permute_dims(x, (2, 0, 1)),
    "ravel": lambda x, xp: xp.ravel(x),
    "ravel of a transpose": lambda x, xp: xp.ravel(xp.permute_dims(x, (2, 1, 0))),
    "ravel of every second": lambda x, xp: xp.ravel(x[0, 0, ::2]),
    "real": lambda x, xp: xp.real(x),
    "repeat": lambda x, xp: xp.repeat(x, 1, axis=0),
    "reshape": lambda x, xp: xp.reshape(x, (4, 6)),
    "reshape of a transpose": lambda x, xp: xp.reshape(xp.permute_dims(x, (2, 1, 0)), (4, 6)),
    "reshape of every second": lambda x, xp: xp.reshape(x[0, 0, ::2], (2, 1)),
    "roll": lambda x, xp: xp.roll(x, 0, axis=0),
    "rot90": lambda x, xp: xp.rot90(x, 1),
    "rot90 by nothing": lambda x, xp: xp.rot90(x, 4)[...],
    "split": lambda x, xp: xp.split(x, 3, axis=1)[2],
    "squeeze": lambda x, xp: xp.squeeze(x[:1]),
    "squeeze of nothing": lambda x, xp: xp.squeeze(x),
    "swapaxes": lambda x, xp: xp.swapaxes(x, 0, 2),
    "take": lambda x, xp: xp.take(x, np.array([0]), axis=0),
    "tile": lambda x, xp: xp.tile(x, (1, 1, 1)),
    "transpose": lambda x, xp: xp.permute_dims(x, (2, 1, 0)),
    "tril": lambda x, xp: xp.tril(x),
    "unstack": lambda x, xp: xp.unstack(x, axis=1)[1],
    "unstack of a vector": lambda x, xp: xp.unstack(x[0, 0])[1],
    "view": lambda x, xp: x.view(),
    "vsplit": lambda x, xp: xp.vsplit(x, 2)[1],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_result_is_a_view_or_a_copy_as_numpys(name: str) -> None:
    make = FUNCTIONS[name]

    def program(x: Any, xp: Any) -> tuple[Any, Any]:
        y = x * 1
        part = make(y, xp)
        y[0, 0] = -1.0                              # seen by a view
        part *= 3.0                                 # and written through it
        return y, part

    try:
        wanted = program(X, np)
    except ValueError:                              # NumPy's is read-only
        with pytest.raises(InvalidArgument, match="read-only"):
            program(gg.tensor(X), gg)
        y = gg.tensor(X) * 1
        part = make(y, gg)
        y[0, 0] = -1.0
        z = X * 1
        shown = make(z, np)
        z[0, 0] = -1.0
        assert np.array_equal(part.value, shown)
        return
    for requires_grad in (False, True):
        found = program(gg.tensor(X, requires_grad=requires_grad), gg)
        assert all(np.array_equal(a.value, b) for a, b in zip(found, wanted, strict=True))

    def total(x: Any, xp: Any) -> Any:
        y, part = program(x, xp)
        return xp.sum(y * y * X) + xp.sum(part * part)

    gg.testing.check_grads(lambda x: total(x, gg), (X,), order=2)
    for step in (gg.jit(lambda x: total(x, gg), engine="numpy"), gg.vmap(lambda x: total(x, gg))):
        given = X if step.__class__.__name__ == "Jit" else X[None]
        for _ in range(3):
            np.testing.assert_allclose(np.ravel(step(given))[0], total(X, np), rtol=1e-12)


def test_parts_of_complex_numbers_are_views() -> None:
    z = np.array([[1 + 2j, 3 - 1j], [0.5j, 2.0]])

    def program(z: Any, xp: Any) -> Any:
        w = z * 1
        w.T.real[0] += 3.0
        w.imag[:, 1] = xp.real(z)[:, 0] * 2
        w.real *= 2
        return w

    assert np.array_equal(program(gg.tensor(z), gg).value, program(z, np))
    gg.testing.check_grads(lambda z: gg.sum(gg.abs(program(z, gg)) ** 2), (z,), order=2)
    step = gg.jit(lambda z: program(z, gg), engine="numpy")
    for _ in range(3):
        assert np.array_equal(step(z), program(z, np))
    assert np.array_equal(gg.vmap(lambda z: program(z, gg))(z[None])[0], program(z, np))
    infinite = gg.tensor(np.array([complex(np.inf, np.nan)]))
    infinite.imag[0] = -np.inf
    assert infinite.value[0] == complex(np.inf, -np.inf)


def test_imaginary_parts_of_real_numbers_cannot_be_written_to() -> None:
    with pytest.raises(InvalidArgument, match="read-only"):
        gg.tensor(X).imag[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        X.imag[0] = 1.0


@pytest.mark.parametrize(
    "take",
    [
        lambda x: x[:, ::2],
        lambda x: x[::-1],
        lambda x: x[::-1, ::-1, ::-1],
        lambda x: x.T[1:],
        lambda x: x[..., 0],
        np.asfortranarray,
    ],
)
def test_what_is_a_view_depends_on_the_strides_that_numpys_array_has(take: Any) -> None:
    """Also after the first write, which moves the elements of a Tensor to memory of its own."""
    given, own = take(X), take(X.copy())
    t = gg.tensor(given)
    for x, xp in ((t, gg), (own, np)):
        x[0] = 5.0
        xp.reshape(x, (-1,))[1] = 7.0
        xp.ravel(x)[2] = 8.0
    assert np.array_equal(t.value, own)
    assert X[0, 0, 0] == 1.0


def test_a_view_keeps_its_history_or_has_none() -> None:
    x = gg.tensor(X[0], requires_grad=True)
    y = x * 2
    with gg.no_grad():
        without = y[0]
        y[1] = 0.0
        assert not without.requires_grad
        assert float(without[0]) == 2.0
    part = y.T
    y[0] = y[0] * 3
    assert part.requires_grad
    gg.sum(part).backward()
    assert x.grad.tolist() == [[6.0] * 4, [2.0] * 4, [2.0] * 4]
    with pytest.raises(NotDifferentiable, match="leaf"):
        x.T[0] = 1.0


def test_what_a_graph_saved_is_not_written_to() -> None:
    x = gg.tensor(X[0], requires_grad=True)
    y = x * 1
    column = y.T[0]
    square = column * column                        # keeps the column
    column += 1.0
    y.reshape((-1,))[0] = 7.0
    gg.sum(square).backward()
    assert np.array_equal(x.grad[:, 0], 2 * X[0, :, 0])


def test_other_handles_see_a_view_and_not_its_copy() -> None:
    t = gg.tensor(X[0].copy())
    shared = t.value                                # the user's array
    t.T[0, 0] = 50.0
    assert shared[0, 0] == 1.0
    part = t.T
    t[0] = 3.0
    for other in (copy.copy(part), copy.deepcopy(part), pickle.loads(pickle.dumps(part))):
        assert np.array_equal(other.value, t.value.T)
        other[0] = 9.0
        assert t.value[0, 0] == 3.0


def test_a_chain_of_any_length() -> None:
    y = gg.tensor(np.arange(6.0).reshape(2, 3)) * 1
    part = y
    for _ in range(3000):
        part = part.T
    y[0, 0] = 8.0
    assert part.value[0, 0] == 8.0
    part[1] = -1.0
    assert y.value[1].tolist() == [-1.0] * 3


def _write_through_rows(n: int) -> None:
    x = gg.tensor(np.ones((n, 2)), requires_grad=True)
    y = x * 1
    for row in gg.unstack(y):
        row += 1.0
    gg.sum(y).backward()


def test_many_writes_through_many_views_are_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times as many rows take about four times as many calls, elements that are copied and
    bytes of memory, not 16 times.

    The graphs are too large for a plan of the sweep, which would be faster from the third time on.
    """

    def calls(n: int) -> int:
        return len(called(lambda: _write_through_rows(n), of_c=True))

    def copied(n: int) -> int:
        sizes = []
        copy = type(numpy_namespace).copy

        def noted(self: Namespace, x: np.ndarray) -> np.ndarray:
            sizes.append(x.size)
            return copy(self, x)

        with monkeypatch.context() as patch:
            patch.setattr(type(numpy_namespace), "copy", noted)
            _write_through_rows(n)
        return sum(sizes)

    def peak(n: int) -> int:
        tracemalloc.start()
        _write_through_rows(n)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    few, many = LARGEST // 2, 2 * LARGEST
    for measure in (calls, copied, peak):
        assert 3 < measure(many) / measure(few) < 4.8, measure


def test_the_order_in_memory_is_part_of_the_signature_where_a_view_is_written_to() -> None:
    def f(x: Any, xp: Any = gg) -> Any:
        y = x * 1
        flat = xp.reshape(y, (-1,))                 # a view, or a copy of what lies otherwise
        flat[0] = 100.0
        flat += 1.0
        return y

    step = gg.jit(f, engine="numpy")
    orders = [X[0], np.asfortranarray(X[0]), X[0].T, X[0, ::2], X[:, :, 0]]
    for _ in range(4):
        for x in orders:
            assert np.array_equal(step(x), f(x, np))


def test_the_order_does_not_count_elsewhere() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(1)
        return gg.sum(gg.reshape(x, (-1,)) ** 2)

    step = gg.jit(f, engine="numpy")
    for x in (X[0], np.asfortranarray(X[0]), X[0], X[0, :, :]):
        step(x)
    assert len(calls) == 2
