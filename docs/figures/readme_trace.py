"""The graph of (x + y) * x, as `gpugrad trace` draws it."""

import sys
from pathlib import Path

import gpugrad as gg

picture = gg.show.graph(lambda x, y: (x + y) * x, 3.0, 2.0)
(Path(sys.argv[1]) / "readme_trace.svg").write_text(picture.svg())
