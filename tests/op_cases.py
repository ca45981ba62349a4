"""Operands for the generated tests: every op of the registry, with shapes and settings to try.

An elementwise op needs no cases: it is tried on broadcasting shapes. Any other op has them as
`example=` in its `@op`, or in `SPECIAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gpugrad.backends.host_calls import HostFunction
from gpugrad.core.op_info import Call, Shape
from gpugrad.core.op_info import of as S
from gpugrad.core.registry import all_ops, get_op

BACKENDS = ("numpy", "planned", "strict", "blind", "cupy")
"""The array libraries on which every rule is tried; NumPy with direct sweeps, and with planned ones
of arrays that are read-only.
"""

LOW, HIGH = 0.3, 0.9
"""The interval of the values: inside the domain of every elementwise function."""


@dataclass(frozen=True)
class Case:
    """Operands of an op: shapes to fill, arrays as they are, tuples of these, or `None`."""

    op: str
    operands: tuple[Any, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    label: str = ""

    def __str__(self) -> str:
        shapes = ",".join(_describe(x) for x in self.operands)
        settings = ",".join(f"{k}={v}" for k, v in self.settings.items())
        return self.label or f"{self.op}({shapes}{';' if settings else ''}{settings})".replace(
            " ", ""
        )

    def arrays(self, dtype: str = "float64", seed: int = 0) -> tuple[Any, ...]:
        """The operands as host arrays, shapes filled with distinct random values of `dtype`."""
        generator = np.random.default_rng(seed)
        return tuple(_filled(x, dtype, generator, i) for i, x in enumerate(self.operands))

    def call(self, arrays: tuple[Any, ...]) -> Any:
        """The op applied to `arrays`."""
        return get_op(self.op).function(*arrays, **self.settings)


def _describe(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"{x.dtype}{list(x.shape)}"
    return repr(tuple(x)) if isinstance(x, Shape) else repr(x)


def _filled(x: Any, dtype: str, generator: np.random.Generator, i: int) -> Any:
    if isinstance(x, Shape):
        size = int(np.prod(x, dtype=int))
        # Evenly spaced and shuffled, and apart from the other operands: nothing is near a tie.
        values = LOW + (HIGH - LOW) * (generator.permutation(size) + 0.3 + 0.2 * i) / max(size, 1)
        if np.dtype(dtype).kind == "c":
            values = values + 1j * generator.permutation(values)
        return values.reshape(x).astype(dtype)
    if isinstance(x, tuple) and any(isinstance(part, Shape) for part in x):
        return tuple(_filled(part, dtype, generator, i) for part in x)
    return x


I = np.array([2, 0, 2])  # noqa: E741  # integer index with a repetition
LABELS = np.array([1, 0, 3])
TURNED = (("permute_dims", (1, 0)), ("getitem", (slice(None, None, -1), ...)))
MASK = np.array([[True, False, True], [False, True, False]])

UNARY = [S(2, 3), S(), S(2, 0, 3)]
BINARY = [
    (S(2, 3), S(2, 3)),
    (S(2, 3), S(3)),
    (S(2, 1), S(1, 3)),
    (S(), S(3)),
    (S(), S()),
    (S(0, 3), S(1, 3)),
]
TERNARY = [
    (S(2, 3), S(2, 3), S(2, 3)),
    (S(2, 3), S(3), S(2, 1)),
    (S(), S(3), S()),
    (S(0, 3), S(), S(1, 3)),
]
WHOLE = np.array([1, 2, 3])
REDUCED = [
    (S(2, 3), {}),
    (S(2, 3), {"axis": 0}),
    (S(2, 3), {"axis": -1, "keepdims": True}),
    (S(2, 3, 4), {"axis": (0, 2)}),
    (S(1, 3), {"axis": 0}),
    (S(), {}),
]

WIDER = {"axis": 0, "dtype": np.float64}
"""Settings of a reduction that converts its elements."""


def _reductions(name: str, *, empty: bool) -> list[Case]:
    cases = [Case(name, (shape,), settings) for shape, settings in REDUCED]
    return [*cases, Case(name, (S(0, 3),), {"axis": 0})] if empty else cases


def _settings(name: str, *cases: tuple[Any, ...]) -> list[Case]:
    return [Case(name, operands, settings) for operands, settings in cases]


RNG = np.random.default_rng(0)

UNEQUAL = np.array([[[1.1, 0.4, -0.2], [0.3, 2.0, 0.2], [0.1, 0.5, 3.7]]])
POSITIVE = 0.5 * np.eye(3) + 0.1 * (lambda x: x + x.mT)(RNG.uniform(0.3, 0.9, (2, 3, 3)))
"""Symmetric positive definite matrices."""

CORRELATIONS: list[tuple[Any, Any, Any, dict[str, Any]]] = [
    ((2, 2, 3), (1, 2, 2), (2, 1, 3),
     {"pads": ((1, 0),), "strides": (1,), "dilations": (1,), "groups": 1}),
    ((1, 2, 3, 4), (2, 1, 2, 3), (1, 2, 3, 1),
     {"pads": ((0, 1), (1, 0)), "strides": (1, 2), "dilations": (1, 2), "groups": 2}),
]  # fmt: skip
"""Shapes of a batch, of weights, and of their correlation, with settings."""

ONE_EACH = [S(1, 3), S()]
"""Shapes whose reductions above are of one element: its deviation has a kink there."""


def _cumulative(name: str) -> list[Case]:
    return _settings(
        name,
        ((S(4),), {}),
        ((S(2, 3),), {"axis": 0}),
        ((S(2, 3),), {"axis": -1, "include_initial": True}),
        ((S(2, 5, 2),), {"axis": 1}),
        ((S(0, 3),), {"axis": 0}),
        ((S(2, 3),), WIDER),
    )


def _transforms(name: str) -> list[Case]:
    return _settings(
        name,
        ((S(5),), {}),
        ((S(4, 2),), {"axis": 0, "norm": "ortho"}),
        ((S(2, 4),), {"n": 3, "norm": "forward"}),
        ((S(2, 3),), {"n": 6, "axis": 1}),
    )


def _sorts(name: str) -> list[Case]:
    return _settings(
        name,
        ((S(5),), {}),
        ((S(2, 3),), {"axis": 0}),
        ((S(2, 4),), {"axis": -1, "descending": True}),
        ((S(3, 2),), {"axis": 0, "stable": False}),
    )


_KEYS: list[tuple[Any, ...]] = [
    (1,),
    (-1, 0),
    (slice(None, None, -1),),
    (..., 1),
    (None, slice(1, 2), None),
    (slice(0, 0),),
]

KEY = np.array([7, 9], np.uint32)

HYPOT = HostFunction(
    np.hypot, lambda a, b: ((np.broadcast_shapes(a[0], b[0]), np.result_type(a[1], b[1])),)
)

SPECIAL: dict[str, list[Case]] = {
    "where": [
        Case("where", (MASK, S(2, 3), S(2, 3))),
        Case("where", (MASK, S(1), S())),
        Case("where", (MASK[:, :1], S(3), S(2, 1))),
    ],
    "clip": [
        Case("clip", (S(2, 3), np.array(0.42), np.array(0.7))),
        Case("clip", (S(2, 3), np.array([[0.4], [0.5]]), None)),
        Case("clip", (S(2, 3), None, np.array([0.5, 0.6, 0.7]))),
        Case("clip", (S(6), S(6), S(6))),
    ],
    "random_bits": [Case("random_bits", (KEY,), {"shape": shape}) for shape in ((5,), (2, 4), ())],
    "random_uniform": [
        Case("random_uniform", (KEY,), {"shape": (3, 3), "dtype": dtype})
        for dtype in ("float32", "float64")
    ],
    "acosh": [
        Case("acosh", (np.asarray(1 / RNG.uniform(0.3, 0.9, shape)),))
        for shape in ((3,), (2, 3), ())
    ],
    "copysign": [
        Case("copysign", (S(2, 3), np.array([1.0, -1.0, -0.0]))),
        Case("copysign", (-RNG.uniform(0.3, 0.9, (2, 3)), np.array(-2.0))),
    ],
    **{                                             # by numbers that leave no jump near
        name: [
            Case(name, (S(2, 3), np.array([0.25, -0.22, 0.7]))),
            Case(name, (-RNG.uniform(0.3, 0.9, (2, 1)), np.array([0.25, -0.2, 0.7]))),
        ]
        for name in ("remainder", "fmod")
    },
    "prod": [*_reductions("prod", empty=True), Case("prod", (S(2, 3),), WIDER)],
    "var": [
        *_reductions("var", empty=False),
        Case("var", (S(4, 3),), {"axis": 0, "correction": 1}),
    ],
    "std": [
        *[case for case in _reductions("std", empty=False) if case.operands[0] not in ONE_EACH],
        Case("std", (S(4, 3),), {"axis": 0, "correction": 1.5}),
    ],
    "cumulative_sum": _cumulative("cumulative_sum"),
    "cumulative_prod": [
        *_cumulative("cumulative_prod"),
        Case("cumulative_prod", (np.array([2.0, 0.0, 3.0, 0.0, 5.0]),)),
    ],
    "sort": [*_sorts("sort"), Case("sort", (S(2, 3),), {"axis": None})],
    "argsort": _sorts("argsort"),
    "reverse_cumulative_sum": [
        Case("reverse_cumulative_sum", (S(*shape),), {"axis": axis})
        for shape, axis in (((4,), 0), ((3, 4), 0), ((3, 4), -1), ((2, 3, 2), 1), ((0, 3), 0))
    ],
    **{
        name: [
            Case(name, (x,), {"places": places, "axis": axis})
            for x, places, axis in (
                (S(1), (0,), 0), (S(7), (3,), -1), (S(6), (2, 3), 0), (S(6), (0, 5), 0),
                (S(3, 5), (4, 1), 1), (S(5, 3), (4, 2, 2), 0), (S(2, 4, 3), (1,), -2),
                (S(0, 3), (1,), 1),
            )
        ]
        for name in ("order_statistics", "ordered_places")
    },
    "inverse_take": [
        Case("inverse_take", (S(4), np.array([2, 0, 3, 1]))),
        Case("inverse_take", (S(2, 3), np.array([[2, 0, 1], [0, 1, 2]]))),
        Case("inverse_take", (S(3, 2), np.array([[2, 0], [0, 1], [1, 2]])), {"axis": 0}),
        Case("inverse_take", (S(0, 2), np.zeros((0, 2), int)), {"axis": 0}),
    ],
    "sorted_places": [
        Case("sorted_places", (np.array([1.0, 2.0, 2.0, 4.0]), np.array([[2.0, 5.0, 0.0]])),
             {"side": side})
        for side in ("left", "right")
    ],
    **{
        f"{name}_transposed": [
            Case(f"{name}_transposed", (S(*shape),), {"axis": axis, "norm": norm} | of)
            for shape, axis, of in cases
            for norm in ("backward", "forward", "ortho")
        ]
        for name, cases in (
            ("fft_rfft", [((3,), 0, {"n": 4}), ((3,), 0, {"n": 5}), ((2, 3), -1, {"n": 5}),
                          ((4, 2), 0, {"n": 6}), ((1,), 0, {"n": 1})]),
            ("fft_irfft", [((4,), 0, {}), ((5,), 0, {}), ((2, 5), -1, {}), ((6, 2), 0, {}),
                           ((1,), 0, {})]),
        )
    },
    **{name: _transforms(name) for name in ("fft_fft", "fft_ifft", "fft_rfft", "fft_irfft")},
    **{
        name: [Case(name, (S(3, 3),)), Case(name, (S(2, 2, 2),)), Case(name, (S(1, 1),))]
        for name in ("inv", "det", "cofactor", "slogdet", "eigvals", "eigvalsh")
    },
    "eigh": [
        *(Case("eigh", (S(*shape),)) for shape in ((3, 3), (2, 2, 2), (1, 1))),
        *(Case("eigh", (S(*shape),), {"upper": True}) for shape in ((3, 3), (2, 2, 2))),
    ],
    "cofactor_slope": [Case("cofactor_slope", (S(*s), S(*s))) for s in ((3, 3), (2, 2, 2), (1, 1))],
    # With real eigenvalues: nothing says what phase the vectors of others have.
    "eig": [Case("eig", (x,)) for x in (np.array([[2.0, 0.3], [0.8, -1.0]]), UNEQUAL)],
    "cholesky": [Case("cholesky", (POSITIVE,)), Case("cholesky", (POSITIVE[0],))],
    "solve": [
        Case("solve", (S(3, 3), S(3))),
        Case("solve", (S(2, 3, 3), S(3, 2))),
        Case("solve", (S(2, 3, 3), S(2, 3, 1))),
        Case("solve", (S(2, 2, 2), S(2))),
    ],
    "solve_triangular": [
        Case("solve_triangular", operands, {"lower": lower, "unit_diagonal": unit})
        for operands in ((S(3, 3), S(3)), (S(2, 3, 3), S(3, 2)), (S(2, 2, 2), S(2)))
        for lower, unit in ((False, False), (True, True))
    ],
    "expm": [
        Case("expm", (x,))
        for x in (S(3, 3), S(2, 2, 2), S(1, 1), np.array([[0.0, 40.0], [-30.0, 1.0]]),
                  np.zeros((2, 2)), np.array([[0.0, 3.0, 1.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]]))
    ],
    **{
        name: [Case(name, (S(*shape),)) for shape in ((3, 3), (4, 2), (2, 3), (2, 3, 2))]
        for name in ("svd", "svdvals", "pinv", "matrix_rank", "nuclear_norm")
    },
    "polar_factor": [Case("polar_factor", (S(*shape),)) for shape in ((3, 3), (4, 2), (2, 2, 3))],
    "full_svd": [Case("full_svd", (S(3, 2),)), Case("full_svd", (S(2, 2, 3),))],
    "complete_qr": [Case("complete_qr", (S(3, 2),))],
    "qr": [Case("qr", (S(3, 3),)), Case("qr", (S(4, 2),)), Case("qr", (S(2, 3, 2),))],
    "windows": _settings(
        "windows",
        ((S(7),), {"axis": 0, "at": 0, "size": 3}),
        ((S(2, 7),), {"axis": 1, "at": 2, "size": 2, "step": 2, "dilation": 3}),
        ((S(5, 2),), {"axis": 0, "at": 2, "size": 5, "step": 3}),
        ((S(0, 3),), {"axis": 1, "at": 0, "size": 1}),
        ((S(2, 7),), {"axis": 1, "at": 0, "size": 3, "step": 3}),
    ),
    "overlap_add": _settings(
        "overlap_add",
        ((S(3, 5),), {"axis": 0, "at": 0, "size": 3, "n": 7}),
        ((S(2, 2, 2),), {"axis": 1, "at": 2, "size": 2, "step": 2, "dilation": 3, "n": 7}),
        ((S(1, 2, 4),), {"axis": 0, "at": 2, "size": 4, "n": 6, "step": 3}),
        ((S(2, 3, 2),), {"axis": 1, "at": 0, "size": 2, "n": 6, "step": 3}),
        ((S(2, 3, 2),), {"axis": 1, "at": 0, "size": 2, "n": 5, "step": 2}),
    ),
    **{
        name: [Case(name, (S(n), S(m))) for n, m in ((5, 3), (4, 4), (3, 1))]
        for name in ("full_convolution", "valid_correlation")
    },
    **{
        name: [
            Case(name, (S(*x), S(*w), *((S(w[0]),) if name == "biased_correlation" else ())), given)
            for x, w, _, given in CORRELATIONS
        ]
        for name in ("batched_correlation", "biased_correlation")
    },
    "correlation_inputs": [
        Case("correlation_inputs", (S(*y), S(*w)), {"lengths": x[2:], **given})
        for x, w, y, given in CORRELATIONS
    ],
    "correlation_weights": [
        Case("correlation_weights", (S(*x), S(*y)), {"sizes": w[2:], **given})
        for x, w, y, given in CORRELATIONS
    ],
    "standardize": _settings(
        "standardize", ((S(2, 3),), {}), ((S(3, 2, 2),), {"axis": (0, 2), "eps": 0.1}),
        ((S(1, 3),), {"axis": 0}),
    ),
    **{
        name: _settings(
            name, ((S(2, 3),), {"axis": -1, "eps": 1e-5}),
            ((S(3, 2, 2),), {"axis": (0, 2), "eps": 0.1}), ((S(1, 3),), {"axis": 0, "eps": 0.1}),
        )
        for name in ("standardize_and_moments", "scaled_and_root")
    },
    "max_of_windows": _settings(
        "max_of_windows", ((S(2, 4, 6),), {"sizes": (2, 3)}), ((S(3, 6),), {"sizes": (2,)}),
        ((S(6, 8),), {"sizes": (6, 4)}),
    ),
    "euclidean_norm": _reductions("euclidean_norm", empty=True),
    "power_norm": _settings(
        "power_norm", ((S(2, 3),), {"ord": 3}), ((S(2, 3),), {"ord": 1.5, "axis": 0}),
        ((S(2, 3, 2),), {"ord": -2.0, "axis": (0, -1), "keepdims": True}),
        ((S(0, 3),), {"ord": 0.5, "axis": 0}),
    ),
    "root_mean_square": _settings(
        "root_mean_square", ((S(2, 3),), {}), ((S(2, 3),), {"axis": 0, "eps": 0.1}),
        ((S(2, 3, 2),), {"axis": (0, -1)}),
    ),
    "unit_vector": _settings("unit_vector", ((S(2, 3),), {}), ((S(2, 3),), {"axis": 0}),
                             ((S(2, 3, 2),), {"axis": (0, -1)}), ((S(0, 3),), {"axis": 0})),
    "sinc_derivative": [
        Case("sinc_derivative", (x,), {"n": n})
        for n in (0, 1, 2, 3)
        for x in (S(2, 3), np.array([0.0, -2.3, 1e-3]))
    ],
    **{
        name: [Case(name, (x,), settings)
               for x in (S(2, 3), np.array([-1.5, -0.2, 0.3, 40.0, -40.0]))]
        for name, settings in (("elu", {"alpha": 0.7}), ("gelu", {}), ("leaky_relu", {}),
                               ("silu", {}))
    },
    "polygamma": [Case("polygamma", (S(2, 3),), {"n": n}) for n in (1, 2)],
    "nonzero": [Case("nonzero", (MASK,)), Case("nonzero", (I,))],
    "repeated_places": [Case("repeated_places", (I,), {"n": 3})],
    "unique_places": [Case("unique_places", (I,)), Case("unique_places", (S(2, 2),))],
    "take_along_axis": [
        Case("take_along_axis", (S(3, 4), np.array([[0, 2, 0], [1, 1, 1], [3, 0, -1]]))),
        Case("take_along_axis", (S(3, 2), np.array([[0, 2], [1, 1]])), {"axis": 0}),
        Case("take_along_axis", (S(1, 3), np.array([[0, 2], [1, 1]])), {"axis": 1}),
        Case("take_along_axis", (S(2, 3), np.array([[0, 2, 2]])), {"axis": -1}),
    ],
    "add_along_axis": [
        Case("add_along_axis", (S(3, 3), np.array([[0, 2, 0], [1, 1, 1], [3, 0, 1]])),
             {"shape": (3, 4)}),
        Case("add_along_axis", (S(2, 2), np.array([[0, 2], [1, 1]])), {"shape": (1, 3)}),
    ],
    "flip": _settings("flip", ((S(2, 3),), {}), ((S(2, 3),), {"axis": 1}),
                      ((S(2, 3, 2),), {"axis": (0, -1)})),
    "roll": _settings("roll", ((S(2, 3),), {"shift": 2}), ((S(2, 3),), {"shift": -1, "axis": 1}),
                      ((S(2, 3),), {"shift": (1, 2), "axis": (0, 1)})),
    "tril": _settings("tril", ((S(3, 3),), {}), ((S(2, 3, 4),), {"k": 1}), ((S(3, 2),), {"k": -1})),
    "triu": _settings("triu", ((S(3, 3),), {}), ((S(2, 3, 4),), {"k": 1}), ((S(3, 2),), {"k": -1})),
    "round": [Case("round", (np.array([0.5, 1.5, -0.4, 2.6]),))],
    "count_nonzero": [Case("count_nonzero", (MASK,)), Case("count_nonzero", (MASK,), {"axis": 1})],
    "bitwise_xor": [Case("bitwise_xor", (MASK, MASK[:1])), Case("bitwise_xor", (I, I[:1]))],
    "bitwise_left_shift": [Case("bitwise_left_shift", (I, I[:1]))],
    "bitwise_right_shift": [Case("bitwise_right_shift", (8 * I, I[:1]))],
    "logical_and": [Case("logical_and", (MASK, MASK[:1]))],
    "logical_or": [Case("logical_or", (MASK, MASK[:1]))],
    "logical_xor": [Case("logical_xor", (MASK, MASK[:1]))],
    "sum": [*_reductions("sum", empty=True), Case("sum", (S(2, 3),), WIDER)],
    "mean": _reductions("mean", empty=False),
    "max": _reductions("max", empty=False),
    "min": _reductions("min", empty=False),
    "logsumexp": _reductions("logsumexp", empty=False),
    "softmax": _settings("softmax", ((S(2, 3),), {}), ((S(2, 3),), {"axis": 0}), ((S(1),), {})),
    "log_softmax": _settings("log_softmax", ((S(2, 3),), {}), ((S(3, 2),), {"axis": 0})),
    "matmul": [
        Case("matmul", (S(*a), S(*b)))
        for a, b in [
            ((2, 3), (3, 4)),
            ((3,), (3,)),
            ((3,), (3, 4)),
            ((2, 3), (3,)),
            ((5, 2, 3), (3, 4)),
            ((5, 2, 3), (5, 3, 4)),
            ((2, 3), (5, 3, 4)),
            ((1, 2, 3), (5, 3, 4)),
            ((6, 5, 2, 3), (5, 3, 4)),
            ((3,), (5, 3, 4)),
            ((5, 2, 3), (3,)),
            ((0, 3), (3, 4)),
            ((2, 0), (0, 4)),
        ]
    ],
    "linear": [
        Case("linear", (S(2, 3), S(3, 4), S(4))),
        Case("linear", (S(5, 2, 3), S(3, 4), S(4))),
        Case("linear", (S(3), S(3, 4), S(4))),
    ],
    "reshape": _settings(
        "reshape",
        ((S(2, 3),), {"shape": (3, 2)}),
        ((S(2, 3),), {"shape": (-1,)}),
        ((S(1),), {"shape": ()}),
    ),
    "permute_dims": _settings(
        "permute_dims", ((S(2, 3, 4),), {"axes": (2, 0, 1)}), ((S(2, 3),), {"axes": (-1, 0)})
    ),
    "matrix_transpose": [
        Case("matrix_transpose", (S(2, 3),)),
        Case("matrix_transpose", (S(4, 2, 3),)),
    ],
    "broadcast_to": _settings(
        "broadcast_to",
        ((S(3),), {"shape": (4, 3)}),
        ((S(2, 1),), {"shape": (5, 2, 3)}),
        ((S(),), {"shape": (2, 2)}),
        ((S(1, 3),), {"shape": (0, 3)}),
    ),
    "expand_dims": _settings("expand_dims", ((S(2, 3),), {"axis": 1}), ((S(),), {"axis": -1})),
    "squeeze": _settings(
        "squeeze", ((S(2, 1, 3),), {"axis": 1}), ((S(1, 3, 1),), {"axis": (0, -1)})
    ),
    "concat": _settings(
        "concat",
        (((S(2, 3), S(1, 3)),), {}),
        (((S(2, 3), S(2, 1), S(2, 0)),), {"axis": -1}),
        (((S(2, 3), S(2)),), {"axis": None}),
    ),
    "host_call": _settings(
        "host_call", *(
            (((S(2, 3), S(3)),), {"function": HYPOT, "pure": pure}) for pure in (True, False)
        ),
    ),
    "stack": _settings(
        "stack", (((S(2, 3), S(2, 3)),), {}), (((S(2), S(2), S(2)),), {"axis": -1}), (((S(),),), {})
    ),
    "unstack": _settings("unstack", ((S(2, 3),), {}), ((S(2, 3, 2),), {"axis": 1})),
    "cast": _settings("cast", ((S(2, 3),), {"dtype": np.float64})),
    "move": _settings("move", ((S(2, 3),), {"device": "cpu", "home": "cpu"})),
    "getitem": [
        *(Case("getitem", (S(2, 3), key)) for key in _KEYS),
        Case("getitem", (S(3, 2), (I,))),
        Case("getitem", (S(3, 3), (I, np.array([0, 1, 0])))),
        Case("getitem", (S(2, 3), (MASK,))),
        Case("getitem", (S(), ())),
    ],
    "scatter_add": [
        Case("scatter_add", (S(3, 2), (I,)), {"shape": (3, 2)}),
        Case("scatter_add", (S(2), (slice(None), 1)), {"shape": (2, 3)}),
    ],
    "setitem": [
        Case("setitem", (S(2, 3), (1,), S(3))),
        Case("setitem", (S(2, 3), (slice(None), slice(1, None)), S(1))),
        Case("setitem", (S(3, 2), (I,), S(3, 2))),
        Case("setitem", (S(2, 3), (MASK,), S(3))),
        Case("setitem", (S(2, 3), (MASK,), S())),
    ],
    "set_at": [Case("set_at", (S(2, 3), (1,), S(3)))],
    "clear_at": [Case("clear_at", (S(2, 3), (1, 2))), Case("clear_at", (S(3, 2), (I,)))],
    "set_in_view": [
        Case("set_in_view", (S(2, 3), (1, ...), S(2)), {"views": TURNED}),
        Case("set_in_view", (S(2, 3), (I,), S(3, 2)), {"views": TURNED}),
        Case("set_in_view", (S(2, 3), (slice(1, None),), S()), {"views": (("reshape", (6,)),)}),
    ],
    "clear_in_view": [
        Case("clear_in_view", (S(2, 3), (..., 1)), {"views": TURNED}),
        Case("clear_in_view", (S(3, 2), (0,)), {"views": (("getitem", (None, ...)), *TURNED[1:])}),
    ],
    "mean_squared_error": [
        Case("mean_squared_error", operands)
        for operands in (*BINARY[:2], (S(2, 1), S(2, 3)), *BINARY[3:5])
    ],
    **{                                             # whole parameters are not differentiated
        name: [
            *(Case(name, operands) for operands in BINARY if not name.endswith("_slope")),
            Case(name, (WHOLE, S(2, 3))),
            Case(name, (WHOLE[:1], S(0, 3))),
        ]
        for name in ("gammainc", "gammaincc", "gammainccinv", "gammaincinv", "gammainc_slope")
    },
    **{
        name: [
            *(Case(name, operands) for operands in TERNARY if not name.endswith("_slope")),
            Case(name, (WHOLE, WHOLE[::-1], S(2, 3))),
            Case(name, (WHOLE[:1], WHOLE, S())),
        ]
        for name in ("betainc", "betaincinv", "betainc_slope")
    },
    "nll": [Case("nll", (S(3, 4), LABELS)), Case("nll", (S(1, 3, 4), LABELS[None]))],
    "cross_entropy_and_softmax": [
        Case("cross_entropy_and_softmax", (S(3, 4), LABELS)),
        Case("cross_entropy_and_softmax", (S(1, 3, 4), LABELS[None])),
    ],
    "cross_entropy_vjp": [
        Case("cross_entropy_vjp", (S(3), S(3, 4), LABELS)),
        Case("cross_entropy_vjp", (S(1, 3), S(1, 3, 4), LABELS[None])),
    ],
    "one_hot": [Case("one_hot", (LABELS,), {"n": 4, "dtype": np.float64})],
    "filled_like": _settings("filled_like", ((S(2, 3),), {"fill_value": 2.5})),
    "argmax": _reductions("argmax", empty=False)[:3],
    "argmin": _reductions("argmin", empty=False)[:3],
    "all": [Case("all", (MASK,)), Case("all", (MASK,), {"axis": 0, "keepdims": True})],
    "any": [Case("any", (MASK,)), Case("any", (MASK,), {"axis": (0, 1)})],
    "bitwise_and": [Case("bitwise_and", (MASK, MASK[:1]))],
    "bitwise_or": [Case("bitwise_or", (I, I[:1]))],
    "bitwise_invert": [Case("bitwise_invert", (I,))],
    "logical_not": [Case("logical_not", (MASK,))],
}


def case_of(name: str, call: Call) -> Case:
    """The case that an op gives as its example."""
    return Case(name, tuple(map(_with_arrays, call.operands)), call.settings)


def _with_arrays(x: Any) -> Any:
    """An operand with arrays for lists of numbers."""
    if isinstance(x, list):
        return np.array(x)
    return tuple(map(_with_arrays, x)) if type(x) is tuple else x


SPECIAL |= {
    op.name: [*SPECIAL.get(op.name, ()), *(case_of(op.name, call) for call in op.info.examples)]
    for op in all_ops()
    if op.info.examples
}


def cases(name: str) -> list[Case]:
    """The cases of an op: those of `SPECIAL`, or broadcasting shapes for an elementwise one."""
    if name in SPECIAL:
        return SPECIAL[name]
    arity = len(get_op(name).arrays)
    groups = [(shape,) for shape in UNARY] if arity == 1 else BINARY
    return [Case(name, operands) for operands in groups]


ONCE = frozenset("betainc betaincinv gammainc gammaincc gammainccinv gammaincinv".split())
"""Ops whose slopes in their first parameters have none in them again."""

OF_BATCHES = frozenset(("batch_enter", "batch_leave", "batch_spread", "batch_sum"))
"""Ops whose operands or results are batched arrays: `test_vmap.py` has their tests."""


def all_cases(keep: Callable[[Any], bool] = lambda op: True) -> Iterator[Case]:
    """The cases of every op for which `keep` holds."""
    for op in all_ops():
        if keep(op) and op.name not in OF_BATCHES:
            yield from cases(op.name)


def differentiable(op: Any) -> bool:
    """Whether an op has rules."""
    return bool(op.rules.exist)


def is_operand(op: Any, i: int, x: Any) -> bool:
    """Whether the operand at `i` is differentiated: floating, and its rule not `None`."""
    if isinstance(x, tuple):
        return op.rules.differentiates(i) and all(is_operand(op, i, part) for part in x)
    return hasattr(x, "dtype") and op.rules.differentiates(i) and "float" in str(x.dtype)


def is_inexact(op: Any, i: int, x: Any) -> bool:
    """The same of complex operands too."""
    if isinstance(x, tuple):
        return op.rules.differentiates(i) and all(is_inexact(op, i, part) for part in x)
    return hasattr(x, "dtype") and op.rules.differentiates(i) and x.dtype.kind in "fc"
