"""Prints the page `SUPPORT.md`; with `--stubs`, writes those that editors read into the package."""

import sys

from gpugrad.catalogue import absent, nesting
from gpugrad.catalogue.stub import write_stubs
from gpugrad.catalogue.support_table import support

if sys.argv[1:] == ["--stubs"]:
    write_stubs()
else:
    print(support().markdown() + absent.markdown() + nesting.markdown(), end="")
