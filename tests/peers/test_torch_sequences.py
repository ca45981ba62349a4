"""Recurrent layers and attention are those of PyTorch: outputs, gradients, ten training steps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

import gpugrad as gg

BATCH, STEPS, N_IN, WIDTH, HEADS = 3, 5, 4, 6, 2
RNG = np.random.default_rng(0)
XS, X = RNG.normal(size=(BATCH, STEPS, N_IN)), RNG.normal(size=(BATCH, STEPS, WIDTH))
CONTEXT = RNG.normal(size=(BATCH, 7, WIDTH))
LENGTHS = np.array([5, 2, 3])
VALID = np.arange(STEPS) < LENGTHS[:, None]
IDS = np.array([[1, 6, 6], [0, 2, 1]])
CAUSAL = np.tri(STEPS, dtype=bool)

Pairs = list[tuple[torch.Tensor, Callable[[Any], Any]]]
"""Parameters of PyTorch, and where the same numbers are in a model of ours."""


def columns(path: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The transpose, since PyTorch's weights have the outputs first."""
    return lambda model: path(model).T


def recurrent_pairs(theirs: Any, layers: int, both: bool) -> Pairs:
    found: Pairs = []
    for i in range(layers):
        for cells, end in (("cells", ""), ("backward_cells", "_reverse"))[: 1 + both]:
            def path(model: Any, part: str, cells: str = cells, i: int = i) -> Any:
                return getattr(getattr(model, cells)[i], part)

            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                weight = getattr(theirs, f"{part}_l{i}{end}")
                there = lambda model, part=part, path=path: path(model, part)    # noqa: E731
                found.append((weight, columns(there) if part.startswith("w") else there))
    return found


def attention_pairs(theirs: Any, ours: Callable[[Any], Any] = lambda m: m) -> Pairs:
    return [
        (theirs.in_proj_weight, columns(lambda m: ours(m).qkv.weight)),
        (theirs.in_proj_bias, lambda m: ours(m).qkv.bias),
        *linear_pairs(theirs.out_proj, lambda m: ours(m).out),
    ]


def linear_pairs(theirs: Any, ours: Callable[[Any], Any]) -> Pairs:
    weight = columns(lambda m: ours(m).weight)
    return [(theirs.weight, weight), (theirs.bias, lambda m: ours(m).bias)]


def block_pairs(theirs: Any) -> Pairs:
    norms = [
        (getattr(getattr(theirs, norm), part), lambda m, norm=norm, part=part: getattr(
            getattr(m, norm), part))
        for norm in ("norm1", "norm2") for part in ("weight", "bias")
    ]  # fmt: skip
    return [
        *attention_pairs(theirs.self_attn, lambda m: m.attention),
        *linear_pairs(theirs.linear1, lambda m: m.up),
        *linear_pairs(theirs.linear2, lambda m: m.down),
        *norms,
    ]


class Twin:
    """A model of each library with the same parameters, and how both are called."""

    def __init__(
        self, ours: Any, theirs: Any, pairs: Pairs, call: Callable[..., Any],
        call_theirs: Callable[..., Any], *inputs: np.ndarray,
    ) -> None:  # fmt: skip
        torch.manual_seed(0)
        self.model, self.theirs, self.pairs = ours, theirs.double(), pairs
        self.call, self.call_theirs, self.inputs = call, call_theirs, inputs
        with torch.no_grad():
            for parameter, where in pairs:
                value = where(ours) + 0.1 * RNG.normal(size=where(ours).shape)
                where(ours)[...] = value            # arrays of NumPy, of which `.T` is a view
                parameter.copy_(torch.tensor(value))
        assert len(pairs) == len(list(theirs.parameters())) == len(gg.tree.leaves(ours))

    def loss(self, model: Any, *inputs: Any) -> Any:
        return sum(gg.mean(gg.sin(y)) for y in gg.tree.leaves(self.call(model, *inputs)))

    def their_loss(self, *inputs: Any) -> Any:
        found = self.call_theirs(self.theirs, *inputs)
        return sum(torch.mean(torch.sin(y)) for y in gg.tree.leaves(found))

    def check(self) -> None:
        """Raises `AssertionError` unless outputs, gradients and ten steps of Adam are the same."""
        grad = [x.dtype.kind == "f" for x in self.inputs]
        theirs = [torch.tensor(x, requires_grad=g) for x, g in zip(self.inputs, grad, strict=True)]
        for y, wanted in zip(
            gg.tree.leaves(self.call(self.model, *self.inputs)),
            gg.tree.leaves(self.call_theirs(self.theirs, *theirs)), strict=True,
        ):  # fmt: skip
            close(y, wanted)
        places = (0, *(i + 1 for i, g in enumerate(grad) if g))
        model, *slopes = gg.grad(self.loss, argnums=places)(self.model, *self.inputs)
        self.their_loss(*theirs).backward()
        for x, slope in zip([x for x in theirs if x.requires_grad], slopes, strict=True):
            close(slope, x.grad)
        for parameter, where in self.pairs:
            close(where(model), parameter.grad)
        self.train()

    def train(self) -> None:
        adam = gg.optim.adam(1e-2)
        model, state = self.model, adam.init(self.model)

        @gg.jit
        def step(model: Any, state: Any) -> Any:
            updates, state = adam.update(gg.grad(self.loss)(model, *self.inputs), state, model)
            return gg.optim.apply_updates(model, updates), state

        optimizer = torch.optim.Adam(self.theirs.parameters(), 1e-2)
        inputs = [torch.tensor(x) for x in self.inputs]
        for _ in range(10):
            model, state = step(model, state)
            optimizer.zero_grad()
            self.their_loss(*inputs).backward()
            optimizer.step()
        for parameter, where in self.pairs:
            np.testing.assert_allclose(where(model), parameter.detach().numpy(), 1e-9, 1e-9)


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted.detach().numpy(), rtol=1e-11, atol=1e-12)


SIZES = [(1, False), (2, False), (1, True), (2, True)]


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize(("layers", "both"), SIZES)
@pytest.mark.parametrize("padded", [False, True])
def test_recurrent_layers(kind: str, layers: int, both: bool, padded: bool) -> None:
    def call(model: Any, xs: Any) -> Any:
        ys, carry = model(xs, mask=VALID if padded else None)
        carries = carry if layers * (1 + both) > 1 else (carry,)
        if kind != "LSTM":
            return ys, gg.stack(list(carries))
        return ys, tuple(gg.stack(list(part)) for part in zip(*carries, strict=True))

    def call_theirs(model: Any, xs: Any) -> Any:
        if not padded:
            return model(xs)
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            xs, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False
        )
        ys, carry = model(packed)
        return torch.nn.utils.rnn.pad_packed_sequence(ys, batch_first=True)[0], carry

    settings = {"bidirectional": both, "dtype": "float64"}
    ours = getattr(gg.nn, kind)(N_IN, WIDTH, layers=layers, **settings)
    theirs = getattr(torch.nn, kind)(
        N_IN, WIDTH, layers, batch_first=True, bidirectional=both
    ).double()
    Twin(ours, theirs, recurrent_pairs(theirs, layers, both), call, call_theirs, XS).check()


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_cells(kind: str) -> None:
    start = (RNG.normal(size=(BATCH, WIDTH)),) * (1 + (kind == "LSTM"))

    def call(model: Any, x: Any, *carry: Any) -> Any:
        return model(x, carry if kind == "LSTM" else carry[0])[1]

    def call_theirs(model: Any, x: Any, *carry: Any) -> Any:
        return model(x, carry if kind == "LSTM" else carry[0])

    ours = getattr(gg.nn, f"{kind}Cell")(N_IN, WIDTH, dtype="float64")
    theirs = getattr(torch.nn, f"{kind}Cell")(N_IN, WIDTH).double()
    pairs: Pairs = [
        (getattr(theirs, part), columns(lambda m, p=part: getattr(m, p)) if part[0] == "w" else
         lambda m, p=part: getattr(m, p))
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]  # fmt: skip
    Twin(ours, theirs, pairs, call, call_theirs, XS[:, 0], *start).check()


def test_an_embedding() -> None:
    ours = gg.nn.Embedding(7, WIDTH, dtype="float64")
    theirs = torch.nn.Embedding(7, WIDTH).double()
    pairs: Pairs = [(theirs.weight, lambda m: m.weight)]
    Twin(ours, theirs, pairs, lambda m, i: m(i), lambda m, i: m(i), IDS).check()


FORBIDDEN = ~VALID                                  # as PyTorch has it: true where nobody may look
MASKS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "none": ({}, {}),
    "causal": ({"causal": True}, {"attn_mask": ~CAUSAL}),
    "padded": ({"mask": VALID[:, None, :]}, {"key_padding_mask": FORBIDDEN}),
    "both": (
        {"mask": VALID[:, None, :], "causal": True},
        {"key_padding_mask": FORBIDDEN, "attn_mask": ~CAUSAL},
    ),
    "added": ({"mask": 0.3 * CAUSAL}, {"attn_mask": 0.3 * CAUSAL}),
}


@pytest.mark.parametrize("name", MASKS)
def test_multihead_attention(name: str) -> None:
    mask, theirs_mask = MASKS[name]
    masks = {key: torch.tensor(value) for key, value in theirs_mask.items()}
    ours = gg.nn.MultiheadAttention(WIDTH, HEADS, dtype="float64")
    theirs = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).double()
    Twin(
        ours, theirs, attention_pairs(theirs), lambda m, x: m(x, **mask),
        lambda m, x: m(x, x, x, **masks)[0], X,
    ).check()  # fmt: skip
    wanted = theirs(*[torch.tensor(X)] * 3, **masks, average_attn_weights=False)[1]
    with torch.no_grad():
        for parameter, where in attention_pairs(theirs):
            where(ours)[...] = parameter.numpy()
    close(ours.weights(X, **mask), wanted)


def test_attention_to_a_context() -> None:
    ours = gg.nn.MultiheadAttention(WIDTH, HEADS, dtype="float64")
    theirs = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).double()
    Twin(
        ours, theirs, attention_pairs(theirs), lambda m, x, c: m(x, c),
        lambda m, x, c: m(x, c, c)[0], X, CONTEXT,
    ).check()  # fmt: skip


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("causal", [False, True])
def test_transformer_blocks(norm_first: bool, activation: str, causal: bool) -> None:
    functions = {"relu": torch.relu,
                 "gelu": lambda x: torch.nn.functional.gelu(x, approximate="tanh")}
    ours = gg.nn.TransformerBlock(
        WIDTH, HEADS, 9, causal=causal, norm_first=norm_first, activation=activation,
        dtype="float64",
    )  # fmt: skip
    theirs = torch.nn.TransformerEncoderLayer(
        WIDTH, HEADS, 9, 0.0, functions[activation], batch_first=True, norm_first=norm_first
    ).double()
    mask = torch.tensor(~CAUSAL) if causal else None
    Twin(
        ours, theirs, block_pairs(theirs), lambda m, x: m(x), lambda m, x: m(x, src_mask=mask), X,
    ).check()  # fmt: skip


@pytest.mark.parametrize("shared", [1, 2, 4])
def test_scaled_dot_product_attention(shared: int) -> None:
    q, k, v = (RNG.normal(size=(BATCH, heads, STEPS, 3)) for heads in (4, shared, shared))
    masks: list[Any] = [{}, {"causal": True}, {"mask": RNG.random((BATCH, 1, STEPS, STEPS)) < 0.7}]
    masks[2]["mask"] |= CAUSAL                       # in which each query sees one key, at least
    for mask in masks:
        theirs = [torch.tensor(x, requires_grad=True) for x in (q, k, v)]
        wanted = torch.nn.functional.scaled_dot_product_attention(
            *theirs, None if "mask" not in mask else torch.tensor(mask["mask"]),
            is_causal="causal" in mask, enable_gqa=True,
        )  # fmt: skip
        attend = lambda *x, mask=mask: gg.nn.scaled_dot_product_attention(*x, **mask)   # noqa: E731
        y, pullback = gg.vjp(attend, q, k, v)
        close(y, wanted)
        wanted.sum().backward()
        for slope, x in zip(pullback(np.ones(y.shape)), theirs, strict=True):
            close(slope, x.grad)


def test_a_wrong_gate_is_found() -> None:
    """Two biases swapped, by which the gates of an LSTM are in another order."""
    ours = gg.nn.LSTM(N_IN, WIDTH, dtype="float64")
    theirs = torch.nn.LSTM(N_IN, WIDTH, batch_first=True).double()
    twin = Twin(
        ours, theirs, recurrent_pairs(theirs, 1, False), lambda m, x: m(x)[0],
        lambda m, x: m(x)[0], XS,
    )  # fmt: skip
    cell = ours.cells[0]
    cell.bias_ih[:] = np.concatenate([cell.bias_ih[WIDTH:], cell.bias_ih[:WIDTH]])
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        twin.check()
    assert all(a != b for a, b in pairwise(cell.bias_ih))
