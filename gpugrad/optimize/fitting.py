"""`least_squares`, `curve_fit` and `root`: SciPy's methods for residuals and systems of trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import gpugrad.tree as tree
from gpugrad.errors import InvalidArgument
from gpugrad.optimize.minimizing import as_trees, bounds_of, callback_of
from gpugrad.optimize.raveled import Vectors, raveled, scipy_optimize


def least_squares(
    residuals: Callable[..., Any],
    x0: Any,
    args: tuple[Any, ...] = (),
    *,
    bounds: Any = None,
    method: str = "trf",
    x_scale: Any = None,
    callback: Callable[..., Any] | None = None,
    jit: bool = True,
    **options: Any,
) -> Any:
    """The tree at which residuals are least, by `scipy.optimize.least_squares`.

    SciPy gets the Jacobian, compiled by `gg.jit`: in forward mode if there are more residuals than
    parameters, else in reverse mode. Everything else is as for `gg.optimize.minimize`.

    Args:
        residuals: A function `residuals(x, *args)` of a tree like `x0` that returns an array or a
            tree of arrays.
        x0: Where to start: a tree of real floating arrays and floats.
        args: Further arguments of the function, trees of arrays.
        bounds: A pair `(lower, upper)`: numbers, or trees like `x0`.
        method: `"trf"`, `"dogbox"` or `"lm"`.
        x_scale: SciPy's, or a tree with the scale of each part of `x0`.
        callback: Called after each iteration, as by `minimize`.
        jit: Whether to compile.
        **options: What else SciPy's function takes, such as `loss`, `f_scale`, `ftol`, `max_nfev`.

    Returns:
        SciPy's `OptimizeResult`, in which `x` and `grad` are trees like `x0`, and `fun` is what the
        function returns. `jac` is the matrix of all derivatives, in the order of `gg.tree.ravel`.

    Raises:
        UnsupportedOperand: For leaves that are not real floating arrays or floats.
        InvalidArgument: For bounds and scales that do not go with `x0`.
        BackendUnavailable: If SciPy is not installed.

    Example:
        >>> t = np.arange(4.0)
        >>> data = 3 * np.exp(-0.5 * t)
        >>> def residuals(p):
        ...     return p["height"] * gg.exp(-p["rate"] * t) - data
        >>> start = {"height": np.array(1.0), "rate": np.array(1.0)}
        >>> found = gg.optimize.least_squares(residuals, start)
        >>> round(float(found.x["height"]), 6), round(float(found.x["rate"]), 6)
        (3.0, 0.5)
    """
    optimize = scipy_optimize()
    vectors = Vectors("gg.optimize.least_squares", x0, jit)
    if bounds is not None:
        options["bounds"] = bounds_of(vectors, bounds)
    if x_scale is not None:
        said = isinstance(x_scale, str)
        options["x_scale"] = x_scale if said else vectors.spread("x_scale", x_scale, 1.0)
    if callback is not None:
        options["callback"] = callback_of(vectors, callback)
    result = optimize.least_squares(
        vectors.function(lambda x, *rest: raveled(residuals(x, *rest))), vectors.start,
        vectors.jacobian(residuals), method=method, args=args, **options,
    )  # fmt: skip
    made = as_trees(vectors, result)
    made.fun = residuals(made.x, *args)
    return made


def curve_fit(
    f: Callable[..., Any],
    x: Any,
    y: Any,
    params: Any,
    *,
    sigma: Any = None,
    absolute_sigma: bool = False,
    bounds: Any = None,
    method: str | None = None,
    jit: bool = True,
    **options: Any,
) -> tuple[Any, np.ndarray]:
    """The parameters of a curve that fit data best, and their covariance.

    This is `scipy.optimize.curve_fit` for a tree of parameters, with the Jacobian of gpugrad.

    Args:
        f: A function `f(x, params)` that returns an array or a tree like `y`.
        x: Where the data were taken, a tree of arrays: `f` gets it as it is.
        y: The data.
        params: Where to start: a tree of real floating arrays and floats.
        sigma: The standard deviation of each number of `y`, or the covariance matrix of all.
        absolute_sigma: Whether `sigma` counts as it is. By default it counts only up to a factor,
            which is chosen so that the residuals are as large as they are.
        bounds: A pair `(lower, upper)`: numbers, or trees like `params`.
        method: `"lm"`, the default without bounds, `"trf"` or `"dogbox"`.
        jit: Whether to compile.
        **options: What else SciPy's function takes, such as `maxfev`.

    Returns:
        The pair `(params, covariance)`: a tree, and a matrix whose rows and columns are in the
        order of `gg.tree.ravel`.

    Raises:
        UnsupportedOperand: For leaves that are not real floating arrays or floats.
        InvalidArgument: For bounds that do not go with `params`.
        RuntimeError: SciPy's, if no minimum is found.
        BackendUnavailable: If SciPy is not installed.

    Example:
        >>> x = np.arange(5.0)
        >>> y = 2 * x + 1 + np.array([0.1, -0.1, 0.0, -0.1, 0.1])
        >>> start = {"slope": np.array(1.0), "offset": np.array(0.0)}
        >>> params, covariance = gg.optimize.curve_fit(
        ...     lambda x, p: p["slope"] * x + p["offset"], x, y, start
        ... )
        >>> round(float(params["slope"]), 6), round(float(params["offset"]), 6)
        (2.0, 1.0)
        >>> _, unravel = gg.tree.ravel(params)
        >>> deviations = unravel(np.sqrt(np.diag(covariance)))
        >>> round(float(deviations["slope"]), 4), round(float(deviations["offset"]), 4)
        (0.0365, 0.0894)
    """
    optimize = scipy_optimize()
    vectors = Vectors("gg.optimize.curve_fit", params, jit, "params")

    def curve(p: Any, x: Any) -> Any:
        return raveled(f(x, p))

    given, slopes = vectors.function(curve), vectors.jacobian(curve)
    if bounds is not None:
        options["bounds"] = bounds_of(vectors, bounds)
    if sigma is not None:
        sigma = vectors.on_host(sigma if _is_matrix(sigma, y) else raveled(sigma))
    best, covariance = optimize.curve_fit(
        lambda _, *p: given(np.array(p), x), None, vectors.on_host(raveled(y)), vectors.start,
        sigma=sigma, absolute_sigma=absolute_sigma, method=method,
        jac=lambda _, *p: slopes(np.array(p), x), **options,
    )  # fmt: skip
    return vectors.tree(best), covariance


def _is_matrix(sigma: Any, y: Any) -> bool:
    """Whether it is the covariance of the data, and not a deviation of each."""
    size = sum(np.size(x) for x in tree.leaves(y))
    return getattr(sigma, "shape", None) == (size, size)


def root(
    f: Callable[..., Any],
    x0: Any,
    args: tuple[Any, ...] = (),
    method: str = "hybr",
    *,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
    jit: bool = True,
) -> Any:
    """A tree at which all numbers that `f` returns are zero, by `scipy.optimize.root`.

    The methods `"hybr"` and `"lm"` get the Jacobian. To differentiate the root by what it depends
    on, see `gg.implicit`.

    Args:
        f: A function `f(x, *args)` of a tree like `x0` that returns as many numbers, as an array or
            a tree.
        x0: Where to start: a tree of real floating arrays and floats.
        args: Further arguments of `f`, trees of arrays.
        method: SciPy's name of a method.
        tol: SciPy's tolerance.
        callback: Called with the tree after each iteration, by the methods that do so.
        options: Those of the method.
        jit: Whether to compile.

    Returns:
        SciPy's `OptimizeResult`, in which `x` is a tree like `x0`, and `fun` is what `f` returns.

    Raises:
        UnsupportedOperand: For leaves that are not real floating arrays or floats.
        InvalidArgument: If `f` does not return as many numbers.
        BackendUnavailable: If SciPy is not installed.

    Example:
        >>> def equations(p):
        ...     return [p["x"] + p["y"] - 3, p["x"] * p["y"] - 2]
        >>> found = gg.optimize.root(equations, {"x": np.array(0.5), "y": np.array(3.0)})
        >>> round(float(found.x["x"]), 6), round(float(found.x["y"]), 6)
        (1.0, 2.0)
    """
    optimize = scipy_optimize()
    vectors = Vectors("gg.optimize.root", x0, jit)
    given = vectors.function(lambda x, *rest: raveled(f(x, *rest)))
    size = given(vectors.start, *args).size
    if size != vectors.start.size and method != "lm":
        raise InvalidArgument(
            f"gg.optimize.root: f returned {size} numbers for {vectors.start.size} unknowns; "
            "expected as many. For more, use gg.optimize.least_squares."
        )
    result = optimize.root(
        given, vectors.start, args, method,
        jac=vectors.jacobian(f) if method in ("hybr", "lm") else None, tol=tol,
        callback=None if callback is None else callback_of(vectors, callback),
        options=None if options is None else dict(options),
    )  # fmt: skip
    made = as_trees(vectors, result)
    made.fun = f(made.x, *args)
    return made
