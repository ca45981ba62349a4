"""The temperatures of the plate, and the conductivities that were found from them."""

import matplotlib.pyplot as plt
from _recipe import names_of, save

p = names_of("sparse-solve")
np, n = p["np"], p["n"]
node_values = np.zeros(n * n)
for ends in (p["i"], p["j"]):
    np.add.at(node_values, ends, p["found"])
node_values /= np.bincount(np.concatenate([p["i"], p["j"]]))

figure, both = plt.subplots(1, 2, figsize=(6.5, 2.8), layout="constrained")
for ax, values, name in zip(both, (p["measured"], node_values), ("temperature", "conductivity"),
                            strict=True):  # fmt: skip
    picture = ax.imshow(values.reshape(n, n), cmap="cividis")
    ax.set(xticks=[], yticks=[])
    figure.colorbar(picture, ax=ax, label=name)
save(figure)
