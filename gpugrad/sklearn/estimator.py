"""What both estimators are: parameters that are stored, and a model that `fit` has trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from gpugrad.data.checks import as_array, check_unmasked, checked_weights
from gpugrad.errors import InvalidArgument
from gpugrad.train import Config, Progress, fit

Rows: TypeAlias = Any
"""What scikit-learn takes for rows: an array, a data frame, a list of lists."""

SETTINGS = frozenset(field.name for field in fields(Config))
"""Parameters of these names are handed to `fit`."""

FLOATS = (np.float64, np.float32)
"""The dtypes that rows keep; others become the first one."""


@dataclass(eq=False, repr=False)                    # scikit-learn has its own
class Estimator(BaseEstimator):
    """A network with the interface of scikit-learn.

    Its parameters are the fields; a dataclass, because the constructor is to store them and to do
    nothing else. What `fit` finds has a name that ends with an underscore.
    """

    hidden: Sequence[int] | None = None
    _: KW_ONLY
    model: Any = "auto"
    activation: str = "relu"
    optimizer: str = "adamw"
    lr: float | None = None
    schedule: str = "cosine"
    warmup: float = 0.0
    lr_factor: float | None = None
    lr_milestones: Sequence[int] | None = None
    lr_patience: int = 10
    weight_decay: float | None = None
    clip_norm: float = 0.0
    ema: float = 0.0
    epochs: int | None = None
    batch_size: int | None = None
    accumulate: int = 1
    loss: str = "auto"
    early_stopping: int = 0
    min_delta: float = 0.0
    validation: float = 0.0
    keep: str = "auto"
    standardise: bool = True
    dtype: str = "float32"
    precision: str = "auto"
    backend: str = "auto"
    engine: str = "auto"
    threads: int | None = None
    random_state: int | np.random.RandomState | None = None
    verbose: bool = False

    def _fit(self, x: np.ndarray, y: np.ndarray, weights: Any, **settings: Any) -> None:
        """Trains on checked rows with the parameters, of which `settings` replace some."""
        given = {k: v for k, v in self.get_params(deep=False).items() if k in SETTINGS}
        self.model_ = fit(
            x,
            y,
            sample_weight=weights,
            observer=Progress() if self.verbose else None,
            **{**given, "seed": self._seed(), **settings},
        )
        self.records_ = self.model_.records
        self.n_iter_ = len(self.records_)
        self.loss_curve_ = [record.train_loss for record in self.records_]

    def _seed(self) -> int:
        """That of the run: `random_state` if it is a whole number, else one that is drawn."""
        state = check_random_state(self.random_state)   # an error if it is none
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(state.randint(np.iinfo(np.int32).max))

    def _checked(
        self, x: Rows, y: Any, weights: Any, **checks: Any
    ) -> tuple[np.ndarray, np.ndarray, NDArray[np.float64] | None]:
        """Rows, targets and weights as arrays; a row of weight 0 is as if it were not there."""
        self._check_masks(X=x, y=y)
        x, y = validate_data(self, x, y, dtype=FLOATS, multi_output=True, **checks)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if weights is None:
            return x, y, None
        weights = as_array(type(self).__name__, "sample_weight", weights)
        weights = checked_weights(type(self).__name__, weights, len(x))
        counted = weights > 0
        if not counted.any():
            raise InvalidArgument("sample_weight is zero for all rows; expected one that counts")
        return (x, y, weights) if counted.all() else (x[counted], y[counted], weights[counted])

    def _check_masks(self, **given: Any) -> None:
        """`DataError` for masked cells, which scikit-learn takes for numbers."""
        for name, array in given.items():
            check_unmasked(type(self).__name__, name, array)

    def _outputs(self, x: Rows) -> NDArray[np.float64]:
        """What the network gives, (rows, outputs).

        In float64, so that the rows beside it change nothing in what is predicted for a row.
        """
        check_is_fitted(self)
        self._check_masks(X=x)
        rows = validate_data(self, x, dtype=FLOATS, reset=False)
        return self.model_.outputs(self.model_.encoded(rows), "float64")
