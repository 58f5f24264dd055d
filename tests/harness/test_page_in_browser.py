"""report.html in a chromium: searched, filtered, linked, opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from reports.record.claim import status_counts
from tests.support.browser_pages import choose, drawn_cases, found, open_page, search, write_page
from tests.support.made_reports import HOLE, RUN, WRONG
from tests.support.made_runs import made_run, outcome
from tools.browser.page_times import READY

PASSED = 120


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
    commands = detail.locator(".commands code").all_inner_texts()
    assert [text.split()[:2] for text in commands] == [
        ["conform", "run"],
        *[["conform", "show"]] * 2,
    ]
    assert commands[2] == f"conform show {report.parent} '{WRONG}'"
    assert [text.endswith(" --curl") for text in commands] == [False, True, False]
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


def test_links_within_the_page_keep_the_filter(page: Page) -> None:
    """A link that skips to the cases keeps the filter, in the address, too; one to a part that the
    filter hides shows all again."""
    search(page, "reply/1")
    page.get_by_role("link", name="Skip to the cases").evaluate("link => link.click()")
    page.wait_for_timeout(200)
    assert found(page) == "33 cases"
    assert page.url.endswith("#q=reply/1")
    page.evaluate("location.hash = 'unclaimed'")
    expect(page.locator("#unclaimed")).to_be_in_viewport()
    assert found(page) == f"{len(RUN.outcomes)} cases"


def test_commands_and_statements_are_drawn_by_who_gives_them(
    browser: Browser, tmp_path: Path
) -> None:
    """The exchange of a command is between the command and the bridge, with its exit status; that
    of an SQL statement between the harness and the server."""
    command = {"method": "exec", "url": "u", "request": "/bin/ec2-attach-volume v1", "response": ""}
    statement = {"method": "SQL", "url": "db", "request": "START SLAVE", "response": ""}
    cases = [
        outcome(driver="command", calls=(), exchange=({**command, "status": 1},)),
        outcome(driver="sql", calls=(), exchange=({**statement, "status": 0},)),
    ]
    page = browser.new_page()
    open_page(page, write_page(tmp_path, made_run(cases)))
    drawn = []
    for number in range(2):
        page.locator("#case-rows a").nth(number).click()
        expect(page.locator(".detail .commands")).to_be_visible()
        drawn.append(page.locator(".arrow").all_text_contents())
    assert drawn == [
        ["command to bridge: ec2-attach-volume", "bridge to command: exit status 1"],
        ["harness to server: START SLAVE", "server to harness: done"],
    ]
    page.close()
