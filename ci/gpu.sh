#!/usr/bin/env bash
# The test suite on a machine with an NVIDIA GPU, where nothing may be skipped; then the benchmarks.
# Set-up: python3 -m venv .venv && . .venv/bin/activate && pip install -e '.[dev,cuda13]'
set -euo pipefail
cd "$(dirname "$0")/.."

export GPUGRAD_REQUIRE_CUPY=1 GPUGRAD_REQUIRE_COMPILERS=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

python -m pytest "$@" 2>&1 | tee "$log"
if tail -n 1 "$log" | grep -q skipped; then
    echo "ci/gpu.sh: tests were skipped (their reasons stand above), but here all must run." >&2
    exit 1
fi

if command -v compute-sanitizer > /dev/null; then
    compute-sanitizer --error-exitcode 1 python -m pytest tests/device/test_engine.py
fi

python -m pytest benchmarks --backend numpy,cupy
python benchmarks/gpu.py --json
