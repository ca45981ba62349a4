"""The rooms of the package with their sizes, floors, circles of imports and file names used twice.

Run as `python ci/layout.py`. It fails on a circle of modules, on an import that goes up, on a room
that holds too much of the package, and on a file name that stands for two subjects. An import
counts wherever it stands: in a function, or for types alone.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "gpugrad"

LARGEST = 22
"""Percent of the lines of the package that one room may hold."""

ONE_SUBJECT = {
    "__init__": "what a folder is for",
    "__main__": "what a folder does as a program",
    "engine": "what an engine makes of a plan, in the folder of each",
    "kernel": "one kernel as text, in the language of each engine",
    "notation": "how functions are written: for readers, and for compilers",
    "products": "products of matrices: the ops, and their kernels",
    "random": "random numbers: the functions, their ops, and their kernel",
    "special": "special functions: under the names of SciPy, and the ops",
    "writer": "what writes the source of programs: what engines have in common, and that of each",
}
"""File names that occur more than once, and what each stands for."""

Edges = dict[str, set[str]]


def modules() -> dict[str, Path]:
    """The file of each module."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(files: dict[str, Path]) -> Edges:
    """The modules of the package that each one imports."""
    edges: Edges = {}
    for module, path in files.items():
        found = edges[module] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                found |= {name if name in files else str(node.module) for name in names}
        edges[module] = (found & files.keys()) - {module}
    return edges


def circles(edges: Edges) -> Iterator[list[str]]:
    """Modules each of which leads to all others of its list."""
    reached = {module: _reached(edges, module) for module in edges}
    left = set(edges)
    for module in sorted(edges):
        if module in left:
            circle = {other for other in reached[module] if module in reached[other]}
            left -= circle
            if circle:
                yield sorted(circle)


def _reached(edges: Edges, start: str) -> set[str]:
    """What a way along the edges leads to; `start` only if one leads back."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def contracts() -> list[dict[str, Any]]:
    """What `pyproject.toml` says of imports."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return found


def floors(said: list[dict[str, Any]]) -> dict[str, list[list[str]]]:
    """The floors of each package that has some, from the top down."""
    return {
        contract["containers"][0]: [floor.split(" | ") for floor in contract["layers"]]
        for contract in said
    }


def allowed(said: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Imports that may go up: of what shows or writes a thing by the thing itself."""
    lines = [line for contract in said for line in contract.get("ignore_imports", ())]
    return sorted((line.partition(" -> ")[0], line.partition(" -> ")[2]) for line in lines)


def upward(edges: Edges, package: str, order: list[list[str]]) -> Iterator[str]:
    """Imports within a package that do not go down."""
    level = {f"{package}.{name}": i for i, floor in enumerate(order) for name in floor}

    def part(module: str) -> str:
        inside = module.removeprefix(f"{package}.")
        return f"{package}.{inside.partition('.')[0]}" if inside != module else ""

    for module, imported in edges.items():
        for other in sorted(imported):
            here, there = part(module), part(other)
            if not here or not there or here == there:
                continue
            if level.get(here, -1) >= level.get(there, len(order)):
                yield f"{module} imports {other}, which is not below it"


def rooms(files: dict[str, Path]) -> dict[str, int]:
    """Lines of each folder of the package, and of the files beside them, the largest first."""
    lines: Counter[str] = Counter()
    for path in files.values():
        inside = path.relative_to(ROOT / PACKAGE).parts
        lines[inside[0] if len(inside) > 1 else "(files)"] += len(path.read_bytes().splitlines())
    return dict(lines.most_common())


def main() -> int:
    files = modules()
    edges = imports(files)
    wrong: list[str] = []

    sizes = rooms(files)
    total = sum(sizes.values())
    print(f"rooms ({total:,} lines)")
    for room, lines in sizes.items():
        share = 100 * lines / total
        print(f"  {room:12} {lines:6,} {share:5.1f} %")
        if share > LARGEST:
            wrong.append(f"{room} holds {share:.1f} % of the lines; {LARGEST} % are allowed")

    said = contracts()
    upwards = allowed(said)
    for module, other in upwards:
        if other not in edges.get(module, ()):
            wrong.append(f"{module} does not import {other}: take it from `ignore_imports`")
    down = {
        module: {other for other in imported if (module, other) not in upwards}
        for module, imported in edges.items()
    }
    for package, order in floors(said).items():
        print(f"floors of {package}")
        for floor in order:
            print(f"  {'  '.join(floor)}")
        wrong += upward(down, package, order)

    print("circles")
    for module, other in upwards:
        print(f"  allowed: {module} shows itself by {other}")
    # Without the door, by which what stands above comes in as users do.
    inside = {module: imported - {PACKAGE} for module, imported in down.items()}
    wrong += [f"a circle of imports: {', '.join(circle)}" for circle in circles(inside)]

    print("file names that occur more than once")
    names = Counter(path.stem for path in files.values())
    several = {name: count for name, count in sorted(names.items()) if count > 1}
    for name, count in several.items():
        print(f"  {name:12} {count:3}  {ONE_SUBJECT.get(name, '')}")
    for name in several.keys() - ONE_SUBJECT.keys():
        wrong.append(f"{several[name]} files are called {name}.py: one name is for one subject")
    for name in ONE_SUBJECT.keys() - several.keys():
        wrong.append(f"{name} occurs once: take it from the list")

    for line in wrong:
        print(f"WRONG: {line}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
