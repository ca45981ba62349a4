"""The ratio of every workload, as the benchmark itself draws it."""

import sys
from pathlib import Path

from _style import RESULTS, latest

sys.path.insert(0, str(RESULTS.parent))
from ratios import picture

report = latest("breadth")
title = f"{report['date']}, {report['cpu']}"
picture(report["rows"], title, Path(sys.argv[1]) / "bench_breadth.svg")
