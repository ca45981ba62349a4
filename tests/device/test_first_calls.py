"""The first call of a program: nothing of gpugrad has seen an array of CuPy before it."""

from __future__ import annotations

import subprocess
import sys

import pytest

START = """
import sys
import threading

import cupy as cp

import gpugrad as gg
from gpugrad.backends import devices, namespace_of

def there(device=1):
    with cp.cuda.Device(device):
        return cp.asarray([0.3, 0.7, 0.45])

def check(*results):
    assert cp.cuda.Device().id == 0
    for x in results:
        assert isinstance(x, cp.ndarray) and x.device.id == 1, x
        with x.device:
            assert x.sum() > -10

def f(x):
    return gg.sum(gg.sin(x) * x + gg.ones_like(x))

x = there()
"""

ON_ITS_DEVICE = {
    "an op": "check(gg.sin(x))",
    "an operator": "check((gg.tensor(x) * 2).value)",
    "a function": "check(gg.ones_like(x))",
    "a conversion": "check(gg.asarray(x, copy=True).value)",
    "a write": "t = gg.tensor(x)\nt[0] = 2.0\ncheck(t.value)",
    "CuPy's function": "check(cp.sin(gg.tensor(x)).value)",
    "grad": "check(gg.grad(f)(x))",
    "backward": "t = gg.tensor(x, requires_grad=True)\nf(t).backward()\ncheck(t.grad)",
    "backward of a leaf": "t = gg.tensor(x[0], requires_grad=True)\nt.backward()\ncheck(t.grad)",
    "jit": "step = gg.jit(gg.value_and_grad(f))\nfor _ in range(4): check(*step(x))",
    "jit.compile": "step = gg.jit(f)\nstep.compile(x)\ncheck(step(x))",
    "vmap": "check(gg.vmap(lambda x: gg.sin(x) * gg.ones(()))(x))",
    "jvp": "check(*gg.jvp(f, (x,), (x,)))",
    "adam": "opt = gg.optim.adam(0.1)\nstate = opt.init(x)\n"
    "updates, state = opt.update(x, state, x)\ncheck(gg.optim.apply_updates(x, updates))",
    "sgd": "opt = gg.optim.sgd(0.1, momentum=0.9)\n"
    "check(opt.update(x, opt.init(x), x)[0])",
    "updates": "check(gg.optim.apply_updates(x, x))",
    "a norm": "check(gg.linalg.norm(x))",
}


def run(code: str) -> None:
    """In a new process; that one needs no backend chosen, as it follows its arrays."""
    done = subprocess.run([sys.executable, "-c", START + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.two_devices
@pytest.mark.parametrize("name", ON_ITS_DEVICE)
def test_the_first_call_runs_on_the_device_of_its_operands(name: str) -> None:
    run(ON_ITS_DEVICE[name])


@pytest.mark.two_devices
def test_devices_do_not_mix_in_the_first_call() -> None:
    for call in ("gg.add(x, y)", "gg.jit(gg.add)(x, y)", "gg.optim.apply_updates(x, y)"):
        run(f"""
y = there(0)
try:
    {call}
except gg.errors.MixedBackends as error:
    assert "different devices" in str(error)
else:
    raise AssertionError
""")


ALONE = "cp.cuda.runtime.getDeviceCount = lambda: 1\n"


def test_where_there_is_one_device_nobody_asks_again() -> None:
    """Nor before CuPy is imported, and a CuPy that cannot say how many it has is not used."""
    run(ALONE + """
x = there(0)
gg.sin(x)
assert not devices.several
assert devices.natives == {cp.ndarray: namespace_of(x)}
""")
    run("""
def fail():
    raise RuntimeError("no driver")
cp.cuda.runtime.getDeviceCount = fail
import numpy as np
assert gg.grad(f)(np.ones(3)).shape == (3,)
gg.jit(f)(np.ones(3))
assert not devices.several
""")
    code = (
        "import sys, numpy as np, gpugrad as gg; gg.use_backend('numpy');"
        "gg.jit(gg.grad(lambda x: gg.sum(x @ x)))(np.ones((2, 2)));"
        "assert 'cupy' not in sys.modules"
    )
    assert not subprocess.run([sys.executable, "-c", code]).returncode


def test_threads_that_come_first_find_one_namespace() -> None:
    """Whoever makes one in vain leaves nothing of it behind."""
    run(ALONE + """
from gpugrad.backends import cupy as backend

class Slow(backend.CupyNamespace):
    both = threading.Barrier(2)

    def __init__(self):
        super().__init__()
        self.both.wait()
        if threading.current_thread().name == "last":
            first.join()

backend.CupyNamespace = Slow
found = []
first, last = (
    threading.Thread(target=lambda: found.append(backend.namespace()), name=name)
    for name in ("first", "last")
)
first.start(), last.start()
first.join(), last.join()
a, b = found
assert a is b is backend.namespace() is namespace_of(there(0))
assert devices.natives == {cp.ndarray: a}
gg.add(there(0), there(0))
""")
