"""Passes: functions from Plan to Plan, each of one idea, that keep what a plan computes.

`improve` applies them in order. Any of them may be left out: the results stay equal, to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from gpugrad.garbage import collector_at_rest
from gpugrad.plan import observers
from gpugrad.plan.passes.algebra import simplify
from gpugrad.plan.passes.assemble import assemble
from gpugrad.plan.passes.common import share_common
from gpugrad.plan.passes.constants import fold_constants
from gpugrad.plan.passes.dead import remove_dead
from gpugrad.plan.passes.horizontal import fuse_horizontally
from gpugrad.plan.passes.joined_products import join_products
from gpugrad.plan.passes.kept_products import keep_products
from gpugrad.plan.passes.loop_totals import add_behind_loops
from gpugrad.plan.passes.subplans import improve_subplans
from gpugrad.plan.plan import Plan

Pass = Callable[[Plan], Plan]

PASSES: tuple[tuple[str, Pass], ...] = (
    ("dead", remove_dead),
    ("constants", fold_constants),
    ("algebra", simplify),
    ("common", share_common),
    ("constants", fold_constants),
    ("algebra", simplify),
    ("products", join_products),
    ("kept", keep_products),
    ("totals", add_behind_loops),
    ("dead", remove_dead),
    ("assemble", assemble),
    ("dead", remove_dead),
    ("horizontal", fuse_horizontally),
    ("algebra", simplify),
    ("dead", remove_dead),
)
"""What is applied, in order: what one pass simplifies, another may find again."""

NAMES = ("subplans", *dict.fromkeys(name for name, _ in PASSES))


def improve(plan: Plan, without: Collection[str] = ()) -> Plan:
    """The plan, and those inside its steps, after all passes but those named in `without`."""
    with collector_at_rest():
        observers.show(plan, "tracing")
        if "subplans" not in without:
            plan = improve_subplans(plan, partial(improve, without=without))
            observers.show(plan, "subplans")
        for name, apply in PASSES:
            if name not in without:
                before, plan = plan, apply(plan)
                if observers.observers and plan != before:
                    observers.show(plan, name)
    return plan
