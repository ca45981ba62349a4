"""What a message tells its reader to type, in words that work where they stand.

The program is called as it was called to come here; what is missing is installed by one text, for a
checkout and for an installed package. What messages need alone is imported when there is one, and
not with the package.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import Any

_NAME = "gpugrad"

_BINARY = "nn.sigmoid_binary_cross_entropy(z, y), of which gg.mean is taken"

_MEANT = {
    "addmm": "matmul",
    "all_reduce": "parallel.psum",
    "allreduce": "parallel.psum",
    "amp": "tree.cast of the model in the loss, and gg.optim.DynamicLossScale",
    "amsgrad": "optim.adam(lr, amsgrad=True)",
    "apply_every": "optim.multi_steps",
    "array": "asarray",
    "as_tensor": "asarray",
    "asfarray": "asarray",
    "associative_scan": "cumulative_sum, gg.cumulative_prod or gg.scan",
    "autocast": "tree.cast of the model in the loss",
    "averagedmodel": "optim.average_params",
    "averagepooling2d": "nn.AvgPool2d",
    "batchnorm": "nn.BatchNorm2d, or gg.nn.BatchNorm1d for rows",
    "batchnormalization": "nn.BatchNorm2d, or gg.nn.BatchNorm1d for rows",
    "bceloss": _BINARY,
    "bcewithlogitsloss": _BINARY,
    "bidirectional": "nn.GRU(n_in, width, bidirectional=True)",
    "binary_cross_entropy": _BINARY,
    "binary_cross_entropy_with_logits": _BINARY,
    "bmm": "matmul",
    "cat": "concat",
    "clamp": "clip",
    "clip_grad_norm_": "optim.clip_by_global_norm",
    "clip_grad_value_": "optim.clip",
    "clip_grads": "optim.clip_by_global_norm",
    "clone": "copy",
    "compile": "jit",
    "constant_schedule": "optim.constant",
    "conv": "nn.Conv2d",
    "conv2dtranspose": "nn.ConvTranspose2d",
    "convtranspose": "nn.ConvTranspose2d",
    "cosine_decay_schedule": "optim.cosine",
    "cosine_onecycle_schedule": "optim.one_cycle",
    "cosineannealinglr": "optim.cosine",
    "cosineannealingwarmrestarts": "optim.join_schedules of gg.optim.cosine",
    "cross_entropy": "nn.softmax_cross_entropy",
    "crossentropyloss": "nn.softmax_cross_entropy",
    "custom_gradient": "custom_vjp",
    "custom_jvp": "custom_vjp",
    "default_rng": "random.key(seed)",
    "dense": "nn.Linear(n_in, n_out)",
    "detach": "stop_gradient",
    "device_put": "to_device",
    "div": "divide",
    "dot_product_attention": "nn.scaled_dot_product_attention",
    "dynamicscale": "optim.DynamicLossScale",
    "elementwise_grad": "vmap of gg.grad, or gg.autograd.elementwise_grad",
    "embed": "nn.Embedding",
    "eq": "equal",
    "export": "interop.to_onnx",
    "exponential_decay": "optim.exponential",
    "exponentiallr": "optim.exponential",
    "exponentialmovingaverage": "optim.average_params",
    "float_": "float64",
    "fold_in": "random.split(key, n)[i]",
    "fori_loop": "scan",
    "from_numpy": "asarray",
    "fsolve": "optimize.root",
    "functional": "relu and the other functions, which are in gg itself",
    "gather": "take_along_axis",
    "ge": "greater_equal",
    "ger": "outer",
    "globalaveragepooling2d": "nn.AdaptiveAvgPool2d(1)",
    "gradienttransformation": "optim.Optimizer",
    "gradscaler": "optim.DynamicLossScale",
    "groupnormalization": "nn.GroupNorm",
    "gt": "greater",
    "half": "astype(x, 'float16')",
    "hess": "hessian",
    "hessian_vector_product": "hvp",
    "huberloss": "nn.huber_loss",
    "in1d": "isin",
    "index_select": "take",
    "infty": "inf",
    "initializers": "nn.INITIALIZERS",
    "inject_hyperparams": "optim.adam and all others, made in the step that takes the rate",
    "instance_norm": "nn.group_norm, with as many groups as channels",
    "instancenorm2d": "nn.GroupNorm, with as many groups as channels",
    "jac": "jacobian",
    "jacfwd": "jacobian",
    "jacrev": "jacobian",
    "kaiming_normal_": "nn.INITIALIZERS",
    "kaiming_uniform_": "nn.INITIALIZERS",
    "lambdalr": "optim.adam, whose rate may be a function of the step",
    "lax": "scan or gg.cond",
    "layernormalization": "nn.LayerNorm",
    "le": "less_equal",
    "leastsq": "optimize.least_squares",
    "lgamma": "special.gammaln",
    "linear_onecycle_schedule": "optim.one_cycle",
    "linear_schedule": "optim.linear",
    "linearlr": "optim.linear",
    "logdet": "linalg.slogdet(x)[1]",
    "lr_scheduler": "optim.cosine and the other schedules beside it",
    "lt": "less",
    "make_hvp": "hvp",
    "make_jvp": "jvp",
    "make_vjp": "vjp",
    "manual_seed": "random.key(seed)",
    "masked_fill": "where",
    "maxpooling2d": "nn.MaxPool2d",
    "mlpclassifier": "sklearn.GpugradClassifier",
    "mlpregressor": "sklearn.GpugradRegressor",
    "mm": "matmul",
    "module": "tree.register, which makes a tree of any class",
    "mseloss": "nn.mean_squared_error",
    "msort": "sort",
    "mul": "multiply",
    "multi_transform": "optim.partition",
    "multiheaddotproductattention": "nn.MultiheadAttention",
    "multisteplr": "optim.piecewise",
    "multisteps": "optim.multi_steps",
    "mv": "matmul",
    "nadam": "optim.adam(lr, nesterov=True)",
    "nadamw": "optim.adamw(lr, nesterov=True)",
    "ne": "not_equal",
    "neg": "negative",
    "neuralnetclassifier": "sklearn.GpugradClassifier",
    "neuralnetregressor": "sklearn.GpugradRegressor",
    "nllloss": "nll",
    "norm": "linalg.norm",
    "numel": "asarray(x).size",
    "onecyclelr": "optim.one_cycle",
    "onnx": "interop.to_onnx",
    "optimizedlstmcell": "nn.LSTMCell",
    "pack_padded_sequence": "nn.GRU, whose mask= says what is padded",
    "parameter": "asarray: the parameters of a model are plain arrays",
    "permutation": "argsort(gg.random.uniform(key, (n,)))",
    "permute": "permute_dims",
    "piecewise_constant_schedule": "optim.piecewise",
    "pmap": "vmap, or gg.parallel for several processes",
    "polynomial_schedule": "optim.polynomial",
    "polynomiallr": "optim.polynomial",
    "prngkey": "random.key(seed)",
    "product": "prod",
    "pure_callback": "host",
    "rand": "random.uniform",
    "randint": "floor(n * gg.random.uniform(key, shape))",
    "randn": "random.normal",
    "randomstate": "random.key(seed)",
    "randperm": "argsort(gg.random.uniform(key, (n,)))",
    "ravel_pytree": "tree.ravel",
    "reducelronplateau": "optim.reduce_on_plateau",
    "relu6": "clip(x, 0, 6)",
    "remat": "checkpoint",
    "requires_grad": "tensor(x, requires_grad=True)",
    "round_": "round",
    "row_stack": "vstack",
    "rsqrt": "reciprocal(gg.sqrt(x))",
    "scale_by_amsgrad": "optim.scale_by_adam(amsgrad=True)",
    "scale_by_backtracking_linesearch": "optim.scale_by_zoom_linesearch",
    "scale_by_stddev": "optim.scale_by_rms(centered=True)",
    "scatter": "put_along_axis",
    "seed": "random.key(seed)",
    "segment_sum": "scatter_add",
    "sequentiallr": "optim.join_schedules",
    "sgdr_schedule": "optim.join_schedules of gg.optim.cosine",
    "shard_map": "parallel",
    "shuffle": "argsort(gg.random.uniform(key, (n,)))",
    "sigmoid_cross_entropy": _BINARY,
    "simplernn": "nn.RNN",
    "skip_not_finite": "optim.apply_if_finite",
    "smooth_l1_loss": "nn.huber_loss",
    "smoothl1loss": "nn.huber_loss",
    "standard_normal": "random.normal",
    "steplr": "optim.piecewise",
    "stop_grad": "stop_gradient",
    "sub": "subtract",
    "swa": "optim.average_params(opt, decay=None)",
    "swalr": "optim.average_params(opt, decay=None)",
    "swish": "silu",
    "switch": "cond, or gg.select between values",
    "t": "transpose",
    "transformerencoder": "nn.TransformerBlock, of which a model is a stack",
    "transformerencoderlayer": "nn.TransformerBlock",
    "trapz": "trapezoid",
    "tree_flatten": "tree.flatten",
    "tree_leaves": "tree.leaves",
    "tree_map": "tree.map",
    "tree_unflatten": "tree.unflatten",
    "tree_util": "tree",
    "unsqueeze": "expand_dims",
    "value_and_gradient": "value_and_grad",
    "variable": "tensor(x, requires_grad=True)",
    "warmup_constant_schedule": "optim.warmup(lr, steps)",
    "warmup_cosine_decay_schedule": "optim.cosine(peak, steps, warmup=n)",
    "warmup_exponential_decay_schedule": "optim.warmup(gg.optim.exponential(...), steps)",
    "while_loop": "scan",
    "xavier_normal_": "nn.INITIALIZERS",
    "xavier_uniform_": "nn.INITIALIZERS",
    "optim.momentum": "optim.sgd(lr, momentum=0.9)",
    "optim.scale_by_momentum": "optim.trace",
    "optim.tree": "tree",
    "parallel.gather": "parallel.all_gather",
    "random.choice": "take(x, gg.floor(n * gg.random.uniform(key, shape)).astype(int))",
    "random.integers": "floor(n * gg.random.uniform(key, shape))",
    "random.random": "random.uniform",
    "stats.exponential": "stats.expon",
    "stats.normal": "stats.norm",
    "stats.student_t": "stats.t",
}
"""What NumPy, SciPy, PyTorch, JAX, optax and HIPS autograd call otherwise, in small letters, and
what it is here, after `gg.`; with a room in front, what is meant there.
"""


def command(*words: str | os.PathLike[str]) -> str:
    """The command line `gpugrad` with `words`, for a shell: called as this process was."""
    return " ".join([_program(), *map(shell_word, words)])


def install(extra: str) -> str:
    """How to install what an extra of gpugrad names."""
    return f"pip install 'gpugrad[{extra}]' (in a checkout of gpugrad: pip install '.[{extra}]')"


def meant(name: str, room: str = "") -> str:
    """What stands in `gg` for a name that a room has not, as the end of a message.

    Nothing, if nothing is known; Python's own names it asks for itself, where they need not be.
    """
    if name.startswith("__"):
        return ""
    found = _elsewhere(name, room)
    return f". Did you mean gg.{found}?" if found else ""


def _elsewhere(name: str, room: str) -> str:
    """What the table has, else the same name in any room, else one that is spelled almost so."""
    from difflib import get_close_matches

    said = _MEANT.get(f"{room}.{name}".lower()) or _MEANT.get(name.lower())
    if said:
        return said
    rooms: tuple[str, ...] = sys.modules[_NAME]._ROOMS
    last = sorted(rooms, key=lambda other: other == "autograd")     # has names of others
    for plain in (str, _plain):                     # `dropout` is meant before `Dropout`
        for place in dict.fromkeys((room, "", *last)):
            for other in _offers(place):
                if plain(other) == plain(name):
                    return f"{place}.{other}".lstrip(".")
    if _is_of_others(name, room):                   # and is no misspelling
        return ""
    for place in dict.fromkeys((room, "")):
        # Few misspell the first letter: without it, most of what is alike means something else.
        alike = [other for other in _offers(place) if other[0] == name[0]]
        close = [x for x in get_close_matches(name, alike, 3, 0.75) if abs(len(x) - len(name)) < 2]
        if close:
            return f"{place}.{close[0]}".lstrip(".")
    return ""


def _is_of_others(name: str, room: str) -> bool:
    """Whether NumPy or SciPy has it."""
    places = (f"{library}.{room}".rstrip(".") for library in ("numpy", "scipy"))
    return any(hasattr(sys.modules.get(place), name) for place in places)


def _plain(name: str) -> str:
    """A name without the signs by which `LayerNorm` differs from `layer_norm`."""
    return name.replace("_", "").lower()


@lru_cache
def _offers(room: str) -> list[str]:
    """The names that a room offers, as its source has them: it is not imported for a message."""
    if not room:
        return list(sys.modules[_NAME].__all__)
    import ast
    from importlib.util import find_spec

    spec: Any = find_spec(f"{_NAME}.{room}")
    rest: str = spec.loader.get_source(spec.name).partition("\n__all__ = ")[2]
    return list(ast.literal_eval(rest[: rest.index("]") + 1]))


def shell_word(word: str | os.PathLike[str]) -> str:
    """`word` so that a shell reads it as one word, and again as this one."""
    import shlex

    text = os.fspath(word)
    if text.isprintable():
        return shlex.quote(text)
    signs = (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in os.fsencode(text))
    return "$'" + "".join(f"\\{sign}" if sign in "'\\" else sign for sign in signs) + "'"


def _program() -> str:
    """What the user typed before the words; the bare name where this is another program."""
    import shutil
    from pathlib import Path

    package = Path(__file__).resolve().parent
    script = Path(sys.argv[0] if sys.argv else "")
    if script.name == "__main__.py" and script.resolve().parent in (package, package / "cli"):
        return f"{shell_word(sys.orig_argv[0])} -m {_NAME}"
    if script.stem != _NAME or script.suffix not in ("", ".exe"):
        return _NAME
    # A shell that found it on the path has handed over the whole of its name.
    found = shutil.which(_NAME)
    return _NAME if found is not None and Path(found) == script else shell_word(script)
