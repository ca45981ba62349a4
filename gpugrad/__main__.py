"""`python -m gpugrad`, for where the console script is not on the path."""

import sys

from gpugrad.cli import main

sys.exit(main())
