"""What this processor has instructions for."""

from __future__ import annotations

from functools import cache


@cache
def converts_float16() -> bool:
    """Whether it converts float16; else LLVM would call functions that are in no library here.

    Those of Intel and AMD do from 2012 on, and all of 64 bits by ARM.
    """
    import llvmlite.binding as llvm

    is_intel_s = llvm.get_process_triple().startswith("x86")
    return not is_intel_s or bool(llvm.get_host_cpu_features().get("f16c"))
