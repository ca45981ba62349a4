"""A program of ranks whose arrays of CuPy lie between guard zones: `guarded.py PROGRAM WORDS...`.

On the CPU in the place of a GPU alone; on a GPU it is the program itself.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cuda_on_cpu import observe

import gpugrad as gg

gg.parallel.abort_on_error()
sys.argv = sys.argv[1:]
program = str(Path(__file__).with_name(sys.argv[0]))
if observe.ON_CPU:
    with observe.guarded_memory():
        runpy.run_path(program, run_name="__main__")
    observe.check()
else:
    runpy.run_path(program, run_name="__main__")
