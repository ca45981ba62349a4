#!/usr/bin/env bash
# The product and not the tree: builds the wheel, compares it file by file with the tree, installs it
# into an empty environment, and runs there, where the checkout cannot be imported, what depends on
# being installed: the command line, the kernels as package data, the main job. That the rest of the
# suite need not run again is what the comparison is for.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python -m build --quiet --outdir "$work/sdist" .            # an sdist, and the wheel made from it
python -m build --quiet --wheel --outdir "$work/tree" .     # the wheel made from the tree

python - "$work"/sdist/*.whl "$work"/tree/*.whl <<'PYTHON'
import sys
from pathlib import Path
from zipfile import ZipFile
from zlib import crc32

by_sdist, by_tree = ({f.filename: f.CRC for f in ZipFile(path).infolist()} for path in sys.argv[1:])
assert by_sdist == by_tree, sorted(set(by_sdist.items()) ^ set(by_tree.items()))

tree = {str(p): p for p in Path("gpugrad").rglob("*") if p.is_file() and p.suffix != ".pyc"}
tree |= {f"gpugrad/_kernels/{p.name}": p for p in Path("kernels").iterdir() if p.is_file()}
of_tree = {name: crc32(path.read_bytes()) for name, path in tree.items()}
of_wheel = {name: crc for name, crc in by_sdist.items() if ".dist-info/" not in name}
assert of_wheel == of_tree, sorted(set(of_wheel.items()) ^ set(of_tree.items()))
PYTHON

wheel=$(echo "$work"/sdist/*.whl)
python -m venv "$work/venv"
cp -r tests benchmarks README.md pyproject.toml "$work"
cd "$work"
export PATH="$work/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
unset PYTHONPATH

echo "ci/wheel.sh: the base install"
pip install --quiet "$wheel"
python - <<'PYTHON'
import sys
from importlib.resources import files

import numpy as np

import gpugrad as gg
from gpugrad.backends import kernels
from gpugrad.core import registry

assert gg.__file__.startswith(sys.prefix), gg.__file__
assert (files("gpugrad") / "py.typed").is_file()
with_kernel = [op for op in registry.all_ops() if op.kernel]
assert with_kernel, "no op names a kernel"
for op in with_kernel:
    assert kernels.source(op.kernel)
    assert str(kernels.folder()).startswith(sys.prefix), kernels.folder()
assert gg.grad(lambda x: gg.sum(gg.relu(x)))(np.array([-1.0, 2.0])).tolist() == [0.0, 1.0]
print("kernels found:", ", ".join(op.kernel for op in with_kernel))
PYTHON

echo "ci/wheel.sh: the main job, with the extra that it needs"
pip install --quiet "$wheel[train]"
gpugrad train digits --epochs 1 --out run > train.log || { cat train.log >&2; exit 1; }

echo "ci/wheel.sh: the tests of what is installed"
pip install --quiet "$wheel[dev]"
python -m pytest -q tests/test_public_api.py tests/test_backends.py tests/test_cli.py \
    tests/test_plan_files.py tests/show tests/kernels/test_loader.py "$@"
