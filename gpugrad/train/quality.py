"""Metrics of a report, by scikit-learn: a number, or the reason why there is none.

What is undefined, as the area under the curve of rows that are all of one class, is asked for
before: scikit-learn would warn, or give a number that means nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

Weights = NDArray[np.float64] | None
Shares = NDArray[np.float64]

BINS = 15
"""Of the calibration error: as many as in the paper that made it known."""


def of_numbers(y: Shares, found: Shares, weight: Weights) -> dict[str, float | str]:
    """R2, mean absolute and root mean squared error of (rows, targets), means over targets."""
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(((y - found) ** 2).sum()):
            return dict.fromkeys(("r2", "mae", "rmse"), "the errors are too large for float64")
    return {
        "r2": _r2(y, found, weight),
        "mae": float(metrics.mean_absolute_error(y, found, sample_weight=weight)),
        "rmse": float(metrics.root_mean_squared_error(y, found, sample_weight=weight)),
    }


def of_each_number(y: Shares, found: Shares, weight: Weights) -> list[dict[str, float | str]]:
    """The same of each target for itself."""
    return [of_numbers(y[:, [i]], found[:, [i]], weight) for i in range(y.shape[1])]


def _r2(y: Shares, found: Shares, weight: Weights) -> float | str:
    used = y if weight is None else y[weight > 0]
    if len(used) < 2:
        return "there are fewer than two rows"
    if (used == used[0]).all(axis=0).any():
        return "a target is the same in all rows"
    return float(metrics.r2_score(y, found, sample_weight=weight))


def of_classes(
    y: NDArray[np.int64], found: NDArray[np.int64], shares: Shares, weight: Weights
) -> dict[str, float | str]:
    """What is measured of numbers of classes (rows,), and probabilities (rows, classes)."""
    classes = np.arange(shares.shape[1])
    two = len(classes) == 2
    there = present(y, weight)
    accuracy = float(metrics.accuracy_score(y, found, sample_weight=weight))
    if two:
        f1 = metrics.f1_score(y, found, zero_division=0, sample_weight=weight)
    else:
        f1 = metrics.f1_score(
            y, found, labels=classes, average="macro", zero_division=0, sample_weight=weight
        )
    scores: dict[str, float | str] = {"accuracy": accuracy, "f1" if two else "macro_f1": float(f1)}
    missing = sorted(set(classes.tolist()) - set(there.tolist()))
    if missing:
        scores["auroc"] = f"there is no row of class {missing[0]}"
    else:
        scores["auroc"] = float(
            metrics.roc_auc_score(y, shares[:, 1], sample_weight=weight) if two
            else metrics.roc_auc_score(
                y, shares, labels=classes, multi_class="ovr", sample_weight=weight
            )
        )  # fmt: skip
    if two:
        scores["average_precision"] = (
            float(metrics.average_precision_score(y, shares[:, 1], sample_weight=weight))
            if 1 in there else "there is no row of class 1"
        )  # fmt: skip
    scores["log_loss"] = float(
        metrics.log_loss(y, shares, labels=classes, sample_weight=weight)
    )
    if two:
        positive = shares[:, 1]
        scores["brier"] = float(metrics.brier_score_loss(y, positive, sample_weight=weight))
    confidence = shares.max(axis=1)
    scores["ece"] = calibration_error(confidence, found == y, weight)
    return scores


def of_labels(
    y: NDArray[np.int64], found: NDArray[np.int64], shares: Shares, weight: Weights
) -> dict[str, float | str]:
    """What is measured of whether each label holds, all (rows, labels)."""
    def f1(average: str) -> float:
        return float(
            metrics.f1_score(y, found, average=average, zero_division=0, sample_weight=weight)
        )

    one_only = [i for i in range(y.shape[1]) if len(present(y[:, i], weight)) < 2]
    never = [i for i in range(y.shape[1]) if 1 not in present(y[:, i], weight)]
    return {
        "micro_f1": f1("micro"),
        "macro_f1": f1("macro"),
        "exact_match": float(np.average((y == found).all(axis=1), weights=weight)),
        "auroc": f"label {one_only[0]} is the same in all rows" if one_only
        else _mean(metrics.roc_auc_score, y, shares, weight),
        "average_precision": f"label {never[0]} holds in no row" if never
        else _mean(metrics.average_precision_score, y, shares, weight),
        "log_loss": _mean(partial(metrics.log_loss, labels=[0, 1]), y, shares, weight),
    }  # fmt: skip


def _mean(score: Callable[..., float], y: np.ndarray, shares: Shares, weight: Weights) -> float:
    """The mean of a score over labels."""
    columns = zip(y.T, shares.T, strict=True)
    return float(np.mean([score(a, b, sample_weight=weight) for a, b in columns]))


def calibration_error(confidence: Shares, right: np.ndarray, weight: Weights) -> float:
    """The expected calibration error: how far confidence is from accuracy, on average.

    In `BINS` equal bins of confidence, each with the weight of its rows: C. Guo et al., "On
    calibration of modern neural networks" (2017).
    """
    weights = np.ones(len(confidence)) if weight is None else weight
    gaps = np.bincount(bin_of(confidence), weights * (confidence - right), BINS)
    return float(np.abs(gaps).sum() / weights.sum())


def bin_of(confidence: Shares) -> NDArray[np.int64]:
    """The bin of each confidence; one on a border belongs to the bin below."""
    return np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)


def f1_of_each(y: NDArray[np.int64], found: NDArray[np.int64], weight: Weights) -> Shares:
    """The F1 of each label, (labels,)."""
    each = metrics.f1_score(y, found, average=None, zero_division=0, sample_weight=weight)
    return np.asarray(each)


def present(y: np.ndarray, weight: Weights) -> np.ndarray:
    """The different values in `y`, of the rows that count."""
    return np.unique(y if weight is None else y[weight > 0])
