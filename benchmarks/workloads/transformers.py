"""Training steps of causal transformers that predict the next letter."""

from __future__ import annotations

from math import sqrt
from typing import Any

import gpugrad as gg
from workloads.training import Loss, arguments, dropped, row
from workloads.workload import Draw

LETTERS, HEADS = 64, 4


@gg.tree.register
class LanguageModel:
    """Embeddings of letters and places, blocks, and the scores of the letter that follows."""

    def __init__(self, length: int, width: int, blocks: int, rate: float) -> None:
        self.table, self.places = gg.nn.Embedding(LETTERS, width), gg.nn.Embedding(length, width)
        self.blocks = [
            gg.nn.TransformerBlock(width, HEADS, causal=True, dropout=rate) for _ in range(blocks)
        ]
        self.norm, self.head = gg.nn.LayerNorm(width), gg.nn.Linear(width, LETTERS)

    def __call__(self, ids: Any, keys: Any) -> Any:
        """Of shape (batch, length, letters)."""
        x = self.table(ids) + self.places.weight
        for block, key in zip(self.blocks, keys, strict=True):
            x = block(x, key=key, training=True)
        return self.head(self.norm(x))


def _make(size: tuple[int, int, int, int], rate: float) -> tuple[Any, ...]:
    batch, length, width, blocks = size
    ids = Draw().integers(LETTERS, batch, length + 1)
    return arguments(LanguageModel(length, width, blocks, rate), None, ids)


def _loss(model: Any, state: Any, key: Any, ids: Any) -> Any:
    n = len(model.blocks)
    keys = [None] * n if key is None else [*gg.random.split(key, n)]
    return gg.mean(gg.nn.softmax_cross_entropy(model(ids[:, :-1], keys), ids[:, 1:])), state


OF_BLOCK = 12
"""Parameters: four products with their biases, and two normalisations."""


def _jax_loss(jax: Any, rate: float) -> Loss:
    def block(x: Any, params: Any, key: Any) -> Any:
        qkv, to_qkv, out, to_out, up, to_up, down, to_down, *norms = params
        keys = jax.random.split(key, 4) if rate else [None] * 4
        batch, length, width = x.shape
        h = jax.layer_norm(x, *norms[:2]) @ qkv + to_qkv
        h = jax.reshape(h, (batch, length, 3, HEADS, width // HEADS))
        q, k, v = (h[:, :, i].transpose((0, 2, 1, 3)) for i in range(3))
        scores = q @ jax.matrix_transpose(k) / sqrt(width // HEADS)
        past = jax.tril(jax.ones((length, length), bool))
        weights = jax.softmax(jax.where(past, scores, -jax.inf), axis=-1)
        mixed = dropped(jax, weights, keys[0], rate) @ v
        mixed = jax.reshape(mixed.transpose((0, 2, 1, 3)), (batch, length, width))
        x = x + dropped(jax, mixed @ out + to_out, keys[1], rate)
        h = jax.gelu(jax.layer_norm(x, *norms[2:]) @ up + to_up)
        h = dropped(jax, h, keys[2], rate) @ down + to_down
        return x + dropped(jax, h, keys[3], rate)

    def loss(params: Any, state: Any, key: Any, ids: Any) -> Any:
        table, places, *blocks = params[:-4]
        weight, bias, head, to_head = params[-4:]
        n = len(blocks) // OF_BLOCK
        keys = jax.random.split(key, n) if rate else [None] * n
        x = table[ids[:, :-1]] + places
        for i, own in enumerate(keys):
            x = block(x, blocks[i * OF_BLOCK : (i + 1) * OF_BLOCK], own)
        logits = jax.layer_norm(x, weight, bias) @ head + to_head
        return jax.mean(jax.softmax_cross_entropy(logits, ids[:, 1:])), state

    return loss


def _torch_module(torch: Any, params: Any, rate: float) -> Any:
    nn, F = torch.nn, torch.nn.functional
    (length, width), blocks = params[1].shape, (len(params) - 6) // OF_BLOCK

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.dropout = nn.Dropout(rate) if rate else nn.Identity()

        def forward(self, x: Any) -> Any:
            h = self.qkv(self.norm1(x)).view(len(x), length, 3, HEADS, width // HEADS)
            q, k, v = h.permute(2, 0, 3, 1, 4)
            mixed = F.scaled_dot_product_attention(q, k, v, dropout_p=rate, is_causal=True)
            x = x + self.dropout(self.out(mixed.transpose(1, 2).flatten(2)))
            h = self.dropout(F.gelu(self.up(self.norm2(x)), approximate="tanh"))
            return x + self.dropout(self.down(h))

    class Network(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.table, self.places = nn.Embedding(LETTERS, width), nn.Embedding(length, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(blocks)))
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, LETTERS)

        def forward(self, ids: Any) -> Any:
            x = self.blocks(self.table(ids[:, :-1]) + self.places.weight)
            logits = self.head(self.norm(x))
            return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())

    return Network()


SIZES = {
    "16 x 64 x 64, 2 blocks": (16, 64, 64, 2),
    "16 x 128 x 128, 4 blocks": (16, 128, 128, 4),
}

ROWS = tuple(row("transformer", SIZES, _make, _loss, _jax_loss, _torch_module))
