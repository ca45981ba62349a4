#!/usr/bin/env bash
# The suite with the lowest versions that pyproject.toml allows, in build/floor: first of the base
# install with nothing but pytest, then of the extras too. PYTHON names another Python than python3;
# arguments go to pytest. Tests of what is younger than a floor, or of no extra, say so and are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=build/floor
rm -rf "$venv"
mkdir -p "$venv"
export PIP_DISABLE_PIP_VERSION_CHECK=1
source ci/own_cache.sh
unset GPUGRAD_REQUIRE_COMPILERS PYTEST_ADDOPTS      # NVRTC is of no floor, xdist of the second alone

"$python" ci/lowest.py > "$venv/base.txt"
"$python" -m venv "$venv/base"
"$venv/base/bin/pip" install -q -c "$venv/base.txt" -e . pytest
"$venv/base/bin/python" -m pytest -q "$@" tests/test_conventions.py tests/test_jit.py \
    tests/test_vmap.py tests/test_planned_sweep.py tests/test_views.py tests/test_special.py \
    tests/test_many_threads.py tests/test_cli.py

"$python" ci/lowest.py jit train test > "$venv/extras.txt"
# matplotlib and Typer of then do what these are about to drop, and warnings are errors.
printf '%s\n' 'pyparsing<3.3' 'click<8.3' > "$venv/beside.txt"
"$python" -m venv "$venv/extras"
"$venv/extras/bin/pip" install -q -c "$venv/extras.txt" -c "$venv/beside.txt" -e '.[jit,train,test]'
"$venv/extras/bin/python" -m pytest -q "$@" -n auto --dist worksteal

echo "ci/floor.sh: passed on $("$python" --version) with" $(sort -u "$venv/extras.txt" | grep -v '^pytest') \
    "and in the base install alone. Not tried: the extras cuda12, cuda13, nccl12 and nccl13, which need CuPy."
