"""A classifier for scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from gpugrad.sklearn.estimator import Estimator, Rows


@dataclass(eq=False, repr=False)
class GpugradClassifier(ClassifierMixin, Estimator):
    """A network that tells classes apart, or which labels hold, as an estimator of scikit-learn.

    Features are standardised by those of the training rows.

    Args:
        hidden: The widths of the hidden layers; `None` is 128 and 64.
        model: A model of your own instead, as `gpugrad.train.fit` takes it.
        activation: Between the layers.
        optimizer: A name in `gg.optim.OPTIMIZERS`.
        lr: The learning rate. This and the settings up to `threads` are those of
            `gpugrad.train.Config`; what is `None` or `"auto"` suits the number of rows.
        schedule: How the rate changes.
        warmup: Epochs in which it rises.
        lr_factor: What some schedules multiply it by.
        lr_milestones: Epochs after which `schedule="piecewise"` does so.
        lr_patience: Epochs after which `schedule="plateau"` does so.
        weight_decay: Of the weights, but not of biases.
        clip_norm: The largest norm of the gradient; 0 for any.
        ema: The decay of an average of the weights, which is then used; 0 for none.
        epochs: Passes over the training rows.
        batch_size: Rows in one batch.
        accumulate: Batches in one step.
        loss: The only one is the cross entropy.
        early_stopping: After how many epochs without a better loss of the validation rows training
            stops; 0 for never.
        min_delta: By how much a loss has to be less to be better.
        validation: The share of rows that are measured after each epoch, and not learned from.
        keep: Whose weights are used: those of the `"last"` epoch, or of the `"best"` one, by the
            loss of the validation rows; `"auto"` is the best with `early_stopping`.
        standardise: Whether features are moved to mean 0 and scaled to standard deviation 1.
        dtype: That of the weights.
        precision: What the network computes in when it is trained.
        backend: The array library.
        engine: What runs a step.
        threads: How many a matrix product gets in training.
        label_smoothing: The part of each label that is spread over all classes.
        class_weight: `"balanced"`, for as much in each class together, or a weight for each class,
            where the others have 1; not for several labels.
        random_state: A whole number for the same result each time; it is the seed of the run.
        verbose: Whether to show progress.

    Attributes:
        classes_: The labels in ascending order, (classes,); of several, their numbers.
        model_: What was trained, a `gpugrad.train.TrainedModel`.
        records_: What was measured after each epoch.
        loss_curve_: The loss of each epoch.
        n_iter_: How many epochs there were.
        n_features_in_: How many features.
        feature_names_in_: Their names, where rows have come with names that are texts.

    Example:
        >>> from gpugrad.sklearn import GpugradClassifier
        >>> x = np.linspace(-1.0, 1.0, 200)[:, None]
        >>> side = np.where(x[:, 0] > 0, "right", "left")
        >>> classifier = GpugradClassifier(epochs=20, backend="numpy", random_state=0).fit(x, side)
        >>> classifier.predict([[-0.5], [0.5]])
        array(['left', 'right'], dtype='<U5')
        >>> classifier.predict_proba([[-0.5], [0.5]]).round(1)
        array([[1., 0.],
               [0., 1.]])
    """

    _: KW_ONLY
    label_smoothing: float = 0.0
    class_weight: Mapping[Any, float] | str | None = None

    def fit(self, X: Rows, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Any:
        """Train on the rows of `X` from new weights, and return the estimator.

        Args:
            X: Features, (rows, features), all finite.
            y: A label for each row, (rows,), or which labels hold, 0 or 1, (rows, labels).
            sample_weight: How much each row counts, (rows,).

        Raises:
            ValueError: For arrays and parameters that cannot be used.
            Divergence: If the loss is no longer finite.
        """
        rows, y, weights = self._checked(X, y, sample_weight)
        check_classification_targets(y)
        if type_of_target(y) == "multilabel-indicator":
            self.classes_ = np.arange(y.shape[1])
            wanted = "none" if self.class_weight is None else self.class_weight
            self._fit(rows, y, weights, task="multilabel", class_weight=wanted)
            return self
        self.classes_, codes = np.unique(y, return_inverse=True)
        task = "binary" if len(self.classes_) == 2 else "multiclass"
        # The model has the same labels, where it can have them.
        labels = y if y.dtype.kind in "biuU" or isinstance(y[0], str) else codes
        self._fit(rows, labels, weights, task=task, class_weight=self._weights_of_classes(y))
        return self

    def predict(self, X: Rows) -> np.ndarray:
        """The class of each row, (rows,), or which labels hold, (rows, labels)."""
        outputs = self._outputs(X)
        values = self.model_.task.predictions(outputs, None).values
        found: np.ndarray = values if values.ndim == 2 else self.classes_[values]
        return found

    def predict_proba(self, X: Rows) -> NDArray[np.float64]:
        """The probability of each class, (rows, classes), or that each label holds."""
        outputs = self._outputs(X)
        shares = self.model_.task.predictions(outputs, None).shares
        assert shares is not None                   # all its tasks have them
        return shares

    def decision_function(self, X: Rows) -> NDArray[np.float64]:
        """The logits: of two classes that of the second, (rows,), else (rows, classes or labels).

        They say what the probabilities do, where these are rounded to 0 or 1, too.
        """
        outputs = self._outputs(X)
        return outputs[:, 0] if self.model_.task.name == "binary" else outputs

    def _weights_of_classes(self, y: np.ndarray) -> Any:
        """The setting for these labels."""
        if isinstance(self.class_weight, Mapping):
            each = compute_class_weight(dict(self.class_weight), classes=self.classes_, y=y)
            return tuple(each.tolist())
        return "none" if self.class_weight is None else self.class_weight

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
