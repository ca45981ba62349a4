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
# The model is a dictionary of layers. A vector for each character goes through two
# blocks, each of which has four attention heads and a small network, and a linear layer
# maps the result to the next character. Queries and keys are turned by their position
# (``rotary``), so that a head can tell how far apart two characters are.

CONTEXT, WIDTH, HEADS, BLOCKS = 128, 64, 4, 2
rng = np.random.default_rng(0)


def block():
    return gg.nn.TransformerBlock(WIDTH, HEADS, causal=True, rotary=True, rng=rng)


model = {
    "characters": gg.nn.Embedding(len(alphabet), WIDTH, rng=rng),
    "blocks": [block() for _ in range(BLOCKS)],
    "norm": gg.nn.LayerNorm(WIDTH),
    "head": gg.nn.Linear(WIDTH, len(alphabet), init="normal", rng=rng),
}


def logits(model, codes):
    """Of the next character at each position."""
    x = model["characters"](codes)
    for block in model["blocks"]:
        x = block(x)
    return model["head"](model["norm"](x))


# %%
# Training takes pieces of 128 characters from anywhere in the text, 4 at a time. The
# right answer at each position is the next character, so each piece has 128 answers.

STEPS = 400
optimiser = gg.optim.adam(gg.optim.cosine(6e-3, STEPS, warmup=20))


def loss(model, codes, answers):
    return gg.mean(gg.nn.softmax_cross_entropy(logits(model, codes), answers))


@gg.jit
def step(model, state, codes, answers):
    value, grads = gg.value_and_grad(loss)(model, codes, answers)
    updates, state = optimiser.update(grads, state, model)
    return gg.optim.apply_updates(model, updates), state, value


state, losses = optimiser.init(model), []
for _ in range(STEPS):
    begin = rng.integers(0, len(codes) - CONTEXT, 4)
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
# next from the longer text. The keys and values of what was read so far stay in a
# cache, so that each character is computed once: the beginning in one call, then one
# at a time.


@gg.jit
def read(model, codes, caches):
    """The most probable next character, and the caches with what was read."""
    x, after = model["characters"](codes), []
    for block, cache in zip(model["blocks"], caches, strict=True):
        x, cache = block(x, cache=cache)
        after.append(cache)
    return gg.argmax(model["head"](model["norm"](x[-1]))), after


def recite(beginning, length):
    said = beginning
    caches = [block.init_cache((), length=CONTEXT) for block in model["blocks"]]
    unread = np.array([alphabet.index(c) for c in beginning])
    while len(said) < length:
        code, caches = read(model, unread, caches)
        unread = np.reshape(code, 1)
        said += alphabet[int(code)]
    return said


said = recite("Errors should never", CONTEXT)
print(said)
assert said[:60] in text

# %%
# On the left, the loss and the two baselines. On the right, one attention head of the
# second block, for the line written on both axes: each row shows, in bright colours,
# which positions its position attends to.

line = "Beautiful is better than ugly.\nE"
first, second = model["blocks"]
x = first(model["characters"](np.array([alphabet.index(c) for c in line])))
looks = second.attention.weights(second.norm1(x), causal=True)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
left.plot(losses)
for level, name, colour in (
    (single, "single characters", "C1"),
    (pairs, "pairs", "C2"),
):
    left.axhline(level, ls="--", color=colour, label=name)
left.set(xlabel="step", ylabel="loss in nats per character", ylim=(0, None))
left.legend()
places = np.arange(len(line))
away = np.abs(np.subtract.outer(places, places))
head = np.argmax(np.sum(looks * away, axis=(1, 2)))  # the one that looks farthest back
right.imshow(looks[head], cmap="viridis")
letters = [{"\n": "↵", " ": "␣"}.get(c, c) for c in line]
right.set_xticks(places, letters, fontsize=8)
right.set_yticks(places, letters, fontsize=8)
plt.show()
