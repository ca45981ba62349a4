"""What was computed: nodes, the order in which to visit them, and whether to record.

Pure data. Nothing here does arithmetic, knows an array library or recurses.
"""

from gpugrad.graph.node import ALIAS, ENDED, Applied, Edge, Lift, Node, Vjp, now
from gpugrad.graph.onlooker import Onlooker, looking_on
from gpugrad.graph.order import leading_to, newer, older, reverse_order
from gpugrad.graph.signature import NoSignature, Survey, is_array, kind_of_saved, same_kind, survey
from gpugrad.graph.state import enable_grad, is_recording, no_grad, recording

__all__ = [
    "ALIAS",
    "ENDED",
    "Applied",
    "Edge",
    "Lift",
    "NoSignature",
    "Node",
    "Onlooker",
    "Survey",
    "Vjp",
    "enable_grad",
    "is_array",
    "is_recording",
    "kind_of_saved",
    "leading_to",
    "looking_on",
    "newer",
    "no_grad",
    "now",
    "older",
    "recording",
    "reverse_order",
    "same_kind",
    "survey",
]
