"""Prints the page `SUPPORT.md`."""

from gpugrad.catalogue import nesting
from gpugrad.catalogue.support_table import support

print(support().markdown() + nesting.markdown(), end="")
