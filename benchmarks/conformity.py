"""How many special cases of the Array API standard does each library miss?

    python benchmarks/conformity.py [--json]

Each case of the table in `tests/special_cases.py` is computed in both precisions: among others in
long arrays, and alone. A library without a function misses all of its cases.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import machine

sys.path.append(str(Path(__file__).parents[1] / "tests"))

PACKAGES = ("gpugrad", "numpy", "array-api-strict", "array-api-compat")


def contenders() -> dict[str, tuple[Any, Callable[[Any], Any]]]:
    """A namespace for each library, and what makes its arrays."""
    import array_api_compat.numpy
    import array_api_strict
    import numpy as np

    import gpugrad as gg

    return {
        "gpugrad, arrays": (gg, np.asarray),
        "gpugrad, Tensors": (gg, gg.tensor),
        "array_api_compat.numpy": (array_api_compat.numpy, np.asarray),
        "array_api_strict": (array_api_strict, array_api_strict.asarray),
    }


def count(xp: Any, make: Callable[[Any], Any]) -> tuple[int, Counter[str]]:
    """How many cases there are, and how many are missed by function."""
    import numpy as np
    from special_cases import REDUCTIONS, Case, all_cases

    groups: dict[Any, list[Case]] = defaultdict(list)
    for case in all_cases():
        groups[case.function, case.is_complex, len(case.operands)].append(case)
    total, missed = 0, Counter[str]()

    def values(name: str, columns: list[Any], **settings: Any) -> Any:
        try:
            y = getattr(xp, name)(*map(make, columns), **settings)
        except (AttributeError, TypeError):
            return None
        return np.asarray(getattr(y, "_array", y)).tolist()

    for (name, complex_, operands), cases in groups.items():
        for dtype in ("complex64", "complex128") if complex_ else ("float32", "float64"):
            tolerance = 4 * float(np.finfo(dtype).eps)
            table = [np.array([c.operands[i] for c in cases], dtype) for i in range(operands)]
            long = values(name, table)
            for k, case in enumerate(cases):
                few = values(name, [column[k] for column in table])
                total += 2
                missed[name] += long is None or not case.is_met(long[k], tolerance)
                missed[name] += few is None or not case.is_met(few, tolerance)
    for name, elements, settings, wanted in REDUCTIONS:
        kinds = ("complex64", "complex128") if np.array(elements).dtype.kind == "c" else (
            "float32", "float64",
        )  # fmt: skip
        for dtype in kinds:
            found = values(name, [np.array(elements).astype(dtype)], **settings)
            total += 1
            missed[name] += repr(found) != repr(list(wanted) if type(wanted) is tuple else wanted)
    return total, +missed


def main() -> None:
    parser = machine.parser(__doc__, cores=1)
    arguments = parser.parse_args()
    report = machine.facts(arguments.cores, PACKAGES)
    warnings.simplefilter("ignore")
    report["libraries"] = {}
    print(f"\n{'':26}{'cases':>8}{'missed':>8}")
    for name, (xp, make) in contenders().items():
        total, missed = count(xp, make)
        functions = dict(missed.most_common())
        where = ", ".join(f"{function} {n}" for function, n in functions.items())
        print(f"{name:26}{total:8}{missed.total():8}  {where}")
        report["libraries"][name] = {
            "cases": total, "missed": missed.total(), "functions": functions,
        }  # fmt: skip
    machine.save(arguments.json, report)


if __name__ == "__main__":
    main()
