#!/usr/bin/env bash
# Everything that is checked without running the code: lint, types, imports, the layout.
set -euo pipefail
cd "$(dirname "$0")/.."

ruff check .
mypy
lint-imports
python ci/layout.py
