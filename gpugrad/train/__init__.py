"""Training a classifier: the loop, its checkpoints and run folder, and the report."""

from gpugrad.train.config import Config
from gpugrad.train.loop import Observer
from gpugrad.train.metrics import Record, Score
from gpugrad.train.predict import Classifier
from gpugrad.train.run import Outcome, resume, start

__all__ = ["Classifier", "Config", "Observer", "Outcome", "Record", "Score", "resume", "start"]
