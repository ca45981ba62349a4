"""How good are networks at gpugrad's defaults, beside scikit-learn's, on twenty jobs?

    python benchmarks/jobs.py [--jobs WORD,WORD] [--seeds 5] [--json]
    python benchmarks/jobs.py --page FILE           # the table of docs/quality.md

All learn from the same rows, for each seed anew: of fewer than 500, all are predicted, each by a
model of the other four fifths, and scored together; of more, a quarter is predicted.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import machine

if TYPE_CHECKING:
    import numpy as np
    from job_data import Job, Rows

    Predict = Callable[[np.ndarray], np.ndarray]

PACKAGES = ("gpugrad", "numpy", "scikit-learn", "statsmodels")
FEW = 500
HIDDEN = (128, 64)  # gpugrad's own


def parts(job: Job, rows: Rows, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The numbers of rows to learn from and to predict, class by class where rows have one."""
    import numpy as np
    from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

    classes = None if job.metric == "R²" or rows.y.ndim == 2 else rows.y
    if len(rows.x) < FEW:
        folds = KFold if classes is None else StratifiedKFold
        yield from folds(5, shuffle=True, random_state=seed).split(rows.x, classes)
    else:
        numbers = np.arange(len(rows.x))
        yield tuple(
            train_test_split(numbers, test_size=0.25, random_state=seed, stratify=classes)
        )


def of_gpugrad(job: Job, rows: Rows, seed: int) -> Predict:
    """What predicts, after it has learned from all rows by the way that the job names."""
    if job.way == "command":
        return by_command(job, rows, seed)
    if job.way == "fit":
        from gpugrad.train import fit

        return fit(rows.x, rows.y, sample_weight=rows.weight, seed=seed, **job.settings).predict
    from gpugrad.sklearn import GpugradClassifier, GpugradRegressor

    made = GpugradRegressor if job.metric == "R²" else GpugradClassifier
    estimator = made(random_state=seed, **job.settings)
    return estimator.fit(rows.x, rows.y, sample_weight=rows.weight).predict


def by_command(job: Job, rows: Rows, seed: int) -> Predict:
    """Tables in files, `gpugrad train` and `gpugrad predict`; in this process, to be quick."""
    import numpy as np

    from gpugrad.cli.app import run

    names = [f"x{i}" for i in range(rows.x.shape[1])]

    def call(*words: str) -> None:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            if run([*words]):
                raise RuntimeError(f"gpugrad {' '.join(words)} has failed")

    def write(file: Path, x: np.ndarray, y: np.ndarray | None = None) -> None:
        with file.open("w", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(names if y is None else [*names, "y"])
            for i, row in enumerate(x.tolist()):
                table.writerow(row if y is None else [*row, y[i]])

    def predict(x: np.ndarray) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            train, new, found = (Path(folder, f"{name}.csv") for name in ("train", "new", "found"))
            run_folder = str(Path(folder, "run"))
            write(train, rows.x, rows.y)
            write(new, x)
            shares = ("--validation", "0", "--test", "0")
            call("train", str(train), "--target", "y", *shares, "--seed", str(seed),
                 "--out", run_folder)  # fmt: skip
            call("predict", run_folder, str(new), "--out", str(found))
            with found.open(newline="") as stream:
                predicted = [line["prediction"] for line in csv.DictReader(stream)]
        return np.array(predicted).astype(rows.y.dtype)

    return predict


def of_scikit_learn(made: str) -> Callable[[Job, Rows, int], Predict]:
    """The same for a model of scikit-learn at its defaults, features and numbers standardised."""
    def learn(job: Job, rows: Rows, seed: int) -> Predict:
        import numpy as np
        from sklearn.compose import TransformedTargetRegressor
        from sklearn.linear_model import LogisticRegression, RidgeCV
        from sklearn.multioutput import MultiOutputClassifier
        from sklearn.neural_network import MLPClassifier, MLPRegressor
        from sklearn.preprocessing import StandardScaler
        from sklearn.utils.class_weight import compute_sample_weight

        widths = {"hidden_layer_sizes": HIDDEN} if made == "same widths" else {}
        scaler = StandardScaler().fit(rows.x)
        x, y, weight = scaler.transform(rows.x), rows.y, rows.weight
        if job.metric == "R²":
            model: Any = RidgeCV(np.logspace(-3, 3, 13))
            if made != "linear":
                model = MLPRegressor(**widths, random_state=seed)
            model = TransformedTargetRegressor(model, transformer=StandardScaler())
        elif made != "linear":
            model = MLPClassifier(**widths, random_state=seed)
        else:
            model = LogisticRegression(max_iter=5000)
            model = MultiOutputClassifier(model) if y.ndim == 2 else model
        if job.settings.get("class_weight") == "balanced":
            weight = compute_sample_weight("balanced", y)
        weights = {} if weight is None else {"sample_weight": weight}
        model.fit(x, y, **weights)
        return lambda x: model.predict(scaler.transform(x))  # type: ignore[no-any-return]

    return learn


CONTENDERS = {
    "gpugrad": of_gpugrad,
    "MLP": of_scikit_learn("defaults"),
    "MLP, 128 and 64": of_scikit_learn("same widths"),
    "linear": of_scikit_learn("linear"),
}


def score(job: Job, rows: Rows, contender: str, seed: int) -> float:
    """What a contender comes to on rows that it has not learned from."""
    import numpy as np
    from sklearn import metrics

    true, found, weights = [], [], []
    for learned, asked in parts(job, rows, seed):
        predict = CONTENDERS[contender](job, rows.at(learned), seed)
        found.append(np.asarray(predict(rows.x[asked])))
        true.append(rows.y[asked])
        weights.append(np.ones(len(asked)) if rows.weight is None else rows.weight[asked])
    y, predicted, weight = map(np.concatenate, (true, found, weights))
    if job.metric == "R²":
        return float(metrics.r2_score(y, predicted, sample_weight=weight))
    if job.metric == "micro F1":
        return float(metrics.f1_score(y, predicted, average="micro"))
    if job.metric == "balanced accuracy":
        return float(metrics.balanced_accuracy_score(y, predicted))
    return float(metrics.accuracy_score(y, predicted))


def summary(scores: list[float]) -> tuple[float, float]:
    """Mean and standard deviation over the seeds."""
    from statistics import mean, stdev

    return mean(scores), stdev(scores) if len(scores) > 1 else 0.0


def behind(scores: dict[str, list[float]]) -> list[str]:
    """The contenders that are better than gpugrad by more than noise.

    That is the standard deviation, over the seeds, of the difference on the same rows.
    """
    found = []
    for name, theirs in scores.items():
        gaps = [b - a for a, b in zip(scores["gpugrad"], theirs, strict=True)]
        mean, noise = summary(gaps)
        if name != "gpugrad" and mean > noise:
            found.append(name)
    return found


def written(scores: list[float]) -> str:
    mean, deviation = summary(scores)
    return f"{mean:.3f} ± {deviation:.3f}"


def page(report: dict[str, Any]) -> str:
    """The table of `docs/quality.md`: marked is what is better than gpugrad by more than noise."""
    lines = [f"| job | rows | | metric | {' | '.join(CONTENDERS)} |", "|---" * 8 + "|"]
    for name, job in report["jobs"].items():
        better = behind(job["scores"])
        cells = [
            f"**{written(each)}**" if contender in better else written(each)
            for contender, each in job["scores"].items()
        ]
        said = (name, f"{job['rows']:,}", job["task"], job["metric"], *cells)
        lines.append(f"| {' | '.join(said)} |")
    return "\n".join(lines)


def main() -> None:
    parser = machine.parser(__doc__, cores=1)
    parser.add_argument("--jobs", help="only jobs that contain one of these words")
    parser.add_argument("--seeds", type=int, default=5, help="how many (5)")
    parser.add_argument("--page", type=Path, metavar="FILE", help="print the table of a report")
    arguments = parser.parse_args()
    if arguments.page is not None:
        print(page(json.loads(arguments.page.read_text())))
        return
    machine.restrict(arguments.cores)
    os.environ["GPUGRAD_BACKEND"] = "numpy"
    warnings.simplefilter("ignore")                 # of MLPs that have not converged
    from job_data import JOBS

    words = (arguments.jobs or "").split(",")
    jobs = {name: job for name, job in JOBS.items() if any(word in name for word in words)}
    if not jobs:
        sys.exit(f"--jobs {arguments.jobs}: there is none of these; there are {', '.join(JOBS)}.")
    report = machine.facts(arguments.cores, PACKAGES)
    report |= {"seeds": arguments.seeds, "jobs": {}}
    print(f"\n{'':20}" + "".join(f"{name:>20}" for name in CONTENDERS))
    for name, job in jobs.items():
        rows, began = job.load(), time.perf_counter()
        scores = {
            contender: [score(job, rows, contender, seed) for seed in range(arguments.seeds)]
            for contender in CONTENDERS
        }
        seconds, better = time.perf_counter() - began, behind(scores)
        marks = f"  better: {', '.join(better)}" if better else ""
        print(f"{name:20}" + "".join(f"{written(each):>20}" for each in scores.values())
              + f"{seconds:8.0f} s{marks}", flush=True)  # fmt: skip
        report["jobs"][name] = {
            "task": job.task, "way": job.way, "metric": job.metric, "rows": len(rows.x),
            "features": rows.x.shape[1], "scores": scores,
        }  # fmt: skip
        machine.save(arguments.json, report, part=True)
    machine.save(arguments.json, report)


if __name__ == "__main__":
    main()
