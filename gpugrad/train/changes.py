"""Settings that may be changed when a run is continued, and what is kept on record of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gpugrad.atomic import remove_file
from gpugrad.errors import CheckpointError, InvalidArgument
from gpugrad.train.config import Settled
from gpugrad.train.fields import Fields
from gpugrad.train.folder import RunFolder

CHANGEABLE = ("epochs", "early_stopping", "keep")
"""All others decide what the epochs that are over came to."""


@dataclass(frozen=True)
class Change:
    """Settings from a moment on.

    Args:
        epoch: How many epochs were over.
        step: How many steps of the next one were done.
        finished: Whether the run had ended.
        before: The settings up to then, by name.
        settings: The settings from then on.
    """

    epoch: int
    step: int
    finished: bool
    before: Mapping[str, object]
    settings: Mapping[str, object]

    def to_json(self) -> dict[str, object]:
        """What `read` reads."""
        return {**vars(self), "before": dict(self.before), "settings": dict(self.settings)}

    @classmethod
    def read(cls, found: Fields) -> Change:
        """What `to_json` gave; `CheckpointError` if it is not as that gives it."""
        finished = found.value("finished")
        if type(finished) is not bool:
            raise CheckpointError(f"{found.path}: {found.name}.finished is neither true nor false")
        parts = [found.part("before"), found.part("settings")]
        names = [name for name in CHANGEABLE if name in parts[0].left]
        before, settings = ({name: part.value(name) for name in names} for part in parts)
        change = cls(found.whole("epoch"), found.whole("step"), finished, before, settings)
        for part in (*parts, found):
            part.end()
        return change


def changed(config: Settled, changes: Iterable[Change], folder: RunFolder) -> Settled:
    """The settings after all changes; `CheckpointError` if one of them cannot be."""
    try:
        for change in changes:
            settings: Any = change.settings
            config = replace(config, **settings)
    except InvalidArgument as error:
        raise CheckpointError(
            f"{folder.changes}: its settings cannot be used: {error}"
        ) from error
    return config


def read_changes(folder: RunFolder) -> tuple[Change, ...]:
    """All changes so far; `CheckpointError` if they are damaged or another run's."""
    folder.changed, found = 0, folder.read_changes()
    if found is None:
        return ()
    folder.check_run(found)
    items = found.items("changes")
    found.end()
    folder.changed = len(items)
    return tuple(
        Change.read(Fields(found.path, item, f"changes[{place}]"))
        for place, item in enumerate(items)
    )


def write_changes(folder: RunFolder, changes: tuple[Change, ...]) -> None:
    """Puts them on record.

    The summary goes first, for the run is no longer over: without it, `--resume` makes it anew.
    """
    remove_file(folder.summary)
    folder.write_changes({"run": folder.run, "changes": [each.to_json() for each in changes]})
    folder.changed = len(changes)
