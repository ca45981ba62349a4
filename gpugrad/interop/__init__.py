"""Functions of gpugrad in PyTorch and JAX, and theirs in gpugrad; models as files of ONNX.

Gradients go over the bridges to PyTorch and JAX both ways.

On the CPU, operands share memory with the arrays that they come from; on a GPU, arrays of CuPy and
tensors of PyTorch do, by DLPack. PyTorch and JAX are imported when they are needed.

>>> import torch
>>> sine = gg.interop.torch_function(np.sin)
>>> t = torch.zeros(3, requires_grad=True)
>>> sine(t).sum().backward()
>>> t.grad
tensor([1., 1., 1.])
>>> gg.grad(lambda x: gg.sum(gg.interop.from_torch(torch.sin)(x)))(np.zeros(3))
array([1., 1., 1.])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from gpugrad.errors import BackendUnavailable, InvalidArgument, UnsupportedOperand
from gpugrad.hints import install
from gpugrad.transforms.jit.jit import Jit
from gpugrad.types import offered

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["from_jax", "from_torch", "jax_function", "to_onnx", "torch_function"]


def torch_function(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function of PyTorch's tensors that computes `f`, a function of arrays.

    PyTorch's autograd differentiates it by the gradients of gpugrad, to any order, and `torch.func`
    goes through it: `grad`, `vjp`, `jvp`, `jacrev`, `jacfwd`, `hessian`, `vmap`. It may be called
    in a `torch.nn.Module`.

    `f` gets arrays of NumPy for tensors on the CPU and of CuPy for those on a GPU, in the same
    memory; they are read-only on the CPU, so that nothing is written behind PyTorch's back. Its
    results are copied once, so that they are the caller's own; those of a function under `gg.jit`
    are so already. With such a function, gradients are compiled, too, and compute the value again.

    Args:
        f: A function of arrays, written with NumPy, CuPy or `gg`. Arguments and results are trees,
            in which all that is no tensor or array stays as it is. What `f` closes over is
            constant.

    Returns:
        A function with the parameters of `f`, of trees of tensors. It raises UnsupportedOperand for
        tensors that NumPy has no dtype for, such as bfloat16, and for sparse ones.

    Raises:
        UnsupportedOperand: If `f` is no function.
        InvalidArgument: If it is one under `gg.jit` with `donate_argnums`.
        BackendUnavailable: If PyTorch cannot be imported.

    Example:
        >>> import torch
        >>> def loss(params, x):
        ...     return gg.mean((x @ params["w"] + params["b"]) ** 2)
        >>> params = {"w": torch.ones(2, requires_grad=True), "b": torch.zeros(1)}
        >>> value = gg.interop.torch_function(loss)(params, torch.eye(2))
        >>> value.backward()
        >>> value.item(), params["w"].grad
        (1.0, tensor([1., 1.]))
    """
    _check_callable("torch_function", f)
    _check_keeps("torch_function", f)
    _check_installed("torch")
    from gpugrad.interop.into_torch import torch_function

    return torch_function(f)


def from_torch(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function of gpugrad that computes `f`, a function or module of PyTorch.

    It takes trees of arrays and Tensors, and is differentiated by PyTorch's autograd, to any order
    that this knows. Eagerly, `f` runs once, and PyTorch keeps what the gradient needs. In `gg.jit`
    and `gg.vmap` it is a step like one of `gg.host`, which calls `f` again for the gradient, and
    `gg.vmap` calls it once per sample.

    `f` gets tensors in the memory of the arrays, on the CPU or a GPU, and must not write to them;
    read-only arrays, and those with negative strides, are copied. Results are copied once.

    Args:
        f: A function of tensors, or a `torch.nn.Module`. Arguments and results are trees, in which
            all that is no array or tensor stays as it is. It must give the same for equal
            arguments. What a function closes over is constant.

    Returns:
        A function of arrays. For a module, a tree that is called like it: its leaves are copies of
        the parameters that require a gradient, by name in `params`; buffers and frozen parameters
        are those of the module, and never written to. It raises InvalidArgument if `f` draws random
        numbers, as dropout does before `module.eval()`, or writes to an argument.

    Raises:
        UnsupportedOperand: If `f` is no function.
        BackendUnavailable: If PyTorch cannot be imported.

    Example:
        >>> import torch
        >>> square = gg.interop.from_torch(lambda x: x**2)
        >>> gg.grad(lambda x: gg.sum(square(x)))(np.array([1.0, 3.0]))
        array([2., 6.])
        >>> net = gg.interop.from_torch(torch.nn.Linear(2, 1))
        >>> slopes = gg.grad(lambda net, x: gg.sum(net(x)))(net, np.ones((3, 2), "float32"))
        >>> slopes.params
        {'weight': array([[3., 3.]], dtype=float32), 'bias': array([3.], dtype=float32)}
    """
    _check_callable("from_torch", f)
    _check_installed("torch")
    from gpugrad.interop.out_of_torch import from_torch

    return from_torch(f)


def jax_function(f: Callable[..., Any], *, result: Any = None) -> Callable[..., Any]:
    """A function of JAX's arrays that computes `f`, a function of NumPy's arrays.

    All transforms of JAX go through it: `jax.jit`, which calls `f` back, `grad`, `jvp`, `hessian`,
    `vmap`, which becomes `gg.vmap`, and `lax.scan`. Derivatives are those of gpugrad, of any order.

    `f` runs on the host. It gets read-only arrays, which share JAX's memory on the CPU; results are
    copied, and what is large is handed over without another copy. If `f` is a function under
    `gg.jit`, gradients are compiled, too, and compute the value again.

    Args:
        f: A function of arrays, written with NumPy or `gg`, which gives the same for equal
            arguments. Arguments and results are trees, in which all that is no array stays as it
            is: Python numbers are not traced. What `f` closes over is constant.
        result: What `f` gives, as a tree with a `jax.ShapeDtypeStruct` for each array, or as a
            function that returns it given such trees for the arguments. Without it, `f` is called
            with made-up numbers when JAX needs the shapes before it has values.

    Returns:
        A function with the parameters of `f`, of trees of JAX's arrays. 64 bits become 32 where
        `jax_enable_x64` is off, as everywhere in JAX. It raises InvalidArgument if the shapes of
        results cannot be found out, or depend on values.

    Raises:
        UnsupportedOperand: If `f` is no function.
        InvalidArgument: If it is one under `gg.jit` with `donate_argnums`.
        BackendUnavailable: If JAX cannot be imported.

    Example:
        >>> import jax
        >>> square = gg.interop.jax_function(lambda x: x**2)
        >>> float(jax.jit(jax.grad(square))(3.0))
        6.0
        >>> float(jax.hessian(square)(3.0))
        2.0
    """
    _check_callable("jax_function", f)
    _check_keeps("jax_function", f)
    _check_installed("jax")
    from gpugrad.interop.into_jax import jax_function

    return jax_function(f, result)


def from_jax(f: Callable[..., Any], *, jit: bool = True) -> Callable[..., Any]:
    """A function of gpugrad that computes `f`, a function of JAX.

    It takes trees of arrays and Tensors, and is differentiated by `jax.vjp`, to any order. Eagerly,
    `f` runs once, and JAX keeps what the gradient needs. In `gg.jit` and `gg.vmap` it is a step
    like one of `gg.host`, which calls `f` again for the gradient, and `gg.vmap` calls it once per
    sample.

    Large arrays share their memory with JAX if they are writable, contiguous and aligned to 64
    bytes, and must then not be written to before the gradient is taken; others are copied, and so
    are results: arrays of JAX never change.

    Args:
        f: A function of JAX's arrays. Arguments and results are trees of either library, in which
            all that is no array stays as it is. What `f` closes over is constant.
        jit: Whether `jax.jit` compiles `f` and its derivatives. Set it to False for a function that
            looks at values; derivatives then take about ten times as long.

    Returns:
        A function of arrays. It raises InvalidArgument for arrays of 64 bits where
        `jax_enable_x64` is off.

    Raises:
        UnsupportedOperand: If `f` is no function.
        BackendUnavailable: If JAX cannot be imported.

    Example:
        >>> import jax.numpy as jnp
        >>> norm = gg.interop.from_jax(lambda x: jnp.sqrt(jnp.sum(x**2)))
        >>> gg.grad(norm)(np.array([3.0, 4.0], "float32"))
        array([0.6, 0.8], dtype=float32)
    """
    _check_callable("from_jax", f)
    _check_installed("jax")
    from gpugrad.interop.out_of_jax import from_jax

    return from_jax(f, jit)


def to_onnx(
    f: Callable[..., Any],
    *example_args: Any,
    path: str | PathLike[str] | None = None,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    dynamic_batch: bool | Sequence[int | None] = True,
    opset: int = 18,
    metadata: Mapping[str, str] | None = None,
) -> ModelProto:
    """A model of ONNX that computes `f`, for onnxruntime and others to run.

    `f` is traced as by `gg.jit`, for batches of several sizes, and what differs becomes a function
    of the batch size, so that the model runs with any. Arrays that `f` reads from outside, such as
    the weights of a model, are stored in it, with the names of their places: `layers[0].weight`.

    Args:
        f: A model, or any function that `gg.jit` can trace, of arrays and trees of these. It must
            draw no random numbers: call dropout without a key, and `gg.nn.BatchNorm2d` with its
            state, as in `lambda x: model(x, state)[0]`.
        *example_args: Arguments, of which each array becomes an input of that dtype and shape.
            What is no array is a setting, and fixed in the model.
        path: The file to write, which appears whole or not at all.
        input_names: Names for the inputs; by default those of the parameters of `f`.
        output_names: Names for the results; by default `output`, or the keys of a dictionary.
        dynamic_batch: Whether the first axis of the first input, and of each other one with as
            many elements along it, may have any length; or the axis of the batch of each input,
            `None` for one without.
        opset: The set of operators, from 18 to 25.
        metadata: Texts by name that are stored beside.

    Returns:
        The `onnx.ModelProto`, which `onnx.checker` has checked.

    Raises:
        BackendUnavailable: If onnx cannot be imported.
        InvalidArgument: If names, axes or the opset cannot be used, or what `f` does depends on the
            batch size in another way than by lengths.
        TrackedConversion: If `f` looks at values.
        UnsupportedOperand: If `f` is no function, or has a step for which ONNX has no operator:
            complex numbers, random numbers, calls of Python, or decompositions of matrices.

    Example:
        >>> import onnxruntime
        >>> model = gg.nn.MLP([4, 8, 3], rng=0)
        >>> x = np.ones((2, 4), "float32")
        >>> made = gg.interop.to_onnx(model, x)
        >>> [array.name for array in made.graph.initializer if "." in array.name]
        ['layers[0].weight', 'layers[0].bias', 'layers[1].weight', 'layers[1].bias']
        >>> session = onnxruntime.InferenceSession(made.SerializeToString())
        >>> (y,) = session.run(None, {"x": np.ones((5, 4), "float32")})
        >>> np.allclose(y, model(np.ones((5, 4), "float32")), atol=1e-6)
        True
    """
    _check_callable("to_onnx", f)
    _check_installed("onnx", install("onnx"))
    from gpugrad.interop.onnx.to_model import export

    return export(
        f, example_args, path, input_names, output_names, dynamic_batch, opset, metadata
    )


def _check_callable(name: str, f: object) -> None:
    if not callable(f):
        raise UnsupportedOperand(
            f"gg.interop.{name} was given a {type(f).__name__}; expected a function."
        )


def _check_keeps(name: str, f: object) -> None:
    """Raise `InvalidArgument` for a function that writes results into its arguments."""
    if isinstance(f, Jit) and f.donate_argnums:
        raise InvalidArgument(
            f"gg.interop.{name} was given a function under gg.jit with donate_argnums, and its "
            "arguments will be the memory of another library: leave out donate_argnums."
        )


def _check_installed(module: str, way: str = "") -> None:
    """Raise `BackendUnavailable` unless the library can be imported."""
    try:
        __import__(module)
    except ImportError as error:
        raise BackendUnavailable(
            f"gg.interop: {module} cannot be imported ({error}). Install it: "
            f"{way or f'pip install {module}'}"
        ) from error


__dir__ = offered(globals())
