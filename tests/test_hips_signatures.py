"""The public names of HIPS autograd 1.9, module by module, with the parameters that each takes."""

from __future__ import annotations

import importlib
from inspect import Parameter, signature

import pytest

from gpugrad.autograd import modules

BY_ARGNUM = "fun argnum"

PARAMETERS: dict[str, dict[str, str]] = {
    "": {
        **dict.fromkeys(
            ("deriv", "elementwise_grad", "grad", "grad_and_aux", "hessian",
             "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad", "jacobian",
             "make_hvp", "make_jvp", "make_vjp", "tensor_jacobian_product", "value_and_grad",
             "vector_jacobian_product"), BY_ARGNUM,
        ),
        "checkpoint": "f", "grad_named": "fun argname", "make_ggnvp": "f g f_argnum",
        "multigrad_dict": "fun", "primitive": "f",
    },
    "core": {
        "make_vjp": "fun x", "make_jvp": "fun x", "defvjp": "fun argnums", "vspace": "value",
        "defvjp_argnums": "fun vjpmaker", "primitive": "f", "VSpace": "value",
    },
    "differential_operators": {"make_jvp_reversemode": BY_ARGNUM, "grad": BY_ARGNUM},
    "extend": {
        "defvjp": "fun argnums", "defjvp": "fun argnums", "defvjp_argnum": "fun vjpmaker",
        "defvjp_argnums": "fun vjpmaker", "defjvp_argnum": "fun jvpmaker",
        "defjvp_argnums": "fun jvpmaker", "primitive": "f", "notrace_primitive": "f",
        "vspace": "value", "VSpace": "value", "Box": "",
    },
    "builtins": {"isinstance": "x kinds", "type": "x", "dict": "", "list": "", "tuple": ""},
    "misc": {"flatten": "value"},
    "misc.fixed_points": {"fixed_point": "f a x0 distance tol"},
    "misc.flatten": {"flatten": "value", "flatten_func": "fun example"},
    "misc.optimizers": {
        "adam": "grad x0 callback num_iters step_size b1 b2 eps",
        "rmsprop": "grad x0 callback num_iters step_size gamma eps",
        "sgd": "grad x0 callback num_iters step_size mass",
    },
    "scipy.integrate": {"odeint": "func y0 t args"},
    "scipy.linalg": {"solve_triangular": "a b trans lower"},
    "scipy.signal": {"convolve": "A B axes dot_axes mode"},
    "scipy.special": dict.fromkeys(
        ("beta betainc betaln polygamma psi digamma gamma gammaln gammainc gammaincc gammasgn "
         "rgamma multigammaln j0 y0 j1 y1 jn yn i0 i1 iv ive erf erfc erfinv erfcinv logit expit "
         "logsumexp").split(), "",
    ),
    "scipy.stats.beta": dict.fromkeys(("cdf", "logpdf", "pdf"), ""),
    "scipy.stats.chi2": dict.fromkeys(("cdf", "logpdf", "pdf"), ""),
    "scipy.stats.dirichlet": dict.fromkeys(("logpdf", "pdf"), ""),
    "scipy.stats.gamma": dict.fromkeys(("cdf", "logpdf", "pdf"), ""),
    "scipy.stats.multivariate_normal": {
        "pdf": "x mean cov allow_singular", "logpdf": "x mean cov allow_singular",
        "entropy": "mean cov",
    },
    "scipy.stats.norm": dict.fromkeys(("pdf", "cdf", "sf", "logpdf", "logcdf", "logsf"), ""),
    "scipy.stats.poisson": dict.fromkeys(("cdf", "logpmf", "pmf"), ""),
    "scipy.stats.t": dict.fromkeys(("pdf", "cdf", "logpdf", "logcdf"), ""),
    "test_util": {"check_grads": "f argnum modes order"},
    "tracer": {"trace": "start_node fun x", "isbox": "x", "getval": "x", "Node": ""},
    "util": {"subvals": "x ivs", "subval": "x i v"},
    "wrap_util": {"unary_to_nary": "unary_operator"},
    "numpy.numpy_boxes": {"ArrayBox": ""},
    "numpy.numpy_vjps": {"unbroadcast": "x target_meta", "unbroadcast_f": "target f"},
}
"""What each function is called with, by position or by keyword, in this order."""

NAMES = [(module, name) for module, names in PARAMETERS.items() for name in names]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_names_stand_in_their_modules_with_their_parameters(module: str, name: str) -> None:
    """An own parameter may stand behind them."""
    found = getattr(importlib.import_module(f"gpugrad.autograd.{module}".rstrip(".")), name)
    wanted = PARAMETERS[module][name].split()
    if not wanted:
        assert callable(found)
        return
    taken = [
        x.name for x in signature(found).parameters.values()
        if x.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    ]
    assert taken[: len(wanted)] == wanted


@pytest.mark.parametrize("module", modules._PARTS)
def test_modules_list_what_they_have(module: str) -> None:
    here = importlib.import_module(f"gpugrad.autograd.{module}")
    for name in dir(here):
        assert hasattr(here, name), name
