"""Models of ONNX compute in onnxruntime what gpugrad computes, for any batch size."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx_cases import CASES, X

import gpugrad as gg
from gpugrad import nn
from gpugrad.cli.app import run as command
from gpugrad.core.tensor import Tensor
from gpugrad.errors import (
    BackendUnavailable,
    InvalidArgument,
    TrackedConversion,
    UnsupportedOperand,
)
from gpugrad.interop.onnx import general_definitions, to_model
from gpugrad.interop.onnx.runs import run as traced
from gpugrad.interop.onnx.whole_table import ROWS
from gpugrad.plan.plan import Plan
from gpugrad.plan.primitives import SCALARS
from gpugrad.tracing.namespace import namespace as primitives
from gpugrad.train import fit
from gpugrad.transforms.jit.arguments import Arguments
from gpugrad.transforms.jit.traces import trace

BATCHES = 1, 3, 17
RNG = np.random.default_rng(1)


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    content = model.SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def rows(x: np.ndarray, n: int, batch: int) -> np.ndarray:
    """Those of an argument with `batch` rows for another batch size; any other as it is."""
    if len(x) != batch:
        return x
    return x[np.random.default_rng(n).permutation(np.arange(n)) % batch]


def agrees(f: Callable[..., Any], *args: np.ndarray, rtol: float = 1e-5, **settings: Any) -> None:
    """Check what one file gives for each batch size; each number beside the largest of them."""
    model = gg.interop.to_onnx(f, *args, **settings)
    made = session(model)
    names = [x.name for x in made.get_inputs()]
    for n in BATCHES:
        given = [rows(x, n, len(args[0])) for x in args]
        wanted = [np.asarray(x) for x in gg.tree.leaves(f(*given))]
        found = made.run(None, dict(zip(names, given, strict=True)))
        for want, got in zip(wanted, found, strict=True):
            assert (got.shape, got.dtype) == (want.shape, want.dtype)
            if want.dtype.kind == "f":
                largest = np.abs(want).max(initial=0.0)
                np.testing.assert_allclose(got, want, rtol, rtol * float(largest))
            else:
                np.testing.assert_array_equal(got, want)


# The table


@pytest.mark.parametrize("name", CASES)
def test_functions(name: str) -> None:
    agrees(*CASES[name])


def test_in_other_precisions() -> None:
    for dtype, rtol in (("float64", 1e-13), ("float16", 4e-3)):
        for name, (f, *args) in CASES.items():
            if name in ("scan", "of the batch size", "norms"):      # have numbers of float32
                continue
            given = [x.astype(dtype) if x.dtype.kind == "f" else x for x in args]
            agrees(f, *given, rtol=rtol)


@pytest.mark.parametrize("opset", range(19, to_model.OPSETS[1] + 1))
def test_with_later_operators(opset: int) -> None:
    if opset > onnx.defs.onnx_opset_version():
        pytest.skip(f"onnx {onnx.__version__} has no operators {opset}")
    try:
        session(gg.interop.to_onnx(gg.tanh, X, opset=opset))
    except Exception as error:
        if "Opset" not in str(error):
            raise
        pytest.skip(f"onnxruntime {onnxruntime.__version__} has no operators {opset}")
    for f, *args in CASES.values():
        agrees(f, *args, opset=opset)


def operations(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        yield step.op
        for inner in step.plans:
            yield from operations(inner)


def test_each_row_is_shown() -> None:
    found = {op for f, *args in CASES.values() for op in operations(traced(f, args).plan)}
    image = np.ones((2, 2, 6, 6), "float32")
    layers = (nn.Conv2d(2, 2, 3, rng=0), nn.ConvTranspose2d(2, 2, 3, rng=0), nn.AvgPool2d(2))
    found |= {op for layer in layers for op in operations(traced(layer, [image]).plan)}
    assert ROWS.keys() - found - SCALARS.keys() <= NOT_TRACED


NOT_TRACED = {
    "mean", "reciprocal",                           # of complex numbers and integers alone
    "batched_correlation",                          # without a bias
    "repeat",                                       # refuses, with another way
}  # fmt: skip

WITH_NAN = np.array([
    [1, np.nan, 3, 4], [np.nan, 2, 1, -8], [1, 2, 3, np.inf], [-1, -2, -np.inf, 0], [np.nan] * 4,
])  # fmt: skip
EXTREMA: dict[str, Callable[..., Any]] = {
    "max": lambda x: gg.max(x, axis=1),
    "min": lambda x: gg.min(x, axis=1, keepdims=True),
    "of all": lambda x: x + gg.max(x, axis=(0, 1)),
    "softmax": lambda x: gg.softmax(x, axis=1),
    "norm": lambda x: gg.linalg.norm(x, ord=np.inf, axis=1),
    "argmax": lambda x: gg.argmax(x, axis=1),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", EXTREMA)
def test_extrema_of_nan_are_nan(name: str, dtype: str) -> None:
    """NumPy's way, which onnxruntime's reductions are not; a NaN must not pass for a prediction."""
    f, x = EXTREMA[name], WITH_NAN.astype(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made, want = session(gg.interop.to_onnx(f, x)), f(x)
    assert name == "argmax" or np.isnan(want).any()
    np.testing.assert_allclose(made.run(None, {"x": x})[0], want, rtol=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_expm1_and_log1p_up_to_the_largest_numbers(dtype: str) -> None:
    most = np.finfo(dtype).max
    exponents = np.array([0.99, 0.999, 0.9999]) * np.log(most)
    for f, numbers in ((gg.expm1, exponents), (gg.log1p, most * np.array([0.1, 0.9, 1.0]))):
        x = numbers.astype(dtype)
        (found,) = session(gg.interop.to_onnx(f, x)).run(None, {"x": x})
        assert np.isfinite(found).all()
        np.testing.assert_allclose(found, f(x), rtol=1e-5)


# Elementwise, at special numbers

SPECIAL = np.array([
    0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 1e-4, -1e-4, 1e-9, 3.7, -3.7, 10, -10, 30, -30, 100, -100,
    1e4, -1e4, 1e10, -1e10, 1e30, -1e30, np.inf, -np.inf, np.nan, 0.3, 0.65, 0.9999, -0.9999, 1e-30,
])  # fmt: skip
INTEGERS = np.array([0, 1, 2, 3, 5, -1, -2, -7, 100, -100])

LOSES = {
    "erfc": 1.0, "ndtr": 1.0,                       # the tail is a difference to 1
    "sigmoid": 1.0,                                 # as onnxruntime computes it
    "logaddexp2": 1.0, "cos": 1.0,                  # near 0
    "tanh": 0.01, "sinh": 0.01, "erf": 0.01,        # of tiny numbers
}  # fmt: skip
"""Where an error counts beside such a number and not beside the result."""

REFUSED = "bitwise_left_shift", "bitwise_right_shift", "gammaln"


def grid(op: str, dtype: str) -> list[np.ndarray]:
    """All combinations of special numbers, as operands."""
    if dtype == "bool":
        values = np.array([True, False])
    elif dtype[0] in "iu":
        values = INTEGERS.astype(dtype)
    else:
        with np.errstate(over="ignore"):
            values = SPECIAL.astype(dtype)
    each = [values] * SCALARS[op].arity
    if op == "where":
        each[0] = np.array([True, False])
    return [np.ascontiguousarray(x.ravel()) for x in np.meshgrid(*each)]


def check_elementwise(op: str, dtype: str) -> None:
    operands = grid(op, dtype)
    if op == "astype":
        function: Callable[..., Any] = lambda x: primitives.astype(x._value, "float32")  # noqa: E731
    else:
        function = lambda *x: getattr(primitives, op)(*[t._value for t in x])  # noqa: E731
    given = Arguments(
        tuple(operands), {}, donate_argnums=(), static_argnums=(), static_argnames=()
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            want = np.asarray(trace(function, given).result)
        except (TypeError, ValueError):             # NumPy has it not for this dtype
            return
        model = gg.interop.to_onnx(function, *operands, dynamic_batch=False)
    names = [x.name for x in model.graph.input]
    (got,) = session(model).run(None, dict(zip(names, operands, strict=True)))
    assert got.dtype == want.dtype
    if want.dtype.kind != "f":
        np.testing.assert_array_equal(got, want)
        return
    eps = float(np.finfo(want.dtype).eps)
    np.testing.assert_allclose(got, want, 64 * eps, 8 * eps * LOSES.get(op, 0.0))


@pytest.mark.parametrize("op", [op for op in SCALARS if op not in REFUSED])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_special_numbers(op: str, dtype: str) -> None:
    check_elementwise(op, dtype)


@pytest.mark.parametrize(
    "op", [op for op in SCALARS if op not in (*REFUSED, "power", "sigmoid")]    # none of integers
)
def test_integers_and_truths(op: str) -> None:
    for dtype in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"):
        check_elementwise(op, dtype)


def test_a_wrong_row_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS, "tanh", lambda g, use: g("Sin", *use.values))
    with pytest.raises(AssertionError):
        check_elementwise("tanh", "float32")
    with pytest.raises(AssertionError):
        agrees(gg.tanh, X)
    monkeypatch.setitem(ROWS, "cumulative_sum", lambda g, use: use.values[0])
    with pytest.raises(AssertionError):
        agrees(*CASES["running"])


# Models

IMAGE = RNG.normal(size=(5, 4, 12, 12)).astype("float32")
SEQUENCE = RNG.normal(size=(5, 6, 8)).astype("float32")
MASK = np.arange(6) < np.array([6, 3, 4, 2, 5])[:, None]
TOKENS = RNG.integers(0, 7, (5, 6))
ATTENTION = nn.MultiheadAttention(8, 2, rng=0)


def convolutional(dtype: str) -> Callable[[Any], Any]:
    """A convolutional network with random running averages."""
    model = nn.Sequential([
        nn.Conv2d(4, 6, 3, padding=1, groups=2, rng=0, dtype=dtype), nn.BatchNorm2d(6, dtype=dtype),
        gg.relu, nn.MaxPool2d(3, stride=2, padding=1), nn.Dropout(0.3),
        nn.ConvTranspose2d(6, 4, 3, stride=2, padding=1, output_padding=1, rng=1, dtype=dtype),
        nn.AvgPool2d(2), nn.Flatten(), nn.Linear(144, 3, rng=2, dtype=dtype),
    ])  # fmt: skip
    state = gg.tree.map(
        lambda x: (np.abs(x) + RNG.uniform(0.5, 1.5, x.shape)).astype(x.dtype), model.init_state()
    )
    return lambda x: model(x, state)[0]


def recurrent(cell: Any, **settings: Any) -> Callable[..., Any]:
    """A classifier of sequences, with two layers that go both ways."""
    first = cell(8, 5, bidirectional=True, rng=0, **settings)
    second = cell(10, 4, bidirectional=True, rng=1, **settings)
    last = nn.Linear(8, 3, rng=2)

    def classify(x: Any, mask: Any) -> Any:
        x, _ = first(x, mask=mask)
        x, _ = second(x, mask=mask)
        return gg.softmax(last(gg.sum(gg.where(mask[:, :, None], x, 0), axis=1)), axis=-1)

    return classify


def characters(cell: Any) -> Callable[[Any], Any]:
    """The logits of the next token at each place."""
    embedding, layer, last = nn.Embedding(7, 8, rng=0), cell(8, 6, rng=1), nn.Linear(6, 7, rng=2)
    return lambda tokens: last(layer(embedding(tokens))[0])


MODELS: dict[str, tuple[Any, ...]] = {
    "MLP": (nn.MLP([12, 8, 3], rng=0), X),
    "convolutional": (convolutional("float32"), IMAGE),
    "Residual": (
        nn.Sequential([
            nn.Conv2d(4, 4, 3, padding=1, rng=0),
            nn.Residual(nn.Sequential([gg.relu, nn.Conv2d(4, 4, 3, padding=1, rng=1)])),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        ]),
        IMAGE,
    ),
    "signals": (
        nn.Sequential([
            nn.Conv1d(6, 4, 3, padding="same", dilation=2, rng=0), gg.tanh, nn.MaxPool1d(2),
            nn.AvgPool1d(2, stride=1), nn.ConvTranspose1d(4, 2, 3, rng=1), nn.AdaptiveAvgPool1d(3),
        ]),
        SEQUENCE,
    ),
    "normalising": (
        nn.Sequential([nn.LayerNorm(8), nn.RMSNorm(8), nn.Linear(8, 4, rng=0), nn.GroupNorm(3, 6)]),
        SEQUENCE,
    ),
    **{cell.__name__: (recurrent(cell), SEQUENCE, MASK) for cell in (nn.RNN, nn.GRU, nn.LSTM)},
    "characters, GRU": (characters(nn.GRU), TOKENS),
    "characters, LSTM": (characters(nn.LSTM), TOKENS),
    "TransformerBlock": (nn.TransformerBlock(8, 2, causal=True, rng=0), SEQUENCE),
    "attention": (lambda x, mask: ATTENTION(x, mask=mask[:, None, :]), SEQUENCE, MASK),
    "Embedding": (nn.Embedding(7, 4, rng=0), TOKENS),
    "head": (lambda x: {"p": gg.softmax(x, axis=1), "label": gg.argmax(x, axis=1)}, X[:, 0]),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_models(name: str) -> None:
    agrees(*MODELS[name])


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-13), ("float16", 4e-3)])
def test_convolutions_in_other_precisions(dtype: str, rtol: float) -> None:
    agrees(convolutional(dtype), IMAGE.astype(dtype), rtol=rtol)


def test_bfloat16() -> None:
    pytest.importorskip("ml_dtypes")
    model = nn.MLP([12, 8, 3], rng=0, dtype="bfloat16")
    agrees(lambda x: gg.astype(model(gg.astype(x, "bfloat16")), "float32"), X, rtol=2e-2)


def kinds(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_operators_that_readers_expect() -> None:
    made = gg.interop.to_onnx(*MODELS["convolutional"])
    wanted = {"Conv", "Relu", "MaxPool", "AveragePool", "ConvTranspose", "MatMul"}
    assert wanted <= {*kinds(made)}
    assert not {"Gather", "Slice", "Concat", "Expand"} & {*kinds(made)}
    assert kinds(gg.interop.to_onnx(*MODELS["Embedding"])) == ["Gather"]
    assert kinds(gg.interop.to_onnx(*MODELS["characters, GRU"])).count("Scan") == 1
    assert kinds(gg.interop.to_onnx(lambda x: gg.mean(x, axis=1), X)) == ["ReduceMean"]


def test_windows_that_are_no_pooling_stay_windows() -> None:
    def shifted(x: Any) -> Any:
        """The largest of pairs that lie three apart."""
        return gg.max(gg.stack([x[:, :, 3:], x[:, :, :-3]], axis=0), axis=0)

    assert "MaxPool" not in kinds(gg.interop.to_onnx(shifted, X))
    agrees(shifted, X)


# What a file says


def test_names(tmp_path: Path) -> None:
    model = nn.MLP([12, 8, 3], rng=0)
    made = gg.interop.to_onnx(model, X, path=tmp_path / "m.onnx", metadata={"units": "mm"})
    arrays = [x.name for x in made.graph.initializer if not x.name.startswith("constant")]
    assert arrays == [path[1:] for path in gg.tree.paths(model)]
    assert [x.name for x in made.graph.input] == ["x"]
    assert [x.name for x in made.graph.output] == ["output"]
    read = onnx.load(tmp_path / "m.onnx")
    assert read == made
    assert read.metadata_props[0].value == "mm"
    shape = read.graph.input[0].type.tensor_type.shape.dim
    assert (shape[0].dim_param, shape[1].dim_value, shape[2].dim_value) == ("batch", 3, 12)

    scale = np.full(12, 2.0, "float32")
    both = gg.interop.to_onnx(lambda z: (model(z * scale), z), X, output_names=["y", "again"])
    assert {"model.layers[1].bias", "scale"} <= {x.name for x in both.graph.initializer}
    assert [x.name for x in both.graph.output] == ["y", "again"]

    class Scaler:                                   # no tree
        def __init__(self) -> None:
            self.centre = np.full(12, 0.5, "float32")

        def __call__(self, Add_1: Any) -> Any:
            return gg.tanh(Add_1 + self.centre) + Add_1

    held = gg.interop.to_onnx(Scaler(), X)
    assert [x.name for x in (*held.graph.initializer, *held.graph.input)] == ["centre", "Add_1"]
    agrees(Scaler(), X)
    keys = gg.interop.to_onnx(MODELS["head"][0], X[:, 0], input_names=["logits"])
    assert [x.name for x in (*keys.graph.input, *keys.graph.output)] == ["logits", "label", "p"]


def test_equal_constants_are_stored_once() -> None:
    table = RNG.normal(size=(4, 12)).astype("float32")
    made = gg.interop.to_onnx(lambda x: x @ table.T + (x @ table.T + 7.5) * 7.5, X)
    assert len(made.graph.initializer) == 2


def test_settings_and_trees_of_arguments() -> None:
    def f(batch: Any, power: int, how: str) -> Any:
        return batch["a"] ** power if how == "power" else batch["b"]

    made = gg.interop.to_onnx(f, {"a": X, "b": X[:, 0]}, 3, "power")
    assert [x.name for x in made.graph.input] == ["batch.a", "batch.b"]
    (y,) = session(made).run(None, {"batch.a": X[:2], "batch.b": X[:2, 0]})
    np.testing.assert_allclose(y, X[:2] ** 3, 1e-5)


def test_the_axis_of_the_batch() -> None:
    layer = nn.GRU(8, 5, rng=0)

    def f(x: Any) -> Any:                           # time comes first
        return gg.permute_dims(layer(gg.permute_dims(x, (1, 0, 2)))[0], (1, 0, 2))

    made = session(gg.interop.to_onnx(f, SEQUENCE, dynamic_batch=[1]))
    other = RNG.normal(size=(5, 9, 8)).astype("float32")
    np.testing.assert_allclose(made.run(None, {"x": other})[0], f(other), 1e-4, 1e-6)
    fixed = session(gg.interop.to_onnx(f, SEQUENCE, dynamic_batch=False))
    np.testing.assert_allclose(fixed.run(None, {"x": SEQUENCE})[0], f(SEQUENCE), 1e-4, 1e-6)
    with pytest.raises(Exception, match="dimension"):
        fixed.run(None, {"x": other})


def test_a_function_under_jit() -> None:
    agrees(gg.jit(lambda x: gg.tanh(x) * 2), X)


# What cannot be exported


def halves(x: Any) -> Any:
    return x[: x.shape[0] // 2]


def grows(x: Any) -> Any:
    return x * float(np.sqrt(x.shape[0]))


def branches(x: Any) -> Any:
    return gg.tanh(x) if x.shape[0] % 2 else x


def identity(x: Any) -> Any:
    return np.eye(x.shape[0]) + 0 * x[0, 0, 0]


def drawn(x: Any) -> Any:
    return x + np.random.default_rng().normal(size=12)


REFUSALS: dict[str, tuple[Any, type[Exception], str]] = {
    "half of the batch": (halves, InvalidArgument, "for batches of 7, 12, 17"),
    "a root": (grows, InvalidArgument, "a constant is 2.64575, 3.4641, 4.12311 for batches"),
    "another way": (branches, InvalidArgument, "does something else for each batch size"),
    "a matrix": (identity, InvalidArgument, "holds other numbers"),
    "NumPy's numbers": (drawn, InvalidArgument, "an array from outside"),
    "a key": (
        lambda x: nn.dropout(x, gg.random.key(0)), UnsupportedOperand, "random_.*leave out the key",
    ),
    "one batch size": (
        lambda x: x + np.ones((len(X), 1, 1), "float32"),
        InvalidArgument, "batches of 7, 12, 17.*dynamic_batch=False",
    ),
    "a look": (lambda x: x * float(x[0, 0, 0]), TrackedConversion, "to_onnx traces.*float"),
    "a shape of values": (lambda x: gg.nonzero(x > 0), TrackedConversion, "depend on values"),
    "a mask": (lambda x: x[x > 0], TrackedConversion, "to_onnx"),
    "a known mask": (
        lambda x: x[:, np.array([True, False, True])], UnsupportedOperand, "np.flatnonzero",
    ),
    "complex": (
        lambda x: gg.real(gg.fft.fft(x)), UnsupportedOperand, "complex.*real and imaginary",
    ),
    "a matrix inverse": (
        lambda x: gg.linalg.inv(x[:, :, :3]), UnsupportedOperand, "'inv' has no operator",
    ),
    "Python": (
        gg.host(np.sin, result=lambda x: x), UnsupportedOperand, "host_call.*calls a function",
    ),
    "unsigned": (lambda x: gg.astype(x > 0, "uint64"), UnsupportedOperand, "uint64"),
    "a power": (
        lambda x: gg.astype(x, int) ** gg.astype(x > 0, int), UnsupportedOperand, "exponent",
    ),
    "a shift": (
        lambda x: gg.roll(x, x.shape[0] - 1, axis=1), UnsupportedOperand, "'roll' has a setting",
    ),
    "along the batch": (
        lambda x: nn.conv_transpose1d(x.T, np.ones((3, 2, 2), "float32")[:, :, :]),
        UnsupportedOperand, "a convolution goes along the batch",
    ),
    "a number": (lambda x: {"x": x, "n": 3}, InvalidArgument, r"result\['n'\] .* is the int 3"),
    "nothing": (lambda x: None, InvalidArgument, "returned nothing"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name: str) -> None:
    f, kind, message = REFUSALS[name]
    with pytest.raises(kind, match=message):
        gg.interop.to_onnx(f, X)


def test_errors_of_the_function_itself_stay_what_they_are() -> None:
    for dynamic in (True, False):
        with pytest.raises(ZeroDivisionError):
            gg.interop.to_onnx(lambda x: x / (1 // 0), X, dynamic_batch=dynamic)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"opset": 12}, "opset is 12; expected an integer from 18"),
        ({"input_names": ["a", "b"]}, r"input_names is \['a', 'b'\]; expected 1 different"),
        ({"output_names": [""]}, "output_names"),
        ({"dynamic_batch": [0, 0]}, "dynamic_batch has 2 axes"),
        ({"dynamic_batch": [3]}, "goes along axis 3"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        gg.interop.to_onnx(gg.tanh, X, **settings)


def test_wrong_arguments() -> None:
    with pytest.raises(InvalidArgument, match="no array as an example"):
        gg.interop.to_onnx(lambda x: x, 3.0)
    with pytest.raises(InvalidArgument, match="batches of the examples are of 3, 5"):
        gg.interop.to_onnx(lambda x, y: x + y, X, X[:3], dynamic_batch=[0, 0])
    with pytest.raises(InvalidArgument, match="not empty"):
        gg.interop.to_onnx(lambda x: x, X[:0])
    with pytest.raises(UnsupportedOperand, match="was given a str"):
        gg.interop.to_onnx("tanh", X)  # type: ignore[arg-type]


def test_without_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'gpugrad\[onnx\]'"):
        gg.interop.to_onnx(gg.tanh, X)


def test_general_definitions_are_those_of_steps() -> None:
    """Each is a primitive, and stays none that a row would be better for."""
    from gpugrad.plan.primitives import PRIMITIVES

    assert general_definitions.GENERAL <= PRIMITIVES.keys() | {"windows"}
    assert not general_definitions.GENERAL & ROWS.keys() - SCALARS.keys()


# The model of a run


@contextmanager
def runs_without_pictures(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr("gpugrad.train.report.write_report", lambda *args: None)
        yield


TABLE = RNG.normal(size=(60, 3)) * [1, 1e3, 1] + [0, 5e5, 0]
COUNTS = (TABLE[:, 0] > 0).astype(int) + (TABLE[:, 2] > 0)
TARGETS: dict[str, tuple[np.ndarray, str | None]] = {
    "texts": (np.where(TABLE[:, 0] > 0, "right", "left"), None),
    "truths": (TABLE[:, 0] > 0, None),
    "three texts": (np.array(["a", "bé", "c"])[COUNTS], None),
    "integers": (COUNTS * 10, None),
    "numbers": (TABLE[:, 0] * 2.5, None),
    "several numbers": (TABLE[:, ::2] * [1, 100], None),
    "labels": ((TABLE[:, ::2] > 0).astype(int), "multilabel"),
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_trained_models(name: str, dtype: str) -> None:
    y, task = TARGETS[name]
    model = fit(TABLE, y, epochs=3, backend="numpy", **({"task": task} if task else {}))
    made = model.to_onnx(dtype=dtype)
    used = session(made)
    names = [x.name for x in used.get_outputs()]
    for n in BATCHES:
        given = TABLE[:n].astype(dtype)
        found = dict(zip(names, used.run(None, {"features": given}), strict=True))
        want = model.predict(given)
        if want.dtype.kind == "f":
            np.testing.assert_allclose(found["prediction"], want, 1e-5)
        else:
            assert found["prediction"].tolist() == want.tolist()
        if "probabilities" in found:
            np.testing.assert_allclose(found["probabilities"], model.predict_proba(given), 1e-5)
    said = {x.key: x.value for x in made.metadata_props}
    assert said["task"] == model.task.name


def test_export_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with runs_without_pictures(monkeypatch):
        words = "train moons --hidden 8 --epochs 2 --backend numpy --out run"
        assert command(words.split()) == 0
    capsys.readouterr()
    assert command(["export", "run", "--out", "model.onnx"]) == 0
    assert capsys.readouterr().out.split() == (
        "input features output prediction output probabilities The model is in model.onnx".split()
    )
    (labels, shares) = session(onnx.load("model.onnx")).run(None, {"features": np.zeros((2, 2))})
    assert labels.shape == (2,)
    assert shares.shape == (2, 2)
    for words, message in {
        "export run --out model.onnx": "already exists",
        "export run --out model.txt": "expected a name that ends in .onnx",
        "export run --out no/model.onnx": "there is no folder",
        "export run --out other.onnx --dtype int8": "dtype is 'int8'",
        "export no --out other.onnx": "no: there is no",
    }.items():
        assert command(words.split()) == 2
        assert message in capsys.readouterr().err


def test_tensors_are_arguments() -> None:
    made = gg.interop.to_onnx(gg.tanh, Tensor(X))
    np.testing.assert_allclose(session(made).run(None, {"x": X})[0], np.tanh(X), 1e-5)


def test_no_constant_is_in_a_file_that_nothing_reads(tmp_path: Path) -> None:
    """onnxruntime would complain of each when it reads the file."""
    rng = np.random.default_rng(0)
    trained = fit(rng.normal(size=(60, 3)), rng.integers(0, 3, 60), epochs=1, engine="eager")
    graph = trained.to_onnx().graph
    read = {name for node in graph.node for name in node.input} | {x.name for x in graph.output}
    assert {x.name for x in graph.initializer} <= read
