"""Kernels as text of LLVM, printed from the descriptions that a plan gives of them."""
