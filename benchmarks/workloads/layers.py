"""Layers of networks: normalisation, embedding, and a block of a transformer; with gradients."""

from __future__ import annotations

from math import sqrt
from typing import Any

from workloads.workload import Draw, Program, Workload, differentiated, with_gradient

HEADS, EPSILON = 4, 1e-5


def _rows(n: int) -> tuple[Any, ...]:
    draw = Draw()
    return (draw.normal(n, n), draw.uniform(0.5, 1.5, n), draw.normal(n)), draw.normal(n, n)


def _layer_norm(xp: Any) -> Program:
    return lambda layer, y: xp.mean((xp.layer_norm(*layer) - y) ** 2)


def _torch_layer_norm(torch: Any) -> Program:
    def loss(layer: Any, y: Any) -> Any:
        x, weight, bias = layer
        found = torch.nn.functional.layer_norm(x, x.shape[-1:], weight, bias)
        return torch.nn.functional.mse_loss(found, y)

    return loss


def _channels(size: tuple[int, int, int]) -> tuple[Any, ...]:
    """Images with a weight and a bias for each channel."""
    batch, channels, side = size
    draw = Draw()
    x = draw.normal(batch, channels, side, side)
    layer = (x, draw.uniform(0.5, 1.5, channels), draw.normal(channels))
    return layer, draw.normal(batch, channels, side, side)


def _batch_norm(xp: Any) -> Program:
    def loss(layer: Any, y: Any) -> Any:
        x, weight, bias = layer
        mean = xp.mean(x, axis=(0, 2, 3), keepdims=True)
        variance = xp.mean((x - mean) ** 2, axis=(0, 2, 3), keepdims=True)
        normal = (x - mean) / xp.sqrt(variance + EPSILON)
        return xp.mean((normal * weight[:, None, None] + bias[:, None, None] - y) ** 2)

    return loss


def _torch_batch_norm(torch: Any) -> Program:
    def loss(layer: Any, y: Any) -> Any:
        x, weight, bias = layer
        normal = torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True)
        return torch.nn.functional.mse_loss(normal, y)

    return loss


def _words(size: tuple[int, int, int]) -> tuple[Any, ...]:
    """A table, the rows that are looked up, and what they should be."""
    words, width, looked_up = size
    draw = Draw()
    return draw.normal(words, width), draw.integers(words, looked_up), draw.normal(looked_up, width)


def _embedding(xp: Any) -> Program:
    return lambda table, i, y: xp.mean((table[i] - y) ** 2)


def _torch_embedding(torch: Any) -> Program:
    def loss(table: Any, i: Any, y: Any) -> Any:
        return torch.nn.functional.mse_loss(torch.nn.functional.embedding(i, table), y)

    return loss


def _by_hand_embedding(np: Any) -> Program:
    def run(table: Any, i: Any, y: Any) -> Any:
        difference = table[i] - y
        grad = np.zeros_like(table)
        np.add.at(grad, i, difference * np.float32(2 / difference.size))
        return np.mean(difference * difference), grad

    return run


def _block_arguments(size: tuple[int, int, int]) -> tuple[Any, ...]:
    """Weights of attention and of the two layers behind it, and a batch of sequences."""
    batch, length, width = size
    draw = Draw()
    norms = [(draw.uniform(0.5, 1.5, width), draw.normal(width, scale=0.1)) for _ in range(2)]
    params = (
        norms,
        draw.layer(width, 3 * width),
        draw.layer(width, width),
        draw.layer(width, 4 * width),
        draw.layer(4 * width, width),
    )
    return params, draw.normal(batch, length, width), draw.normal(batch, length, width)


def _block(xp: Any) -> Program:
    def loss(params: Any, x: Any, y: Any) -> Any:
        norms, to_heads, out, up, down = params
        batch, length, width = x.shape
        h = xp.layer_norm(x, *norms[0]) @ to_heads[0] + to_heads[1]
        h = xp.reshape(h, (batch, length, 3, HEADS, width // HEADS))
        q, k, v = (h[:, :, i].transpose((0, 2, 1, 3)) for i in range(3))
        weights = xp.softmax(q @ xp.matrix_transpose(k) / sqrt(width // HEADS), axis=-1)
        mixed = xp.reshape((weights @ v).transpose((0, 2, 1, 3)), (batch, length, width))
        x = x + mixed @ out[0] + out[1]
        h = xp.gelu(xp.layer_norm(x, *norms[1]) @ up[0] + up[1])
        return xp.mean((x + h @ down[0] + down[1] - y) ** 2)

    return loss


def _torch_block(torch: Any) -> Program:
    def loss(params: Any, x: Any, y: Any) -> Any:
        F = torch.nn.functional
        norms, to_heads, out, up, down = params
        batch, length, width = x.shape
        h = F.layer_norm(x, (width,), *norms[0]) @ to_heads[0] + to_heads[1]
        q, k, v = h.view(batch, length, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        x = x + mixed @ out[0] + out[1]
        h = F.gelu(F.layer_norm(x, (width,), *norms[1]) @ up[0] + up[1], approximate="tanh")
        return F.mse_loss(x + h @ down[0] + down[1], y)

    return loss


ROWS = (
    Workload(
        "layer normalisation, gradient",
        {"100 x 100": 100, "1000 x 1000": 1000},
        _rows,
        differentiated(_layer_norm),
        differentiated(_layer_norm),
        with_gradient(_torch_layer_norm),
    ),
    Workload(
        "batch normalisation, gradient",
        {"8 x 16 x 14 x 14": (8, 16, 14), "64 x 16 x 28 x 28": (64, 16, 28)},
        _channels,
        differentiated(_batch_norm),
        differentiated(_batch_norm),
        with_gradient(_torch_batch_norm),
    ),
    Workload(
        "embedding, gradient",
        {"256 of 1,000": (1000, 32, 256), "3,200 of 10,000": (10_000, 64, 3200)},
        _words,
        differentiated(_embedding),
        differentiated(_embedding),
        with_gradient(_torch_embedding),
        _by_hand_embedding,
    ),
    Workload(
        "transformer block, gradient",
        {"2 x 16 x 32": (2, 16, 32), "8 x 64 x 128": (8, 64, 128)},
        _block_arguments,
        differentiated(_block),
        differentiated(_block),
        with_gradient(_torch_block),
    ),
)
