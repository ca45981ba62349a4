"""What the libraries on the CPU refuse: calls with an argument that CUDA documents as wrong."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Iterator
from ctypes import byref, c_double, c_float, c_int, c_longlong, c_size_t, c_void_p
from pathlib import Path
from typing import Any

import cupy as cp
import observe
import pytest

if not observe.ON_CPU:
    pytest.skip("CuPy is not the one that runs on the CPU", allow_module_level=True)

blas = ctypes.CDLL("libcublas.so.13")
solver = ctypes.CDLL("libcusolver.so.12")
fft = ctypes.CDLL("libcufft.so.12")
rand = ctypes.CDLL("libcurand.so.10")
sparse = ctypes.CDLL("libcusparse.so.12")

LIBRARIES = {"cublas": blas, "cusolver": solver, "cufft": fft, "curand": rand}
CREATE = {
    "cublas": blas.cublasCreate_v2,
    "cusolver": solver.cusolverDnCreate,
    "cufft": fft.cufftCreate,
    "curand": lambda handle: rand.curandCreateGenerator(handle, 100),
}

ONE = c_float(1)
SPACE = 1 << 16


@pytest.fixture(scope="module")
def memory() -> Any:
    """Zeros on the device, for any operand."""
    return cp.zeros(SPACE, "uint8")


@pytest.fixture
def stream() -> Iterator[Any]:
    with cp.cuda.Stream(non_blocking=True) as stream:
        yield stream


def made(library: str) -> Any:
    """A new handle, plan or generator."""
    handle = c_int() if library == "cufft" else c_void_p()
    assert CREATE[library](byref(handle)) == 0
    return handle


# Each call by its name: its good arguments in order, and for some of them bad values, each with the
# status that they give. "memory" is device memory, "space" a workspace that is large enough, "host"
# memory of the host, "handle" a good handle, "odd" device memory that is not aligned.
GEMM = {
    "handle": "handle", "ta": 0, "tb": 0, "m": 3, "n": 4, "k": 5, "alpha": "host", "a": "memory",
    "lda": 3, "b": "memory", "ldb": 5, "beta": "host", "c": "other", "ldc": 3,
}  # fmt: skip
BAD_GEMM = [
    ("handle", None, 1), ("ta", 3, 7), ("tb", -1, 7), ("m", -1, 7), ("n", -1, 7), ("k", -1, 7),
    ("alpha", None, 7), ("alpha", "memory", 7), ("beta", None, 7), ("a", None, 7), ("b", None, 7),
    ("c", None, 7), ("lda", 2, 7), ("ldb", 4, 7), ("ldc", 2, 7), ("ta", 1, 7),
]  # fmt: skip
EX = {
    "handle": "handle", "ta": 0, "tb": 0, "m": 3, "n": 4, "k": 5, "alpha": "host", "a": "memory",
    "a_type": 0, "lda": 3, "a_stride": c_longlong(15), "b": "memory", "b_type": 0, "ldb": 5,
    "b_stride": c_longlong(20), "beta": "host", "c": "other", "c_type": 0, "ldc": 3,
    "c_stride": c_longlong(12), "count": 2, "compute": 68, "algorithm": -1,
}  # fmt: skip
BAD_EX = [
    *BAD_GEMM, ("count", -1, 7), ("compute", 70, 15), ("compute", 1, 15), ("a_type", 1, 15),
    ("c_type", 2, 15), ("b_type", 14, 15),
]  # fmt: skip
GEMV = {
    "handle": "handle", "trans": 0, "m": 3, "n": 4, "alpha": "host", "a": "memory", "lda": 3,
    "x": "memory", "x_step": 1, "beta": "host", "y": "other", "y_step": 1,
}  # fmt: skip
TRSM = {
    "handle": "handle", "side": 0, "upper": 0, "trans": 0, "unit": 1, "m": 3, "n": 4,
    "alpha": "host", "a": "memory", "lda": 3, "b": "other", "ldb": 3,
}  # fmt: skip
GETRF = {"handle": "handle", "n": 3, "a": "pointers", "lda": 3, "pivots": "other", "info": "memory",
         "count": 1}  # fmt: skip
GESVD = {
    "handle": "handle", "u_job": ctypes.c_char(b"A"), "vt_job": ctypes.c_char(b"A"), "m": 4, "n": 3,
    "a": "memory", "lda": 4, "s": "other", "u": "third", "ldu": 4, "vt": "fourth", "ldvt": 3,
    "space": "space", "size": 4096, "real": None, "info": "fifth",
}  # fmt: skip
POTRF = {"handle": "handle", "upper": 0, "n": 3, "a": "memory", "lda": 3, "space": "space",
         "size": 4096, "info": "other"}  # fmt: skip
GEQRF = {"handle": "handle", "m": 4, "n": 3, "a": "memory", "lda": 4, "tau": "other",
         "space": "space", "size": 4096, "info": "third"}  # fmt: skip
GESVDJ = {
    "handle": "handle", "vectors": 1, "m": 4, "n": 3, "a": "memory", "lda": 4, "s": "other",
    "u": "third", "ldu": 4, "v": "fourth", "ldv": 3, "space": "space", "size": 4096,
    "info": "fifth", "settings": "jacobi", "count": 2,
}  # fmt: skip
POTRS_BATCHED = {
    "handle": "handle", "upper": 0, "n": 3, "right": 1, "a": "pointers", "lda": 3, "b": "pointers",
    "ldb": 3, "info": "other", "count": 1,
}  # fmt: skip
SYEVD = {"handle": "handle", "vectors": 1, "upper": 0, "n": 3, "a": "memory", "lda": 3,
         "w": "other", "space": "space", "size": 4096, "info": "third"}  # fmt: skip
NORMAL = {"handle": "handle", "out": "memory", "n": c_size_t(4), "mean": c_float(0),
          "deviation": c_float(1)}  # fmt: skip

CALLS: dict[str, tuple[dict[str, Any], list[tuple[str, Any, int]]]] = {
    "cublasSgemm_v2": (GEMM, BAD_GEMM),
    "cublasGemmStridedBatchedEx": (EX, BAD_EX),
    "cublasSgemv_v2": (GEMV, [
        ("handle", None, 1), ("trans", 3, 7), ("m", -1, 7), ("n", -1, 7), ("lda", 2, 7),
        ("x_step", 0, 7), ("y_step", 0, 7), ("alpha", None, 7), ("beta", "memory", 7),
    ]),
    "cublasStrsm_v2": (TRSM, [
        ("handle", None, 1), ("side", 2, 7), ("upper", 2, 7), ("trans", 3, 7), ("unit", 2, 7),
        ("m", -1, 7), ("n", -1, 7), ("lda", 2, 7), ("ldb", 2, 7), ("alpha", "memory", 7),
        ("side", 1, 7),
    ]),
    "cublasSgetrfBatched": (GETRF, [
        ("handle", None, 1), ("n", -1, 7), ("lda", 2, 7), ("count", -1, 7),
    ]),
    "cusolverDnSpotrf": (POTRF, [
        ("handle", None, 1), ("upper", 2, 3), ("n", -1, 3), ("lda", 2, 3), ("size", 1, 3),
    ]),
    "cusolverDnSpotrsBatched": (POTRS_BATCHED, [
        ("handle", None, 1), ("right", 2, 3), ("lda", 2, 3), ("ldb", 2, 3), ("count", -1, 3),
    ]),
    "cusolverDnSgeqrf": (GEQRF, [
        ("handle", None, 1), ("m", -1, 3), ("n", -1, 3), ("lda", 3, 3), ("size", 1, 3),
    ]),
    "cusolverDnSgesvd": (GESVD, [
        ("handle", None, 1), ("m", 2, 3), ("n", 5, 3), ("lda", 3, 3), ("ldu", 3, 3), ("ldvt", 2, 3),
        ("size", 1, 3), ("u_job", ctypes.c_char(b"X"), 3), ("vt_job", ctypes.c_char(b"V"), 3),
    ]),
    "cusolverDnSgesvdjBatched": (GESVDJ, [
        ("handle", None, 1), ("m", 33, 3), ("n", 33, 3), ("lda", 3, 3), ("ldu", 3, 3),
        ("ldv", 2, 3), ("settings", None, 3), ("size", 1, 3), ("vectors", 2, 3), ("count", -1, 3),
    ]),
    "cusolverDnSsyevd": (SYEVD, [
        ("handle", None, 1), ("vectors", 2, 3), ("upper", 2, 3), ("n", -1, 3), ("lda", 2, 3),
        ("size", 1, 3),
    ]),
    "curandGenerateNormal": (NORMAL, [("handle", None, 101), ("n", c_size_t(3), 105)]),
}  # fmt: skip


def called(name: str, arguments: dict[str, Any], memory: Any) -> int:
    """The status of a call, with what its arguments stand for."""
    library = next(key for key in LIBRARIES if name.startswith(key))
    parts = ["memory", "other", "third", "fourth", "fifth", "pointers"]
    places = {part: memory.data.ptr + 1024 * i for i, part in enumerate(parts)}
    memory[5120:5128] = cp.asarray([places["memory"]], "uint64").view("uint8")
    settings = c_void_p()
    assert solver.cusolverDnCreateGesvdjInfo(byref(settings)) == 0
    values: dict[str, Any] = {part: c_void_p(place) for part, place in places.items()}
    values |= {"host": byref(ONE), "space": c_void_p(memory.data.ptr + 8192), "jacobi": settings,
               "handle": made(library)}  # fmt: skip
    given = [values[x] if isinstance(x, str) else x for x in arguments.values()]
    status: int = getattr(LIBRARIES[library], name)(*given)
    cp.cuda.Device().synchronize()
    return status


BAD = [(name, *bad) for name, (_, all_bad) in CALLS.items() for bad in all_bad]


@pytest.mark.parametrize("name", CALLS)
def test_good_arguments_are_taken(name: str, memory: Any) -> None:
    memory[:4096:4] = 1
    assert called(name, CALLS[name][0], memory) == 0


@pytest.mark.parametrize(("name", "argument", "value", "status"), BAD)
def test_bad_arguments_are_refused(
    name: str, argument: str, value: Any, status: int, memory: Any
) -> None:
    good = CALLS[name][0]
    assert argument in good
    observe.begin()
    assert called(name, {**good, argument: value}, memory) == status
    assert [x.name for x in observe.entries() if x.kind == "refused"] == [name]
    observe.end()


def test_modes_and_workspaces_are_checked(memory: Any) -> None:
    handle = made("cublas")
    workspace = memory.data.ptr
    assert blas.cublasSetPointerMode_v2(handle, 2) == 7
    assert blas.cublasSetMathMode(handle, 9) == 7
    assert blas.cublasSetMathMode(handle, 3 | 16) == 0
    assert blas.cublasSetWorkspace_v2(handle, c_void_p(workspace), c_size_t(4096)) == 0
    assert blas.cublasSetWorkspace_v2(handle, c_void_p(workspace + 8), c_size_t(4096)) == 7
    host = ctypes.create_string_buffer(8192)
    aligned = -(-ctypes.addressof(host) // 256) * 256
    assert blas.cublasSetWorkspace_v2(handle, c_void_p(aligned), c_size_t(4096)) == 7
    assert blas.cublasDestroy_v2(handle) == 0
    assert blas.cublasDestroy_v2(handle) == 1


def test_a_scalar_is_read_at_the_call_on_the_host_and_later_on_the_device(stream: Any) -> None:
    handle = made("cublas")
    blas.cublasSetStream_v2(handle, c_void_p(stream.ptr))
    x = cp.ones(4)
    stream.synchronize()
    alpha = c_double(3)
    assert blas.cublasDscal_v2(handle, 4, byref(alpha), c_void_p(x.data.ptr), 1) == 0
    alpha.value = 100
    assert x.tolist() == [3] * 4
    blas.cublasSetPointerMode_v2(handle, 1)
    factor = cp.zeros(1)
    stream.synchronize()
    assert blas.cublasDscal_v2(handle, 4, c_void_p(factor.data.ptr), c_void_p(x.data.ptr), 1) == 0
    ctypes.cast(factor.data.ptr, ctypes.POINTER(c_double))[0] = 2  # before the work is done
    assert x.tolist() == [6] * 4


@pytest.mark.parametrize("library", ["cublas", "cusolver"])
def test_a_handle_belongs_to_its_device(library: str, memory: Any) -> None:
    handle = made(library)
    at = c_void_p(memory.data.ptr)
    with cp.cuda.Device(1):
        if library == "cublas":
            assert blas.cublasSscal_v2(handle, 4, byref(ONE), at, 1) == 13
        else:
            space = c_void_p(memory.data.ptr + 8192)
            assert solver.cusolverDnSpotrf(handle, 0, 2, at, 2, space, 4096, space) == 6


# In a capture.


def product(handle: Any, memory: Any) -> int:
    at = c_void_p(memory.data.ptr)
    to = c_void_p(memory.data.ptr + 1024)
    status: int = blas.cublasSgemm_v2(
        handle, 0, 0, 2, 2, 2, byref(ONE), at, 2, at, 2, byref(c_float(0)), to, 2
    )
    return status


def test_products_are_captured_with_a_workspace_only(stream: Any, memory: Any) -> None:
    handle = made("cublas")
    floats = memory.view("float32")
    floats[:4] = cp.asarray([1, 2, 3, 4], "float32")
    stream.synchronize()
    stream.begin_capture()
    blas.cublasSetStream_v2(handle, c_void_p(stream.ptr))
    assert product(handle, memory) == 3
    blas.cublasSetWorkspace_v2(handle, c_void_p(memory.data.ptr + 32768), c_size_t(4096))
    assert product(handle, memory) == 0
    blas.cublasSetStream_v2(handle, c_void_p(stream.ptr))       # which takes the workspace away
    assert product(handle, memory) == 3
    graph = stream.end_capture()
    floats[256:260] = 0
    graph.launch(stream)
    assert floats[256:260].tolist() == [7, 10, 15, 22]


def test_what_waits_is_not_captured(stream: Any, memory: Any) -> None:
    handle, factors = made("cublas"), made("cusolver")
    for refused in ("dot", "destroy", "potrf"):
        stream.begin_capture()
        blas.cublasSetStream_v2(handle, c_void_p(stream.ptr))
        blas.cublasSetWorkspace_v2(handle, c_void_p(memory.data.ptr + 32768), c_size_t(4096))
        solver.cusolverDnSetStream(factors, c_void_p(stream.ptr))
        at = c_void_p(memory.data.ptr)
        if refused == "dot":
            assert blas.cublasSdot_v2(handle, 4, at, 1, at, 1, byref(c_float())) == 13
        elif refused == "destroy":
            assert blas.cublasDestroy_v2(handle) == 14
        else:
            space = c_void_p(memory.data.ptr + 8192)
            assert solver.cusolverDnSpotrf(factors, 0, 2, at, 2, space, 4096, space) == 6
        try:
            stream.end_capture()
        except cp.cuda.runtime.CUDARuntimeError:  # what waits also spoils the capture
            assert refused != "potrf"


# Plans and generators.


def test_plans_are_checked(memory: Any) -> None:
    size = c_size_t()
    at = c_void_p(memory.data.ptr)
    plan = made("cufft")
    assert fft.cufftExecC2C(plan, at, at, -1) == 1  # not made yet
    assert fft.cufftMakePlan1d(plan, 0, 0x29, 1, byref(size)) == 8
    assert fft.cufftMakePlan1d(plan, 8, 0x29, 0, byref(size)) == 8
    assert fft.cufftMakePlan1d(plan, 8, 0x30, 1, byref(size)) == 3
    lengths = (c_int * 4)(2, 2, 2, 2)
    many = (None, 1, 1, None, 1, 1, 0x29, 1, byref(size))
    assert fft.cufftMakePlanMany(plan, 4, lengths, *many) == 8
    assert fft.cufftSetAutoAllocation(plan, 0) == 0
    assert fft.cufftMakePlan1d(plan, 8, 0x29, 1, byref(size)) == 0
    assert fft.cufftExecC2C(plan, at, at, -1) == 13  # no work area
    assert fft.cufftSetWorkArea(plan, c_void_p(memory.data.ptr + 8192)) == 0
    assert fft.cufftExecC2C(plan, at, at, -1) == 0
    assert fft.cufftExecC2C(plan, at, at, 0) == 4
    assert fft.cufftExecC2C(plan, at, None, 1) == 4
    assert fft.cufftExecC2C(plan, at, c_void_p(memory.data.ptr + 4), 1) == 4
    assert fft.cufftExecZ2Z(plan, at, at, 1) == 3
    assert fft.cufftDestroy(plan) == 0
    assert fft.cufftDestroy(plan) == 1


@pytest.mark.parametrize("kind", [121, 141, 142, 161, 201])
def test_only_the_default_generator_is_there(kind: int) -> None:
    assert rand.curandCreateGenerator(byref(c_void_p()), kind) == 103


@pytest.mark.parametrize(
    ("library", "name", "status"),
    [
        (sparse, "cusparseCreate", 10),
        (blas, "cublasSmissing", None),
        (solver, "cusolverDnSgesvdaStridedBatched", 9),
        (fft, "cufftXtExec", 16),
    ],
)
def test_what_is_missing_says_its_name(
    library: Any, name: str, status: int | None, capfd: Any
) -> None:
    if status is None:
        assert not hasattr(library, name)
        return
    observe.begin()
    assert getattr(library, name)() == status
    assert [x.name for x in observe.entries() if x.kind == "refused"] == [name]
    observe.end()
    assert f"{name}: is not there on the CPU" in capfd.readouterr().err


# What only the device notices, when the work runs.

FAULTS = {
    "an operand of the host": ("product(host, a, c)", "cublasDgemm_v2: A is not 128 bytes"),
    "a result that is too small": ("product(a, a, short)", "cublasDgemm_v2: C is not 128 bytes"),
    "an odd address": ("product(a + 4, a, c)", "cublasDgemm_v2: A is not aligned"),
    "a product in place": ("product(a, b, a)", "cublasDgemm_v2: C is one of the operands"),
    "a list of the host": ("factor(host)", "cublasDgetrfBatched: the pointers to A is not 8 bytes"),
    "a bad pointer in a list": ("factor(c)", "cublasDgetrfBatched: A is not 128 bytes"),
    "a short workspace": ("cholesky(short)", "cusolverDnDpotrf: the workspace is not 1024 bytes"),
    "memory of another device": ("product(far, b, c)", "cublasDgemm_v2: A is memory of device 1"),
    "a plan's short result": ("transform(short)", "cufftExecZ2Z: the output is not 128 bytes"),
}

SCRIPT = """
import ctypes, sys
from ctypes import byref, c_double, c_int, c_size_t, c_void_p
import cupy as cp
import numpy as np
import observe

blas, solver = ctypes.CDLL("libcublas.so.13"), ctypes.CDLL("libcusolver.so.12")
fft = ctypes.CDLL("libcufft.so.12")
kept = np.zeros(64)
host = kept.ctypes.data
a, b, c = (cp.cuda.runtime.malloc(4096) for _ in range(3))
short = cp.cuda.runtime.malloc(64)
for place in (a, b, c, short):
    cp.cuda.runtime.memset(place, 0, 64)
handle, dense, plan = c_void_p(), c_void_p(), c_int()
blas.cublasCreate_v2(byref(handle)), solver.cusolverDnCreate(byref(dense))
fft.cufftCreate(byref(plan)), fft.cufftMakePlan1d(plan, 8, 0x69, 1, byref(c_size_t()))
one = byref(c_double(1))
with cp.cuda.Device(1):
    far = cp.cuda.runtime.malloc(4096)

def product(left, right, result):
    return blas.cublasDgemm_v2(handle, 0, 0, 4, 4, 4, one, c_void_p(left), 4, c_void_p(right), 4,
                               one, c_void_p(result), 4)

def factor(pointers):
    return blas.cublasDgetrfBatched(handle, 4, c_void_p(pointers), 4, c_void_p(b), c_void_p(a), 1)

def cholesky(space):
    return solver.cusolverDnDpotrf(dense, 0, 4, c_void_p(a), 4, c_void_p(space), 128, c_void_p(b))

def transform(result):
    return fft.cufftExecZ2Z(plan, c_void_p(a), c_void_p(result), 1)

assert eval(sys.argv[1]) == 0
try:
    observe.check()
except AssertionError as error:
    print(error)
"""


@pytest.mark.parametrize("fault", ["none", *FAULTS])
def test_faults_of_the_device_are_found_when_the_work_runs(fault: str) -> None:
    call, text = FAULTS.get(fault, ("product(a, b, c)", ""))
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, call],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    assert text in run.stdout
    assert bool(run.stdout) == bool(text)
