#!/usr/bin/env bash
# Which lines and branches of gpugrad the tests reach, on NumPy and on CuPy together.
# Fails below the share that pyproject.toml names. About 20 minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

rm -rf build/coverage
mkdir -p build/coverage
coverage run -m pytest -q -n auto --dist worksteal "$@"
overlay=$(python tests/cuda_on_cpu/build.py)
export PYTHONPATH="$overlay${PYTHONPATH:+:$PYTHONPATH}" GPUGRAD_REQUIRE_CUPY=1
coverage run -m pytest -q -n auto tests/device tests/test_backends.py tests/test_debug.py
coverage run -m pytest -q -n auto tests/test_ops.py tests/test_conventions.py tests/test_control.py -k cupy
coverage combine -q
coverage report
