"""What `gpugrad train digits` leaves: the curves of the run."""

import sys
import tempfile
from pathlib import Path
from shutil import copyfile

from gpugrad.cli.app import run

with tempfile.TemporaryDirectory() as folder:
    code = run(["train", "digits", "--backend", "numpy", "--out", f"{folder}/digits"])
    assert code == 0
    copyfile(f"{folder}/digits/curves.svg", Path(sys.argv[1]) / "readme_training.svg")
