"""A child finds the modules that its parent finds, but none that lie in the working directory."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import gpugrad as gg
from gpugrad.engines.native import interpreter

PACKAGE = Path(gg.__file__).parents[1]
LOOK = (
    "from importlib.util import find_spec; "
    "print(*[name for name in ('planted', 'wanted', 'gpugrad', 'numpy') if find_spec(name)])"
)
PARENT = f"""
import os, subprocess, sys
{{before}}
from gpugrad.engines.native.interpreter import interpreter
command, environment = interpreter({LOOK!r})
subprocess.run(command, env=environment, check=True)
"""


@pytest.fixture
def here(tmp_path):
    """A working directory in which somebody left files; beside it, a folder of the user's."""
    for folder, name in (("shared", "planted"), ("mine", "wanted")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.py").write_text("raise SystemExit('was run')\n")
    (tmp_path / "shared" / "sitecustomize.py").write_text("import sys; sys.exit('was run')\n")
    return tmp_path / "shared"


def found(here, arguments, path="", start=None, before=""):
    """What the child of a Python that is started so finds; `path` is for PYTHONPATH."""
    script = here.parent / "mine" / "parent_program.py"
    script.write_text(PARENT.format(before=before))
    (here / "parent_program.py").write_text(PARENT.format(before=before))
    parts = [str(PACKAGE), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(parts) + path}
    names = {"mine": str(script), "here": here, "package": str(PACKAGE)}
    command = [sys.executable, *(part.format(**names) for part in arguments)]
    ran = subprocess.run(
        command, cwd=start or here, env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.split()


STARTS = {
    "a script elsewhere": ["{mine}"],
    "a script in the folder": ["{here}/parent_program.py"],
    "a module": ["-m", "parent_program"],
    "a command": ["-c", "import runpy; runpy.run_path('parent_program.py')"],
    "without a folder of the user's": ["-s", "parent_program.py"],
    "with a safe path": ["-P", "parent_program.py"],
    "isolated": [
        "-I", "-c", "import sys; sys.path.append({package!r}); exec(open({mine!r}).read())",
    ],
}


@pytest.mark.parametrize("start", STARTS)
def test_what_lies_where_a_program_is_started_is_not_found(start, here):
    quiet = "os.environ.pop('PYTHONSAFEPATH', None)"
    (here / "sitecustomize.py").unlink()            # which would end some of the parents
    names = found(here, STARTS[start], before=quiet)
    assert "planted" not in names
    assert {"gpugrad", "numpy"} <= set(names)
    assert ("wanted" in names) == (start == "a script elsewhere")


@pytest.mark.parametrize("path", ["", ":", "::/nowhere", ":.", ":shared"])
def test_a_path_that_is_empty_or_relative_names_nothing(path, here):
    """The parent is started elsewhere, and comes here later."""
    move = f"os.chdir({str(here)!r})"
    names = found(here, ["{mine}"], path.replace(":", os.pathsep), here.parent / "mine", move)
    assert names == ["wanted", "gpugrad", "numpy"]


def test_what_the_user_named_in_full_is_found(here):
    (here / "sitecustomize.py").unlink()
    assert "planted" in found(here, ["{mine}"], f"{os.pathsep}{here}")
    mine = f"{os.pathsep}{here.parent / 'mine'}"
    assert found(here, ["-m", "parent_program"], mine) == ["wanted", "gpugrad", "numpy"]


def test_parts_of_the_path_that_are_no_text_or_not_there(monkeypatch, here):
    monkeypatch.chdir(here)
    path = ["", ".", "shared", None, here, "/nowhere", str(here), "/odd\udcff"]
    monkeypatch.setattr(sys, "path", path)
    assert interpreter._path() == ["/nowhere", "/odd\udcff"]


def test_a_working_directory_that_is_gone(monkeypatch, here):
    gone = here / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    command, environment = interpreter.interpreter(LOOK)
    names = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "gpugrad" in names.stdout.split()


@pytest.mark.parametrize("option", interpreter._OPTIONS)
def test_a_child_has_the_options_of_its_parent(option, monkeypatch):
    flags = dict.fromkeys(interpreter._OPTIONS.values(), 0) | {interpreter._OPTIONS[option]: 1}
    with monkeypatch.context() as patch:
        patch.setattr(sys, "flags", SimpleNamespace(**flags))
        program = f"print(sys.flags.{interpreter._OPTIONS[option]})"
        command, environment = interpreter.interpreter(program)
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "1\n"


@pytest.mark.parametrize("change", [{"executable": ""}, {"executable": None}, {"frozen": True}])
def test_where_there_is_no_interpreter(change, monkeypatch):
    for name, value in change.items():
        monkeypatch.setattr(sys, name, value, raising=False)
    with pytest.raises(FileNotFoundError, match="no Python interpreter"):
        interpreter.interpreter("pass")
