"""report.html in a chromium: opened, searched, filtered, read aloud, narrow, printed. Skipped, with
the reason, where there is no chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # no types
from playwright.sync_api import Browser, Page, expect

from fixtures.model import Run
from reports.record.claim import status_counts
from reports.record.recorded_run import RecordedRun
from reports.render.page import html_page
from tests.support.made_reports import HOLE, WRONG, run_with_findings
from tests.support.made_runs import hostile_run, outcome
from tools.browser.chromium import NoBrowser, open_browser
from tools.browser.page_times import READY
from tools.browser.pictures import PICTURES, main, take_pictures

RUN = run_with_findings()
PASSED = 120
LONG = 3_000  # cases for each client, to scroll through
NARROW = {"width": 390, "height": 844}
A4 = {"width": 703, "height": 994}  # CSS px of an A4 page within its margins


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's chromium; skips the tests where there is none."""
    try:
        with open_browser() as running:
            yield running
    except NoBrowser as error:
        pytest.skip(str(error))


def write_page(folder: Path, run: Run) -> Path:
    """The page of a run, in a file."""
    file = folder / "report.html"
    file.write_bytes(html_page(RecordedRun(run)))
    return file


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of `run_with_findings`."""
    return write_page(tmp_path_factory.mktemp("page"), RUN)


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    """The page, opened; it must ask for nothing and report no error until the test ends."""
    with_troubles = browser.new_page(viewport={"width": 1280, "height": 800})
    troubles: list[str] = []
    with_troubles.on("console", lambda message: troubles.append(message.text))
    with_troubles.on("pageerror", lambda error: troubles.append(str(error)))
    with_troubles.on("request", lambda request: troubles.append(request.url))
    open_page(with_troubles, report)
    yield with_troubles
    with_troubles.close()
    assert [each for each in troubles if not each.startswith((report.as_uri(), "data:"))] == []


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


def test_ids_are_found_alike_whatever_their_status(page: Page) -> None:
    """Words are looked for in the ids of passed and of failed cases, all of them, and in what rows
    and clients are called."""
    search(page, "AttachVolume/ boto3")
    assert found(page) == "45 cases"
    cases = page.locator("#case-rows .line")
    expect(cases.locator(".sr", has_text="passed: ")).not_to_have_count(0)
    expect(cases.locator(".sr", has_text="failed: ")).to_have_count(5)
    search(page, "reply/7[boto]")
    assert drawn_cases(page) == ["volumes/AttachVolume/reply/7[boto]"]
    search(page, "ec2-attach-volume")
    assert found(page) == f"{len(RUN.outcomes)} cases"
    search(page, "no such thing")
    assert found(page) == "0 cases"
    assert not page.locator("#findings, #matrices").filter(visible=True).count()


def test_a_level_is_a_facet_and_not_a_word(page: Page) -> None:
    """`must` as a word is looked for in texts; the level is a facet."""
    search(page, "must")
    assert found(page) == "0 cases"
    search(page, "")
    choose(page, "Level", "must")
    levels = [each.level for each in RUN.outcomes]
    assert found(page) == f"{levels.count('must')} cases"


def test_facets_count_what_choosing_them_would_show(page: Page) -> None:
    """Each value has the number of cases that it would show beside the other facets and the words,
    and at first those of the record."""
    page.locator(".facet > summary", has_text="Status").click()
    for status, number in status_counts(RUN.outcomes).items():
        label = page.locator(f'.facet[open] label:has(input[value="{status}"])')
        expect(label.locator(".count")).to_have_text(str(number))
    page.locator('.facet[open] input[value="failed"]').click()
    assert found(page) == "8 cases"
    page.locator(".facet > summary", has_text="Client").click()
    counts = page.locator(".facet[open] label").all_inner_texts()
    assert [re.sub(r"\s+", " ", text) for text in sorted(counts)] == ["boto 1", "boto3 5", "soap 2"]


def test_findings_and_matrix_are_filtered_like_the_cases(page: Page) -> None:
    """Findings and cells without a matching case are not shown; the others count the matching."""
    cell = page.locator('a[data-client="soap"]')
    expect(cell).to_have_text(f"✗{PASSED // 3}/{PASSED // 3 + 2}")
    choose(page, "Security", "security")
    assert page.locator("[data-finding]").filter(visible=True).count() == 1
    expect(cell).to_have_text("✗0/1")
    expect(page.locator('a[data-client="boto3"]')).to_be_hidden()
    page.get_by_role("button", name="Clear").click()
    expect(cell).to_have_text(f"✗{PASSED // 3}/{PASSED // 3 + 2}")


def test_the_bar_stays_and_the_first_hit_is_below_it(page: Page) -> None:
    """Wherever a reader has scrolled to, after a search the first hit stands right below the bar,
    which also stays above the head of the matrix."""
    page.evaluate("document.getElementById('cases').scrollIntoView()")
    search(page, "authentication")
    bar = page.locator(".bar").bounding_box()
    first = page.locator("main [data-finding]").filter(visible=True).first.bounding_box()
    assert bar is not None
    assert first is not None
    assert bar["y"] == 0
    assert bar["height"] <= first["y"] < bar["height"] + 80
    assert page.locator(".matrix thead th").first.evaluate("e => getComputedStyle(e).position") == (
        "sticky"
    )


def test_a_link_shows_the_same(browser: Browser, page: Page) -> None:
    """Filter and opened case are in the address: whoever opens it sees the same."""
    search(page, "reply/1")
    choose(page, "Client", "boto3")
    page.locator("#case-rows a", has_text="reply/11[boto3]").click()
    expect(page.locator(".detail .requirement")).to_be_visible()
    page.wait_for_timeout(200)  # the address follows typing after a pause
    other = browser.new_page()
    other.goto(page.url)
    other.wait_for_selector(READY, state="attached")
    assert other.get_by_role("searchbox").input_value() == "reply/1"
    assert found(other) == found(page) == "11 cases"
    expect(other.locator(".detail")).to_have_attribute(
        "aria-label", "volumes/AttachVolume/reply/11[boto3]"
    )
    other.close()
    page.go_back()
    expect(page.locator(".detail")).to_have_count(0)
    assert found(page) == "11 cases"


@pytest.mark.parametrize("address", [f"#{WRONG}", "#volumes%2FAttachVolume%2Freply/39%5Bsoap%5D"])
def test_a_case_id_is_an_address(page: Page, report: Path, address: str) -> None:
    """The id of a case, as it is or encoded, opens that case, in sight."""
    page.goto("about:blank")
    open_page(page, report, address)
    detail = page.locator(".detail")
    expect(detail.locator(".requirement")).to_be_in_viewport()
    expect(page.locator(".line.open a")).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("address", ["#%E0%A4%A", "#q=%", "#status=nonsense&case=none", "#nothing"])
def test_an_address_that_names_nothing_shows_the_page(
    page: Page, report: Path, address: str
) -> None:
    """A damaged link opens the page, without an error."""
    page.goto("about:blank")
    open_page(page, report, address)
    expect(page.locator("h1")).to_be_visible()


def test_a_case_shows_both_sides_and_the_exchange(page: Page, report: Path) -> None:
    """An opened case has what was expected beside what was observed, the differing value marked,
    the messages in their order with times, bodies for reading, and commands."""
    page.goto("about:blank")
    open_page(page, report, f"#{WRONG}")
    detail = page.locator(".detail")
    assert detail.locator("mark").all_inner_texts() == ["'i1'", "bad"]
    lines = [re.sub(r"\s+", " ", each) for each in detail.locator(".arrow").all_text_contents()]
    assert lines == [
        "client to bridge: POST AttachVolume+0.0 ms",
        "bridge to CloudStack: listVolumes+3.0 ms",
        "CloudStack to bridge: 200",
        "bridge to CloudStack: attachVolume+6.0 ms",
        "CloudStack to bridge: 431",
        "bridge to client: 200+12.0 ms",
    ]
    detail.locator("summary", has_text="POST AttachVolume").click()
    expect(detail.locator(".message").first).to_contain_text("Device = /dev/sdb")
    detail.locator("summary", has_text="bridge to client").click()
    answer = detail.locator(".message").last.locator("pre").inner_text()
    assert "\n  <status>attached</status>\n" in answer
    raw = detail.locator(".raw")
    expect(raw.locator("pre").first).to_be_hidden()
    raw.locator("summary").click()
    expect(raw).to_contain_text("virtualmachineid is 'bad', expected 'i1'")
    expect(raw).to_contain_text("<requestId>r-1</requestId><status>")


def test_commands_are_copied(browser: Browser, report: Path) -> None:
    """A button copies the command that repeats a case."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_page(page, report, f"#{WRONG}")
    page.get_by_role("button", name="Copy the command: run it again").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == outcome().repeat
    context.close()


def test_a_finding_is_proved_where_it_stands(page: Page) -> None:
    """Security comes first; a finding opens to both sides of its example, then to its exchange."""
    first = page.locator("[data-finding]").first
    expect(first.locator("> details > summary")).to_contain_text("security")
    expect(first).to_contain_text("A message whose Body was changed after it was signed")
    expect(first.locator(".sides").first).to_be_visible()
    first.locator(".example > summary").click()
    expect(first.locator(".sequence")).to_be_visible()
    page.get_by_role("link", name=HOLE).first.click()
    expect(page.locator(".line.open")).to_be_in_viewport()


def test_a_cell_opens_its_cases(page: Page) -> None:
    """A cell leads to its cases; above them stands how many passed of how many."""
    page.locator('a[data-client="boto3"]').click()
    expect(page.locator("#cases-h")).to_have_text("AttachVolume with boto3: 40 of 45 passed")
    expect(page.locator("#cases-h")).to_be_in_viewport()
    assert page.url.endswith("#client=boto3&row=AttachVolume")
    assert all(case.endswith("[boto3]") for case in drawn_cases(page))


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


def test_pictures_are_taken_by_a_command(report: Path, tmp_path: Path, browser: Browser) -> None:
    """A command takes the documentation's pictures of a run's report, each of moderate size."""
    files = take_pictures(browser, report, tmp_path / "pictures")
    assert [file.name for file in files] == [*PICTURES]
    for file in files:
        assert file.read_bytes().startswith(b"\x89PNG")
        assert file.stat().st_size < 300_000


def test_pictures_of_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory without a report is named."""
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"pictures: {tmp_path}/report.html: there is no report\n"
