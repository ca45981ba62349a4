"""What a first training run leaves: its curves, as they are."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    command = [sys.executable, "-m", "gpugrad", "train", "digits", "--out", "run"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    shutil.copy(Path(folder, "run", "curves.svg"), Path(sys.argv[1], "first_run.svg"))
