"""The public surface, pinned: a name that comes or goes is a decision."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import gpugrad as gg
from gpugrad import errors, ops
from gpugrad.core.registry import all_ops, namespace

NAMES = set(
    """
    Tensor checkpoint cond custom_vjp debug enable_grad errors fft grad hessian host hvp implicit
    jacobian jit jvp linalg linearize nn no_grad op optim planned_sweeps profile random scan show
    special stop_gradient support testing use_backend use_deterministic use_planned_sweeps
    value_and_grad vjp vmap
    bool complex128 complex64 e float16 float32 float64 inf int16 int32 int64 int8 nan newaxis pi
    uint16 uint32 uint64 uint8
    abs absolute acos acosh adaptive_avg_pool1d adaptive_avg_pool2d add all allclose amax amin
    angle any append arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin
    argsort array_equal array_split asarray asin asinh astype atan atan2 atanh atleast_1d
    atleast_2d atleast_3d average avg_pool1d avg_pool2d batch_norm bitwise_and bitwise_invert
    bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor block
    broadcast_arrays broadcast_shapes broadcast_to can_cast cbrt ceil clip column_stack concat
    concatenate conj conjugate conv1d conv2d conv_transpose1d conv_transpose2d convolve
    convolve2d copy copysign corrcoef correlate cos cosh count_nonzero cov cross cumprod cumsum
    cumulative_prod cumulative_sum deg2rad degrees delete diag diagflat diagonal diff digamma
    divide divmod dot dsplit dstack einsum elu empty empty_like entr equal erf erfc erfinv exp
    exp2 expand_dims expm expm1 eye fabs finfo flip fliplr flipud floor floor_divide fmax fmin
    fmod from_dlpack full full_like gammaln gelu geomspace gradient greater greater_equal
    group_norm heaviside hsplit hstack huber_loss hypot iinfo imag inner interp invert isclose
    iscomplex isdtype isfinite isin isinf isnan isneginf isposinf isreal kron layer_norm
    leaky_relu left_shift less less_equal linear linspace log log10 log1p log2 log_ndtr
    log_sigmoid log_softmax logaddexp logaddexp2 logical_and logical_not logical_or logical_xor
    logit logspace logsumexp matmul matrix_transpose max max_pool1d max_pool2d maximum mean
    mean_squared_error median meshgrid min minimum mod moveaxis multiply nan_to_num nanmax
    nanmean nanmin nanprod nanstd nansum nanvar ndtr ndtri negative nextafter nll nonzero
    not_equal one_hot ones ones_like outer pad percentile permute_dims polygamma polyval
    positive pow power prod ptp put_along_axis quantile rad2deg radians ravel real reciprocal
    relu remainder repeat reshape result_type right_shift rint rms_norm roll rollaxis rot90
    round scatter_add searchsorted select sigmoid sigmoid_binary_cross_entropy sign signbit silu
    sin sinc sinh softmax softmax_cross_entropy softplus sort split sqrt square squeeze stack
    std subtract sum swapaxes take take_along_axis tan tanh tensor tensordot tile to_device
    trace transpose trapezoid tril triu true_divide trunc unique_all unique_counts
    unique_inverse unique_values unstack vander var vdot vecdot vsplit vstack where xlog1py
    xlogy zeros zeros_like
    """.split()
)

ROOMS = {
    "fft": "fft fft2 fftfreq fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 "
    "irfftn rfft rfft2 rfftfreq rfftn",
    "linalg": "cholesky cond cross det diagonal eig eigh eigvals eigvalsh expm inv lstsq matmul "
    "matrix_norm matrix_power matrix_rank matrix_transpose multi_dot norm outer pinv qr slogdet "
    "solve solve_triangular svd svdvals tensordot tensorinv tensorsolve trace vecdot vector_norm",
    "nn": "ACTIVATIONS GRU INITIALIZERS LSTM MLP RNN AdaptiveAvgPool1d AdaptiveAvgPool2d "
    "AttentionCache AvgPool1d AvgPool2d BatchNorm1d BatchNorm2d BatchNormState Conv1d "
    "Conv2d ConvTranspose1d ConvTranspose2d Dropout Embedding Flatten GRUCell GroupNorm "
    "LSTMCell LayerNorm Linear MaxPool1d MaxPool2d MultiheadAttention RMSNorm RNNCell "
    "Residual Sequential Summary TransformerBlock adaptive_avg_pool1d adaptive_avg_pool2d "
    "avg_pool1d avg_pool2d batch_norm conv1d conv2d conv_transpose1d conv_transpose2d "
    "dropout group_norm huber_loss initialized layer_norm linear max_pool1d max_pool2d "
    "mean_squared_error rms_norm rotary scaled_dot_product_attention "
    "sigmoid_binary_cross_entropy sinusoidal_positions softmax_cross_entropy summary",
    "autograd": "checkpoint elementwise_grad flatten grad grad_and_aux hessian "
    "hessian_vector_product holomorphic_grad jacobian make_hvp make_jvp make_vjp multigrad_dict "
    "tensor_jacobian_product value_and_grad vector_jacobian_product",
    "interop": "from_jax from_torch jax_function torch_function",
    "optimize": "curve_fit least_squares minimize root",
    "sparse": "factorized matmul solve",
    "stats": "bernoulli beta betabinom binom cauchy chi2 dirichlet expon f gamma geom gumbel_l "
    "gumbel_r halfcauchy halfnorm invgamma laplace logistic lognorm multinomial "
    "multivariate_normal nbinom norm pareto poisson powerlaw rayleigh skewnorm t truncnorm uniform "
    "vonmises weibull_min",
    "tree": "combine flatten leaves load map partition paths ravel register save unflatten",
    "optim": "OPTIMIZERS AdadeltaState AdamState AdamaxState ApplyIfFiniteState AverageState "
    "EmaState EmptyState FactoredState LbfgsState LineSearchState LionState LookaheadState "
    "MultiStepsState MuonState Optimizer PlateauState RmsState RssState Schedule "
    "ScheduleState SgdState TraceState adadelta adafactor adagrad adam adamax adamw "
    "add_decayed_weights apply_if_finite apply_updates average_params chain clip "
    "clip_by_block_rms clip_by_global_norm constant cosine ema exponential freeze "
    "from_optax global_norm identity incremental_update join_schedules lamb lbfgs linear "
    "lion lookahead masked multi_steps muon one_cycle partition piecewise polynomial "
    "reduce_on_plateau rmsprop scale scale_by_adam scale_by_adamax scale_by_factored_rms "
    "scale_by_lbfgs scale_by_learning_rate scale_by_lion scale_by_muon "
    "scale_by_param_block_rms scale_by_rms scale_by_rss scale_by_schedule "
    "scale_by_trust_ratio scale_by_zoom_linesearch set_to_zero sgd trace "
    "value_and_grad_from_state warmup",
    "special": "beta betainc betaincinv betaln digamma entr erf erfc erfinv exp1 expit expn gamma "
    "gammainc gammaincc gammaincinv gammaln i0 i0e i1 i1e iv j0 j1 jv kv log_expit log_ndtr "
    "log_softmax logit logsumexp ndtr ndtri polygamma psi sinc softmax xlog1py xlogy y0 y1 yv zeta",
    "random": "bernoulli categorical key normal split uniform",
}


IN_A_ROOM = {"bessel": "special", "incomplete": "special", "systems": "linalg"}
"""Files of ops whose functions are in a room of `gg` alone."""


def exported() -> set[str]:
    """What the files of ops name in `__all__`; the standard's inspection is under dunder names."""
    rooms = set(ops.__all__) - {"inspection"} - IN_A_ROOM.keys()
    modules = [importlib.import_module(f"gpugrad.ops.{name}") for name in rooms]
    return {name for module in modules for name in getattr(module, "__all__", ())}


def slipped_in(names: set[str]) -> set[str]:
    """Those of `names` that nobody decided on: here, or in `__all__` of a file of ops."""
    modules = {info.name for info in pkgutil.iter_modules(gg.__path__)} - {"op", "tensor"}
    return names - modules - NAMES - exported()


def test_the_namespace_is_what_was_decided() -> None:
    """No name is missing, none slipped in."""
    public = {name for name in dir(gg) if not name.startswith("_")}
    assert not slipped_in(public)
    assert slipped_in({*public, "scale"}) == {"scale"}      # the test can fail
    for name in NAMES | exported():
        assert hasattr(gg, name)
        assert name in public


def test_rooms_export_what_they_name() -> None:
    """No name of a room goes; one comes by `__all__` of the room."""
    for room, names in ROOMS.items():
        assert set(names.split()) <= set(getattr(gg, room).__all__)
        assert all(hasattr(getattr(gg, room), name) for name in getattr(gg, room).__all__)


def test_every_op_is_in_gg_and_in_its_file() -> None:
    """The registry and the namespace of Tensors hold the same functions; `gg`, or a room of it, and
    their files hold the same ones that take NumPy's parameters too. `gg` and `__all__` of their
    files hold only those that are not for rules alone.
    """
    for op in all_ops():
        module = importlib.import_module(op.forward.__module__)
        assert op.function is getattr(namespace, op.name)
        assert op.public is getattr(module, op.name)
        assert "xp" not in inspect.signature(op.public).parameters
        assert inspect.signature(op.public) == inspect.signature(op.function)
        assert (op.name in getattr(module, "__all__", ())) is op.info.public, op.name
        room = IN_A_ROOM.get(module.__name__.rpartition(".")[2])
        home = gg if room is None else getattr(gg, room)
        assert (op.name in home.__all__) is op.info.public, op.name
        assert (op.name in dir(gg)) is (op.info.public and room is None), op.name
        if op.info.public:
            assert getattr(home, op.name) is op.public


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
