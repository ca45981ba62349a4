"""Recurrent networks and attention, written out with NumPy for one sequence after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

Params = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Weights of inputs and carry, and their biases; the gates side by side, in PyTorch's order."""


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def rnn(params: Params, x: Any, h: Any) -> Any:
    w, r, b, c = params
    h = np.tanh(x @ w + b + h @ r + c)
    return h, h


def gru(params: Params, x: Any, h: Any) -> Any:
    w, r, b, c = params
    inputs, held = np.split(x @ w + b, 3), np.split(h @ r + c, 3)
    reset, keep = sigmoid(inputs[0] + held[0]), sigmoid(inputs[1] + held[1])
    h = (1 - keep) * np.tanh(inputs[2] + reset * held[2]) + keep * h
    return h, h


def lstm(params: Params, x: Any, carry: Any) -> Any:
    (h, c), (w, r, b, d) = carry, params
    write, keep, new, out = np.split(x @ w + b + h @ r + d, 4)
    c = sigmoid(keep) * c + sigmoid(write) * np.tanh(new)
    h = sigmoid(out) * np.tanh(c)
    return h, (h, c)


STEPS = {"RNN": rnn, "GRU": gru, "LSTM": lstm}


def recurrent(
    kind: str, params: Params, xs: Any, carry: Any = None, reverse: bool = False
) -> tuple[np.ndarray, Any]:
    """The outputs of one sequence, of shape (steps, width), and the last carry."""
    width = params[1].shape[0]
    if carry is None:
        carry = (np.zeros(width),) * 2 if kind == "LSTM" else np.zeros(width)
    ys = np.zeros((len(xs), width))
    for i in reversed(range(len(xs))) if reverse else range(len(xs)):
        ys[i], carry = STEPS[kind](params, xs[i], carry)
    return ys, carry


def attention(q: Any, k: Any, v: Any, allowed: Any, added: Any = 0.0) -> np.ndarray:
    """Of one head: queries (n, d), keys (m, d), values (m, w), and who may look where, (n, m)."""
    scores = q @ k.T / np.sqrt(q.shape[-1]) + added
    y = np.zeros((len(q), v.shape[-1]))
    for i in range(len(q)):
        seen = np.flatnonzero(allowed[i])
        if seen.size:
            shares = np.exp(scores[i, seen] - scores[i, seen].max())
            y[i] = shares @ v[seen] / shares.sum()
    return y
