"""array-api-extra."""

from __future__ import annotations

import numpy as np
from case import Case, N, P, Z, xp_of

X = "array_api_extra"

WRITES = [
    *(
        Case(f"{X}.at", P(6), P(3), label=name,
             call=lambda f, x, v, name=name: getattr(f(2 * x, slice(1, 4)), name)(v))
        for name in ("add", "divide", "max", "min", "multiply", "power", "set", "subtract")
    ),
    *(
        Case(f"{X}.at", P(6), P(), label=f"{name} by a mask",
             call=lambda f, x, v, name=name: getattr(f(2 * x)[x > 0.5], name)(v))
        for name in ("multiply", "set")
    ),
]

EXTRAS = [
    *WRITES,
    *(
        Case(f"{X}.{name}", N(8))
        for name in (
            "deg2rad", "nan_to_num", "nanmax", "nanmean", "nanmin", "nansum", "rad2deg", "sinc",
        )
    ),
    Case(f"{X}.angle", Z(8)),
    Case(f"{X}.apply_where", N(5), N(5),
         call=lambda f, x, y: f(x > 0, (x, y), lambda x, y: xp_of(x).log(x) * y,
                                lambda x, y: x - y)),
    Case(f"{X}.apply_where", N(5), label="fill",
         call=lambda f, x: f(x > 0, x, xp_of(x).log, fill_value=0.0)),
    Case(f"{X}.atleast_nd", N(8), call=lambda f, x: f(x, ndim=3)),
    Case(f"{X}.cov", N(3, 5)),
    Case(f"{X}.create_diagonal", N(4), call=lambda f, x: f(x, offset=1)),
    Case(f"{X}.kron", N(2, 3), N(2, 2)),
    Case(f"{X}.lazy_apply", N(4), call=lambda f, x: f(np.sin, x)),
    Case(f"{X}.pad", N(8), call=lambda f, x: f(x, 2, constant_values=1.0)),
    Case(f"{X}.partition", N(8), call=lambda f, x: f(x, 2)),
    Case(f"{X}.union1d", N(8), N(3)),
]  # fmt: skip
