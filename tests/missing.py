"""What happens to a test that needs something which this machine does not have."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str, remedy: str, variable: str) -> NoReturn:
    """Skip and say why, or fail where `variable` says that nothing may be missing."""
    if os.environ.get(variable) == "1":
        pytest.fail(f"{what}, but {variable}=1: {remedy}")
    pytest.skip(f"{what}: {remedy}")
