"""Why a Tensor was asked for its numbers, and what to write instead: by who asked.

A function of another library is found among the frames that led here. Code in C has no frame: what
the program called is then found in the very expression that it is at.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Sequence
from contextvars import ContextVar
from types import FrameType, TracebackType
from typing import NamedTuple

from gpugrad.backends import Batched, numpy_namespace
from gpugrad.core.libraries import IN_GENERAL, LIBRARIES, names_above, of_library
from gpugrad.errors import InvalidOp, TrackedConversion, UnknownOp, UnsupportedOperand
from gpugrad.tracing.frames import is_installed, is_of_program, is_ours, is_pythons
from gpugrad.tracing.tracer import Traced
from gpugrad.types import LISTS


class _Refusal(NamedTuple):
    """What was said of a conversion that a library asked for, and the call of the program."""

    hint: str
    frame: int
    instruction: int


_latest: ContextVar[_Refusal | None] = ContextVar("gpugrad_refusal", default=None)


def way_out(kind: str, otherwise: str = "") -> str:
    """What to write instead, if who asked can be told; else `otherwise`, which may be nothing.

    `kind` is the letter of the dtype of the Tensor.
    """
    frame: FrameType | None = sys._getframe(1)
    hint, known = "", ""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        place = frame.f_code.co_filename
        name = _known(module)
        if name:
            # What the program called says most, and not what wraps it.
            function = frame.f_code.co_name
            if len(name) + hasattr(sys.modules.get(name), function) > len(known):
                hint, known = of_library(name, function), name
        elif is_installed(place) and not is_ours(place):
            if not hint and module.partition(".")[0] != "numpy":
                hint = IN_GENERAL.format(module.partition(".")[0])
        elif not is_ours(place) and not is_pythons(place):
            if hint:
                _latest.set(_Refusal(hint, id(frame), frame.f_lasti))
                break
            # Imported now, because most programs make no mistake.
            from gpugrad.core.asking import of_expression

            hint = of_expression(frame, kind)
            break
        frame = frame.f_back
    hint = hint or otherwise
    return f" {hint}" if hint else ""


def _known(module: str) -> str:
    """The library that a module is of, if there is something to say about it."""
    return next((x for x in names_above(module) if x in LIBRARIES), "")


def check_refused(error: Exception, args: Sequence[object] = ()) -> None:
    """Raise the refusal of a conversion again that a library has put another error in place of.

    So NumPy says "setting an array element with a sequence" of `a[0] = t`. What the program itself
    raises instead of it is left alone. `args` are those of a function that may have taken a list of
    numbers for an array.
    """
    found: BaseException | None = error
    while found is not None and not isinstance(found, TrackedConversion):
        found = found.__cause__ or found.__context__
    if found is error:
        return
    trace = _entries(error)
    if not trace or _raises(trace[-1]):
        return
    kinds = {type(x).__name__ for x in args if isinstance(x, LISTS)}
    if any(f"'{kind}'" in str(error) for kind in kinds):
        # Imported now, because most programs make no mistake.
        from gpugrad.core.asking import LISTED

        if isinstance(error, TypeError):
            raise UnsupportedOperand(f"{error}. {LISTED}") from error
        if isinstance(error, AttributeError):
            raise UnknownOp(f"{error}. {LISTED}") from error
    if found is not None:
        raise TrackedConversion(str(found)) from error
    refusal = _latest.get()
    if refusal is not None and any(
        id(entry.tb_frame) == refusal.frame and entry.tb_lasti == refusal.instruction
        for entry in trace
    ):
        raise TrackedConversion(
            f"a library asked a Tensor for its numbers, which are not to be had, and raised "
            f"{type(error).__name__}: {error} {refusal.hint}"
        ) from error
    library = _known(str(trace[-1].tb_frame.f_globals.get("__name__", "")))
    if "valid JAX type" in str(error):              # JAX takes its own frames out of the trace
        library = "jax"
    if "gpugrad.core.tensor.Tensor" in str(error) or (library and "'Tensor'" in str(error)):
        way = LIBRARIES[library] if library else IN_GENERAL.format("What was called")
        raise UnsupportedOperand(f"{error} {way}") from error


def check_blind(name: str, which: str, error: Exception) -> None:
    """Raise `InvalidOp` if the code of an op met what stands for an array, which it does not know.

    `which` says what of the op `name` it is, a rule or the forward.
    """
    if not _met_a_standin(error):
        return
    # Imported now, because most programs make no mistake.
    from gpugrad.core.asking import text_of

    place, called, way = "", "with a function", ""
    frames = [entry for entry in _entries(error) if is_of_program(entry.tb_frame)]
    if frames:
        frame, line = frames[-1].tb_frame, frames[-1].tb_lineno
        place = f"{frame.f_code.co_filename}:{line}: "
        text, function = text_of(frame, frames[-1].tb_lasti)
        called = text or called
        way = f": xp.{function}" if hasattr(numpy_namespace, function) else ""
    raise InvalidOp(
        f"{place}{which} of the op {name} computes {called}, which knows arrays of values alone. "
        "Under gg.jit and gg.vmap other objects stand for them: compute with the functions of the "
        f"parameter xp{way}."
    ) from error


def _met_a_standin(error: Exception) -> bool:
    """Whether one that stands for an array was asked for its values, or for what it has not."""
    if isinstance(error, TrackedConversion):
        return True
    named = (f"'{kind.__name__}'" for kind in (Traced, Batched))
    return isinstance(error, TypeError | AttributeError) and any(x in str(error) for x in named)


def _entries(error: Exception) -> list[TracebackType]:
    """The entries of the traceback of an error, that which raised it last."""
    entry, found = error.__traceback__, []
    while entry is not None:
        found.append(entry)
        entry = entry.tb_next
    return found


def _raises(entry: TracebackType) -> bool:
    """Whether a line of the program raised, and no library or code in C that it called."""
    code = entry.tb_frame.f_code
    if is_installed(code.co_filename) or is_pythons(code.co_filename):
        return False
    return "RAISE" in dis.opname[code.co_code[entry.tb_lasti]]
