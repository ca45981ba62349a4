"""Prints the page `SUPPORT.md`; with `--stub`, `gpugrad/__init__.pyi`."""

import sys

from gpugrad.catalogue import nesting
from gpugrad.catalogue.stub import stub
from gpugrad.catalogue.support_table import support

print(stub() if sys.argv[1:] == ["--stub"] else support().markdown() + nesting.markdown(), end="")
