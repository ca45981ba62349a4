"""What is meant by an option or a command that there is not: the names that other tools have."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

COMMANDS = {
    "compute": "trace", "convert": "export", "devices": "info", "draw": "trace",
    "doctor": "info", "env": "info", "eval": "predict", "evaluate": "predict", "fit": "train",
    "graph": "trace", "grid": "sweep", "hpo": "sweep", "infer": "predict",
    "inference": "predict", "learn": "train", "onnx": "export", "plot": "trace",
    "resume": "train --resume", "run": "train", "save": "export", "score": "predict",
    "search": "sweep", "show": "trace", "test": "predict", "tune": "sweep", "validate": "predict",
    "version": "--version",
}  # fmt: skip

_OPTIONS = {
    "--accumulate": "accumulate-grad-batches accumulation accumulation-steps "
    "gradient-accumulation gradient-accumulation-steps",
    "--activation": "act nonlinearity",
    "--augment": "aug augmentation augmentations transform transforms",
    "--backend": "accelerator cpu cuda device gpu",
    "--batch-size": "batch bs minibatch train-batch-size per-device-train-batch-size",
    "--categorical": "categories categorical-columns categorical-features",
    "--checkpoint-every": "checkpoint-interval save-every save-interval save-steps",
    "--class-weight": "class-weights scale-pos-weight",
    "--clip-norm": "clip clip-grad clip-grad-norm clipnorm global-clipnorm grad-clip "
    "gradient-clip-val max-grad-norm max-norm",
    "--drop": "exclude exclude-columns ignore ignore-columns skip",
    "--dtype": "float64 double",
    "--early-stopping": "early-stop early-stopping-rounds n-iter-no-change patience",
    "--ema": "ema-decay moving-average swa",
    "--epochs": "epoch max-epochs max-iter n-epochs num-epochs num-train-epochs",
    "--grid": "param-grid search-space",
    "--hidden": "hidden-layer-sizes hidden-layers hidden-size hidden-sizes hidden-units layers "
    "units width widths",
    "--id": "id-column index index-column key keys",
    "--jobs": "n-jobs parallel workers",
    "--keep": "restore-best-weights save-best save-best-only",
    "--label-smoothing": "label-smoothing-factor smoothing",
    "--log": "logger report-to tensorboard tracker",
    "--loss": "criterion loss-function objective",
    "--lr": "alpha0 eta lrate learning-rate learning-rate-init step-size",
    "--lr-factor": "decay-rate factor gamma",
    "--lr-milestones": "milestones",
    "--missing": "fill-missing fillna impute imputer na",
    "--model": "arch architecture net network",
    "--optimizer": "opt optim optimiser solver",
    "--out": "dest dir folder log-dir logdir output output-dir output-file save save-dir save-to",
    "--precision": "amp bf16 bfloat16 fp16 float16 half mixed-precision",
    "--processes": "devices nproc nproc-per-node num-processes world-size",
    "--resume": "checkpoint ckpt ckpt-path continue load restart resume-from "
    "resume-from-checkpoint",
    "--sample-weight": "sample-weights weight weight-column weights",
    "--schedule": "learning-rate-schedule lr-schedule lr-scheduler lr-scheduler-type scheduler",
    "--seed": "manual-seed random-seed random-state",
    "--size": "image-size img-size imgsz input-size resize resolution",
    "--target": "label label-column labels response target-column targets y y-column",
    "--task": "problem problem-type task-type",
    "--test": "test-fraction test-share test-size test-split",
    "--threads": "num-threads nthreads",
    "--trials": "max-trials n-iter n-trials num-samples num-trials",
    "--unknown": "handle-unknown",
    "--validation": "val val-fraction val-size val-split valid validation-fraction "
    "validation-size validation-split",
    "--warmup": "lr-warmup warmup-epochs warmup-ratio warmup-steps",
    "--weight-decay": "alpha decay l2 regularization reg-lambda wd",
}  # fmt: skip

OPTIONS = {f"--{name}": option for option, names in _OPTIONS.items() for name in names.split()}
"""What others call an option, in small letters with hyphens, and what it is here."""


def command_meant(name: str, there: Iterable[str]) -> str:
    """What stands here for a command of another tool, as the end of a message; nothing if none."""
    found = COMMANDS.get(name.lower())
    near = [found] if found else get_close_matches(name.lower(), there, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def option_meant(name: str, there: Iterable[str]) -> str:
    """The same for an option; `there` are those that the command has."""
    plain, known = f"--{name.lower().lstrip('-').replace('_', '-')}", sorted(there)
    found = plain if plain in known else OPTIONS.get(plain)
    long = [option for option in known if option.startswith("--")]
    near = [found] if found in known else get_close_matches(plain, long, n=1)
    return f". Did you mean {near[0]}?" if near else ""
