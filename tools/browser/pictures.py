"""`python -m tools.browser.pictures DIR`: pictures of the report of a run, for the documentation.

They show the first screen, an opened finding, an opened case, the page on a phone and its first
sheet on paper.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fixtures.model import HarnessError, UsageError
from reports.render.renderers import PAGE
from tools.browser.chromium import open_browser
from tools.browser.page_times import READY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path("docs/pictures")
_SCREEN, _PHONE, _SHEET = (
    (1280, 800),
    (390, 844),
    (703, 994),
)  # CSS px; A4 in its margins


def _first_screen(page: Page) -> None:
    page.evaluate("scrollTo(0, 0)")


def _opened_finding(page: Page) -> None:
    """The first finding in which a reply contradicts CloudStack, else the first of all, with its
    exchange, below the bar."""
    page.evaluate(
        """async () => {
          const items = report.findings.items;
          await report.findings.prepare();
          const contradicts = (each) => each.querySelector(":scope > details .contradiction");
          const item = items.find(contradicts) ?? items[0];
          for (const each of items) each.querySelector("details").open = each === item;
          item.querySelector(".example").open = true;
          item.scrollIntoView();
        }"""
    )


def _opened_case(page: Page) -> None:
    page.locator("[data-finding] .body a").first.evaluate("link => { location.hash = link.hash; }")
    page.locator(".detail .commands").wait_for()


def _printed(page: Page) -> None:
    page.wait_for_function("report.findings.examples")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: the size of the screen, and what is done before it is taken."""

    size: tuple[int, int]
    prepare: Callable[[Page], None]


PICTURES: Mapping[str, Picture] = {
    "first-screen.png": Picture(_SCREEN, _first_screen),
    "finding.png": Picture(_SCREEN, _opened_finding),
    "case.png": Picture(_SCREEN, _opened_case),
    "phone.png": Picture(_PHONE, _first_screen),
    "print.png": Picture(_SHEET, _printed),
}


def take_pictures(browser: Browser, report: Path, folder: Path) -> list[Path]:
    """Take all pictures of a report and return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, picture in PICTURES.items():
        width, height = picture.size
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(report.as_uri())
        page.wait_for_selector(READY, state="attached")
        picture.prepare(page)
        page.wait_for_timeout(200)  # until what was opened is drawn
        files.append(folder / name)
        page.screenshot(path=files[-1])
        page.close()
    return files


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures; 2 if there is no report, or no chromium."""
    parser = argparse.ArgumentParser(prog="pictures", description=(__doc__ or "").split(":")[1])
    parser.add_argument("directory", metavar="DIR", type=Path, help="the directory of a run")
    parser.add_argument("--out", type=Path, default=FOLDER, help=f"folder (default: {FOLDER})")
    options = parser.parse_args(arguments)
    report = options.directory / PAGE
    try:
        if not report.is_file():
            raise UsageError(f"{report}: there is no report")
        with open_browser() as browser:
            files = take_pictures(browser, report.resolve(), options.out)
    except (HarnessError, OSError) as error:
        print(f"pictures: {error}", file=sys.stderr)
        return 2
    print("\n".join(map(str, files)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
