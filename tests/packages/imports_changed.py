"""Lets packages import other modules than they name, and edits nothing else of theirs."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import re
import sys
from types import CodeType


class _Loader(importlib.machinery.SourceFileLoader):
    numpy = ""

    def get_code(self, fullname: str) -> CodeType:
        text = self.get_data(self.path).decode()
        for old, new in (
            (r"import numpy$", rf"import {self.numpy} as numpy"),
            (r"import numpy as ", rf"import {self.numpy} as "),
            (r"from numpy import ", rf"from {self.numpy} import "),
            (r"from numpy\.(linalg|fft) import ", rf"from {self.numpy}.\2 import "),
        ):
            text = re.sub(rf"^(\s*){old}", rf"\1{new}", text, flags=re.M)
        code: CodeType = compile(text, self.path, "exec", dont_inherit=True)
        return code


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] != self._package:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)  # type: ignore[arg-type]
        if spec is not None and str(spec.origin).endswith(".py"):
            spec.loader = _Loader(fullname, str(spec.origin))
        return spec


def change_numpy(package: str, numpy: str) -> None:
    """Let `package` import the module `numpy` where it imports NumPy."""
    _Loader.numpy = numpy
    sys.meta_path.insert(0, _Finder(package))


def change_autograd() -> None:
    """Let all packages import `gpugrad.autograd` where they import `autograd`."""
    import gpugrad.autograd  # noqa: F401  # which puts its modules in their places

    ours = [name for name in sys.modules if (name + ".").startswith("gpugrad.autograd.")]
    sys.modules.update({name.removeprefix("gpugrad."): sys.modules[name] for name in ours})
