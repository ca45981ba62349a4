"""What messages tell their readers to type works where it is typed."""

from __future__ import annotations

import ast
import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

import gpugrad
import gpugrad as gg
from gpugrad import data, engines, hints
from gpugrad.backends import choose
from gpugrad.cli.app import run
from gpugrad.core.methods import ABSENT
from gpugrad.errors import BackendUnavailable, DataError, GpugradError, UnknownOp

PACKAGE = Path(gpugrad.__file__).parent
SCRIPT = "#!{}\nimport sys\nfrom gpugrad.cli import main\nsys.exit(main())\n"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A console script as installers make them, in a folder of its own."""
    script = tmp_path / "own venv" / "bin" / "gpugrad"
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT.format(sys.executable))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.chdir(tmp_path)
    return script


def typed(line: str, path: str | None = None) -> str:
    """The last line that a shell prints for `line`."""
    variables = dict(os.environ, PYTHONPATH=str(PACKAGE.parent))
    if path is not None:
        variables["PATH"] = f"{path}{os.pathsep}{variables['PATH']}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=variables)
    return (done.stdout + done.stderr).splitlines()[-1]


AGAIN = "gpugrad: give a data set, as in {} train digits, or a run to continue, with --resume"


def test_a_script_is_called_as_it_was(program: Path) -> None:
    relative = "'own venv/bin/gpugrad'"
    assert typed(f"{relative} train") == AGAIN.format(relative)
    assert typed(f"'{program}' train") == AGAIN.format(f"'{program}'")


def test_a_script_on_the_path_is_called_by_its_name(program: Path) -> None:
    assert typed("gpugrad train", str(program.parent)) == AGAIN.format("gpugrad")


@pytest.mark.parametrize("module", ["gpugrad", "gpugrad.cli"])
@pytest.mark.parametrize("name", [os.path.abspath, os.path.relpath])
def test_a_module_is_called_by_the_python_that_runs_it(
    program: Path, module: str, name: Callable[[str], str]
) -> None:
    python = shlex.quote(name(sys.executable))
    assert typed(f"{python} -m {module} train") == AGAIN.format(f"{python} -m gpugrad")


@pytest.mark.parametrize("argument", ["", "-c", "/usr/bin/pytest", "/a/other/__main__.py", "\0"])
def test_another_program_says_the_bare_name(
    monkeypatch: pytest.MonkeyPatch, argument: str
) -> None:
    monkeypatch.setattr(sys, "argv", [argument])
    assert hints.command("train", "--resume", Path("a run")) == "gpugrad train --resume 'a run'"
    monkeypatch.setattr(sys, "argv", [])
    assert hints.command("info") == "gpugrad info"


def test_what_is_printed_can_be_typed(program: Path) -> None:
    """In full: a run is stopped, and its last line continues it."""
    stop = (
        "import signal, sys\n"
        "from gpugrad.cli import main\n"
        "from gpugrad.train import Progress\n"
        "Progress.advance = lambda *args: signal.raise_signal(signal.SIGINT)\n"
        "sys.exit(main())\n"
    )
    stopping = program.with_name("stopping") / "gpugrad"
    stopping.parent.mkdir()
    stopping.write_text(f"#!{sys.executable}\nfrom gpugrad.cli import app\n{stop}")
    stopping.chmod(0o755)
    options = "moons --hidden 4 --epochs 1 --backend numpy --engine eager --out 'a run'"
    line = typed(f"{shlex.quote(str(stopping))} train {options}").strip()
    assert line == f"{shlex.quote(str(stopping))} train --resume 'a run'"
    program.rename(stopping)
    assert typed(line) == "Everything is in a run"


# What is to be installed



def missing_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    data.digits()


def missing_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    engines.check_engine("native")


def missing_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpugrad.backends.select.probe_cupy", lambda: "CuPy is not installed")
    choose("cupy")


@pytest.mark.parametrize(
    ("extra", "error", "ask"),
    [
        ("train", DataError, missing_digits), ("jit", BackendUnavailable, missing_compiler),
        ("cuda13", BackendUnavailable, missing_cupy),
    ],
)  # fmt: skip
def test_what_is_missing_can_be_installed_from_a_checkout_too(
    monkeypatch: pytest.MonkeyPatch, extra: str, error: type[GpugradError], ask: object
) -> None:
    with pytest.raises(error) as caught:
        ask(monkeypatch)  # type: ignore[operator]
    assert hints.install(extra) in str(caught.value)
    assert f"pip install 'gpugrad[{extra}]'" in hints.install(extra)
    assert f"pip install '.[{extra}]'" in hints.install(extra)


def texts_of(path: Path) -> list[str]:
    """The texts in a file, but for docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    shown = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return [
        node.value for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in shown
    ]  # fmt: skip


def test_no_message_has_words_of_its_own_for_it() -> None:
    """Neither how gpugrad is called nor how an extra is installed; a docstring may show it."""
    found = [
        f"{path.relative_to(PACKAGE)}: {sign}"
        for path in PACKAGE.rglob("*.py")
        for text in texts_of(path)
        for sign in ("pip install 'gpugrad[", "with: gpugrad", "gpugrad train --")
        if path != PACKAGE / "hints.py" and sign in text
    ]
    assert found == []


# Other things that one types first


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"gpugrad {gpugrad.__version__}\n", "")


# Names that are not there

MEANT = {
    "dropout": "nn.dropout", "svd": "linalg.svd", "inv": "linalg.inv", "det": "linalg.det",
    "gamma": "special.gamma", "eigh": "linalg.eigh", "cholesky": "linalg.cholesky",
    "logdet": "linalg.slogdet(x)[1]", "remat": "checkpoint", "hess": "hessian",
    "pmap": "vmap, or gg.parallel for several processes", "lax": "scan or gg.cond",
    "switch": "cond, or gg.select between values", "tree_map": "tree.map",
    "manual_seed": "random.key(seed)", "array": "asarray", "cat": "concat", "Adam": "optim.adam",
    "concatenat": "concatenate", "jacobain": "jacobian", "ReLU": "relu",
    "PRNGKey": "random.key(seed)",
    "random.fold_in": "random.split(key, n)[i]", "optim.Adam": "optim.adam", "nn.relu": "relu",
    "nn.ReLU": "relu", "nn.Layer_Norm": "nn.LayerNorm", "nn.sotfmax": "softmax",
    "optim.adamm": "optim.adam", "stats.gama": "stats.gamma",
    "linalg.logdet": "linalg.slogdet(x)[1]", "fft.rfftt": "fft.rfft", "tree.tree_map": "tree.map",
    "optim.cosine_decay_schedule": "optim.cosine", "optim.MultiSteps": "optim.multi_steps",
    "optim.multi_transform": "optim.partition", "optim.LBFGS": "optim.lbfgs",
    "optim.RMSprop": "optim.rmsprop", "optim.AdamW": "optim.adamw",
    "optim.nadam": "optim.adam(lr, nesterov=True)", "clip_grad_norm_": "optim.clip_by_global_norm",
    "optim.sgdr_schedule": "optim.join_schedules of gg.optim.cosine",
    "OneCycleLR": "optim.one_cycle",
    "optim.ReduceLROnPlateau": "optim.reduce_on_plateau", "EMA": "optim.ema",
}  # fmt: skip


@pytest.mark.parametrize("name", MEANT)
def test_a_name_that_is_not_there_has_a_hint(name: str) -> None:
    """The same in another room before what is spelled alike: `svd` is no `std`."""
    room, _, asked = name.rpartition(".")
    place = getattr(gg, room) if room else gg
    with pytest.raises(AttributeError) as found:
        getattr(place, asked)
    module = f"gpugrad.{room}".rstrip(".")
    expected = f"module {module!r} has no attribute {asked!r}. Did you mean gg.{MEANT[name]}?"
    assert str(found.value) == expected


@pytest.mark.parametrize("name", ["qqqqqqqq", "jnp", "foo", "kaiser", "linalg.sdv", "nn.x"])
def test_what_is_only_alike_is_not_meant(name: str) -> None:
    room, _, asked = name.rpartition(".")
    with pytest.raises(AttributeError, match=f"has no attribute {asked!r}$"):
        getattr(getattr(gg, room) if room else gg, asked)


@pytest.mark.parametrize("said", sorted({*hints._MEANT.values()}))
def test_what_is_meant_is_there(said: str) -> None:
    """Each name behind `gg.`, and none of the table hides one that is there."""
    for dotted in re.findall(r"gg\.([a-zA-Z_][\w.]*)", f"gg.{said}"):
        attrgetter(dotted.rstrip("."))(gg)


def test_the_table_hides_nothing() -> None:
    for name in hints._MEANT:
        room, _, asked = name.rpartition(".")
        assert asked == asked.lower()
        assert not hasattr(getattr(gg, room) if room else gg, asked), name


def test_expressions_that_are_meant_can_be_computed() -> None:
    x, n, shape, z, y = np.array([0.2, 0.8]), 2, (4,), 0.5, 1.0
    p, key, seed, axis = x, gg.random.key(0), 0, 0
    table, ids, lr, i, peak = x, [0, 1], 0.1, 0, 0.1
    named = {"x": x, "n": n, "shape": shape, "z": z, "y": y, "p": p, "key": key, "seed": seed}
    named |= {"axis": axis, "table": table, "ids": np.asarray(ids), "lr": lr, "i": i, "peak": peak}
    named["opt"] = gg.optim.sgd(lr)
    for said in set(hints._MEANT.values()):
        call = said.partition(", of which")[0].partition(", or")[0].partition(": ")[0]
        if "(" in call and "n_in" not in call and "slogdet" not in call and "steps" not in call:
            eval(f"gg.{call}", {"gg": gg}, named)


def test_rooms_offer_what_is_read_of_them() -> None:
    for room in gg._ROOMS:
        assert hints._offers(room) == list(getattr(gg, room).__all__)


TENSOR = gg.tensor([1.0, 2.0], requires_grad=True)


@pytest.mark.parametrize("name", ABSENT)
def test_attributes_of_other_arrays_have_a_hint(name: str) -> None:
    with pytest.raises(UnknownOp, match=f"a Tensor has no attribute '{name}'\\. ") as found:
        getattr(TENSOR, name)
    text = str(found.value)
    for dotted in re.findall(r"gg\.([a-z_][\w.]*)", text):
        attrgetter(dotted.rstrip("."))(gg)
    for attribute in re.findall(r"\bt\.([a-zA-Z_]\w*)", text):
        assert hasattr(TENSOR, attribute), text
    assert name not in dir(TENSOR)


@pytest.mark.parametrize("name", ["numpy", "data", "train"])
def test_modules_are_found_without_an_import_of_their_own(name: str) -> None:
    program = (
        f"import sys, gpugrad as gg; assert 'gpugrad.{name}' not in sys.modules;"
        f"print(gg.{name}.__name__, {name!r} in dir(gg))"
    )
    line = shlex.join([sys.executable, "-c", program])
    assert typed(line) == f"gpugrad.{name} False"
