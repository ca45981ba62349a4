"""The figures of the site: each file in `docs/figures` writes what it is named after.

`NAME.py` is run with the folder for its results as its argument, and writes `NAME.svg`, or other
files that begin with `NAME`, there. A page shows `![...](/_made/NAME.svg)`; what is HTML is in the
folder `pages` of the site.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copyfile

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError


def draw(app: Sphinx) -> None:
    """Run the files whose results are older than they are; `ci/site.sh` runs them all."""
    made = Path(app.srcdir) / "_made"
    made.mkdir(exist_ok=True)
    files = sorted((Path(app.srcdir) / "figures").glob("[a-z]*.py"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [fault for fault in pool.map(lambda file: _drawn(file, made), files) if fault]
    if faults:
        raise ExtensionError("\n".join(faults))


def _drawn(file: Path, made: Path) -> str:
    results = [x.stat().st_mtime for x in made.glob(f"{file.stem}*")]
    read = [x.stat().st_mtime for x in (file, *file.parent.glob("_*.py"))]
    if results and min(results) > max(read):
        return ""
    environment = {**os.environ, "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-W", "error", file, made], env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode:
        return f"{file.name} failed:\n{done.stderr}"
    if not any(made.glob(f"{file.stem}*")):
        return f"{file.name} wrote nothing that is named {file.stem}."
    return ""


def publish(app: Sphinx, failure: Exception | None) -> None:
    """Copy what is HTML to where pages show it in a frame."""
    if failure is None and app.builder.format == "html":
        folder = Path(app.outdir) / "pages"
        folder.mkdir(exist_ok=True)
        for file in (Path(app.srcdir) / "_made").glob("*.html"):
            copyfile(file, folder / file.name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Draw before the pages are read."""
    app.connect("builder-inited", draw)
    app.connect("build-finished", publish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
