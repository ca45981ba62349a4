"""scikit-learn, as far as it dispatches by the standard: `array_api_dispatch=True`."""

from __future__ import annotations

from typing import Any

import numpy as np
from case import Case, P

M = "sklearn.metrics"


def _each(f: Any, *arrays: Any) -> Any:
    """One number for each column, as an array: without, such a function gives Python's floats."""
    return f(*arrays, multioutput="raw_values")


def _scaled(scaler: Any, x: Any) -> Any:
    with np.errstate(invalid="ignore"):             # 0 / 0, which is overwritten
        return scaler().fit_transform(x)


LEARN = [
    *(
        Case(f"{M}.{name}", P(6, 2), P(6, 2), call=_each)
        for name in (
            "explained_variance_score", "mean_absolute_error", "mean_absolute_percentage_error",
            "mean_pinball_loss", "mean_squared_error", "mean_squared_log_error",
            "median_absolute_error", "r2_score", "root_mean_squared_error",
        )
    ),
    *(
        Case(f"{M}.pairwise.{name}", P(4, 3), P(4, 3))
        for name in (
            "additive_chi2_kernel", "chi2_kernel", "cosine_distances", "cosine_similarity",
            "euclidean_distances", "laplacian_kernel", "linear_kernel", "manhattan_distances",
            "paired_cosine_distances", "paired_euclidean_distances", "paired_manhattan_distances",
            "polynomial_kernel", "rbf_kernel", "sigmoid_kernel",
        )
    ),
    *(
        Case(f"sklearn.preprocessing.{name}", P(5, 3), call=_scaled)
        for name in (
            "MaxAbsScaler", "MinMaxScaler", "Normalizer", "PolynomialFeatures", "StandardScaler",
        )
    ),
    *(
        Case(f"sklearn.preprocessing.{name}", P(5, 3))
        for name in ("maxabs_scale", "minmax_scale", "normalize")
    ),
    Case("sklearn.decomposition.PCA", P(6, 3),
         call=lambda f, x: f(2, svd_solver="full").fit_transform(x)),
    Case("sklearn.linear_model.Ridge", P(6, 3), P(6),
         call=lambda f, x, y: f(solver="svd").fit(x, y).predict(x)),
    Case("sklearn.preprocessing.KernelCenterer", P(5, 3),
         call=lambda f, x: f().fit_transform(x @ x.T)),
]  # fmt: skip
