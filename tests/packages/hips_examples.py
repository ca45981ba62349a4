"""Runs the example programs of HIPS autograd on it and on gpugrad, and writes a table of them.

    python tests/packages/hips_examples.py AUTOGRAD-1.9.1/examples > examples.md

The programs are those of its source archive, with fewer iterations, random arrays for data that
would be downloaded, and nothing drawn. Of each, all gradients that it computes are compared: with
`autograd` for `gpugrad.autograd` and `autograd.numpy` for NumPy itself or for `gpugrad.numpy`, and
compiled, by `gg.jit` around each transform, with the number of the step static if it must be.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import os
import pickle
import re
import subprocess
import sys
import tempfile
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
KINDS = ("hips", "numpy", "gpugrad.numpy", "jit")

SHORTER = (
    (r"num_iters ?= ?\d+", "num_iters=3"), (r"num_epochs = \d+", "num_epochs = 2"),
    (r"num_samples=2000", "num_samples=200"), (r"timesteps = \d+", "timesteps = 6"),
    (r'"maxiter": \d+', '"maxiter": 2'), (r"max_lines=60", "max_lines=6"),
    (r"domain_max, num_iters=3", "domain_max, num_iters=4"), (r"in range\(20\)", "in range(2)"),
    (r"sequence_length=30", "sequence_length=12"), (r'"rnn\.py"', '"lstm.py"'),
)  # fmt: skip


SAID = {
    "did something else": "it draws random numbers",
    "np.asarray() of a Tensor": "np.array of Tensors",
    "cannot import name": "own classes of HIPS autograd's boxes and vector spaces",
}
"""Causes in few words, by what the errors say."""


class _Drawn(ModuleType):
    """Stands for matplotlib: it takes everything, and reads pictures that are random."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _picture if name == "imread" else self

    def __iter__(self) -> Any:
        return iter([self] * 10000)


def _picture(name: str) -> Any:
    random = np.random.RandomState(3)
    smoke = Path(name).name == "init_smoke.png"
    return random.rand(*((36, 36, 3) if smoke else (72, 72))).astype(np.float32)


class _Seeded(np.random.RandomState):
    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)


class _Shorter(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> Any:
        text = self.get_data(self.path).decode()
        for old, new in SHORTER:
            text = re.sub(old, new, text)
        return compile(text, self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders

    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:
        for folder in self._folders:
            file = folder / f"{fullname}.py"
            if file.exists():
                return importlib.machinery.ModuleSpec(
                    fullname, _Shorter(fullname, str(file)), origin=str(file)
                )
        return None


def flat(x: Any) -> list[np.ndarray]:
    """All numbers of what a transform gave."""
    if isinstance(x, dict):
        return [y for k in sorted(x) for y in flat(x[k])]
    if isinstance(x, list | tuple):
        return [y for part in x for y in flat(part)]
    if hasattr(x, "alphas"):                        # of the example's own functions
        return [np.array(sorted(x.alphas.items()), float)]
    return [] if x is None else [np.array(x, float)]


class Recorder:
    """Notes what the outermost transforms of a program give, and how they are compiled."""

    def __init__(self, compiled: bool) -> None:
        self.found: list[list[np.ndarray]] = []
        self.how: dict[str, str] = {}
        self._compiled, self._depth = compiled, 0

    def recorded(self, transform: Any) -> Any:
        """The transform, whose functions are noted."""

        @wraps(transform)
        def made(fun: Any, *settings: Any, **words: Any) -> Any:
            plain = transform(fun, *settings, **words)
            step = self._step(plain, getattr(fun, "__name__", "?"))

            @wraps(plain)
            def call(*args: Any, **kwargs: Any) -> Any:
                outermost = not self._depth and not any(map(_traced, args))
                self._depth += 1
                try:
                    result = (step if outermost and self._compiled else plain)(*args, **kwargs)
                finally:
                    self._depth -= 1
                if outermost and len(self.found) < 40:
                    self.found.append(flat(result))
                return result

            return call

        return made

    def _step(self, plain: Any, name: str) -> Any:
        steps: dict[tuple[int, ...], Any] = {}

        def step(*args: Any, **kwargs: Any) -> Any:
            import gpugrad as gg

            numbers = tuple(i for i, x in enumerate(args) if isinstance(x, int))
            for static in dict.fromkeys(((), numbers)):
                made = steps.setdefault(static, gg.jit(plain, static_argnums=static))
                if made is plain:
                    continue
                try:
                    result = made(*args, **kwargs)
                except (gg.errors.GpugradError, TypeError) as error:
                    steps[static] = plain           # from now on as it is
                    self.how[name] = str(error).split(": ", 1)[-1].split(". ")[0]
                    if isinstance(error, gg.errors.ImpureFunction):     # it draws numbers
                        steps[numbers] = plain
                    continue
                self.how[name] = "with the step static" if static else "yes"
                return result
            return plain(*args, **kwargs)

        return step


def _traced(x: Any) -> bool:
    if isinstance(x, dict):
        return any(map(_traced, x.values()))
    if isinstance(x, list | tuple):
        return any(map(_traced, x))
    if type(x).__name__.endswith("Box") or getattr(x, "requires_grad", False):
        return True
    return type(x).__name__ == "Tensor" and type(x._value) is not np.ndarray


def measure(kind: str, folder: Path, name: str, out: Path) -> None:
    """Run an example in this process, and write down what it gave."""
    sys.path[:0] = [str(ROOT), str(HERE.parent)]
    drawn = ("", ".pyplot", ".image", ".cm", ".animation", ".lines", ".patches")
    sys.modules.update({f"matplotlib{part}": _Drawn("matplotlib") for part in drawn})
    data, random = ModuleType("data_mnist"), np.random.RandomState(1)
    many, few = random.rand(300, 28, 28) * 255, random.rand(50, 28, 28) * 255
    pictures = many.astype(np.uint8), random.randint(0, 10, 300)
    data.mnist = lambda: (*pictures, few.astype(np.uint8), random.randint(0, 10, 50))  # type: ignore[attr-defined]
    sys.modules["data_mnist"] = data
    np.random.RandomState = _Seeded  # type: ignore[misc]
    np.random.seed(0)                               # noqa: NPY002
    from scipy import optimize

    search = optimize.minimize
    optimize.minimize = lambda *a, **k: search(*a, **{**k, "options": {"maxiter": 2}})
    if kind == "hips":
        import autograd
    else:
        from imports_changed import change_autograd

        change_autograd()
        autograd = sys.modules["autograd"]
        if kind == "numpy":
            sys.modules["autograd.numpy"] = autograd.numpy = np
    notes = Recorder(kind == "jit")
    for word in ("grad", "value_and_grad", "elementwise_grad", "hessian_vector_product"):
        setattr(autograd, word, notes.recorded(getattr(autograd, word)))
    sys.meta_path.insert(0, _Finder([folder, folder / "fluidsim"]))
    status = "ran"
    try:
        code = _Finder([folder, folder / "fluidsim"]).find_spec(name, None).loader.get_code(name)
        file = next(f for f in (folder / f"{name}.py", folder / "fluidsim" / f"{name}.py")
                    if f.exists())  # fmt: skip
        exec(code, {"__name__": "__main__", "__file__": str(file)})
    except Exception as error:
        status = f"{type(error).__name__}: {error}"
    out.write_bytes(pickle.dumps((status, notes.found, notes.how)))


def run(kind: str, folder: Path, name: str) -> tuple[str, list[Any], dict[str, str]]:
    """`measure`, in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "out"
        done = subprocess.run(
            [sys.executable, str(HERE), str(folder), "--measure", kind, name, str(out)],
            capture_output=True, text=True, timeout=600, cwd=place,
            env=os.environ | {"GPUGRAD_BACKEND": "numpy"},
        )  # fmt: skip
        if not out.exists():
            return done.stderr.strip().rpartition("\n")[2], [], {}
        found: tuple[str, list[Any], dict[str, str]] = pickle.loads(out.read_bytes())
        return found


def apart(ours: list[Any], theirs: list[Any]) -> str:
    """How far the first gradient is from that of HIPS autograd; later ones have moved with it."""
    if not theirs:
        return "none"
    if len(ours) != len(theirs):
        return f"{len(ours)} of {len(theirs)}"
    pairs = [(np.ravel(a), np.ravel(b)) for a, b in zip(ours[0], theirs[0], strict=True)]
    worst = max(np.max(np.abs(a - b)) / (1e-9 + np.max(np.abs(b))) for a, b in pairs if a.size)
    return f"{worst:.0e}"


def said(text: str) -> str:
    """What a cell says of an error."""
    found = [words for part, words in SAID.items() if part in text]
    return found[0] if found else text.split(" (/")[0].split(". ")[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    folder = chosen.folder.resolve()
    if chosen.measure:
        kind, name, out = chosen.measure
        measure(kind, folder, name, Path(out))
        return
    files = [*folder.glob("*.py"), *folder.glob("fluidsim/*.py")]
    names = sorted({file.stem for file in files} - {"__init__", "data", "data_mnist"})
    print("| example | with NumPy | with `gpugrad.numpy` | jit |\n|---|---|---|---|")
    for name in chosen.only or names:
        found = {kind: run(kind, folder, name) for kind in KINDS}
        cells = []
        for kind in KINDS[1:3]:
            status, gradients, _ = found[kind]
            same = apart(gradients, found["hips"][1])
            cells.append(same if status == "ran" else said(status))
        how = "; ".join(sorted(set(map(said, found["jit"][2].values())))) or "no gradient"
        print(f"| `{name}` | {' | '.join(cells)} | {how} |", flush=True)


if __name__ == "__main__":
    main()
