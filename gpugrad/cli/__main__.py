"""`python -m gpugrad.cli`: the same as `python -m gpugrad`."""

import sys

from gpugrad.cli import main

sys.exit(main())
