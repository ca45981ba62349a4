"""The public surface, pinned: a name that comes or goes is a decision."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import gpugrad as gg
from gpugrad import errors
from gpugrad.core.registry import all_ops, namespace

NAMES = set(
    """
    Tensor checkpoint cond custom_vjp debug enable_grad errors fft grad hessian hvp implicit
    jacobian jit jvp linalg linearize nn no_grad op optim planned_sweeps profile random scan show
    special stop_gradient support testing use_backend use_deterministic use_planned_sweeps
    value_and_grad vjp vmap
    bool complex128 complex64 e float16 float32 float64 inf int16 int32 int64 int8 nan newaxis pi
    uint16 uint32 uint64 uint8
    abs absolute acos acosh add add_along_axis all allclose amax amin angle any append arange arccos
    arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort array_equal array_split
    asarray asin asin_slope asinh astype atan atan2 atan2_slope atanh atleast_1d atleast_2d
    atleast_3d average avg_pool2d batch_enter batch_leave batch_spread batch_sum bitwise_and
    bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor block
    broadcast_arrays broadcast_shapes broadcast_to can_cast cast cbrt ceil cholesky clear_at
    clear_in_view clip cofactor cofactor_slope column_stack complete_qr concat concatenate conj
    conjugate conv1d conv2d convolve convolve2d copy copysign corrcoef correlate cos cosh
    count_nonzero cov cross cross_entropy_and_softmax cross_entropy_vjp cumprod cumsum
    cumulative_prod cumulative_sum deg2rad degrees delete det diag diagflat diagonal diff digamma
    divide divmod dot dsplit dstack eig eigh eigvals eigvalsh einsum elu empty empty_like entr equal
    erf erfc erfinv euclidean_norm exp exp2 expand_dims expm expm1 eye fabs fft_fft fft_ifft
    fft_irfft fft_rfft filled_like finfo flip fliplr flipud floor floor_divide fmax fmin fmod
    from_dlpack full full_convolution full_like full_svd gammaln gelu geomspace getitem gradient
    greater greater_equal heaviside hsplit hstack hypot hypot_slope iinfo imag inner interp inv
    invert isclose iscomplex isdtype isfinite isin isinf isnan isneginf isposinf isreal kron
    layer_norm leaky_relu left_shift less less_equal linear linspace log log10 log1p log2 log_ndtr
    log_ndtr_slope log_sigmoid log_softmax logaddexp logaddexp2 logical_and logical_not logical_or
    logical_xor logit logspace logsumexp matmul matrix_rank matrix_transpose max max_pool2d maximum
    mean mean_squared_error median meshgrid min minimum mod move moveaxis multiply nan_to_num nanmax
    nanmean nanmin nanprod nanstd nansum nanvar ndtr ndtri ndtri_slope negative nextafter nll
    nonzero not_equal nuclear_norm one_hot ones ones_like outer overlap_add pad percentile
    permute_dims pinv polar_factor polygamma polyval positive pow power power_norm power_slope prod
    ptp put_along_axis qr quantile rad2deg radians random_bits random_uniform ravel real reciprocal
    relu remainder repeat repeated_places reshape result_type right_shift rint roll rollaxis
    root_mean_square rot90 round scale scatter_add searchsorted select set_at set_in_view setitem
    sigmoid sign signbit silu sin sinc sinc_derivative sinh slogdet softmax softmax_cross_entropy
    softplus solve solve_triangular sort sorted_places split sqrt square squeeze stack standardize
    std subtract sum svd svdvals swapaxes take take_along_axis tan tanh tanh_slope tensor tensordot
    tile to_device trace transpose trapezoid tril triu true_divide trunc unique_all unique_counts
    unique_inverse unique_places unique_values unit_vector unstack valid_correlation vander var vdot
    vecdot viewed vsplit vstack where windows xlog1py xlogy zeros zeros_like
    """.split()
)

ROOMS = {
    "fft": "fft fft2 fftfreq fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 "
    "irfftn rfft rfft2 rfftfreq rfftn",
    "linalg": "cholesky cross det diagonal eig eigh eigvals eigvalsh expm inv lstsq matmul "
    "matrix_norm matrix_power matrix_rank matrix_transpose norm outer pinv qr slogdet solve "
    "solve_triangular svd svdvals tensordot trace vecdot vector_norm",
    "nn": "ACTIVATIONS MLP Linear avg_pool2d conv1d conv2d dropout layer_norm linear max_pool2d "
    "mean_squared_error softmax_cross_entropy",
    "optim": "AdamState Optimizer Schedule SgdState adam adamw apply_updates constant cosine "
    "exponential linear piecewise sgd",
    "special": "digamma entr erf erfc erfinv expit gammaln log_expit log_ndtr log_softmax logit "
    "logsumexp ndtr ndtri polygamma psi sinc softmax xlog1py xlogy",
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
