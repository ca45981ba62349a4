#!/usr/bin/env bash
# Kills a training run with -9 at random moments, resumes it, and compares every bit of the result
# with an undisturbed run. The argument is how many times for each engine; 20
# without one.
set -euo pipefail
cd "$(dirname "$0")/.."
GPUGRAD_KILLS="${1:-20}" python -m pytest -q tests/test_checkpoint.py -k kill_9
