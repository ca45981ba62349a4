#!/usr/bin/env bash
# The test suites of others: SciPy's own tests that take an array namespace, with gpugrad as that
# namespace, and HIPS autograd's tests behind tests/suites/hips, which has autograd's names made of
# gpugrad. SciPy's tests come with its wheel; autograd's are fetched. What is known to fail, and why,
# stands in tests/suites/expected.py. About ten minutes on two cores. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.9.1
build="$PWD/build/suites"
autograd="$build/autograd-$version"
if [ ! -d "$autograd" ]; then
    mkdir -p "$build"
    python -m pip download --quiet --no-deps --no-binary :all: --dest "$build" "autograd==$version"
    tar -xzf "$autograd.tar.gz" -C "$build"
fi
scipy=$(python -c 'from importlib.util import find_spec; print(find_spec("scipy").submodule_search_locations[0])')
rooms=(_lib cluster constants differentiate fft integrate interpolate linalg ndimage optimize signal
    spatial special stats)

export PYTHONPATH="$PWD:$PWD/tests/suites${PYTHONPATH:+:$PYTHONPATH}" GPUGRAD_BACKEND=numpy
plain=(-q -p no:cacheprovider -c /dev/null -p expected "$@")

status=0
echo "ci/suites.sh: SciPy's tests, of the array namespace gpugrad"
SCIPY_ARRAY_API=1 python -m pytest "${plain[@]}" -p scipy_namespace \
    --rootdir "$scipy" -m array_api_backends --pyargs "${rooms[@]/#/scipy.}" || status=1

echo "ci/suites.sh: the tests of HIPS autograd $version"
export HIPS_AUTOGRAD="$autograd" PYTHONPATH="$PWD/tests/suites/hips:$PYTHONPATH"
cd "$autograd/tests"
python -m pytest "${plain[@]}" --rootdir . --import-mode append . || status=1
exit $status
