"""An example call of every public function of arrays, on which the support table tries it.

What neither its own `example=` nor `CALLS` has a call for is called with a matrix for each argument
that it requires.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature, unwrap
from typing import Any

import numpy as np

import gpugrad as gg
import gpugrad.tree as tree
from gpugrad.backends import is_inexact
from gpugrad.backends.host_calls import HostFunction
from gpugrad.core import registry
from gpugrad.core.op_info import OpInfo, Shape

ROOMS = ("", "linalg", "fft", "special", "nn", "random")

NO_FUNCTIONS = frozenset(
    """
    batch_enter batch_leave batch_spread batch_sum checkpoint cond copyto debug fill_diagonal grad
    hessian host hvp implicit jacobian jit jvp linearize nn.initialized nn.summary op place
    planned_sweeps profile put putmask scan stop_gradient support use_backend use_deterministic
    use_planned_sweeps value_and_grad vjp vmap
    """.split()
)
"""Public names that are no functions of arrays, return nothing, or that gg.vmap alone can call."""


class Example:
    """A call of a function, as one of the arrays among its operands alone."""

    def __init__(
        self,
        function: Callable[..., object],
        operands: tuple[object, ...],
        settings: dict[str, object],
    ) -> None:
        self._function, self._operands = function, operands
        self._leaves, self._structure = tree.flatten(operands)
        self._settings = settings
        self._places = [i for i, x in enumerate(self._leaves) if isinstance(x, np.ndarray)]
        self.arrays = [self._leaves[i] for i in self._places]

    def __call__(self, *arrays: object) -> object:
        leaves = list(self._leaves)
        for i, x in zip(self._places, arrays, strict=True):
            leaves[i] = x
        return self._function(*tree.unflatten(self._structure, leaves), **self._settings)

    def of(self, function: Callable[..., object]) -> Example:
        """The same call of another function."""
        return Example(function, self._operands, self._settings)

    def floating(self) -> tuple[Callable[..., object], list[Any]]:
        """The same as a function of the floating arrays, and these."""
        places = [i for i, x in enumerate(self.arrays) if is_inexact(x.dtype)]

        def call(*arrays: object) -> object:
            every = list(self.arrays)
            for i, x in zip(places, arrays, strict=True):
                every[i] = x
            return self(*every)

        return call, [self.arrays[i] for i in places]


_rng = np.random.default_rng(0)


def _values(*shape: int, rng: np.random.Generator = _rng) -> np.ndarray:
    return 0.3 + 0.6 * (rng.permutation(np.prod(shape, dtype=int)).reshape(shape) + 0.5) / 12


X, V, M, CUBE = _values(2, 3), _values(3), _values(3, 3) + np.eye(3), _values(2, 2, 3)
BATCH = _values(1, 1, 3)
WINDOWS: dict[str, Any] = {
    "pads": ((0, 0),), "strides": (1,), "dilations": (1,), "groups": 1,
}  # fmt: skip
SYMMETRIC = (M + M.T) / 2
IMAGE, FILTER = _values(1, 1, 3, 4), _values(2, 1, 2, 2)
INDEX, MASK, BITS = np.array([2, 0, 2]), X > np.median(X), np.array([1, 2, 3])
KEY = np.array([7, 9], np.uint32)
COMPLEX = X + 1j * X[::-1]
F8 = np.dtype(np.float64)


def _call(*operands: object, **settings: object) -> tuple[tuple[object, ...], dict[str, object]]:
    return operands, settings


CALLS: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
    "acosh": _call(1 / X),
    "adaptive_avg_pool1d": _call(X, 2),
    "adaptive_avg_pool2d": _call(IMAGE, 2),
    "add_along_axis": _call(X, np.array([[0, 2, 0], [1, 1, 3]]), shape=(2, 4)),
    "arange": _call(0, 6),
    "argpartition": _call(X, 1),
    "array_split": _call(X, 2),
    "astype": _call(X, np.dtype(np.complex128)),
    "avg_pool1d": _call(X, 2),
    "avg_pool2d": _call(IMAGE, 2),
    "betainc_slope": _call(BITS, BITS[::-1], V),
    "bitwise_and": _call(BITS, BITS[::-1]),
    "bitwise_invert": _call(BITS),
    "bitwise_left_shift": _call(BITS, BITS),
    "bitwise_or": _call(BITS, BITS[::-1]),
    "bitwise_right_shift": _call(BITS, BITS),
    "bitwise_xor": _call(BITS, BITS[::-1]),
    "broadcast_arrays": _call(X, V),
    "broadcast_shapes": _call((2, 1), (3,)),
    "broadcast_to": _call(V, shape=(2, 3)),
    "can_cast": _call("int8", "float64"),
    "cast": _call(X, dtype=np.dtype(np.complex128)),
    "cholesky": _call(M @ M.T),
    "clear_at": _call(X, (0,)),
    "clear_in_view": _call(X, (0,), views=(("permute_dims", (1, 0)),)),
    "clip": _call(X, 0.4, 0.6),
    "cofactor": _call(M),
    "cofactor_slope": _call(M, M.T),
    "concat": _call((X, X)),
    "concatenate": _call((X, X)),
    "conv1d": _call(_values(1, 1, 5), _values(2, 1, 3)),
    "conv2d": _call(IMAGE, FILTER),
    "conv_transpose1d": _call(_values(1, 1, 3), _values(1, 2, 2)),
    "conv_transpose2d": _call(IMAGE, _values(1, 2, 2, 2)),
    "convolve": _call(V, V[::-1]),
    "correlate": _call(V, V[::-1]),
    "cross": _call(V, V[::-1]),
    "cross_entropy_and_softmax": _call(X, np.array([0, 2])),
    "cross_entropy_vjp": _call(V[:2], X, np.array([0, 2])),
    "cumulative_prod": _call(V),
    "cumulative_sum": _call(V),
    "delete": _call(X, 1),
    "det": _call(M),
    "digitize": _call(X, np.array([0.4, 0.7])),
    "dot": _call(X, M),
    "dsplit": _call(CUBE, 3),
    "eig": _call(M),
    "eigh": _call(SYMMETRIC),
    "eigvals": _call(M),
    "eigvalsh": _call(SYMMETRIC),
    "einsum": _call("ij,kj->ik", X, X),
    "empty": _call((2, 3)),
    "expand_dims": _call(X, axis=0),
    "expm": _call(M),
    "eye": _call(3),
    "fft.fftfreq": _call(4),
    "fft.rfftfreq": _call(4),
    "filled_like": _call(X, fill_value=0.5),
    "finfo": _call("float32"),
    "full": _call((2, 3), 0.5),
    "full_convolution": _call(V, V[::-1]),
    "full_like": _call(X, 0.5),
    "geomspace": _call(V, 1.0, 5),
    "fft_rfft_transposed": _call(COMPLEX, n=4),
    "gammainc_slope": _call(BITS, V),
    "getitem": _call(X, (0,)),
    "gradient": _call(V),
    "group_norm": _call(CUBE, 1),
    "host_call": _call((X,), function=HostFunction(np.copy), pure=True),
    "hsplit": _call(X, 3),
    "histogram": _call(BITS, 2, None, None, V),
    "iinfo": _call("int8"),
    "inverse_take": _call(X, np.array([[2, 0, 1], [0, 2, 1]])),
    "intersect1d": _call(BITS, BITS[:2]),
    "interp": _call(X, np.array([0.0, 0.5, 1.0]), V),
    "inv": _call(M),
    "isdtype": _call(F8, "real floating"),
    "isin": _call(X, V),
    "linalg.multi_dot": _call([X, M, V]),
    "lexsort": _call((V, V[::-1])),
    "linalg.solve_triangular": _call(M, V),
    "linalg.tensorinv": _call(_values(2, 2, 4) + np.eye(4).reshape(2, 2, 4)),
    "linalg.tensorsolve": _call(_values(2, 2, 4) + np.eye(4).reshape(2, 2, 4), _values(2, 2)),
    "linear": _call(X, M, V),
    "linspace": _call(V, 1.0, 5),
    "logical_and": _call(MASK, MASK[::-1]),
    "logical_not": _call(MASK),
    "logical_or": _call(MASK, MASK[::-1]),
    "logical_xor": _call(MASK, MASK[::-1]),
    "log_softmax": _call(X, axis=-1),
    "logit": _call(X),
    "logspace": _call(V, 1.0, 5),
    "matmul": _call(X, M),
    "matrix_power": _call(M, 3),
    "max_pool1d": _call(X, 2),
    "max_pool2d": _call(IMAGE, 2),
    "meshgrid": _call(V, V[::-1]),
    "move": _call(X, device="cpu", home="cpu"),
    "moveaxis": _call(X, 0, -1),
    "nanpercentile": _call(X, 30.0),
    "nanquantile": _call(X, 0.3),
    "nll": _call(X, np.array([0, 2])),
    "one_hot": _call(INDEX, n=3, dtype=F8),
    "ones": _call((2, 3)),
    **dict.fromkeys(("order_statistics", "ordered_places"), _call(X, places=(1,))),
    "outer": _call(V, V[::-1]),
    "overlap_add": _call(X, axis=0, at=0, size=2, n=4),
    "pad": _call(X, 1),
    "percentile": _call(X, 30.0),
    "permute_dims": _call(X, axes=(1, 0)),
    "polygamma": _call(X, n=1),
    "polyval": _call(V, X),
    "put_along_axis": _call(X, np.array([[0], [2]]), X[:, :1], axis=1, inplace=False),
    "qr": _call(M),
    "quantile": _call(X, 0.3),
    "random.bernoulli": _call(KEY, shape=(3,)),
    "random.categorical": _call(KEY, X),
    "random.key": _call(7),
    "random.normal": _call(KEY, shape=(3,)),
    "random.split": _call(KEY),
    "random.uniform": _call(KEY, shape=(3,)),
    "random_bits": _call(KEY, shape=(3,)),
    "random_uniform": _call(KEY, shape=(3,)),
    "repeat": _call(X, 2),
    "repeated_places": _call(np.array([1, 0, 2]), n=3),
    "reshape": _call(X, shape=(3, 2)),
    "result_type": _call(F8, 1),
    "roll": _call(X, shift=1),
    "rollaxis": _call(X, 1),
    "scatter_add": _call(V, (INDEX,), shape=(3,)),
    "searchsorted": _call(np.sort(V), V),
    "set_at": _call(X, (0,), V),
    "set_in_view": _call(X, (0,), V[:2], views=(("permute_dims", (1, 0)),)),
    **dict.fromkeys(("setdiff1d", "setxor1d", "union1d"), _call(X, X + 1)),
    "select": _call([MASK], [X], 0.5),
    "setitem": _call(X, (0,), V),
    "power_norm": _call(X, ord=3),
    "sinc_derivative": _call(X, n=1),
    "slogdet": _call(M),
    "softmax": _call(X, axis=-1),
    "softmax_cross_entropy": _call(X, np.array([0, 2])),
    "solve": _call(M, V),
    "solve_triangular": _call(M, V),
    "special.polygamma": _call(1, X),
    "sorted_places": _call(np.sort(V), V),
    "split": _call(X, 2),
    "stack": _call((X, X)),
    "svd": _call(M),
    "swapaxes": _call(X, 0, 1),
    "take": _call(X, INDEX, axis=1),
    "take_along_axis": _call(X, np.array([[0, 2], [1, 1]])),
    "tensordot": _call(X, X),
    "tile": _call(X, (2, 1)),
    "to_device": _call(X, "cpu"),
    "valid_correlation": _call(V, V[:2]),
    "batched_correlation": _call(BATCH, BATCH, **WINDOWS),
    "biased_correlation": _call(BATCH, BATCH, V[:1], **WINDOWS),
    "correlation_inputs": _call(BATCH[..., :1], BATCH, lengths=(3,), **WINDOWS),
    "correlation_weights": _call(BATCH, BATCH[..., :1], sizes=(3,), **WINDOWS),
    "vander": _call(V),
    "viewed": _call(X, (("permute_dims", (1, 0)),)),
    "vsplit": _call(X, 2),
    "where": _call(MASK, X, X[::-1]),
    "windows": _call(V, axis=0, at=0, size=2),
    "zeros": _call((2, 3)),
    **{name: _call(COMPLEX) for name in (
        "fft_irfft", "fft.irfft", "fft.irfft2", "fft.irfftn", "fft.hfft",
    )},
    "nn.dropout": _call(X, KEY),
    "nn.linear": _call(X, M, V),
    "nn.rotary": _call(M[:, :2]),
    "nn.scaled_dot_product_attention": _call(X, X, X),
    "nn.sinusoidal_positions": _call(2, 4),
}


def functions() -> dict[str, Callable[..., object]]:
    """All functions of arrays by their names, such as `"sin"` and `"linalg.solve"`.

    Those that only rules and other functions use are among them.
    """
    found = {name: getattr(registry.namespace, name) for name in sorted(helpers())}
    for room in ROOMS:
        module = getattr(gg, room) if room else gg
        for name in module.__all__ if room else dir(gg):
            thing = getattr(module, name)
            if name[0] == "_" or not callable(thing) or isinstance(thing, type):
                continue
            full = f"{room}.{name}" if room else name
            if full not in NO_FUNCTIONS:
                found[full] = thing
    return found


def helpers() -> set[str]:
    """The names of what is in the namespace of rules and not in `gg`."""
    public = {*dir(gg), *gg.special.__all__, *NO_FUNCTIONS}
    return set(vars(registry.namespace)) - public


def _filled(x: object, rng: np.random.Generator) -> Any:
    """An operand of an example that an op gives of itself."""
    if isinstance(x, Shape):
        return _values(*x, rng=rng)
    if isinstance(x, list):
        return np.array(x)
    return tuple(_filled(part, rng) for part in x) if isinstance(x, tuple) else x


def examples(name: str, function: Callable[..., object]) -> list[Example]:
    """The calls that a function says to try of itself, or the one that it has here."""
    known = getattr(function, "__name__", "")
    own = registry.all_infos().get(known, OpInfo()).examples
    # That of the namespace, or the same one as users call it.
    if own and unwrap(vars(registry.namespace)[known]) is unwrap(function):
        rng = np.random.default_rng(0)              # the same each time
        return [Example(function, _filled(call.operands, rng), call.settings) for call in own]
    names = (name, name.rpartition(".")[2], known)
    operands, settings = next((CALLS[x] for x in names if x in CALLS), (None, {}))
    if operands is None:
        required = [
            p for p in signature(function).parameters.values()
            if p.default is Parameter.empty and p.kind is not Parameter.KEYWORD_ONLY
        ]
        operands = tuple(X if i == 0 else X[::-1].copy() for i, _ in enumerate(required))
    return [Example(function, operands, settings)]


def example(name: str, function: Callable[..., object]) -> Example:
    """A call of the function of that name."""
    return examples(name, function)[0]
