"""What the threads of a block do together, and that what is wrong with it is found."""

from __future__ import annotations

import numpy as np
import pytest
from cuda_on_cpu.compiler import CompileError
from cuda_on_cpu.loaded import LaunchFailed, Loaded

pytestmark = pytest.mark.usefixtures("compilers")

OURS = "namespace gpugrad {}\n"
"""What makes a source one of those that are checked."""

TOTAL = OURS + """
extern "C" __global__ void total(const float *x, float *parts, unsigned *done, float *y, int n) {
  __shared__ float held[8];
  __shared__ bool last;
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) {
    sum += x[i];
  }
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  if (threadIdx.x % 32 == 0) held[threadIdx.x / 32] = sum;
  __syncthreads();  // first
  if (threadIdx.x == 0) {
    for (int i = 1; i < int(blockDim.x) / 32; ++i) sum += held[i];
    parts[blockIdx.x] = sum;
    __threadfence();
    last = atomicAdd(done, 1u) == gridDim.x - 1;
  }
  __syncthreads();  // second
  if (!last) return;
  sum = 0;
  for (int i = threadIdx.x; i < int(gridDim.x); i += blockDim.x) sum += parts[i];
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  if (threadIdx.x == 0) *y = sum;
}
"""


def total(source: str, *, seed: int = 0, block: int = 256) -> float:
    x = np.arange(3000, dtype="float32")
    parts, done, y = np.zeros(8, "float32"), np.zeros(1, "uint32"), np.zeros(1, "float32")
    Loaded(source).run("total", 8, block, x, parts, done, y, np.int32(x.size), seed=seed)
    return float(y[0])


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("source", [TOTAL, TOTAL.removeprefix(OURS)], ids=["checked", "plain"])
def test_a_sum_over_blocks(source: str, seed: int) -> None:
    assert total(source, seed=seed) == 2999 * 1500


MUTANTS = {
    "no first barrier": ("__syncthreads();  // first", "", "nobody has written|a race"),
    "no second barrier": ("__syncthreads();  // second", "", "nobody has written|a race"),
    "no fence": ("__threadfence();", "", "another block, without a fence"),
    "the fence comes too early": (
        "parts[blockIdx.x] = sum;\n    __threadfence();",
        "__threadfence(); parts[blockIdx.x] = sum;", "another block, without a fence",
    ),
    "no atomic operation": ("atomicAdd(done, 1u)", "(*done)++", "a race"),
    "all threads write": ("if (threadIdx.x == 0) *y", "if (threadIdx.x < 2) *y", "a race"),
    "some threads pass by": (
        "__syncthreads();  // first", "if (threadIdx.x < 9) __syncthreads();", "different barriers",
    ),
    "some threads have ended": (
        "__syncthreads();  // first", "if (threadIdx.x == 9) return; __syncthreads();",
        "never come",
    ),
    "half a warp shuffles": (
        "for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);",
        "if (threadIdx.x % 32 < 16) sum += __shfl_xor_sync(0xffffffffu, sum, 1);", "never come",
    ),
    "beyond a shared array": ("held[threadIdx.x / 32] =", "held[threadIdx.x / 32 + 1] =",
                              "out of bounds: index 8"),
    "beyond what was written": ("int(blockDim.x) / 32", "int(blockDim.x) / 32 - 1 + held[7] * 0",
                                "nobody has written"),
    "beyond an array": ("parts[blockIdx.x] = sum", "parts[blockIdx.x + 8] = sum", "out of bounds"),
    "before an array": ("sum += x[i]", "sum += x[i - 1]", "out of bounds"),
    "a pair that is misaligned": (
        "sum += x[i];", "sum += reinterpret_cast<const float2 *>(x + i)->y;", "misaligned",
    ),
    "a number that is misaligned": (
        "*y = sum", "*reinterpret_cast<float *>(reinterpret_cast<char *>(y) + 1) = sum",
        "misaligned",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS)
def test_what_is_wrong_is_found_whatever_the_order(mutant: str) -> None:
    old, new, message = MUTANTS[mutant]
    assert old in TOTAL
    block = 64 if mutant == "beyond what was written" else 256
    for seed in range(3):
        with pytest.raises(LaunchFailed, match=message):
            total(TOTAL.replace(old, new), seed=seed, block=block)


def test_an_error_names_the_line() -> None:
    source = f'#line 1 "kernels/total.cuh"\n{TOTAL}'
    with pytest.raises(LaunchFailed, match=r"total\.cuh:2\d: a race: writes .* at total\.cuh:2\d"):
        total(source.replace("if (threadIdx.x == 0) *y", "*y"), seed=1)


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize(("body", "message"), [
    ("if (threadIdx.x) __syncthreads(); else __syncwarp();", "never come: .* at __syncwarp"),
    ("extern __shared__ int more[]; more[threadIdx.x + 1] = 1;", "shared memory|out of bounds"),
    ("*reinterpret_cast<int *>(16) = 1;", "illegal memory access|out of bounds"),
    ("__shfl_sync(1u << threadIdx.x % 32 / 2, 1, 0);", "a mask that leaves it out"),
    ("__shfl_sync(0xffffffff, 1, 0, 5);", "no power of two"),
    ("__trap();", "a trap"),
])  # fmt: skip
def test_what_every_kernel_is_stopped_for(body: str, message: str, checked: bool) -> None:
    source = f'extern "C" __global__ void wrong(int *p) {{ p[threadIdx.x] = 0; {body} }}'
    p = np.zeros(64, "int32")
    with pytest.raises(LaunchFailed, match=message):
        Loaded((OURS if checked else "") + source).run("wrong", 1, 64, p, shared=256)


def test_a_launch_after_one_that_failed() -> None:
    for _ in range(2):
        with pytest.raises(LaunchFailed):
            total(TOTAL.replace("__syncthreads();  // first", "if (threadIdx.x) __syncthreads();"))
        assert total(TOTAL) == 2999 * 1500


RACING = """
extern "C" __global__ void reversed(int *x) {
  extern __shared__ int held[];
  held[threadIdx.x] = x[threadIdx.x];
  BARRIER;
  x[threadIdx.x] = held[blockDim.x - 1 - threadIdx.x];
}
"""


def reversed_by(source: str, seed: int) -> bool:
    x = np.arange(128, dtype="int32")
    Loaded(source).run("reversed", 1, 128, x, shared=512, seed=seed)
    return bool((x == np.arange(128)[::-1]).all())


def test_a_missing_barrier_shows_in_a_kernel_that_is_not_checked() -> None:
    assert all(reversed_by(RACING.replace("BARRIER", "__syncthreads()"), seed) for seed in range(9))
    assert not any(reversed_by(RACING.replace("BARRIER", ""), seed) for seed in range(9))


def test_orders_are_those_of_the_seed() -> None:
    source = """
    extern "C" __global__ void order(int *count, int *threads, int *blocks) {
      threads[*count] = threadIdx.x;
      blocks[(*count)++] = blockIdx.x;
    }
    """
    loaded = Loaded(source)

    def order(seed: int) -> tuple[list[int], list[int]]:
        count, found = np.zeros(1, "int32"), np.zeros((2, 400), "int32")
        loaded.run("order", 10, 40, count, found[0], found[1], seed=seed)
        return found[0].tolist(), found[1].tolist()

    assert order(1) == order(1) != order(2)
    for threads, blocks in (order(1), order(2)):
        assert sorted(threads[:40]) == list(range(40)) != threads[:40]
        assert sorted(set(blocks)) == list(range(10)) != blocks[::40]


def test_shared_memory_is_new_in_each_block() -> None:
    source = """
    extern "C" __global__ void left(unsigned char *x) {
      __shared__ unsigned char own[4];
      extern __shared__ unsigned char given[];
      x[2 * blockIdx.x] = own[3];
      x[2 * blockIdx.x + 1] = given[7];
      own[3] = given[7] = 1;
    }
    """
    x = np.zeros(20, "uint8")
    Loaded(source).run("left", 10, 1, x, shared=8)
    assert set(x.tolist()) == {0xA5}


def test_how_much_shared_memory_a_kernel_has() -> None:
    source = """
    template <typename T> __device__ T first(T x) {
      __shared__ T held[10];
      held[threadIdx.x] = x;
      __syncthreads();
      return held[0];
    }
    __shared__ int common[3];
    extern "C" __global__ void none(float *x) { *x = 1; }
    extern "C" __global__ void __launch_bounds__(64) one(float *x) { *x = first(1.0f); }
    extern "C" __global__ void both(double *x) { *x = first(1.0f) + first(1.0); }
    template <int n> __global__ void sized(double *x) {
      __shared__ double held[n];
      common[threadIdx.x] = 2;
      held[threadIdx.x] = *x;
      __syncthreads();
      *x = held[1] + common[2];
    }
    """
    loaded = Loaded(source)
    found = {name: loaded.kernel(name).static_shared for name in ("none", "one", "both")}
    assert found == {"none": 0, "one": 40, "both": 120}
    assert (loaded.kernel("one").max_threads, loaded.kernel("both").max_threads) == (64, 1024)
    loaded = Loaded(source, name_expressions=["sized<7>", "sized<100>", "one"])
    assert [loaded.kernel(i).static_shared for i in range(3)] == [68, 812, 40]


@pytest.mark.parametrize("body", [
    "bool b = true; T t = __shfl_xor_sync(0xffffffffu, b, 1); join(b, t)",
    "struct { int x; } s{}; __shfl_sync(0xffffffffu, s, 0)",
    "float f = 0; __shfl_sync(0xffffffffu, &f, 0)",
    "long long n = 0; atomicAdd(&n, 1ll)",
    "short n = 0; atomicAdd(&n, short(1))",
    "bool n = 0; atomicOr(&n, true)",
    "double x = 0; atomicMax(&x, 1.0)",
    "float x = 0; atomicCAS(&x, 1.0f, 1.0f)",
    "bool b = true; __ldg(&b)",
    "threadIdx.x = 1",
    "undeclared(1)",
])  # fmt: skip
def test_what_cuda_has_no_overload_for_does_not_compile(body: str) -> None:
    source = f"""
    template <typename T> __device__ T join(T a, T b) {{ return a ? a : b; }}
    typedef int T;
    extern "C" __global__ void wrong(int *p) {{ {body}; *p = 1; }}
    """
    with pytest.raises(CompileError, match="error: "):
        Loaded(source)
