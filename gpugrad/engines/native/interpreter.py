"""A second interpreter that finds the modules of this one, and none in the working directory.

`python -m` and `python -c` look for modules where they are started, which may be a folder that
others write to: a file `numpy.py` in there would be run. This interpreter may have that folder on
its path, because it was started so or its script lies there; a child does not take it over.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).parents[3]                # the folder that `gpugrad` is in
_VARIABLE = "PYTHONPATH"
_OPTIONS = {
    "-I": "isolated",
    "-E": "ignore_environment",
    "-s": "no_user_site",
    "-S": "no_site",
    "-B": "dont_write_bytecode",
}


def interpreter(program: str) -> tuple[list[str], dict[str, str]]:
    """A command that runs `program` in a second interpreter, and the environment for it.

    Its path is this one's, then its own, and last where gpugrad lies, should that be the working
    directory. Raises `FileNotFoundError` in a frozen application, which has no interpreter.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        raise FileNotFoundError("there is no Python interpreter to start")
    options = [option for option, name in _OPTIONS.items() if getattr(sys.flags, name)]
    start = (                                       # `sys` is no file: nothing is looked for yet
        "import sys; package, *path = sys.argv[1:]; "
        f"sys.path[:] = dict.fromkeys([*path, *sys.path, package]); {program}"
    )
    command = [sys.executable, *options, "-P", "-c", start, str(_PACKAGE), *_path()]
    environment = {name: text for name, text in os.environ.items() if name != _VARIABLE}
    if named := _named():
        environment[_VARIABLE] = os.pathsep.join(named)
    return command, environment


def _path() -> list[str]:
    """`sys.path` without the working directory, unless PYTHONPATH names that in full."""
    named = set(map(os.path.abspath, _named()))
    absolute = [part for part in sys.path if isinstance(part, str) and os.path.isabs(part)]
    return [part for part in absolute if part in named or not _is_here(part)]


def _named() -> list[str]:
    """What PYTHONPATH names in full: an empty or relative part is the working directory's."""
    return [part for part in os.environ.get(_VARIABLE, "").split(os.pathsep) if os.path.isabs(part)]


def _is_here(folder: str) -> bool:
    try:
        return os.path.samefile(folder, os.curdir)
    except OSError:                                 # there is no such folder
        return False
