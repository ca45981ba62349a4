"""What the tests of the CPU in the place of a GPU need."""

from __future__ import annotations

import pytest
from cuda_on_cpu.compiler import host_compiler
from missing import missing


@pytest.fixture(scope="session")
def compilers() -> None:
    """A host compiler, for tests that need no CuPy."""
    if host_compiler() is None:
        missing("no host C++ compiler", "install g++", "GPUGRAD_REQUIRE_COMPILERS")
