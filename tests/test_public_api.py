"""The public surface, pinned: a name that comes or goes is a decision."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import gpugrad as gg
from gpugrad import errors
from gpugrad.registry import all_ops, namespace

NAMES = set(
    """
    Tensor cond enable_grad errors grad jit nn no_grad op optim profile random scan show
    stop_gradient testing use_backend use_deterministic value_and_grad vjp
    bool complex128 complex64 e float16 float32 float64 inf int16 int32 int64 int8 nan newaxis pi
    uint16 uint32 uint64 uint8
    abs acos acosh add add_along_axis all any arange argmax argmin argsort asarray asin asinh
    astype atan atan2 atanh bitwise_and bitwise_invert bitwise_left_shift bitwise_or
    bitwise_right_shift bitwise_xor broadcast_arrays broadcast_shapes broadcast_to cast ceil
    clear_at clip concat conj copy copysign cos cosh count_nonzero cross_entropy_and_softmax
    cumulative_prod cumulative_sum diff divide equal exp expand_dims expm1 flip floor floor_divide
    full full_like getitem greater greater_equal hypot imag isfinite isinf isnan less less_equal
    linear linspace log log10 log1p log2 log_softmax logaddexp logical_and logical_not logical_or
    logical_xor logsumexp matmul matrix_transpose max maximum mean mean_squared_error meshgrid min
    minimum move moveaxis multiply negative nextafter nll nonzero not_equal one_hot ones ones_like
    permute_dims positive power prod random_bits random_uniform real reciprocal relu remainder
    repeat repeated_places reshape roll round scale scatter_add searchsorted set_at setitem
    sigmoid sign signbit sin sinh softmax softmax_cross_entropy softplus sort sqrt square squeeze
    stack std subtract sum swapaxes take take_along_axis tan tanh tensor tile to_device tril triu
    trunc unique_all unique_counts unique_inverse unique_places unique_values unstack var where
    zeros zeros_like
    """.split()
)

ROOMS = {
    "nn": "ACTIVATIONS MLP Linear dropout linear mean_squared_error softmax_cross_entropy",
    "optim": "AdamState Optimizer Schedule SgdState adam adamw apply_updates constant cosine "
    "exponential linear piecewise sgd",
    "random": "bernoulli key normal split uniform",
}


def test_the_namespace_is_what_was_decided() -> None:
    """No name is missing, none slipped in."""
    modules = {info.name for info in pkgutil.iter_modules(gg.__path__)} - {"op", "tensor"}
    public = {name for name in dir(gg) if not name.startswith("_")}
    assert public - modules - {"errors", *ROOMS, "show", "testing"} == NAMES - {
        "errors",
        *ROOMS,
        "show",
        "testing",
    }
    for name in NAMES:
        assert hasattr(gg, name)


def test_rooms_export_what_they_name() -> None:
    """`__all__` of each room, pinned."""
    for room, names in ROOMS.items():
        assert set(getattr(gg, room).__all__) == set(names.split())


def test_every_op_is_in_gg_and_in_its_file() -> None:
    """The registry, the namespace of Tensors and `gg` hold the same functions."""
    for op in all_ops():
        module = importlib.import_module(op.forward.__module__)
        assert op.name in module.__all__
        assert getattr(gg, op.name) is getattr(namespace, op.name) is getattr(module, op.name)
        assert "xp" not in inspect.signature(getattr(gg, op.name)).parameters


def test_public_functions_have_docstrings() -> None:
    """Each says in one line what it does."""
    for name in NAMES:
        thing = getattr(gg, name)
        if inspect.isroutine(thing) or inspect.isclass(thing):
            assert (thing.__doc__ or "").strip(), name


def test_errors_are_one_tree() -> None:
    """All derive from GpugradError and from the built-in that callers expect."""
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and kind is not errors.GpugradError:
            assert issubclass(kind, errors.GpugradError)
            assert len(kind.__bases__) == 2
            assert name in (errors.__doc__ or "")
