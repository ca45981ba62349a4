r"""
A variational autoencoder of digits
===================================

An autoencoder compresses an image into a few numbers and reconstructs it from them. A
*variational* one does so at random: the encoder returns a normal distribution
:math:`q(z \mid x)` of two numbers :math:`z`, and the decoder turns a draw from it into
the probability :math:`p_\theta(x \mid z)` of ink in each pixel. Training maximises a
lower bound on the log-probability of the images,

.. math::

    \ln p(x) \ge \mathbb{E}_{z \sim q}\left[\ln p_\theta(x \mid z)\right]
    - \mathrm{KL}\left(q(z \mid x) \,\|\, \mathcal{N}(0, 1)\right) ,

in which the second term keeps the codes of all images together around the origin. The
result is a map: every point of a plane is an image, and neighbouring points are similar
images.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import gpugrad as gg

digits = load_digits()
x = (digits.data / 16.0).astype("float32")
LATENT = 2

model = {
    "encoder": gg.nn.MLP([64, 128, 64, 2 * LATENT], rng=0),
    "decoder": gg.nn.MLP([LATENT, 64, 128, 64], rng=1),
}


def encode(model, x):
    """The mean and log standard deviation of the codes of `x`."""
    out = model["encoder"](x)
    return out[:, :LATENT], out[:, LATENT:]


# %%
# A draw from :math:`q` has no derivative, but :math:`z = \mu + \sigma\varepsilon` with
# a standard normal :math:`\varepsilon` is such a draw, and smooth in :math:`\mu` and
# :math:`\sigma`. The random numbers come from a *key*, which is an array: the same key
# gives the same numbers, so the loss is an ordinary function of its arguments, and a
# function under `gg.jit` draws new numbers when it is given a new key.


def loss(model, x, key):
    mean, log_sd = encode(model, x)
    z = mean + gg.exp(log_sd) * gg.random.normal(key, mean.shape, "float32")
    logits = model["decoder"](z)
    # ln p(x|z) of pixels between 0 and 1, as of biased coins: x·logit - ln(1 + e^logit)
    likelihood = gg.sum(x * logits - gg.softplus(logits), axis=1)
    divergence = gg.sum(0.5 * (mean**2 + gg.exp(2.0 * log_sd) - 1.0) - log_sd, axis=1)
    return gg.mean(divergence - likelihood)


EPOCHS, BATCH = 80, 128
optimiser = gg.optim.adam(gg.optim.cosine(3e-3, EPOCHS * (len(x) // BATCH), warmup=50))


@gg.jit
def step(model, state, key, x):
    key, now = gg.random.split(key)
    value, grads = gg.value_and_grad(loss)(model, x, now)
    updates, state = optimiser.update(grads, state, model)
    return gg.optim.apply_updates(model, updates), state, key, value


rng = np.random.default_rng(0)
state, key = optimiser.init(model), gg.random.key(0)
for epoch in range(EPOCHS):
    values = []
    for rows in rng.permutation(len(x))[: len(x) // BATCH * BATCH].reshape(-1, BATCH):
        model, state, key, value = step(model, state, key, x[rows])
        values.append(float(value))
    if epoch % 20 == 19:
        print(
            f"epoch {epoch + 1:2}: the bound is {-np.mean(values):.2f} nats for an image"
        )

# %%
# Two numbers per image are few. Principal components are the best that two numbers can
# do linearly; the network is not linear, and comes closer to the images.

codes, _ = encode(model, x)
painted = gg.sigmoid(model["decoder"](codes))
pca = PCA(2).fit(x)
straight = pca.inverse_transform(pca.transform(x))
error, error_pca = (np.mean((image - x) ** 2) for image in (painted, straight))
print(f"squared error of a pixel: {error:.4f} by the network, {error_pca:.4f} by PCA")
assert error < 0.85 * error_pca

# %%
# On the left, the code of each image, coloured by its digit, which the network was
# never told. On the right, the decoder's images at the points of a grid over the same
# plane.

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.8), layout="constrained")
dots = left.scatter(*codes.T, c=digits.target, cmap="tab10", s=6, vmin=-0.5, vmax=9.5)
left.set(
    xlim=(-3, 3),
    ylim=(-3, 3),
    aspect="equal",
    xlabel="first number",
    ylabel="second number",
)
fig.colorbar(dots, ax=left, ticks=range(10), shrink=0.8, label="digit")

places = np.linspace(-2.6, 2.6, 14, dtype="float32")
plane = np.stack(np.meshgrid(places, places[::-1]), axis=-1).reshape(-1, 2)
tiles = gg.sigmoid(model["decoder"](plane)).reshape(14, 14, 8, 8)
right.imshow(
    tiles.transpose(0, 2, 1, 3).reshape(112, 112), cmap="gray_r", extent=(-2.8, 2.8) * 2
)
right.set(xlabel="first number")
plt.show()
