"""Plans that nobody recorded, as files hold them: made at random of right steps, and changed.

A plan is the JSON of a file, so that it can say anything. `Maker` makes one of steps whose results
NumPy gives, `change` puts something else in one place of any plan.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from gpugrad.plan.primitives import PRIMITIVES

Array = np.ndarray[Any, Any]
Json = Any

CODE = [
    "pwned()", "pwned() or sin", "sin\npwned()\n#", "x'); pwned(); ('", "__import__('pwned')",
    "{pwned()}", "lambda: pwned()", "__class__", "../pwned", "sin; pwned()", "\u2028pwned()",
]  # fmt: skip
"""Texts that would call `pwned` if they became source."""

OPS = (
    *PRIMITIVES,
    *(
        "fused load save fromfile memmap eval exec getattr _opaque module viewed write_in_view "
        "tofile frompyfunc vectorize apply_along_axis ctypeslib savetxt to_numpy device_of "
        "load_kernel copyto"
    ).split(),
)
"""Primitives, and what else namespaces and libraries have under a name."""

ODD: list[Json] = [
    None, True, False, -1, 0, 1, 2, 3, 7, 64, 2**31, 2**62, 2**63, 10**30, 0.5, -0.0, "", "3", [],
    [[]], {}, [0, 0], [1], {"float": "inf"}, {"float": "nan"}, {"float": "x"}, {"ellipsis": None},
    {"slice": [None, None, -1]}, {"slice": [0, 10**30, 1]}, {"slice": [0, 1, 0]}, {"operand": 0},
    {"operand": 1}, {"operand": 9}, {"dtype": "<f4"}, {"dtype": "|O"}, {"type": "<i8"},
    {"complex": [1.0, 2.0]}, {"plan": {}}, *CODE,
]  # fmt: skip
"""What may stand anywhere."""

LENGTHS: list[Json] = [0, 1, 2, 3, 4, 5, 7, 12, 64, 2**31, 2**62, 2**63, 10**30, -1, True, 2.0, "3"]

DTYPES = ["<f8", "<f4", "<f2", "<i8", "<i4", "|i1", "|u1", "<u4", "|b1", "<c16", "<c8", ">f8"]

ODD_DTYPES = [*DTYPES, "|O", "<M8[s]", "|S3", "<U4", "|V8", "f8,i4", "float64", "", 8]


# Right steps: what NumPy makes of them is written here once more, and not taken from gpugrad.


def _reduce(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axes, keepdims: function(x, axis=tuple(axes), keepdims=keepdims)


def _scale(a: Array, d: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.where((a == 0) & ~np.isfinite(d), a.dtype.type(0), a * d)


def _nll(x: Array, labels: Array) -> Array:
    return np.negative(np.take_along_axis(x, labels[..., None], -1)[..., 0])


UNARY = {
    "negative": np.negative, "copy": np.array, "exp": np.exp, "sin": np.sin, "tanh": np.tanh,
    "square": np.square, "abs": np.abs, "floor": np.floor, "sign": np.sign, "isnan": np.isnan,
    "cos": np.cos, "log1p": np.log1p, "real": np.real, "isfinite": np.isfinite,
    "logical_not": np.logical_not,
}  # fmt: skip
BINARY = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "maximum": np.maximum, "minimum": np.minimum, "scale": _scale, "atan2": np.arctan2,
    "equal": np.equal, "less": np.less, "greater_equal": np.greater_equal,
    "logical_and": np.logical_and, "hypot": np.hypot,
}  # fmt: skip
CALLED: dict[str, tuple[Callable[..., Any], list[Json]]] = {
    "cbrt": (np.cbrt, []),
    "flip": (lambda x: np.flip(x, 0), [["axis", 0]]),
    "sort": (lambda x: np.sort(x, axis=-1, stable=True), [["axis", -1]]),
    "argmax": (lambda x: np.argmax(x, axis=-1), [["axis", -1], ["keepdims", False]]),
    "cumulative_sum": (lambda x: np.cumulative_sum(x, axis=-1), [["axis", -1]]),
    "fft_fft": (np.fft.fft, [["n", None], ["axis", -1], ["norm", "backward"]]),
    "fft_rfft": (np.fft.rfft, [["axis", -1]]),
    "tril": (lambda x: np.tril(x, k=-1), [["k", -1]]),
    "all": (lambda x: np.all(x, axis=0, keepdims=True), [["axis", 0], ["keepdims", True]]),
}


class Maker:
    """A plan that grows, and what NumPy says is in each of its slots."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.values: list[Array] = []
        self.plan: dict[str, Json] = {
            "slots": [], "inputs": [], "constants": [], "steps": [], "outputs": [], "donated": []
        }  # fmt: skip

    # Slots

    def slot(self, value: Any) -> int:
        value = np.asarray(value)
        self.values.append(value)
        self.plan["slots"].append([list(value.shape), value.dtype.str])
        return len(self.values) - 1

    def input(self, value: Any) -> int:
        self.plan["inputs"].append(self.slot(value))
        return len(self.values) - 1

    def constant(self, value: Any) -> int:
        value = np.asarray(value)
        data = base64.b64encode(value.tobytes()).decode()
        number = self.slot(value)
        self.plan["constants"].append([number, list(value.shape), value.dtype.str, data])
        return number

    def array(self, shape: tuple[int, ...], dtype: str = "<f8") -> Array:
        numbers = self.rng.normal(size=shape) * 2
        if dtype == "<c16":
            return numbers + 1j * self.rng.normal(size=shape)
        return np.asarray(numbers > 0 if dtype == "|b1" else numbers).astype(dtype)

    def add(self, op: str, inputs: list[int], values: Any, *settings: Json) -> None:
        several = values if isinstance(values, tuple) else (values,)
        outputs = [self.slot(value) for value in several]
        self.plan["steps"].append([op, inputs, outputs, list(settings), [], "made_up.py:1"])

    def pick(self, wanted: Callable[[Array], bool] = lambda x: True) -> int | None:
        found = [i for i, x in enumerate(self.values) if wanted(x)]
        return int(self.rng.choice(found)) if found else None

    def like(self, x: Array) -> Callable[[Array], bool]:
        """Whether an array has the dtype of `x` and broadcasts with it, to something small."""
        def fits(y: Array) -> bool:
            try:
                shape = np.broadcast_shapes(x.shape, y.shape)
            except ValueError:
                return False
            return y.dtype == x.dtype and int(np.prod(shape)) < 5000

        return fits

    # One step

    def step(self) -> None:
        """Add a step of a kind that is chosen, if there are operands for it."""
        kinds = [
            self._unary, self._binary, self._binary, self._where, self._cast, self._reduction,
            self._reshape, self._permute, self._slice, self._broadcast, self._matmul, self._concat,
            self._write, self._labels, self._call, self._index, self._cond, self._scan,
        ]  # fmt: skip
        kinds[int(self.rng.integers(len(kinds)))]()

    def _unary(self) -> None:
        op = str(self.rng.choice([*UNARY]))
        kinds = {
            "floor": "f", "exp": "fc", "sin": "fc", "cos": "fc", "tanh": "fc", "log1p": "fc",
            "negative": "fci", "sign": "fi", "square": "fci",
        }.get(op, "fcib")  # fmt: skip
        x = self.pick(lambda v: v.dtype.kind in kinds)
        if x is not None:
            self.add(op, [x], UNARY[op](self.values[x]))

    def _binary(self) -> None:
        op = str(self.rng.choice([*BINARY]))
        kinds = {
            "divide": "fc", "atan2": "f", "hypot": "f", "scale": "f", "maximum": "fi",
            "minimum": "fi", "subtract": "fci", "less": "fib", "greater_equal": "fib",
        }.get(op, "fcib")  # fmt: skip
        a = self.pick(lambda v: v.dtype.kind in kinds)
        if a is not None:
            b = self.pick(self.like(self.values[a]))
            assert b is not None
            self.add(op, [a, b], BINARY[op](self.values[a], self.values[b]))

    def _where(self) -> None:
        c = self.pick(lambda v: v.dtype.kind == "b")
        if c is not None:
            a = self.pick(lambda v: self.like(self.values[c])(v.astype(bool)))
            assert a is not None
            made = np.broadcast_to(self.values[a], np.broadcast_shapes(
                self.values[a].shape, self.values[c].shape))
            b = self.pick(lambda v: self.like(made)(v))
            if b is not None:
                args = [self.values[i] for i in (c, a, b)]
                self.add("where", [c, a, b], np.where(*args))

    def _cast(self) -> None:
        x = self.pick(lambda v: v.dtype.kind != "c")
        if x is not None:
            dtype = str(self.rng.choice(["<f8", "<f4", "<f2", "<c16", "|b1"]))
            made = self.values[x].astype(dtype)
            self.add("astype", [x], made, ["dtype", {"dtype": dtype}])

    def _reduction(self) -> None:
        op = str(self.rng.choice(["sum", "max", "min"]))
        x = self.pick(lambda v: v.size > 0 and (v.dtype.kind in "fi" or op == "sum"))
        if x is not None:
            value = self.values[x]
            axes = [i for i in range(value.ndim) if self.rng.random() < 0.6]
            keepdims = bool(self.rng.random() < 0.4)
            function = {"sum": np.sum, "max": np.max, "min": np.min}[op]
            made = _reduce(function)(value, axes, keepdims)
            self.add(op, [x], made, ["axes", axes], ["keepdims", keepdims])

    def _reshape(self) -> None:
        x = self.pick(lambda v: v.size > 0)
        if x is not None:
            value = self.values[x]
            shape = [int(n) for n in self.rng.permutation(value.shape)]
            shape = [value.size] if self.rng.random() < 0.4 else [*shape, 1]
            self.add("reshape", [x], value.reshape(shape), ["shape", shape])

    def _permute(self) -> None:
        x = self.pick()
        if x is not None:
            axes = [int(i) for i in self.rng.permutation(self.values[x].ndim)]
            self.add("permute_dims", [x], self.values[x].transpose(axes), ["axes", axes])

    def _slice(self) -> None:
        x = self.pick(lambda v: v.ndim > 0 and v.shape[0] > 0)
        if x is not None:
            n = self.values[x].shape[0]
            keys: list[tuple[Any, Json]] = [
                ((int(self.rng.integers(-n, n)),), None),
                ((slice(None, None, -1),), {"slice": [None, None, -1]}),
                ((slice(1, None),), {"slice": [1, None, None]}),
                ((..., None), None),
            ]
            key, text = keys[int(self.rng.integers(len(keys)))]
            json = [text] if text else [{"ellipsis": None} if k is ... else k for k in key]
            self.add("slice", [x], np.asarray(self.values[x][key]), ["key", json])

    def _broadcast(self) -> None:
        x = self.pick(lambda v: v.size < 500)
        if x is not None:
            shape = [int(self.rng.integers(1, 4)), *self.values[x].shape]
            made = np.broadcast_to(self.values[x], shape)
            self.add("broadcast_to", [x], made, ["shape", shape])

    def _matmul(self) -> None:
        a = self.pick(lambda v: 1 <= v.ndim <= 3 and v.dtype.kind in "fi" and v.dtype.itemsize > 2)
        if a is not None:
            value = self.values[a]
            depth = value.shape[-1]
            b = self.pick(lambda v: v.dtype == value.dtype and 1 <= v.ndim <= 2
                          and v.shape[0] == depth)
            if b is not None:
                self.add("matmul", [a, b], np.matmul(value, self.values[b]))

    def _concat(self) -> None:
        x = self.pick(lambda v: 0 < v.ndim and v.size < 500)
        if x is not None:
            value, op = self.values[x], str(self.rng.choice(["concat", "pack"]))
            axis = int(self.rng.integers(value.ndim))
            made = np.concatenate([value, value], axis)
            if op == "concat":
                self.add(op, [x, x], made, ["axis", axis])
            else:
                y = self.pick(lambda v: v.dtype == value.dtype)
                assert y is not None
                flat = np.concatenate([value.ravel(), self.values[y].ravel()])
                self.add(op, [x, y], flat, ["shape", [flat.size]])

    def _write(self) -> None:
        x = self.pick(lambda v: v.ndim > 0 and v.shape[0] > 1 and v.dtype.kind in "fi")
        if x is not None:
            op, value = str(self.rng.choice(["set_at", "add_at"])), self.values[x]
            part = self.constant(self.array(value.shape[1:], value.dtype.str))
            made = value.copy()
            if self.rng.random() < 0.5:
                made[1] = self.values[part] + (made[1] if op == "add_at" else 0)
                self.add(op, [x, part], made, ["key", [1, {"ellipsis": None}]])
            else:
                places = self.constant(np.array([1, 0, 1]))
                if op == "set_at":
                    made[self.values[places]] = self.values[part]
                else:
                    np.add.at(made, self.values[places], self.values[part])
                self.add(op, [x, part, places], made, ["key", [{"operand": 2}]])

    def _labels(self) -> None:
        x = self.pick(lambda v: v.ndim == 2 and v.dtype.kind == "f" and v.shape[1] > 0)
        if x is not None:
            rows, n = self.values[x].shape
            labels = self.input(self.rng.integers(0, n, rows))
            self.plan["steps"].append(["check_labels", [labels], [], [["n", n]], [], ""])
            self.add("nll", [x, labels], _nll(self.values[x], self.values[labels]))
            dtype = self.values[x].dtype
            hot = (self.values[labels][:, None] == np.arange(n)).astype(dtype)
            self.add("one_hot", [labels], hot, ["n", n], ["dtype", {"dtype": dtype.str}])

    def _call(self) -> None:
        op = str(self.rng.choice([*CALLED]))
        function, kwargs = CALLED[op]
        kinds = "fi" if op in ("sort", "argmax", "cumulative_sum", "flip", "all") else "f"
        least = 2 if op == "tril" else 0 if op == "cbrt" else 1
        x = self.pick(
            lambda v: v.ndim >= least and v.dtype.kind in kinds and v.size > 0
            and v.dtype.itemsize > 2
        )
        if x is not None:
            args = ["args", [{"operand": 0}]]
            self.add(op, [x], function(self.values[x]), args, ["kwargs", kwargs])

    def _index(self) -> None:
        x = self.pick(lambda v: v.ndim > 0 and v.shape[0] > 1)
        if x is not None:
            places = self.constant(np.array([[1, 0], [-1, 1]]))
            made = self.values[x][self.values[places]]
            args = ["args", [{"operand": 0}, [{"operand": 1}]]]
            self.add("getitem", [x, places], made, args, ["kwargs", []])

    # Steps that hold plans

    def _cond(self) -> None:
        x = self.pick(lambda v: v.size < 500)
        flag = self.pick(lambda v: v.dtype.kind == "b" and v.ndim == 0)
        if x is not None and flag is not None:
            branches = [self._inner([x], 1) for _ in range(2)]
            wanted = self.values[x]
            if all(b.values[-1].dtype == wanted.dtype and b.values[-1].shape == wanted.shape
                   for b in branches):
                made = branches[0 if self.values[flag] else 1].values[-1]
                true, false = ({"plan": b.plan} for b in branches)
                self.add("cond", [flag, x], made, ["true", true], ["false", false])

    def _scan(self) -> None:
        x = self.pick(lambda v: v.ndim > 0 and 0 < v.shape[0] < 20 and v.dtype.kind == "f"
                      and v.size < 500)
        if x is not None:
            rows = self.values[x]
            carries = [self.constant(np.full(rows.shape[1:], i, rows.dtype)) for i in range(2)]
            body = Maker(self.rng)
            first, _, row = (body.input(rows[0]) for _ in range(3))
            body.add("add", [first, row], rows[0])  # in slot 3
            after = [int(slot) for slot in self.rng.choice([0, 1, 2, 3, 3], 2)]
            body.plan["outputs"] = [*after, 1, 3]
            reverse = bool(self.rng.random() < 0.3)
            now, kept, made = [self.values[i] for i in carries], rows.copy(), rows.copy()
            for i in range(len(rows))[:: -1 if reverse else 1]:
                held = [*now, rows[i], now[0] + rows[i]]
                kept[i], made[i] = held[1], held[3]
                now = [held[slot] for slot in after]
            settings = {
                "body": {"plan": body.plan}, "carries": 2, "xs": 1, "length": len(rows),
                "reverse": reverse,
            }  # fmt: skip
            values = (*map(np.asarray, now), kept, made)
            self.add("scan", [*carries, x], values, *map(list, settings.items()))

    def _inner(self, given: list[int], steps: int) -> Maker:
        """A plan of these slots, whose last slot is what it gives."""
        inner = Maker(self.rng)
        for slot in given:
            inner.input(self.values[slot])
        for _ in range(steps):
            inner._unary()
        inner.plan["outputs"] = [len(inner.values) - 1]
        return inner


def made_up(rng: np.random.Generator) -> Maker:
    """A plan of up to 25 steps that is right."""
    maker = Maker(rng)
    for dtype in rng.choice(["<f8", "<f8", "<f4", "<i8", "<c16", "|b1"], 3):
        shape = tuple(int(n) for n in rng.integers(1, 6, int(rng.integers(0, 4))))
        maker.input(maker.array(shape, str(dtype)))
    maker.input(maker.array((4, 4), str(rng.choice(["<f8", "<f4"]))))
    maker.input(np.array(bool(rng.random() < 0.5)))
    maker.constant(maker.array((4,)))
    with np.errstate(all="ignore"):
        for _ in range(int(rng.integers(1, 25))):
            maker.step()
    computed = [slot for step in maker.plan["steps"] for slot in step[2]]
    chosen = [slot for slot in computed if rng.random() < 0.3] or computed[-1:] or [0]
    maker.plan["outputs"] = [*chosen, *([chosen[0]] if rng.random() < 0.1 else [])]
    if rng.random() < 0.1:
        maker.plan["outputs"].append(maker.plan["inputs"][0])
    if rng.random() < 0.3:
        maker.plan["donated"] = _donations(maker)
    return maker


def _donations(maker: Maker) -> Json:
    pairs: list[list[int]] = []
    slots = maker.plan["slots"]
    for slot in maker.plan["inputs"]:
        taken = {output for _, output in pairs}
        fits = [x for x in maker.plan["outputs"] if slots[x] == slots[slot] and x not in taken]
        if fits:
            pairs.append([slot, fits[0]])
    return pairs


# Changes


def change(rng: np.random.Generator, plan: Json) -> Json:
    """`plan` with something else in one to three places."""
    plan = deepcopy(plan)
    for _ in range(int(rng.integers(1, 4))):
        kinds = [
            _slots, _slots, _swap, _ops, _links, _links, _settings, _settings, _steps, _ends,
            _constants, _anywhere, _texts, _inside, _grow,
        ]  # fmt: skip
        try:
            kinds[int(rng.integers(len(kinds)))](rng, plan)
        except (IndexError, KeyError, TypeError, ValueError, AttributeError):
            pass                                    # another change has left nothing of that kind
    return plan


def nudge(rng: np.random.Generator, plan: Json) -> Json:
    """`plan` with one to three changes that could be right: other names, operands and numbers."""
    plan = deepcopy(plan)
    for _ in range(int(rng.integers(1, 4))):
        kinds = [_rename, _rename, _relink, _relink, _recount, _grow, _end_more, _donate]
        inner = _plans_in(plan)
        where = _one(rng, inner) if inner and rng.random() < 0.3 else plan
        try:
            kinds[int(rng.integers(len(kinds)))](rng, where)
        except (IndexError, KeyError, TypeError, ValueError, AttributeError):
            pass
    return plan


def _rename(rng: np.random.Generator, plan: Json) -> None:
    """Another primitive that takes as many operands and the same settings."""
    step = _one(rng, plan["steps"])
    families = [[*UNARY], [*BINARY], ["sum", "max", "min"], ["set_at", "add_at"],
                ["argmax", "argmin", "all", "any"], ["sort", "argsort", "cumulative_sum"]]
    (family,) = [names for names in families if step[0] in names]
    step[0] = _one(rng, family)


def _relink(rng: np.random.Generator, plan: Json) -> None:
    """Another operand, of those that are there before."""
    i = int(rng.integers(len(plan["steps"])))
    before = [*plan["inputs"], *(c[0] for c in plan["constants"])]
    before += [slot for step in plan["steps"][:i] for slot in step[2]]
    links = plan["steps"][i][1]
    k = int(rng.integers(len(links)))
    wanted = plan["slots"][links[k]]
    alike = [x for x in before if plan["slots"][x][1] == wanted[1]]
    links[k] = _one(rng, alike if rng.random() < 0.8 else before)


def _recount(rng: np.random.Generator, plan: Json) -> None:
    """Another number in a setting."""
    settings = _one(rng, [step for step in plan["steps"] if step[3]])[3]
    tree = _one(rng, settings)
    while True:
        places = list(tree) if isinstance(tree, dict) else range(len(tree))
        place = _one(rng, places)
        if type(tree[place]) is bool:
            tree[place] = not tree[place]
        elif type(tree[place]) is int:
            tree[place] += int(rng.integers(-1, 2))
        elif isinstance(tree[place], list | dict):
            tree = tree[place]
            continue
        return


def _end_more(rng: np.random.Generator, plan: Json) -> None:
    """Another output, or another order of inputs or outputs."""
    made = [slot for step in plan["steps"] for slot in step[2]]
    if rng.random() < 0.5:
        plan["outputs"].append(_one(rng, [*made, *plan["inputs"]]))
    else:
        part = plan[_one(rng, ["inputs", "outputs"])]
        part[:] = [part[i] for i in rng.permutation(len(part))]


def _donate(rng: np.random.Generator, plan: Json) -> None:
    """An input more that is donated, for an output of its kind."""
    given, taken = ([pair[k] for pair in plan["donated"]] for k in (0, 1))
    slots = plan["slots"]
    pairs = [
        [a, b] for a in plan["inputs"] for b in plan["outputs"]
        if a not in given and b not in taken and slots[a] == slots[b]
    ]  # fmt: skip
    plan["donated"].append(_one(rng, pairs))


def _one(rng: np.random.Generator, values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def _slots(rng: np.random.Generator, plan: Json) -> None:
    slot = _one(rng, plan["slots"])
    kind = int(rng.integers(4))
    if kind == 0:
        slot[1] = _one(rng, ODD_DTYPES)
    elif kind == 1:
        slot[0][int(rng.integers(len(slot[0])))] = _one(rng, LENGTHS)
    elif kind == 2:
        slot[0].append(_one(rng, LENGTHS))
    else:
        slot[0].pop()


def _swap(rng: np.random.Generator, plan: Json) -> None:
    part = plan[_one(rng, ["slots", "inputs", "steps", "outputs", "constants"])]
    i, j = (int(n) for n in rng.integers(len(part), size=2))
    part[i], part[j] = part[j], part[i]


def _ops(rng: np.random.Generator, plan: Json) -> None:
    _one(rng, plan["steps"])[0] = _one(rng, [*OPS, *UNARY, *BINARY, *CALLED])


def _links(rng: np.random.Generator, plan: Json) -> None:
    links = _one(rng, plan["steps"])[int(rng.integers(1, 3))]
    slot = int(rng.integers(len(plan["slots"]))) if rng.random() < 0.8 else _one(rng, ODD)
    if rng.random() < 0.7:
        links[int(rng.integers(len(links)))] = slot
    elif rng.random() < 0.5:
        links.append(slot)
    else:
        links.pop()


def _settings(rng: np.random.Generator, plan: Json) -> None:
    settings = _one(rng, [step for step in plan["steps"] if step[3]])[3]
    kind = rng.random()
    if kind < 0.1:
        settings.append(deepcopy(_one(rng, settings)))
    elif kind < 0.2:
        settings.remove(_one(rng, settings))
    elif kind < 0.3:
        settings.append([_one(rng, ["out", "where", "axis", "parts", "shape", "dtype"]),
                         _one(rng, ODD)])
    else:
        _replace(rng, _one(rng, settings))


def _replace(rng: np.random.Generator, tree: Json) -> None:
    """Something else in one place of lists and names."""
    while True:
        places = list(tree) if isinstance(tree, dict) else range(len(tree))
        place = _one(rng, places)
        below = tree[place]
        if not isinstance(below, list | dict) or not below or rng.random() < 0.2:
            tree[place] = below + _one(rng, [-1, 1]) if (
                type(below) is int and rng.random() < 0.5
            ) else deepcopy(_one(rng, ODD))
            return
        tree = below


def _steps(rng: np.random.Generator, plan: Json) -> None:
    steps, kind = plan["steps"], int(rng.integers(3))
    i = int(rng.integers(len(steps)))
    if kind == 0:
        del steps[i]
    elif kind == 1:
        steps.insert(int(rng.integers(len(steps))), deepcopy(steps[i]))
    else:
        steps[i][4] = [deepcopy(_one(rng, steps))]
        steps[i][0] = _one(rng, ["fused", steps[i][0], _one(rng, CODE)])


def _ends(rng: np.random.Generator, plan: Json) -> None:
    part = _one(rng, ["inputs", "outputs", "donated"])
    slot = int(rng.integers(len(plan["slots"])))
    if part == "donated":
        plan[part].append([_one(rng, plan["inputs"]), _one(rng, [slot, *plan["outputs"]])])
    elif rng.random() < 0.5:
        plan[part].append(slot)
    else:
        plan[part].pop(int(rng.integers(len(plan[part]))))


def _constants(rng: np.random.Generator, plan: Json) -> None:
    constant = _one(rng, plan["constants"])
    kind = int(rng.integers(3))
    if kind == 0:
        data = base64.b64decode(constant[3]) + b"\2" * int(rng.integers(-1, 9))
        constant[3] = base64.b64encode(data[int(rng.integers(2)) :]).decode()
    elif kind == 1:
        data = bytes(rng.bytes(len(base64.b64decode(constant[3]))))
        constant[3] = base64.b64encode(data).decode()
    else:
        _replace(rng, constant)


def _anywhere(rng: np.random.Generator, plan: Json) -> None:
    _replace(rng, plan)


def _texts(rng: np.random.Generator, plan: Json) -> None:
    _one(rng, plan["steps"])[5 if rng.random() < 0.3 else 0] = _one(rng, CODE)


def _plans_in(plan: Json) -> list[Json]:
    """The plans that its steps hold."""
    return [
        value["plan"]
        for step in plan["steps"]
        for _, value in step[3]
        if isinstance(value, dict) and "plan" in value
    ]


def _inside(rng: np.random.Generator, plan: Json) -> None:
    """A change of a plan in a step, or of a body."""
    inner = _plans_in(plan)
    bodies = [{**plan, "steps": step[4]} for step in plan["steps"] if step[4]]
    kinds = [_slots, _ops, _links, _settings, _steps, _ends, _constants]
    _one(rng, kinds)(rng, _one(rng, [*inner, *bodies]))


def _grow(rng: np.random.Generator, plan: Json) -> None:
    """A step more, of any operands, that makes what one of them is."""
    slots, steps = plan["slots"], plan["steps"]
    inputs = [int(n) for n in rng.integers(len(slots), size=int(rng.integers(1, 3)))]
    slots.append(deepcopy(slots[inputs[0]]))
    op = _one(rng, [*UNARY] if len(inputs) == 1 else [*BINARY])
    steps.insert(
        int(rng.integers(len(steps) + 1)), [op, inputs, [len(slots) - 1], [], [], "grown.py:1"]
    )
    plan["outputs"].append(len(slots) - 1)
