"""How few steps a whole training step takes: forward, reverse sweep and update of a classifier."""

from collections import Counter

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.engines.cost import launches
from gpugrad.plan.primitives import VIEWS

SIZES, BATCH = (64, 128, 64, 10), 64


@gg.value_and_grad
def differentiated(model, x, labels):
    return gg.mean(gg.softmax_cross_entropy(model(x), labels))


def compiled(engine):
    """The step with Adam under `gg.jit`, model and state donated."""
    opt = gg.optim.adam(1e-3)

    def train(model, state, x, labels):
        loss, grads = differentiated(model, x, labels)
        updates, state = opt.update(grads, state, model)
        return gg.optim.apply_updates(model, updates), state, loss

    rng = np.random.default_rng(0)
    model = gg.nn.MLP(SIZES, rng=0)
    x, labels = rng.normal(size=(BATCH, SIZES[0])).astype(np.float32), rng.integers(0, 10, BATCH)
    step = gg.jit(train, engine=engine, donate_argnums=(0, 1))
    return step._cache.compiled((model, opt.init(model), x, labels), {})


def test_with_numpy_the_digits_step_is_59_calls():
    """59: one call of NumPy for each operation that is left, and none for a view or a copy.

    8 matrix products. The three of the forward each need the one before. A layer has two in the
    reverse sweep, for its weight and for its input, but the first layer's input is the batch, of
    which nobody wants the gradient: 3 + 3 + 2. All are of different shapes, so none can be stacked,
    and the transposes are views.

    9 for biases and activations. Forward: three biases are added, two times `relu` is a `maximum`.
    In the sweep each `relu` is a mask and a selection by it: the mask is asked of the result, so
    that nothing is kept for it, and as bits it selects by a product of integers.

    3 sums of cotangents over the batch, for the biases. They are products with ones.

    10 for the loss. The check of the labels; `max`, `subtract`, `exp`, `sum` and `log` of the
    logits, as a sum of exponentials of what is not shifted overflows; the shifted logits of the
    labels, picked; their sum with the logarithms; the sum of that over the batch, and its mean.

    4 for the cotangent of the logits: the softmax as the quotient of two results of the loss, the
    labels as one-hot rows, their difference, and its share of the mean. The share comes first in
    the sweep, as a number that is known, and is multiplied once.

    13 for Adam's numbers, which depend on the count alone: the count, and as a float; for both
    means a power and the rest to 1; the root; step size and quotient; the least denominator, three
    with its cast; the cast of the step. They are float64 as in eager code, and cost as much for one
    parameter as for all.

    12 for Adam's arrays, the six parameters as one: all of a kind lie side by side, the donated
    ones for good, and the products of the sweep write the gradients there. Two running means take
    three and four operations, the root and its denominator two, the quotient, its factor and the
    addition three. Each reads the result of the one before, and NumPy has no call for two of them.

    What replaces a donated array is computed in its place, so that there are no copies.
    """
    program = compiled("numpy").program
    found = Counter(step.op for step in program.plan.steps if step.op not in VIEWS)
    products = Counter(matmul=3 + 3 + 2)
    layers = Counter(add=3, maximum=2, greater=2, where=2)
    biases = Counter(sum=3)
    loss = Counter(
        check_labels=1, max=1, subtract=1, exp=1, sum=2, log=1, nll=1, add=1, multiply=1
    )
    cotangent = Counter(divide=1, one_hot=1, subtract=1, multiply=1)
    numbers = Counter(
        add=1, astype=3, power=2, subtract=2, sqrt=1, multiply=2, divide=1, maximum=1
    )
    arrays = Counter(multiply=6, add=4, sqrt=1, divide=1)
    packs = Counter(pack=4)                         # of parameters, means, squares and gradients
    assert found == products + layers + biases + loss + cotangent + numbers + arrays + packs
    assert launches(program) == 59
    assert "copyto(s" not in "".join(
        line for line in program.source.splitlines() if "'unsafe'" not in line
    )


def test_with_native_code_the_digits_step_is_15_kernels_in_one_call():
    """15, which one call of the driver runs.

    8 matrix products, as with NumPy.

    6 runs of elementwise operations with the sums among them: one for each gap that products leave
    between them, since a run cannot hold what a product between its parts needs. After the first
    and the second product of the forward, bias and `relu`. After the third, from the last bias to
    the cotangent of the logits and its sum over the batch: the loss with its reverse is one loop
    over rows. After each of the two products for a hidden layer's cotangent, its `relu` backward
    with the sum for its bias; these cannot wait for one another, as there is a product between
    them. After the last product, all of Adam: its numbers, once, and one loop over all parameters.

    1 check of the labels, before anything relies on them.

    Packs copy nothing and views are no steps.
    """
    pytest.importorskip("llvmlite", reason="the engine native is not installed: 'gpugrad[jit]'")
    program = compiled("native").program
    steps = [step for step in program.plan.steps if step.op not in VIEWS and step.op != "pack"]
    assert Counter(step.op for step in steps) == Counter(check_labels=1, matmul=8, fused=6)
    assert len(steps) == 15
    (span,) = program.spans
    assert span.launches == 1
    (run,) = program.runs.values()
    # No block copies a part into a pack; where there are several cores, they share the last one.
    kernels = [key for key in run.keys if type(key).__name__ != "RangeKey"]
    assert len(kernels) == len(steps)


def test_a_factor_of_channels_has_its_gradient_by_one_sum():
    """Over added and stretched axes together: two would go through an image for each channel."""
    x, weight = np.ones((8, 3, 5, 7)), np.ones((3, 1, 1))
    grads = gg.jit(gg.grad(lambda w: gg.sum(gg.sin(w * x))), engine="numpy")
    plan = grads._cache.compiled((weight,), {}).program.plan
    assert [step.setting("axes") for step in plan.steps if step.op == "sum"] == [(0, 2, 3)]
    np.testing.assert_allclose(grads(weight), np.cos(1) * np.full((3, 1, 1), 8 * 5 * 7))
