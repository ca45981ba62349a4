"""`minimize`: SciPy's minimisers of functions of trees."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from gpugrad.errors import InvalidArgument
from gpugrad.optimize.raveled import Function, Vectors, raveled, scipy_optimize
from gpugrad.transforms.reverse import split_aux, stop_gradient

_TAKES: dict[str, tuple[str, ...]] = {
    "nelder-mead": (), "powell": (), "cobyla": (), "cobyqa": (),
    "cg": ("jac",), "bfgs": ("jac",), "l-bfgs-b": ("jac",), "tnc": ("jac",), "slsqp": ("jac",),
    "newton-cg": ("jac", "hessp"), "trust-ncg": ("jac", "hessp"), "trust-krylov": ("jac", "hessp"),
    "trust-constr": ("jac", "hessp"), "dogleg": ("jac", "hess"), "trust-exact": ("jac", "hess"),
}  # fmt: skip
"""The derivatives that SciPy's methods make use of."""


def minimize(
    f: Callable[..., Any],
    x0: Any,
    args: tuple[Any, ...] = (),
    method: str | Callable[..., Any] | None = None,
    *,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
    has_aux: bool = False,
    jit: bool = True,
) -> Any:
    """The minimum of `f`, a function of a tree, by `scipy.optimize.minimize`.

    `f` is compiled by `gg.jit`, and gives SciPy its value and gradient in one run. Newton's methods
    and those of trust regions also get the Hessian, or its product with a vector, and constraints
    their Jacobians. SciPy works on a vector in float64 on the host; `f` is computed in the dtypes
    and the library of the leaves.

    Args:
        f: A function `f(x, *args)` of a tree like `x0` that returns one real number.
        x0: Where to start: a tree of real floating arrays, such as a model. Floats in it are arrays
            without axes to `f`, of float64 or of the dtype that the arrays beside them have.
        args: Further arguments of `f`, trees of arrays.
        method: SciPy's name of a method. By default it is BFGS, L-BFGS-B with `bounds`, and SLSQP
            with `constraints`.
        bounds: A pair `(lower, upper)`, or a `scipy.optimize.Bounds`. Each side is a number, or a
            tree with a number or an array for each part of `x0`, and `None` for no bound.
        constraints: One or several of SciPy's: dictionaries with `type` and `fun`, or
            `NonlinearConstraint`, with a function of a tree that returns one, and without
            derivatives; `LinearConstraint` is one of the vector of `gg.tree.ravel`.
        tol: SciPy's tolerance.
        callback: Called after each iteration with the tree; if its only parameter is
            `intermediate_result`, with a result.
        options: Those of the method.
        has_aux: Whether `f` returns a pair `(number, aux)`. The `aux` of the solution is then in
            the result.
        jit: Whether to compile. Set it to False for a function that looks at values.

    Returns:
        SciPy's `OptimizeResult`, in which `x` and the gradient `jac` are trees like `x0`.

    Raises:
        UnsupportedOperand: For leaves that are not real floating arrays or floats.
        InvalidArgument: For a method that SciPy does not have, bounds that do not go with `x0`, and
            a result that is not one number.
        BackendUnavailable: If SciPy is not installed.

    Example:
        >>> def rosenbrock(p):
        ...     return (1 - p["a"]) ** 2 + 100 * (p["b"] - p["a"] ** 2) ** 2
        >>> start = {"a": -1.0, "b": 2.0}
        >>> found = gg.optimize.minimize(rosenbrock, start)
        >>> round(float(found.x["a"]), 4), found.success
        (1.0, True)
        >>> found = gg.optimize.minimize(rosenbrock, start, bounds=(None, {"a": 0.5, "b": None}))
        >>> found.x["a"], round(float(found.x["b"]), 4)
        (array(0.5), 0.25)
    """
    optimize = scipy_optimize()
    takes = _taken(method)
    vectors = Vectors("gg.optimize.minimize", x0, jit)
    number = (lambda *given: split_aux(f(*given))[0]) if has_aux else f
    given: dict[str, Any] = {"tol": tol, "options": None if options is None else dict(options)}
    if "jac" in takes:
        given["jac"] = True
    if "hess" in takes:
        given["hess"] = vectors.hessian(number)
    if "hessp" in takes:
        given["hessp"] = vectors.hvp(number)
    if bounds is not None:
        given["bounds"] = bounds_of(vectors, bounds)
    if constraints:
        given["constraints"] = _constraints(vectors, constraints, method)
    if callback is not None:
        given["callback"] = callback_of(vectors, callback)
    function = vectors.value_and_grad(number) if "jac" in takes else vectors.value(number)
    result = optimize.minimize(function, vectors.start, args, method, **given)
    made = as_trees(vectors, result)
    if has_aux:
        made.aux = stop_gradient(split_aux(f(made.x, *args))[1])
    return made


def _taken(method: object) -> tuple[str, ...]:
    if method is None:
        return ("jac",)
    if callable(method):
        return ("jac", "hess", "hessp")
    takes = _TAKES.get(method.lower()) if isinstance(method, str) else None
    if takes is None:
        raise InvalidArgument(
            f"gg.optimize.minimize: method is {method!r}; SciPy has {', '.join(sorted(_TAKES))}."
        )
    return takes


def bounds_of(vectors: Vectors, bounds: Any) -> Any:
    """SciPy's bounds of a vector."""
    kind = scipy_optimize().Bounds
    if isinstance(bounds, kind):
        sides, feasible = (bounds.lb, bounds.ub), bounds.keep_feasible
    elif isinstance(bounds, tuple) and len(bounds) == 2:
        sides, feasible = bounds, False
    else:
        raise InvalidArgument(
            f"bounds is a {type(bounds).__name__}; expected a pair (lower, upper), each a number, "
            "None, or a tree of these like x0."
        )
    lower = vectors.spread("the lower bound", sides[0], -np.inf)
    return kind(lower, vectors.spread("the upper bound", sides[1], np.inf), feasible)


def _constraints(vectors: Vectors, constraints: Any, method: object) -> list[Any]:
    one = isinstance(constraints, Mapping) or not isinstance(constraints, Iterable)
    exact = isinstance(method, str) and method.lower() == "trust-constr"
    given = [constraints] if one else constraints
    return [_constraint(vectors, constraint, exact) for constraint in given]


def _constraint(vectors: Vectors, constraint: Any, exact: bool) -> Any:
    """A constraint of a vector with its derivatives; for `exact`, as one of SciPy's objects."""
    optimize = scipy_optimize()
    if isinstance(constraint, optimize.LinearConstraint):
        return constraint
    if isinstance(constraint, optimize.NonlinearConstraint):
        sides = tuple(vectors.on_host(raveled(x)) for x in (constraint.lb, constraint.ub))
        return _nonlinear(vectors, constraint.fun, sides, exact, constraint.keep_feasible)
    if not isinstance(constraint, Mapping) or not {"type", "fun"} <= constraint.keys():
        raise InvalidArgument(
            f"a constraint is {constraint!r}; expected a dictionary with type, 'eq' or 'ineq', "
            "and fun, or a NonlinearConstraint or LinearConstraint of SciPy."
        )
    f, args = constraint["fun"], tuple(constraint.get("args", ()))
    if exact:
        upper = np.inf if constraint["type"] == "ineq" else 0.0
        return _nonlinear(vectors, lambda x: f(x, *args), (0.0, upper), exact)
    return {
        "type": constraint["type"], "args": args,
        "fun": vectors.function(lambda x, *args: raveled(f(x, *args))), "jac": vectors.jacobian(f),
    }  # fmt: skip


def _nonlinear(
    vectors: Vectors, f: Function, sides: tuple[Any, ...], exact: bool, feasible: Any = False
) -> Any:
    """`sides[0] <= f(x) <= sides[1]`, with its Jacobian and, if `exact`, its curvature."""
    from scipy.sparse.linalg import LinearOperator

    given: dict[str, Any] = {"jac": vectors.jacobian(f), "keep_feasible": feasible}
    if exact:
        product = vectors.hvp(lambda x, weights: (raveled(f(x)) * weights).sum())
        given["hess"] = lambda x, weights: LinearOperator(
            (x.size, x.size), lambda p: product(x, p.ravel(), weights)
        )
    of_vector = vectors.function(lambda x: raveled(f(x)))
    return scipy_optimize().NonlinearConstraint(of_vector, *sides, **given)


def callback_of(vectors: Vectors, callback: Callable[..., Any]) -> Callable[..., Any]:
    """A callback of a tree as one of SciPy's, which looks at the names of its parameters."""
    try:
        names = set(inspect.signature(callback).parameters)
    except (TypeError, ValueError):                 # some that are written in C have none
        names = set()
    if names == {"intermediate_result"}:

        def with_result(intermediate_result: Any) -> Any:
            return callback(intermediate_result=as_trees(vectors, intermediate_result))

        return with_result
    return lambda x, *state: callback(vectors.tree(x))


def as_trees(vectors: Vectors, result: Any) -> Any:
    """A result of SciPy with trees in the place of its vectors."""
    made = type(result)(result)
    made.x = vectors.tree(result.x)
    for name in ("jac", "grad"):                    # trust-constr has the Jacobians in `jac`
        slope = result.get(name)
        if isinstance(slope, np.ndarray) and slope.shape == vectors.start.shape:
            made[name] = vectors.tree(slope)
    return made
