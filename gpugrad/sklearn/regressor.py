"""A regressor for scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin

from gpugrad.sklearn.estimator import Estimator, Rows


@dataclass(eq=False, repr=False)
class GpugradRegressor(RegressorMixin, Estimator):
    """A network that predicts numbers, one or several for each row, as one of scikit-learn.

    Features and targets are standardised by those of the training rows; predictions are in the
    units of the targets.

    Args:
        hidden: The widths of the hidden layers; `None` is 128 and 64.
        loss: `"squared"`, which is `"auto"`, `"absolute"` or `"huber"`, of errors in standard
            deviations of the targets.
        **parameters: The others are those of `GpugradClassifier`, but for `label_smoothing` and
            `class_weight`.

    Attributes:
        model_: What was trained, a `gpugrad.train.TrainedModel`.
        records_: What was measured after each epoch.
        loss_curve_: The loss of each epoch.
        n_iter_: How many epochs there were.
        n_features_in_: How many features.
        feature_names_in_: Their names, where rows have come with names that are texts.

    Example:
        >>> from gpugrad.sklearn import GpugradRegressor
        >>> x = np.linspace(-1.0, 1.0, 200)[:, None]
        >>> y = np.sin(3 * x[:, 0])
        >>> regressor = GpugradRegressor(backend="numpy", random_state=0).fit(x, y)
        >>> bool(regressor.score(x, y) > 0.9), regressor.predict([[0.5]]).shape
        (True, (1,))
    """

    def fit(self, X: Rows, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Any:
        """Train on the rows of `X` from new weights, and return the estimator.

        Args:
            X: Features, (rows, features), all finite.
            y: Numbers to predict, (rows,) or (rows, targets).
            sample_weight: How much each row counts, (rows,).

        Raises:
            ValueError: For arrays and parameters that cannot be used.
            Divergence: If the loss is no longer finite.
        """
        rows, y, weights = self._checked(X, y, sample_weight, y_numeric=True)
        self._fit(rows, y, weights, task="regression")
        return self

    def predict(self, X: Rows) -> NDArray[np.float64]:
        """A number for each row, or one for each target: (rows,) or (rows, targets), as `y` was."""
        outputs = self._outputs(X)
        model = self.model_
        values = model.task.predictions(outputs, model.fitted.targets).values
        return model.task.decoded(values, model.described.target)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
