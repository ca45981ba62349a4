"""What the site is made by notices what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "_site"))
sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "figures"))

from _style import latest
from check_site import elsewhere, faults, read

DOCS = Path(__file__).parents[1] / "docs"


def test_dead_links_and_loads_from_elsewhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text('<h1 id="there">There</h1>')
    (tmp_path / "index.html").write_text(
        '<a href="other.html#there"></a><a href="#here"></a><p id="here"></p>'
        '<a href="https://example.org"></a><link rel="canonical" href="https://example.org">'
    )
    assert faults(tmp_path, read(tmp_path)) == []
    assert elsewhere(read(tmp_path)) == ["https://example.org"]
    (tmp_path / "index.html").write_text(
        '<a href="other.html#nowhere"></a><a href="gone.html"></a><a href="#gone"></a>'
        '<img src="gone.svg"><script src="https://example.org/x.js"></script>'
    )
    assert len(faults(tmp_path, read(tmp_path))) == 5


def test_the_pictures_of_the_readme_are_of_the_results_that_there_are() -> None:
    """Those in the repository are drawn anew when the results are measured anew."""
    names = {file.stem for file in (DOCS / "figures").glob("readme_*.py")}
    assert {file.stem for file in (DOCS / "pictures").iterdir()} == names
    # Matplotlib writes texts as outlines, below a comment that has the text.
    drawn = (DOCS / "pictures" / "readme_ratios.svg").read_text("utf-8")
    assert f"<!-- {latest('breadth')['date']}, " in drawn
