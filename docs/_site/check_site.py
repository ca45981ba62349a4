"""What the builder of the site does not check: `check_site.py FOLDER`.

Every link from a page to a page, an anchor or a file leads somewhere, and nothing that a page needs
is fetched from another host: it is read without a network.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
"""Where a page names what a browser loads by itself."""

NOT_LOADED = {"canonical", "next", "prev", "index", "search", "author"}


class Page(HTMLParser):
    """The links, anchors and loaded files of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag names."""
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in LOADED and not NOT_LOADED & set(found.get("rel", "").split()):
            self.loaded.append(found.get(LOADED[tag], ""))


def read(site: Path) -> dict[Path, Page]:
    """All pages of a site."""
    return {file: Page(file.read_text("utf-8")) for file in sorted(site.rglob("*.html"))}


def elsewhere(pages: dict[Path, Page]) -> list[str]:
    """The addresses of others that pages link to."""
    return sorted({link for page in pages.values() for link in page.links if urlsplit(link).netloc})


def faults(site: Path, pages: dict[Path, Page]) -> list[str]:
    """The dead links and the loads from elsewhere, by page."""
    wrong = []
    for file, page in pages.items():
        name = file.relative_to(site)
        wrong += [f"{name} loads {x}" for x in page.loaded if urlsplit(x).netloc]
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                wrong.append(f"{name} leads to {link}, which is not there")
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].anchors:
                    wrong.append(f"{name} leads to {link}, where there is no such place")
    return wrong


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    pages = read(folder)
    found, addresses = faults(folder, pages), elsewhere(pages)
    (folder.parent / "addresses.txt").write_text("\n".join(addresses) + "\n", "utf-8")
    print("\n".join(found[:50]))
    print(f"{len(pages)} pages, {len(found)} faults, {len(addresses)} addresses of others")
    sys.exit(bool(found))
