"""The diffs of `docs/adding.md` apply to the package as it is, and what they add works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import gpugrad

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "adding.md"


def diffs(section: str) -> list[str]:
    """The diffs of a section of the page."""
    text = PAGE.read_text("utf-8")
    (found,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```diff\n(.*?)^```$", found, re.MULTILINE | re.DOTALL)


def apply(diff: str, root: Path) -> list[str]:
    """Change the files below `root` as a diff says; their names.

    What a hunk takes for granted must stand in the file, and once. Without anything, it makes the
    file or, if that is there, adds to its end.
    """
    names = []
    for part in re.split(r"^(?:--- /dev/null\n)?\+\+\+ ", diff, flags=re.MULTILINE)[1:]:
        name, *hunks = re.split(r"\n@@\n", part)
        names.append(name)
        text = (root / name).read_text("utf-8") if (root / name).exists() else ""
        for hunk in hunks:
            lines = hunk.rstrip("\n").split("\n")
            before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
            after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
            if before:
                assert text.count(before) == 1, f"{name}: not once there:\n{before}"
            text = text.replace(before, after) if before else text + after
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return names


TRIED = {
    "An op": """
import numpy as np
import gpugrad as gg
from gpugrad.core.registry import get_op
from gpugrad.testing import check_grads
x = np.array([-2.0, -0.5, 0.3, 4.0])
info = get_op("softsign").info
np.testing.assert_allclose(gg.softsign(x), info.meaning(x), rtol=1e-15)
check_grads(gg.softsign, (x,), order=2)
out, pullback = gg.vjp(gg.softsign, *map(np.array, info.edges.at))
np.testing.assert_array_equal(out, info.edges.value)
np.testing.assert_array_equal(pullback(np.ones(2)), info.edges.slopes)
assert gg.softsign(gg.tensor(x.astype("float32"))).dtype == "float32"
assert "softsign" in dir(gg)
""",
    "A function of ops": """
import numpy as np
import gpugrad as gg
from gpugrad.core.registry import all_infos
from gpugrad.testing import check_grads
a, b = np.array([1.0, 2.0, 3.5]), np.array([0.5, 4.0, 1.0])
meaning = all_infos()["mean_absolute_error"].meaning
np.testing.assert_allclose(gg.mean_absolute_error(a, b), meaning(a, b), rtol=1e-15)
check_grads(gg.mean_absolute_error, (a, b), order=2)
""",
    "A primitive": """
import numpy as np
import gpugrad as gg
from gpugrad.testing import check_grads
x = np.array([0.25, 1.0, 4.0])
check_grads(gg.rsqrt, (x,), order=2)
f = gg.jit(lambda x: gg.rsqrt(x) * 2, engine="numpy")
for found in (gg.rsqrt(x) * 2, f(x), f(x), f(x), gg.vmap(gg.rsqrt)(x) * 2):
    np.testing.assert_allclose(found, [4.0, 2.0, 1.0], rtol=1e-15)
assert [step.op for step in f.plan(x).steps] == ["rsqrt", "multiply"]
""",
    "An optimiser": """
import numpy as np
from gpugrad import optim
from gpugrad.train import Config
p, g = np.array([1.0, 1.0, 1.0]), np.array([0.5, 3.0, -3.0])
one = optim.clipped(0.1)
updates, state = one.update(g, one.init(p), p)
np.testing.assert_allclose(updates, [-0.05, -0.1, 0.1])
assert state.steps == 1
assert Config("moons", optimizer="clipped").lr == 0.1
""",
    "A data set": """
from gpugrad import data
rings = data.load("rings", seed=1)
assert rings.fingerprint() == data.load("rings", seed=1).fingerprint()
assert rings.target_names == ("inner", "outer")
assert rings.x.shape == (1000, 2)
""",
    "A loss of a task": """
import numpy as np
from gpugrad.train import TASKS, fit
scores, labels = np.array([[3.0, 1.0, 2.5], [0.0, 2.0, 5.0]]), np.array([0, 1])
losses = TASKS["multiclass"].loss("margin", 0.0)
np.testing.assert_allclose(losses(scores, labels), [0.5, 4.0])
x = np.linspace(-1, 1, 90)[:, None]
model = fit(x, np.arange(90) // 30, loss="margin", backend="numpy")
assert model.records[-1].train_metric > 0.9
""",
}
"""What shows, for each section, that its diff does what the page says."""

FILES = {
    "An op": ["gpugrad/ops/activation.py"],
    "A function of ops": ["gpugrad/ops/loss.py"],
    "A primitive": [
        "gpugrad/plan/primitives.py", "gpugrad/backends/standard.py", "gpugrad/ops/elementwise.py"
    ],
    "An optimiser": ["gpugrad/optim/clipped.py", "gpugrad/optim/__init__.py"],
    "A data set": ["gpugrad/data/rings.py", "gpugrad/data/load.py"],
    "A loss of a task": ["gpugrad/train/tasks/margin.py", "gpugrad/train/tasks/multiclass.py"],
}
"""Which files each takes: more would be a step back."""


def run(code: str, root: Path) -> subprocess.CompletedProcess[str]:
    """`code` with the package in `root`."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{code}"]
    return subprocess.run(command, capture_output=True, text=True, cwd=root)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the package."""
    package = Path(gpugrad.__file__).parent
    shutil.copytree(package, tmp_path / "gpugrad", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("section", TRIED)
def test_what_the_page_adds_works(section: str, copy: Path) -> None:
    assert run(TRIED[section], copy).returncode     # without it, there is nothing to find
    names = [name for diff in diffs(section) for name in apply(diff, copy)]
    assert names == FILES[section]
    done = run(TRIED[section], copy)
    assert not done.returncode, done.stderr


@pytest.mark.parametrize("section", TRIED)
def test_what_the_page_adds_is_in_the_style_of_the_rest(section: str, copy: Path) -> None:
    pytest.importorskip("ruff")
    names = [name for diff in diffs(section) for name in apply(diff, copy)]
    lint = [sys.executable, "-m", "ruff", "check", "--config", ROOT / "pyproject.toml", *names]
    checked = subprocess.run(lint, capture_output=True, text=True, cwd=copy)
    assert not checked.returncode, checked.stdout


def test_every_diff_of_the_page_is_tried() -> None:
    titles = re.findall(r"^## (.*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {title for title in titles if diffs(title)} == set(TRIED)


def test_a_diff_that_does_not_fit_is_found(copy: Path) -> None:
    with pytest.raises(AssertionError, match="not once there"):
        apply('+++ gpugrad/ops/loss.py\n@@\n     "no_such_loss",\n+    "other",\n', copy)
