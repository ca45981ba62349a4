"""Rows of products and of what goes over the windows of images."""

from __future__ import annotations

from typing import Any

from gpugrad.errors import UnsupportedOperand
from gpugrad.interop.onnx.batch_sizes import Lengths, Size
from gpugrad.interop.onnx.idioms import AVERAGE_POOL, MAX_POOL
from gpugrad.interop.onnx.onnx_graph import Graph, Value
from gpugrad.interop.onnx.row_table import Use, row


@row("matmul")
def _matmul(g: Graph, use: Use) -> Value:
    if use.made[0].dtype == bool:
        raise UnsupportedOperand(
            f"{use.step.line}: gg.interop.to_onnx: ONNX has no product of matrices of booleans; "
            "convert them, as in gg.astype(x, int)."
        )
    return g("MatMul", *_of_one_dtype(g, use))


@row("batched_correlation", "biased_correlation")
def _conv(g: Graph, use: Use) -> Value:
    return g(
        "Conv", *_of_one_dtype(g, use), kernel_shape=_sizes(use), group=use.setting("groups"),
        strides=list(use.setting("strides")), dilations=list(use.setting("dilations")),
        pads=_pads(use),
    )  # fmt: skip


@row("correlation_inputs")
def _conv_transpose(g: Graph, use: Use) -> Value:
    """What a convolution goes to, of a length that is said, as several may lead there."""
    sizes, pads = _sizes(use), use.setting("pads")
    strides, dilations = use.setting("strides"), use.setting("dilations")
    places = _fixed(use, use.operands[0].lengths[2:])
    lengths = _fixed(use, use.setting("lengths"))
    more = [
        length - ((n - 1) * step + (size - 1) * apart + 1 - before - behind)
        for length, n, step, size, apart, (before, behind) in zip(
            lengths, places, strides, sizes, dilations, pads, strict=True
        )
    ]
    return g(
        "ConvTranspose", *_of_one_dtype(g, use), kernel_shape=sizes, group=use.setting("groups"),
        strides=list(strides), dilations=list(dilations), pads=_pads(use), output_padding=more,
    )  # fmt: skip


@row(MAX_POOL, AVERAGE_POOL)
def _pool(g: Graph, use: Use) -> Value:
    pads = use.setting("pads")
    settings: dict[str, Any] = {
        "kernel_shape": list(use.setting("sizes")),
        "strides": list(use.setting("strides")),
        "pads": [*pads, *pads],
    }
    if use.step.op == MAX_POOL:
        return g("MaxPool", use.values[0], **settings)
    return g("AveragePool", use.values[0], count_include_pad=1, **settings)


def _of_one_dtype(g: Graph, use: Use) -> list[Value]:
    """The operands in the dtype of the result, which NumPy finds for them."""
    return [g.cast(x, use.made[0].dtype) for x in use.values]


def _sizes(use: Use) -> list[int]:
    return _fixed(use, use.operands[1].lengths[2:])


def _fixed(use: Use, lengths: Lengths) -> list[int]:
    """Lengths that operators want to know."""
    if any(isinstance(n, Size) for n in lengths):
        raise UnsupportedOperand(
            f"{use.step.line}: gg.interop.to_onnx: a convolution goes along the batch; expected "
            "fixed lengths of images and filters: say with dynamic_batch= where the batch is."
        )
    return [n for n in lengths if not isinstance(n, Size)]


def _pads(use: Use) -> list[int]:
    """First those before each axis, then those behind."""
    pads = use.setting("pads")
    return [before for before, _ in pads] + [behind for _, behind in pads]
