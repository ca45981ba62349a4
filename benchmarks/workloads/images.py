"""Images of 28 x 28: convolution, pooling, and a small network of both."""

from __future__ import annotations

from typing import Any

from workloads.workload import Draw, Program, Workload, differentiated, with_gradient

BATCHES = {"batch 8": 8, "batch 64": 64}
SIDE, IN, OUT, CLASSES = 28, 8, 16, 10


def _layer(batch: int) -> tuple[Any, ...]:
    """Images, then weight and bias of a convolution."""
    draw = Draw()
    x = draw.normal(batch, IN, SIDE, SIDE)
    return x, draw.normal(OUT, IN, 3, 3, scale=0.1), draw.normal(OUT)


def _parameters(batch: int) -> tuple[Any, ...]:
    """The same as one tree, and what the result should be."""
    return _layer(batch), Draw().normal(batch, OUT, SIDE, SIDE)


def _images(batch: int) -> tuple[Any, ...]:
    return (Draw().normal(batch, OUT, SIDE, SIDE),)


def _targets(batch: int) -> tuple[Any, ...]:
    draw = Draw()
    return draw.normal(batch, OUT, SIDE, SIDE), draw.normal(batch, OUT, SIDE // 2, SIDE // 2)


def _network(batch: int) -> tuple[Any, ...]:
    draw = Draw()
    features = OUT * (SIDE // 4) ** 2
    params = (
        (draw.normal(IN, 1, 3, 3, scale=0.3), draw.normal(IN, scale=0.1)),
        (draw.normal(OUT, IN, 3, 3, scale=0.1), draw.normal(OUT, scale=0.1)),
        draw.layer(features, CLASSES),
    )
    return params, draw.normal(batch, 1, SIDE, SIDE), draw.integers(CLASSES, batch)


def _conv(xp: Any) -> Program:
    return lambda x, w, b: xp.conv2d(x, w, b, padding=1)


def _torch_conv(torch: Any) -> Program:
    return lambda x, w, b: torch.nn.functional.conv2d(x, w, b, padding=1)


def _conv_loss(xp: Any) -> Program:
    return lambda layer, y: xp.mean((xp.conv2d(*layer, padding=1) - y) ** 2)


def _torch_conv_loss(torch: Any) -> Program:
    def loss(layer: Any, y: Any) -> Any:
        return torch.nn.functional.mse_loss(torch.nn.functional.conv2d(*layer, padding=1), y)

    return loss


def _pool(xp: Any) -> Program:
    return lambda x: xp.max_pool2d(x, 2)


def _torch_pool(torch: Any) -> Program:
    return lambda x: torch.nn.functional.max_pool2d(x, 2)


def _pool_loss(xp: Any) -> Program:
    return lambda x, y: xp.mean((xp.max_pool2d(x, 2) - y) ** 2)


def _torch_pool_loss(torch: Any) -> Program:
    def loss(x: Any, y: Any) -> Any:
        return torch.nn.functional.mse_loss(torch.nn.functional.max_pool2d(x, 2), y)

    return loss


def _network_loss(xp: Any) -> Program:
    def loss(params: Any, x: Any, labels: Any) -> Any:
        first, second, (w, b) = params
        h = xp.max_pool2d(xp.relu(xp.conv2d(x, *first, padding=1)), 2)
        h = xp.max_pool2d(xp.relu(xp.conv2d(h, *second, padding=1)), 2)
        logits = xp.reshape(h, (h.shape[0], -1)) @ w + b
        return xp.mean(xp.softmax_cross_entropy(logits, labels))

    return loss


def _torch_network_loss(torch: Any) -> Program:
    def loss(params: Any, x: Any, labels: Any) -> Any:
        F = torch.nn.functional
        first, second, (w, b) = params
        h = F.max_pool2d(F.relu(F.conv2d(x, *first, padding=1)), 2)
        h = F.max_pool2d(F.relu(F.conv2d(h, *second, padding=1)), 2)
        return F.cross_entropy(torch.addmm(b, h.flatten(1), w), labels)

    return loss


ROWS = (
    Workload("convolution", BATCHES, _layer, _conv, _conv, _torch_conv),
    Workload(
        "convolution, gradient",
        BATCHES,
        _parameters,
        differentiated(_conv_loss),
        differentiated(_conv_loss),
        with_gradient(_torch_conv_loss),
    ),
    Workload(
        "pooling",
        BATCHES,
        _images,
        _pool,
        _pool,
        _torch_pool,
        lambda np: lambda x: (
            np.maximum(
                np.maximum(x[..., ::2, ::2], x[..., ::2, 1::2]),
                np.maximum(x[..., 1::2, ::2], x[..., 1::2, 1::2]),
            )
        ),
    ),
    Workload(
        "pooling, gradient",
        BATCHES,
        _targets,
        differentiated(_pool_loss),
        differentiated(_pool_loss),
        with_gradient(_torch_pool_loss),
    ),
    Workload(
        "convolutional network, gradient",
        BATCHES,
        _network,
        differentiated(_network_loss),
        differentiated(_network_loss),
        with_gradient(_torch_network_loss),
    ),
)
