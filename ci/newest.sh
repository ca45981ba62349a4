#!/usr/bin/env bash
# The suite with the newest Python that is found or can be installed and the newest release of each
# dependency, in build/newest; then what threads can spoil on a free-threaded Python. uv, which is
# installed there, is asked to fetch both. NEWEST and FREE_THREADED name others; packages that have no
# wheels there are left out. About 40 minutes on two cores. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

work=build/newest
rm -rf "$work"
mkdir -p "$work/pythons"
export PIP_DISABLE_PIP_VERSION_CHECK=1
source ci/own_cache.sh
unset GPUGRAD_REQUIRE_COMPILERS
options=(-q -n auto --dist worksteal "$@")
left_out=()

# fetch REQUEST: let uv install that Python, if it can.
fetch() {
    UV_PYTHON_INSTALL_DIR="$work/pythons" timeout 600 "$work/tools/bin/uv" --quiet python install \
        --no-bin "$1" > "$work/uv.log" 2>&1 || left_out+=("Python $1 of uv, which could not fetch it")
}

# environment NAME PYTHON: a virtual environment with all that has wheels for that Python.
environment() {
    "$2" -m venv "$work/$1"
    local pip=("$work/$1/bin/pip" install -q --only-binary :all:) package
    "${pip[@]}" -e '.[test]'
    for package in $(python3 ci/lowest.py jit train | sed 's/=.*//' | sort -u) array-api-extra; do
        "${pip[@]}" "$package" > "$work/pip.log" 2>&1 || left_out+=("$package on $1: no wheel")
    done
}

# versions NAME: what is installed there of what gpugrad can use.
versions() {
    local names
    names=$(python3 ci/lowest.py jit train | sed 's/=.*//' | sort -u | paste -s -d '|')
    "$work/$1/bin/python" -VV | tr '\n' ' '
    "$work/$1/bin/pip" freeze | grep -iE "^($names)==" | paste -s -d ' '
}

python3 -m venv "$work/tools"
"$work/tools/bin/pip" install -q uv || left_out+=("uv, which fetches Pythons, could not be installed")

if [ -z "${NEWEST:-}" ]; then
    fetch 3
    NEWEST=$(python3 ci/newest_python.py "$work/pythons")
fi
environment newest "$NEWEST"
"$work/newest/bin/python" -m pytest "${options[@]}"
tried="the suite on $(versions newest)"

if [ -z "${FREE_THREADED:-}" ]; then
    fetch "$("$NEWEST" -c 'import sys; print("{}.{}t".format(*sys.version_info))')"
    FREE_THREADED=$(python3 ci/newest_python.py --free-threaded "$work/pythons")
fi
if [ -n "$FREE_THREADED" ]; then
    environment free-threaded "$FREE_THREADED"
    PYTHON_GIL=0 "$work/free-threaded/bin/python" -m pytest "${options[@]}" tests/test_many_threads.py \
        tests/test_threads.py tests/test_conventions.py tests/test_jit.py tests/test_vmap.py \
        tests/test_planned_sweep.py tests/test_views.py tests/test_copies.py tests/test_programs.py \
        tests/test_outside.py tests/test_tensors.py tests/test_graph.py tests/test_profile.py
    tried+="; threads, transforms and engines on $(versions free-threaded)"
else
    left_out+=("a free-threaded Python: none was found")
fi
left_out+=("the extras cuda12, cuda13, nccl12 and nccl13, which need a GPU")

echo "ci/newest.sh: passed: $tried. Not tried: $(printf '%s; ' "${left_out[@]}" | sed 's/; $/./')"
