"""How the site is built: `sphinx-build -W --keep-going docs build/site`, without a network."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_site"))

from gallery import prepare  # noqa: E402

import gpugrad as gg  # noqa: E402

_PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]

project = "gpugrad"
author = copyright = "The gpugrad developers"
release = version = gg.__version__
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "code_links",                                   # the rest are ours, in _site
    "drawings",
    "mathml",
    "reference",
    "repository_links",
]
exclude_patterns = ["_site", "figures", "_made/gallery/README*"]
root_doc = "index"
default_role = "code"
templates_path: list[str] = []

# Each page is Markdown; what GitHub shows of it and what the site shows are the same.
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_links_external_new_tab = True

autodoc_typehints = "signature"
autodoc_member_order = "groupwise"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 88
napoleon_google_docstring = True
napoleon_numpy_docstring = False
add_module_names = False
toc_object_entries_show_parents = "hide"

sphinx_gallery_conf = {
    "examples_dirs": str(HERE.parent / "examples"),
    "gallery_dirs": "examples",
    "filename_pattern": r"/[a-z]\w*\.py$",          # all of them are run
    "ignore_pattern": r"/_",
    "subsection_order": [                           # from the simplest on
        f"../examples/{name}"
        for name in ("derivatives", "networks", "inference", "mechanics", "images")
    ],
    "within_subsection_order": "FileNameSortKey",
    "reset_modules": ("matplotlib", prepare),
    "image_srcset": ["2x"],
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "download_all_examples": False,
    "write_computation_times": False,               # a page of scripts from elsewhere
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1,
    "reference_url": {},
}

html_theme = "furo"
html_title = f"gpugrad {release}"
html_static_path = ["_site/static"]
html_css_files = ["site.css"]
html_extra_path: list[str] = []
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "source_repository": _PROJECT["urls"]["Repository"],
    "source_branch": "main",
    "source_directory": "docs/",
}
copybutton_exclude = ".linenos, .gp, .go"
suppress_warnings = ["config.cache"]                # functions in the settings: nothing is cached
linkcheck_anchors = False
linkcheck_timeout = 20
