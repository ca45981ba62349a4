"""Programs of several processes: each runs under `mpiexec`, with a time limit of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
from pages import README
from under_mpiexec import SECONDS, run

import gpugrad as gg
from gpugrad.backends import collectives
from gpugrad.cli import processes
from gpugrad.engines import thread_pool
from gpugrad.errors import BackendUnavailable, InvalidArgument, NotDifferentiable
from gpugrad.parallel import cores

X = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_collectives_are_those_of_all_arrays_in_one_process(ranks: int) -> None:
    done = run(ranks, "collectives.py")
    assert done.returncode == 0, done.stderr


def test_training_is_that_of_one_process_and_equal_in_all_bits() -> None:
    found = set()
    for ranks in (1, 2, 3, 4):
        done = run(ranks, "training.py")
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1, found


def test_ranks_are_given_the_rows_of_the_same_batches_and_learn_from_uneven_ones(
    tmp_path: Path,
) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(23, 3)))
    found = set()
    for ranks in (1, 2, 3, 4):
        done = run(ranks, "sharding.py", str(tmp_path))
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1, found


@pytest.mark.parametrize("kind", ["sum", "vary", "gather", "permute"])
def test_a_wrong_transpose_is_seen(kind: str) -> None:
    """The program that tries collectives fails where a cotangent goes another way."""
    done = run(2, "wrong_transpose.py", kind)
    assert done.returncode != 0
    assert re.search("Not equal to tolerance|cannot reshape|shapes", done.stderr), done.stderr


def threads_of(ranks: int, **environment: str) -> list[str]:
    """Of each rank, for steps and for products, where nothing but `environment` says it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (thread_pool.VARIABLE, *cores.BLAS):
            patch.delenv(name, raising=False)
        done = run(ranks, "threads.py", plain=True, **environment)
    assert done.returncode == 0, done.stderr
    return sorted(done.stdout.splitlines())


def test_ranks_share_the_cores_of_their_machine() -> None:
    there = thread_pool.threads()
    for ranks in (1, 2, there + 2):
        share = max(there // ranks, 1)
        assert threads_of(ranks) == [f"{share} {share}"] * ranks
    assert threads_of(2, GPUGRAD_NUM_THREADS="3", OPENBLAS_NUM_THREADS="2") == ["3 2"] * 2


def test_cores_that_a_rank_has_for_itself_are_all_its_own() -> None:
    both, first, second = range(8), range(4), range(4, 8)
    assert cores.part([both, both], both) == 4
    assert cores.part([first, second], first) == 4
    assert cores.part([first, first, second], first) == 2
    assert cores.part([both, first, first], both) == 4 + 1
    assert cores.part([both] * 3, both) == 2
    assert cores.part([first] * 9, first) == 1


@pytest.mark.parametrize(("n", "more"), [(4, False), (5, True)])
def test_processes_share_the_cores_and_may_be_more(
    n: int, more: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    started: list[dict[str, str]] = []
    monkeypatch.setattr(os, "execve", lambda path, words, env: started.append(env))
    monkeypatch.setenv(thread_pool.VARIABLE, "4")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    processes.start_processes(n)
    assert started[0]["OMP_NUM_THREADS"] == "1"
    assert (processes.OVERSUBSCRIBE.items() <= started[0].items()) is more


def test_more_ranks_than_cores_learn_the_same() -> None:
    """Four on two cores, or on one."""
    bits = set()
    for some in (2, 1):
        done = run(4, "training.py", on=some)
        assert done.returncode == 0, done.stderr
        bits.add(done.stdout)
    assert len(bits) == 1


FAULTS = {
    "error": r"ValueError: only here",
    "killed": r"KILLED BY SIGNAL: 9|BAD TERMINATION",
    "late": r"rank 0 has waited for 2 s in psum of float64 3 at .*faults\.py:\d+\. "
            r"rank 2 is at .*faults\.py:\d+",
    "shape": r"ranks 0, 1: psum of float64 3 at .*; rank 2: psum of float64 4 at",
    "dtype": r"psum of float64 3 at .*; rank 2: psum of float32 3 at",
    "order": r"psum of float64 3 at .*; rank 2: pmax of float64 3 at",
}  # fmt: skip


def test_a_late_rank_of_a_split_world_is_named() -> None:
    began = monotonic()
    done = run(4, "faults.py", "late in a half", GPUGRAD_PARALLEL_TIMEOUT="2")
    assert done.returncode != 0
    assert monotonic() - began < 10
    assert re.search(r"rank 1 has waited for 2 s in psum of float64 3 at .*faults\.py:\d+\. "
                     r"rank 3 is at .*faults\.py:\d+\. All", done.stderr), done.stderr  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
def test_what_goes_wrong_on_one_rank_ends_all(kind: str) -> None:
    began = monotonic()
    done = run(3, "faults.py", kind, GPUGRAD_PARALLEL_TIMEOUT="2")
    assert done.returncode != 0
    assert monotonic() - began < 10
    assert re.search(FAULTS[kind], done.stderr + done.stdout), done.stderr + done.stdout


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_trace_alone_where_their_rows_are_others(ranks: int) -> None:
    done = run(ranks, "uneven.py")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_sums_travel_as_between_machines(ranks: int) -> None:
    done = run(ranks, "travelling.py")
    assert done.returncode == 0, done.stderr


def test_another_call_than_what_others_have_compiled_is_seen() -> None:
    done = run(3, "uneven.py", "other")
    wanted = r"rank 0: pmax of float64 3 at .*uneven.*; ranks 1, 2: psum of float64 3"
    assert done.returncode != 0
    assert re.search(wanted, done.stderr), done.stderr


def test_nan_of_one_rank_comes_to_all() -> None:
    assert run(3, "faults.py", "nan").returncode == 0


# The command line


def train(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    return subprocess.run(
        [sys.executable, "-m", "gpugrad", "train", *words], cwd=folder,
        capture_output=True, text=True, timeout=SECONDS, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )  # fmt: skip


def metrics(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def parameters(run: Path) -> bytes:
    from safetensors.numpy import load_file

    arrays = load_file(run / "model.safetensors")
    return b"".join(arrays[name].tobytes() for name in sorted(arrays))


def test_training_on_processes_is_that_of_one(tmp_path: Path) -> None:
    """The same epochs and figures, to rounding; and in the deterministic mode the same bits."""
    for n in ("1", "2", "3"):
        for mode in ("0", "1"):
            done = train(
                tmp_path, "digits", "--epochs", "3", "--processes", n, "--out", f"run{n}-{mode}",
                GPUGRAD_DETERMINISTIC=mode,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert done.stdout.count("Everything is in") == 1
    one = metrics(tmp_path / "run1-0")
    for n in ("2", "3"):
        for found, wanted in zip(metrics(tmp_path / f"run{n}-0"), one, strict=True):
            assert found["train_loss"] == pytest.approx(wanted["train_loss"], rel=1e-3)
    assert len({parameters(tmp_path / f"run{n}-1") for n in "123"}) == 1


def test_images_with_state_and_noise_train_on_processes(tmp_path: Path) -> None:
    """Each batch on one process or on several: the last one has fewer images than ranks."""
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    rng = np.random.default_rng(0)
    for i in range(50):
        folder = tmp_path / "photos" / ("dark", "bright")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 120, (6, 6), np.uint8)
        pixels += np.uint8(120 * (i % 2))
        image.fromarray(pixels).save(folder / f"{i}.png")
    words = [
        "photos", "--epochs", "6", "--batch-size", "16", "--augment", "flip", "--hidden", "4",
        "--lr", "0.02", "--validation", "0.16", "--test", "0.18",
    ]  # fmt: skip
    for n, where, mode in (
        ("1", "--in-memory", "1"), ("3", "--from-file", "1"), ("2", "--in-memory", "1"),
        ("3", "--from-file", "0"), ("2", "--in-memory", "0"),
    ):  # fmt: skip
        done = train(
            tmp_path, *words, where, "--processes", n, "--out", f"run{n}-{mode}",
            GPUGRAD_DETERMINISTIC=mode,
        )
        assert done.returncode == 0, done.stderr
    assert len({parameters(tmp_path / f"run{n}-1") for n in "123"}) == 1
    described = json.loads((tmp_path / "run1-1/config.json").read_text())
    assert described["data"]["rows"]["train"] % 16 == 2
    for n in "23":                                  # whose normalisation is that of fewer images
        assert metrics(tmp_path / f"run{n}-0")[-1]["train_loss"] < 0.69


def test_the_command_of_the_page_comes_to_the_accuracy_of_one_process(tmp_path: Path) -> None:
    page = README.parent / "docs" / "parallel.md"
    command = re.compile(r"^gpugrad train (digits --processes \d)\b", re.MULTILINE)
    (words,) = command.findall(page.read_text("utf-8"))
    accuracy = {}
    for name, options in (("two", words.split()), ("one", ["digits"])):
        done = train(tmp_path, *options, "--out", name)
        assert done.returncode == 0, done.stderr
        (found,) = re.findall(r"^│ accuracy .* ([0-9.]+)%", done.stdout, re.MULTILINE)
        accuracy[name] = float(found)
    assert accuracy["two"] == pytest.approx(accuracy["one"], abs=0.6)   # two rows of 359
    assert accuracy["one"] > 97


def test_a_run_is_stopped_and_goes_on_with_another_number_of_processes(tmp_path: Path) -> None:
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    run, epochs = tmp_path / "run", 400
    words = [sys.executable, "-m", "gpugrad", "train"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for options in (["digits", "--epochs", str(epochs), "--out", str(run), "--processes", "2"],
                    ["--resume", str(run), "--processes", "3"]):  # fmt: skip
        before = len(metrics(run)) if run.exists() else 0
        process = subprocess.Popen(
            [*words, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment,
        )  # fmt: skip
        end = monotonic() + SECONDS
        while monotonic() < end and process.poll() is None:
            if (run / "metrics.jsonl").exists() and len(metrics(run)) > before + 2:
                break
            sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, error = process.communicate(timeout=SECONDS)
        assert out.count("everything is saved") == 1, out + error
        assert before + 2 < len(metrics(run)) < epochs


def test_info_says_which_mpi_there_is_or_why_none_is() -> None:
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    found = []
    for more in ({}, {"PMI_SIZE": "3"}, {"MPI4PY_LIBMPI": "/nowhere/libmpi.so"}):
        done = subprocess.run(
            [sys.executable, "-m", "gpugrad", "info"], capture_output=True, text=True, check=True,
            timeout=SECONDS, env={**os.environ, "COLUMNS": "1000", **more},
        )  # fmt: skip
        assert re.search(r"^mpi4py +\d", done.stdout, re.M)
        found += re.findall(r"^MPI +(.*?) *$", done.stdout, re.M)
    assert re.fullmatch(r"\S.*\d, 1 process", found[0])
    assert found[1] == found[0].replace("1 process", "3 processes")
    assert re.match(r"none: mpi4py finds no MPI library \(.+\): pip install", found[2])


@pytest.mark.parametrize(
    ("words", "message"),
    [(("nosuch.npz",), "there is no such file"), (("digits", "--lr", "1e30"), "diverged")],
)
def test_what_all_processes_meet_is_said_once(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = train(tmp_path, *words, "--processes", "2")
    assert done.returncode in (1, 2)
    assert done.stderr.count(message) == 1, done.stderr


# A single process, in which all of it works too


def test_a_single_process_is_a_world_of_its_own() -> None:
    world = gg.parallel.world()
    assert (world.rank, world.size, world.local_rank, world.device) == (0, 1, 0, "cpu")
    assert world.split(3).size == 1
    for f in (gg.parallel.psum, gg.parallel.pmean, gg.parallel.pvary, gg.parallel.all_gather,
              gg.parallel.reduce_scatter, gg.parallel.broadcast, gg.parallel.reduce,
              gg.parallel.all_to_all):  # fmt: skip
        np.testing.assert_array_equal(f(X), X)
        np.testing.assert_array_equal(gg.grad(lambda x, f=f: gg.sum(f(x) ** 2))(X), 2 * X)
    np.testing.assert_array_equal(gg.parallel.permute(X, [(0, 0)]), X)
    np.testing.assert_array_equal(gg.parallel.permute(X, []), 0 * X)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gg.grad(lambda x: gg.sum(gg.parallel.pmax(x)))(X), NotDifferentiable,
         "all_gather"),
        (lambda: gg.parallel.pmin(X + 1j), TypeError, "no order"),
        (lambda: gg.parallel.broadcast(X, root=1), InvalidArgument, "root is 1 in a world of 1"),
        (lambda: gg.parallel.permute(X, [(0, 1)]), InvalidArgument, "ranks from 0 to 0"),
        (lambda: gg.parallel.all_gather(X, axis=2), InvalidArgument, "axis 2"),
        (lambda: gg.parallel.value_and_grad(lambda p, x: gg.sum(x), micro_shards=0),
         InvalidArgument, "micro_shards is 0"),
        (lambda: gg.parallel.value_and_grad(lambda p, x: gg.sum(x))(X, X[:0]),
         InvalidArgument, "at least one"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_process_of_several_without_mpi4py_does_not_take_itself_for_the_only_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from gpugrad.parallel import worlds

    monkeypatch.setenv("PMI_SIZE", "2")
    monkeypatch.setattr(worlds, "find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable, match=r"one of 2 processes of mpiexec.*\[mpi\]"):
        worlds.world.__wrapped__()


@pytest.mark.parametrize("name", ["OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"])
def test_nor_does_one_whose_mpi_is_not_that_which_started_it(name: str) -> None:
    """As the MPI of the extra under the mpiexec of another one, or under srun without a plugin."""
    pytest.importorskip("mpi4py", reason="mpi4py is not installed: pip install -e '.[dev]'")
    done = subprocess.run(
        [sys.executable, "-c", "import gpugrad as gg; gg.parallel.world()"], capture_output=True,
        text=True, timeout=SECONDS, check=False, env={**os.environ, name: "2"},
    )  # fmt: skip
    assert re.search(r"one of 2 processes .* takes it for the only one: start them by", done.stderr)


def test_a_time_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from gpugrad.parallel import waits

    assert waits.limit() is None
    monkeypatch.setenv(waits.VARIABLE, "2.5")
    assert waits.limit() == 2.5
    for wrong in ("0", "-1", "soon", "nan", "inf"):
        monkeypatch.setenv(waits.VARIABLE, wrong)
        with pytest.raises(InvalidArgument, match="positive number of seconds"):
            waits.limit()


def test_every_kind_but_extremes_has_a_transpose() -> None:
    kinds = {value for name, value in vars(collectives).items() if name.isupper() and
             isinstance(value, str)} - {collectives.BEGINS, collectives.WAITS}  # fmt: skip
    assert kinds - set(collectives.TRANSPOSED) == {collectives.MAX, collectives.MIN}
    for a, b in collectives.TRANSPOSED.items():
        assert collectives.TRANSPOSED[b] == a


def test_a_signal_that_comes_while_ranks_ask_each_other_is_not_lost() -> None:
    """It stops all of them after the next step: a rank that stopped alone would leave the others
    waiting.
    """
    from types import SimpleNamespace

    from gpugrad.train.interrupt import StopRequest
    from gpugrad.train.loop import Trainer

    stop = StopRequest()

    def most(x: int) -> int:
        stop.signal = int(signal.SIGTERM)           # another one's answer is on its way
        return x

    trainer = SimpleNamespace(world=SimpleNamespace(size=2, most=most))
    assert not Trainer.stops(trainer, stop)
    assert stop.made
    assert Trainer.stops(trainer, stop)
    assert stop.signal == signal.SIGTERM
