"""Collectives and training steps on several processes of this machine, and on more by computation.

    python benchmarks/parallel.py [--ranks 1,2,4] [--sizes toy,mnist] [--cores 2] [--json]

Starts `mpiexec` for each number of ranks; each rank gets its share of the cores as threads. What
is measured is beside mpi4py called by hand, and beside PyTorch's DistributedDataParallel with gloo
where PyTorch is installed. What has "computed" in its title was not measured.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from math import ceil, log2
from pathlib import Path
from typing import Any

import machine
from problem import SIZES

PACKAGES = "numpy gpugrad llvmlite mpi4py mpich torch".split()
BYTES = (*(8**i for i in range(1, 9)), 2**26, 2**28)
COMPUTED_RANKS = (8, 64, 1024)

BY_HAND, EAGER, PLANNED = "mpi4py by hand", "psum", "psum in a plan"

CHAIN = 16
"""Sums one behind the other in a plan, so that its call is a small part."""

LINKS = {
    "10 Gb/s Ethernet": (1.25e9, 10e-6),
    "InfiniBand HDR, 200 Gb/s": (25e9, 1e-6),
    "NVLink 4, 900 GB/s both ways": (450e9, 1e-6),
}
"""Bytes and seconds: what makers say that a link carries each way, and what a message takes beside
that (Ethernet by the kernel's TCP; the others as MPI and NCCL are said to come to)."""


def main() -> None:
    parser = machine.parser(__doc__, cores=2)
    parser.add_argument("--ranks", default="1,2,4", help="numbers of ranks (1,2,4)")
    parser.add_argument("--sizes", default=",".join(SIZES), help=f"of {','.join(SIZES)}")
    parser.add_argument("--bytes", default=",".join(map(str, BYTES)), help="of collectives")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each line (3)")
    parser.add_argument("--without", default="", help="words in the names of contenders")
    options = parser.parse_args()
    machine.restrict(options.cores)
    report = machine.facts(options.cores, PACKAGES)
    found = [_run(int(n), options) for n in options.ranks.split(",")]
    for each in found:
        _print_collectives(each)
        _print_steps(each)
    report |= {"ranks": found, "computed": _computed(found[0])}
    _print_computed(report["computed"])
    machine.save(options.json, report)


def _run(ranks: int, options: Any) -> dict[str, Any]:
    """What the ranks print."""
    beside = Path(sys.executable).with_name("mpiexec")
    mpiexec = str(beside) if beside.exists() else shutil.which("mpiexec")
    if mpiexec is None:
        sys.exit("there is no mpiexec: pip install 'gpugrad[mpi]'")
    threads = str(max(options.cores // ranks, 1))
    environment = {
        **os.environ, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(29500 + os.getpid() % 1000),
        "GPUGRAD_NUM_THREADS": threads,
        **{f"{name}_NUM_THREADS": threads for name in ("OMP", "OPENBLAS", "MKL")},
    }  # fmt: skip
    words = [mpiexec, "-n", str(ranks), sys.executable,
             str(Path(__file__).with_name("parallel_ranks.py")),
             "--seconds", str(options.seconds), "--sizes", *filter(None, options.sizes.split(",")),
             "--without", *filter(None, options.without.split(",")),
             "--bytes", *filter(None, options.bytes.split(","))]  # fmt: skip
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{ranks} ranks ended with {done.returncode}:\n{done.stdout}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _print_collectives(found: dict[str, Any]) -> None:
    if not found["collectives"]:
        return
    ranks = found["ranks"]
    print(f"\nA sum over {ranks} ranks, microseconds: least (median); ratios of the least\n")
    print(f"| bytes | {BY_HAND} | {EAGER} | x | {PLANNED}, each of {CHAIN} | x |")
    print("|---:|---:|---:|---:|---:|---:|")
    for size, times in found["collectives"].items():
        hand, eager, chain, planned = times.values()
        length = int(next(reversed(times)).rpartition(" ")[2])
        cells = [size, _time(hand), _time(eager), _ratio(eager, hand),
                 _time(planned, length), _ratio(planned, chain)]  # fmt: skip
        print(f"| {' | '.join(cells)} |")


def _print_steps(found: dict[str, Any]) -> None:
    if not found["steps"]:
        return
    names = list(dict.fromkeys(n for x in found["steps"].values() for n in x["microseconds"]))
    print(f"\nA training step on {found['ranks']} ranks, microseconds: least (median)\n")
    print(f"| size | {' | '.join(names)} | x PyTorch | replicas alike |")
    print(f"|---|{'---:|' * len(names)}---:|---|")
    for size, entry in found["steps"].items():
        times, alike = entry["microseconds"], entry["replicas alike"]
        ours = min(times[n]["min"] for n in alike if n.startswith("gpugrad"))
        others = [times[n]["min"] for n in alike if n.startswith("PyTorch")]
        cells = [_time(times[name]) for name in names]
        cells += [f"{ours / min(others):.2f}" if others else "-"]
        cells += ["yes" if all(alike.values()) else f"NO: {alike}"]
        print(f"| {size} | {' | '.join(cells)} |")


def _time(times: dict[str, float], parts: int = 1) -> str:
    return f"{times['min'] / parts:,.1f} ({times['median'] / parts:,.1f})"


def _ratio(ours: dict[str, float], base: dict[str, float]) -> str:
    return f"{ours['min'] / base['min']:.2f}"


# More ranks than there are, by computation


def _computed(found: dict[str, Any]) -> dict[str, Any]:
    """Efficiencies of data-parallel steps in which each rank has as many rows as a batch of one.

    The step alone was measured; the sum is that of a ring or of a tree, whichever is faster, over
    links as their makers describe them, of which nothing is hidden behind the computation.
    """
    computed: dict[str, Any] = {}
    for size, entry in found["steps"].items():
        times = entry["microseconds"]
        alone = min(t["min"] for name, t in times.items() if name.endswith(", alone")) * 1e-6
        for link, (rate, delay) in LINKS.items():
            computed.setdefault(size, {})[link] = {
                str(n): alone / (alone + _sum_of(entry["bytes"], n, rate, delay))
                for n in COMPUTED_RANKS
            }
    return computed


def _sum_of(size: int, ranks: int, rate: float, delay: float) -> float:
    """Seconds of a sum: a ring sends the least, a tree the fewest messages one after the other."""
    ring = 2 * (ranks - 1) * (delay + size / ranks / rate)
    tree = 2 * ceil(log2(ranks)) * (delay + size / rate)
    return min(ring, tree)


def _print_computed(computed: dict[str, Any]) -> None:
    if not computed:
        return
    print("\nComputed, not measured: efficiency where each rank has the rows of a whole batch\n")
    print(f"| size | link | {' | '.join(f'{n} ranks' for n in COMPUTED_RANKS)} |")
    print(f"|---|---|{'---:|' * len(COMPUTED_RANKS)}")
    for size, links in computed.items():
        for link, found in links.items():
            print(f"| {size} | {link} | {' | '.join(f'{x:.0%}' for x in found.values())} |")


if __name__ == "__main__":
    main()
