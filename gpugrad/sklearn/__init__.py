"""Estimators for scikit-learn: networks that `gpugrad.train.fit` trains."""

from gpugrad.hints import install

try:
    from gpugrad.sklearn.classifier import GpugradClassifier
    from gpugrad.sklearn.regressor import GpugradRegressor
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"gpugrad.sklearn needs {error.name}, which is not installed: {install('train')}",
        name=error.name,
    ) from error

__all__ = ["GpugradClassifier", "GpugradRegressor"]


def __dir__() -> list[str]:
    return __all__
