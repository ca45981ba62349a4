#!/usr/bin/env bash
# The tests that run on CuPy, where there is no GPU: on the real CuPy over a CUDA runtime for the CPU,
# tests/cuda_on_cpu, which is built first. Set-up: pip install -e '.[dev,cuda-on-cpu]'. Arguments go to
# pytest, as in `ci/cupy.sh tests`, which runs the whole suite so.
set -euo pipefail
cd "$(dirname "$0")/.."

overlay=$(python tests/cuda_on_cpu/build.py)
export PYTHONPATH="$overlay${PYTHONPATH:+:$PYTHONPATH}"
export GPUGRAD_REQUIRE_CUPY=1 GPUGRAD_REQUIRE_COMPILERS=1

if [ $# -gt 0 ]; then
    exec python -m pytest "$@"
fi
python -m pytest -q tests/device tests/cuda_on_cpu tests/kernels/test_values.py tests/kernels/test_dispatch.py
python -m pytest -q tests -k cupy --ignore=tests/cuda_on_cpu --ignore=tests/device --ignore=tests/kernels
