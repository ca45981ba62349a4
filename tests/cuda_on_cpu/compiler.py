"""CUDA source to a shared object of the host, of the form that `interface.h` describes.

What is compiled is the source as it is, after the headers of `device` and with a table of its
kernels at its end; only declarations of dynamic shared memory are rewritten. Everything that is
made lies in a cache under the hash of all that it is made of, and is shared by all processes.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cuda_on_cpu import shared_memory

HERE = Path(__file__).resolve().parent
CACHE = Path(
    os.environ.get("CUDA_ON_CPU_CACHE") or HERE.parents[1] / "build" / "cuda_on_cpu" / "kernels"
)

FLAGS = (
    "-std=c++17", "-O1", "-fPIC", "-ffp-contract=off", "-fwrapv", "-fno-strict-aliasing",
    "-fno-gnu-unique", "-ffunction-sections", "-fdata-sections",
)  # fmt: skip
"""Signed integers wrap and memory has no types, as on a device. Variables of functions in headers
are those of one module (`-fno-gnu-unique`). Sections are what `shared_memory` goes by."""

CHECKED = (
    "-fsanitize=thread,alignment,bounds", "--param=tsan-instrument-func-entry-exit=0", "-g1",
)  # fmt: skip
"""The kernel tells of each access to memory (`device/races.cpp`), and knows its lines."""

FUSED = ("-ffp-contract=fast", "-mfma", "-fexpensive-optimizations")
"""With `CUDA_ON_CPU_FUSED=1`: a product and a sum become one operation, as NVCC and NVRTC do it."""

STRICT = (
    "-Wall", "-Wextra", "-Werror", "-Wno-tautological-compare", "-Wno-unused-variable",
    "-Wno-unused-but-set-variable", "-Wno-unused-function", "-Wno-int-in-bool-context",
    "-Wno-unknown-pragmas",
)  # fmt: skip
"""For sources of ours that include no others'. What generated code may do is not warned of, such
as to compare an integer with itself, as one does with NaN."""

HEADERS = (
    "cupy/complex.cuh", "cupy/carray.cuh", "cupy/atomics.cuh", "cupy/math_constants.h",
    "cupy/float16.cuh", "cupy/bfloat16.cuh", "cuda_fp16.h", "cuda_bf16.h",
)  # fmt: skip
"""What sources include and is compiled ahead, in the order in which it is put there."""


class CompileError(RuntimeError):
    """A compiler refused a kernel; the text is the compiler's."""


def host_compiler() -> str | None:
    """The host C++ compiler: `$CXX` or g++; `None` if there is none."""
    return shutil.which(os.environ.get("CXX") or "g++")


@functools.cache
def _compiler() -> str:
    found = host_compiler()
    if found is None:
        raise CompileError("no host C++ compiler: install g++, or name it in CXX")
    return found


def build(
    source: str,
    options: Sequence[str] = (),
    name_expressions: Sequence[str] = (),
    *,
    nvrtc: bool = False,
) -> Path:
    """The shared object of a source, compiled if it was not. Raises `CompileError`.

    The kernels of `name_expressions` are called `expression0` and so on in it. With `nvrtc`, that
    has to take the source too.
    """
    checked = CHECKED if _is_meant("CUDA_ON_CPU_CHECK", source) else ()
    strict = STRICT if _is_ours(source) and "#include" not in source else ("-w",)
    fused = FUSED if os.environ.get("CUDA_ON_CPU_FUSED") == "1" else ()
    flags = (*FLAGS, *fused, *strict, *checked, *_host_options(options))
    text = _translated(source, name_expressions)
    ahead = _compiled_ahead(_known_headers(source), flags)
    guard, library = _device_library()
    made = CACHE / f"{_hash(_compiler(), flags, ahead.name, library.name, text, nvrtc)}.so"
    if not made.exists():
        if nvrtc:
            compile_cubin(source, options, name_expressions=name_expressions)
        with _scratch() as folder:
            code, compiled, linked = (Path(folder) / f"kernel.{x}" for x in ("cpp", "o", "so"))
            code.write_text(text)
            _run([_compiler(), *flags, "-include", str(ahead), "-c", str(code),
                  "-o", str(compiled)])  # fmt: skip
            shared_memory.write(compiled)
            _run(["ld", "-shared", "-Bsymbolic", "-rpath", "$ORIGIN", str(compiled),
                  str(guard), str(library), "-o", str(linked)])  # fmt: skip
            os.replace(linked, made)
    return made


def compile_module(source: str, options: Sequence[str] = (), **settings: Any) -> Any:
    """What CuPy's `_compile_module_with_cache` returns: a module, loaded."""
    from cupy.cuda import function

    expressions = tuple(settings.get("name_expressions") or ())
    nvrtc = _is_meant("CUDA_ON_CPU_NVRTC", source)
    made = build(source, options, expressions, nvrtc=nvrtc)
    module = function.Module()
    module.load(b"cuda_on_cpu:" + str(made).encode() + b"\0")
    module._set_mapping({name: f"expression{i}" for i, name in enumerate(expressions)})
    return module


# The text


_SHARED = re.compile(
    r"\bextern\s+__shared__\s+(?:__align__\s*\([^)]*\)\s*)?([^;\[\]]+?)\s*\b(\w+)\s*\[\s*\]\s*;"
)

_KERNEL = re.compile(
    r"\b__global__\s+(?:__launch_bounds__\s*\((?P<before>[^;{]*?)\)\s*)?"
    r"void\s+(?:__launch_bounds__\s*\((?P<after>[^;{]*?)\)\s*)?(?P<name>\w+)\s*\("
)


def _translated(source: str, name_expressions: Sequence[str]) -> str:
    text = _SHARED.sub(r"\1 *const \2 = cuda_on_cpu::shared_array<\1>();", source)
    table = []
    if name_expressions:
        for i, name in enumerate(name_expressions):
            table.append(_entry(f"expression{i}", name, ""))
    else:
        for name, bounds in kernels(source).items():
            table.append(_entry(name, name, bounds))
    return "\n".join((text, '#line 1 "table of kernels"', *table, ""))


def _entry(name: str, function: str, bounds: str) -> str:
    most = f", unsigned({bounds.split(',')[0]})" if bounds else ""
    return (
        f'extern "C" const cuda_on_cpu::Kernel {name}__kernel = '
        f"cuda_on_cpu::Bound<&{function}{most}>::kernel();"
    )


_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def kernels(source: str) -> dict[str, str]:
    """The kernels that can be asked for by their name, and their launch bounds."""
    found = {}
    text = _COMMENT.sub(" ", source)
    for match in _KERNEL.finditer(text):
        before = text[: match.start()].rstrip()
        if not before.endswith(">"):  # not a template
            found[match["name"]] = match["before"] or match["after"] or ""
    return found


def _known_headers(source: str) -> tuple[str, ...]:
    included = set(re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', source, re.MULTILINE))
    return tuple(header for header in HEADERS if header in included)


def _host_options(options: Iterable[str]) -> list[str]:
    """Of NVRTC's options those that say what is in the source, not how a GPU runs it."""
    kept = [x for x in options if x.startswith(("-I", "-D", "-U"))]
    return [f"-I{HERE / 'device'}", *kept]


def _is_ours(source: str) -> bool:
    return "namespace gpugrad" in source


def _is_meant(variable: str, source: str) -> bool:
    """Whether something is done with a source: if it is ours, or as the variable says."""
    wanted = os.environ.get(variable, "ours")
    return wanted == "all" or (wanted == "ours" and _is_ours(source))


# The other compiler


def compile_cubin(
    source: str,
    options: Sequence[str] = (),
    architecture: str = "sm_90",
    name_expressions: Sequence[str] = (),
) -> bytes:
    """The machine code that NVRTC makes of a source for GPUs; raises `CompileError`.

    The options are those that CuPy has put together; what it adds for NVRTC is added.
    """
    from cupy.cuda import compiler

    given = (*options, "-ftz=true", "--device-as-default-execution-space", f"-arch={architecture}")
    program = compiler._NVRTCProgram(
        source, "kernel.cu", name_expressions=tuple(name_expressions), method="cubin"
    )
    try:
        code: bytes = program.compile(given)[0]
    except compiler.CompileException as error:
        raise CompileError(f"NVRTC, {architecture}:\n{error}") from None
    return code


# What is compiled once


@functools.cache
def _device_files() -> str:
    """The hash of all files in `device`."""
    files = [HERE / "interface.h", *sorted((HERE / "device").iterdir())]
    return _hash(*((file.name, file.read_text()) for file in files))


@functools.cache
def _device_library() -> tuple[Path, Path]:
    """What is linked to all kernels: an object for their end, and what runs their threads."""
    guard = HERE / "device" / "guard.cpp"
    sources = sorted({*(HERE / "device").glob("*.cpp")} - {guard})
    flags = ("-std=c++17", "-O2", "-fPIC", "-Wall", "-Wextra")
    key = _hash(_compiler(), flags, _device_files())
    last, library = CACHE / f"guard-{key}.o", CACHE / f"libdevice-{key}.so"
    if not library.exists():
        with _scratch() as folder:
            compiled, linked = f"{folder}/guard.o", f"{folder}/device.so"
            _run([_compiler(), *flags, "-c", str(guard), "-o", compiled])
            _run([_compiler(), *flags, "-shared", *map(str, sources),
                  f"-Wl,-soname,{library.name}", "-o", linked])  # fmt: skip
            os.replace(compiled, last)
            os.replace(linked, library)  # last: who sees it finds the other
    return last, library


@functools.cache
def _compiled_ahead(headers: tuple[str, ...], flags: tuple[str, ...]) -> Path:
    """A header that includes the device's and these; beside it is what the compiler made of it."""
    folders = [Path(x.removeprefix("-I")) for x in flags if x.startswith("-I")]
    places = [folder / x for x in headers for folder in folders if (folder / x).exists()]
    # By the times of files the compiler knows again what has been included.
    times = [x.stat().st_mtime_ns for x in places]
    made = CACHE / f"ahead-{_hash(_compiler(), flags, headers, times, _device_files())}.h"
    if not made.exists():
        with _scratch() as folder:
            header, kept = Path(folder) / "ahead.h", Path(folder) / "ahead.h.gch"
            included = ("cuda_on_cpu.h", *headers)
            header.write_text("".join(f"#include <{x}>\n" for x in included))
            _run([_compiler(), *flags, "-x", "c++-header", str(header), "-o", str(kept)])
            os.replace(kept, made.with_suffix(".h.gch"))
            os.replace(header, made)  # last: who sees it finds the other
    return made


# Files and processes


def _scratch() -> tempfile.TemporaryDirectory[str]:
    CACHE.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=CACHE)


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _run(command: Sequence[str]) -> None:
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise CompileError(f"{' '.join(command)}\n{run.stderr}")
    sys.stderr.write(run.stderr)
