"""Prints the page `SUPPORT.md`."""

from gpugrad.catalogue.table import support

print(support().markdown(), end="")
