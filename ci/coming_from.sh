#!/usr/bin/env bash
# The pages for those who come from HIPS autograd, JAX, PyTorch and MyGrad, and the bridges to JAX and PyTorch, with
# the newest releases of these libraries, in build/peers: every row of the tables, and every program. Two minutes, when
# they are installed.
set -euo pipefail
cd "$(dirname "$0")/.."

work=build/peers
rm -rf "$work"
source ci/own_cache.sh
python3 -m venv "$work"
pip=("$work/bin/pip" install -q --disable-pip-version-check)
"${pip[@]}" -e '.[test]' scipy
"${pip[@]}" autograd funcsigs jax mygrad torch      # HIPS autograd asks for funcsigs, but does not bring it

export GPUGRAD_REQUIRE_PEERS=1
"$work/bin/python" -m pytest -q tests/test_coming_from.py tests/test_pages.py -k "coming_from or coming-from" "$@"
"$work/bin/python" -m pytest -q tests/peers/test_torch_bridge.py tests/peers/test_jax_bridge.py "$@"
