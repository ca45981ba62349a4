"""Collectives of CuPy arrays between processes: by NCCL where each has a GPU, else by the host."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import cupy as cp
import numpy as np
import pytest
from under_mpiexec import run

import gpugrad as gg
from gpugrad.cli.app import run as train
from gpugrad.parallel import nccl

ON_TWO = pytest.param(2, marks=pytest.mark.two_devices)
ON_THREE = pytest.param(3, marks=[pytest.mark.two_devices, pytest.mark.only_on_cpu])

ONE_GPU = {"CUDA_ON_CPU_DEVICES": "1", "CUDA_VISIBLE_DEVICES": "0"}
"""The environment of ranks that have one GPU together: on the CPU, and on a GPU."""


def ran(ranks: int, program: str, *words: str, **environment: str) -> str:
    """What a program writes, between guard zones where the device is on the CPU."""
    environment = {
        "GPUGRAD_BACKEND": "cupy", "CUDA_ON_CPU_DEVICES": str(max(ranks, 2)), **environment,
    }  # fmt: skip
    done = run(ranks, "guarded.py", program, *words, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("ranks", [1, ON_TWO, ON_THREE])
def test_collectives_are_those_of_all_arrays_in_one_process(ranks: int) -> None:
    ran(ranks, "collectives.py", "cupy")


def test_ranks_with_one_gpu_go_by_the_host() -> None:
    ran(2, "collectives.py", "cupy", "host", **ONE_GPU)
    ran(2, "graphs.py", "host", **ONE_GPU)


@pytest.mark.parametrize("ranks", [1, ON_TWO])
def test_collectives_are_in_the_graph_of_a_step(ranks: int) -> None:
    """A step of data-parallel training is one graph on each rank, with its collectives."""
    ran(ranks, "graphs.py")


@pytest.mark.two_devices
def test_training_is_that_of_one_process_and_equal_in_all_bits() -> None:
    assert ran(1, "training.py", "cupy") == ran(2, "training.py", "cupy")


@pytest.mark.two_devices
def test_gpugrad_train_computes_on_a_gpu_of_each_rank(tmp_path: Path) -> None:
    out = ran(2, "transports.py", "train", "--out", str(tmp_path / "two"))
    assert len(re.findall(r"^rank \d:  \| NCCL", out, re.MULTILINE)) == 2, out
    alone = ["train", "digits", "--backend", "numpy", "--epochs", "1"]
    assert train([*alone, "--out", str(tmp_path / "one")]) == 0
    one, two = (
        json.loads((tmp_path / name / "metrics.jsonl").read_text()) for name in ("one", "two")
    )
    for name in ("train_loss", "validation_loss"):
        assert two[name] == pytest.approx(one[name], rel=1e-4)      # see test_training.py


# Where NCCL cannot be used


@pytest.mark.two_devices
@pytest.mark.parametrize(
    ("kind", "environment", "wanted"),
    [
        ("profile", {}, r"NCCL \d+\.\d+\.\d+"),
        ("elsewhere", {}, r"NCCL \d+\.\d+\.\d+"),
        ("missing", {}, r"MPI, through pinned host memory: NCCL cannot be loaded: pip "
                        r"install 'gpugrad\[nccl1\d\]'.*"),
        ("profile", ONE_GPU, r"MPI, through pinned host memory: ranks 0, 1 compute on one "
                             r"GPU, \w+:\w+:\w+\.\w+, and NCCL wants one for each: .*"),
    ],
)  # fmt: skip
def test_all_ranks_say_what_carries_arrays(
    kind: str, environment: dict[str, str], wanted: str
) -> None:
    out = ran(2, "transports.py", kind, **environment)
    for rank in range(2):
        before = "not chosen before the first collective of theirs"
        assert re.search(rf"^rank {rank}: {before} \| {wanted}$", out, re.MULTILINE), out


def test_a_single_process_copies() -> None:
    assert gg.parallel.world().transport.startswith("copies")
    x = cp.arange(6.0).reshape(2, 3)
    compiled = gg.jit(lambda x: gg.parallel.psum(gg.sin(gg.parallel.pvary(x))) * 2)
    for _ in range(3):
        np.testing.assert_allclose(compiled(x).get(), 2 * np.sin(x.get()), rtol=1e-12)
    assert compiled.explain(x).startswith("engine     cupy: 1 graph of")
    np.testing.assert_array_equal(gg.parallel.permute(x, []).get(), 0 * x.get())


def test_why_nccl_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("the driver is\ntoo old")

    nccl.why_not()                                  # so that CuPy does not warn where there is none
    from cupy.cuda import nccl as found

    monkeypatch.setattr(found, "available", True)
    monkeypatch.setattr(found, "get_version", lambda: 22707, raising=False)
    assert nccl.why_not() == ""
    monkeypatch.setattr(found, "get_version", fails, raising=False)
    assert nccl.why_not() == "CuPy cannot be used: the driver is too old"
    monkeypatch.setattr(found, "available", False)
    assert re.match(r"NCCL cannot be loaded: pip install 'gpugrad\[nccl1\d\]'", nccl.why_not())
    monkeypatch.setattr(nccl, "find_spec", lambda name: None)
    assert nccl.why_not() == "CuPy is not installed"
