"""Training a network on rows and targets: tasks, the loop, run folders, reports and models."""

from gpugrad.hints import install
from gpugrad.types import offered

try:
    from gpugrad.train.config import Config
    from gpugrad.train.fit import fit
    from gpugrad.train.loop import Observer
    from gpugrad.train.metrics import Record, Score, Scores
    from gpugrad.train.outcome import Outcome
    from gpugrad.train.progress import Progress
    from gpugrad.train.run import resume, start
    from gpugrad.train.several import Observers
    from gpugrad.train.tasks import TASKS
    from gpugrad.train.tensorboard import TensorBoard
    from gpugrad.train.trained_model import TrainedModel
    from gpugrad.train.trials.ranking import Sweep
    from gpugrad.train.trials.sweeping import sweep
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"gpugrad.train needs {error.name}, which is not installed: {install('train')}",
        name=error.name,
    ) from error

__all__ = [
    "TASKS",
    "Config",
    "Observer",
    "Observers",
    "Outcome",
    "Progress",
    "Record",
    "Score",
    "Scores",
    "Sweep",
    "TensorBoard",
    "TrainedModel",
    "fit",
    "resume",
    "start",
    "sweep",
]

__dir__ = offered(globals())
