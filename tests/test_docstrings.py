"""The docstring of every public name has its form, and an example that runs."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
from installed import skip_without_peers

import gpugrad as gg

ROOMS = [name for name in gg.__all__ if isinstance(getattr(gg, name), ModuleType)]


def public() -> Iterator[tuple[str, object]]:
    """The functions and classes that users are offered, each once, by the name that they see."""
    seen: set[int] = set()
    for room in ["", *ROOMS]:
        module = import_module(f"gpugrad.{room}" if room else "gpugrad")
        for name in getattr(module, "__all__", dir(module)):
            thing = getattr(module, name)
            ours = str(getattr(thing, "__module__", "")).startswith("gpugrad")
            if name.startswith("_") or not callable(thing) or not ours or id(thing) in seen:
                continue
            seen.add(id(thing))
            yield (f"{room}.{name}" if room else name), thing


PUBLIC = dict(public())


def check(name: str, docstring: str) -> list[str]:
    """What is wrong with a docstring; its example is run."""
    wrong = []
    first, _, rest = docstring.partition("\n")
    if not re.search(r"[.:?]$", first.strip()):
        wrong.append("its first line is no sentence")
    if rest and rest.partition("\n")[0].strip():
        wrong.append("no empty line follows the first")
    test = doctest.DocTestParser().get_doctest(
        inspect.cleandoc(docstring), {"np": np, "gg": gg}, name, None, 0
    )
    if not test.examples:
        return [*wrong, "it has no example"]
    said: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=flags, verbose=False).run(test, out=said.append)
    return wrong + said


@pytest.mark.parametrize("name", PUBLIC)
def test_a_docstring_has_its_form_and_an_example_that_runs(name: str, own_ops: None) -> None:
    docstring = PUBLIC[name].__doc__
    assert docstring, "it has no docstring"
    skip_without_peers(docstring)
    with gg.use_backend("numpy"):
        assert not check(name, docstring)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_an_example_that_runs(room: str) -> None:
    docstring = getattr(gg, room).__doc__
    skip_without_peers(docstring)
    with gg.use_backend("numpy"):
        assert not check(room, docstring)


def undocumented(cls: type) -> list[str]:
    """The public methods and properties of a class, as far as they are ours, without docstring."""
    return [
        name for name in dir(cls)
        if not name.startswith("_")
        and (callable(x := inspect.getattr_static(cls, name)) or isinstance(x, property))
        and any(name in vars(base) and base.__module__.startswith("gpugrad") for base in cls.mro())
        and not (x.__doc__ or "").strip()
    ]  # fmt: skip


@pytest.mark.parametrize("name", [name for name, x in PUBLIC.items() if inspect.isclass(x)])
def test_the_methods_of_a_class_say_what_they_do(name: str) -> None:
    cls = PUBLIC[name]
    assert isinstance(cls, type)
    assert not undocumented(cls)


def test_a_method_without_docstring_is_noticed() -> None:
    class Silent:
        __module__ = "gpugrad.silent"

        def hidden(self) -> None: ...

    assert undocumented(Silent) == ["hidden"]


@pytest.mark.parametrize(
    ("docstring", "fault"),
    [
        ("The sine\n    of x.\n\n    >>> 1\n    1\n", "no empty line follows the first"),
        ("The sine.", "it has no example"),
        ("The sine.\n\n    >>> gg.sin(0.0) + 1\n    2.0\n", "Expected"),
    ],
)
def test_a_wrong_docstring_is_noticed(docstring: str, fault: str) -> None:
    assert any(fault in line for line in check("sin", docstring))
