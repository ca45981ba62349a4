"""The special cases of the Array API standard 2024.12, and of what 2025.12 adds, as data.

A rule is a function, its operands and its result; `|` separates rules of one function. Two numbers
in parentheses are one complex number. Capital letters stand for several values, each of which is
tried, and `-` before a letter for their negatives:

    Z  0 and -0         P  positive, finite      N  negative, finite     X  P and N
    F  Z and X          I  inf and -inf          Q  F and I              A  Q and NaN
    D  P and inf        W  whole                 H  finite, not whole    S  smaller than 1
    M  1 and -1         B  beyond 1 in size      O  odd and positive     E  positive and not odd

In results, `~` leaves the sign open, `pos` and `neg` say only the sign; x and y are the operands,
`a` and `b` the parts of a complex one; `cis` of an operand with imaginary part b is (cos b, sin b).
The sign of NaN counts only as `+nan` and `-nan`.

Where the text of 2024.12 has sqrt(±inf + bj) the wrong way round, the table is as it was corrected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import copysign, cos, inf, isnan, log, nan, pi, sin
from typing import Any

REAL = """
abs: nan -> nan | Z -> 0 | I -> inf
acos: nan -> nan | G -> nan | -G -> nan | 1 -> 0
acosh: nan -> nan | S -> nan | -G -> nan | 1 -> 0 | inf -> inf
asin: nan -> nan | G -> nan | -G -> nan | Z -> x
asinh: nan -> nan | Z -> x | I -> x
atan: nan -> nan | Z -> x | inf -> pi/2 | -inf -> -pi/2
atanh: nan -> nan | G -> nan | -G -> nan | 1 -> inf | -1 -> -inf | Z -> x
ceil: W -> x | I -> x | Z -> x | nan -> nan
cos: nan -> nan | Z -> 1 | I -> nan
cosh: nan -> nan | Z -> 1 | I -> inf
exp: nan -> nan | Z -> 1 | inf -> inf | -inf -> 0
expm1: nan -> nan | Z -> x | inf -> inf | -inf -> -1
floor: W -> x | I -> x | Z -> x | nan -> nan
isfinite: I -> False | nan -> False | F -> True
isinf: I -> True | nan -> False | F -> False
isnan: nan -> True | Q -> False
log: nan -> nan | N -> nan | -inf -> nan | Z -> -inf | 1 -> 0 | inf -> inf
log10: nan -> nan | N -> nan | -inf -> nan | Z -> -inf | 1 -> 0 | inf -> inf
log1p: nan -> nan | -G -> nan | -1 -> -inf | Z -> x | inf -> inf
log2: nan -> nan | N -> nan | -inf -> nan | Z -> -inf | 1 -> 0 | inf -> inf
reciprocal: nan -> nan | 0 -> inf | -0 -> -inf | inf -> 0 | -inf -> -0
round: W -> x | I -> x | Z -> x | nan -> nan | 0.5 -> ~0 | -0.5 -> ~0 | 1.5 -> 2 | 2.5 -> 2
round: -1.5 -> -2 | -2.5 -> -2 | 3.5 -> 4
sign: N -> -1 | -inf -> -1 | Z -> ~0 | P -> 1 | inf -> 1 | nan -> nan
signbit: 0 -> False | -0 -> True | inf -> False | -inf -> True | P -> False | N -> True
signbit: +nan -> False | -nan -> True
sin: nan -> nan | Z -> x | I -> nan
sinh: nan -> nan | Z -> x | I -> x
sqrt: nan -> nan | N -> nan | -inf -> nan | Z -> x | inf -> inf
square: nan -> nan | Z -> 0 | I -> inf
tan: nan -> nan | Z -> x | I -> nan
tanh: nan -> nan | Z -> x | inf -> 1 | -inf -> -1
trunc: W -> x | I -> x | Z -> x | nan -> nan | 0.5 -> 0 | -0.5 -> ~0
"""

COMPLEX = """
abs: (I A) -> inf | (A I) -> inf | (Z A) -> |b| | (A Z) -> |a| | (nan F) -> nan | (F nan) -> nan
abs: (nan nan) -> nan
acos: (Z 0) -> (pi/2 -0) | (Z nan) -> (pi/2 nan) | (F inf) -> (pi/2 -inf) | (X nan) -> (nan nan)
acos: (-inf P) -> (pi -inf) | (inf P) -> (0 -inf) | (-inf inf) -> (3pi/4 -inf)
acos: (inf inf) -> (pi/4 -inf) | (I nan) -> (nan ~inf) | (nan F) -> (nan nan)
acos: (nan inf) -> (nan -inf) | (nan nan) -> (nan nan)
acosh: (Z 0) -> (0 pi/2) | (F inf) -> (inf pi/2) | (X nan) -> (nan nan) | (0 nan) -> (nan ~pi/2)
acosh: (-inf P) -> (inf pi) | (inf P) -> (inf 0) | (-inf inf) -> (inf 3pi/4)
acosh: (inf inf) -> (inf pi/4) | (I nan) -> (inf nan) | (nan F) -> (nan nan)
acosh: (nan inf) -> (inf nan) | (nan nan) -> (nan nan)
asinh: (0 0) -> (0 0) | (P inf) -> (inf pi/2) | (F nan) -> (nan nan) | (inf P) -> (inf 0)
asinh: (inf inf) -> (inf pi/4) | (nan 0) -> (nan 0) | (nan X) -> (nan nan)
asinh: (nan inf) -> (~inf nan) | (nan nan) -> (nan nan)
atanh: (0 0) -> (0 0) | (0 nan) -> (0 nan) | (1 0) -> (inf 0) | (P inf) -> (0 pi/2)
atanh: (X nan) -> (nan nan) | (inf P) -> (0 pi/2) | (inf inf) -> (0 pi/2) | (inf nan) -> (0 nan)
atanh: (nan F) -> (nan nan) | (nan inf) -> (~0 pi/2) | (nan nan) -> (nan nan)
cosh: (0 0) -> (1 0) | (0 inf) -> (nan ~0) | (0 nan) -> (nan ~0) | (X inf) -> (nan nan)
cosh: (X nan) -> (nan nan) | (inf 0) -> (inf 0) | (inf X) -> inf*cis | (inf inf) -> (~inf nan)
cosh: (inf nan) -> (inf nan) | (nan Z) -> (nan ~0) | (nan X) -> (nan nan) | (nan nan) -> (nan nan)
exp: (Z 0) -> (1 0) | (F inf) -> (nan nan) | (F nan) -> (nan nan) | (inf 0) -> (inf 0)
exp: (-inf F) -> 0*cis | (inf X) -> inf*cis | (-inf inf) -> (~0 ~0) | (inf inf) -> (~inf nan)
exp: (-inf nan) -> (~0 ~0) | (inf nan) -> (~inf nan) | (nan 0) -> (nan 0) | (nan X) -> (nan nan)
exp: (nan I) -> (nan nan) | (nan nan) -> (nan nan)
expm1: (Z 0) -> (~0 0) | (F inf) -> (nan nan) | (F nan) -> (nan nan) | (inf 0) -> (inf 0)
expm1: (-inf F) -> 0*cis-1 | (inf X) -> inf*cis | (-inf inf) -> (-1 ~0) | (inf inf) -> (~inf nan)
expm1: (-inf nan) -> (-1 ~0) | (inf nan) -> (~inf nan) | (nan 0) -> (nan 0) | (nan X) -> (nan nan)
expm1: (nan I) -> (nan nan) | (nan nan) -> (nan nan)
isfinite: (nan A) -> False | (A nan) -> False | (I A) -> False | (A I) -> False | (F F) -> True
isinf: (I A) -> True | (A I) -> True | (F F) -> False | (nan F) -> False | (F nan) -> False
isnan: (nan A) -> True | (A nan) -> True | (Q Q) -> False
log: (-0 0) -> (-inf pi) | (0 0) -> (-inf 0) | (F inf) -> (inf pi/2) | (F nan) -> (nan nan)
log: (-inf P) -> (inf pi) | (inf P) -> (inf 0) | (-inf inf) -> (inf 3pi/4)
log: (inf inf) -> (inf pi/4) | (I nan) -> (inf nan) | (nan F) -> (nan nan)
log: (nan inf) -> (inf nan) | (nan nan) -> (nan nan)
log1p: (-1 0) -> (-inf 0) | (F inf) -> (inf pi/2) | (F nan) -> (nan nan) | (-inf P) -> (inf pi)
log1p: (inf P) -> (inf 0) | (-inf inf) -> (inf 3pi/4) | (inf inf) -> (inf pi/4)
log1p: (I nan) -> (inf nan) | (nan F) -> (nan nan) | (nan inf) -> (inf nan) | (nan nan) -> (nan nan)
round: (W W) -> (a b) | (I W) -> (a b) | (nan W) -> (nan b) | (W nan) -> (a nan) | (Z Z) -> (a b)
round: (0.5 2.5) -> (~0 2) | (1.5 -2.5) -> (2 -2)
sign: (Z Z) -> (~0 ~0) | (nan A) -> (nan nan) | (A nan) -> (nan nan)
sinh: (0 0) -> (0 0) | (0 inf) -> (~0 nan) | (0 nan) -> (~0 nan) | (P inf) -> (nan nan)
sinh: (P nan) -> (nan nan) | (inf 0) -> (inf 0) | (inf P) -> inf*cis | (inf inf) -> (~inf nan)
sinh: (inf nan) -> (~inf nan) | (nan 0) -> (nan 0) | (nan X) -> (nan nan) | (nan nan) -> (nan nan)
sqrt: (Z 0) -> (0 0) | (A inf) -> (inf inf) | (F nan) -> (nan nan) | (-inf P) -> (0 inf)
sqrt: (inf P) -> (inf 0) | (-inf nan) -> (nan ~inf) | (inf nan) -> (inf nan) | (nan F) -> (nan nan)
sqrt: (nan nan) -> (nan nan)
tanh: (0 0) -> (0 0) | (X inf) -> (nan nan) | (0 inf) -> (0 nan) | (X nan) -> (nan nan)
tanh: (0 nan) -> (0 nan) | (inf P) -> (1 0) | (inf inf) -> (1 ~0) | (inf nan) -> (1 ~0)
tanh: (nan 0) -> (nan 0) | (nan X) -> (nan nan) | (nan I) -> (nan nan) | (nan nan) -> (nan nan)
"""

SEVERAL = """
add: nan A -> nan | A nan -> nan | inf -inf -> nan | -inf inf -> nan | inf inf -> inf
add: -inf -inf -> -inf | I F -> x | F I -> y | -0 -0 -> -0 | -0 0 -> 0 | 0 -0 -> 0 | 0 0 -> 0
add: Z X -> y | X Z -> x | 2.5 -2.5 -> 0 | -2.5 2.5 -> 0 | 1 -1 -> 0
add: (-0 0) (-0 -0) -> (-0 0) | (0 -0) (-0 -0) -> (0 -0)
subtract: nan A -> nan | A nan -> nan | inf inf -> nan | -inf -inf -> nan | inf -inf -> inf
subtract: -inf inf -> -inf | I F -> x | F I -> -y | -0 0 -> -0 | -0 -0 -> 0 | 0 0 -> 0 | 0 -0 -> 0
subtract: Z X -> -y | X Z -> x | X x -> 0 | (-0 0) (0 0) -> (-0 0)
multiply: nan A -> nan | A nan -> nan | I Z -> nan | Z I -> nan | I I -> x*y | I X -> x*y
multiply: X I -> x*y | F F -> x*y | (nan nan) (nan nan) -> (nan nan)
divide: nan A -> nan | A nan -> nan | I I -> nan | Z Z -> nan | 0 D -> 0 | -0 D -> -0 | 0 -D -> -0
divide: -0 -D -> 0 | D 0 -> inf | D -0 -> -inf | -D 0 -> -inf | -D -0 -> inf | inf P -> inf
divide: inf N -> -inf | -inf P -> -inf | -inf N -> inf | P inf -> 0 | P -inf -> -0 | N inf -> -0
divide: N -inf -> 0 | P P -> pos | N N -> pos | P N -> neg | N P -> neg
divide: (nan nan) (nan nan) -> (nan nan)
floor_divide: nan A -> nan | A nan -> nan | I I -> nan | Z Z -> nan | 0 D -> 0 | -0 D -> -0
floor_divide: 0 -D -> -0 | -0 -D -> 0 | D 0 -> inf | D -0 -> -inf | -D 0 -> -inf | -D -0 -> inf
floor_divide: inf P -> inf | inf N -> -inf | -inf P -> -inf | -inf N -> inf | P inf -> 0
floor_divide: P -inf -> -0 | N inf -> -0 | N -inf -> 0 | P P -> pos | N N -> pos | P N -> neg
floor_divide: N P -> neg
remainder: nan A -> nan | A nan -> nan | I I -> nan | Z Z -> nan | Z D -> 0 | Z -D -> -0
remainder: D Z -> nan | -D Z -> nan | I X -> nan | P inf -> x | P -inf -> y | N inf -> y
remainder: N -inf -> x | X X -> x%y
pow: 0 nan -> nan | -1 nan -> nan | B nan -> nan | S nan -> nan | A Z -> 1 | nan X -> nan
pow: nan I -> nan | B inf -> inf | B -inf -> 0 | M I -> 1 | 1 Q -> 1 | S inf -> 0 | S -inf -> inf
pow: inf D -> inf | inf -D -> 0 | -inf O -> -inf | -inf E -> inf | -inf inf -> inf | -inf -O -> -0
pow: -inf -E -> 0 | -inf -inf -> 0 | 0 D -> 0 | 0 -D -> inf | -0 O -> -0 | -0 E -> 0 | -0 inf -> 0
pow: -0 -O -> -inf | -0 -E -> inf | -0 -inf -> inf | N H -> nan
atan2: nan A -> nan | A nan -> nan | D Z -> pi/2 | 0 D -> 0 | 0 0 -> 0 | 0 -0 -> pi | 0 -D -> pi
atan2: -0 D -> -0 | -0 0 -> -0 | -0 -0 -> -pi | -0 -D -> -pi | -D Z -> -pi/2 | P inf -> 0
atan2: P -inf -> pi | N inf -> -0 | N -inf -> -pi | inf F -> pi/2 | -inf F -> -pi/2
atan2: inf inf -> pi/4 | inf -inf -> 3pi/4 | -inf inf -> -pi/4 | -inf -inf -> -3pi/4
copysign: Q -D -> -|x| | Q -0 -> -|x| | Q 0 -> |x| | Q D -> |x| | Q -nan -> -|x| | Q +nan -> |x|
copysign: +nan -D -> -nan | +nan -0 -> -nan | -nan 0 -> +nan | -nan D -> +nan
copysign: +nan -nan -> -nan | -nan +nan -> +nan
hypot: I A -> inf | A I -> inf | Z A -> |y| | A Z -> |x| | F nan -> nan | nan F -> nan
hypot: nan nan -> nan
logaddexp: nan A -> nan | A nan -> nan | inf Q -> inf | Q inf -> inf
maximum: nan A -> nan | A nan -> nan
minimum: nan A -> nan | A nan -> nan
nextafter: nan A -> nan | A nan -> nan | -0 0 -> 0 | 0 -0 -> -0
clip: nan -1 1 -> nan | F nan 1 -> nan | F -1 nan -> nan | I -1 nan -> nan
equal: nan A -> False | A nan -> False | inf inf -> True | -inf -inf -> True | Z Z -> True
equal: X x -> True | I F -> False | F I -> False | inf -inf -> False | 1 -1 -> False
equal: (nan A) (1 2) -> False | (1 2) (nan A) -> False | (A nan) (1 2) -> False
equal: (Z Z) (Z Z) -> True | (inf 1) (inf 1) -> True | (inf 1) (inf 2) -> False
not_equal: nan A -> True | A nan -> True | inf -inf -> True | -inf inf -> True | P N -> True
not_equal: inf inf -> False | Z Z -> False | X x -> False | (nan A) (1 2) -> True
not_equal: (A nan) (1 2) -> True | (Z Z) (Z Z) -> False | (inf 1) (inf 2) -> True
"""

REDUCTIONS: tuple[tuple[str, tuple[Any, ...], dict[str, Any], Any], ...] = (
    *((name, (1.0, nan, 2.0), {}, nan) for name in "max min mean prod std sum var".split()),
    *((name, (nan,), {}, nan) for name in "max min mean prod std sum var".split()),
    ("mean", (), {}, nan),
    ("mean", (inf, -inf), {}, nan),
    ("mean", (complex(nan, 1), complex(2, 3)), {}, complex(nan, 2)),
    ("mean", (complex(1, nan), complex(3, 2)), {}, complex(2, nan)),
    ("prod", (), {}, 1.0),
    ("prod", (inf, 0.0), {}, nan),
    ("prod", (-inf, 2.0), {}, -inf),
    ("prod", (-0.0, 2.0), {}, -0.0),
    ("sum", (), {}, 0.0),
    ("sum", (inf, -inf), {}, nan),
    ("sum", (inf, 1.0), {}, inf),
    ("std", (), {}, nan),
    ("std", (1.0, 2.0), {"correction": 2}, nan),
    ("std", (1.0, 2.0), {"correction": 3}, nan),
    ("var", (), {}, nan),
    ("var", (1.0, 2.0), {"correction": 2}, nan),
    ("var", (1.0, 2.0), {"correction": 3}, nan),
    ("cumulative_sum", (inf, -inf, 1.0), {}, (inf, nan, nan)),
    ("cumulative_sum", (-0.0, -0.0), {}, (-0.0, -0.0)),
    ("cumulative_sum", (), {"include_initial": True}, (0.0,)),
    ("cumulative_prod", (inf, 0.0, 1.0), {}, (inf, nan, nan)),
    ("cumulative_prod", (-1.0, 0.0), {}, (-1.0, -0.0)),
    ("cumulative_prod", (), {"include_initial": True}, (1.0,)),
    ("all", (), {}, True),
    ("all", (nan, inf), {}, True),
    ("all", (1.0, -0.0), {}, False),
    ("any", (), {}, False),
    ("any", (0.0, nan), {}, True),
    ("any", (0.0, -0.0), {}, False),
)
"""Function, elements, settings, result."""

CONJUGATED = frozenset("acos acosh asinh atanh cosh exp expm1 log log1p sinh sqrt tanh".split())
"""f(conj(x)) = conj(f(x))."""

ODD, EVEN = frozenset("asinh atanh sinh tanh".split()), frozenset(("cosh",))

TURNED = {"asinh": "asin", "atanh": "atan", "sinh": "sin", "tanh": "tan"}
"""g(x) = -j f(jx)."""

_P, _W = (0.5, 1.0, 2.0, 3.5), (1.0, -1.0, 2.0, -3.0, 2.0**60)
_LETTERS: dict[str, tuple[float, ...]] = {
    "Z": (0.0, -0.0), "P": _P, "I": (inf, -inf), "D": (*_P, inf), "W": _W, "M": (1.0, -1.0),
    "H": (0.5, -0.5, 2.5), "S": (0.0, -0.0, 0.5, -0.5), "B": (1.5, -1.5, 3.0, inf, -inf),
    "O": (1.0, 3.0), "E": (0.5, 2.0, 2.5), "G": (1.5, 3.0, inf),
}  # fmt: skip
_LETTERS["N"] = tuple(-v for v in _P)
_LETTERS["X"] = _P + _LETTERS["N"]
_LETTERS["F"] = _LETTERS["Z"] + _LETTERS["X"]
_LETTERS["Q"] = _LETTERS["F"] + _LETTERS["I"]
_LETTERS["A"] = (*_LETTERS["Q"], nan)

_NAMES = {"pi": pi, "pi/2": pi / 2, "pi/4": pi / 4, "3pi/4": 3 * pi / 4}


@dataclass(frozen=True, slots=True)
class Number:
    """A wanted number; its sign may not matter, or nothing else."""

    value: float
    sign: bool = True
    size: bool = True

    def __neg__(self) -> Number:
        return Number(-self.value, self.sign, self.size)

    def is_met(self, found: float, tolerance: float) -> bool:
        """Whether `found` is that number, up to rounding."""
        if isnan(self.value) and self.size:
            same = copysign(1, found) == copysign(1, self.value)
            return isnan(found) and (same or not self.sign)
        if self.sign and copysign(1, found) != copysign(1, self.value):
            return False
        if not self.size:
            return not isnan(found)
        a, b = abs(found), abs(self.value)
        return a == b or abs(a - b) <= tolerance * b < inf


@dataclass(frozen=True, slots=True)
class Case:
    """A function of numbers and what it must give: a truth, a number or both parts of one."""

    function: str
    operands: tuple[Any, ...]
    wanted: bool | Number | tuple[Number, Number]

    @property
    def is_complex(self) -> bool:
        """Whether it has complex operands."""
        return isinstance(self.operands[0], complex)

    def is_met(self, found: Any, tolerance: float) -> bool:
        """Whether the function gave what it must."""
        if isinstance(self.wanted, bool):
            return isinstance(found, bool) and found is self.wanted
        if isinstance(self.wanted, Number):
            return self.wanted.is_met(found, tolerance)
        real, imag = self.wanted
        return real.is_met(found.real, tolerance) and imag.is_met(found.imag, tolerance)


def _values(token: str, earlier: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a token of the operands stands for."""
    if token == "x":
        return earlier[:1]
    if token[0] == "(":
        return tuple(complex(*parts) for parts in product(*map(_reals, token[1:-1].split())))
    return _reals(token)


def _reals(token: str) -> tuple[float, ...]:
    sign, rest = (-1.0, token[1:]) if token[0] == "-" else (1.0, token.removeprefix("+"))
    found = _LETTERS.get(rest) or (copysign(1, float(rest)) * abs(float(rest)),)
    return tuple(copysign(v, sign) if isnan(v) and token[0] in "+-" else sign * v for v in found)


def _number(token: str, operands: tuple[Any, ...]) -> Number:
    """What a token of the result stands for."""
    if token in ("pos", "neg"):
        return Number(1.0 if token == "pos" else -1.0, size=False)
    if token in ("+nan", "-nan"):
        return Number(copysign(nan, 1 if token[0] == "+" else -1))
    first, *others = operands
    if token in ("x*y", "x%y"):
        return Number(first * others[0] if token == "x*y" else first % others[0])
    sign = not token.startswith("~")
    token = token.removeprefix("~")
    negative, token = token.startswith("-"), token.removeprefix("-")
    known = dict(zip("xy", operands, strict=False)) | _NAMES
    if isinstance(first, complex):
        known |= {"a": first.real, "b": first.imag}
    value = known.get(token.strip("|"))
    if value is None:
        value = float(token)
    elif token[0] == "|":
        value = abs(value)
    value = -value if negative else value
    return Number(value, sign and not isnan(value))


def _wanted(text: str, operands: tuple[Any, ...]) -> Any:
    if text in ("True", "False"):
        return text == "True"
    if text.partition("*")[2].startswith("cis"):
        factor, b = float(text.partition("*")[0]), operands[0].imag
        real, imag = factor * cos(b), factor * sin(b)
        return Number(real - 1 if text.endswith("-1") else real), Number(imag)
    if text[0] == "(":
        real, imag = (_number(token, operands) for token in text[1:-1].split())
        return real, imag
    return _number(text, operands)


def _tokens(text: str) -> list[str]:
    """The operands of a rule: words, and complex numbers in parentheses."""
    found: list[str] = []
    for word in text.split():
        if found and found[-1][0] == "(" and found[-1][-1] != ")":
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def _written(table: str) -> Iterator[Case]:
    """The cases of the rules as they stand."""
    for line in table.strip().splitlines():
        function, _, rules = line.partition(": ")
        for rule in rules.split(" | "):
            left, _, right = rule.partition(" -> ")
            combinations: list[tuple[Any, ...]] = [()]
            for token in _tokens(left):
                combinations = [(*c, v) for c in combinations for v in _values(token, c)]
            for operands in combinations:
                yield Case(function, operands, _wanted(right, operands))


def _implied(case: Case) -> Iterator[Case]:
    """A complex case, and those that follow from it by symmetry."""
    yield case
    z, wanted = case.operands[0], case.wanted
    if case.function not in CONJUGATED or not isinstance(wanted, tuple):
        return
    real, imag = wanted
    yield Case(case.function, (complex(z.real, -z.imag),), (real, -imag))
    if case.function in ODD:
        yield Case(case.function, (complex(-z.real, -z.imag),), (-real, -imag))
        yield Case(case.function, (complex(-z.real, z.imag),), (-real, imag))
    if case.function in EVEN:
        yield Case(case.function, (complex(-z.real, -z.imag),), (real, imag))
        yield Case(case.function, (complex(-z.real, z.imag),), (real, -imag))


def _derived(case: Case) -> Iterator[Case]:
    """What is to be as if it were computed with the function of the case."""
    yield case
    z, wanted = case.operands[0], case.wanted
    if not isinstance(wanted, tuple):
        return
    real, imag = wanted
    turned = complex(z.imag, -z.real)               # j times this is z
    if case.function in TURNED:
        yield Case(TURNED[case.function], (turned,), (imag, -real))
    elif case.function == "cosh":
        yield Case("cos", (turned,), wanted)
    elif case.function == "log":
        for name, base in (("log2", log(2)), ("log10", log(10))):
            scaled = (Number(part.value / base, part.sign) for part in wanted)
            yield Case(name, (z,), tuple(scaled))  # type: ignore[arg-type]


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case of an elementwise function, once."""
    found = [*_written(REAL), *_written(SEVERAL)]
    for case in _written(COMPLEX):
        found += [other for same in _implied(case) for other in _derived(same)]
    return tuple({repr(case): case for case in found}.values())
