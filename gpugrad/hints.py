"""What a message tells its reader to type, in words that work where they stand.

The program is called as it was called to come here; what is missing is installed by one text, for a
checkout and for an installed package. What messages need alone is imported when there is one, and
not with the package.
"""

from __future__ import annotations

import os
import sys

_NAME = "gpugrad"


def command(*words: str | os.PathLike[str]) -> str:
    """The command line `gpugrad` with `words`, for a shell: called as this process was."""
    return " ".join([_program(), *map(shell_word, words)])


def install(extra: str) -> str:
    """How to install what an extra of gpugrad names."""
    return f"pip install 'gpugrad[{extra}]' (in a checkout of gpugrad: pip install '.[{extra}]')"


def shell_word(word: str | os.PathLike[str]) -> str:
    """`word` so that a shell reads it as one word, and again as this one."""
    import shlex

    text = os.fspath(word)
    if text.isprintable():
        return shlex.quote(text)
    signs = (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in os.fsencode(text))
    return "$'" + "".join(f"\\{sign}" if sign in "'\\" else sign for sign in signs) + "'"


def _program() -> str:
    """What the user typed before the words; the bare name where this is another program."""
    import shutil
    from pathlib import Path

    package = Path(__file__).resolve().parent
    script = Path(sys.argv[0] if sys.argv else "")
    if script.name == "__main__.py" and script.resolve().parent in (package, package / "cli"):
        return f"{shell_word(sys.orig_argv[0])} -m {_NAME}"
    if script.stem != _NAME or script.suffix not in ("", ".exe"):
        return _NAME
    # A shell that found it on the path has handed over the whole of its name.
    found = shutil.which(_NAME)
    return _NAME if found is not None and Path(found) == script else shell_word(script)
