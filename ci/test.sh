#!/usr/bin/env bash
# The test suite. Arguments go to pytest. Without a GPU its tests run on CuPy arrays over host
# memory, which needs a C++ compiler and NVRTC: here their absence is a failure, not a skip.
set -euo pipefail
cd "$(dirname "$0")/.."

GPUGRAD_REQUIRE_COMPILERS=1 python -m pytest "$@"
