"""report.html for every reader, in a chromium: with a keyboard, a screen reader, a phone, on paper,
without a script, and with what a hostile target sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # no types
from playwright.sync_api import Browser, Page, expect

from fixtures.model import Run
from tests.support.browser_pages import drawn_cases, found, open_page, search, write_page
from tests.support.made_reports import WRONG, run_with_findings
from tests.support.made_runs import hostile_run, made_run, outcome

LONG = 3_000  # cases for each client, to scroll through
NARROW = {"width": 390, "height": 844}
A4 = {"width": 703, "height": 994}  # CSS px of an A4 page within its margins


def test_rows_are_drawn_as_they_are_seen(browser: Browser, tmp_path: Path) -> None:
    """Of thousands of cases only those in sight are drawn; each row says its place to a screen
    reader; the keyboard goes to the last and opens it."""
    run = run_with_findings(passing=LONG)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_page(page, write_page(tmp_path, run))
    total = len(run.outcomes)
    table = page.get_by_role("table", name=re.compile("All cases"))
    expect(table).to_have_attribute("aria-rowcount", str(total + 1))
    assert len(drawn_cases(page)) < 60
    page.locator("#case-rows a").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".line:focus-within")).to_have_attribute("aria-rowindex", "3")
    page.keyboard.press("End")
    last = page.locator(".line:focus-within")
    expect(last).to_have_attribute("aria-rowindex", str(total + 1))
    expect(last).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(".detail .requirement")).to_be_visible()
    expect(table).to_have_attribute("aria-rowcount", str(total + 2))
    behind = "e => e.nextElementSibling.className"
    assert page.locator(".line.open").evaluate(behind) == "detail"
    page.keyboard.press("Home")
    expect(page.locator(".line:focus-within")).to_have_attribute("aria-rowindex", "2")
    assert len(drawn_cases(page)) < 60
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_barrier(browser: Browser, report: Path, theme: str, width: int) -> None:
    """Axe finds no violation in either theme, wide or narrow, with a case, an example and a facet
    opened."""
    page = browser.new_page(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if theme == "dark" else "light",
        bypass_csp=True,  # or axe could not be put into the page
    )
    open_page(page, report, f"#{WRONG}")
    expect(page.locator(".detail .sequence")).to_be_visible()
    page.locator(".example > summary").first.click()
    page.locator(".facet > summary").first.click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.close()


def widest(page: Page) -> int:
    """The width of the page's content, in CSS px."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert isinstance(width, int)
    return width


def test_nothing_is_wider_than_a_phone(browser: Browser, report: Path) -> None:
    """At 390 px nothing is wider than the page, whatever is opened."""
    page = browser.new_page(viewport={"width": NARROW["width"], "height": NARROW["height"]})
    open_page(page, report, f"#{WRONG}")
    expect(page.locator(".detail .sequence")).to_be_visible()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.wait_for_timeout(100)
    assert widest(page) == NARROW["width"]
    page.close()


def test_all_of_the_findings_is_printed(browser: Browser, report: Path) -> None:
    """On A4 nothing is closed, missing or wider than the paper: every finding is printed with both
    sides, its exchange and its commands; the bar is not."""
    page = browser.new_page(viewport={"width": A4["width"], "height": A4["height"]})
    open_page(page, report)
    page.wait_for_function("report.findings.examples")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(100)
    findings = page.locator("[data-finding]")
    assert findings.count() > 2
    for number in range(findings.count()):
        finding = findings.nth(number)
        for part in (".requirement", ".sides", ".sequence", ".commands"):
            expect(finding.locator(part).first).to_be_visible()
        total = int(str(finding.get_attribute("data-cases")))
        printed = finding.locator(".cases").first
        expect(printed).to_be_visible()
        assert len(re.findall(r"[\[,] ?\w+(?=[,\]])", printed.inner_text())) == total
    closed = page.locator("main details:not([open]):not(.sequence details)")
    assert closed.count() == 0
    assert not page.locator(".bar").is_visible()
    assert widest(page) <= A4["width"]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details:not([open])").count() > 0
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()


def test_without_a_script_claim_and_findings_are_there(browser: Browser, report: Path) -> None:
    """A browser that runs no script shows claim, findings and matrix."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    for text in ("Not conformant", "virtualmachineid is 'bad', expected 'i1'", "ec2-attach-volume"):
        expect(page.get_by_text(text).first).to_be_visible()
    assert not page.locator(".bar").is_visible()
    context.close()


def test_hostile_texts_stay_inert(browser: Browser, tmp_path: Path) -> None:
    """Markup, scripts, template syntax and marks of direction in every text of a target are shown
    as text: nothing runs, nothing is loaded, and no text reorders another."""
    page = browser.new_page()
    troubles: list[str] = []
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: troubles.append(request.url))
    file = write_page(tmp_path, hostile_run())
    open_page(page, file)
    before = page.evaluate("document.scripts.length")
    for place in range(2):
        page.locator("#case-rows a").nth(place).click()
        expect(page.locator(".detail .commands")).to_be_visible()
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        page.wait_for_timeout(100)
    search(page, "<script>alert('x')</script>")
    assert found(page) == "2 cases"
    text = page.locator("body").inner_text()
    assert "<script>alert('x')</script>" in text
    assert "{{ 7 * 7 }} ${7 * 7}" in text
    assert "\u202e" not in text
    assert page.evaluate("document.scripts.length") == before
    assert page.locator("img, iframe, object, embed, style:not(head style)").count() == 0
    assert page.evaluate("'hacked' in globalThis") is False
    assert [each for each in troubles if not each.startswith((file.as_uri(), "data:"))] == []
    page.close()


@pytest.mark.parametrize(
    "body",
    ["<a>" * 20_000, "<" * 20_000, "a=b&" * 5_000 + " x", '{"a":' * 5_000, "x: y\n\n" * 5_000],
    ids=["nested", "unclosed", "parameters", "json", "headers"],
)
def test_hostile_bodies_do_not_stop_the_page(browser: Browser, tmp_path: Path, body: str) -> None:
    """A body that is nested deep, or that looks like parameters and is none, is shown at once."""
    entry = {"method": "POST", "url": "u", "request": body, "status": 500, "response": body}
    page = browser.new_page()
    open_page(page, write_page(tmp_path, made_run([outcome(exchange=(entry,))])))
    page.set_default_timeout(5_000)
    page.locator("#case-rows a").click()
    expect(page.locator(".detail .message")).to_have_count(4)
    assert page.locator(".detail").evaluate("e => e.textContent.length") < 10_000_000
    page.close()


@pytest.mark.parametrize(
    "run",
    [made_run([]), Run(made_run([]).header, (), None), made_run([outcome()], rows=())],
    ids=["empty", "cut short", "rows unnamed"],
)
def test_poor_runs_open_too(browser: Browser, tmp_path: Path, run: Run) -> None:
    """The page of a run that was interrupted, or has no outcomes or no rows, is searched, too."""
    page = browser.new_page()
    open_page(page, write_page(tmp_path, run))
    search(page, "x")
    assert found(page) == "0 cases"
    page.close()


def test_the_head_of_a_matrix_stays_below_the_bar(browser: Browser, tmp_path: Path) -> None:
    """However far a reader has scrolled in a matrix, its head is in sight, right below the bar."""
    rows = [{"table": 11, "suite": "volumes", "row": f"Row{number}"} for number in range(80)]
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    open_page(page, write_page(tmp_path, made_run([outcome()], rows=rows)))
    page.locator('tr[data-line="Row60"]').evaluate("row => row.scrollIntoView({block: 'center'})")
    bar = page.locator(".bar").bounding_box()
    head = page.locator(".matrix thead th").first.bounding_box()
    assert bar is not None
    assert head is not None
    assert bar["y"] == 0
    assert abs(head["y"] - bar["height"]) <= 1
    page.close()
