"""Names of the library in text, such as `gg.grad`, lead to their entry in the reference."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

NAME = re.compile(r"gg((?:\.[A-Za-z_]\w*)+)(\(.*\))?$")


class LinkNames(SphinxPostTransform):
    """Make a reference of each literal that is the name of something in the reference."""

    default_priority = 5                            # before references are resolved

    def run(self, **kwargs: object) -> None:
        """Wrap the literals of one page."""
        known = self.env.get_domain("py").data["objects"]
        for literal in list(self.document.findall(nodes.literal)):
            match = NAME.match(literal.astext())
            if match is None or isinstance(literal.parent, nodes.reference | pending_xref):
                continue
            target = f"gpugrad{match[1]}"
            if target not in known:
                continue
            reference = pending_xref(
                "", refdomain="py", reftype="obj", reftarget=target, refdoc=self.env.docname,
                refexplicit=True, refwarn=True,
            )  # fmt: skip
            literal.replace_self(reference)
            reference += literal


def setup(app: Sphinx) -> dict[str, bool]:
    """Link the names of every page."""
    app.add_post_transform(LinkNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
