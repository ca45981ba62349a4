#!/usr/bin/env bash
# Everything that is checked without running the code: lint, types, the order of imports.
set -euo pipefail
cd "$(dirname "$0")/.."

ruff check .
mypy
lint-imports
