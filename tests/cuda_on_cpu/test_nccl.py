"""NCCL on the CPU: what it refuses, when its work is done, and what two processes make of it."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cupy as cp
import numpy as np
import observe
import pytest

if not observe.ON_CPU:
    pytest.skip("CuPy is not the one that runs on the CPU", allow_module_level=True)

from cupy.cuda import nccl, runtime

INVALID_ARGUMENT, INVALID_USAGE = 4, 5
UNHANDLED_CUDA_ERROR, SYSTEM_ERROR = 1, 2

DOUBLE, SUM = nccl.NCCL_FLOAT64, nccl.NCCL_SUM

SHARED = Path("/dev/shm")


@pytest.fixture
def comm() -> Iterator[Any]:
    """A communicator of one rank."""
    made = nccl.NcclCommunicator(1, nccl.get_unique_id(), 0)
    yield made
    made.destroy()


def now() -> int:
    pointer: int = cp.cuda.get_current_stream().ptr
    return pointer


# What the host refuses


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 0), ({"from": 0}, INVALID_ARGUMENT), ({"to": 0}, INVALID_ARGUMENT),
        ({"from": 0, "to": 0, "count": 0}, 0), ({"type": 99}, INVALID_ARGUMENT),
        ({"type": -1}, INVALID_ARGUMENT), ({"op": 5}, INVALID_ARGUMENT),
        ({"overlap": 8}, INVALID_USAGE), ({"overlap": 0}, 0),
    ],
)  # fmt: skip
def test_arguments_are_those_of_nccl(change: dict[str, int], status: int, comm: Any) -> None:
    x, y = cp.arange(8.0), cp.empty(4)
    if "overlap" in change:
        y = x[change["overlap"] // 8 :]
    given = {"from": x.data.ptr, "to": y.data.ptr, "count": 4, "type": DOUBLE, "op": SUM} | change
    given.pop("overlap", None)
    if not status:
        comm.allReduce(*given.values(), now())
        np.testing.assert_array_equal(y[: given["count"]].get(), np.arange(given["count"]))
        return
    with pytest.raises(nccl.NcclError) as found:
        comm.allReduce(*given.values(), now())
    assert found.value.status == status


def test_ranks_are_those_of_the_communicator(comm: Any) -> None:
    x, y = cp.ones(4), cp.empty(4)
    for call in (
        lambda: comm.broadcast(x.data.ptr, y.data.ptr, 4, DOUBLE, 1, now()),
        lambda: comm.reduce(x.data.ptr, y.data.ptr, 4, DOUBLE, SUM, -1, now()),
        lambda: comm.send(x.data.ptr, 4, DOUBLE, 1, now()),
        lambda: nccl.NcclCommunicator(2, nccl.get_unique_id(), 2),
    ):
        with pytest.raises(nccl.NcclError) as found:
            call()
        assert found.value.status == INVALID_ARGUMENT


def test_groups_have_a_beginning_and_both_sides_of_a_message(comm: Any) -> None:
    x, y = cp.arange(4.0), cp.empty(4)
    with pytest.raises(nccl.NcclError):
        nccl.groupEnd()
    with pytest.raises(nccl.NcclError):
        comm.send(x.data.ptr, 4, DOUBLE, 0, now())
    nccl.groupStart()
    comm.send(x.data.ptr, 4, DOUBLE, 0, now())
    with pytest.raises(nccl.NcclError):
        nccl.groupEnd()
    nccl.groupStart()
    comm.send(x.data.ptr, 4, DOUBLE, 0, now())
    comm.recv(y.data.ptr, 4, DOUBLE, 0, now())
    nccl.groupEnd()
    np.testing.assert_array_equal(y.get(), x.get())


def test_a_communicator_that_is_destroyed_is_not_there() -> None:
    made = nccl.NcclCommunicator(1, nccl.get_unique_id(), 0)
    handle = ctypes.c_void_p(made.comm)
    made.destroy()
    library = ctypes.CDLL("libnccl.so.2")
    count = ctypes.c_int()
    assert library.ncclCommCount(handle, ctypes.byref(count)) == INVALID_ARGUMENT
    assert library.ncclCommDestroy(handle) == INVALID_ARGUMENT


def test_what_is_not_there_says_so() -> None:
    with pytest.raises(nccl.NcclError) as found:
        nccl.NcclCommunicator.initAll([0, 1])
    assert found.value.status == 3


# What only the device notices


@pytest.mark.parametrize("kind", ["freed", "short", "host", "elsewhere"])
def test_memory_has_to_be_there(kind: str, comm: Any) -> None:
    x, y = cp.arange(4.0), cp.empty(4)
    given, on_host, count = x.data.ptr, np.ones(4), 4
    if kind == "freed":
        del x
        cp.cuda.Device().synchronize()
    elif kind == "short":
        count = 5
    elif kind == "host":
        given = on_host.ctypes.data
    else:
        with cp.cuda.Device(1):
            x = cp.arange(4.0)
        given = x.data.ptr
    comm.allReduce(given, y.data.ptr, count, DOUBLE, SUM, now())
    with pytest.raises(AssertionError, match=r"ncclAllReduce: the .* buffer is"):
        observe.check()


def test_nothing_is_done_before_somebody_waits(comm: Any) -> None:
    gc.collect()                                    # what other tests left may be asked and done
    with cp.cuda.Stream(non_blocking=True) as stream:
        x, y = cp.arange(4.0), cp.empty(4)
        stream.synchronize()
        comm.allReduce(x.data.ptr, y.data.ptr, 4, DOUBLE, SUM, stream.ptr)
    with cp.cuda.Stream(non_blocking=True):
        assert (y.copy().get() != np.arange(4.0)).all()
    stream.synchronize()
    np.testing.assert_array_equal(y.get(), np.arange(4.0))


def test_streams_of_a_communicator_keep_the_order_of_the_calls(comm: Any) -> None:
    """Also where nobody waits for the first one."""
    first, second = (cp.cuda.Stream(non_blocking=True) for _ in range(2))
    x, y, z = cp.arange(4.0), cp.empty(4), cp.empty(4)
    cp.cuda.Device().synchronize()
    comm.allReduce(x.data.ptr, y.data.ptr, 4, DOUBLE, SUM, first.ptr)
    comm.allReduce(y.data.ptr, z.data.ptr, 4, DOUBLE, SUM, second.ptr)
    second.synchronize()
    np.testing.assert_array_equal(z.get(), np.arange(4.0))


def test_calls_are_nodes_of_a_graph(comm: Any) -> None:
    x, y = cp.arange(4.0), cp.zeros(4)
    with cp.cuda.Stream(non_blocking=True) as stream:
        stream.wait_event(cp.cuda.Stream.null.record())
        stream.begin_capture()
        comm.allReduce(x.data.ptr, y.data.ptr, 4, DOUBLE, SUM, stream.ptr)
        graph = stream.end_capture()
        np.testing.assert_array_equal(y.get(), np.zeros(4))
        for k in (1.0, 2.0):
            x.fill(k)
            observe.begin()
            graph.launch()
            assert observe.launches() == ["graph", "ncclAllReduce"]
            np.testing.assert_array_equal(y.get(), np.full(4, k))


def test_a_communicator_is_not_made_in_a_capture_that_takes_no_memory() -> None:
    with cp.cuda.Stream(non_blocking=True) as stream:
        stream.begin_capture(runtime.streamCaptureModeGlobal)
        with pytest.raises(nccl.NcclError) as found:
            nccl.NcclCommunicator(1, nccl.get_unique_id(), 0)
        assert found.value.status == UNHANDLED_CUDA_ERROR
        with pytest.raises(runtime.CUDARuntimeError, match="CaptureInvalidated"):
            stream.end_capture()


# Two processes


def processes(kind: str, devices: tuple[int, int] = (0, 1), seconds: int = 20) -> list[Any]:
    """Two of them with a communicator, rank 1 with an open pipe at its input."""
    identity = nccl.get_unique_id().hex()
    program = Path(__file__).with_name("nccl_rank.py")
    return [
        subprocess.Popen(
            [sys.executable, program, kind, identity, str(rank), str(devices[rank])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "CUDA_ON_CPU_NCCL_SECONDS": str(seconds)},
        )
        for rank in range(2)
    ]  # fmt: skip


def ended(process: Any) -> tuple[int, str]:
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


def left() -> list[str]:
    mine = f"cuda_on_cpu_nccl-{os.getpid()}-"
    return [x.name for x in SHARED.iterdir() if x.name.startswith(mine)]


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("values", (0, 0)), ("messages", (0, 0)), ("busy", (0, 0)), ("counts", (0, 0)),
     ("killed", (0, -9))],
)  # fmt: skip
def test_two_processes(kind: str, codes: tuple[int, int]) -> None:
    found = [ended(process) for process in processes(kind)]
    assert tuple(code for code, _ in found) == codes, found
    assert not left()


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = processes("late", seconds=1)
    assert ended(first) == (0, "")
    assert ended(second) == (0, "")
    monkeypatch.setenv("CUDA_ON_CPU_NCCL_SECONDS", "0.2")
    with pytest.raises(nccl.NcclError) as found:
        nccl.NcclCommunicator(2, nccl.get_unique_id(), 0)
    assert found.value.status == SYSTEM_ERROR
    assert not left()


def test_a_gpu_has_one_rank() -> None:
    for process in processes("values", devices=(1, 1)):
        code, out = ended(process)
        assert code == 1
        assert "Duplicate GPU detected : rank 0 and rank 1 both on CUDA device 1" in out


def test_what_a_killed_process_left_is_removed() -> None:
    ended_process = subprocess.Popen([sys.executable, "-c", ""])
    ended_process.wait()
    file = SHARED / f"cuda_on_cpu_nccl-{ended_process.pid}-0-0"
    file.write_bytes(b"x")
    nccl.get_unique_id()
    assert not file.exists()
