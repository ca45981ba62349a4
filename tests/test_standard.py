"""gpugrad against `array_api_strict` on random calls, and what the standard says beside values.

`GPUGRAD_STANDARD=500` tries that many calls of each function, chosen anew each time.
"""

from __future__ import annotations

import array
import inspect
import operator
import os
from collections.abc import Callable
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest
from freedom import aligned
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rounding import largest
from standard_calls import CALLS, KINDS, Arguments, Draw, Dtype

import gpugrad as gg
from gpugrad.errors import InvalidArgument, TrackedConversion

MOST = int(os.environ.get("GPUGRAD_STANDARD", "0"))

profile = settings(
    max_examples=MOST or 8,
    derandomize=not MOST,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@st.composite
def draws(draw: Any) -> Draw:
    return Draw(draw)


def converted(x: Any, xp: Any, make: Callable[[Any], Any]) -> Any:
    """Arguments with the arrays and dtypes of a library."""
    if isinstance(x, np.ndarray):
        return make(x)
    if isinstance(x, Dtype):
        return getattr(xp, x.name)
    if isinstance(x, list | tuple):
        return type(x)(converted(part, xp, make) for part in x)
    return x


def run(name: str, xp: Any, make: Callable[[Any], Any], arguments: Arguments) -> Any:
    """The function of that name in a library."""
    positional = converted(arguments.positional, xp, make)
    named = {k: converted(v, xp, make) for k, v in arguments.named.items()}
    return operator.attrgetter(name)(xp)(*positional, **named)


def tracked(x: Any) -> Any:
    return gg.tensor(x, requires_grad=x.dtype.kind in "fc")


MAKES: dict[str, Callable[[Any], Any]] = {
    "arrays": np.array,
    "Tensors": gg.tensor,
    "tracked Tensors": tracked,
}


def host(x: Any) -> Any:
    """An array of any of the libraries."""
    return np.asarray(gg.stop_gradient(x) if isinstance(x, gg.Tensor) else getattr(x, "_array", x))


def agree(found: Any, wanted: Any, op: str = "") -> None:
    """The same structure, names, dtypes, shapes and, up to rounding and to what the definition of
    the op leaves open, values.
    """
    if isinstance(wanted, tuple | list):
        assert isinstance(found, tuple)
        assert getattr(found, "_fields", None) == getattr(wanted, "_fields", None)
        assert len(found) == len(wanted)
    parts, theirs = (x if isinstance(wanted, tuple | list) else (x,) for x in (found, wanted))
    for x in parts:
        assert hasattr(x, "dtype")
        assert not isinstance(x, np.generic)
        assert x.shape == host(x).shape
    mine, right = tuple(map(host, parts)), tuple(map(host, theirs))
    kinds = [[(x.dtype, x.shape) for x in results] for results in (mine, right)]
    assert kinds[0] == kinds[1]
    for a, b in zip(aligned(op, mine, right), right, strict=True):
        tolerance = 2e-5 if b.dtype in (np.float32, np.complex64) else 1e-12
        room = tolerance * max(largest(b), 1)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=room, equal_nan=True)


def op_of(name: str, named: dict[str, Any]) -> str:
    """The op that a function of the standard is, called with these settings."""
    if name == "linalg.svd":
        return "full_svd" if named.get("full_matrices", True) else "svd"
    if name == "linalg.qr":
        return "complete_qr" if named.get("mode") == "complete" else "qr"
    return name.removeprefix("linalg.")


GRADIENTS_REFUSED = {"linalg.qr": {"mode": "complete"}, "linalg.svd": {"full_matrices": True}}
"""Of matrices that are not square, this has no gradient."""


@pytest.mark.parametrize("name", CALLS)
@profile
@given(draws())
def test_functions_agree(name: str, d: Draw) -> None:
    """Of arrays, of Tensors and of Tensors that need a gradient."""
    arguments = CALLS[name](d)
    wanted = run(name, strict, strict.asarray, arguments)
    refused = GRADIENTS_REFUSED.get(name, {}).items()
    for kind, make in MAKES.items():
        if kind == "tracked Tensors" and refused and refused <= arguments.named.items():
            continue
        agree(run(name, gg, make, arguments), wanted, op_of(name, arguments.named))


def test_every_function_is_tried() -> None:
    """What is not is said here."""
    others = set("can_cast finfo iinfo isdtype result_type broadcast_shapes from_dlpack empty "
                 "empty_like".split())  # fmt: skip
    assert functions_of_the_standard().keys() - others == CALLS.keys()


def functions_of_the_standard() -> dict[str, Any]:
    """Those of `array_api_strict`, with the names of the extensions before theirs."""
    found = {}
    for room in ("", "linalg.", "fft."):
        module = operator.attrgetter(room[:-1])(strict) if room else strict
        own = module.__all__ + (["eig", "eigvals"] if room == "linalg." else [])
        for name in own:
            function = getattr(module, name)
            if inspect.isfunction(function) and name[:2] != "__" and "strict_flags" not in name:
                found[room + name] = function
    return found


@pytest.mark.parametrize("name", functions_of_the_standard())
def test_signatures_take_what_the_standard_writes(name: str) -> None:
    """Every call by the standard's signature is one by gpugrad's, with the same defaults."""
    theirs = inspect.signature(functions_of_the_standard()[name]).parameters
    ours = inspect.signature(operator.attrgetter(name)(gg)).parameters
    places = [p for p in ours.values() if p.kind < p.VAR_POSITIONAL]
    for i, p in enumerate(theirs.values()):
        if p.kind is p.VAR_POSITIONAL:
            assert any(q.kind is p.kind for q in ours.values())
            continue
        own = ours[p.name] if p.kind is not p.POSITIONAL_ONLY else places[i]
        if p.kind is not p.KEYWORD_ONLY:
            assert places[i] is own
        if p.kind is not p.POSITIONAL_ONLY:
            assert own.kind is not own.POSITIONAL_ONLY
        if p.default is not p.empty:
            default = None if type(p.default).__name__ == "Undef" else p.default
            assert own.default == default, p.name
    required = [p for p in ours.values() if p.default is p.empty and p.kind != p.VAR_POSITIONAL]
    assert len(required) <= len(theirs)


OPERATORS = {
    "iufc": "add sub mul",
    "fc": "truediv",
    "iuf": "floordiv mod lt le gt ge",
    "biu": "and_ or_ xor",
    "u": "lshift rshift",
    "uf": "pow",
    "biufc": "eq ne",
}


@pytest.mark.parametrize(
    ("name", "kinds"), [(n, k) for k, names in OPERATORS.items() for n in names.split()]
)
@profile
@given(draws())
def test_operators_agree(name: str, kinds: str, d: Draw) -> None:
    """With arrays and Python numbers on both sides, and in place."""
    apply = getattr(operator, name)
    a, b = d.pair(kinds)
    if name in ("floordiv", "mod", "truediv", "pow"):
        a, b = (d.positive(x) if hasattr(x, "shape") else x for x in (a, b))
    wanted = apply(*converted((a, b), strict, strict.asarray))
    for make in (gg.tensor, tracked):
        agree(apply(*converted((a, b), gg, make)), wanted)
    in_place = getattr(operator, f"i{name.rstrip('_')}", None)
    if in_place is None or not hasattr(a, "shape") or host(wanted).shape != a.shape:
        return
    if host(wanted).dtype == a.dtype:
        t = gg.tensor(a.copy())
        changed = in_place(t, converted(b, gg, gg.tensor))
        assert changed is t
        agree(t, wanted)


@pytest.mark.parametrize("name", ["neg", "pos", "abs", "invert"])
@profile
@given(draws())
def test_unary_operators_agree(name: str, d: Draw) -> None:
    apply = getattr(operator, name)
    x = d.array("biu" if name == "invert" else "iufc")
    for make in (gg.tensor, tracked):
        agree(apply(make(x)), apply(strict.asarray(x)))


def key_of(d: Draw, shape: tuple[int, ...]) -> Any:
    """An index: integers, slices, an ellipsis and new axes, a mask, or arrays of integers."""
    how = d.one_of("basic", "mask", "arrays")
    if how == "mask":
        return d.array("b", shape)
    if how == "arrays" and all(shape) and shape:
        wanted = d.shape(0, 2)
        return tuple(d.random.integers(-n, n, wanted) for n in shape)
    parts: list[Any] = []
    for n in shape:
        step = d.one_of(1, 2, -1)
        whole = slice(None, None, step)
        some = slice(d.integer(0, n), n) if step > 0 else whole
        parts.append(d.one_of(d.integer(-n, n - 1), whole, some) if n else whole)
    if d.flag():
        parts = [*parts[: d.integer(0, len(parts))], ...]
    return (*parts, None) if parts and d.flag() else tuple(parts)


@profile
@given(draws())
def test_indexing_agrees(d: Draw) -> None:
    """Reading; and writing, of which `array_api_strict` lacks much, against NumPy."""
    x = d.array()
    key = key_of(d, x.shape)
    wanted = strict.asarray(x)[converted(key, strict, strict.asarray)]
    for make in (gg.tensor, tracked):
        agree(make(x)[converted(key, gg, gg.tensor)], wanted)
        agree(make(x)[key], wanted)
    number = d.number(x.dtype.name)
    t = gg.tensor(x.copy())
    t[converted(key, gg, gg.tensor)] = number
    x[key] = number
    agree(t, x)


DTYPES = [name for names in KINDS.values() for name in names]


def test_dtype_functions_agree() -> None:
    """For every pair of dtypes, every kind and every number."""
    kinds = ("bool", "signed integer", "unsigned integer", "integral", "real floating",
             "complex floating", "numeric", ("integral", "bool"))  # fmt: skip
    numbers = {"b": True, "i": 1, "u": 1, "f": 1.0, "c": 1j}
    for a in DTYPES:
        ours, theirs = getattr(gg, a), getattr(strict, a)
        x, y = np.ones(2, a), strict.ones(2, dtype=theirs)
        for kind in kinds:
            assert gg.isdtype(ours, kind) is strict.isdtype(theirs, kind)
        assert gg.isdtype(ours, ours)
        for b in DTYPES:
            try:
                wanted = str(strict.result_type(theirs, getattr(strict, b)))
            except TypeError:
                continue                            # of kinds that do not promote
            assert f"array_api_strict.{gg.result_type(ours, getattr(gg, b))}" == wanted
            assert f"array_api_strict.{gg.result_type(gg.tensor(x), np.ones((), b))}" == wanted
            assert gg.can_cast(ours, getattr(gg, b)) is strict.can_cast(theirs, getattr(strict, b))
        assert gg.result_type(x, numbers[np.dtype(a).kind]) == x.dtype
        if np.dtype(a).kind in "fc":
            for name in "bits eps max min smallest_normal".split():
                assert getattr(gg.finfo(ours), name) == getattr(strict.finfo(theirs), name)
                assert getattr(gg.finfo(gg.tensor(x)), name) == getattr(strict.finfo(y), name)
            assert str(gg.finfo(ours).dtype) in str(strict.finfo(theirs).dtype)
        elif np.dtype(a).kind in "iu":
            for name in "bits max min".split():
                assert getattr(gg.iinfo(ours), name) == getattr(strict.iinfo(theirs), name)
            assert str(gg.iinfo(ours).dtype) in str(strict.iinfo(theirs).dtype)


M, V, Z = np.ones((2, 3)), np.ones(3), np.ones(())

MUST_RAISE: dict[str, tuple[type[Exception], Callable[[Callable[..., Any]], Any]]] = {
    **{
        f"{name}: no such axis": (Exception, lambda t, name=name: getattr(gg, name)(t(M), axis=2))
        for name in "sum prod max min mean std var all any argmax argmin count_nonzero sort "
        "argsort cumulative_sum cumulative_prod flip squeeze unstack diff".split()
    },
    "expand_dims: no such axis": (Exception, lambda t: gg.expand_dims(t(M), axis=3)),
    "expand_dims: an axis twice": (ValueError, lambda t: gg.expand_dims(t(M), axis=(0, -4))),
    "roll: no such axis": (Exception, lambda t: gg.roll(t(M), 1, axis=2)),
    "concat: no such axis": (Exception, lambda t: gg.concat([t(M), t(M)], axis=2)),
    "stack: no such axis": (Exception, lambda t: gg.stack([t(M), t(M)], axis=3)),
    "stack: shapes": (ValueError, lambda t: gg.stack([t(M), t(V)])),
    "squeeze: an axis that is longer": (ValueError, lambda t: gg.squeeze(t(M), axis=0)),
    "broadcast_to": (ValueError, lambda t: gg.broadcast_to(t(M), (2, 4))),
    "broadcast_arrays": (ValueError, lambda t: gg.broadcast_arrays(t(M), t(np.ones(2)))),
    "broadcast_shapes": (ValueError, lambda t: gg.broadcast_shapes((2,), (3,))),
    "permute_dims: too few": (ValueError, lambda t: gg.permute_dims(t(M), (0,))),
    "permute_dims: one twice": (ValueError, lambda t: gg.permute_dims(t(M), (0, 0))),
    "moveaxis": (ValueError, lambda t: gg.moveaxis(t(M), 2, 0)),
    "reshape: size": (ValueError, lambda t: gg.reshape(t(M), (5,))),
    "reshape: copy": (ValueError, lambda t: gg.reshape(t(M.T), (6,), copy=False)),
    "asarray: copy": (ValueError, lambda t: gg.asarray([1.0], copy=False)),
    "asarray: dtype and copy": (
        ValueError, lambda t: gg.asarray(t(M), dtype=gg.float32, copy=False)),
    "asarray: an integer too large": (OverflowError, lambda t: gg.asarray(300, dtype=gg.int8)),
    "astype: complex to real": (TypeError, lambda t: gg.astype(t(M * 1j), gg.float64)),
    "nonzero: no axis": (ValueError, lambda t: gg.nonzero(t(Z))),
    "cumulative_sum: which axis": (ValueError, lambda t: gg.cumulative_sum(t(M))),
    "cumulative_prod: which axis": (ValueError, lambda t: gg.cumulative_prod(t(M))),
    "take: no axis": (ValueError, lambda t: gg.take(t(M), t(np.array([0])), axis=2)),
    "repeat: negative": (ValueError, lambda t: gg.repeat(t(M), -1)),
    "matmul: no axis": (ValueError, lambda t: gg.matmul(t(M), t(Z))),
    "matmul: lengths": (ValueError, lambda t: gg.matmul(t(M), t(M))),
    "matmul: no broadcast": (ValueError, lambda t: gg.matmul(t(V), t(np.ones(1)))),
    "vecdot: no broadcast": (ValueError, lambda t: gg.vecdot(t(V), t(np.ones(1)))),
    "tensordot": (ValueError, lambda t: gg.tensordot(t(M), t(M), axes=1)),
    "matrix_transpose": (ValueError, lambda t: gg.matrix_transpose(t(V))),
    "cross": (ValueError, lambda t: gg.linalg.cross(t(np.ones(2)), t(np.ones(2)))),
    "outer": (ValueError, lambda t: gg.linalg.outer(t(M), t(V))),
    "trace": (ValueError, lambda t: gg.linalg.trace(t(V))),
    "det": (ValueError, lambda t: gg.linalg.det(t(M))),
    "inv": (ValueError, lambda t: gg.linalg.inv(t(np.zeros((2, 2))))),
    "cholesky": (ValueError, lambda t: gg.linalg.cholesky(t(-np.eye(2)))),
    "isdtype": (ValueError, lambda t: gg.isdtype(gg.float64, "number")),
    "finfo": (ValueError, lambda t: gg.finfo(gg.int64)),
    "iinfo": (ValueError, lambda t: gg.iinfo(gg.float64)),
    "result_type": (ValueError, lambda t: gg.result_type()),
    "linspace": (ValueError, lambda t: gg.linspace(0, 1, -1)),
    "meshgrid": (ValueError, lambda t: gg.meshgrid(t(V), indexing="yx")),
    "fft": (ValueError, lambda t: gg.fft.fft(t(V), norm="none")),
    "api_version": (
        ValueError, lambda t: gg.tensor(V).__array_namespace__(api_version="2020.01")),
    "dtypes": (ValueError, lambda t: gg.__array_namespace_info__().dtypes(kind="number")),
    "bool": (ValueError, lambda t: bool(gg.tensor(V))),
    "float": (TypeError, lambda t: float(gg.tensor(V))),
    "index": (TypeError, lambda t: operator.index(gg.tensor(Z))),
    "to_device": (ValueError, lambda t: gg.tensor(V).to_device("cpu", stream=1)),
    "mT": (ValueError, lambda t: gg.tensor(V).mT),
}  # fmt: skip


@pytest.mark.parametrize("what", MUST_RAISE)
@pytest.mark.parametrize("kind", MAKES)
def test_errors(what: str, kind: str) -> None:
    """What the standard refuses, of arrays and Tensors."""
    error, function = MUST_RAISE[what]
    with pytest.raises(error):
        function(MAKES[kind])


def test_copies() -> None:
    """`copy=True` gives memory of its own, `False` none, `None` what is needed."""
    for make in (np.array, gg.tensor):
        x = make(M)
        plain = host(x)
        for y in (gg.asarray(x, copy=True), gg.reshape(x, (6,), copy=True), gg.astype(x, x.dtype)):
            assert not np.shares_memory(host(y), plain)
        for y in (
            gg.asarray(x, copy=False),
            gg.asarray(x, dtype=gg.float64, copy=False),
            gg.asarray(x, dtype=gg.float64),
            gg.asarray(x),
            gg.reshape(x, (6,), copy=False),
            gg.astype(x, gg.float64, copy=False),
            gg.from_dlpack(x),
        ):
            assert np.shares_memory(host(y), plain)
        assert gg.astype(x, gg.float64, copy=False) is x
        assert not np.shares_memory(host(gg.from_dlpack(x, copy=True)), plain)
    buffer = array.array("d", [1.0, 2.0])
    y = gg.asarray(buffer, copy=False)
    buffer[0] = 5.0
    assert y.value.tolist() == [5, 2]
    t = gg.tensor(M)
    assert t.reshape((6,), copy=True).shape == (6,)
    assert np.shares_memory(np.from_dlpack(t), host(t))


@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
def test_dtypes_of_sums(name: str) -> None:
    """Gradients have the dtype of the operand, whatever that of the sum; of integers they are 0."""
    x = np.array([0.5, 1.5, 2.0], "float32")
    function = getattr(gg, name)

    def loss(dtype: Any) -> Callable[[Any], Any]:
        return lambda x: gg.sum(function(x, axis=0, dtype=dtype) * 1.0)

    alone = gg.grad(loss(None))(x)
    for dtype in (gg.float64, gg.complex64):
        y = function(gg.tensor(x), axis=0, dtype=dtype)
        assert y.dtype == dtype
        found = gg.grad(lambda x, dtype=dtype: gg.real(loss(dtype)(x)))(x)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, alone, rtol=1e-6)
    whole = gg.grad(loss(gg.int64))(x)
    assert whole.dtype == np.float32
    np.testing.assert_array_equal(whole, 0)
    planned = gg.jit(lambda x: function(x, axis=0, dtype=gg.int16))
    for _ in range(3):
        assert planned(np.ones(3, "int8")).dtype == np.int16


def test_the_namespace_says_what_it_is() -> None:
    """Versions, devices and dtypes, by the standard's inspection functions."""
    info, wanted = gg.__array_namespace_info__(), strict.__array_namespace_info__()
    assert gg.__array_api_version__ == "2025.12"
    assert gg.tensor(V).__array_namespace__(api_version="2024.12") is gg
    assert info.capabilities() == wanted.capabilities()
    assert set(info.default_dtypes()) == set(wanted.default_dtypes())
    for kind in ("bool", "integral", "numeric", ("real floating", "bool"), None):
        assert set(info.dtypes(kind=kind)) == set(wanted.dtypes(kind=kind))
    assert isinstance(info.devices(), list)
    assert info.default_device() in info.devices()
    assert gg.tensor(V).to_device("cpu").device == gg.tensor(V).device == "cpu"


@pytest.mark.parametrize(
    ("find", "names"), [("finfo", KINDS["f"] + KINDS["c"]), ("iinfo", KINDS["i"] + KINDS["u"])]
)
def test_limits_of_dtypes_are_numbers_of_python(find: str, names: tuple[str, ...]) -> None:
    """Those that NumPy has, of a dtype, an array and a Tensor alike."""
    for name in (*names, *(["float16"] if find == "finfo" else [])):
        x = np.zeros(2, name)
        numpys = getattr(np, find)(name)
        for asked in (name, np.dtype(name), x.dtype.type, x, gg.asarray(x)):
            found = getattr(gg, find)(asked)
            for field in (f for f in dir(numpys) if not f.startswith("_")):
                value = getattr(found, field)
                assert value == getattr(numpys, field)
                assert field == "dtype" or type(value) in (int, float, str)
    with pytest.raises(InvalidArgument, match="dtype is"):
        getattr(gg, find)("bool")


METHODS: dict[str, Callable[..., Any]] = {
    "__array_namespace__": lambda self, *, api_version=None: None,
    "__dlpack__": (
        lambda self, *, stream=None, max_version=None, dl_device=None, copy=None: None
    ),
    "__dlpack_device__": lambda self: None,
    "to_device": lambda self, device, /, *, stream=None: None,
}
"""Those of the standard's arrays that take arguments, as the standard writes them."""


@pytest.mark.parametrize("method", METHODS)
def test_methods_have_the_signatures_of_the_standard(method: str) -> None:
    found = inspect.signature(getattr(gg.Tensor, method)).parameters
    wanted = inspect.signature(METHODS[method]).parameters
    assert [(p.name, p.default) for p in found.values()] == [
        (p.name, p.default) for p in wanted.values()
    ]
    assert [p.kind for p in list(found.values())[1:]] == [
        p.kind for p in list(wanted.values())[1:]
    ]


def test_functions_that_inspect_have_the_signatures_of_the_standard() -> None:
    info, wanted = gg.__array_namespace_info__(), strict.__array_namespace_info__()
    for name in ("capabilities", "default_device", "default_dtypes", "devices", "dtypes"):
        ours, theirs = (inspect.signature(getattr(x, name)).parameters for x in (info, wanted))
        assert [(p.name, p.kind) for p in ours.values()] == [
            (p.name, p.kind) for p in theirs.values()
        ]


def test_dlpack_takes_what_a_consumer_asks_for() -> None:
    t = gg.tensor([1.0, 2.0])
    asked: list[dict[str, Any]] = [
        {}, {"stream": None}, {"max_version": (1, 0)}, {"dl_device": (1, 0)}, {"copy": True},
        {"max_version": (1, 1), "copy": False},
    ]  # fmt: skip
    for words in asked:
        assert "dltensor" in repr(t.__dlpack__(**words))
    assert np.from_dlpack(t, copy=True).tolist() == [1.0, 2.0]
    with pytest.raises(BufferError):
        t.__dlpack__(dl_device=(2, 0))
    with pytest.raises(TrackedConversion, match="DLPack"):
        gg.tensor(1.0, requires_grad=True).__dlpack__(max_version=(1, 0))
    with pytest.raises(InvalidArgument, match="stream"):
        t.to_device("cpu", stream=1)
