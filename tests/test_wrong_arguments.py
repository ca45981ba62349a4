"""What layers and optimisers say of arguments that they do not take, and of missing ones."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pytest

import gpugrad as gg
from gpugrad import nn, optim
from gpugrad.errors import UnsupportedOperand
from gpugrad.signatures import telling

LAYERS = {
    name: kind for name in nn.__all__
    if inspect.isclass(kind := getattr(nn, name)) and "__call__" in dir(kind)
}  # fmt: skip
OPTIMIZERS = {
    f"gg.optim.{name}": getattr(optim, name) for name in (
        "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw", "lamb", "lbfgs", "lion",
        "muon", "rmsprop", "sgd",
    )
}  # fmt: skip
EITHER = LAYERS | OPTIMIZERS
SIZES = {nn.Linear: (3, 4)}                         # without any it is made of arrays


def test_all_layers_are_looked_at() -> None:
    assert len(LAYERS) >= 30
    assert {optimizer.make for optimizer in optim.OPTIMIZERS.values()
            if inspect.isfunction(optimizer.make)} <= {*OPTIMIZERS.values()}  # fmt: skip


@pytest.mark.parametrize("name", EITHER)
def test_an_unknown_argument(name: str) -> None:
    kind = EITHER[name]
    with pytest.raises(UnsupportedOperand, match=f"{name}: .* no argument nothing=; expected") as e:
        kind(*SIZES.get(kind, ()), nothing=1)
    assert f"{name}(" in str(e.value)
    assert "self" not in str(e.value)
    assert e.value.__cause__ is None


@pytest.mark.parametrize("name", sorted(EITHER.keys() - {"Sequential"}))
def test_too_many_arguments(name: str) -> None:
    with pytest.raises(UnsupportedOperand, match=f"{name}: 20 arguments .* by place, and there"):
        EITHER[name](*range(1, 21))


@pytest.mark.parametrize("name", sorted(EITHER.keys() - {"Sequential"}))
def test_what_is_needed_is_said_to_be_missing(name: str) -> None:
    kind = EITHER[name]
    needed = [
        x.name for x in inspect.signature(kind).parameters.values()
        if x.default is x.empty and x.kind is x.POSITIONAL_OR_KEYWORD
    ]  # fmt: skip
    if kind is nn.Linear:
        with pytest.raises(UnsupportedOperand, match=r"Linear: n_out is missing; .*\(n_in, n_out"):
            kind(3)
    elif not needed:
        kind()
    else:
        with pytest.raises(UnsupportedOperand, match=f"{name}: .*{needed[0]}.* missing; expected"):
            kind()


@pytest.mark.parametrize(("call", "said"), [
    (lambda: nn.Conv2d(1, 2, 3, pading=1), "Did you mean padding="),
    (lambda: nn.Conv2d(1, 2, 3, strides=1), "Did you mean stride="),
    (lambda: nn.Linear(in_features=3, out_features=4), "Did you mean n_in="),
    (lambda: nn.Linear(3, 4, use_bias=False), "Did you mean bias="),
    (lambda: nn.LSTM(3, hidden_size=4), "Did you mean width="),
    (lambda: nn.MultiheadAttention(8, num_heads=2), "Did you mean heads="),
    (lambda: nn.Dropout(p=0.5), "Did you mean rate="),
    (lambda: nn.Conv2d(1, 2, 3, in_channels=1), "in_channels is given twice"),
    (lambda: optim.adam(learning_rate=0.1), "Did you mean lr="),
    (lambda: optim.adam(0.1, betas=(0.9, 0.99)), "Did you mean b1="),
    (lambda: optim.adam(0.1, amsgard=True), "Did you mean amsgrad="),
])  # fmt: skip
def test_what_is_meant(call: Any, said: str) -> None:
    with pytest.raises(UnsupportedOperand, match=said):
        call()


def test_errors_from_inside_stay_what_they_are() -> None:
    """Only a call that does not fit is put in other words."""

    @telling("f")
    def f(x: Any, g: Any) -> Any:
        return g()

    with pytest.raises(TypeError, match=r"<lambda>\(\) missing 1") as found:
        f(1, lambda x: x)
    assert not isinstance(found.value, UnsupportedOperand)
    with pytest.raises(UnsupportedOperand, match=r"f: x is given twice.*; expected f\(x, g\)"):
        f(1, x=2)
    assert pickle.loads(pickle.dumps(optim.adam)) is optim.adam
    assert list(inspect.signature(nn.Conv2d).parameters)[:2] == ["in_channels", "out_channels"]


def test_layers_one_by_one_are_a_list_of_them() -> None:
    def parts() -> list[Any]:
        return [nn.Linear(3, 4, rng=0), "relu", nn.Linear(4, 2, rng=1)]

    x, model = np.ones((2, 3), "float32"), nn.Sequential(parts())
    for other in (nn.Sequential(*parts()), nn.Sequential(iter(parts())), nn.Sequential(model)):
        np.testing.assert_array_equal(other(x), model(x))
    assert repr(nn.Sequential(*parts())) == repr(model)
    # A linear layer is a tuple of its arrays, and one layer.
    assert repr(nn.Sequential(parts()[0])) == repr(nn.Sequential(parts()[:1]))
    one = nn.Sequential("relu")
    assert one(np.array([-1.0])) == 0
    assert gg.tree.flatten(one)[1] == gg.tree.flatten(nn.Sequential(gg.relu))[1]
