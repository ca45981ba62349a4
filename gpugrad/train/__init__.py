"""Training a classifier: the loop, its checkpoints and run folder, and the report."""

from gpugrad.train.config import Config
from gpugrad.train.loop import Observer
from gpugrad.train.metrics import Record, Score
from gpugrad.train.outcome import Outcome
from gpugrad.train.predict import Classifier
from gpugrad.train.progress import Progress
from gpugrad.train.run import resume, start
from gpugrad.train.several import Observers
from gpugrad.train.tensorboard import TensorBoard

__all__ = [
    "Classifier",
    "Config",
    "Observer",
    "Observers",
    "Outcome",
    "Progress",
    "Record",
    "Score",
    "TensorBoard",
    "resume",
    "start",
]
