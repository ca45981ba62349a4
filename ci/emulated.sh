#!/usr/bin/env bash
# The tests that run on CuPy, where there is no GPU: on the emulation in tests/emulation, which takes
# the place of CuPy and runs the very same kernels on the CPU. Arguments go to pytest, as in
# `ci/emulated.sh tests`, which runs the whole suite so.
set -euo pipefail
cd "$(dirname "$0")/.."

export PYTHONPATH="$PWD/tests/emulation:$PWD/tests/kernels${PYTHONPATH:+:$PYTHONPATH}"
export GPUGRAD_REQUIRE_CUPY=1 GPUGRAD_REQUIRE_COMPILERS=1
export GPUGRAD_EMULATION_CACHE="${GPUGRAD_EMULATION_CACHE:-$PWD/build/emulation}"

if [ $# -gt 0 ]; then
    exec python -m pytest "$@"
fi
python -m pytest -q tests/device
python -m pytest -q tests/test_ops.py tests/test_conventions.py tests/test_control.py \
    tests/test_pitfalls.py tests/others -k cupy
