"""Runs the programs of a page, in order, as a reader would paste them: `run_page.py PAGE`.

A block of `python` is executed in one namespace with those before it, a block of `sh` by bash. A
block of `output` that follows holds what is printed, where `...` stands for anything; if a program
raises an error, its last line is `Error: message`. `<!-- needs: NAME -->` on the line before a
block says that it can only run where the module NAME is installed (for cupy: where there is a GPU).
Blocks of `console` are not run: they install something, or want several machines.
"""

from __future__ import annotations

import doctest
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Block(NamedTuple):
    """A program, and what the page says that it prints: `None` where it says nothing of it."""

    line: int
    language: str
    needs: str
    text: str
    output: str | None


_BLOCK = re.compile(
    r"^(?:<!-- needs: (?P<needs>\w+) -->\n)?"
    r"(?P<indent> *)```(?P<language>python|sh)\n(?P<text>.*?)^(?P=indent)```\n"
    r"(?:\s*^(?P=indent)```output\n(?P<output>.*?)^(?P=indent)```$)?",
    re.MULTILINE | re.DOTALL,
)


def blocks(page: Path) -> Iterator[Block]:
    """The programs of a page."""
    text = page.read_text("utf-8")
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("text"))
        width = len(match["indent"])
        program, output = (
            part and "".join(x[width:] for x in part.splitlines(keepends=True))
            for part in (match["text"], match["output"])
        )
        yield Block(line, match["language"], match["needs"] or "", program, output)


def faults(page: Path) -> list[str]:
    """Run a page in the working folder; what is not as it says."""
    found = []
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.needs and not _is_here(block.needs):
            continue
        printed, failed = (_python if block.language == "python" else _sh)(block, page, namespace)
        place = f"{page.name}:{block.line}"
        if failed and block.output is None:
            found.append(f"{place} failed: {printed}")
        elif block.output is not None and not _agrees(block.output, printed):
            found.append(f"{place} printed\n{printed}and not\n{block.output}")
    return found


def _agrees(said: str, printed: str) -> bool:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(said, printed, flags)


def _python(block: Block, page: Path, namespace: dict[str, object]) -> tuple[str, bool]:
    with redirect_stdout(io.StringIO()) as printed:
        try:
            source = "\n" * block.line + block.text
            exec(compile(source, page.name, "exec"), namespace)
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
            return printed.getvalue(), True
    return printed.getvalue(), False


def _sh(block: Block, page: Path, namespace: dict[str, object]) -> tuple[str, bool]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block.text], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, "PATH": path})  # fmt: skip
    return done.stdout, done.returncode != 0


def _is_here(name: str) -> bool:
    if find_spec(name) is None:
        return False
    if name != "cupy":
        return True
    import cupy

    return bool(cupy.is_available())


if __name__ == "__main__":
    page = Path(sys.argv[1]).resolve()
    os.environ.setdefault("MPLBACKEND", "Agg")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        wrong = faults(page)
        os.chdir("/")
    print("\n".join(wrong))
    sys.exit(bool(wrong))
