"""Op and `@op`: what can be computed, defined as one block; and its application to operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import Parameter, signature
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, TypeVar

import numpy as np

from gpugrad.backends import (
    WIDER,
    WIDER_THAN_BFLOAT16,
    Batched,
    Namespace,
    StandIn,
    check_numbers,
    default,
    is_basic,
    is_numpy_scalar,
    kind_of,
    mixed,
    namespace_of,
    numpy_namespace,
)
from gpugrad.backends.devices import among, beside, natives, of_several, placed
from gpugrad.backends.host_calls import HostFunction
from gpugrad.backends.one_place import check_library, check_result
from gpugrad.core import registry
from gpugrad.core.causes import check_blind
from gpugrad.core.half import AS_THEY_ARE, narrow_of, raised, rounded
from gpugrad.core.numpy_words import ABSENT, as_numpy
from gpugrad.core.op_info import Call, Edges, OpInfo, Reference, info
from gpugrad.core.promotions import Promotions
from gpugrad.core.rules import KEEPING, Rule, Rules
from gpugrad.core.sequences import SEQUENCES, first_array
from gpugrad.core.source import call_source
from gpugrad.core.tensor import (
    Tensor,
    recorded_result,
    recorded_view,
    untracked_result,
    view_result,
)
from gpugrad.core.views import PRIMITIVES, link, own, shares
from gpugrad.errors import GpugradError, InvalidOp, TrackedConversion, UnsupportedOperand
from gpugrad.forks import kept
from gpugrad.generated import compile_source
from gpugrad.graph import Edge, Node, is_recording, looking_on
from gpugrad.settings import SIMPLE, settled
from gpugrad.tracing.debug import checks_here
from gpugrad.tracing.tracer import Traced, stands_for, tracer_here, tracers
from gpugrad.types import LISTS, NUMBERS, Array, Value, as_written

if TYPE_CHECKING:
    from gpugrad.backends.kernels import Kernel

R = TypeVar("R")

Result: TypeAlias = "Array | tuple[Array, ...]"

_SCALAR = numpy_namespace.scalar_type

_BY_ITSELF = frozenset(
    "atan2 copysign divide equal greater greater_equal hypot less less_equal logaddexp logical_and "
    "logical_or logical_xor not_equal".split()
)
"""Ops that take an integer beside an array of integers in another dtype than that of the array."""

_STATIC = frozenset((bool, int, slice, type(None), type(...)))
"""What an index key may hold beside arrays."""

_IN_BATCHES = frozenset((*NUMBERS, *_STATIC, Batched))
"""What is no stranger beside one part of a batch."""


class Op:
    """One operation: its forward, its reverse rules, and what its signature says about them.

    `signature` is that of its public function: that of the forward, less `xp`. `arrays` names the
    array arguments in order, `settings` the others. `nested` names those array
    arguments that are sequences of arrays, `sequences` the places of those of them that have a
    gradient. `results` is their number, `None` where it depends on the operands, and `multiple`
    whether they come as a tuple. `narrow` has the dtypes that are computed in float32 (see
    `half.py`): bfloat16 if it is any, and with `in_single` float16. `info` says what else is known.

    `run` is the forward, for operands of any kind. `function` applies the op, with its own
    parameters, as operators, methods and rules do. `public` is what users call: it takes those of
    NumPy's function of that name too, for which each call pays.
    """

    def __init__(
        self,
        forward: FunctionType,
        rules: tuple[Rule | None, ...],
        vjp: Rule | None,
        kernel: str | None,
        nested: tuple[str, ...],
        results: int | None,
        in_single: bool,
        info: OpInfo,
    ) -> None:
        self.name = forward.__name__
        self.doc = forward.__doc__
        self.forward = forward
        self.kernel = kernel
        self.nested = nested
        self.results = results
        self.multiple = results != 1
        self.in_single = in_single
        # Ours stay where their operands are, as tests show; those of users are looked at.
        self.of_a_user = (forward.__module__ or "").partition(".")[0] != __name__.partition(".")[0]
        raises = self.name not in AS_THEY_ARE or self.of_a_user
        self.narrow = WIDER if in_single else WIDER_THAN_BFLOAT16 if raises else None
        self.info = info
        as_written(forward)
        found = signature(forward)
        parameters = list(found.parameters.values())
        if not parameters or parameters[0].name != "xp":
            raise InvalidOp(f"{self.name}: the first parameter of a forward must be `xp`.")
        self.parameters = parameters[1:]
        self.signature = found.replace(parameters=self.parameters)
        self.arrays = _array_names(self.parameters)
        self.settings = tuple(p.name for p in self.parameters if p.name not in self.arrays)
        self.rules = Rules(self, rules, vjp)
        self.sequences = tuple(
            i for i, name in enumerate(self.arrays)
            if name in nested and self.rules.differentiates(i)
        )  # fmt: skip
        self.run = partial(_of_a_user, self) if self.of_a_user else forward
        self.function: Callable[..., Result] = _function(self)
        self.public: Callable[..., Result] = (
            self.function if self.of_a_user else _function(self, is_open=True)
        )

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def refuse_rule(self, error: Exception) -> None:
        """Raise `InvalidOp` where a rule of a user met what stands for an array, and knows none."""
        check_blind(self.name, "a rule", error)

    def load_kernel(self, xp: Namespace) -> Kernel:
        """The hand-written kernel of this op on `xp`: an object with `forward` and `vjp`."""
        assert xp.load_kernel is not None
        return xp.load_kernel(self.kernel, self.arrays, self.kernel_names)

    @kept
    def kernel_names(self) -> tuple[str, ...]:
        """What the kernel's VJP takes: the names of the rule, less `xp`."""
        names = self.rules.names((True,) * len(self.arrays))
        return tuple(name for name in names if name != "xp")


def _array_names(parameters: list[Parameter]) -> tuple[str, ...]:
    """The array arguments: those before `/` or, where there is none, before `*`."""
    for kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
        names = tuple(p.name for p in parameters if p.kind is kind)
        if names:
            return names
    return ()


def op(
    *rules: Rule | None,
    vjp: Rule | None = None,
    kernel: str | None = None,
    nested: str | tuple[str, ...] = (),
    results: int | None = 1,
    in_single: bool = False,
    reference: Reference | None = None,
    example: Call | Sequence[Call] = (),
    edges: str | Edges | None = None,
    public: bool = True,
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Define your own op: a decorator for its forward function, `f(xp, *arrays, **settings)`.

    `xp` is the namespace of the arrays, with the functions of the Array API standard. Parameters
    before `/` or, if there is none, before `*` are arrays; the others are settings. The names of a
    rule's parameters say what it receives and what the graph keeps for it: `g` is the cotangent of
    the output, `y` the output, `xp` the namespace, `NAME_shape` and `NAME_dtype` those of an
    argument (these keep no array); any other name is an argument or a setting of the forward. For
    an op with several results, `g` and `y` are tuples; the cotangent of an unused result is zeros,
    or `None` if the result holds integers or the rule names `used`, a tuple of booleans.

    Args:
        *rules: One function per array argument, in order, which returns the cotangent of that
            argument; `None` if it has no gradient. Without any rule, the results have no gradient.
        vjp: Instead, one function that returns all cotangents as a tuple and may name `needs`, a
            tuple of booleans.
        kernel: The name of a file `kernels/NAME.cu` of gpugrad.
        nested: The arguments that are lists or tuples of arrays.
        results: The number of arrays that the forward returns, as a tuple unless it is 1; `None` if
            it varies.
        in_single: Whether float16 operands are cast to float32, in which the op is applied and
            recorded, and the result is cast back; those of bfloat16 always are.
        reference: A function of NumPy arrays that computes the same, or its name, for tests and
            pages.
        example: Calls to test, if the op is not elementwise or has settings.
        edges: What holds where formulas leave a choice, for tests and pages.
        public: Whether anything but rules uses it.

    Returns:
        A decorator, which returns a function of arrays and Tensors: the op without `xp`.

    Raises:
        InvalidOp: If the definition breaks a rule. The decorator raises it.

    Example:
        >>> @gg.op(lambda g, y: g * (1 - y * y))
        ... def squash(xp, x):
        ...     return xp.tanh(x)
        >>> gg.grad(squash)(0.0)
        array(1.)
        >>> gg.vmap(squash)(np.zeros(2))
        array([0., 0.])
    """
    names = (nested,) if isinstance(nested, str) else nested

    def define(forward: Callable[..., R]) -> Callable[..., R]:
        if not isinstance(forward, FunctionType):
            raise InvalidOp(
                f"@op was given a {type(forward).__name__} to define; expected a function. Write "
                "the decorator with parentheses: @op(rule) or, without a gradient, @op()."
            )
        said = info(reference, example, edges, public)
        made = Op(forward, rules, vjp, kernel, names, results, in_single, said)
        registry.add_op(made)
        return made.public  # type: ignore[return-value]

    return define


def apply(op: Op, arguments: tuple[object, ...], settings: tuple[object, ...]) -> Result:
    """Apply `op` to any operands: raw arrays, Tensors, numbers, and sequences of them.

    Four steps: unwrap the operands, run the forward, record a node if an operand is tracked, wrap.
    Raises `UnsupportedOperand` and `MixedBackends`.
    """
    if op.sequences:
        arguments = _with_arrays_inside(op, arguments)
    elif not op.nested and not SEQUENCES.isdisjoint(map(type, arguments)):
        made = _with_arrays(arguments)
        if made is not arguments and not tracers:
            named = dict(zip(op.settings, settings, strict=True)) if settings else {}
            return op.function(*made, **named)
        arguments = made
    if op.narrow is not None:
        for x in arguments:
            kind = getattr(x._value if isinstance(x, Tensor) else x, "dtype", None)
            if isinstance(kind, np.dtype) and op.narrow[kind] is not None:
                dtype = narrow_of(arguments, op.narrow)
                if dtype is None:
                    break
                return rounded(apply(op, tuple(map(raised, arguments)), settings), dtype)
    if of_several():
        with beside(op.name, among(arguments)):
            return _applied(op, arguments, settings)
    return _applied(op, arguments, settings)


def _applied(op: Op, arguments: tuple[object, ...], settings: tuple[object, ...]) -> Result:
    """`apply` on the current device."""
    operands = _Operands(op, arguments)
    if not SIMPLE.issuperset(map(type, settings)):
        settings = tuple(map(_setting, (op,) * len(settings), op.settings, settings))
    xp, values = operands.xp, operands.values
    checks = checks_here()
    noted: Sequence[str] = ()                       # what NumPy would warn of before the check
    named = dict(zip(op.settings, settings, strict=True))
    try:
        if op.kernel is not None and xp.load_kernel is not None and values[0].dtype.kind == "f":
            made: Any = op.load_kernel(xp).forward(*values)
        elif checks is None:
            made = op.run(xp, *values, **named)
        else:
            with xp.noting() as noted:
                made = op.run(xp, *values, **named)
    except TypeError:                               # so NumPy refuses other dtypes
        if not op.of_a_user:
            check_numbers(op.name, values)
        raise
    if op.of_a_user:
        made = _checked(op, values, made)
    y = tuple(xp.as_array(part) for part in made) if op.multiple else _as_array(made, xp)
    if checks is not None:
        checks.forward(op, values, y, noted)
    if not operands.any_tensor and operands.tracer is None:
        return y
    if not operands.mask or not is_recording():
        frozen = bool(operands.mask)
        if isinstance(y, tuple):
            return _linked(op, arguments, settings, tuple(Tensor(part) for part in y), frozen)
        return _linked(op, arguments, settings, Tensor(y), frozen)
    vjp = op.rules[operands.mask]
    saved = vjp.keep(*values, y)
    result: Tensor | tuple[Tensor, ...]
    if isinstance(y, tuple):
        shapes, dtypes = tuple(part.shape for part in y), tuple(part.dtype for part in y)
        node = Node(vjp, settings, tuple(operands.edges), saved, shapes, dtypes)
        result = tuple(Tensor(part, (node, i)) for i, part in enumerate(y))
    else:
        result = recorded_result(vjp, settings, tuple(operands.edges), saved, y)
        node = result._edge[0]  # type: ignore[index]  # it has one
    if checks is not None:
        checks.watch(node)
    if (onlooker := looking_on.get()) is not None:
        onlooker.applied(node, values, y)
    return _linked(op, arguments, settings, result, False)


def _setting(op: Op, name: str, x: object) -> object:
    """The setting `name`, with Python's numbers for NumPy's.

    A Tensor that is tracked or traced is refused: rules know settings as numbers alone, so that
    what is computed with it would neither be recorded nor planned.
    """
    parts = x if isinstance(x, LISTS) else (x,)
    if SIMPLE.issuperset(map(type, parts)):
        return x
    for part in parts:
        if isinstance(part, Tensor) and isinstance(part._value, StandIn):
            raise part._value.refusal(f"{op.name} with {name}=")
        if isinstance(part, Tensor) and part._edge is not None:
            raise TrackedConversion(
                f"{op.name}: {name} is a setting, and was given a Tensor that needs a gradient; "
                "there is none by a setting. Use t.value, or gg.stop_gradient(t); or compose the "
                "function from others of gg, which take the Tensor as an operand."
            )
    return settled(x)


def _of_a_user(op: Op, xp: Namespace, *values: Any, **settings: Any) -> Any:
    """The forward of a user's op.

    One that looks at what stands for its operands in a trace or a batch is called as it is with the
    arrays themselves, whenever these are there.
    """
    try:
        return op.forward(xp, *values, **settings)
    except Exception as error:                      # what is wrong anyway is raised again below
        if isinstance(error, GpugradError) and not isinstance(error, TrackedConversion):
            raise
        if not any(isinstance(x, StandIn) for x in values) or not all(map(_has_dtype, values)):
            check_blind(op.name, "the forward", error)
            raise
        called = HostFunction(op.forward, on_host=False, settings=settings)
        made = xp.host_call(called, *values)
        return made if op.multiple else made[0]


def _checked(op: Op, values: object, made: Any) -> Any:
    """What the forward of a user's op returned, which must be where its operands are.

    The functions of gg that a forward calls may return Tensors of what it was given.
    """
    if isinstance(made, LISTS):
        made = tuple(_without_tensor(op, part) for part in made)
    else:
        made = _without_tensor(op, made)
    check_result(op.name, values, made)
    return made


def _without_tensor(op: Op, y: object) -> object:
    if not isinstance(y, Tensor):
        return y
    if y._edge is not None:
        raise InvalidOp(
            f"{op.name}: its forward returned a Tensor that needs a gradient, made of one from "
            "outside: rules give the gradients of operands alone. Make that one an operand too."
        )
    return y._value


def _has_dtype(x: object) -> bool:
    return hasattr(x, "dtype")


def _linked(
    op: Op,
    arguments: tuple[Any, ...],
    settings: tuple[Any, ...],
    result: Tensor | tuple[Tensor, ...],
    frozen: bool,
) -> Result:
    """The result of an op, which knows what it is a view of, where it is one of a Tensor."""
    x = arguments[0] if arguments else None
    if not isinstance(x, Tensor):
        return result
    if isinstance(result, tuple):
        if op.name == "unstack" and len(x.shape) > 1:   # of a vector, they are numbers
            before = (slice(None),) * (settings[0] % len(x.shape))
            for i, part in enumerate(result):
                link(x, part, "getitem", ((*before, i, ...),), frozen)
    elif op.name == "getitem":
        if is_basic(arguments[1]) and (result.shape or ... in arguments[1]):
            link(x, result, "getitem", (arguments[1],), frozen)
    elif op.name == "reshape":
        if settings[1] or not shares(x, result._value):
            return own(result)
        link(x, result, op.name, settings, frozen)
    elif op.name in PRIMITIVES:
        link(x, result, op.name, settings, frozen)
    return result


def _as_array(y: object, xp: Namespace = numpy_namespace) -> Array:
    """A result as an array, where the library gave a number.

    What was moved is another library's.
    """
    if isinstance(y, _SCALAR) or not hasattr(y, "dtype"):
        return xp.as_array(y)
    return y if type(y) is Batched else namespace_of(y).as_array(y)


def _with_arrays(arguments: tuple[Any, ...]) -> tuple[object, ...]:
    """The operands, with arrays for lists and tuples, as in NumPy.

    These lie beside an array, or hold one.
    """
    like = first_array(arguments)
    if like is None:
        return arguments
    value = like._value if isinstance(like, Tensor) else like
    known = value is not like
    on_host = type(value) is numpy_namespace.array_type and not tracers
    made: list[object] = []
    for x in arguments:
        if type(x) in SEQUENCES:
            if on_host and NUMBERS.issuperset(map(type, x)):
                x = numpy_namespace.as_array(x)
            if type(x) in SEQUENCES or x.dtype.kind == "O":     # as of large integers
                x = registry.namespace.asarray(x, device=namespace_of(value).device_of(value))
                assert isinstance(x, Tensor)
                if not known and x._edge is None and not isinstance(x._value, StandIn):
                    x = x._value
        made.append(x)
    return tuple(made)


def _with_arrays_inside(op: Op, arguments: tuple[Any, ...]) -> tuple[object, ...]:
    """The operands, with arrays for lists and tuples among those of a sequence.

    An array is the sequence of its parts along the first axis, as in NumPy.
    """
    made = list(arguments)
    for i in op.sequences:
        x = arguments[i]
        if getattr(x, "shape", ()):
            made[i] = registry.namespace.unstack(x, axis=0)
        elif type(x) in (list, tuple) and not SEQUENCES.isdisjoint(map(type, x)):
            made[i] = type(x)(_with_arrays(tuple(x)))
    return tuple(made)


class _Operands:
    """The operands of an application, unwrapped.

    `values` has one entry for each array argument: an array, `None` where an optional one was left
    out, or a tuple for a nested one. `mask` has a bit for each argument that is tracked.
    """

    def __init__(self, op: Op, arguments: tuple[Any, ...]) -> None:
        self.any_tensor = False
        self.tracer = tracer_here()
        self.mask = 0
        self.edges: list[Edge | None] = []
        self.values: list[Any] = []
        flat: list[Value | None] = []                    # `values` and the parts of nested ones
        for i, argument in enumerate(arguments):
            nested = op.arrays[i] in op.nested
            if nested and not isinstance(argument, list | tuple):
                raise UnsupportedOperand(
                    f"{op.name}: {op.arrays[i]!r} is of type {type(argument).__name__}; expected "
                    "a list or tuple of arrays."
                )
            if not nested and isinstance(argument, tuple):
                namespace_of(argument)              # which refuses it: below, tuples are nested
            raw: list[Value | None] = []
            edges: list[Edge | None] = []
            for x in argument if nested else (argument,):
                value, edge = x, None
                if isinstance(x, Tensor):
                    value, edge = x._value, x._edge
                    self.any_tensor = True
                if self.tracer is not None:
                    value = stands_for(value)
                    if x is not value:
                        self.tracer.meet(value, x)
                raw.append(value)
                edges.append(edge)
            flat += raw
            self.values.append(tuple(raw) if nested else raw[0])
            if op.rules.differentiates(i) and any(edges):
                self.mask |= 1 << i
                self.edges.extend(edges)
            else:
                self.edges.append(None)
        self.xp = self._namespace(op, flat)
        self._make_arrays(op, flat)

    def _namespace(self, op: Op, flat: list[Value | None]) -> Namespace:
        """The one namespace of all operands; NumPy scalars go with any other array."""
        if Batched in map(type, flat):
            check_library(op.name, flat)
            if not _IN_BATCHES.issuperset(map(type, flat)):
                for x in flat:
                    if type(x) not in _IN_BATCHES:
                        namespace_of(x)             # which refuses what is no array
                check_numbers(op.name, flat)
            # Imported now, as the tracing namespace below is: most programs use neither.
            from gpugrad.tracing.batching import namespace as batching

            return batching
        if self.tracer is not None:
            # Imported now, because most programs trace nothing. It takes in raw arrays.
            from gpugrad.tracing.namespace import namespace

            return namespace
        arrays = [x for x in flat if type(x) not in NUMBERS and type(x) not in _STATIC]
        found = {namespace_of(x): x for x in arrays}
        if len(found) > 1:
            found = {namespace_of(x): x for x in arrays if not is_numpy_scalar(x)}
        if not found:
            return default()
        if len(found) > 1:
            raise mixed(op.name, found.values())  # type: ignore[arg-type]  # arrays
        return next(iter(found))

    def _make_arrays(self, op: Op, flat: list[Value | None]) -> None:
        """Give numbers the dtype of the arrays beside them, and wrap scalars."""
        numbers: list[Value] = []
        arrays: list[Array] = []
        for x in flat:
            if _is_number(x):
                numbers.append(x)
            elif hasattr(x, "dtype"):
                arrays.append(self.xp.as_array(x))
        dtype = None
        if numbers and arrays:
            # A condition has no say in the dtype of what it selects.
            typed = [x for x in arrays if kind_of(x.dtype) in ("f", "c")] or arrays
            dtype = self.xp.scalar_dtype(typed, numbers)

        def made(x: Value | None, i: int) -> Value | None:
            if x is None:
                if op.parameters[i].default is None:
                    return None                     # an optional operand
                raise UnsupportedOperand(f"{op.name}: {op.arrays[i]} is None, not an array.")
            if dtype is None or not _is_number(x):
                return self.xp.as_array(x)
            if not op.rules.exist and type(x) in NUMBERS:
                return x                            # a comparison may be with what no dtype holds
            weak = type(x) if type(x) in NUMBERS else x.weak  # type: ignore[union-attr]
            if op.name in _BY_ITSELF and weak is int and kind_of(dtype) in "biu":
                return x
            if weak is bool and not op.rules.differentiates(i):
                return self.xp.as_array(x)          # a condition
            return self.xp.scalar(x, dtype, arrays[0])

        for i, value in enumerate(self.values):
            if op.arrays[i] in op.nested and not op.rules.differentiates(i):
                continue                            # an index key: its numbers are static
            nested = type(value) is tuple
            self.values[i] = tuple(made(x, i) for x in value) if nested else made(value, i)


def _is_number(x: object) -> TypeGuard[Value]:
    """Whether `x` is weak: a Python number, or an argument of a traced function that is one."""
    return type(x) in NUMBERS or (type(x) is Traced and x.weak is not None)


def _uncompiled(*args: object, **kwargs: object) -> object:
    """What a public function does until its own code is compiled, which most are never asked to."""
    return first_call(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


_UNCOMPILED = _uncompiled.__code__


def _function(op: Op, is_open: bool = False) -> FunctionType:
    """The function that applies the op, generated from its signature; see `call_source`.

    It is `apply`, unrolled for operands that are NumPy arrays or Tensors of them; whatever else it
    meets it hands to `apply`. `call_source` shows the text.
    """
    scope: dict[str, object] = {
        **KEEPING,
        "Node": Node,
        "Tensor": Tensor,
        "absent": ABSENT,
        "apply": apply,
        "as_numpy": as_numpy,
        "check_numbers": check_numbers,
        "checked": _checked,
        "forward": op.forward,
        "narrow": op.narrow,
        "is_recording": is_recording,
        "number_types": NUMBERS,
        "op": op,
        "own": own,
        "recorded_result": recorded_result,
        "recorded_view": recorded_view,
        "tracers": tracers,
        "rules": op.rules,
        "setting": _setting,
        "shares": shares,
        "simple": SIMPLE,
        "static": _STATIC - {bool},                 # which is a mask
        "untracked_result": untracked_result,
        "view_result": view_result,
    }
    for parameter in op.parameters:
        scope[f"default_{parameter.name}"] = parameter.default

    def native(*args: object, **kwargs: object) -> object:
        """The same function of the arrays of another library; it makes itself at its first call."""
        (xp,) = natives.values()
        kernel = None if op.kernel is None else op.load_kernel(xp).forward
        there = {**scope, **_of_library(xp), "native_types": {}, "kernel_call": kernel}
        made = placed(op.name, _compiled_later(op, there, is_open))
        on_host["native_call"] = made
        return made(*args, **kwargs)

    library = _of_library(numpy_namespace)
    on_host = {**scope, **library, "native_types": natives, "native_call": native}
    function = _compiled_later(op, on_host, is_open)
    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.doc
    function.__module__ = op.forward.__module__
    function.__wrapped__ = op.forward  # type: ignore[attr-defined]
    function.__signature__ = op.signature  # type: ignore[attr-defined]
    return function


def _of_library(xp: Namespace) -> dict[str, object]:
    """What such a function takes from the library whose arrays it is for."""
    return {
        "as_array": partial(_as_array, xp=xp),
        "ndarray": xp.array_type,
        "as_operand": xp.as_operand,
        "xp": xp,
    }


def _compiled_later(op: Op, scope: dict[str, Any], is_open: bool) -> FunctionType:
    """The function of `call_source` in a scope, which is compiled at its first call."""
    function = FunctionType(_UNCOMPILED, scope)

    def first_call(*args: object, **kwargs: object) -> object:
        scope["promotions"] = Promotions(op, scope["xp"], _Operands)
        source = call_source(op, scope.get("kernel_call") is not None, is_open)
        exec(compile_source(source, op.name), scope)
        made = scope["call"]
        function.__defaults__, function.__kwdefaults__ = made.__defaults__, made.__kwdefaults__
        function.__code__ = made.__code__           # last: other threads may call it from here on
        return function(*args, **kwargs)

    scope["first_call"] = first_call
    return function
