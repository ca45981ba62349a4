"""Kernels as machine code in this process: compiled once for each structure, and linked in memory.

What is compiled is kept as an object file, for all processes of this machine, under a name that is
the hash of all that it depends on.
"""

from __future__ import annotations

import ctypes.util
import sys
from collections.abc import Callable, Iterable
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np

from gpugrad import codegen
from gpugrad.codegen.lanes import functions_called
from gpugrad.codegen.scalars import print_function, symbol_of
from gpugrad.engines.native import driver, likeness, numpy_sorts, objects, parallel_range
from gpugrad.engines.native.code_cache import code_cache
from gpugrad.engines.native.printed import Key, printed
from gpugrad.forks import unforked
from gpugrad.plan import nest, phases, primitives
from gpugrad.plan.nest import Nest

OPTIMISE = 2
"""How hard the code generator tries; passes over the text there are none."""

_addresses: dict[str, int] = {}
_linked: list[llvm.ExecutionEngine] = []            # that hold code, as long as the process lives
_lock = unforked                                    # a child would wait for the compiler


def addresses_of(keys: Iterable[Key]) -> dict[Key, int]:
    """Where the kernels are; those that are nowhere yet are compiled."""
    names = {key: name_of(key) for key in keys}
    with _lock:
        missing = {name: key for key, name in names.items() if name not in _addresses}
        if missing:
            _link_functions(missing.values())
            _link({name: partial(text_of, key) for name, key in missing.items()})
        return {key: _addresses[name] for key, name in names.items()}


def driver_address() -> int:
    """Where the driver is."""
    return _address(driver.NAME, driver.text)


def timed_driver_address() -> int:
    """Where the driver is that notes when blocks end."""
    return _address(driver.TIMED, driver.timed_text)


def likeness_address() -> int:
    """Where the function is that looks at arguments."""
    return _address(likeness.NAME, likeness.text)


def help_address() -> int:
    """Where that is which threads run that help with parallel ranges."""
    return _address(parallel_range.HELP, parallel_range.print_help)


def _address(name: str, text: Callable[[], str]) -> int:
    with _lock:
        if name not in _addresses:
            _link({name: text})
        return _addresses[name]


@cache
def name_of(key: Key) -> str:
    """The name of a kernel, by its structure."""
    return f"kernel_{sha256(repr(key).encode()).hexdigest()[:24]}"


def text_of(key: Key) -> str:
    """The text of a kernel, for LLVM."""
    return printed(key, name_of(key), _is_wide())


def assembly_of(key: Key) -> str:
    """The instructions of the processor that a kernel becomes."""
    return str(_machine().emit_assembly(llvm.parse_assembly(text_of(key))))


def _link(texts: dict[str, Callable[[], str]]) -> None:
    """Make the functions of these texts known, from the cache or compiled."""
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _new_machine())
    for name, text in texts.items():
        engine.add_object_file(llvm.ObjectFileRef.from_data(_object(name, text)))
    engine.finalize_object()
    _linked.append(engine)
    _addresses.update((name, engine.get_function_address(name)) for name in texts)


def _link_functions(keys: Iterable[Key]) -> None:
    """Make the elementary functions known that these kernels call."""
    called = {
        use for key in keys if isinstance(key, Nest) for use in functions_called(key, _is_wide())
    }
    named = {symbol_of(*use): use for use in sorted(called)}
    missing = {symbol: use for symbol, use in named.items() if symbol not in _addresses}
    if missing:
        wide = _is_wide()
        _link({symbol: partial(print_function, symbol, *use, wide)
               for symbol, use in missing.items()})  # fmt: skip
    for symbol in missing:
        llvm.add_symbol(symbol, _addresses[symbol])


def _object(name: str, text: Callable[[], str]) -> bytes:
    cache = code_cache()
    file = f"{name}_{_versions()}.o"
    found = cache.load(file)
    if found is None:
        found = bytes(_machine().emit_object(llvm.parse_assembly(text())))
        cache.store(file, found)
    return found


@cache
def _versions() -> str:
    """A hash of what machine code depends on beside the structure of its kernel."""
    rooms = (Path(__file__).parent, Path(codegen.__file__).parent)
    files = sorted(file for room in rooms for file in room.rglob("*.py"))
    files += Path(nest.__file__), Path(phases.__file__), Path(primitives.__file__)
    found = sha256(f"{llvm.llvm_version_info} {_features()} {sys.version}".encode())
    found.update(f"{llvm.get_host_cpu_name()} {np.__version__} {OPTIMISE}".encode())
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


@cache
def _is_wide() -> bool:
    """Whether the processor has vectors of 64 bytes, and masks that cost nothing."""
    return "+avx512f" in _features().split(",")


@cache
def _features() -> str:
    return str(llvm.get_host_cpu_features().flatten())


@cache
def _machine() -> llvm.TargetMachine:
    return _new_machine()


def _new_machine() -> llvm.TargetMachine:
    """For this processor. Each linker takes one over."""
    _begin()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=_features(), opt=OPTIMISE, jit=True
    )


@cache
def _begin() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    library = ctypes.util.find_library("m")
    symbols = {**objects.SYMBOLS, **parallel_range.SYMBOLS, **numpy_sorts.addresses()}
    for name, address in symbols.items():
        llvm.add_symbol(name, address)
    if library is not None:                         # elsewhere its functions are the process's own
        llvm.load_library_permanently(library)
