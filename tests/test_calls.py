"""What a call of a compiled step costs: tuples of donated arrays are known by their identity."""

from typing import NamedTuple

import numpy as np

import gpugrad as gg


class Layer(NamedTuple):
    weight: np.ndarray
    bias: np.ndarray


def layers(value=0.0):
    return (Layer(np.full((2, 2), value), np.full(2, value)), Layer(np.ones(3), np.ones(1)))


def add_all(params, x):
    return tuple(Layer(*(p + x for p in layer)) for layer in params)


def trained(step, params, calls):
    for _ in range(calls):
        params = step(params, np.asarray(1.0))
    return params


def test_a_tuple_of_donated_arrays_is_built_once():
    step = gg.jit(add_all, donate_argnums=0, engine="numpy")
    params = trained(step, layers(), 4)
    assert step(params, np.asarray(1.0)) is params
    assert type(params[0]) is Layer
    assert params[0].bias.tolist() == [5, 5]


def test_a_tuple_that_is_built_anew_of_the_same_arrays_copies_nothing():
    step = gg.jit(add_all, donate_argnums=0, engine="numpy")
    params = trained(step, layers(), 4)
    again = step(tuple(Layer(*layer) for layer in params), np.asarray(1.0))
    assert again is params
    assert params[0].bias.tolist() == [5, 5]


def test_what_is_held_is_not_written_over():
    """Whether it is the whole, a tuple inside of it, or one array."""
    step = gg.jit(add_all, donate_argnums=0, engine="numpy")
    for pick in (lambda p: p, lambda p: p[0], lambda p: p[0].bias, lambda p: p[0].bias[:1]):
        held = pick(trained(step, layers(), 4))
        before = [np.array(x) for x in gg.tree.leaves(held)]
        trained(step, layers(100.0), 4)
        for mine, other in zip(gg.tree.leaves(held), before, strict=True):
            np.testing.assert_array_equal(mine, other)


def test_other_arrays_in_the_tuple_are_seen():
    step = gg.jit(add_all, donate_argnums=0, engine="numpy")
    params = trained(step, layers(), 4)
    other = (params[0]._replace(bias=np.full(2, 50.0)), params[1])
    result = step(other, np.asarray(1.0))
    assert result[0].bias.tolist() == [51, 51]
    assert result[0].weight.tolist() == [[5, 5], [5, 5]]


def test_a_result_that_comes_twice_is_two_arrays():
    def twice(params, x):
        new = add_all(params, x)
        return new, new

    step = gg.jit(twice, donate_argnums=0, engine="numpy")
    params = layers()
    for _ in range(4):
        params, copy = step(params, np.asarray(1.0))
        assert copy[0].bias is not params[0].bias
        assert copy[0].bias.tolist() == params[0].bias.tolist()
