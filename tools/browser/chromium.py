"""Finds the machine's chromium and drives it; none is ever fetched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fixtures.model import HarnessError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without a sandbox it also starts as root, as in containers; it opens nothing but our own pages.
_ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")


class NoBrowser(HarnessError):
    """There is no chromium, or nothing to drive it with; the text says what would help."""


def find_chromium() -> str:
    """The path of the machine's chromium.

    Raises:
        NoBrowser: there is none.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoBrowser("no chromium on PATH; on Debian: apt-get install chromium")
    return found


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A chromium without a window, closed at the end of the block.

    Raises:
        NoBrowser: there is none, or Playwright is not installed.
    """
    path = find_chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        raise NoBrowser(
            "Playwright is not installed: pip install 'awsapi-conformance[tests]'"
        ) from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
