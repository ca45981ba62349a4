"""The formulas of optimisers for one array, in NumPy: each yields the params after each step."""

import numpy as np


def mean(held, x, decay):
    return decay * held + (1 - decay) * x


def square(x):
    return np.abs(x) ** 2


def adam(p, grads, lr, b1=0.9, b2=0.999, eps=1e-8, nesterov=False, amsgrad=False, decay=0.0):
    m = s = peak = 0.0
    for t, g in enumerate(grads, 1):
        m, s = mean(m, g, b1), mean(s, square(g), b2)
        along = m / (1 - b1**t)
        if nesterov:
            along = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1**t)
        peak = np.maximum(peak, s)
        size = np.sqrt((peak if amsgrad else s) / (1 - b2**t)) + eps
        p = p - lr * (along / size + decay * p)
        yield p


def rmsprop(
    p, grads, lr, decay=0.9, eps=1e-8, start=0.0, in_root=True, centered=False, momentum=0.0,
    nesterov=False,
):  # fmt: skip
    m, s, v = 0.0, start, 0.0
    for g in grads:
        m, s = mean(m, g, decay), mean(s, square(g), decay)
        spread = s - square(m) if centered else s
        u = -lr * g / (np.sqrt(spread + eps) if in_root else np.sqrt(spread) + eps)
        v = momentum * v + u
        p = p + (u + momentum * v if nesterov else v)
        yield p


def adagrad(p, grads, lr, start=0.1, eps=1e-7):
    s = start
    for g in grads:
        s = s + square(g)
        p = p - lr * g / np.sqrt(s + eps)
        yield p


def adadelta(p, grads, lr=1.0, rho=0.9, eps=1e-6):
    s = u = 0.0
    for g in grads:
        s = mean(s, square(g), rho)
        step = g * np.sqrt(u + eps) / np.sqrt(s + eps)
        u = mean(u, square(step), rho)
        p = p - lr * step
        yield p


def adamax(p, grads, lr, b1=0.9, b2=0.999, eps=1e-8):
    m = u = 0.0
    for t, g in enumerate(grads, 1):
        m, u = mean(m, g, b1), np.maximum(b2 * u, np.abs(g) + eps)
        p = p - lr * m / (1 - b1**t) / u
        yield p


def lion(p, grads, lr, b1=0.9, b2=0.99, decay=1e-3):
    m = 0.0
    for g in grads:
        p = p - lr * (np.sign(mean(m, g, b1)) + decay * p)
        m = mean(m, g, b2)
        yield p


def lamb(p, grads, lr, b1=0.9, b2=0.999, eps=1e-6, decay=0.0):
    m = s = 0.0
    for t, g in enumerate(grads, 1):
        m, s = mean(m, g, b1), mean(s, square(g), b2)
        u = m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps) + decay * p
        p = p - lr * np.linalg.norm(p) / np.linalg.norm(u) * u
        yield p


def adafactor(p, grads, lr, shortest=128, rate=0.8, limit=1.0, momentum=None, decay=0.0, eps=1e-30):
    rows = columns = s = m = 0.0
    for t, g in enumerate(grads, 1):
        keep, squares = 1 - t**-rate, square(g) + eps
        if p.ndim == 2 and min(p.shape) >= shortest:
            rows = mean(rows, squares.mean(axis=1), keep)
            columns = mean(columns, squares.mean(axis=0), keep)
            u = g / np.sqrt(np.outer(rows, columns) / rows.mean())
        else:
            s = mean(s, squares, keep)
            u = g / np.sqrt(s)
        u = u / max(1.0, np.sqrt(square(u).mean()) / limit)
        u = lr * u * max(np.sqrt(square(p).mean()), 1e-3)
        if momentum is not None:
            u = m = mean(m, u, momentum)
        p = p - u - decay * p
        yield p


def muon(p, grads, lr, rounds=5, beta=0.95, eps=1e-8, decay=0.0, nesterov=True):
    """Of a matrix; other arrays go by `adam`."""
    if p.ndim != 2:
        yield from adam(p, grads, lr, eps=eps, nesterov=nesterov)
        return
    a, b, c = 3.4445, -4.7750, 2.0315
    m = 0.0
    for t, g in enumerate(grads, 1):
        m = mean(m, g, beta)
        x = m / (1 - beta**t)
        if nesterov:
            x = beta * m / (1 - beta ** (t + 1)) + (1 - beta) * g / (1 - beta**t)
        x = x / (np.linalg.norm(x) + eps)
        for _ in range(rounds):
            inner = x @ x.conj().T
            x = a * x + (b * inner + c * inner @ inner) @ x
        p = p - lr * (max(1.0, p.shape[1] / p.shape[0]) ** 0.5 * x + decay * p)
        yield p
