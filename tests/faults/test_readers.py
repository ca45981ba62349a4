"""What gpugrad reads: a failing read is said, with the file, and never taken for its contents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from faults.library import ERRORS, RETRIED, SHORT
from faults.trials import FORESEEN, Bench


@pytest.fixture
def reading(
    request: pytest.FixtureRequest, bench: Bench, trained: str, tmp_path: Path
) -> tuple[Path, str, tuple[str, ...]]:
    """A file or folder that is read, the action that reads it, and that action's arguments."""
    if request.param == "plan":
        path = tmp_path / "plan.json"
        bench.laboratory.run("save_plan", tmp_path, str(path))
        return path, "load_plan", (str(path),)
    read = Path(trained) if request.param == "model" else bench.dataset
    return read, "classify", (trained, str(bench.dataset))


@pytest.mark.parametrize("reading", ["plan", "model", "data"], indirect=True)
@pytest.mark.parametrize("fault", [*ERRORS[1:4], SHORT], ids=lambda fault: fault.name)
def test_what_cannot_be_read_is_said(bench, reading, fault):
    path, action, arguments = reading

    def run(**options: Any) -> Any:
        return bench.laboratory.run(action, path, *arguments, **options)

    undisturbed = run()
    assert undisturbed.error is None, undisturbed.error
    assert undisturbed.operations
    for at, operation in enumerate(undisturbed.operations):
        outcome = run(fault=fault, at=at)
        bench.tally["faults"] += 1
        said = f"{fault.name} at {at}, {operation.name}: {outcome.kinds[:1]}: {outcome.error}"
        if outcome.error is None:
            assert outcome.value == undisturbed.value, said
            continue
        assert not fault.invisible, said
        assert fault.name != "EINTR" or operation.name not in RETRIED, said
        assert set(outcome.kinds) & FORESEEN, said
        assert str(path) in outcome.error, said
