"""Builds the real CuPy for the CPU, and prints the folder that has to be first on Python's path.

    PYTHONPATH=$(python tests/cuda_on_cpu/build.py) python -m pytest tests/device

CuPy is the wheel that is installed, but for one of its Cython modules, that of the CUDA runtime: it
is compiled from CuPy's source archive of the same version against the runtime in this folder. What
is built lies in build/cuda_on_cpu under the hash of what it was built from.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "libraries"))

import contents  # noqa: E402 - of the folder of libraries

ROOT = HERE.parents[1]
PLACE = Path(os.environ.get("CUDA_ON_CPU_BUILD") or ROOT / "build" / "cuda_on_cpu")

VERSION = "14.2.0"
"""Of the wheel and of the source archive; pyproject.toml pins it too."""

ARCHIVE = f"cupy-{VERSION}.tar.gz"
SHA256 = "cfed725e612178cfbdbf62f4a3a598b60edecbbca718c0d4580c21a16ae4a62c"

HEADERS = ("nvidia-cuda-runtime", "nvidia-cuda-crt", "nvidia-cuda-cccl", "nvidia-cuda-profiler-api")
"""The packages with CUDA's headers."""

INSTALL = "pip install -e '.[cuda-on-cpu]'"

FLAGS = ("-std=c++17", "-O1", "-fPIC", "-Wall", "-Wextra")


class Failed(Exception):
    """What is missing, and what to do."""


def main() -> None:
    try:
        print(build())
    except Failed as error:
        sys.exit(f"{Path(__file__).name}: {error}")
    except ImportError as error:
        sys.exit(f"{Path(__file__).name}: {error.name} is not installed: {INSTALL}")


def build() -> Path:
    """The overlay, built if it was not."""
    wheel = _wheel()
    include = _include()
    sources = sorted((HERE / "runtime").glob("*.cpp"))
    runtime = _shared_object("libcuda.so.1", sources, [f"-I{include}"])
    libraries = {"libcuda.so.1": runtime}
    for library in contents.LIBRARIES:
        libraries[library.name] = _library(library, wheel, include, runtime)
    module = _runtime_module(include, runtime)
    parts = [*libraries.values(), module, include, wheel, HERE / "build.py"]
    made = PLACE / _hash(map(str, parts), [HERE / "build.py"])
    overlay = made / "overlay"
    if not overlay.exists():
        _assemble(made, wheel, libraries, module, include)
    return overlay


def _wheel() -> Path:
    """Where the wheel of CuPy is installed."""
    for name in ("cupy-cuda13x", "cupy-cuda12x"):
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        if name != "cupy-cuda13x" or found.version != VERSION:
            raise Failed(
                f"{name} {found.version} is installed, "
                f"but cupy-cuda13x {VERSION} is needed: {INSTALL}"
            )
        return Path(str(found.locate_file("")))
    raise Failed(f"CuPy is not installed: {INSTALL}")


def _module(wheel: Path, name: str) -> Path:
    """The shared object of a module of the wheel."""
    return wheel / f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"


def _include() -> Path:
    """A folder with all of CUDA's headers, as links."""
    files = []
    for name in HEADERS:
        try:
            found = distribution(name)
        except PackageNotFoundError:
            raise Failed(f"{name} is not installed: {INSTALL}") from None
        for file in found.files or ():
            _, inside, rest = str(file).partition("/include/")
            if inside:
                files.append((rest, Path(str(found.locate_file(file)))))
    place = PLACE / f"include-{_hash(f'{rest} {path}' for rest, path in files)}"
    if not place.exists():
        with _fresh(place) as folder:
            for rest, path in files:
                (folder / rest).parent.mkdir(parents=True, exist_ok=True)
                (folder / rest).symlink_to(path)
    return place


def _shared_object(
    name: str, sources: list[Path], flags: list[str], more: Iterable[str] = ()
) -> Path:
    """C++ sources as a shared object. They are compiled beside each other, on all CPUs."""
    compiler = os.environ.get("CXX") or "g++"
    headers = sorted({*HERE.glob("*.h"), *(x for s in sources for x in s.parent.glob("*.h"))})
    flags = [*FLAGS, *flags]
    key = _hash([compiler, *flags, *more], [*sources, *headers])
    place = PLACE / f"{name.partition('.')[0]}-{key}.so"
    if not place.exists():
        with tempfile.TemporaryDirectory(dir=_exists(PLACE)) as folder:
            objects = [f"{folder}/{source.stem}.o" for source in sources]
            _all_at_once(
                [compiler, *flags, "-c", str(source), "-o", made]
                for source, made in zip(sources, objects, strict=True)
            )
            made = f"{folder}/made.so"
            _run([compiler, "-shared", *objects, "-o", made, f"-Wl,-soname,{name}", "-Wl,-z,defs",
                  *more, "-ldl"])  # fmt: skip
            os.replace(made, place)
    return place


def _library(library: contents.Library, wheel: Path, include: Path, runtime: Path) -> Path:
    """A library of CUDA: what is written of it, and for all else that CuPy calls, a stub."""
    wanted = [x for caller in library.callers for x in contents.undefined(_module(wheel, caller))]
    stubs = _written(PLACE / "stubs" / f"{library.name}.cpp", library.stubs(wanted))
    script = f"{library.name} {{ global: *; }};\n"  # CuPy's modules want this version of names
    versions = _written(PLACE / "stubs" / f"{library.name}.map", script)
    flags, more = contents.lapack_flags() if library.lapack else ([], [])
    return _shared_object(
        library.name,
        [*library.paths(), stubs],
        [f"-I{include}", f"-I{HERE}/libraries", *flags],
        [str(runtime), f"-Wl,--version-script={versions}", *more],
    )


def _written(place: Path, text: str) -> Path:
    """A file with that text."""
    _exists(place.parent)
    if not place.exists() or place.read_text() != text:
        place.write_text(text)
    return place


def _runtime_module(include: Path, runtime: Path) -> Path:
    """CuPy's module of the CUDA runtime, compiled from the source archive."""
    import Cython
    import numpy

    key = _hash(
        [SHA256, Cython.__version__, numpy.__version__, sys.version, str(include), str(runtime)]
    )
    place = PLACE / f"runtime-{key}.so"
    if place.exists():
        return place
    name = "cupy_backends/cuda/api/runtime"
    with tempfile.TemporaryDirectory(dir=PLACE) as folder:
        # Python has the filter from 3.11.4 on; what is extracted has the checksum above.
        safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        with tarfile.open(_archive()) as archive:
            archive.extractall(folder, **safely)
        source = Path(folder) / f"cupy-{VERSION}"
        _cythonize(source, f"{name}.pyx")
        made = source / "runtime.so"
        includes = [sysconfig.get_path("include"), numpy.get_include(), include,
                    source / "cupy_backends", source / "cupy/_core/include"]  # fmt: skip
        _run([
            os.environ.get("CXX") or "g++", "-std=c++17", "-O1", "-w", "-fPIC", "-shared",
            "-DCUPY_CUDA_VERSION=13000", *(f"-I{path}" for path in includes),
            str(source / f"{name}.cpp"), "-o", str(made), str(runtime),
        ])  # fmt: skip
        os.replace(made, place)
    return place


def _archive() -> Path:
    """CuPy's source archive, from the package index.

    Pip asks it for its dependencies too, and without the variable it asks for CUDA.
    """
    place = PLACE / ARCHIVE
    if not place.exists():
        with tempfile.TemporaryDirectory(dir=PLACE) as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                       "--no-binary", "cupy", "--dest", folder, f"cupy=={VERSION}"]  # fmt: skip
            _run(command, CUPY_INSTALL_USE_STUB="1")
            os.replace(f"{folder}/{ARCHIVE}", place)
    found = hashlib.sha256(place.read_bytes()).hexdigest()
    if found != SHA256:
        raise Failed(f"{place} has the SHA-256 {found}, but {SHA256} was expected")
    return place


def _cythonize(root: Path, file: str) -> None:
    """C++ from a module of CuPy, with the settings of its own build for CUDA 13."""
    directives = (
        "embedsignature=True c_api_binop_methods=True binding=False freethreading_compatible=True"
    )
    settings = {"CUPY_USE_CUDA_PYTHON": False, "CUPY_CUFFT_STATIC": False, "CUPY_HIP_VERSION": 0,
                "CUPY_CUDA_VERSION": 13000, "CUPY_CYTHON_VERSION": ""}  # fmt: skip
    command = [sys.executable, "-m", "cython", "-3", "--cplus", *_each("-X", directives.split()),
               *_each("-E", (f"{k}={v!r}" for k, v in settings.items())), file]  # fmt: skip
    _run(command, cwd=root)


def _assemble(
    made: Path, wheel: Path, libraries: dict[str, Path], module: Path, include: Path
) -> None:
    """The libraries, the headers, and CuPy's packages as links but for what is ours."""
    with _fresh(made) as folder:
        (folder / "lib").mkdir()
        for name, library in libraries.items():
            (folder / "lib" / name).symlink_to(library)
        (folder / "include").symlink_to(include)
        overlay = folder / "overlay"
        for package in ("cupy", "cupyx", "cupy_backends"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(
                wheel / package, overlay / package, ignore=ignored, copy_function=os.symlink
            )
        (overlay / "cuda_on_cpu").symlink_to(HERE)
        _replace(overlay / _module(Path("cupy_backends/cuda/api"), "runtime"), module)
        (overlay / _module(Path("cupy/cuda"), "thrust")).unlink()
        (overlay / "cupy/cuda/thrust.py").symlink_to(HERE / "libraries/thrust.py")
        package = overlay / "cupy" / "__init__.py"
        text = package.read_text()
        package.unlink()
        head = "from __future__ import annotations\n"
        assert text.startswith(head)
        text = (
            f"{head}from cuda_on_cpu import start as _start\n_start.before()\n{text[len(head) :]}"
        )
        package.write_text(f"{text}_start.after()\n")


def _replace(link: Path, target: Path) -> None:
    link.unlink()
    link.symlink_to(target)


class _fresh:
    """A folder that comes into being as a whole; if another process is faster, its will do."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __enter__(self) -> Path:
        self.folder = Path(tempfile.mkdtemp(dir=_exists(self.place.parent)))
        return self.folder

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None and not self.place.exists():
            try:
                os.rename(self.folder, self.place)
            except OSError:
                if not self.place.exists():
                    raise
        shutil.rmtree(self.folder, ignore_errors=True)


def _exists(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [x for value in values for x in (option, value)]


def _hash(texts: Iterable[str], files: Iterable[Path] = ()) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    for file in files:
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _all_at_once(commands: Iterable[list[str]]) -> None:
    """Runs commands beside each other, no more than there are CPUs."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_run, commands))


def _run(command: list[str], cwd: Path | None = None, **variables: str) -> str:
    environment = {**os.environ, **variables}
    run = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode:
        told = f"{run.stdout}{run.stderr}"
        raise Failed(
            f"{shlex.join(command)} failed:\n{told if len(told) < 4000 else told[:4000] + ' ...'}"
        )
    return run.stdout


if __name__ == "__main__":
    main()
