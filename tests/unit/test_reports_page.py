"""report.html as it is rendered; tests/harness/test_page_in_browser.py has it used."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from fixtures.model import Status
from reports.record.recorded_run import RecordedRun
from reports.render import page_data, page_glossary
from reports.render.marks import mark_differences
from reports.render.matrix import build_matrices
from reports.render.page import SCRIPTS, TEMPLATES, html_page
from tests.support.made_runs import every_status, hostile_run, made_run, outcome
from tests.support.page_contents import PageMarkup, page_cases


def test_page_shows_every_row_client_and_case() -> None:
    """Each row of the plan and each case of the run is on the page, also rows without a case."""
    run = made_run(every_status())
    text = html_page(RecordedRun(run)).decode()
    read = PageMarkup(text)
    assert "ec2-create-snapshot" in read.text
    assert "attachVolume" in read.text
    assert sorted(page_cases(text).index["cases"]) == sorted(each.case for each in run.outcomes)
    assert not read.open


def test_page_begins_with_the_findings() -> None:
    """A reader sees causes first, each with its extent and an example, not case after case."""
    cases = [outcome(Status.FAILED, kind=f"case-{n}") for n in range(30)]
    hole = outcome(Status.FAILED, kind="hole", because="the list shows x", security=True)
    text = html_page(RecordedRun(made_run([*cases, hole]))).decode()
    findings = text[text.index('<section id="findings"') : text.index('<section id="matrices"')]
    assert "2 findings in 31 cases" in findings
    assert findings.index("the list shows x") < findings.index("attachVolume was not called")
    assert findings.count("attachVolume was not called") == 1
    assert '<span class="badge security">security</span>' in findings
    assert "30 cases, 1 client" in findings
    assert "Documented: 0 of 31 hold" in text


def test_the_first_screen_has_what_a_reader_asks_first() -> None:
    """The claim in a sentence, what was claimed and what not, target, date and versions stand
    above the findings."""
    text = html_page(RecordedRun(made_run(every_status()))).decode()
    header = PageMarkup(text[text.index("<header>") : text.index("</header>")]).text
    for words in (
        *("Not conformant: 1 case of 7 failed, 1 listed deviation is stale.", "6 of 7 cases"),
        *("1 case: attachVolume: missing", "2026-11-21 22:15 UTC, took 9.0 s", "staging, live"),
        "harness 0.1.0, commit 0123456789ab",
    ):
        assert words in header


def test_a_long_reason_does_not_fill_the_first_screen() -> None:
    """The heading has the beginning of a long reason, and all of it is below, unfolded."""
    reason = "something was left behind: " + "bucket x, " * 200
    text = html_page(RecordedRun(made_run([outcome()], interrupted=reason))).decode()
    (heading,) = re.findall(r"<h1>(.*?)</h1>", text)
    assert len(heading) < 200
    assert reason.strip() in text


def test_an_incomplete_run_without_findings_says_so() -> None:
    """Where no case fails, the page says whether that proves something."""
    for interrupted, words in (
        ("", "Nothing: there are no findings."),
        ("by x", "nothing is proved"),
    ):
        text = html_page(RecordedRun(made_run([outcome()], interrupted=interrupted))).decode()
        assert words in text


def test_a_part_of_the_plan_is_named() -> None:
    """A long list of suites that were run is cut on the first screen, and whole below it."""
    part = f"suites {', '.join(f'suite-{number}' for number in range(40))}"
    run = made_run([outcome()], full=False, narrowed=part)
    text = html_page(RecordedRun(run)).decode()
    assert f"only {part[:70]}" in text
    assert f"only {part}" not in text
    assert f"part: {part}" in text


@pytest.mark.parametrize(
    ("observer", "words"), [("none", "calls not seen"), ("proxy", "calls seen by proxy")]
)
def test_the_observer_is_named(observer: str, words: str) -> None:
    """The first screen says how CloudStack's calls were seen, or that they were not."""
    run = made_run([outcome()])
    target = {**run.header.target, "observer": observer}
    text = html_page(RecordedRun(replace(run, header=replace(run.header, target=target)))).decode()
    assert f"CloudStack's {words}" in text


def test_page_links_lead_somewhere_and_never_out() -> None:
    """The page works from a disk without a network: every link leads to a place of the page, to a
    case or to a filter of it."""
    text = html_page(RecordedRun(made_run(every_status()))).decode()
    read = PageMarkup(text)
    assert len(read.ids) == len(set(read.ids))
    cases = page_cases(text).index["cases"]
    targets = {unquote(link.removeprefix("#")) for link in read.links if link != "data:,"}
    filters = re.compile(r"(status=\w+|finding=[\w-]+|client=\w+&row=[\w/]+)$")
    assert not {each for each in targets - {*read.ids, *cases} if not filters.match(each)}
    assert all(link.startswith("#") or link == "data:," for link in read.links)
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\((?!#)|\bfetch\(|XMLHttpRequest", text)


def test_page_marks_statuses_by_more_than_colour() -> None:
    """Each cell has a sign and a name beside its colour."""
    text = html_page(RecordedRun(made_run(every_status()))).decode()
    cells = re.findall(r'<a class="cell (\w+)".*?</a>', text)
    assert cells == ["stale_deviation", "failed"]
    assert 'aria-label="AttachVolume with boto3: failed, 0 of 3 passed"' in text
    assert '<span class="sign" aria-hidden="true">✗</span>0/3' in text


def test_page_of_hostile_texts_holds_no_foreign_markup() -> None:
    """Scripts of a target are text, control characters are visible, and only our script may run."""
    text = html_page(RecordedRun(hostile_run())).decode()
    data = ["application/octet-stream"] * 2
    assert PageMarkup(text).scripts == [*data, "module"]
    contents = page_cases(text)
    for shown in (text, str(contents)):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "\ud800" not in shown
    assert "&lt;script&gt;alert(" in text
    assert "␛[31m<script>" in str(contents.details)
    assert "<U+202E>" in str(contents.index["cases"])


@pytest.mark.parametrize(("status", "number"), [(Status.FAILED, 1100), (Status.PASSED, 4600)])
def test_page_stays_small(status: Status, number: int) -> None:
    """The page of 1,100 failures, or of 4,600 cases that pass, has less than 1 MB, with the
    exchange of each."""
    long = (
        {"method": "POST", "url": "u", "request": "r" * 500, "status": 200, "response": "x" * 900},
    )
    cases = [outcome(status, kind=f"case-{n}", exchange=long) for n in range(number)]
    text = html_page(RecordedRun(made_run(cases))).decode()
    assert len(text.encode()) < 1_000_000
    contents = page_cases(text)
    assert all(details["exchange"] == [dict(long[0])] for details in contents.details.values())


def test_page_keeps_the_exchange_of_failures_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """When room is short, what failed keeps its exchange, and the page says what is left out."""
    monkeypatch.setattr(page_data, "EXCHANGE_ROOM", 1)
    monkeypatch.setattr(page_data, "BLOCK_CASES", 2)
    cases = [outcome(kind=f"case-{n}") for n in range(4)]
    cases += [outcome(Status.FAILED, kind="first"), outcome(Status.FAILED, kind="second")]
    text = html_page(RecordedRun(made_run(cases))).decode()
    details = page_cases(text).details
    assert {case for case, has in details.items() if "exchange" in has} == {
        "volumes/AttachVolume/first[boto3]",
        "volumes/AttachVolume/second[boto3]",
    }
    assert "the exchange of 4 cases is left out" in text


def test_page_of_endless_texts_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is no room at all, cases keep their line, their level and how to repeat them."""
    monkeypatch.setattr(page_data, "DETAIL_ROOM", 1)
    monkeypatch.setattr(page_data, "BLOCK_CASES", 1)
    text = html_page(RecordedRun(made_run([outcome(), outcome(driver="boto")]))).decode()
    contents = page_cases(text)
    assert len(contents.index["cases"]) == 2
    last = contents.details["volumes/AttachVolume/documented-call[boto]"]
    assert last == {"source": "table 11", "repeat": outcome().repeat, "short": 2}


def test_the_scripts_of_the_page_are_all_in_it() -> None:
    """Each file of the folder is a part of the page's script, but for the comparison's, and none
    has more than 400 lines."""
    files = sorted((TEMPLATES / "scripts").glob("*.js"))
    assert sorted(f"{name}.js" for name in (*SCRIPTS, "compare")) == [file.name for file in files]
    assert max(len(_lines(file)) for file in files) <= 400


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()


def test_the_glossary_has_a_line_for_each_word() -> None:
    """Each status, level, claim and step has a short explanation."""
    assert {*page_glossary.STATUSES} == {*Status}
    for entries in (page_glossary.CLAIMS, page_glossary.CLIENTS, page_glossary.OBSERVERS):
        assert all(20 < len(text) < 100 for text in entries.values())


def test_a_matrix_has_no_empty_column() -> None:
    """S3 and the operational suites stand apart from the documented tables, each with its own
    clients; the documented rows count the cases of all suites."""
    cases = [
        outcome(),
        outcome(kind="of-values", case="values/AttachVolume/x[boto3]", suite="values"),
        outcome(case="s3/GetObject/x[raw]", suite="s3", table=0, row="GetObject", driver="raw"),
        outcome(case="replication/F1/x[sql]", suite="replication", table=0, row="F1", driver="sql"),
        outcome(case="accounts/A/x[soap]", suite="accounts", table=0, row="A", driver="soap"),
        outcome(case="timeouts/A/x[soap]", suite="timeouts", table=0, row="A", driver="soap"),
    ]
    matrices = build_matrices(made_run(cases))
    assert [(m.heading, m.drivers) for m in matrices] == [
        ("EC2: the documented tables", ("boto3",)),
        ("S3: operations", ("raw",)),
        ("Operation: accounts, timeouts", ("soap",)),
        ("Operation: replication", ("sql",)),
    ]
    rows = [row for table in matrices[0].tables for row in table.rows]
    assert [[len(cell.outcomes) for cell in row.cells] for row in rows] == [[0], [2]]
    assert sum(len(table.outcomes) for m in matrices for table in m.tables) == len(cases)


@pytest.mark.parametrize(
    ("because", "expected", "observed", "marked"),
    [
        (
            "attachVolume: id is 'bad', expected 'v1'",
            "CloudStack: attachVolume(id='v1', virtualmachineid='i1') once",
            "CloudStack: attachVolume(id=bad, virtualmachineid=i1) → 431",
            (["'v1'"], ["bad"]),
        ),
        (
            "GetObject: the header content-range is 'bytes 0-1/26', expected 'bytes 0-0/26'",
            "GetObject: answered with 206; header content-range is 'bytes 0-0/26'",
            "GetObject: answered 206; header content-range is 'bytes 0-1/26'",
            (["'bytes 0-0/26'"], ["'bytes 0-1/26'"]),
        ),
        (
            "GetObject: ContentLength is 2, expected '1'",
            "GetObject: ContentLength is '1'; length 1",
            "GetObject: length 2; ContentLength is 2",
            (["'1'"], ["2"]),
        ),
        (
            "stopVirtualMachine: missing, expected stopVirtualMachine(id='1') once",
            "CloudStack: stopVirtualMachine(id='1') once",
            "CloudStack: (nothing)",
            (["stopVirtualMachine"], []),
        ),
        (
            "reply: refused with InvalidVolume.NotFound (no such volume), expected InvalidState",
            "reply: error InvalidState",
            "reply: fault InvalidVolume.NotFound: no such volume",
            (["InvalidState"], ["InvalidVolume.NotFound"]),
        ),
        (
            "reply: answered as if all were well, expected a refusal\n"
            "CloudStack: a call, expected none",
            "reply: refused, in any form\nCloudStack: no call at all",
            "reply: answered\nCloudStack: listZones() → 200",
            (["refused"], ["answered"]),
        ),
        (
            "2. DescribeKeyPairs by other: reply: answered as if all were well, expected a refusal",
            "1. DescribeKeyPairs by own: reply: answered\n"
            "2. DescribeKeyPairs by other: reply: refused, in any form",
            "1. DescribeKeyPairs by own: reply: answered\n"
            "2. DescribeKeyPairs by other: reply: answered",
            (["refused"], ["answered"]),
        ),
        ("something else", "a", "b", ([], [])),
    ],
)
def test_differing_values_are_marked(
    because: str, expected: str, observed: str, marked: tuple[list[str], list[str]]
) -> None:
    """Beside each other, the values that differ are marked, and nothing else."""
    case = outcome(Status.FAILED, because=because, expected=expected, observed=observed)
    sides = mark_differences(case)
    assert tuple(list(side[1::2]) for side in sides) == marked
    assert tuple("".join(side) for side in sides) == (expected, observed)


def test_marks_of_endless_texts_are_found_at_once() -> None:
    """What a hostile target sends is looked through once, however it is made."""
    for piece in ("a: ", "a is ", "( ", "A.b ", "'"):
        text = piece * 20_000
        case = outcome(Status.FAILED, because=text, expected=text, observed=text)
        started = time.process_time()
        mark_differences(case)
        assert time.process_time() - started < 1
