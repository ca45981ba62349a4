"""A drawing as Mermaid and Graphviz source."""

from __future__ import annotations

from gpugrad.show.flow import COLOURS, Box, Flow

_WIDTHS = {"input": 2, "intermediate": 2, "output": 2, "op": 1, "gap": 1}
_MERMAID = {"op": ('["', '"]'), "gap": ('>"', '"]')}
_DOT = {"op": "box", "gap": "plaintext"}


def mermaid(flow: Flow) -> str:
    """A Mermaid flowchart: values are round, ops are square, each kind in its colour."""
    lines = ["flowchart LR"]
    for box in flow.boxes:
        left, right = _MERMAID.get(box.kind, ('(("', '"))'))
        label = "<br/>".join(map(_mermaid_text, box.lines))
        lines.append(f"    {box.id}{left}{label}{right}:::{box.kind}")
    for link in flow.links:
        label = f'|"{_mermaid_text(link.label)}"|' if link.label else ""
        lines.append(f"    {link.source} -->{label} {link.target}")
    for kind in dict.fromkeys(box.kind for box in flow.boxes):
        fill, stroke = COLOURS[kind]
        lines.append(
            f"    classDef {kind} fill:{fill},stroke:{stroke},stroke-width:{_WIDTHS[kind]}px,"
            "color:#212121"
        )
    return "\n".join(lines)


def _mermaid_text(text: str) -> str:
    """Mermaid reads entities, which it writes with `#`; backticks and stars would be Markdown."""
    return "".join(f"#{ord(c)};" if c in '"#<>&`*_|\\' else c for c in text)


def dot(flow: Flow) -> str:
    """A Graphviz digraph."""
    lines = [
        "digraph gpugrad {",
        "    rankdir=LR;",
        '    node [style=filled, fontname="Helvetica", fontcolor="#212121"];',
        '    edge [color="#616161", fontname="Helvetica", fontsize=11];',
    ]
    lines += [f"    {box.id} [{_dot_attributes(box)}];" for box in flow.boxes]
    for link in flow.links:
        label = f" [label={_dot_text(link.label)}]" if link.label else ""
        lines.append(f"    {link.source} -> {link.target}{label};")
    return "\n".join([*lines, "}"])


def _dot_attributes(box: Box) -> str:
    fill, stroke = COLOURS[box.kind]
    shape = _DOT.get(box.kind, "ellipse")
    return (
        f'label={_dot_text(*box.lines)}, shape={shape}, fillcolor="{fill}", color="{stroke}", '
        f"penwidth={_WIDTHS[box.kind]}"
    )


def _dot_text(*lines: str) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'
