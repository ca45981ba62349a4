"""Functions of gpugrad beside their counterparts in PyTorch, with operands to try both on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch_operands import (
    Draw,
    Function,
    alike,
    also,
    always,
    axis_of,
    definite,
    factors,
    inverse,
    matrix,
    one,
    reduced,
    reduced_by_one,
    regular,
    spread,
    squares,
    system,
    tall_matrix,
    two,
    vectors,
)

import gpugrad as gg
from gpugrad.core.registry import namespace as ops

REAL, BOTH, COMPLEX = ("float32", "float64"), ("float32", "float64", "complex64"), ("complex64",)


@dataclass(frozen=True)
class Pair:
    """Two functions that are to be the same, of the operands that `draw` gives.

    The values lie between 0.3 and 0.9, inside all domains and apart from each other; `everywhere`,
    between -1.8 and 1.8 too. `before` makes an operand of them, for both.
    """

    name: str
    ours: Function
    theirs: Function
    draw: Draw
    dtypes: tuple[str, ...] = REAL
    everywhere: bool = False
    before: Function | None = None
    tolerance: float | None = None                  # where PyTorch has fewer digits

    def __str__(self) -> str:
        return self.name


def pairs() -> Iterator[Pair]:
    """All of them."""
    yield from _elementwise()
    yield from _reductions()
    yield from _movements()
    yield from _linear_algebra()
    yield from _transforms()


def _elementwise() -> Iterator[Pair]:
    s, f = torch.special, torch.nn.functional
    for name in """abs acos asin atan asinh atanh cos cosh exp expm1 log log10 log1p log2 negative
                   positive reciprocal sigmoid sin sinh sqrt square tan tanh""".split():
        yield Pair(name, getattr(gg, name), getattr(torch, name), one, BOTH)
    for name in "abs atan asinh cos cosh exp sin sinh square tanh sigmoid tan".split():
        theirs = getattr(torch, name)
        yield Pair(f"{name} everywhere", getattr(gg, name), theirs, one, BOTH, everywhere=True)
    for name in "digamma psi".split():
        ours, theirs = getattr(gg.special, name), getattr(s, name)
        yield Pair(name, ours, theirs, one, tolerance=1e-8)
    for name in "entr erf erfc gammaln log_ndtr logit ndtr expit".split():
        yield Pair(name, getattr(gg.special, name), getattr(s, name), one)
    for name in "erf erfc log_ndtr ndtr".split():
        theirs = getattr(s, name)
        yield Pair(f"{name} everywhere", getattr(gg.special, name), theirs, one, everywhere=True)
    yield Pair("polygamma", lambda x, n: gg.special.polygamma(n, x),
               lambda x, n: s.polygamma(n, x), also(one, n=[0, 1, 2, 3]), tolerance=1e-8)
    yield Pair("acosh", gg.acosh, torch.acosh, one, BOTH, before=inverse)
    yield Pair("sinc", gg.sinc, torch.sinc, one, everywhere=True)
    yield Pair("conj", gg.conj, lambda x: x.conj().resolve_conj(), one, COMPLEX)
    yield Pair("real", gg.real, torch.real, one, BOTH)
    yield Pair("imag", gg.imag, torch.imag, one, COMPLEX)
    yield Pair("relu", gg.relu, torch.relu, one, everywhere=True)
    yield Pair("elu", gg.elu, f.elu, also(one, alpha=[1.0, 0.7]), everywhere=True)
    yield Pair("gelu", gg.gelu, lambda x: f.gelu(x, approximate="tanh"), one, everywhere=True)
    yield Pair("silu", gg.silu, f.silu, one, everywhere=True)
    yield Pair("softplus", gg.softplus, f.softplus, one, everywhere=True)
    yield Pair("leaky_relu", gg.leaky_relu,
               lambda x, slope: f.leaky_relu(x, negative_slope=slope),
               also(one, slope=[0.01, 0.3]), everywhere=True)
    yield Pair("clip", lambda x: gg.clip(x, -0.51, 0.63), lambda x: torch.clip(x, -0.51, 0.63),
               one, everywhere=True)
    for name in "add subtract multiply divide".split():
        theirs = getattr(torch, name)
        yield Pair(name, getattr(gg, name), theirs, two, BOTH, everywhere=name != "divide")
    yield Pair("power", gg.power, torch.pow, two, BOTH)
    for name in "maximum minimum logaddexp atan2 hypot copysign".split():
        yield Pair(name, getattr(gg, name), getattr(torch, name), two, everywhere=True)
    yield Pair("remainder", gg.remainder, torch.remainder, two)
    yield Pair("xlogy", gg.special.xlogy, s.xlogy, two)
    yield Pair("xlog1py", gg.special.xlog1py, s.xlog1py, two)
    yield Pair("where", lambda a, b: gg.where(a > b, a * b, b),
               lambda a, b: torch.where(a > b, a * b, b), two, everywhere=True)
    yield Pair("nan_to_num", gg.nan_to_num, torch.nan_to_num, one, everywhere=True)


def _reductions() -> Iterator[Pair]:
    def dim(f: Function) -> Function:
        return lambda x, axis, keepdims: f(x, dim=axis, keepdim=keepdims)

    for name in "sum mean".split():
        theirs = dim(getattr(torch, name))
        yield Pair(name, getattr(gg, name), theirs, reduced, BOTH, everywhere=True)
    yield Pair("max", gg.max, dim(torch.amax), reduced, everywhere=True)
    yield Pair("min", gg.min, dim(torch.amin), reduced, everywhere=True)
    yield Pair("logsumexp", gg.logsumexp, dim(torch.logsumexp), reduced, everywhere=True)
    yield Pair("prod", gg.prod, dim(torch.prod), reduced_by_one, BOTH, everywhere=True)
    for name in ("var", "std"):
        f = getattr(torch, name)
        yield Pair(name, getattr(gg, name),
                   lambda x, axis, keepdims, correction, f=f: f(
                       x, dim=axis, keepdim=keepdims, correction=correction),
                   also(spread, correction=[0, 1]), REAL, everywhere=True)
    yield Pair("euclidean_norm", ops.euclidean_norm, dim(torch.linalg.vector_norm), reduced, BOTH)
    yield Pair("vector_norm", gg.linalg.vector_norm,
               lambda x, ord, axis, keepdims: torch.linalg.vector_norm(x, ord, axis, keepdims),
               also(reduced, ord=[1, 2, 3, 2.5]), BOTH, everywhere=True)
    yield Pair("nansum", gg.nansum, dim(torch.nansum), reduced, everywhere=True)
    yield Pair("nanmean", gg.nanmean, dim(torch.nanmean), reduced, everywhere=True)
    yield Pair("quantile", lambda x, q, axis, keepdims: gg.quantile(
                   x, q, axis=axis, keepdims=keepdims),
               lambda x, q, axis, keepdims: torch.quantile(x, q, dim=axis, keepdim=keepdims),
               also(reduced_by_one, q=[0.0, 0.2, 0.5, 0.77, 1.0]), everywhere=True)
    for name in ("softmax", "log_softmax"):
        theirs = getattr(torch, name)
        yield Pair(name, getattr(gg, name), theirs, axis_of, everywhere=True)
    yield Pair("cumulative_sum", gg.cumulative_sum, torch.cumsum, axis_of, BOTH, everywhere=True)
    yield Pair("cumulative_prod", gg.cumulative_prod, torch.cumprod, axis_of, BOTH, everywhere=True)
    yield Pair("sort", gg.sort,
               lambda x, axis, descending: torch.sort(x, dim=axis, descending=descending)[0],
               also(axis_of, descending=[False, True]), everywhere=True)
    yield Pair("trapezoid", gg.trapezoid, lambda y, axis, dx: torch.trapezoid(y, dx=dx, dim=axis),
               also(axis_of, dx=[1.0, 0.3]), everywhere=True)
    yield Pair("mean_squared_error", gg.nn.mean_squared_error, torch.nn.functional.mse_loss, alike)
    yield Pair("softmax_cross_entropy",
               lambda x, labels: gg.nn.softmax_cross_entropy(x, labels.numpy()),
               lambda x, labels: torch.nn.functional.cross_entropy(x, labels, reduction="none"),
               always((3, 4), labels=[torch.tensor([0, 3, 1]), torch.tensor([2, 2, 2])]))


def _movements() -> Iterator[Pair]:
    def both(name: str, ours: Function, theirs: Function, draw: Any) -> Pair:
        return Pair(name, ours, theirs, draw, BOTH, everywhere=True)

    index = torch.tensor([2, 0, 2])
    yield both("reshape", lambda x: gg.reshape(x, (-1,)), lambda x: torch.reshape(x, (-1,)), one)
    yield both("permute_dims", gg.permute_dims, lambda x, axes: torch.permute(x, axes),
               always((2, 3, 4), axes=[(2, 0, 1), (-1, 1, 0)]))
    yield both("matrix_transpose", gg.matrix_transpose, lambda x: x.mT, matrix)
    yield both("moveaxis", lambda x: gg.moveaxis(x, 0, -1), lambda x: x.moveaxis(0, -1), matrix)
    yield both("swapaxes", lambda x: gg.swapaxes(x, 0, -1), lambda x: x.swapaxes(0, -1), matrix)
    yield both("expand_dims", gg.expand_dims, lambda x, axis: x.unsqueeze(axis), axis_of)
    yield both("squeeze", lambda x: gg.squeeze(x, axis=1), lambda x: x.squeeze(1),
               always((2, 1, 3)))
    yield both("broadcast_to", gg.broadcast_to, lambda x, shape: x.broadcast_to(shape),
               always((2, 1), shape=[(2, 3), (4, 2, 3), (2, 0)]))
    yield both("concat", lambda a, b: gg.concat((a, b, a), axis=-1),
               lambda a, b: torch.concat((a, b, a), dim=-1), alike)
    yield both("stack", lambda a, b: gg.stack((a, b, a), axis=1),
               lambda a, b: torch.stack((a, b, a), dim=1), alike)
    yield both("unstack", lambda x: gg.unstack(x)[-1] * 2, lambda x: x.unbind()[-1] * 2,
               always((3, 2)))
    yield both("flip", gg.flip, lambda x, axis: x.flip(axis), axis_of)
    yield both("roll", gg.roll, lambda x, shift, axis: x.roll(shift, axis),
               also(axis_of, shift=[1, -2, 5]))
    yield both("tile", lambda x, repetitions: gg.tile(x, repetitions),
               lambda x, repetitions: x.tile(repetitions),
               always((2, 3), repetitions=[(2,), (2, 3), (3, 1, 2)]))
    yield both("repeat", lambda x, repeats, axis: gg.repeat(x, repeats, axis=axis),
               lambda x, repeats, axis: torch.repeat_interleave(x, repeats, dim=axis),
               also(axis_of, repeats=[0, 1, 3]))
    yield both("tril", gg.tril, lambda x, k: x.tril(k), also(matrix, k=[0, 1, -1]))
    yield both("triu", gg.triu, lambda x, k: x.triu(k), also(matrix, k=[0, 1, -1]))
    yield both("diff", gg.diff, lambda x, axis, n: torch.diff(x, n=n, dim=axis),
               also(axis_of, n=[1, 2]))
    yield both("getitem", lambda x: x[index.numpy(), 1:], lambda x: x[index, 1:],
               always((3, 4)))
    yield both("take", lambda x: gg.take(x, index.numpy(), axis=1),
               lambda x: torch.index_select(x, 1, index), always((2, 3)))
    yield both("take_along_axis",
               lambda x: gg.take_along_axis(x, index.numpy()[None], axis=1),
               lambda x: torch.take_along_dim(x, index[None], dim=1), always((2, 3)))
    for mode in ("constant", "reflect", "edge", "wrap"):
        theirs = {"edge": "replicate", "wrap": "circular"}.get(mode, mode)
        yield Pair(f"pad {mode}",
                   lambda x, mode=mode: gg.pad(x, ((0, 0), (2, 1)), mode=mode),
                   lambda x, mode=theirs: torch.nn.functional.pad(x, (2, 1), mode=mode),
                   always((2, 4)), everywhere=True)
    yield both("setitem", _written, _written, always((3, 3), (3,)))


def _written(x: Any, v: Any) -> Any:
    out = x * 2.0
    out[1] = v
    out[:, 0] = v * x[2, 1]
    out[-1] *= x[0]
    return out


def _linear_algebra() -> Iterator[Pair]:
    la, theirs = gg.linalg, torch.linalg
    yield Pair("matmul", gg.matmul, torch.matmul, factors, BOTH, everywhere=True)
    yield Pair("outer", gg.outer, torch.outer, vectors, BOTH, everywhere=True)
    yield Pair("vecdot", gg.vecdot, theirs.vecdot, alike, BOTH, everywhere=True)
    yield Pair("cross", la.cross, theirs.cross, always((2, 3), (2, 3)), BOTH, everywhere=True)
    yield Pair("tensordot", gg.tensordot, lambda a, b, axes: torch.tensordot(a, b, dims=axes),
               always((2, 3, 4), (3, 4, 2), axes=[([1, 2], [0, 1]), ([0], [2]), ([2], [1])]),
               BOTH, everywhere=True)
    yield Pair("einsum", lambda a, b, text: gg.einsum(text, a, b),
               lambda a, b, text: torch.einsum(text, a, b),
               always((3, 3), (3, 3),
                       text=["ij,jk->ik", "ii,jk->jk", "ij,ij->i", "ij,kj->ik", "ij,jk",
                             "ii,kk->"]),
               BOTH, everywhere=True)
    yield Pair("diagonal", la.diagonal, lambda x: x.diagonal(dim1=-2, dim2=-1), matrix, BOTH)
    yield Pair("trace", la.trace, lambda x: x.diagonal(dim1=-2, dim2=-1).sum(-1), matrix, BOTH)
    for name in ("inv", "det"):
        yield Pair(name, getattr(la, name), getattr(theirs, name), squares, BOTH, before=regular)
    yield Pair("slogdet", lambda x: la.slogdet(x)[1], lambda x: theirs.slogdet(x)[1], squares,
               BOTH, before=regular)
    yield Pair("solve", lambda a, b: la.solve(regular(a), b),
               lambda a, b: theirs.solve(regular(a), b), system, BOTH)
    yield Pair("cholesky", la.cholesky, theirs.cholesky, squares, BOTH, before=definite)
    yield Pair("eigvalsh", la.eigvalsh, theirs.eigvalsh, always((3, 3)), BOTH, before=definite)
    yield Pair("eigh", lambda x: gg.abs(la.eigh(x)[1]), lambda x: theirs.eigh(x)[1].abs(),
               always((3, 3)), BOTH, before=definite)
    yield Pair("svdvals", la.svdvals, theirs.svdvals, always((3, 2)), BOTH)
    yield Pair("svd", lambda x: gg.abs(la.svd(x, full_matrices=False)[2]),
               lambda x: theirs.svd(x, full_matrices=False)[2].abs(), always((3, 2)), BOTH)
    yield Pair("pinv", la.pinv, theirs.pinv, always((3, 2)), BOTH)
    yield Pair("qr", lambda x: gg.abs(la.qr(x)[1]), lambda x: theirs.qr(x)[1].abs(), tall_matrix,
               BOTH)
    yield Pair("matrix_power", lambda x, n: la.matrix_power(x, n), theirs.matrix_power,
               also(squares, n=[0, 1, 2, 3, -1, -2]), BOTH, before=regular)
    yield Pair("matrix_norm", la.matrix_norm, lambda x, ord: theirs.matrix_norm(x, ord),
               always((3, 2), ord=["fro", "nuc", 1, -1, 2, -2, float("inf")]), BOTH)
    yield Pair("linear", gg.nn.linear, lambda x, w, b: x @ w + b, always((2, 3), (3, 4), (4,)),
               REAL, everywhere=True)


def _transforms() -> Iterator[Pair]:
    norms = ["backward", "ortho", "forward"]

    def dim(f: Function) -> Function:
        return lambda x, n, axis, norm: f(x, n=n, dim=axis, norm=norm)

    for name in ("fft", "ifft", "hfft"):
        yield Pair(name, getattr(gg.fft, name), dim(getattr(torch.fft, name)),
                   also(axis_of, n=[None, 2, 5], norm=norms) if name != "hfft" else
                   always((2, 4), n=[None, 5, 6], axis=[-1], norm=norms), COMPLEX, everywhere=True)
    yield Pair("rfft", gg.fft.rfft, dim(torch.fft.rfft), also(axis_of, n=[None, 2, 5], norm=norms),
               REAL, everywhere=True)
    yield Pair("ihfft", gg.fft.ihfft, dim(torch.fft.ihfft),
               also(axis_of, n=[None, 2, 5], norm=norms), REAL, everywhere=True)
    yield Pair("irfft", gg.fft.irfft, dim(torch.fft.irfft),
               always((2, 4), n=[None, 5, 6], axis=[-1], norm=norms), COMPLEX, everywhere=True)
    for name in ("fftn", "ifftn"):
        yield Pair(name, getattr(gg.fft, name), getattr(torch.fft, name), always((2, 3, 4)),
                   COMPLEX, everywhere=True)
    for name in ("fftshift", "ifftshift"):
        yield Pair(name, getattr(gg.fft, name), getattr(torch.fft, name), matrix, BOTH,
                   everywhere=True)
