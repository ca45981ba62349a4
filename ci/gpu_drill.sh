#!/usr/bin/env bash
# What to do with a GPU for a quarter of an hour: one call of at most 8 minutes on a bare machine, with
# the most telling stages first. Each stage has a time limit, writes its log and tables into OUT, and
# the next one follows whatever became of it.
#
#     ci/gpu_drill.sh WHEELS OUT
#
# The machine has Python 3.12 with CuPy, NumPy, SciPy, PyTorch, JAX, pytest and pytest-xdist,
# and no network. WHEELS is a folder with what it lacks, made beforehand where there is a network:
#
#     python3 -m pip download --no-deps --only-binary=:all: --python-version 3.12 \
#         --implementation cp --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 \
#         --platform manylinux2014_x86_64 -d build/wheels \
#         optree array-api-compat array-api-strict array-api-extra hypothesis sortedcontainers
#
# A dry run without a GPU, on the real CuPy over a CUDA runtime for the CPU (tests/cuda_on_cpu), which
# is slower by far, so that PATIENCE multiplies the limits and ELEMENTS shortens the long array:
#
#     export PYTHONPATH=$(python tests/cuda_on_cpu/build.py)
#     PATIENCE=20 ELEMENTS=1e4 ci/gpu_drill.sh WHEELS OUT
set -uo pipefail

if [ $# -ne 2 ] || ! compgen -G "$1/*.whl" > /dev/null; then
    echo "usage: ci/gpu_drill.sh WHEELS OUT (wheels in the one, results in the other)" >&2
    exit 2
fi
mkdir -p "$2"
wheels=$(realpath "$1") out=$(realpath "$2")
cd "$(dirname "$0")/.." || exit
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

export PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
python3 -m pip install -q --no-deps --no-cache-dir --target "$temporary/site" "$wheels"/*.whl || exit
export PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}$PWD:$temporary/site"
export GPUGRAD_REQUIRE_CUPY=1 GPUGRAD_CACHE="$temporary/cache"
export CUPY_CACHE_DIR="${CUPY_CACHE_DIR:-$temporary/kernels}"
export XLA_PYTHON_CLIENT_PREALLOCATE=false

failed=0
summary="$out/summary.txt"
: > "$summary"

# stage NAME SECONDS COMMAND...: its log is OUT/NAME.log, and its line in the summary says how it went.
# It is stopped as by Ctrl-C, so that pytest says what has failed by then, and 8 seconds later for good;
# what was started beside other things would not hear of Ctrl-C, so that this is set back.
stage() {
    local name=$1 limit=$(($2 * ${PATIENCE:-1})) begun=$SECONDS result=passed
    shift 2
    env --default-signal=INT timeout -s INT -k 8 "$limit" "$@" > "$out/$name.log" 2>&1 < /dev/null
    local status=$?
    case $status in
        0) ;;
        124 | 137) result="stopped after $limit s" ;;
        *) result="failed with $status" ;;
    esac
    [ $status -eq 0 ] || failed=1
    printf '%-12s %4d s of %4d  %-22s %s\n' "$name" $((SECONDS - begun)) "$limit" "$result" \
        "$(tail -n 1 "$out/$name.log" | cut -c 1-100)" | tee -a "$summary"
}

# tests NAME SECONDS WORKERS ARGUMENTS...: a stage of pytest, on so many workers or one for each core.
tests() {
    local name=$1 limit=$2 workers=$3 cores
    cores=$(nproc)
    shift 3
    stage "$name" "$limit" python3 -m pytest -q --tb=short -p no:cacheprovider \
        -n $((workers < cores ? workers : cores)) --dist worksteal "$@"
}

long=(--elements "${ELEMENTS:-1e8}")
stage 1-machine 20 python3 ci/machine.py
# What the runtime for the CPU claims of CUDA: if it is not so, much of the rest means little.
cuda=(tests/device/test_{cuda,captures,limits,streams}.py)
tests 2-cuda 30 8 "${cuda[@]}"
tests 3-device 85 8 --maxfail=40 tests/device "${cuda[@]/#/--ignore=}"
stage 4-speed 75 python3 benchmarks/gpu.py --quick --without JAX "${long[@]}" \
    --json "$out/4-speed.json"
tests 5-rules 120 14 -k cupy tests/test_ops.py tests/test_conventions.py tests/test_control.py \
    tests/test_debug.py tests/test_pitfalls.py
stage 6-jax 85 python3 benchmarks/gpu.py --quick --sizes toy,mnist "${long[@]}" \
    --json "$out/6-jax.json"

echo "ci/gpu_drill.sh: $SECONDS s; logs and tables are in $out" | tee -a "$summary"
exit $failed
