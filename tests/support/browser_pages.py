"""What a reader does with a report's page in a browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from fixtures.model import Run
from reports.record.recorded_run import RecordedRun
from reports.render.page import html_page
from tools.browser.page_times import READY


def write_page(folder: Path, run: Run) -> Path:
    """The page of a run, in a file."""
    file = folder / "report.html"
    file.write_bytes(html_page(RecordedRun(run)))
    return file


def open_page(page: Page, file: Path, address: str = "") -> None:
    """Open a page's file, and wait until it is drawn."""
    page.goto(file.as_uri() + address)
    page.wait_for_selector(READY, state="attached")


def search(page: Page, words: str) -> None:
    """Type words into the search box, in place of what is there."""
    page.get_by_role("searchbox").fill(words)


def choose(page: Page, facet: str, value: str) -> None:
    """Tick a value of a facet."""
    page.locator(".facet > summary", has_text=facet).click()
    page.locator(f'.facet[open] input[value="{value}"]').click()
    page.keyboard.press("Escape")


def found(page: Page) -> str:
    """How many cases match, as the bar says it."""
    return page.locator(".bar output").inner_text()


def drawn_cases(page: Page) -> list[str]:
    """The ids of the rows that are drawn."""
    return page.locator("#case-rows .line a").all_inner_texts()
