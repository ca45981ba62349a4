"""autograd's `flatten`; its `const_graph` is made of autograd's own nodes and is not here."""

from __future__ import annotations

import os
from pathlib import Path

__path__.append(str(Path(os.environ["HIPS_AUTOGRAD"]) / "autograd" / "misc"))

from autograd.misc.flatten import flatten as flatten

const_graph = None
