"""A process that trains one trial after another, as it is told on standard input.

Each line is a JSON object, and so is each answer on standard output. Nothing else is written there.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from gpugrad.errors import GpugradError
from gpugrad.signals import Ended
from gpugrad.train.config import Config
from gpugrad.train.folder import RunFolder
from gpugrad.train.loop import Observer
from gpugrad.train.run import resume, start


def main() -> None:
    """Answers until there are no more lines."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)                                   # what libraries print is no answer
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def answer(asked: dict[str, Any]) -> dict[str, object]:
    """How a trial ended."""
    settings, path = asked["settings"], Path(asked["folder"])
    try:
        pictures = bool(asked["pictures"])
        if RunFolder(path).config.exists():
            outcome = resume(path, {}, Observer(), pictures=pictures)
        else:
            outcome = start(Config(**settings), path, Observer(), pictures=pictures)
    except KeyboardInterrupt as error:
        return {"stopped": error.number if isinstance(error, Ended) else 2}
    except (GpugradError, OSError) as error:
        return {"error": " ".join(str(error).split())}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"}
    return {"finished": True} if outcome.finished else {"stopped": outcome.signal}


if __name__ == "__main__":
    main()
