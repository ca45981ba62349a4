r"""
A tiny transformer learns the Zen of Python
===========================================

A language model predicts the probability of each possible next character. Ours is a
transformer: each position in the text queries all positions before it, and takes from
them what it needs. With queries :math:`Q`, keys :math:`K` and values :math:`V`, which
are linear functions of what is known at each position,

.. math::

    \text{attention}(Q, K, V) = \text{softmax}\left(\frac{Q K^T}{\sqrt{d}} + M\right) V,
    \qquad M_{ij} = \begin{cases} 0 & j \le i \\ -\infty & j > i \end{cases}

where the mask :math:`M` hides the future. The text is the Zen of Python, which comes
with every Python in encrypted form: about 850 characters, far too few to learn a
language, but enough to learn a poem by heart.
"""

import codecs
import contextlib
import io

import matplotlib.pyplot as plt
import numpy as np

import gpugrad as gg

with contextlib.redirect_stdout(io.StringIO()):  # it prints itself when it is imported
    import this
text = codecs.decode(this.s, "rot13")
alphabet = sorted(set(text))
codes = np.array([alphabet.index(c) for c in text])
print(f"{len(text)} characters, {len(alphabet)} different ones")

# %%
# The model is a pytree of arrays. Two tables have a row for each character and for each
# position, which are added. Two blocks follow, each with four attention heads and a
# small network.

CONTEXT, WIDTH, HEADS, BLOCKS = 32, 64, 4, 2
rng = np.random.default_rng(0)


def normal(*shape, scale=None):
    scale = shape[0] ** -0.5 if scale is None else scale
    return rng.normal(0.0, scale, shape).astype("float32")


def block():
    return {
        "norm1": np.ones(WIDTH, "float32"),
        "norm2": np.ones(WIDTH, "float32"),
        "qkv": normal(WIDTH, 3 * WIDTH),
        "out": normal(WIDTH, WIDTH, scale=0.05),
        "mlp": gg.nn.MLP([WIDTH, 4 * WIDTH, WIDTH], rng=rng),
    }


model = {
    "meaning": normal(len(alphabet), WIDTH, scale=0.3),
    "place": normal(CONTEXT, WIDTH, scale=0.3),
    "blocks": [block() for _ in range(BLOCKS)],
    "head": normal(WIDTH, len(alphabet), scale=0.03),
}
mask = np.where(np.tri(CONTEXT, dtype=bool), 0.0, -np.inf).astype("float32")


def normalised(x, scale):
    return x / gg.sqrt(gg.mean(x**2, axis=-1, keepdims=True) + 1e-6) * scale


def attention(x, qkv):
    """The values, and who looks where: (batch, heads, places, places)."""
    heads = gg.reshape(x @ qkv, (*x.shape[:2], 3, HEADS, WIDTH // HEADS))
    q, k, v = gg.permute_dims(heads, (2, 0, 3, 1, 4))
    looks = gg.softmax(
        q @ gg.matrix_transpose(k) / np.sqrt(WIDTH // HEADS) + mask, axis=-1
    )
    return gg.reshape(gg.permute_dims(looks @ v, (0, 2, 1, 3)), x.shape), looks


def logits(model, codes):
    """Of the next character at each place, with the looks of each block."""
    x = gg.take(model["meaning"], codes, axis=0) + model["place"]
    looks = []
    for layer in model["blocks"]:
        values, look = attention(normalised(x, layer["norm1"]), layer["qkv"])
        x = x + values @ layer["out"]
        x = x + layer["mlp"](normalised(x, layer["norm2"]))
        looks.append(look)
    return x @ model["head"], looks


# %%
# Training takes pieces of 32 characters from anywhere in the text, 16 at a time. The
# right answer at each position is the next character, so each piece has 32 answers.

STEPS = 600
optimiser = gg.optim.adam(gg.optim.cosine(6e-3, STEPS, warmup=20))


def loss(model, codes, answers):
    z, _ = logits(model, codes)
    return gg.mean(gg.nn.softmax_cross_entropy(z, answers))


@gg.jit
def step(model, state, codes, answers):
    value, grads = gg.value_and_grad(loss)(model, codes, answers)
    updates, state = optimiser.update(grads, state, model)
    return gg.optim.apply_updates(model, updates), state, value


state, losses = optimiser.init(model), []
for _ in range(STEPS):
    begin = rng.integers(0, len(codes) - CONTEXT, 16)
    pieces = codes[begin[:, None] + np.arange(CONTEXT + 1)]
    model, state, value = step(model, state, pieces[:, :-1], pieces[:, 1:])
    losses.append(float(value))
print(
    f"loss {losses[0]:.2f} at first, {np.mean(losses[-20:]):.2f} at the end, "
    "in nats per character"
)

# %%
# How good is that? The frequencies of single characters and of pairs give two
# baselines.

counts = np.bincount(codes) / len(codes)
single = -np.sum(counts * np.log(counts))
table = np.zeros((len(alphabet),) * 2)
np.add.at(table, (codes[:-1], codes[1:]), 1.0)
chances = table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)
pairs = -np.mean(np.log(chances[codes[:-1], codes[1:]]))
print(f"by single characters {single:.2f}, by pairs {pairs:.2f}")
assert np.mean(losses[-20:]) < 0.3 < pairs < single

# %%
# It continues any text: it appends the most probable next character, and predicts the
# next from the longer text.

predict = gg.jit(logits)


def recite(beginning, length):
    said = beginning
    for _ in range(length):
        seen = [alphabet.index(c) for c in said[-CONTEXT:]]
        padded = np.array([seen + [0] * (CONTEXT - len(seen))])
        z, _ = predict(model, padded)
        said += alphabet[int(np.argmax(z[0, len(seen) - 1]))]
    return said


said = recite("Errors should never", 120)
print(said)
assert said[:60] in text

# %%
# On the left, the loss and the two baselines. On the right, one attention head of the
# second block, for the line written on both axes: each row shows, in bright colours,
# which positions its position attends to.

line = "Beautiful is better than ugly.\nE"
_, looks = predict(model, np.array([[alphabet.index(c) for c in line]]))
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
left.plot(losses)
for level, name, colour in (
    (single, "single characters", "C1"),
    (pairs, "pairs", "C2"),
):
    left.axhline(level, ls="--", color=colour, label=name)
left.set(xlabel="step", ylabel="loss in nats per character", ylim=(0, None))
left.legend()
look = looks[1][0]
away = np.abs(np.subtract.outer(np.arange(CONTEXT), np.arange(CONTEXT)))
head = np.argmax(np.sum(look * away, axis=(1, 2)))  # the one that looks farthest back
right.imshow(look[head], cmap="viridis")
letters = [{"\n": "↵", " ": "␣"}.get(c, c) for c in line]
right.set_xticks(range(CONTEXT), letters, fontsize=8)
right.set_yticks(range(CONTEXT), letters, fontsize=8)
plt.show()
