"""How long a report's page takes to open and to filter, in a chromium."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

READY = "html[data-ready]"  # when the script has drawn the page
_TIMES = 5  # that the page is opened, and that each word is searched
_SEARCHES = ("a", "row7", "row1 boto3", "kind-3/", "nothing like this", "expected 'y'")
_FACETS = (("status", "failed"), ("client", "soap"), ("level", "must"))
# From the event to the end of the frame in which the page has changed.
_FILTER = """
async ([kind, value]) => {
  const began = performance.now();
  if (kind === "search") {
    const input = document.querySelector(".bar input[type=search]");
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  } else document.querySelector(`.facet input[name="${kind}"][value="${value}"]`).click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}
"""


@dataclass(frozen=True, slots=True)
class PageTimes:
    """Medians of opening, and the slowest of filtering, in milliseconds; the size in bytes."""

    open_ms: float
    filter_ms: float
    size: int


def measure_page(browser: Browser, path: Path) -> PageTimes:
    """Open a page several times, and filter it by words and facets."""
    opened = [_open_ms(browser, path) for _ in range(_TIMES)]
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(READY)
    searches = [_median(page, "search", words) for words in _SEARCHES]
    page.evaluate(_FILTER, ["search", ""])
    facets = [_median(page, *facet) for facet in _FACETS]
    page.close()
    return PageTimes(statistics.median(opened), max(*searches, *facets), path.stat().st_size)


def _median(page: Page, kind: str, value: str) -> float:
    taken = []
    for _ in range(_TIMES):
        if kind == "search":
            page.evaluate("globalThis.report.filter.wordHits.clear()")  # as if searched first
        taken.append(float(page.evaluate(_FILTER, [kind, value])))
    return statistics.median(taken)


def _open_ms(browser: Browser, path: Path) -> float:
    """Milliseconds from the navigation to the drawn page."""
    page = browser.new_page()
    page.goto(path.as_uri(), wait_until="commit")
    page.wait_for_selector(READY, state="attached")
    taken = page.evaluate("performance.getEntriesByName('ready')[0].startTime")
    page.close()
    return float(taken)
