#!/usr/bin/env bash
# The tests that run on CuPy, where there is no GPU: on the emulation in tests/emulation, which takes
# the place of CuPy and runs the very same kernels on the CPU. Arguments go to pytest; with `--all`
# first, it is the whole suite that runs so.
set -euo pipefail
cd "$(dirname "$0")/.."

export PYTHONPATH="$PWD/tests/emulation:$PWD/tests/kernels${PYTHONPATH:+:$PYTHONPATH}"
export GPUGRAD_REQUIRE_CUPY=1 GPUGRAD_REQUIRE_COMPILERS=1
export GPUGRAD_EMULATION_CACHE="${GPUGRAD_EMULATION_CACHE:-$PWD/build/emulation}"

if [ "${1:-}" = --all ]; then
    shift
    exec python -m pytest "$@"
fi
python -m pytest tests/device "$@"
python -m pytest tests/test_ops.py tests/test_conventions.py tests/test_control.py -k cupy "$@"
