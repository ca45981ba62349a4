"""The quality of networks at the defaults: what the page says of it, and some jobs done again."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = max((ROOT / "benchmarks" / "results").glob("jobs-*.json"))
FOUND = json.loads(RESULTS.read_text("utf-8"))

AGAIN = ("breast-cancer", "diabetes", "linnerud")
"""Quick ones of the data of scikit-learn, by each of the ways."""


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script, whose data sets are in another file beside it."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    yield import_module("jobs")
    for name in ("jobs", "job_data", "machine"):
        sys.modules.pop(name, None)


def test_the_page_has_the_table_of_the_results(jobs: Any) -> None:
    assert jobs.page(FOUND) in (ROOT / "docs" / "quality.md").read_text("utf-8")


def test_all_jobs_are_on_record(jobs: Any) -> None:
    assert list(FOUND["jobs"]) == list(import_module("job_data").JOBS)
    assert len(FOUND["jobs"]) == 20
    for job in FOUND["jobs"].values():
        assert list(job["scores"]) == list(jobs.CONTENDERS)
        assert {len(each) for each in job["scores"].values()} == {5}


def test_no_network_is_better_by_more_than_noise(jobs: Any) -> None:
    better = {name: set(jobs.behind(job["scores"])) for name, job in FOUND["jobs"].items()}
    assert {name: each - {"linear"} for name, each in better.items() if each - {"linear"}} == {}


@pytest.mark.parametrize("name", AGAIN)
def test_a_job_comes_to_what_is_on_record(jobs: Any, name: str) -> None:
    job = import_module("job_data").JOBS[name]
    before = FOUND["jobs"][name]["scores"]
    _, noise = jobs.summary(before["gpugrad"])
    assert abs(jobs.score(job, job.load(), "gpugrad", 0) - before["gpugrad"][0]) <= noise


def test_what_is_better_is_noticed(jobs: Any) -> None:
    scores = {"gpugrad": [0.5, 0.6, 0.7], "better": [0.6, 0.7, 0.81], "alike": [0.4, 0.8, 0.7]}
    assert jobs.behind(scores) == ["better"]
    assert jobs.summary([1.0, 3.0]) == (2.0, pytest.approx(2**0.5))
