"""Plans in files: what is loaded is what was saved, and nothing else is ever run."""

import json
import os
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

import gpugrad as gg
from gpugrad.core.registry import namespace as ops
from gpugrad.engines import ALL, make_program
from gpugrad.errors import PlanError
from gpugrad.plan.passes.fuse import fuse
from gpugrad.plan.plan import Constant, Operand, Plan, Slot, Step

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(6, 4)), RNG.normal(size=(4, 3)).astype(np.float32)
LABELS = np.array([0, 2, 1, 0, 2, 1])
KEY = np.array([3, 1, 1])


def network(w, x, labels):
    def loss(w):
        return gg.mean(gg.nn.softmax_cross_entropy(gg.tanh(x @ w), labels))

    value, g = gg.value_and_grad(loss)(w)
    return w - 0.1 * g, value


def indexing(x, key):
    return ops.getitem(x, (key, ..., slice(None, None, -1), None)), gg.argmax(x, axis=0), x[::2, 1]


def control(x, flag):
    def body(c, row):
        return gg.cond(flag, lambda: (c * row, c), lambda: (c + row, row))

    return gg.scan(body, gg.sum(x, axis=0), x, reverse=True)


PROGRAMS = {
    "network": (network, (W, X.astype(np.float32), LABELS)),
    "indexing": (indexing, (X, KEY)),
    "control": (control, (X, np.array(True))),
    "special": (lambda x: gg.where(x > np.inf, -np.inf, gg.maximum(x, 1e-300) + 0.1), (X,)),
    "half": (lambda x: gg.astype(x, np.float16) * 2, (X,)),
    "constant": (lambda x: x + gg.arange(4.0), (X,)),
}


@pytest.fixture(params=PROGRAMS)
def case(request):
    f, args = PROGRAMS[request.param]
    return gg.jit(f, engine="numpy").plan(*args), args


def results(plan, arrays, engine="numpy"):
    instance = make_program(plan, engine).instance()
    return [np.array(y) for y in instance.run(*arrays)]


def doctored(path, change):
    """The file at `path` with its plan changed, and a checksum that fits."""
    head, _, text = path.read_bytes().partition(b"\n")
    data = json.loads(text)
    change(data)
    text = json.dumps(data).encode()
    header = json.loads(head) | {"sha256": sha256(text).hexdigest()}
    path.write_bytes(json.dumps(header).encode() + b"\n" + text)


def test_a_loaded_plan_is_equal_and_computes_the_same(case, tmp_path):
    plan, args = case
    plan.save(tmp_path / "plan.json")
    loaded = Plan.load(tmp_path / "plan.json")
    assert loaded == plan
    assert str(loaded) == str(plan)
    assert [step.line for step in loaded.steps] == [step.line for step in plan.steps]
    assert "test_plan_files.py" in plan.steps[0].line
    for mine, saved in zip(results(loaded, args), results(plan, args), strict=True):
        assert mine.dtype == saved.dtype
        assert mine.tobytes() == saved.tobytes()


@pytest.mark.skipif(not ALL["native"].is_there, reason="the engine native is not installed")
def test_a_loaded_plan_runs_on_the_other_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("GPUGRAD_CACHE", str(tmp_path))
    f, args = PROGRAMS["network"]
    gg.jit(f, engine="numpy").plan(*args).save(tmp_path / "plan.json")
    plan = Plan.load(tmp_path / "plan.json")
    for mine, other in zip(results(plan, args, "native"), results(plan, args), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5)


def test_fused_steps_and_donations_are_kept(tmp_path):
    f, args = PROGRAMS["network"]
    plan = fuse(gg.jit(f, donate_argnums=0).plan(*args))
    assert any(step.body for step in plan.steps)
    assert plan.donated
    plan.save(tmp_path / "plan.json")
    assert Plan.load(tmp_path / "plan.json") == plan


def call(op, result, *args):
    return op, result, (("args", (Operand(0), *args)), ("kwargs", ()))


FLOATS, WHOLE = Slot((2,), np.dtype("float64")), Slot((), np.dtype("int64"))
SETTINGS = [
    call("float_power", FLOATS, 0.1),
    call("float_power", FLOATS, float("inf")),
    call("float_power", FLOATS, -3),
    call("float_power", FLOATS, True),
    call("float_power", Slot((2,), np.dtype("complex128")), 1j),
    call("getitem", Slot((1, 1), FLOATS.dtype), (slice(1, None, -2), None, ...)),
    call("getitem", Slot((), FLOATS.dtype), (-2,)),
    call("roll", FLOATS, (1, -1), (0, 0)),
    call("fft_fft", Slot((2,), np.dtype("complex128")), None, -1, "ortho"),
    ("cond", FLOATS, (("true", Plan((FLOATS,), (0,), (), (), (0,))),
                      ("false", Plan((FLOATS,), (0,), (), (), (0,))))),
    ("astype", Slot((2,), np.dtype(">i2")), (("dtype", np.dtype(">i2")),)),
    call("to_integer", Slot((), np.dtype("int8")), np.int8),
    call("random_uniform", Slot((), np.dtype("float32")), (), np.dtype("float32"), 0.0, 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("op", "result", "settings"), SETTINGS)
def test_every_kind_of_setting(op, result, settings, tmp_path):
    given = {
        "cond": (Slot((), np.dtype("bool")), FLOATS), "to_integer": (WHOLE,),
        "random_uniform": (Slot((2,), np.dtype("uint32")),),
    }.get(op, (FLOATS,))  # fmt: skip
    inputs = tuple(range(len(given)))
    step = Step(op, inputs, (len(given),), settings, (), "a.py:1")
    plan = Plan((*given, result), inputs, (), (step,), (len(given),))
    plan.save(tmp_path / "plan.json")
    loaded = Plan.load(tmp_path / "plan.json")
    assert loaded == plan
    assert repr(loaded) == repr(plan)               # 1 is not True


def test_bits_of_constants_are_kept(tmp_path):
    array = np.array([np.nan, -0.0, np.inf, 5e-324])
    array.view(np.uint64)[0] |= 7                   # a NaN with a payload
    plan = Plan(
        (Slot((4,), array.dtype),), (), ((0, Constant.of(array)),), (), (0,)
    )
    plan.save(tmp_path / "plan.json")
    loaded = Plan.load(tmp_path / "plan.json")
    assert loaded.constants[0][1].data == array.tobytes()


@pytest.mark.parametrize("setting", [object(), [1], np.zeros(2), np.dtype("O"), {}, np.int8(1)])
def test_what_cannot_be_written_is_refused_and_writes_nothing(tmp_path, setting):
    slot = Slot((), np.dtype("float64"))
    plan = Plan((slot, slot), (0,), (), (Step("take", (0,), (1,), (("args", (setting,)),)),), (1,))
    path = tmp_path / "plan.json"
    path.write_text("mine")
    with pytest.raises(PlanError, match="cannot hold"):
        plan.save(path)
    assert path.read_text() == "mine"
    assert os.listdir(tmp_path) == ["plan.json"]


def test_a_write_that_fails_leaves_the_old_file(case, tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_text("old")

    def fail(*paths):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        case[0].save(path)
    assert path.read_text() == "old"


@pytest.mark.parametrize("content", [b"", b"hello", b"{}\n{}", b"[1]\n", b"\x93NUMPY\xff", b"1"])
def test_a_foreign_file_is_refused(tmp_path, content):
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(PlanError, match="no file of a plan"):
        Plan.load(path)


def test_a_damaged_file_is_refused_wherever_the_damage_is(tmp_path):
    f, args = PROGRAMS["special"]
    path = tmp_path / "plan.json"
    gg.jit(f, engine="numpy").plan(*args).save(path)
    whole = path.read_bytes()
    for position in range(0, len(whole) - 1, 7):
        for part in (whole[:position], whole[:position] + b"~" + whole[position + 1 :]):
            path.write_bytes(part)
            with pytest.raises(PlanError):
                Plan.load(path)


def test_another_version_is_refused(case, tmp_path):
    path = tmp_path / "plan.json"
    case[0].save(path)
    path.write_bytes(path.read_bytes().replace(b'"version": 1', b'"version": 99', 1))
    with pytest.raises(PlanError, match="version 99"):
        Plan.load(path)


def _first(data, part, value):
    data["steps"][0][part] = value


CHANGES = {
    "code as a name": lambda d: _first(d, 0, "__import__('os').system('true')"),
    "a function that reads files": lambda d: _first(d, 0, "load"),
    "a function that writes files": lambda d: _first(d, 0, "save"),
    "a private name": lambda d: _first(d, 0, "__reduce__"),
    "code as a setting": lambda d: _first(d, 3, [["shape", "__import__('os')"]]),
    "a setting of an unknown kind": lambda d: _first(d, 3, [["shape", {"pickle": "gASV"}]]),
    "a slot that does not exist": lambda d: _first(d, 2, [999]),
    "a slot that is no number": lambda d: _first(d, 2, ["0"]),
    "a step before its operands": lambda d: _first(d, 1, [d["steps"][0][2][0]]),
    "a result over an input": lambda d: _first(d, 2, [d["inputs"][0]]),
    "an output from nowhere": lambda d: d.update(outputs=[len(d["slots"])]),
    "a donated result": lambda d: d.update(donated=[[d["outputs"][0], d["outputs"][0]]]),
    "a negative shape": lambda d: d["slots"][0].__setitem__(0, [-1]),
    "a dtype of objects": lambda d: d["slots"][0].__setitem__(1, "|O"),
    "a constant of another size": lambda d: d["constants"][0].__setitem__(3, "AAAA"),
    "a constant that is no base64": lambda d: d["constants"][0].__setitem__(3, "é"),
    "no steps": lambda d: d.pop("steps"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_was_made_up_is_refused(tmp_path, name):
    f, args = PROGRAMS["special"]
    path = tmp_path / "plan.json"
    gg.jit(f, engine="numpy").plan(*args).save(path)
    doctored(path, lambda data: None)
    Plan.load(path)                                 # the checksum alone is no reason
    doctored(path, CHANGES[name])
    with pytest.raises(PlanError, match="no plan that can run"):
        Plan.load(path)


def test_an_operation_of_the_user_is_refused_when_it_is_saved(tmp_path):
    slot = Slot((2,), np.dtype("float64"))
    step = Step("savetxt", (0,), (1,), (("args", (Operand(0),)), ("kwargs", ())))
    with pytest.raises(PlanError, match="savetxt"):
        Plan((slot, slot), (0,), (), (step,), (1,)).save(tmp_path / "plan.json")
    assert not os.listdir(tmp_path)


def test_the_difference_of_plans_can_be_read():
    plan = gg.jit(lambda x: gg.exp(x) + 1).plan(X)
    other = gg.jit(lambda x: gg.sin(x) + 1).plan(X)
    assert plan.diff(plan) == ""
    lines = plan.diff(other).splitlines()
    assert [line.split()[:5] for line in lines if line.startswith(("- ", "+ "))] == [
        ["-", "1", "%1", "=", "exp"],
        ["+", "1", "%1", "=", "sin"],
    ]


def test_constants_that_differ_are_told():
    plan = gg.jit(lambda x: x + gg.arange(4.0)).plan(X)
    ((slot, constant),) = [pair for pair in plan.constants if pair[1].shape]
    changed = Constant.of(constant.array() + 1)
    constants = tuple((s, changed if s == slot else c) for s, c in plan.constants)
    assert plan.diff(replace(plan, constants=constants)) == "the values of constants differ"
