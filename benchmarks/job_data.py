"""The jobs of `jobs.py`: data that come with packages, and what is to be learned of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PIECES = 2000  # of each photograph
SIDE = 6  # of a piece, in pixels
VISITS = 6000  # of the rows of randhie: enough to tell apart, and few enough to be quick
LAGS = 9  # years that a year of sunspots is predicted from


@dataclass(frozen=True)
class Rows:
    """Features (rows, features), targets, and weights of rows if they have some."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None = None

    def at(self, numbers: np.ndarray) -> Rows:
        """Some of them."""
        weight = None if self.weight is None else self.weight[numbers]
        return Rows(self.x[numbers], self.y[numbers], weight)


@dataclass(frozen=True)
class Job:
    """What is learned of which data, and by which way gpugrad is asked for it.

    `settings` are those that the job itself asks for, such as weights of classes; the rest is left
    to the defaults.
    """

    task: str
    load: Callable[[], Rows]
    way: str = "fit"  # or "estimator", or "command"
    metric: str = "accuracy"
    settings: dict[str, Any] = field(default_factory=dict)


def _sklearn(name: str, target: Callable[[Any], np.ndarray] = lambda y: y) -> Callable[[], Rows]:
    def load() -> Rows:
        import sklearn.datasets

        x, y = getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
        return Rows(x, target(y))

    return load


def _table(
    name: str,
    target: Callable[[Any], Any],
    leave_out: str = "",
    weight: Callable[[Any], Any] = lambda table: None,
    number: int | None = None,
) -> Callable[[], Rows]:
    """A table of statsmodels: features are all columns but those that are left out."""
    def load() -> Rows:
        import statsmodels.api as sm

        table = getattr(sm.datasets, name).load_pandas().data.dropna()
        if number is not None:
            table = table.sample(number, random_state=0)
        x = table.drop(columns=leave_out.split()).to_numpy(float)
        found = weight(table)
        return Rows(x, np.asarray(target(table)), None if found is None else np.asarray(found))

    return load


def _photographs() -> Rows:
    """Small pieces of two photographs, and of which of them each is."""
    from sklearn.datasets import load_sample_images
    from sklearn.feature_extraction.image import extract_patches_2d

    pieces = [
        extract_patches_2d(image, (SIDE, SIDE), max_patches=PIECES, random_state=0)
        for image in load_sample_images().images
    ]
    x = np.concatenate(pieces).reshape(2 * PIECES, -1).astype(float)
    return Rows(x, np.repeat(["pagoda", "flower"], PIECES))


def _properties(digits: np.ndarray) -> np.ndarray:
    """Whether each is even, is large, and has a hole."""
    holed = np.isin(digits, (0, 6, 8, 9))
    return np.stack([digits % 2 == 0, digits > 4, holed], axis=1).astype(int)


def _travellers() -> Rows:
    """What each of four ways to travel costs a person in time and money, and which was chosen."""
    import statsmodels.api as sm

    table = sm.datasets.modechoice.load_pandas().data
    shaped = table.to_numpy(float).reshape(-1, 4, table.shape[1])
    columns = list(table.columns)
    ways = shaped[:, :, [columns.index(name) for name in ("ttme", "invc", "invt", "gc")]]
    person = shaped[:, 0, [columns.index(name) for name in ("hinc", "psize")]]
    x = np.concatenate([ways.reshape(len(ways), -1), person], axis=1)
    return Rows(x, shaped[:, :, columns.index("choice")].argmax(axis=1))


def _sunspots() -> Rows:
    import statsmodels.api as sm

    spots = sm.datasets.sunspots.load_pandas().data["SUNACTIVITY"].to_numpy(float)
    windows = np.lib.stride_tricks.sliding_window_view(spots, LAGS + 1)
    return Rows(windows[:, :-1], windows[:, -1])


def _firms() -> Rows:
    import statsmodels.api as sm

    table = sm.datasets.grunfeld.load_pandas().data
    firms = np.unique(table["firm"], return_inverse=True)[1]
    numbers = table[["value", "capital", "year"]].to_numpy(float)
    x = np.concatenate([numbers, np.eye(firms.max() + 1)[firms]], axis=1)
    return Rows(x, table["invest"].to_numpy(float))


JOBS = {
    "iris": Job("multiclass", _sklearn("iris"), "estimator"),
    "wine": Job("multiclass", _sklearn("wine")),
    "digits": Job("multiclass", _sklearn("digits"), "estimator"),
    "modechoice": Job("multiclass", _travellers),
    "breast-cancer": Job("binary", _sklearn("breast_cancer"), "command"),
    "photographs": Job("binary", _photographs, "estimator"),
    "anes96": Job(
        "binary", _table("anes96", lambda t: t.vote.astype(int), "vote logpopul"), "command"
    ),
    "spector": Job(
        "binary", _table("spector", lambda t: t.GRADE.astype(int), "GRADE"), "estimator"
    ),
    "fair": Job(
        "binary, rare class",
        _table("fair", lambda t: np.where(t.affairs > 1, "yes", "no"), "affairs"),
        "estimator",
        "balanced accuracy",
        {"class_weight": "balanced"},
    ),
    "digits, properties": Job(
        "multilabel",
        _sklearn("digits", lambda y: _properties(y)),
        metric="micro F1",
    ),
    "diabetes": Job("regression", _sklearn("diabetes"), "estimator", "R²"),
    "engel": Job("regression", _table("engel", lambda t: t.foodexp, "foodexp"), "fit", "R²"),
    "ccard": Job(
        "regression", _table("ccard", lambda t: t.AVGEXP, "AVGEXP INCOMESQ"), "estimator", "R²"
    ),
    "grunfeld": Job("regression", _firms, "estimator", "R²"),
    "sunspots": Job("regression", _sunspots, "fit", "R²"),
    "randhie": Job(
        "regression",
        _table("randhie", lambda t: np.log1p(t.mdvis), "mdvis", number=VISITS),
        "command",
        "R²",
    ),
    "star98": Job(
        "regression, weights",
        _table(
            "star98", lambda t: t.NABOVE / (t.NABOVE + t.NBELOW), "NABOVE NBELOW",
            weight=lambda t: t.NABOVE + t.NBELOW,
        ),
        "estimator",
        "R²",
    ),
    "linnerud": Job("regression, 3 targets", _sklearn("linnerud"), "fit", "R²"),
    "elnino": Job(
        "regression, 3 targets",
        _table("elnino", lambda t: t[["OCT", "NOV", "DEC"]], "OCT NOV DEC"),
        "estimator",
        "R²",
    ),
    "statecrime": Job(
        "regression, 2 targets",
        _table("statecrime", lambda t: t[["violent", "murder"]], "violent murder"),
        "fit",
        "R²",
    ),
}  # fmt: skip
