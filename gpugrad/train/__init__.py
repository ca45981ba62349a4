"""Training a network on rows and targets: tasks, the loop, run folders, reports and models."""

from gpugrad.train.config import Config
from gpugrad.train.fit import fit
from gpugrad.train.loop import Observer
from gpugrad.train.metrics import Record, Score, Scores
from gpugrad.train.run import Outcome, resume, start
from gpugrad.train.tasks import TASKS
from gpugrad.train.trained_model import TrainedModel

__all__ = [
    "TASKS",
    "Config",
    "Observer",
    "Outcome",
    "Record",
    "Score",
    "Scores",
    "TrainedModel",
    "fit",
    "resume",
    "start",
]
