"""What to write where a function of another library asks a Tensor for its numbers."""

from __future__ import annotations

import os
import sys

LIBRARIES: dict[str, str] = {
    "scipy.special": (
        "SciPy hands Tensors on if SCIPY_ARRAY_API=1 is set before it is imported; gg.special has "
        "functions of these names."
    ),
    "scipy.stats": (
        "gg.stats has logpdf, pdf and cdf of many distributions under SciPy's names; compose "
        "others from gg.special, or wrap the call with gg.host and give the rule of its gradient "
        "as vjp=."
    ),
    "scipy.sparse": (
        "Multiply with gg.sparse.matmul(matrix, t), solve with gg.sparse.solve(matrix, t), or wrap "
        "the call with gg.host and give the rule of its gradient as vjp=."
    ),
    "scipy.linalg": (
        "gg.linalg has solve, solve_triangular, cholesky, expm and more, or wrap the call with "
        "gg.host and give the rule of its gradient as vjp=."
    ),
    "scipy.integrate": (
        "Wrap the call with gg.host and give the rule of its gradient as vjp=, or write the steps "
        "with gg.scan."
    ),
    "scipy.optimize": (
        "Differentiate its result with gg.implicit, or wrap the call with gg.host."
    ),
    "scipy": (
        "Set SCIPY_ARRAY_API=1 before SciPy is imported, if the function knows other arrays, or "
        "wrap the call with gg.host and give the rule of its gradient as vjp=."
    ),
    "pandas": (
        "Take the array out of pandas first, x.to_numpy(), and compute with that; or pass pandas "
        "only the numbers: t.value, or gg.stop_gradient(t)."
    ),
    "jax": (
        "Make the function one of gpugrad, gg.interop.from_jax(f)(t), or pass JAX only the "
        "numbers: t.value. Its functions take no Tensors."
    ),
    "torch": (
        "Make the function one of gpugrad, gg.interop.from_torch(f)(t), or pass PyTorch only the "
        "numbers: t.value. Its functions take no Tensors."
    ),
    "matplotlib": "Pass it only the numbers: t.value, or gg.stop_gradient(t).",
    "numba": "Wrap the compiled function with gg.host and give the rule of its gradient as vjp=.",
    "numpy.ma": (
        "Masked arrays take no Tensors: take the numbers, a.filled(0), and choose with "
        "gg.where(np.ma.getmaskarray(a), 0, ...)."
    ),
    "numpy.polynomial": (
        "Evaluate with np.polyval(c[::-1], x), whose coefficients begin with the highest power; "
        "series of other polynomials, by their recursion."
    ),
    "statistics": "Write gg.mean, gg.median, gg.std and the like, which follow Tensors.",
}
"""By the library; the longest name that fits counts."""

SPECIAL = {
    "betaincc(a, b, x)": "gg.special.betainc(b, a, 1 - x)",
    "binom(n, k)": "1 / ((n + 1) * gg.special.beta(n - k + 1, k + 1))",
    "boxcox(x, c)": "gg.expm1(c * gg.log(x)) / c",
    "boxcox1p(x, c)": "gg.expm1(c * gg.log1p(x)) / c",
    "chdtr(v, x)": "gg.special.gammainc(v / 2, x / 2)",
    "chdtrc(v, x)": "gg.special.gammaincc(v / 2, x / 2)",
    "comb(n, k)": "1 / ((n + 1) * gg.special.beta(n - k + 1, k + 1))",
    "cosdg(x)": "gg.cos(gg.deg2rad(x))",
    "cosm1(x)": "-2 * gg.sin(x / 2) ** 2",
    "cotdg(x)": "1 / gg.tan(gg.deg2rad(x))",
    "erfcinv(x)": "-gg.special.ndtri(x / 2) / 2**0.5",
    "exp10(x)": "10.0**x",
    "exprel(x)": "gg.expm1(x) / x",
    "factorial(n)": "gg.special.gamma(n + 1)",
    "fdtr(a, b, x)": "gg.stats.f.cdf(x, a, b)",
    "gdtr(a, b, x)": "gg.special.gammainc(b, a * x)",
    "gdtrc(a, b, x)": "gg.special.gammaincc(b, a * x)",
    "huber(d, r)": "gg.where(gg.abs(r) <= d, r**2 / 2, d * (gg.abs(r) - d / 2))",
    "inv_boxcox(y, c)": "gg.exp(gg.log1p(c * y) / c)",
    "inv_boxcox1p(y, c)": "gg.expm1(gg.log1p(c * y) / c)",
    "ive(v, x)": "gg.special.iv(v, x) * gg.exp(-gg.abs(x))",
    "ivp(v, x)": "(gg.special.iv(v - 1, x) + gg.special.iv(v + 1, x)) / 2",
    "jve(v, x)": "gg.special.jv(v, x)",
    "jvp(v, x)": "(gg.special.jv(v - 1, x) - gg.special.jv(v + 1, x)) / 2",
    "k0(x)": "gg.special.kv(0, x)",
    "k0e(x)": "gg.special.kv(0, x) * gg.exp(x)",
    "k1(x)": "gg.special.kv(1, x)",
    "k1e(x)": "gg.special.kv(1, x) * gg.exp(x)",
    "kl_div(x, y)": "gg.special.xlogy(x, x / y) - x + y",
    "kn(n, x)": "gg.special.kv(n, x)",
    "kve(v, x)": "gg.special.kv(v, x) * gg.exp(x)",
    "kvp(v, x)": "-(gg.special.kv(v - 1, x) + gg.special.kv(v + 1, x)) / 2",
    "loggamma(x)": "gg.special.gammaln(x)",
    "ndtri_exp(y)": "gg.special.ndtri(gg.exp(y))",
    "pdtr(k, m)": "gg.special.gammaincc(k + 1, m)",
    "pdtrc(k, m)": "gg.special.gammainc(k + 1, m)",
    "perm(n, k)": "gg.special.gamma(n + 1) / gg.special.gamma(n - k + 1)",
    "poch(z, m)": "gg.exp(gg.special.gammaln(z + m) - gg.special.gammaln(z))",
    "powm1(x, y)": "gg.expm1(y * gg.log(x))",
    "pseudo_huber(d, r)": "d**2 * (gg.sqrt(1 + (r / d) ** 2) - 1)",
    "rel_entr(x, y)": "gg.special.xlogy(x, x / y)",
    "rgamma(x)": "1 / gg.special.gamma(x)",
    "sindg(x)": "gg.sin(gg.deg2rad(x))",
    "spherical_jn(n, x)": "gg.sqrt(gg.pi / (2 * x)) * gg.special.jv(n + 0.5, x)",
    "spherical_yn(n, x)": "gg.sqrt(gg.pi / (2 * x)) * gg.special.yv(n + 0.5, x)",
    "stdtr(v, x)": "gg.stats.t.cdf(x, v)",
    "tandg(x)": "gg.tan(gg.deg2rad(x))",
    "yn(n, x)": "gg.special.yv(n, x)",
    "yve(v, x)": "gg.special.yv(v, x)",
    "yvp(v, x)": "(gg.special.yv(v - 1, x) - gg.special.yv(v + 1, x)) / 2",
}
"""Functions of `scipy.special` that gpugrad has not, and what they are of real positive numbers."""

PRIVATE = {"_lambertw": "lambertw", "_riemann_zeta": "zeta", "_zeta": "zeta"}
"""Ufuncs that functions of `scipy.special` call, and the names of these."""

IN_GENERAL = (
    "{} computes with plain arrays: wrap the call with gg.host and give the rule of its gradient "
    "as vjp=, or pass it only the numbers: t.value."
)
"""What to do where another installed library asked."""

READ = (
    "To index a plain array with it, write gg.asarray(table)[i]; to take a slice of fixed length, "
    "gg.dynamic_slice(x, (start,), (n,)), or reshape x before."
)
"""What to do where integers that are not known are an index."""

MASK = (
    "How many elements a mask chooses is not known: keep the shape, with gg.where(mask, x, 0), or "
    "compute the mask of plain arrays."
)
"""The same of booleans."""


def of_library(name: str, function: str) -> str:
    """What to do where a function of the library `name` asked, which is in `LIBRARIES`."""
    switched = os.environ.get("SCIPY_ARRAY_API", "0") not in ("", "0")
    words = _SWITCHED.get(name, LIBRARIES[name]) if switched else LIBRARIES[name]
    if name != "scipy.special" or not hasattr(sys.modules.get(name), function):
        return words
    if function in sys.modules["gpugrad"].special.__all__:
        return f"Write gg.special.{function}(t).{'' if switched else f' {words}'}"
    return of_special(function) or (
        f"gg.special has no {function}: wrap the call with gg.host and give the rule of its "
        "gradient as vjp=."
    )


def of_special(function: str) -> str:
    """What to write for a function of `scipy.special` that gpugrad has not, if that is known."""
    if function == "_riemann_zeta":
        return "The zeta function has no derivative in x here; gg.special.zeta(x, q) has one in q."
    for call, way in SPECIAL.items():
        if call.partition("(")[0] == function:
            return f"Of real positive numbers, {call} is {way}."
    return ""


_SWITCHED = {
    "scipy": "Wrap the call with gg.host and give the rule of its gradient as vjp=.",
    "scipy.special": "gg.special has functions of these names.",
}
"""What is left to do where SciPy has been told to hand Tensors on."""


def names_above(module: str) -> list[str]:
    """The name of a module and of those that it is in, the longest first."""
    parts = module.split(".")
    return [".".join(parts[: n + 1]) for n in reversed(range(len(parts)))]
