r"""
A recurrent network writes a manual
===================================

A recurrent network reads a text one character at a time, and keeps what it has read in
a vector, its *carry*. A gated recurrent unit decides at each step which parts of the
carry :math:`h` to keep, by a gate :math:`z` between 0 and 1,

.. math::

    h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1},

where :math:`n_t` is what it would like to know instead. After each character, a linear
layer maps the carry to the probabilities of the next one. The text is a part of the
manual that comes with every Python, and that ``help()`` prints.
"""

from pydoc_data.topics import topics

import matplotlib.pyplot as plt
import numpy as np

import gpugrad as gg

chapters = ["assignment", "class", "exceptions", "for", "function", "import", "try"]
text = "\n".join(topics[chapter] for chapter in chapters)
text = "".join(c for c in text if " " <= c <= "~" or c == "\n")
alphabet = sorted(set(text))
codes = np.array([alphabet.index(c) for c in text])
print(f"{len(text):,} characters, {len(alphabet)} different ones")

# %%
# The model is a dictionary of layers: a vector for each character, the recurrent layer,
# and the linear one. A call of the recurrent layer takes all steps of a batch at once,
# and returns the outputs of all steps and the last carry.

WIDTH, STREAMS, STEPS = 128, 32, 48
rng = np.random.default_rng(0)
model = {
    "characters": gg.nn.Embedding(len(alphabet), 32, rng=rng),
    "memory": gg.nn.GRU(32, WIDTH, rng=rng),
    "next": gg.nn.Linear(WIDTH, len(alphabet), init="lecun_normal", rng=rng),
}


def logits(model, codes, carry):
    """Of the next character after each, and the carry after all of them."""
    outputs, carry = model["memory"](model["characters"](codes), carry)
    return model["next"](outputs), carry


# %%
# Training reads 32 places of the text at the same time, 48 characters in each step. The
# carry goes from step to step, so that the network remembers more than the gradient
# sees. At the end of the text the streams begin again, with an empty memory.

streams = codes[: len(codes) // STREAMS * STREAMS].reshape(STREAMS, -1)
begins = range(0, streams.shape[1] - STEPS - 1, STEPS)
ROUNDS = 16
optimiser = gg.optim.adam(gg.optim.cosine(6e-3, ROUNDS * len(begins), warmup=20))


@gg.jit
def step(model, state, carry, codes, answers):
    def loss(model):
        z, after = logits(model, codes, carry)
        return gg.mean(gg.nn.softmax_cross_entropy(z, answers)), after

    (value, after), grads = gg.value_and_grad(loss, has_aux=True)(model)
    updates, state = optimiser.update(grads, state, model)
    return gg.optim.apply_updates(model, updates), state, after, value


state, losses = optimiser.init(model), []
for _ in range(ROUNDS):
    carry = model["memory"].init_carry(STREAMS)
    for i in begins:
        pieces = streams[:, i : i + STEPS + 1]
        model, state, carry, value = step(
            model, state, carry, pieces[:, :-1], pieces[:, 1:]
        )
        losses.append(float(value))
print(
    f"loss {losses[0]:.2f} at first, {np.mean(losses[-len(begins):]):.2f} at the end, "
    "in nats per character"
)

# %%
# The frequencies of pairs of characters give a baseline, and those of three in a row
# a better one, each measured on the text that it was counted in.


def entropy(n):
    """Of the next character in nats, after the n - 1 characters before it."""
    windows = np.lib.stride_tricks.sliding_window_view(codes, n)

    def counts(rows):
        _, which, count = np.unique(
            rows, axis=0, return_inverse=True, return_counts=True
        )
        return count[np.ravel(which)]

    return -np.mean(np.log(counts(windows) / counts(windows[:, :-1])))


baselines = {"pairs": entropy(2), "three in a row": entropy(3)}
print({name: round(float(value), 2) for name, value in baselines.items()})
final = np.mean(losses[-len(begins) :])
assert final < baselines["three in a row"] < baselines["pairs"]

# %%
# It writes: the character that it draws is what it reads next. Dividing the logits by a
# temperature below 1 makes likely characters more likely. A step is the same function
# with batches of one character, and the carry is all that it remembers.


@gg.jit
def write(model, carry, code, key):
    z, carry = logits(model, gg.reshape(code, (1,)), carry)
    key, own = gg.random.split(key)
    return carry, gg.random.categorical(own, z[0] / 0.6), key


carry, key = model["memory"].init_carry(), gg.random.key(1)
code, said = np.array(alphabet.index("\n")), ""
for _ in range(600):
    carry, code, key = write(model, carry, code, key)
    said += alphabet[int(code)]
print(said)
known = set(text.split())
words = said.split()[1:-1]
share = np.mean([word in known for word in words])
print(f"{share:.0%} of its words are in the manual")
assert share > 0.6

# %%
# The loss beside the two baselines, with the mean of each round through the text.

fig, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.plot(losses, alpha=0.4)
means = np.reshape(losses, (ROUNDS, -1)).mean(axis=1)
axes.plot((np.arange(ROUNDS) + 0.5) * len(begins), means, "o-", color="C0")
for (name, level), colour in zip(baselines.items(), ("C1", "C2"), strict=True):
    axes.axhline(level, ls="--", color=colour, label=name)
axes.set(xlabel="step", ylabel="loss in nats per character", ylim=(0, 4.5))
axes.legend()
plt.show()
