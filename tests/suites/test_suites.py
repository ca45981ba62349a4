"""A sample of SciPy's own tests with gpugrad as their array namespace; `ci/suites.sh` runs all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from installed import skip_unless_recent

skip_unless_recent("scipy")

HERE = Path(__file__).parent
SAMPLE = (
    "scipy.cluster.tests.test_vq", "scipy.differentiate", "scipy.linalg.tests.test_procrustes",
    "scipy.special.tests.test_logsumexp", "scipy.stats.tests.test_rank",
)  # fmt: skip


def run(*arguments: str, beside: Path = HERE) -> tuple[int, str]:
    """The exit status of pytest, and what it says in the end."""
    spec = find_spec("scipy")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    paths = [str(beside), str(HERE), str(HERE.parents[1])]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")]),
        "SCIPY_ARRAY_API": "1", "PYTEST_ADDOPTS": "",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
         "-p", "scipy_namespace", "-p", "expected", "-m", "array_api_backends",
         "--rootdir", spec.submodule_search_locations[0], *arguments],
        env=environment, cwd=HERE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout[-2000:]


def test_scipys_own_tests_pass() -> None:
    status, said = run("--pyargs", *SAMPLE)
    assert status == 0, said
    passed = re.search(r"(\d+) passed", said)
    assert passed, said
    assert int(passed[1]) > 500


def test_a_wrong_namespace_is_found(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("import gpugrad as gg\n\ngg.exp = gg.cos\n")
    status, said = run(
        "-p", "wrong", "--pyargs", "scipy.special.tests.test_logsumexp", "-k", "softmax",
        beside=tmp_path,
    )  # fmt: skip
    assert status == pytest.ExitCode.TESTS_FAILED, said
