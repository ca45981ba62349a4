"""Convolutions, pooling and layer normalization: against NumPy and SciPy, and differences."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from agreement import check_function
from op_cases import Case, cases
from scipy import signal

import gpugrad as gg
from gpugrad.backends import numpy_namespace, sliding
from gpugrad.core.registry import namespace as ops
from gpugrad.errors import InvalidArgument, UnsupportedOperand
from gpugrad.plan.primitives import VIEWS
from gpugrad.testing import check_grads

rng = np.random.default_rng(0)


def R(*shape: int) -> Any:
    return rng.normal(size=shape)


def convolution(
    x: Any, w: Any, bias: Any = None, *, pads: Any, stride: Any, dilation: Any, groups: int = 1
) -> Any:
    """By SciPy, image by image and channel by channel."""
    x = np.pad(x, ((0, 0), (0, 0), *pads))
    outputs, per_group, *sizes = w.shape
    spans = [(k - 1) * d + 1 for k, d in zip(sizes, dilation, strict=True)]
    wide = np.zeros((outputs, per_group, *spans))
    wide[..., :: dilation[0], :: dilation[1]] = w
    y = np.array([
        [
            sum(
                signal.correlate2d(image[o // (outputs // groups) * per_group + c], wide[o, c],
                                   "valid")
                for c in range(per_group)
            )
            for o in range(outputs)
        ]
        for image in x
    ])  # fmt: skip
    y = y[..., :: stride[0], :: stride[1]]
    return y if bias is None else y + bias[:, None, None]


SETTINGS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"stride": 2, "padding": 1}, {"stride": (2, 2), "pads": [(1, 1)] * 2}),
    ({"stride": (1, 3), "padding": (2, 0)}, {"stride": (1, 3), "pads": [(2, 2), (0, 0)]}),
    ({"dilation": (2, 1), "padding": "valid"}, {"dilation": (2, 1)}),
    ({"dilation": (1, 3), "padding": "same"}, {"dilation": (1, 3), "pads": [(1, 1), (1, 2)]}),
    ({"groups": 2, "padding": 1}, {"groups": 2, "pads": [(1, 1)] * 2}),
]


@pytest.mark.parametrize("settings", range(len(SETTINGS)))
@pytest.mark.usefixtures("sweeps")
def test_convolution_of_images(settings: int) -> None:
    """Values are SciPy's, gradients are right, in `vmap` and under `jit` too."""
    own, theirs = SETTINGS[settings]
    theirs = {"stride": (1, 1), "dilation": (1, 1), "pads": [(0, 0)] * 2, **theirs}
    x, w, bias = R(2, 4, 6, 5), R(2, 4 // own.get("groups", 1), 3, 2), R(2)

    def f(*operands: Any) -> Any:
        return gg.nn.conv2d(*operands, **own)

    check_function(f, lambda *x: convolution(*x, **theirs), (x, w, bias), rtol=1e-12, atol=1e-12)
    wanted = f(x, w, bias)
    compiled = gg.jit(f)
    for _ in range(3):
        np.testing.assert_allclose(compiled(x, w, bias), wanted, rtol=1e-12, atol=1e-12)
    for axes in ((0, None, None), (None, 0, 0), (0, 0, None)):
        given = zip((x, w, bias), axes, strict=True)
        pairs = [(v, v) if a is None else (v, 2 * v) for v, a in given]
        many = [v[0] if a is None else np.stack(v) for v, a in zip(pairs, axes, strict=True)]
        each = [f(*operands) for operands in zip(*pairs, strict=True)]
        found = gg.vmap(f, in_axes=axes)(*many)
        np.testing.assert_allclose(found, np.stack(each), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("settings", [{}, {"stride": 2, "padding": "valid", "dilation": 2},
                                      {"padding": "same", "groups": 3}], ids=str)  # fmt: skip
def test_convolution_of_sequences(settings: dict[str, Any]) -> None:
    """As that of images with one row."""
    groups = settings.get("groups", 1)
    x, w, bias = R(2, 3, 7), R(6, 3 // groups, 3), R(6)
    pads = [(0, 0), (1, 1) if settings.get("padding") == "same" else (0, 0)]
    wanted = convolution(
        x[:, :, None], w[:, :, None], bias, pads=pads, groups=groups,
        stride=(1, settings.get("stride", 1)), dilation=(1, settings.get("dilation", 1)),
    )[:, :, 0]  # fmt: skip
    check_function(
        lambda *v: gg.nn.conv1d(*v, **settings), lambda *v: wanted, (x, w, bias), 1e-12, 1e-12
    )
    one = gg.nn.conv1d(x[0], w, bias, **settings)
    np.testing.assert_allclose(one, wanted[0], rtol=1e-12, atol=1e-12)


def test_convolution_keeps_the_dtype_and_takes_empty_batches() -> None:
    x, w = R(2, 1, 5, 5).astype("float32"), R(3, 1, 3, 3).astype("float32")
    y, pullback = gg.vjp(gg.nn.conv2d, x, w)
    assert [y.dtype, *(g.dtype for g in pullback(y))] == ["float32"] * 3
    assert gg.nn.conv2d(x[:0], w).shape == (0, 3, 3, 3)
    assert not gg.grad(lambda w: gg.sum(gg.nn.conv2d(x[:0], w)))(w).any()


@pytest.mark.parametrize("case", cases("overlap_add"), ids=str)
def test_both_ways_to_add_windows_agree(case: Case) -> None:
    (x,) = case.arrays()
    found = sliding.overlap_sum(numpy_namespace, x, **case.settings)
    np.testing.assert_allclose(found, ops.overlap_add(x, **case.settings), rtol=1e-14)


VECTORS = [(5, 3), (3, 5), (6, 4), (4, 6), (5, 4), (4, 5), (1, 3), (3, 3), (4, 4)]


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("name", ["convolve", "correlate"])
def test_convolution_of_vectors(name: str, mode: str) -> None:
    """In every mode and order of lengths; of complex vectors too."""
    f, reference = getattr(gg, name), getattr(np, name)
    for n, m in VECTORS:
        a, v = R(n), R(m)
        check_function(lambda a, v: f(a, v, mode), lambda a, v: reference(a, v, mode), (a, v),
                       1e-12, 1e-13)  # fmt: skip
        found = reference(gg.tensor(a), v, mode)
        np.testing.assert_allclose(found.value, reference(a, v, mode), rtol=1e-12, atol=1e-13)
    a, v = R(5) + 1j * R(5), R(3) + 1j * R(3)
    check_function(lambda a, v: f(a, v, mode), lambda a, v: reference(a, v, mode), (a, v), 1e-12)
    many = gg.vmap(lambda a: f(a, v, mode))(np.stack([a, 2 * a]))
    np.testing.assert_allclose(many[1], reference(2 * a, v, mode), rtol=1e-12)
    compiled = gg.jit(gg.grad(lambda a, v: gg.sum(gg.abs(f(a, v, mode)))))
    for _ in range(3):
        wanted = gg.grad(lambda a, v: gg.sum(gg.abs(f(a, v, mode))))(a, v)
        np.testing.assert_allclose(compiled(a, v), wanted, rtol=1e-12)


def test_convolution_of_vectors_has_numpys_infinities_and_default_modes() -> None:
    a, v = np.array([1.0, 2.0, nan, 4.0]), np.array([inf, 1.0])
    np.testing.assert_array_equal(gg.convolve(a, v), np.convolve(a, v))
    np.testing.assert_array_equal(gg.correlate(a, v), np.correlate(a, v))
    assert gg.convolve(np.array([1, 2]), [3, 4]).tolist() == [3, 10, 8]


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolution_of_matrices(mode: str) -> None:
    for one, other in (((4, 5), (3, 2)), ((4, 4), (4, 1)), ((5, 3), (2, 3))):
        check_function(
            lambda a, v: gg.convolve2d(a, v, mode), lambda a, v: signal.convolve2d(a, v, mode),
            (R(*one), R(*other)), 1e-12, 1e-13,
        )  # fmt: skip
    a, v = R(2, 3), R(4, 3)
    np.testing.assert_allclose(gg.convolve2d(a, v, mode), signal.convolve2d(a, v, mode), 1e-12)


def _pools(reduce: Any, x: Any, window: Any, stride: Any, fill: float, padding: Any) -> Any:
    around = [(0, 0)] * (x.ndim - 2) + [(k, k) for k in padding]
    x = np.pad(x, around, constant_values=fill)
    views = np.lib.stride_tricks.sliding_window_view(x, window, (-2, -1))
    return reduce(views[..., :: stride[0], :: stride[1], :, :], axis=(-2, -1))


@pytest.mark.parametrize(("window", "settings"), [(2, {}), ((3, 2), {"stride": (2, 1)}),
                                                  (3, {"stride": 2, "padding": (1, 0)})])
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_pooling(name: str, window: Any, settings: dict[str, Any]) -> None:
    x = rng.permutation(2 * 3 * 5 * 6).reshape(2, 3, 5, 6) / 10
    sizes = (window, window) if isinstance(window, int) else window
    stride = np.broadcast_to(settings.get("stride", sizes), 2)
    reduce, fill = (np.max, -inf) if name == "max_pool2d" else (np.mean, 0.0)
    padding = settings.get("padding", (0, 0))
    f: Callable[[Any], Any] = lambda x: getattr(gg.nn, name)(x, window, **settings)  # noqa: E731
    check_function(f, lambda x: _pools(reduce, x, sizes, stride, fill, padding), (x,))
    np.testing.assert_array_equal(gg.vmap(f)(x), f(x))
    np.testing.assert_array_equal(f(x[0, 0]), f(x)[0, 0])


def test_equal_elements_share_the_gradient_of_a_pool() -> None:
    g = gg.grad(lambda x: gg.sum(gg.nn.max_pool2d(x, 2)))(np.ones((2, 4)))
    assert g.tolist() == [[0.25] * 4] * 2


def _shares_by_hand(x: Any, sizes: tuple[int, int], g: Any) -> Any:
    """The gradient of windows side by side, one by one."""
    found = np.zeros_like(x)
    (a, b), y = sizes, g
    for *front, i, j in np.ndindex(y.shape):
        place = (*front, slice(i * a, i * a + a), slice(j * b, j * b + b))
        window = x[place]
        chosen = np.isnan(window) if np.isnan(window).any() else window == window.max()
        found[place] = np.where(chosen, y[(*front, i, j)] / x.dtype.type(chosen.sum()), 0)
    return found


@pytest.mark.parametrize("transformed", [lambda f: f, *(
    lambda f, engine=engine: gg.jit(f, engine=engine) for engine in ("numpy", "native")
)], ids=["eager", "numpy", "native"])  # fmt: skip
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("sizes", [(2, 2), (1, 3), (4, 4), (4, 5), (8, 12)])
def test_ties_and_nans_of_windows_side_by_side(transformed: Any, dtype: str, sizes: Any) -> None:
    """Also at the size from which on equal elements are counted otherwise, and with a rest."""
    own = np.random.default_rng(1)
    x = own.integers(0, 3, (2, 3, 8, 13)).astype(dtype)
    x[own.random(x.shape) < 0.02] = nan
    x[own.random(x.shape) < 0.02] = inf
    x[own.random(x.shape) < 0.02] = -inf
    counts = [n // size for n, size in zip(x.shape[2:], sizes, strict=True)]
    g = own.normal(size=(*x.shape[:2], *counts)).astype(dtype)
    back = transformed(lambda x, g: gg.vjp(lambda x: gg.nn.max_pool2d(x, sizes), x)[1](g)[0])
    wanted = _shares_by_hand(x, sizes, g)
    for _ in range(3):
        found = back(x, g)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, wanted)


def test_the_gradient_of_a_pool_stays_an_image() -> None:
    """What lies in front, window by window, would be copied back, element by element."""
    x = np.ones((4, 8, 32, 32), "float32")
    grads = gg.jit(gg.grad(lambda x: gg.sum(gg.nn.max_pool2d(x, 2) ** 2)), engine="native")
    plan = grads._cache.compiled((x,), {}).program.plan
    made = [step for step in plan.steps if step.op not in VIEWS]
    shapes = {plan.slots[slot].shape for step in made for slot in step.outputs}
    assert x.shape in shapes
    assert (2, 2, 4, 8, 16, 16) not in shapes


def test_layer_normalization() -> None:
    x, weight, bias = R(3, 2, 5), R(5), R(5)

    def reference(x: Any, weight: Any, bias: Any) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        return centred / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * weight + bias

    check_function(gg.nn.layer_norm, reference, (x, weight, bias), rtol=1e-12)
    each = gg.vmap(gg.nn.layer_norm, in_axes=(1, None, None), out_axes=1)(x, weight, bias)
    np.testing.assert_allclose(each, gg.nn.layer_norm(x, weight, bias), rtol=1e-12)
    flat = np.full((1, 4), 3.0)
    assert gg.nn.layer_norm(flat).tolist() == [[0, 0, 0, 0]]
    check_grads(lambda x: gg.nn.layer_norm(x, axis=(0, 1), eps=0.1), (flat,))


def test_a_convolutional_network_is_compiled() -> None:
    """Forward, gradients and update in one plan, with a stride, padding and pools that overlap."""

    def loss(params: Any, x: Any) -> Any:
        w, bias, v = params
        y = gg.relu(gg.nn.conv2d(x, w, bias, stride=2, padding=1))
        return gg.mean(gg.nn.layer_norm(gg.nn.conv2d(gg.nn.max_pool2d(y, 3, stride=1), v)) ** 3)

    def step(params: Any, x: Any) -> Any:
        value, grads = gg.value_and_grad(loss)(params, x)
        return tuple(p - 0.1 * g for p, g in zip(params, grads, strict=True)), value

    params, x = (R(3, 2, 3, 3), R(3), R(3, 3, 2, 2)), R(2, 2, 9, 9)
    mine, compiled = params, gg.jit(step, engine="numpy")
    for _ in range(4):
        (mine, found), (params, wanted) = compiled(mine, x), step(params, x)
        for y, want in zip((*mine, found), (*params, wanted), strict=True):
            np.testing.assert_allclose(y, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gg.convolve(R(2, 2), R(2)), InvalidArgument, "expected vectors"),
        (lambda: gg.correlate(R(2), R(0)), InvalidArgument, "not empty"),
        (lambda: gg.convolve(R(2), R(2), "all"), InvalidArgument, "'full'"),
        (lambda: gg.convolve2d(R(2), R(2)), InvalidArgument, "matrices"),
        (lambda: gg.convolve2d(R(2, 4), R(3, 3), "valid"), InvalidArgument, "no longer than"),
        (lambda: gg.nn.conv2d(R(1, 2, 4, 4), R(3, 1, 3, 3)), InvalidArgument, "groups divide"),
        (lambda: gg.nn.conv2d(R(4, 4), R(3, 1, 3, 3)), InvalidArgument, "groups divide"),
        (lambda: gg.nn.conv2d(R(1, 1, 2, 4), R(3, 1, 3, 3)), InvalidArgument, "no longer than"),
        (lambda: gg.nn.conv2d(R(1, 1, 4, 4), R(3, 1, 3, 3), R(2)), InvalidArgument, "bias"),
        (lambda: gg.nn.conv2d(R(1, 1, 4, 4), R(3, 1, 3, 3), padding=-1), InvalidArgument, "least"),
        (lambda: gg.nn.conv1d(R(1, 1, 4), R(3, 1, 3), stride=2, padding="same"), InvalidArgument,
         "stride"),
        (lambda: gg.nn.conv1d(R(1, 1, 4), R(3, 1, 3), padding="full"), InvalidArgument, "valid"),
        (lambda: gg.nn.max_pool2d(R(4, 4), 2, padding=2), InvalidArgument, "half"),
        (lambda: gg.nn.max_pool2d(R(4), 2), UnsupportedOperand, "height"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(call: Callable[[], Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()
