"""What is not installed skips the tests that need it, and nothing else does."""

from __future__ import annotations

import installed
import pytest

from gpugrad import engines
from gpugrad.errors import BackendUnavailable


def _not_there(name: str) -> BackendUnavailable:
    error = BackendUnavailable(f"{name} is needed")
    error.__cause__ = ModuleNotFoundError(f"No module named {name!r}", name=name)
    return error


@pytest.mark.parametrize("name", ["scipy", "scipy.special"])
def test_an_optional_module_that_is_not_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "find_spec", lambda name: None)
    for error in (_not_there(name), _not_there(name).__cause__):
        assert error is not None
        with pytest.raises(pytest.skip.Exception, match="scipy"), installed.skips_without():
            raise error


@pytest.mark.parametrize("name", ["numpy", "gpugrad.nothing", "optree"])
def test_any_other_module_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable), installed.skips_without():
        raise _not_there(name)


def test_a_module_that_is_there_but_has_not_what_is_asked_for_is_an_error() -> None:
    with pytest.raises(BackendUnavailable), installed.skips_without():
        raise _not_there("pytest_benchmark" if installed.find_spec("pytest_benchmark") else "numpy")


def test_cupy_is_an_error_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "find_spec", lambda name: None)
    monkeypatch.setenv("GPUGRAD_REQUIRE_CUPY", "1")
    with pytest.raises(BackendUnavailable), installed.skips_without():
        raise _not_there("cupy")


@pytest.mark.parametrize("name", [name for name, engine in engines.ALL.items() if engine.needs])
def test_an_engine_that_is_not_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable) as refused:
        engines.check_engine(name)
    with pytest.raises(pytest.skip.Exception, match=name), installed.skips_without():
        raise refused.value
    monkeypatch.setattr(engines, "find_spec", lambda name: name)
    with pytest.raises(BackendUnavailable), installed.skips_without():
        raise refused.value


def test_what_is_older_than_the_extra_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "version", lambda name: "1.16.9")
    with pytest.raises(pytest.skip.Exception, match=r"scipy>=1\.17"):
        installed.skip_unless_recent("scipy")
    monkeypatch.setattr(installed, "version", lambda name: "1.100")
    installed.skip_unless_recent("scipy")
