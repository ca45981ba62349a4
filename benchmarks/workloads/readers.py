"""Training steps of models that read texts letter by letter, with recurrent layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import gpugrad as gg
from workloads.sequences import CELLS
from workloads.training import Loss, arguments, row
from workloads.workload import Draw

LETTERS = 64


@gg.tree.register
class Reader:
    """An embedding, recurrent layers, and the scores of the letter that follows."""

    def __init__(self, kind: str, width: int, layers: int) -> None:
        self.table = gg.nn.Embedding(LETTERS, width)
        self.memory = getattr(gg.nn, kind)(width, width, layers=layers)
        self.head = gg.nn.Linear(width, LETTERS)

    def __call__(self, ids: Any) -> Any:
        """Of shape (batch, length, letters)."""
        return self.head(self.memory(self.table(ids))[0])


def _make(kind: str, size: tuple[int, int, int, int], rate: float) -> tuple[Any, ...]:
    batch, length, width, layers = size
    ids = Draw().integers(LETTERS, batch, length + 1)
    return arguments(Reader(kind, width, layers), None, ids)


def _loss(model: Any, state: Any, key: Any, ids: Any) -> Any:
    return gg.mean(gg.nn.softmax_cross_entropy(model(ids[:, :-1]), ids[:, 1:])), state


def _jax_loss(kind: str) -> Callable[[Any, float], Loss]:
    cell, parts = CELLS[kind], 1 + (kind == "LSTM")

    def build(jax: Any, rate: float) -> Loss:
        def layer(weights: Any, xs: Any) -> Any:
            w, to_gates, b, bias = weights
            start = (jax.zeros((xs.shape[1], len(to_gates)), xs.dtype),) * parts

            def step(carry: Any, x: Any) -> Any:
                carry = cell(jax, lambda h: h @ to_gates + bias, carry, x)
                return carry, carry[0]

            return jax.lax.scan(step, start, xs @ w + b)[1]

        def loss(params: Any, state: Any, key: Any, ids: Any) -> Any:
            table, *weights, head, shift = params
            x = table[ids[:, :-1].T]
            for i in range(0, len(weights), 4):
                x = layer(weights[i : i + 4], x)
            logits = x @ head + shift
            return jax.mean(jax.softmax_cross_entropy(logits, ids[:, 1:].T)), state

        return loss

    return build


def _torch_module(kind: str, torch: Any, params: Any, rate: float) -> Any:
    nn, width, layers = torch.nn, params[0].shape[1], (len(params) - 3) // 4

    class Network(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(LETTERS, width)
            self.memory = getattr(nn, kind)(width, width, layers, batch_first=True)
            self.head = nn.Linear(width, LETTERS)

        def forward(self, ids: Any) -> Any:
            logits = self.head(self.memory(self.table(ids[:, :-1]))[0])
            return nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())

    return Network()


SIZES = {
    "batch 16, 64 steps of 64": (16, 64, 64, 1),
    "batch 32, 64 steps of 128, 2 layers": (32, 64, 128, 2),
}

ROWS = tuple(
    workload
    for kind in ("GRU", "LSTM")
    for workload in row(
        f"{kind} of letters",
        SIZES,
        partial(_make, kind),
        _loss,
        _jax_loss(kind),
        partial(_torch_module, kind),
        rates=(0.0,),
    )
)
