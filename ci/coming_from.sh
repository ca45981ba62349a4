#!/usr/bin/env bash
# What compares with other libraries, with their newest releases, in build/peers: every row and program of the
# pages for those who come from HIPS autograd, JAX with optax, PyTorch and MyGrad; and layers, optimisers and
# bridges beside those of PyTorch, JAX and optax. Five minutes, when they are installed.
set -euo pipefail
cd "$(dirname "$0")/.."

work=build/peers
rm -rf "$work"
source ci/own_cache.sh
python3 -m venv "$work"
pip=("$work/bin/pip" install -q --disable-pip-version-check)
"${pip[@]}" -e '.[test]' scipy
"${pip[@]}" autograd flax funcsigs jax mygrad optax torch     # HIPS autograd asks for funcsigs, but does not bring it

export GPUGRAD_REQUIRE_PEERS=1
"$work/bin/python" -m pytest -q tests/test_coming_from.py tests/test_pages.py -k "coming_from or coming-from" "$@"
"$work/bin/python" -m pytest -q tests/peers "$@"
