"""What type checkers know of `gg`: stubs are up to date, and tell good lines from bad ones."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import NumpyVersion

import gpugrad as gg
from gpugrad.catalogue.stub import stubs

STUB = Path(gg.__file__).with_name("__init__.pyi")
STUBS = stubs()

GOOD = """
import numpy as np
import gpugrad as gg

x = np.linspace(0.0, 1.0, 5)
t: gg.Tensor = gg.tensor(x, requires_grad=True)
y: gg.Tensor = gg.sum(gg.sin(t) * t[1:3] + 2.0)
y.backward()
on_the_host: np.ndarray = gg.exp(x)
between: np.ndarray = gg.clip(x, 0.2)
halves: list[gg.Tensor] = gg.split(t, 2)
times: gg.Tensor = gg.unique_counts(t).counts[0]
both: gg.Tensor = gg.add(1.0, t) + gg.where(t > 0, t, 0.0)
u, s, vh = gg.linalg.svd(t), gg.stack([t, t]), gg.linalg.eigh(t)[0]
zeros: gg.Tensor = gg.zeros((2, 3), dtype=gg.float32)
spread: gg.Tensor = gg.std(t, ddof=1) + gg.var(t, 0, ddof=1, where=x > 0.5) + gg.nanvar(t, ddof=2)
as_in_numpy: gg.Tensor = gg.sum(t, initial=1.0, where=x > 0) + gg.add(t, 1.0, out=t, dtype="f8")
of_rooms: gg.Tensor = gg.special.gamma(t) + gg.fft.rfft(t, n=4) + gg.nn.conv1d(t, x, stride=2)
held: np.ndarray = gg.clip(x, a_min=0.1, a_max=0.2) + gg.round(x, decimals=2)


@gg.jit
def scaled(a: float, b: str) -> int:
    return 1


number: int = scaled(1.0, "b")
slope = gg.grad(lambda x: gg.sum(x * x))(x)


def loss(w: gg.Tensor, name: str, power: int = 2) -> gg.Tensor:
    return gg.sum(w**power)


of_an_array = gg.grad(loss)(x, "loss", power=3)
along_an_axis = gg.jacobian(gg.sum)(x, axis=0, keepdims=True)
of_two = gg.value_and_grad(lambda a, b: gg.sum(a * b), (0, 1))(x, x)
again = gg.hessian(gg.jit(loss))(x, "loss")[0, 0] + gg.grad(gg.grad(gg.sin))(1.0)


def doubled(a: gg.Tensor) -> gg.Tensor:
    return 2.0 * a


def added(total: gg.Tensor, a: gg.Tensor) -> tuple[gg.Tensor, None]:
    return total + a, None


class Model:
    @gg.jit
    def loss(self, a: gg.Tensor) -> gg.Tensor:
        return gg.sum(a)


taken: gg.Tensor = gg.cond(y > 0, doubled, lambda a: a, t)
one_or_other: gg.Tensor | float = gg.cond(np.bool_(True), doubled, lambda a: 1.0, t)
total: gg.Tensor = gg.scan(added, 0.0, t)[0]
of_a_method: gg.Tensor = Model().loss(t)
"""

BAD = {
    "gg.sinn(1.0)": "sinn",
    "gg.sin(None)": "sin",
    "gg.tensor(1.0).backwards()": "backwards",
    "gg.sum(1.0, keep=True)": "sum",
    'gg.std(t, ddof="1")': "std",
    "gg.sum(1.0, ddof=1)": "sum",
    "gg.tensor(1.0, requires_grad=3)": "tensor",
    'gg.zeros("a")': "zeros",
    "gg.scale(1.0, 2.0)": "scale",
    "gg.special.gamma()": "gamma",
    "gg.nn.conv1d(t, x, strides=2)": "conv1d",
    "gg.nn.layers": "layers",
    "other: int = gg.tensor(1.0)": "Tensor",
    'scaled("a", "b")': "Jit",
    'text: str = scaled(1.0, "b")': "int",
    "gg.grad(loss)(x, 3)": "str",
    'gg.grad(loss)(x, "loss", exponent=3)': "exponent",
    "gg.value_and_grad(loss)(x)": "few arguments",
    'gg.jacobian(loss, has_aux=3)(x, "loss")': "jacobian",
    'gg.hessian(gg.grad(loss))(x, "loss", power="3")': "int",
    "words: str = gg.cond(True, doubled, doubled, t)": "Tensor",
    "gg.cond(None, doubled, doubled, t)": "cond",
    "row: str = gg.scan(added, 0.0, t)[0]": "Tensor",
    "gg.scan(doubled, 0.0, t)": "scan",
    "line: str = Model().loss(t)": "Tensor",
}
"""Lines that are wrong, with a word of what is said about each."""


@pytest.mark.parametrize("place", STUBS)
def test_a_stub_is_what_the_catalogue_writes(place: str) -> None:
    """Made anew with `python -m gpugrad.catalogue --stubs`, which lists the parameters that NumPy's
    functions have today.
    """
    if NumpyVersion(np.__version__) < "2.4.0":
        pytest.skip("functions of this NumPy have fewer parameters: the stubs are made with 2.4")
    assert (STUB.parent / place).read_text(encoding="utf-8") == STUBS[place]


def test_there_are_no_other_stubs() -> None:
    found = {path.relative_to(STUB.parent).as_posix() for path in STUB.parent.rglob("*.pyi")}
    assert found == STUBS.keys()


def test_the_stub_has_all_names_and_no_others() -> None:
    """What it defines or imports under its own name is what `gg` lists."""
    found = set()
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname for alias in node.names if alias.asname is not None}
    assert found == set(gg.__all__)
    assert set(dir(gg)) - {"__version__"} == set(gg.__all__)


def test_star_imports_give_what_is_listed() -> None:
    """All of it, and nothing that only other functions use."""
    scope: dict[str, object] = {}
    exec("from gpugrad import *", scope)
    assert scope.keys() - {"__builtins__"} == set(gg.__all__)
    assert not {"power_slope", "scale", "backends", "core"} & set(gg.__all__)


def test_a_type_checker_accepts_good_lines_and_refuses_each_bad_one(tmp_path: Path) -> None:
    """One program holds all of them, so that the checker runs once."""
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(GOOD + "\n".join(BAD) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "", "--strict", program.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"MYPYPATH": str(STUB.parents[1]), "PATH": ""},
    )
    first = GOOD.count("\n") + 1
    said = {}
    for line in done.stdout.splitlines():
        name, _, rest = line.partition(":")
        number, _, message = rest.partition(":")
        if name == program.name and message.startswith(" error"):
            said.setdefault(int(number), message)
    assert {n: said[n] for n in said if n < first} == {}
    for number, (line, word) in enumerate(BAD.items(), first):
        assert word in said.get(number, ""), f"{line}: {said.get(number)}"
