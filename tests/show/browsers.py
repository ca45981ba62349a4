"""Node and Chromium for the tests of pages: where one is not there, its tests are skipped.

With `GPUGRAD_REQUIRE_BROWSER=1` nothing is skipped. `GPUGRAD_CHROMIUM` names the browser to run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

from gpugrad.show.pages.page import EVALUATOR, asset

_REQUIRED = os.environ.get("GPUGRAD_REQUIRE_BROWSER") == "1"

_READS = """
const { text } = require("node:stream/consumers");
text(process.stdin).then((given) => {
  const written = (x) => [x.shape, x.dtype, [...x.data].map((n) => (
    Object.is(n, -0) ? "-0.0" : Number.isFinite(n) ? n : String(n)))];
  const found = JSON.parse(given).map(({ program, arrays }) => {
    const why = Evaluate.missing(program);
    if (why) return { missing: why };
    try {
      return { outputs: Evaluate.run(program, arrays.map(Arrays.unpack)).map(written) };
    } catch (error) {
      return { error: error.message };
    }
  });
  process.stdout.write(JSON.stringify(found));
});
"""


def lacking(what: str) -> NoReturn:
    """Skip the test, which needs something that is not there."""
    text = f"{what}; with GPUGRAD_REQUIRE_BROWSER=1 this fails"
    if _REQUIRED:
        pytest.fail(what)
    pytest.skip(text)


def evaluated(programs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the evaluator of pages makes of programs, in one process of node."""
    node = shutil.which("node")
    if node is None:
        lacking("node is not installed, which runs the evaluator of pages")
    source = "\n".join([*map(asset, EVALUATOR), _READS])
    done = subprocess.run(
        [node, "-e", source], input=json.dumps(programs), capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of playwright that shows nothing and reaches no network."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("playwright is not installed, which drives a browser")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("GPUGRAD_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        lacking("Chromium is not installed, which shows pages")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--font-render-hinting=none"]
        )
        yield browser
        browser.close()
