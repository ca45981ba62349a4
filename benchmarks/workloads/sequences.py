"""Recurrent networks over 50 steps with their gradient: unrolled, and as a loop of the library.

PyTorch unrolls with a loop of Python; its loops are the layers that it has for them. The gates
follow its conventions. All multiply the inputs of all steps at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from workloads.workload import (
    Build,
    Draw,
    Program,
    Workload,
    differentiated,
    with_gradient,
)

STEPS = 50
SIZES = {"batch 4, width 16": (4, 16), "batch 32, width 64": (32, 64)}

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}

Cell = Callable[[Any, Any, Any, Any], Any]
"""`cell(xp, multiply, carry, inputs)` is the next carry, whose first part is the output."""


def _rnn(xp: Any, multiply: Program, carry: Any, x: Any) -> Any:
    return (xp.tanh(x + multiply(carry[0])),)


def _gru(xp: Any, multiply: Program, carry: Any, x: Any) -> Any:
    (h,) = carry
    n = h.shape[-1]
    g = multiply(h)
    reset = xp.sigmoid(x[:, :n] + g[:, :n])
    keep = xp.sigmoid(x[:, n : 2 * n] + g[:, n : 2 * n])
    new = xp.tanh(x[:, 2 * n :] + reset * g[:, 2 * n :])
    return (new + keep * (h - new),)


def _lstm(xp: Any, multiply: Program, carry: Any, x: Any) -> Any:
    h, c = carry
    n = h.shape[-1]
    g = x + multiply(h)
    write, keep = xp.sigmoid(g[:, :n]), xp.sigmoid(g[:, n : 2 * n])
    c = keep * c + write * xp.tanh(g[:, 2 * n : 3 * n])
    return xp.sigmoid(g[:, 3 * n :]) * xp.tanh(c), c


CELLS: dict[str, Cell] = {"RNN": _rnn, "GRU": _gru, "LSTM": _lstm}


def _arguments(kind: str, size: tuple[int, int]) -> tuple[Any, ...]:
    """Weights for inputs and for outputs, with a bias each; the first carry, inputs, targets."""
    batch, width = size
    draw = Draw()
    params = (*draw.layer(width, GATES[kind] * width), *draw.layer(width, GATES[kind] * width))
    carry = tuple(draw.normal(batch, width, scale=0.1) for _ in range(1 + (kind == "LSTM")))
    steps = (STEPS, batch, width)
    return params, carry, draw.normal(*steps), draw.uniform(-1, 1, *steps)


def _unrolled(cell: Cell) -> Callable[[Any], Program]:
    def build(xp: Any) -> Program:
        def loss(params: Any, carry: Any, xs: Any, targets: Any) -> Any:
            w, b, to_gates, bias = params
            inputs, outputs = xs @ w + b, []
            for i in range(STEPS):
                carry = cell(xp, lambda h: h @ to_gates + bias, carry, inputs[i])
                outputs.append(carry[0])
            return xp.mean((xp.stack(outputs) - targets) ** 2)

        return loss

    return build


def _scanned(cell: Cell) -> Callable[[Any], Program]:
    def build(xp: Any) -> Program:
        def loss(params: Any, carry: Any, xs: Any, targets: Any) -> Any:
            w, b, to_gates, bias = params

            def step(carry: Any, x: Any) -> Any:
                carry = cell(xp, lambda h: h @ to_gates + bias, carry, x)
                return carry, carry[0]

            _, outputs = xp.scan(step, carry, xs @ w + b)
            return xp.mean((outputs - targets) ** 2)

        return loss

    return build


def _torch_layer(kind: str) -> Build:
    def build(torch: Any) -> Program:
        layer = {"RNN": torch.rnn_tanh, "GRU": torch.gru, "LSTM": torch.lstm}[kind]
        # with biases, one layer, no dropout, training, one direction, steps first
        settings = (True, 1, 0.0, True, False, False)

        def loss(params: Any, carry: Any, xs: Any, targets: Any) -> Any:
            w, b, to_gates, bias = params
            start = [x[None] for x in carry]        # of the one layer
            weights = [w.T, to_gates.T, b, bias]
            outputs, *_ = layer(xs, start if kind == "LSTM" else start[0], weights, *settings)
            return torch.nn.functional.mse_loss(outputs, targets)

        return loss

    return build


def _rows(kind: str) -> tuple[Workload, Workload]:
    make, unrolled = partial(_arguments, kind), _unrolled(CELLS[kind])
    steps, loop = differentiated(unrolled), differentiated(_scanned(CELLS[kind]))
    layer = with_gradient(_torch_layer(kind))
    return (
        Workload(f"{kind}, unrolled", SIZES, make, steps, steps, with_gradient(unrolled)),
        Workload(f"{kind}, scanned", SIZES, make, loop, loop, layer),
    )


ROWS = tuple(row for kind in CELLS for row in _rows(kind))
