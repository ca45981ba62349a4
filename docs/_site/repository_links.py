"""Links from a page to files outside of `docs`, such as `../CONTRIBUTING.md`.

On the pages of a repository they work as they are. On the site, some of these files are pages, and
others are found in the repository.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

SHOWN = {"README.md": "index", "SUPPORT.md": "support", "CONTRIBUTING.md": "contributing",
         "CHANGELOG.md": "releases"}  # fmt: skip
"""Files at the top of the repository that pages of the site show."""


class ResolveFiles(SphinxPostTransform):
    """Make references of the links to files that MyST does not count as pages."""

    default_priority = 5                            # before MyST looks for them, and warns

    def run(self, **kwargs: object) -> None:
        """Replace those of one page."""
        for link in list(self.document.findall(pending_xref)):
            target, _, anchor = str(link.get("reftarget", "")).partition("#")
            anchor = anchor or str(link.get("reftargetid") or "")
            address = self._address(target) if link.get("reftype") == "myst" else None
            if address is None:
                continue
            address += f"#{anchor}" if anchor else ""
            found = nodes.reference("", "", *link.children, refuri=address,
                                    internal="://" not in address)  # fmt: skip
            link.replace_self(found)

    def _address(self, target: str) -> str | None:
        """Where a file is that the page names, from its own place or that of what it includes."""
        root = Path(self.app.srcdir).parent.resolve()
        page = Path(self.env.doc2path(self.env.docname)).parent
        for place in (page / target, page / f"{target}.md", root / target):
            if target and place.exists():
                return self._address_of(place.resolve(), root)
        return None

    def _address_of(self, file: Path, root: Path) -> str | None:
        docs = root / "docs"
        name = SHOWN.get(file.name) if file.parent == root else None
        if name is None and file.is_relative_to(docs):
            name = str(file.relative_to(docs).with_suffix(""))
        if name in self.env.found_docs:
            return str(self.app.builder.get_relative_uri(self.env.docname, name))
        kind = "tree" if file.is_dir() else "blob"
        repository = self.app.config.html_theme_options["source_repository"]
        return f"{repository}/{kind}/main/{file.relative_to(root)}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Resolve such links on every page."""
    app.add_post_transform(ResolveFiles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
