"""Where cuBLAS is not installed, what needs it is computed without it, and says so."""

from __future__ import annotations

import sys

import pytest

from gpugrad.engines.cuda import cublas


def test_why_there_is_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    cublas._loaded.cache_clear()
    try:
        monkeypatch.setitem(sys.modules, "cuda", None)
        assert cublas.library() is None
        assert cublas.why_missing().startswith("was not loaded: import of cuda")
    finally:
        cublas._loaded.cache_clear()
