"""How much memory this process has, as the system counts it."""

from __future__ import annotations


def resident() -> float:
    """Megabytes that are resident."""
    with open("/proc/self/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024
