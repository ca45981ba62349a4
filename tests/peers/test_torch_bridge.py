"""`gg.interop` and PyTorch: values and gradients over the bridges are those of either side."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from bridge_table import ROWS, Row, is_moving, loss, moving, with_moving

import gpugrad as gg
from gpugrad.errors import InvalidArgument, NotDifferentiable, TrackedConversion, UnsupportedOperand
from gpugrad.interop import from_torch, torch_arrays, torch_function

# Of what PyTorch uses itself.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")

EACH = pytest.mark.parametrize("row", ROWS, ids=str)


def as_tensors(args: Any) -> Any:
    """The same trees with tensors, which need gradients where this makes sense."""

    def tensor(x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return x
        return torch.tensor(x, requires_grad=is_moving(x))

    return gg.tree.map(tensor, args)


def as_numpy(tree: Any) -> list[Any]:
    return [
        x.detach().resolve_conj().numpy() if isinstance(x, torch.Tensor) else x
        for x in gg.tree.leaves(tree)
    ]


def same(found: Any, wanted: Any) -> None:
    found, wanted = as_numpy(found), as_numpy(wanted)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        if isinstance(b, np.ndarray):
            assert a.dtype == b.dtype
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
        else:
            assert a == b


def of_leaves(f: Callable[..., Any], args: tuple[Any, ...]) -> Callable[..., Any]:
    """The results of `f` that move, as a function of the leaves that do."""

    def of(*leaves: Any) -> Any:
        found = gg.tree.leaves(f(*with_moving(args, leaves)))
        return tuple(
            y for y in found
            if (y.is_floating_point() or y.is_complex() if isinstance(y, torch.Tensor)
                else getattr(y, "dtype", np.dtype(int)).kind in "fc")
        )  # fmt: skip

    return of


def fixed_tensors(args: Any) -> Any:
    """The arguments with tensors of integers; leaves that move are given later."""
    return gg.tree.map(
        lambda x: torch.tensor(x) if isinstance(x, np.ndarray) and not is_moving(x) else x, args
    )


@EACH
def test_a_function_of_gpugrad_in_torch(row: Row) -> None:
    bridged, native = torch_function(row.ours), row.torch(torch)
    given = as_tensors(row.args)
    same(bridged(*given), native(*given))
    with torch.no_grad():
        same(bridged(*given), native(*given))
    args = fixed_tensors(row.args)
    leaves = [torch.tensor(x, requires_grad=True) for x in moving(row.args)]

    def slopes(f: Callable[..., Any], order: int) -> Any:
        total = loss(list(of_leaves(f, args)(*leaves)), torch.real)
        found = torch.autograd.grad(total, leaves, create_graph=order > 1)
        if order == 1:
            return found
        once_more = loss(list(found), torch.real)
        return torch.autograd.grad(once_more, leaves, materialize_grads=True)

    same(slopes(bridged, 1), slopes(native, 1))
    if row.smooth:
        same(slopes(bridged, 2), slopes(native, 2))
        flat = of_leaves(bridged, args)
        options = {"nondet_tol": 1e-12}             # a plan takes over at the third call
        if all(x.numel() for x in leaves):          # of what is empty there is nothing to check
            assert torch.autograd.gradcheck(flat, leaves, check_forward_ad=True, **options)
            assert torch.autograd.gradgradcheck(flat, leaves, **options)


@EACH
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_a_function_of_torch_in_gpugrad(row: Row, compiled: bool) -> None:
    bridged, native = from_torch(row.torch(torch)), row.ours
    same(bridged(*row.args), native(*row.args))
    leaves = moving(row.args)
    places = tuple(range(len(leaves)))

    def slopes(f: Callable[..., Any]) -> Any:
        def total(*leaves: Any) -> Any:
            return loss(list(of_leaves(f, row.args)(*leaves)), gg.real)

        both = gg.value_and_grad(total, places)
        for _ in range(3 if compiled else 1):       # the last by a plan
            both = gg.jit(both) if compiled else both
            found = both(*leaves)
        return found

    same(slopes(bridged), slopes(native))
    if row.smooth and not compiled:
        gg.testing.check_grads(of_leaves(bridged, row.args), leaves, order=2)


def test_a_wrong_bridge_is_noticed() -> None:
    """The comparison and PyTorch's own check fail where a rule is wrong."""
    wrong = gg.custom_vjp(lambda x: x**2)
    wrong.defvjp(lambda x: (x**2, x), lambda x, g: (g * x,))
    t = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        torch.autograd.gradcheck(torch_function(wrong), (t,))
    with pytest.raises(AssertionError):
        same(torch.ones(2), torch.zeros(2))


F = torch_function(lambda x, w: gg.tanh(x @ w) ** 2)
G = from_torch(lambda x, w: torch.tanh(x @ w) ** 2)


def native(x: Any, w: Any) -> Any:
    return torch.tanh(x @ w) ** 2


def ours(x: Any, w: Any) -> Any:
    return gg.tanh(x @ w) ** 2


X, W = np.random.default_rng(0).normal(size=(3, 4)), np.random.default_rng(1).normal(size=(4, 2))

TRANSFORMS = {
    "vmap": lambda f: torch.func.vmap(f, (0, None)),
    "vmap along 1": lambda f: torch.func.vmap(f, (None, 1), 1),
    "jacrev": torch.func.jacrev,
    "jacfwd": torch.func.jacfwd,
    "hessian": lambda f: torch.func.hessian(lambda x, w: f(x, w).sum()),
    "vmap of grad": lambda f: torch.func.vmap(
        torch.func.grad(lambda x, w: f(x, w).sum()), (0, None)
    ),
    "grad of vmap": lambda f: torch.func.grad(
        lambda x, w: torch.func.vmap(lambda row: f(row, w).sum())(x).prod()
    ),
    "vmap of hessian": lambda f: torch.func.vmap(
        torch.func.hessian(lambda x, w: f(x, w).sum()), (0, None)
    ),
    "jvp": lambda f: lambda x, w: torch.func.jvp(f, (x, w), (w.T[:1] + 0 * x, w)),
    "vjp": lambda f: lambda x, w: torch.func.vjp(f, x, w)[1](torch.ones(3, 2, dtype=x.dtype)),
}


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=list(TRANSFORMS))
@pytest.mark.parametrize("bridged", [F, torch_function(gg.jit(ours))], ids=["eager", "jit"])
def test_the_transforms_of_torch_go_through(
    transform: Callable[..., Any], bridged: Callable[..., Any]
) -> None:
    x, w = torch.tensor(X), torch.tensor(W)
    same(transform(bridged)(x, w), transform(native)(x, w))


def total(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, w: gg.sum(f(x, w) ** 2)


OF_OURS = {
    "hessian": lambda f: gg.hessian(total(f)),
    "jacobian": lambda f: gg.jacobian(f, (0, 1)),
    "forward": lambda f: gg.jacobian(f, mode="forward"),
    "jit of hessian": lambda f: gg.jit(gg.hessian(total(f))),
    "vmap": lambda f: gg.vmap(f, (0, None)),
    "vmap of grad": lambda f: gg.vmap(gg.grad(total(f)), (0, None)),
    "jit of vmap of grad": lambda f: gg.jit(gg.vmap(gg.grad(total(f)), (0, None))),
    "grad of vmap": lambda f: gg.grad(total(gg.vmap(f, (0, None))), (0, 1)),
    "scan": lambda f: gg.jit(gg.grad(
        lambda x, w: gg.sum(gg.scan(lambda c, _: (f(c, w) @ w.T, None), x, None, length=3)[0]),
        (0, 1),
    )),
    "checkpoint": lambda f: gg.grad(total(gg.checkpoint(f)), (0, 1)),
    "cond": lambda f: gg.jit(gg.grad(
        lambda x, w: gg.cond(gg.sum(x) > 0, total(f), lambda x, w: gg.sum(x @ w), x, w)
    )),
}  # fmt: skip


@pytest.mark.parametrize("transform", OF_OURS.values(), ids=list(OF_OURS))
def test_the_transforms_of_gpugrad_go_through(transform: Callable[..., Any]) -> None:
    found, wanted = transform(G), transform(ours)
    for _ in range(3):
        same(found(X, W), wanted(X, W))


def test_there_and_back() -> None:
    """A function over two bridges is what it was."""
    f = from_torch(torch_function(ours))
    same(gg.jit(gg.grad(total(f), (0, 1)))(X, W), gg.grad(total(ours), (0, 1))(X, W))
    g = torch_function(from_torch(native))
    leaves = [torch.tensor(x, requires_grad=True) for x in (X, W)]
    assert torch.autograd.gradcheck(g, leaves)
    assert torch.autograd.gradgradcheck(g, leaves)


# Arrays of all kinds


def test_operands_share_memory() -> None:
    seen: list[Any] = []
    t = torch.ones(3, 4, dtype=torch.float64)
    torch_function(lambda x: seen.append(x) or x + 1)(t)
    assert seen[0].ctypes.data == t.data_ptr()
    x = np.ones((3, 4))
    from_torch(lambda t: seen.append(t) or t + 1)(x)
    assert seen[1].data_ptr() == x.ctypes.data
    view = x[::2, 1:]
    from_torch(lambda t: seen.append(t) or t + 1)(view)
    assert seen[2].data_ptr() == view.ctypes.data
    gg.grad(lambda x: gg.sum(from_torch(lambda t: seen.append(t) or t + 1)(x)))(x)
    assert seen[3].data_ptr() == x.ctypes.data


def test_results_of_a_plan_are_handed_over() -> None:
    """Without another copy, because nobody else has them."""
    seen: list[Any] = []
    compiled = gg.jit(lambda x: x + 1)
    call = type(compiled).__call__

    def noted(self: Any, *args: Any) -> Any:
        seen.append(call(self, *args))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(compiled), "__call__", noted)
        y = torch_function(compiled)(torch.ones(3))
    assert y.data_ptr() == seen[0].ctypes.data


def test_what_is_returned_belongs_to_the_caller() -> None:
    constant = np.ones(2)
    t = torch.ones(2, dtype=torch.float64)
    for f in (lambda x: x, lambda x: x[:], lambda x: constant, lambda x: gg.tensor(constant)):
        for g in (torch_function(f), torch_function(gg.jit(f))):
            for _ in range(4):                      # the last ones by a plan
                g(t).add_(1)
                assert np.all(constant == 1)
                assert torch.all(t == 1)
    held, x = torch.ones(2, dtype=torch.float64), np.ones(2)
    for g in (lambda x: x, lambda x: x[:], lambda x: held, lambda x: held.expand(3, 2)):
        from_torch(g)(x)[...] = 5
        y = from_torch(g)(gg.tensor(x))
        y[...] = 5
        assert torch.all(held == 1)
        assert np.all(x == 1)


@pytest.mark.parametrize("name", ["torch_function", "jax_function"])
def test_memory_of_others_is_not_given_up(name: str) -> None:
    with pytest.raises(InvalidArgument, match="leave out donate_argnums"):
        getattr(gg.interop, name)(gg.jit(lambda x: x + 1, donate_argnums=0))


def test_a_function_cannot_write_to_a_tensor() -> None:
    t = torch.zeros(2)

    def wrong(x: Any) -> Any:
        x[0] = 1
        return x

    with pytest.raises(ValueError, match="read-only"):
        torch_function(wrong)(t)
    assert torch.all(t == 0)
    # Where it is differentiated, it gets Tensors, which copy before they are written to.
    torch_function(wrong)(t.requires_grad_())
    assert torch.all(t == 0)


@pytest.mark.parametrize("dtype", [
    torch.bool, torch.uint8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32,
    torch.float64, torch.complex64, torch.complex128,
])  # fmt: skip
def test_dtypes_go_over(dtype: torch.dtype) -> None:
    t = torch.tensor([[0, 1], [2, 3]]).to(dtype)
    y = torch_function(lambda x: x[::-1])(t)
    assert y.dtype == dtype
    assert torch.equal(y, t.flip(0))
    x = from_torch(lambda t: t.flip(0))(t.numpy())
    assert x.dtype == t.numpy().dtype
    assert np.array_equal(x, t.numpy()[::-1])
    if dtype.is_floating_point or dtype.is_complex:
        t.requires_grad_()
        torch_function(lambda x: gg.sum(gg.real(x * 2)))(t).backward()
        assert t.grad is not None
        assert t.grad.dtype == dtype
        assert torch.all(t.grad == 2)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float8_e4m3fn])
def test_dtypes_that_numpy_does_not_have_are_refused(dtype: torch.dtype) -> None:
    t = torch.ones(2).to(dtype)
    with pytest.raises(UnsupportedOperand, match=r"t\.float\(\)"):
        torch_function(lambda x: x)(t)
    with pytest.raises(UnsupportedOperand, match=str(dtype)):
        from_torch(lambda x: x.to(dtype))(np.ones(2))


def test_tensors_without_numbers_in_rows_are_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")             # PyTorch's, of what it calls beta
        sparse = torch.eye(2).to_sparse_csr()
    for t in (torch.eye(2).to_sparse(), sparse, torch.ones(2, device="meta")):
        with pytest.raises(UnsupportedOperand, match="dense ones"):
            torch_function(lambda x: x)(t)
    with pytest.raises(UnsupportedOperand, match="refuses"):
        torch_function(lambda x: np.array(["a"]))(torch.ones(2))


@pytest.mark.parametrize("layout", {
    "reversed": lambda x: x[::-1],
    "transposed": lambda x: x.T,
    "every other": lambda x: x[::2, ::-2],
    "read-only": lambda x: np.broadcast_to(x[0], (3, 4)),
    "other byte order": lambda x: x.astype(">f8"),
    "one element": lambda x: x[0, 0, ...],
    "a number of NumPy": lambda x: x[0, 0],
    "empty": lambda x: x[:0, ::-1],
}.items(), ids=lambda pair: pair[0])  # fmt: skip
def test_layouts_go_over(layout: tuple[str, Callable[..., Any]]) -> None:
    """Read-only ones without a warning, which pytest would make an error."""
    x = layout[1](np.arange(12.0).reshape(3, 4) + 1)
    y = from_torch(lambda t: t * 2)(x)
    assert y.shape == np.shape(x)
    assert np.array_equal(y, x * 2)
    assert y.dtype == np.float64
    if layout[0] != "other byte order":
        slope = gg.grad(lambda x: gg.sum(from_torch(lambda t: t**2)(x)))(x)
        assert np.array_equal(slope, 2 * x)
    t = torch_function(lambda _: x)(torch.ones(1))
    assert np.array_equal(t.numpy(), x)


def test_bits_of_torch_are_resolved() -> None:
    z = torch.tensor([1 + 2j, 3 - 1j])
    assert z.conj().is_conj()
    assert torch.equal(torch_function(lambda x: x * 1)(z.conj()), z.conj().resolve_conj())
    negative = torch._neg_view(torch.tensor([1.0, 2.0]))
    assert negative.is_neg()
    assert torch.equal(torch_function(lambda x: x * 1)(negative), torch.tensor([-1.0, -2.0]))
    w = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    torch_function(lambda x: gg.sum(gg.abs(x) ** 2))(w.conj()).backward()
    assert w.grad is not None
    assert torch.allclose(w.grad, 2 * w.detach())


# Streams of a GPU, by stand-ins for it


class Entered:
    """A context that notes when it is entered and left."""

    def __init__(self, log: list[Any], *what: Any) -> None:
        self._log, self._what = log, what

    def __enter__(self) -> None:
        self._log.append(("in", *self._what))

    def __exit__(self, *error: object) -> None:
        self._log.append(("out", *self._what))


def test_cupy_works_on_the_stream_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[Any] = []
    cupy = SimpleNamespace(cuda=SimpleNamespace(
        Device=lambda i: Entered(log, "device", i),
        Stream=SimpleNamespace(
            from_external=lambda stream: Entered(log, "stream", *stream.__cuda_stream__())
        ),
    ))  # fmt: skip
    monkeypatch.setattr(torch_arrays, "_cupy", lambda: cupy)
    monkeypatch.setattr(
        torch.cuda, "current_stream", lambda device: SimpleNamespace(cuda_stream=100 + device.index)
    )
    tensors: Any = [torch.ones(1), SimpleNamespace(is_cuda=True, device=torch.device("cuda", 1))]
    with torch_arrays.on_stream_of_torch(tensors):
        assert log == [("in", "device", 1), ("in", "stream", 0, 101)]
    assert log[2:] == [("out", "stream", 0, 101), ("out", "device", 1)]
    with torch_arrays.on_stream_of_torch([torch.ones(1)]):
        assert len(log) == 4


def test_torch_works_on_the_stream_of_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[Any] = []
    current = SimpleNamespace(ptr=7)
    cupy = SimpleNamespace(cuda=SimpleNamespace(get_current_stream=lambda: current))
    monkeypatch.setattr(torch_arrays, "_cupy", lambda: cupy)
    monkeypatch.setattr(torch.cuda, "ExternalStream", lambda pointer, device: (pointer, device))
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: Entered(log, *stream))
    array = SimpleNamespace(__cuda_array_interface__={}, device=SimpleNamespace(id=2))
    with torch_arrays.on_stream_of_cupy([np.ones(1), array]):
        assert log == [("in", 7, torch.device("cuda", 2))]
    assert len(log) == 2
    with torch_arrays.on_stream_of_cupy([np.ones(1)]):
        assert len(log) == 2


# What PyTorch does with functions


def test_it_works_in_a_module() -> None:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 3)
            self.activation = torch_function(lambda x: gg.tanh(x) * x)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.activation(self.layer(x)).sum()

    net, x = Net(), torch.ones(2, 4)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    before = net(x).item()
    for _ in range(5):
        opt.zero_grad()
        net(x).backward()
        opt.step()
    assert net(x).item() < before


def test_gradients_of_some_arguments_alone() -> None:
    x, w = torch.tensor(X), torch.tensor(W, requires_grad=True)
    F(x, w).sum().backward()
    assert x.grad is None
    assert w.grad is not None
    assert not F(x, w.detach()).requires_grad
    with torch.no_grad():
        assert not F(x, w).requires_grad


def test_a_result_that_depends_on_nothing_has_zeros() -> None:
    t = torch.ones(2, requires_grad=True)
    one, other = torch_function(lambda x: (x * 0 + 1, np.ones(3, "float32")))(t)
    (other.sum() + 0 * one.sum()).backward()
    assert t.grad is not None
    assert torch.all(t.grad == 0)
    assert np.all(gg.grad(lambda x: gg.sum(from_torch(lambda t: torch.ones(3))(x)))(X) == 0)


def test_what_was_changed_in_place_is_noticed() -> None:
    t = torch.ones(2, requires_grad=True)
    s = t * 1
    y = torch_function(lambda x: x**2)(s)
    s.add_(1)
    with pytest.raises(RuntimeError, match="inplace"):
        y.sum().backward()


def test_a_graph_is_kept_or_freed_as_torch_says() -> None:
    t = torch.ones(2, requires_grad=True)
    y = torch_function(lambda x: gg.sum(x**2))(t)
    y.backward(retain_graph=True)
    y.backward()
    assert t.grad is not None
    assert torch.all(t.grad == 4)
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_a_graph_of_gpugrad_is_not_lost_silently() -> None:
    w = gg.tensor(np.ones(2), requires_grad=True)
    with pytest.raises(TrackedConversion, match="argument"):
        torch_function(lambda x: x * w)(torch.ones(2, dtype=torch.float64))


def test_in_several_threads() -> None:
    found: list[bool] = []

    def work() -> None:
        t = torch.tensor(X, requires_grad=True)
        w = torch.tensor(W)
        for _ in range(20):
            (slope,) = torch.autograd.grad(F(t, w).sum(), t)
            (wanted,) = torch.autograd.grad(native(t, w).sum(), t)
            found.append(torch.allclose(slope, wanted))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found)
    assert len(found) == 80


def test_compile_goes_around_it() -> None:
    """PyTorch's compiler breaks its graph at such a function, and calls it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")             # its own, of what it uses
        compiled = torch.compile(lambda x, w: F(x.sin(), w).sum(), backend="eager")
        x, w = torch.tensor(X, requires_grad=True), torch.tensor(W)
        (slope,) = torch.autograd.grad(compiled(x, w), x)
    (wanted,) = torch.autograd.grad(native(x.sin(), w).sum(), x)
    assert torch.allclose(slope, wanted)


# Functions and modules of PyTorch


def batches() -> torch.nn.Module:
    return torch.nn.Sequential(
        torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Tanh(), torch.nn.Linear(3, 1)
    ).double()


def test_a_module_is_a_tree_of_its_parameters() -> None:
    module = batches()
    net = from_torch(module)
    assert set(net.params) == dict(module.named_parameters()).keys()
    found = gg.jit(gg.grad(lambda net, x: gg.mean(net(x) ** 2)))
    for _ in range(3):
        slopes = found(net, X).params
    (module(torch.tensor(X)) ** 2).mean().backward()
    for name, p in module.named_parameters():
        np.testing.assert_allclose(slopes[name], p.grad, rtol=1e-10, atol=1e-14)
    assert "Sequential" in repr(net)


def test_a_module_is_not_written_to() -> None:
    module = batches()
    before = {name: x.clone() for name, x in module.state_dict().items()}
    net = from_torch(module)
    net(X)
    net.params["0.weight"][...] = 0
    assert all(torch.equal(x, before[name]) for name, x in module.state_dict().items())
    module.load_state_dict(gg.tree.map(torch.as_tensor, net.params), strict=False)
    assert torch.all(module[0].weight == 0)


def test_a_module_is_trained() -> None:
    net, opt = from_torch(batches().eval()), gg.optim.adam(0.05)

    @gg.jit
    def step(net: Any, state: Any) -> Any:
        value, grads = gg.value_and_grad(lambda net: gg.mean((net(X) - 1) ** 2))(net)
        updates, state = opt.update(grads, state, net)
        return gg.optim.apply_updates(net, updates), state, value

    state = opt.init(net)
    for _ in range(100):
        net, state, value = step(net, state)
    assert value < 1e-3


def test_frozen_parameters_are_constants() -> None:
    module = batches()
    module[0].weight.requires_grad_(False)
    net = from_torch(module)
    assert "0.weight" not in net.params
    gg.grad(lambda net: gg.sum(net(X) ** 2))(net)
    assert module[0].weight.grad is None


def test_tied_parameters_are_one() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)).double()
    module[1].weight = module[0].weight
    net = from_torch(module)
    assert set(net.params) == {"0.weight", "0.bias", "1.bias"}
    x = np.ones((2, 3))
    slopes = gg.grad(lambda net: gg.sum(net(x) ** 2))(net)
    (module(torch.tensor(x)) ** 2).sum().backward()
    np.testing.assert_allclose(slopes.params["0.weight"], module[0].weight.grad)


def test_what_is_no_function_of_its_arguments_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"module\.eval\(\)"):
        from_torch(torch.nn.Dropout())(X)
    assert np.array_equal(from_torch(torch.nn.Dropout().eval())(X), X)
    with pytest.raises(InvalidArgument, match=r"x\.clone\(\)"):
        from_torch(lambda x: x.mul_(2))(X.copy())


def test_what_torch_differentiates_once_is_differentiated_once() -> None:
    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x * 2

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
            return g * 2

    f = from_torch(Once.apply)
    assert np.array_equal(gg.grad(lambda x: gg.sum(f(x)))(np.ones(2)), [2, 2])


def test_integers_have_no_gradient() -> None:
    with pytest.raises(NotDifferentiable):
        gg.grad(from_torch(lambda x: x.sum()))(np.arange(3))


@pytest.mark.parametrize("name", ["torch_function", "from_torch"])
def test_wanted_are_functions(name: str) -> None:
    with pytest.raises(UnsupportedOperand, match=f"{name} was given a ndarray; expected"):
        getattr(gg.interop, name)(X)


# Modes and dtypes of PyTorch


def test_functions_of_pytorch_are_differentiated_in_inference_mode() -> None:
    """Programs that only predict put all that they do into that mode."""
    x, linear = np.arange(3.0), torch.nn.Linear(3, 2, dtype=torch.float64)
    square, net = from_torch(lambda x: x**2), from_torch(linear)
    f = torch_function(lambda x: gg.sum(x**2))
    with torch.inference_mode():
        np.testing.assert_array_equal(square(x), x**2)
        for compiled in (lambda f: f, gg.jit):
            slopes = compiled(gg.grad(lambda x: gg.sum(square(x))))
            np.testing.assert_array_equal(slopes(x), 2 * x)
            np.testing.assert_array_equal(gg.vmap(slopes)(np.stack([x, x + 1])), [2 * x, 2 * x + 2])
        np.testing.assert_array_equal(gg.hessian(lambda x: gg.sum(square(x)))(x), 2 * np.eye(3))
        slopes_of_net = gg.grad(lambda net: gg.sum(net(x)))(net)
        np.testing.assert_array_equal(slopes_of_net.params["weight"], [x, x])
        np.testing.assert_array_equal(net(x), from_torch(linear)(x))
        assert f(torch.ones(3)) == 3
        assert torch.is_inference_mode_enabled()
    with pytest.raises(InvalidArgument, match="wrote to its argument"), torch.inference_mode():
        from_torch(lambda x: x.mul_(2))(x)


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
def test_unsigned_integers(dtype: str) -> None:
    """They go over the bridges; PyTorch computes little with them."""
    x = np.arange(3, dtype=dtype)
    found = from_torch(lambda x: x)(x)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, x)
    np.testing.assert_array_equal(from_torch(lambda x: x.double())(x), x)
    assert torch_function(lambda x: x)(torch.from_numpy(x)).numpy().dtype == dtype
    with pytest.raises(UnsupportedOperand, match=rf"{dtype}, for which.*astype\('int64'\)"):
        from_torch(lambda x: x + 1)(x)


def test_what_pytorch_has_not_is_its_own_error_otherwise() -> None:
    def absent(x: Any) -> Any:
        raise NotImplementedError("nowhere")

    with pytest.raises(NotImplementedError, match="nowhere") as found:
        from_torch(absent)(np.ones(3))
    assert type(found.value) is NotImplementedError


def test_a_module_among_operands() -> None:
    with pytest.raises(UnsupportedOperand, match=r"gg\.interop\.from_torch\(module\)"):
        gg.grad(lambda m: gg.sum(m(np.ones(3))))(torch.nn.Linear(3, 2))
