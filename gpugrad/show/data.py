"""A picture as JSON: every number with all of its digits.

Numbers that JSON does not have are the strings "inf", "-inf" and "nan"; a complex number is a pair
[real, imaginary]; `null` is a value that the graph does not keep, or no gradient. Of a node in
`gg.vmap` the shape is that of one part, and the numbers are those of all parts, which lie along the
first axes.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from gpugrad.show.numbers import on_host
from gpugrad.show.picture import NOT_KEPT, Operand, Picture, Share, Vertex
from gpugrad.show.tables import operation

VERSION = 1


def as_json(picture: Picture) -> str:
    """The picture as a JSON object: see the keys in the result."""
    data = {
        "version": VERSION,
        "title": picture.title,
        "output": picture.root.name,
        "left_out": picture.left_out,
        "nodes": [_vertex(v) for v in picture.vertices],
    }
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode()   # half a pair is as JSON writes it


def _vertex(v: Vertex) -> dict[str, object]:
    shape, dtype = v.node.shape, v.node.dtype
    if type(dtype) is tuple and not v.several:
        (shape,), (dtype,) = shape, dtype
    return {
        "name": v.name,
        "kind": v.kind,
        "op": None if v.op is None else v.op.name,
        "operation": operation(v, exact=True).text,
        "operands": [_operand(operand) for operand in v.operands],
        "shape": [list(s) for s in shape] if v.several else list(shape),
        "dtype": [str(d) for d in dtype] if v.several else str(dtype),
        "value": _plain(v.value),
        "gradient": _plain(v.gradient),
        "contributions": [_share(share) for share in v.shares],
        "keeps": [{"kind": kind, "name": name} for kind, name in v.keeps],
    }


def _operand(operand: Operand) -> dict[str, object]:
    if operand.left_out:
        return {"left_out": True}
    if operand.vertex is None:
        return {"constant": _plain(operand.value)}
    if operand.output is None:
        return {"node": operand.vertex.name}
    return {"node": operand.vertex.name, "output": operand.output}


def _share(share: Share) -> dict[str, object]:
    return {
        "via": None if share.via is None else share.via.name,
        "operand": share.position,
        "local": _plain(share.local),
        "value": _plain(share.value),
    }


def _plain(x: Any) -> object:
    """An array as nested lists of what JSON has."""
    if x is None or x is NOT_KEPT:
        return None
    if isinstance(x, tuple | list):
        return [_plain(part) for part in x]
    if hasattr(x, "dtype"):
        return _plain(on_host(x).tolist())
    if isinstance(x, complex):
        return [_plain(x.real), _plain(x.imag)]
    if isinstance(x, float) and not isfinite(x):
        return str(x)
    return x if isinstance(x, bool | int | float) else str(x)
