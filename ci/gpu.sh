#!/usr/bin/env bash
# The test suite on a machine with an NVIDIA GPU, where nothing may be skipped; then compute-sanitizer
# and the benchmarks. In stages of at most eight minutes each, since such a machine may be lent by the
# quarter of an hour (ci/gpu_drill.sh is what to run there first). Without a name, all of them:
#
#     ci/gpu.sh [device|rules|kernels|others|suite|races|memory|costs|tables]...
#
# Set-up: python3 -m venv .venv && . .venv/bin/activate && pip install -e '.[dev,nccl13]'
# Logs and tables go to the folder that RESULTS names, or to build/gpu.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(device rules kernels others suite races memory costs tables)
rules=(tests/test_ops.py tests/test_conventions.py tests/test_control.py tests/test_debug.py
    tests/test_pitfalls.py)
results="${RESULTS:-build/gpu}"
export GPUGRAD_REQUIRE_CUPY=1 GPUGRAD_REQUIRE_COMPILERS=1

# within COMMAND...: for eight minutes at most, with its output in the log of the stage too.
within() {
    timeout -k 5 480 "$@" 2>&1 | tee "$results/$stage.log"
}

# tests ARGUMENTS...: pytest on all cores. What is skipped fails the stage.
tests() {
    within python -m pytest -q -n auto --dist worksteal "$@"
    if tail -n 1 "$results/$stage.log" | grep -q skipped; then
        echo "ci/gpu.sh: tests were skipped (their reasons stand above), but here all must run." >&2
        return 1
    fi
}

# sanitized TOOL: what compute-sanitizer's tool finds in the kernels of the engine.
sanitized() {
    if ! command -v compute-sanitizer > /dev/null; then
        echo "ci/gpu.sh: compute-sanitizer is missing, so that nothing was looked for." >&2
        return 1
    fi
    PYTHONPATH="tests${PYTHONPATH:+:$PYTHONPATH}" GPUGRAD_PROGRAMS=10 within \
        compute-sanitizer --tool "$1" --error-exitcode 1 python -m pytest -q -p no_pool \
        tests/device/test_engine.py tests/device/test_indexing.py tests/device/test_random_numbers.py
}

run() {
    case $1 in
        device) tests tests/device ;;
        rules) tests "${rules[@]}" ;;
        kernels) tests tests/kernels ;;
        others) tests tests/others ;;
        suite) tests tests "${rules[@]/#/--ignore=}" \
            --ignore=tests/device --ignore=tests/kernels --ignore=tests/others \
            --ignore=tests/cuda_on_cpu ;;           # whose runtime is not in use there
        races) sanitized racecheck ;;
        memory) sanitized memcheck ;;
        costs) within python -m pytest benchmarks --backend numpy,cupy ;;
        tables) within python benchmarks/gpu.py --json "$results/gpu.json" ;;
    esac
}

for stage in "$@"; do                               # before the first one takes its minutes
    if [[ " ${all[*]} " != *" $stage "* ]]; then
        echo "ci/gpu.sh: there is no stage $stage, but ${all[*]}" >&2
        exit 2
    fi
done
mkdir -p "$results"
for stage in "${@:-${all[@]}}"; do
    echo "ci/gpu.sh: $stage"
    run "$stage"
done
