"""The table of primitives: one row for each function that can be a step of a plan.

What else is known of a primitive by its name is made from its row: the methods of the tracing and
batching namespaces, the calls of NumPy, the expressions that compiled engines write, what a region
may hold, what the file of a plan may name. Steps that passes make of several, as a fused one, have
no row.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import numpy as np

from gpugrad.backends.collectives import Collective
from gpugrad.backends.host_calls import HostFunction
from gpugrad.backends.integers import ARITHMETIC
from gpugrad.plan.primitive import (
    ALONG_AXIS,
    BY_BROADCAST,
    BY_MATRIX,
    CALLED,
    CHECK,
    COMPOSED,
    CONTRACTION,
    CONTROL,
    EFFECT,
    LABELS,
    MOVEMENT,
    OF_RANDOM_KEYS,
    OVER_AXES,
    PART_BY_PART,
    REDUCTION,
    VIEW,
    Call,
    Primitive,
    Reduction,
    Scalar,
)

if TYPE_CHECKING:
    from gpugrad.plan.plan import Slot

_COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")

_YES, _NO = "({0} == {0})", "({0} != {0})"
"""Of what is never NaN. An operand is read by every expression: compilers warn of others."""

_AXES = ("axes", "keepdims")

_OVER_AXES = Call(settings=("axis", "keepdims"))
_RUNNING = Call(settings=("axis", "include_initial"))
_PLACES = Call(settings=("places", "axis"))
_FOURIER = Call(settings=("n", "axis", "norm"), sized="n")


def _of_host(operands: tuple[Slot, ...], settings: dict[str, object]) -> tuple[Slot, ...]:
    """The results that a function from outside has, as it was said where it was wrapped."""
    # Which only a program that traces needs.
    from gpugrad.plan.plan import Slot

    function = settings["args"][0]  # type: ignore[index]  # the arguments of its call
    assert isinstance(function, HostFunction)
    specs = function.specs([(slot.shape, slot.dtype) for slot in operands])
    assert specs is not None                        # as an effect must say
    return tuple(Slot(tuple(shape), np.dtype(dtype)) for shape, dtype in specs)


def _communicated(operands: tuple[Slot, ...], settings: dict[str, object]) -> tuple[Slot, ...]:
    """The result of a collective, which is the argument `call`."""
    from gpugrad.plan.plan import Slot

    call = dict(settings["kwargs"])["call"]  # type: ignore[call-overload]  # pairs
    assert isinstance(call, Collective)
    return (Slot(call.made_of(operands[0].shape), operands[0].dtype),)


_ROWS = (
    # Elementwise
    Primitive(
        "add", scalar=Scalar("({0} + {1})", integers="T(U({0}) + U({1}))", booleans="({0} or {1})"),
        ufunc="add", in_python=True, counts_booleans=True,
    ),
    Primitive(
        "subtract", scalar=Scalar("({0} - {1})", integers="T(U({0}) - U({1}))"),
        ufunc="subtract", in_python=True, counts_booleans=True,
    ),
    Primitive(
        "multiply",
        scalar=Scalar("({0} * {1})", integers="T(U({0}) * U({1}))", booleans="({0} and {1})"),
        ufunc="multiply", in_python=True, counts_booleans=True,
    ),
    Primitive("divide", scalar=Scalar("({0} / {1})"), ufunc="divide"),
    Primitive("power", scalar=Scalar("f.power({0}, {1})"), counts_booleans=True),
    Primitive(
        "maximum", scalar=Scalar("({0} if {0} != {0} else ({0} if {0} > {1} else {1}))"),
        ufunc="maximum",
    ),
    Primitive(
        "minimum", scalar=Scalar("({0} if {0} != {0} else ({0} if {0} < {1} else {1}))"),
        ufunc="minimum",
    ),
    Primitive(
        "scale",
        scalar=Scalar("f.scale({0}, {1})", integers="T(U({0}) * U({1}))", booleans="({0} and {1})"),
        rereads=True,
    ),
    Primitive(
        "negative", scalar=Scalar("(-{0})", integers="T(U(0) - U({0}))"),
        ufunc="negative", in_python=True, counts_booleans=True,
    ),
    Primitive(
        "positive", scalar=Scalar("{0}"),
        ufunc="positive", in_python=True, counts_booleans=True,
    ),
    Primitive("copy", scalar=Scalar("{0}")),
    Primitive(
        "square", scalar=Scalar("({0} * {0})", integers="T(U({0}) * U({0}))"),
        ufunc="square",
    ),
    Primitive("sqrt", scalar=Scalar("f.sqrt({0})"), ufunc="sqrt", c="sqrt"),
    Primitive("exp", scalar=Scalar("f.exp({0})"), ufunc="exp", c="exp"),
    Primitive("exp2", scalar=Scalar("f.power(T(2), {0})"), ufunc="exp2"),
    Primitive("expm1", scalar=Scalar("f.expm1({0})"), ufunc="expm1", c="expm1"),
    Primitive("log", scalar=Scalar("f.log({0})"), ufunc="log", c="log"),
    Primitive("log1p", scalar=Scalar("f.log1p({0})"), ufunc="log1p", c="log1p"),
    Primitive("log2", scalar=Scalar("f.log2({0})"), ufunc="log2", c="log2"),
    Primitive("log10", scalar=Scalar("f.log10({0})"), ufunc="log10", c="log10"),
    Primitive(
        "logaddexp",
        scalar=Scalar(
            f"({{0}} + T({log(2)}) if {{0}} == {{1}} else "
            "({0} if {0} > {1} else {1}) + f.log1p(f.exp(-f.abs({0} - {1}))))",
        ),
        ufunc="logaddexp",
    ),
    Primitive(
        "logaddexp2",
        scalar=Scalar(
            "(({0} + T(1)) if {0} == {1} else ({0} if {0} > {1} else {1}) + "
            f"f.log1p(f.power(T(2), -f.abs({{0}} - {{1}}))) * T({1 / log(2)}))",
        ),
        ufunc="logaddexp2",
    ),
    Primitive("sin", scalar=Scalar("f.sin({0})"), ufunc="sin", c="sin"),
    Primitive("cos", scalar=Scalar("f.cos({0})"), ufunc="cos", c="cos"),
    Primitive("tan", scalar=Scalar("f.tan({0})"), ufunc="tan", c="tan"),
    Primitive("asin", scalar=Scalar("f.asin({0})"), ufunc="arcsin", c="asin"),
    Primitive("acos", scalar=Scalar("f.acos({0})"), ufunc="arccos", c="acos"),
    Primitive("atan", scalar=Scalar("f.atan({0})"), ufunc="arctan", c="atan"),
    Primitive("atan2", scalar=Scalar("f.atan2({0}, {1})"), ufunc="arctan2", c="atan2"),
    Primitive("hypot", scalar=Scalar("f.hypot({0}, {1})"), ufunc="hypot", c="hypot"),
    Primitive("sinh", scalar=Scalar("f.sinh({0})"), ufunc="sinh", c="sinh"),
    Primitive("cosh", scalar=Scalar("f.cosh({0})"), ufunc="cosh", c="cosh"),
    Primitive("tanh", scalar=Scalar("f.tanh({0})"), ufunc="tanh", c="tanh"),
    Primitive("tanh_slope", scalar=Scalar("f.tanh_slope({0})")),
    Primitive("asinh", scalar=Scalar("f.asinh({0})"), ufunc="arcsinh", c="asinh"),
    Primitive("acosh", scalar=Scalar("f.acosh({0})"), ufunc="arccosh", c="acosh"),
    Primitive("atanh", scalar=Scalar("f.atanh({0})"), ufunc="arctanh", c="atanh"),
    Primitive("sigmoid", scalar=Scalar("f.sigmoid({0})"), rereads=True),
    Primitive(
        "logit",
        scalar=Scalar(
            "(f.log({0} / (T(1) - {0})) if {0} < T(0.3) or {0} > T(0.65) else "
            "T(2) * f.atanh({0} - T(0.5) + ({0} - T(0.5))))",
        ),
        ufunc="special.logit",
    ),
    Primitive("erf", scalar=Scalar("f.erf({0})"), ufunc="special.erf", c="erf"),
    Primitive("erfc", scalar=Scalar("f.erfc({0})"), ufunc="special.erfc", c="erfc"),
    Primitive("ndtr", scalar=Scalar("f.ndtr({0})"), ufunc="special.ndtr"),
    Primitive("gammaln", scalar=Scalar("f.gammaln({0})"), ufunc="special.gammaln"),
    Primitive(
        "xlogy", scalar=Scalar("(T(0) if {0} == 0 and {1} == {1} else {0} * f.log({1}))"),
        ufunc="special.xlogy",
    ),
    Primitive(
        "xlog1py", scalar=Scalar("(T(0) if {0} == 0 and {1} == {1} else {0} * f.log1p({1}))"),
        ufunc="special.xlog1py",
    ),
    Primitive(
        "entr",
        scalar=Scalar("(f.log(T(0)) if {0} < 0 else T(0) if {0} == 0 else -{0} * f.log({0}))"),
        ufunc="special.entr",
    ),
    Primitive(
        "floor", scalar=Scalar("f.floor({0})", integers="{0}", booleans="{0}"),
        ufunc="floor", c="floor",
    ),
    Primitive(
        "ceil", scalar=Scalar("f.ceil({0})", integers="{0}", booleans="{0}"),
        ufunc="ceil", c="ceil",
    ),
    Primitive(
        "trunc", scalar=Scalar("f.trunc({0})", integers="{0}", booleans="{0}"),
        ufunc="trunc", c="trunc",
    ),
    Primitive("round", scalar=Scalar("f.round({0})", integers="{0}", booleans="{0}"), c="rint"),
    Primitive(
        "abs",
        scalar=Scalar(
            "f.abs({0})",
            takes="own",
            integers="({0} if {0} >= 0 else T(U(0) - U({0})))",
            booleans="{0}",
        ),
        ufunc="absolute", counts_booleans=True,
    ),
    Primitive("sign", scalar=Scalar("f.sign({0})"), ufunc="sign"),
    Primitive(
        "signbit",
        scalar=Scalar("f.signbit({0})", takes="own", integers="({0} < 0)", booleans=_NO),
        ufunc="signbit",
    ),
    Primitive("copysign", scalar=Scalar("f.copysign({0}, {1})"), ufunc="copysign", c="copysign"),
    Primitive("conj", scalar=Scalar("{0}"), ufunc="conjugate"),
    Primitive("real", scalar=Scalar("{0}", takes="own"), rereads=True),
    Primitive(
        "imag", scalar=Scalar("(T(0) if {0} == {0} else T(0))", takes="own"), rereads=True,
    ),
    Primitive("astype", scalar=Scalar("T({0})", takes="own"), settings=("dtype",)),
    Primitive("where", scalar=Scalar("({1} if {0} else {2})", takes="select"), rereads=True),
    Primitive("equal", scalar=Scalar("({0} == {1})", takes="common"), ufunc="equal"),
    Primitive("not_equal", scalar=Scalar("({0} != {1})", takes="common"), ufunc="not_equal"),
    Primitive("less", scalar=Scalar("({0} < {1})", takes="common"), ufunc="less"),
    Primitive("less_equal", scalar=Scalar("({0} <= {1})", takes="common"), ufunc="less_equal"),
    Primitive("greater", scalar=Scalar("({0} > {1})", takes="common"), ufunc="greater"),
    Primitive(
        "greater_equal", scalar=Scalar("({0} >= {1})", takes="common"),
        ufunc="greater_equal",
    ),
    Primitive("bitwise_and", scalar=Scalar("({0} & {1})"), ufunc="bitwise_and"),
    Primitive("bitwise_or", scalar=Scalar("({0} | {1})"), ufunc="bitwise_or"),
    Primitive("bitwise_xor", scalar=Scalar("({0} ^ {1})"), ufunc="bitwise_xor"),
    Primitive("bitwise_invert", scalar=Scalar("(~{0})", booleans="(not {0})"), ufunc="invert"),
    Primitive("bitwise_left_shift", scalar=Scalar("f.left_shift({0}, {1})"), ufunc="left_shift"),
    Primitive("bitwise_right_shift", scalar=Scalar("f.right_shift({0}, {1})"), ufunc="right_shift"),
    Primitive(
        "logical_not", scalar=Scalar("({0} == 0)", takes="own", booleans="(not {0})"),
        ufunc="logical_not",
    ),
    Primitive("logical_and", scalar=Scalar("({0} and {1})", takes="own"), ufunc="logical_and"),
    Primitive("logical_or", scalar=Scalar("({0} or {1})", takes="own"), ufunc="logical_or"),
    Primitive(
        "logical_xor", scalar=Scalar("(({0} != 0) != ({1} != 0))", takes="own"),
        ufunc="logical_xor",
    ),
    Primitive("isnan", scalar=Scalar("({0} != {0})", takes="own"), ufunc="isnan"),
    Primitive(
        "isfinite", scalar=Scalar("f.isfinite({0})", takes="own", integers=_YES, booleans=_YES),
        ufunc="isfinite",
    ),
    Primitive(
        "isinf", scalar=Scalar("f.isinf({0})", takes="own", integers=_NO, booleans=_NO),
        ufunc="isinf",
    ),
    # Reductions
    Primitive(
        "sum", REDUCTION, reduction=Reduction("({0} + {1})", 0, adds=True),
        settings=_AXES, ufunc="add",
    ),
    Primitive(
        "max", REDUCTION, settings=_AXES, ufunc="maximum",
        reduction=Reduction("({0} if {0} != {0} else ({0} if {0} > {1} else {1}))", "lowest"),
    ),
    Primitive(
        "min", REDUCTION, settings=_AXES, ufunc="minimum",
        reduction=Reduction("({0} if {0} != {0} else ({0} if {0} < {1} else {1}))", "highest"),
    ),
    # Products, views, movement
    Primitive("matmul", CONTRACTION),
    Primitive("reshape", VIEW, settings=("shape",), in_regions=True, selects=True),
    Primitive("permute_dims", VIEW, settings=("axes",), selects=True),
    Primitive("broadcast_to", VIEW, settings=("shape",), in_regions=True, selects=True),
    Primitive("slice", VIEW, settings=("key",), selects=True),
    Primitive("concat", MOVEMENT, settings=("axis",), selects=True),
    Primitive("pack", MOVEMENT, settings=("shape",), selects=True),
    Primitive("add_at", MOVEMENT, settings=("key",)),
    Primitive("set_at", MOVEMENT, settings=("key",)),
    # Labels, and the check that they are some
    Primitive("nll", LABELS, in_regions=True),
    Primitive("one_hot", LABELS, settings=("n", "dtype"), in_regions=True),
    Primitive("check_labels", CHECK, settings=("n",)),
    # Plans inside of a plan (see `interpret.py`)
    Primitive("cond", CONTROL, settings=("true", "false")),
    Primitive("scan", CONTROL, settings=("body", "carries", "xs", "length", "reverse")),
    # Called functions
    Primitive("all", CALLED, call=_OVER_AXES, batches=OVER_AXES),
    Primitive("any", CALLED, call=_OVER_AXES, batches=OVER_AXES),
    Primitive("argmax", CALLED, call=_OVER_AXES),
    Primitive("argmin", CALLED, call=_OVER_AXES),
    Primitive(
        "argsort", CALLED, call=Call(settings=("axis", "descending", "stable")), batches=ALONG_AXIS,
    ),
    Primitive(
        "batched_correlation", CALLED,
        call=Call(2, ("pads", "strides", "dilations", "groups")),
    ),
    Primitive(
        "biased_correlation", CALLED,
        call=Call(3, ("pads", "strides", "dilations", "groups")),
    ),
    Primitive("betainc", CALLED, call=Call(3), batches=BY_BROADCAST),
    Primitive("betainc_slope", CALLED, call=Call(3), batches=BY_BROADCAST),
    Primitive("betaincinv", CALLED, call=Call(3), batches=BY_BROADCAST),
    Primitive("betaln", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("cbrt", CALLED, batches=BY_BROADCAST),
    Primitive("cholesky", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("cofactor", COMPOSED, batches=BY_MATRIX),
    Primitive("cofactor_slope", COMPOSED, batches=BY_BROADCAST),
    Primitive("compared", CALLED, call=Call(2, names=_COMPARISONS)),
    Primitive("complete_qr", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive(
        "correlation_inputs", CALLED,
        call=Call(2, ("lengths", "pads", "strides", "dilations", "groups")),
    ),
    Primitive(
        "correlation_weights", CALLED,
        call=Call(2, ("sizes", "pads", "strides", "dilations", "groups")),
    ),
    Primitive("count_nonzero", CALLED, call=_OVER_AXES, batches=OVER_AXES),
    Primitive("cumulative_prod", CALLED, call=_RUNNING, batches=ALONG_AXIS),
    Primitive("cumulative_prod_slope", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("cumulative_sum", CALLED, call=_RUNNING, batches=ALONG_AXIS),
    Primitive("det", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("digamma", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("eig", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("eigh", CALLED, call=Call(settings=("UPLO",)), batches=BY_MATRIX),
    Primitive("eigvals", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("eigvalsh", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("erfcx", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("erfinv", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("euclidean_norm", CALLED, call=_OVER_AXES, batches=OVER_AXES),
    Primitive("exp1", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("expi", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("expm", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("expn", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("fft_fft", CALLED, call=_FOURIER, batches=ALONG_AXIS),
    Primitive("fft_ifft", CALLED, call=_FOURIER, batches=ALONG_AXIS),
    Primitive("fft_irfft", CALLED, call=_FOURIER, batches=ALONG_AXIS),
    Primitive("fft_rfft", CALLED, call=_FOURIER, batches=ALONG_AXIS),
    Primitive(
        "fft_irfft_transposed", CALLED, call=Call(settings=("axis", "norm")), batches=ALONG_AXIS,
    ),
    Primitive("fft_rfft_transposed", CALLED, call=_FOURIER, batches=ALONG_AXIS),
    Primitive("flip", CALLED, call=Call(settings=("axis",))),
    Primitive("floor_divide", CALLED, batches=BY_BROADCAST),
    Primitive("fmod", CALLED, batches=BY_BROADCAST),
    Primitive("gamma", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("gammainc", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("gammainc_slope", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("gammaincc", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("gammainccinv", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("gammaincinv", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("communicate", EFFECT, makes=_communicated),
    Primitive("host_call", CALLED),
    Primitive("host_effect", EFFECT, makes=_of_host),
    Primitive("full_convolution", CALLED, call=Call(2), batches=PART_BY_PART),
    Primitive("full_svd", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("getitem", CALLED, call=Call(settings=("key",)), indexed=True),
    Primitive("i0", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("i0e", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("i1", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("i1e", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("inverse_take", CALLED, call=Call(2, ("axis",)), indexed=True),
    Primitive("inv", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("iv", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("j0", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("j1", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("jv", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("kv", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("lambertw", CALLED, call=Call(settings=("k",))),
    Primitive("log_ndtr", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("matrix_rank", CALLED, call=Call(settings=("rtol",)), batches=BY_MATRIX),
    Primitive("mean", CALLED, call=_OVER_AXES, batches=OVER_AXES),
    Primitive("ndtri", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("nextafter", CALLED, batches=BY_BROADCAST),
    Primitive("nonzero", CALLED, call=Call(), shaped_by_values=True),
    Primitive("of_integers", CALLED, call=Call(0, names=tuple(ARITHMETIC))),
    Primitive("of_parts", CALLED, call=Call(2)),
    Primitive("order_statistics", CALLED, call=_PLACES, batches=ALONG_AXIS),
    Primitive("ordered_places", CALLED, call=_PLACES, batches=ALONG_AXIS),
    Primitive("other_products", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("pinv", CALLED, call=Call(settings=("rtol",)), batches=BY_MATRIX),
    Primitive("polygamma", CALLED, call=Call(settings=("n",))),
    Primitive("prod", CALLED, call=_OVER_AXES, batches=OVER_AXES),
    Primitive("qr", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("random_bits", CALLED, call=Call(settings=("shape",)), batches=OF_RANDOM_KEYS),
    Primitive(
        "random_uniform", CALLED, call=Call(settings=("shape", "dtype", "low", "high")),
        batches=OF_RANDOM_KEYS,
    ),
    Primitive("reciprocal", CALLED, batches=BY_BROADCAST),
    Primitive("remainder", CALLED, batches=BY_BROADCAST),
    Primitive("repeat", CALLED, call=Call(2), shaped_by_values=True),
    Primitive("reverse_cumulative_sum", CALLED, call=Call(settings=("axis",)), batches=ALONG_AXIS),
    Primitive("roll", CALLED, call=Call(settings=("shift", "axis"))),
    Primitive("searchsorted", CALLED, call=Call(2, ("side",)), batches=PART_BY_PART),
    Primitive("slogdet", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("solve", CALLED, call=Call(2)),
    Primitive("solve_triangular", CALLED, call=Call(2, ("lower", "unit_diagonal"))),
    Primitive(
        "sort", CALLED, call=Call(settings=("axis", "descending", "stable")), batches=ALONG_AXIS,
    ),
    Primitive(
        "std", CALLED, call=Call(settings=("axis", "correction", "keepdims")), batches=OVER_AXES,
    ),
    Primitive("svd", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("svdvals", CALLED, call=Call(), batches=BY_MATRIX),
    Primitive("take_along_axis", CALLED, call=Call(2, ("axis",)), indexed=True),
    Primitive("to_integer", CALLED, call=Call(settings=("dtype",))),
    Primitive("tril", CALLED, call=Call(settings=("k",)), batches=BY_MATRIX),
    Primitive("triu", CALLED, call=Call(settings=("k",)), batches=BY_MATRIX),
    Primitive("unique_all", CALLED, call=Call(), shaped_by_values=True),
    Primitive("unit_vector", CALLED, call=Call(settings=("axis",))),
    Primitive("valid_correlation", CALLED, call=Call(2), batches=PART_BY_PART),
    Primitive(
        "var", CALLED, call=Call(settings=("axis", "correction", "keepdims")), batches=OVER_AXES,
    ),
    Primitive("y0", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("y1", CALLED, call=Call(), batches=BY_BROADCAST),
    Primitive("yv", CALLED, call=Call(2), batches=BY_BROADCAST),
    Primitive("zeta", CALLED, call=Call(2), batches=BY_BROADCAST),
)  # fmt: skip

PRIMITIVES: dict[str, Primitive] = {row.name: row for row in _ROWS}
"""The rows by their names."""

SCALARS: dict[str, Scalar] = {row.name: row.scalar for row in _ROWS if row.scalar is not None}
"""Every elementwise primitive."""

REDUCTIONS: dict[str, Reduction] = {
    row.name: row.reduction for row in _ROWS if row.reduction is not None
}
"""Every reduction that a region may hold."""

SUMS = frozenset(name for name, reduction in REDUCTIONS.items() if reduction.adds)
"""Reductions that add up."""

CALLS: dict[str, Call] = {row.name: row.call for row in _ROWS if row.call is not None}
"""What operations of gpugrad call, besides NumPy's own ufuncs."""

VIEWS = frozenset(row.name for row in _ROWS if row.kind == VIEW)
"""Steps whose result can show the memory of their operand."""

CHECKS = frozenset(row.name for row in _ROWS if row.kind == CHECK)
"""Steps that raise where their operands are not as they should be."""

CONTROLS = frozenset(row.name for row in _ROWS if row.kind == CONTROL)
"""Steps whose settings hold plans."""
