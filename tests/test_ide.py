"""What a user sees of `gg` while typing: names, signatures and documentation, and no more.

`help` and `inspect` ask the running program; editors read the stubs, here by jedi.
"""

from __future__ import annotations

import inspect
import pkgutil
import pydoc
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

import gpugrad as gg

ROOMS = [name for name in gg.__all__ if isinstance(getattr(gg, name), ModuleType)]

FUNCTIONS = {
    f"{room}.{name}".lstrip("."): thing
    for room in ("", *ROOMS)
    for name in (getattr(gg, room) if room else gg).__all__
    if inspect.isfunction(thing := getattr(getattr(gg, room) if room else gg, name))
}

def ours(thing: Any) -> bool:
    return inspect.unwrap(thing).__module__.startswith("gpugrad.")


@pytest.mark.parametrize("room", ROOMS)
def test_dir_of_a_room_lists_what_it_offers(room: str) -> None:
    module = import_module(f"gpugrad.{room}")
    assert dir(module) == sorted(module.__all__)
    assert getattr(gg, room) is module


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if ours(FUNCTIONS[name])])
def test_help_shows_the_signature_that_users_call(name: str) -> None:
    """Without `xp`, with what it returns, and with annotations as they are written."""
    signature = inspect.signature(FUNCTIONS[name])
    parameters = list(signature.parameters.values())
    assert not parameters or parameters[0].name != "xp"
    assert signature.return_annotation is not signature.empty
    assert all(p.annotation is not p.empty for p in parameters)
    quoted = [
        str(p) for p in parameters if f"'{p.annotation}'" in str(p) and p.default != p.annotation
    ]
    assert not quoted
    assert f"'{signature.return_annotation}'" not in str(signature)
    text = pydoc.plain(pydoc.render_doc(FUNCTIONS[name]))
    assert (inspect.getdoc(FUNCTIONS[name]) or "").partition("\n")[0] in text
    assert f"-> {signature.return_annotation}" in text


def test_help_of_a_tensor_names_its_methods() -> None:
    text = pydoc.plain(pydoc.render_doc(gg.Tensor))
    for method in ("__add__(self, other: ", "__iadd__(self, other: ", "sum(self, axis: ", "T\n"):
        assert f" |  {method}" in text
    assert "method(self" not in text
    assert gg.Tensor.mean.__doc__


def jedi_script(text: str) -> Any:
    """A program in an editor, with the cursor behind it."""
    jedi = pytest.importorskip("jedi")
    return jedi.Script(text, path=__file__)


def offered(text: str) -> set[str]:
    """What an editor offers behind a program that ends with a dot, but for names of Python."""
    return {c.name for c in jedi_script(text).complete() if not c.name.startswith("_")}


def test_an_editor_offers_what_gg_offers() -> None:
    """Jedi also offers the files of a package, whatever that says of itself.

    `bfloat16` is there where ml_dtypes is, and `__all__` names what is there without extras.
    """
    files = {module.name for module in pkgutil.iter_modules(gg.__path__)}
    names = offered("import gpugrad as gg\ngg.")
    assert set(gg.__all__) <= names
    assert names - set(gg.__all__) <= {*files, "bfloat16"}


@pytest.mark.parametrize("room", ROOMS)
def test_an_editor_offers_what_a_room_offers(room: str) -> None:
    assert offered(f"import gpugrad as gg\ngg.{room}.") == set(getattr(gg, room).__all__)


def test_an_editor_offers_the_methods_of_a_tensor() -> None:
    """Of an object and after a function, and none that are there to be refused."""
    names = offered("import gpugrad as gg\nt = gg.tensor([1.0])\ngg.sin(t).")
    assert {"backward", "grad", "mean", "reshape", "shape", "value", "T"} <= names
    assert not {"detach", "numpy", "fresh", "stale"} & names
    assert names <= set(dir(gg.tensor([1.0])))


SHOWN = {
    "sum": ("x: Tensor", "axis: Axis=None"),
    "arcsin": ("x: Tensor",),
    "conv2d": ("x: Tensor", "stride: Sizes=1"),
    "grad": ("argnums",),
    "jit": ("engine",),
    "Tensor.mean": ("axis",),
    "Tensor.backward": ("g: ",),
    "tensor([1.0]).reshape": ("shape",),
    "nn.MLP": ("sizes",),
    "nn.conv2d": ("x: Tensor",),
    "optim.adam": ("lr",),
    "stats.norm.pdf": ("x: Operand",),
    "linalg.svd": ("full_matrices",),
    "linalg.solve": ("b: Tensor",),
    "fft.fft": ("fft(x: Tensor", "norm"),
    "special.gamma": ("x: Tensor",),
    "tree.map": ("tree",),
    "errors.InvalidArgument": (),
}
"""What an editor is asked about, and words of the signatures that it shows."""

IN_HELP_ALONE = ("grad", "jit", "errors.InvalidArgument")
"""Of signatures with `@overload`, the function behind them has the docstring."""


@pytest.mark.parametrize("name", SHOWN)
def test_an_editor_shows_signatures_and_documentation(name: str) -> None:
    """In its help and, while arguments are typed, beside the last signature; without `xp`."""
    program = f"import gpugrad as gg\ngg.{name}"
    signatures = jedi_script(program + "(").get_signatures()
    shown = "\n".join(s.to_string() for s in signatures)
    assert all(word in shown for word in SHOWN[name])
    assert "xp:" not in shown
    first = documentation(name).partition("\n")[0]
    assert first
    if name not in IN_HELP_ALONE:
        assert first in signatures[-1].docstring()
    assert any(first in said.docstring() for said in jedi_script(program).help())


def documentation(name: str) -> str:
    """What an editor should show."""
    if name == "Tensor.mean":
        return "The mean along `axis`, as `gg.mean`."
    if name.endswith("reshape"):
        return "The same elements in another shape, as `gg.reshape`."
    thing: Any = gg
    for word in name.split("."):
        thing = getattr(thing, word)
    return inspect.getdoc(thing) or ""
