"""The pages of the reference: one for each module of functions, one for each room.

What there is, is what the library offers: nobody lists it a second time.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx

import gpugrad as gg
from gpugrad import numpy, transforms

SETTINGS = ("graph", "core", "backends", "tracing", "engines", "sweep", "catalogue")
"""Packages of what is neither op nor transform: what users call of them is on one page."""

FIRST = """
    grad value_and_grad vjp jvp linearize hvp jacobian hessian vmap jit scan cond
    Tensor op
""".split()
"""What a reader looks for first; all else follows in alphabetical order."""


def write(app: Sphinx) -> None:
    """Write the pages that changed."""
    folder = Path(app.srcdir) / "reference"
    pages = dict(_pages())
    for old in folder.glob("*.rst"):
        if old.stem not in pages:
            old.unlink()
    for name, text in pages.items():
        file = folder / f"{name}.rst"
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")


def _pages() -> list[tuple[str, str]]:
    """The names of the pages, and what stands on them."""
    rooms = [name for name in gg.__all__ if isinstance(getattr(gg, name), ModuleType)]
    modules: dict[str, list[str]] = {}
    for name in gg.__all__:
        thing = getattr(gg, name)
        if _is_ours(thing):
            home = thing.__module__
            part = home.split(".")[1]
            place = part if part == "transforms" else "settings" if part in SETTINGS else home
            modules.setdefault(place, []).append(name)
    pages = [
        ("transforms", _page("Transforms", inspect.cleandoc(transforms.__doc__ or ""), "gpugrad",
                             modules.pop("transforms"))),
        ("settings", _page("Tensors, ops and settings", "", "gpugrad", modules.pop("settings"))),
        ("numpy", _page("``gpugrad.numpy``", inspect.cleandoc(numpy.__doc__ or ""), "gpugrad", [])),
    ]  # fmt: skip
    functions = []
    for home, names in sorted(modules.items()):
        words = home.rpartition(".")[2].split("_")
        functions.append("-".join(["functions", *words]))
        title = " ".join(words).capitalize().replace("Numpy", "NumPy's")
        text = inspect.cleandoc(import_module(home).__doc__ or "")
        pages.append((functions[-1], _page(title, text, "gpugrad", names)))
    for room in rooms:
        module = getattr(gg, room)
        public = [name for name in getattr(module, "__all__", dir(module)) if name[0] != "_"]
        called = [name for name in public if _is_ours(getattr(module, name))]
        text = inspect.cleandoc(module.__doc__ or "")
        pages.append((room, _page(f"``gg.{room}``", text, f"gpugrad.{room}", called)))
    return [("index", _index(functions, rooms)), *pages]


def _is_ours(thing: object) -> bool:
    """Whether something is to be called, and is no name of Python that a room passes on."""
    home = str(getattr(thing, "__module__", ""))
    return callable(thing) and (home == "gpugrad" or home.startswith("gpugrad."))


def _page(title: str, text: str, module: str, names: list[str]) -> str:
    parts = [title, "=" * len(title), "", text, ""]
    room = getattr(gg, module.partition(".")[2]) if "." in module else gg
    things = {name: getattr(room, name) for name in names}
    shown: dict[int, str] = {}
    # A function under its own name comes before its other names.
    for name in sorted(names, key=lambda x: _place(x, things[x])):
        thing = things[name]
        first = shown.setdefault(id(thing), name)
        if name != first:
            parts += [f".. py:function:: {name}", f"   :module: {module}", "",
                      f"   Another name of :func:`{first} <{module}.{first}>`.", ""]  # fmt: skip
        elif inspect.isclass(thing):
            parts += [f".. autoclass:: {module}.{name}", "   :members:", "   :inherited-members: "
                      "tuple,object,BaseException,dict,Protocol", ""]  # fmt: skip
        else:
            parts += [f".. autofunction:: {module}.{name}", ""]
    return "\n".join(parts) + "\n"


def _place(name: str, thing: object) -> tuple[bool, int, str]:
    first = FIRST.index(name) if name in FIRST else len(FIRST)
    return getattr(thing, "__name__", name) != name, first, name.lower()


def _index(functions: list[str], rooms: list[str]) -> str:
    title = "Reference"
    lines = [
        title, "=" * len(title), "",
        "Every public function and class, with a tested example.", "",
        ".. toctree::", "   :maxdepth: 1", "", "   transforms", "   settings", "",
        ".. toctree::", "   :caption: Functions of arrays, in gg", "   :maxdepth: 1", "",
        *(f"   {name}" for name in functions), "",
        ".. toctree::", "   :caption: Modules", "   :maxdepth: 1", "",
        *(f"   {name}" for name in sorted([*rooms, "numpy"])), "",
    ]  # fmt: skip
    return "\n".join(lines)


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before they are looked for."""
    app.connect("builder-inited", write, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
