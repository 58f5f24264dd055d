"""junit.xml, summary.md and report.html: functions of one recorded run."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lxml import etree

from fixtures.model import Run, Status, UsageError
from reports.record.recorded_run import RecordedRun
from reports.render.junit import junit_xml
from reports.render.page import EXCHANGE_BUDGET, html_page
from reports.render.renderers import FOLDERS, RENDERERS, render
from reports.render.summary import MAX_BYTES, markdown_summary
from reports.sanitize import first_line, sanitize
from tests.support.made_runs import every_status, keep, made_run, outcome

HOSTILE = "\x1b[31m<script>alert('x')</script>\x00\u202e]]> ``` | & \ud800 \ufffe"


def _hostile_run() -> Run:
    bad = outcome(
        Status.FAILED,
        case=f"volumes/AttachVolume/{HOSTILE}[boto3]".replace("\ud800", ""),
        requirement=HOSTILE,
        because=f"{HOSTILE}\n{HOSTILE}",
        expected=HOSTILE,
        observed=HOSTILE,
        repeat=HOSTILE,
        calls=({"command": HOSTILE, "params": {HOSTILE: HOSTILE}, "status": 431},),
        exchange=(
            {"method": "GET", "url": HOSTILE, "request": "", "status": None, "response": HOSTILE},
        ),
    )
    claimless = outcome(Status.NOT_CLAIMED, because=HOSTILE)
    return made_run([bad, claimless], narrowed=HOSTILE)


class _Reader(HTMLParser):
    """Collects what a browser would act on: tags, ids, targets, scripts and text."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), "no inline handlers"
            if name == "id":
                self.ids.append(str(value))
            if name in ("href", "src"):
                self.links.append(str(value))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_junit_counts_and_classes() -> None:
    """A CI system sees failures, errors and skipped cases as what they are."""
    root = etree.fromstring(junit_xml(RecordedRun(made_run(every_status()))))
    assert {k: root.get(k) for k in ("tests", "failures", "errors")} == {
        "tests": "7",
        "failures": "2",
        "errors": "2",
    }
    (suite,) = root
    assert suite.get("name") == "volumes"
    assert suite.get("skipped") == "2"
    cases = suite.findall("testcase")
    endings = [[child.tag for child in case if child.tag != "properties"] for case in cases]
    expected = [[], ["failure"], ["error"], ["error"], ["skipped"], ["skipped"], ["failure"]]
    assert endings == expected


def test_junit_failure_has_both_sides() -> None:
    """A failure in a CI log has what was expected and observed, and the reason."""
    root = etree.fromstring(junit_xml(RecordedRun(made_run([outcome(Status.FAILED)]))))
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "attachVolume was not called"
    assert "expected: answered; attachVolume(id=v1, virtualmachineid=i1) once" in str(failure.text)
    assert "observed: answered; no state-changing call" in str(failure.text)


def test_junit_of_hostile_texts_is_xml() -> None:
    """Control characters and markup of a target never break the XML."""
    root = etree.fromstring(junit_xml(RecordedRun(_hostile_run())))
    assert "␛[31m<script>" in str(root.findtext(".//failure"))


def test_summary_begins_with_the_claim() -> None:
    """The first lines have the claim and its reason."""
    text = markdown_summary(RecordedRun(made_run(every_status()))).decode()
    assert text.startswith("# Not conformant: staging\n\n**not-conformant**: 1 case of 7 failed")


def test_summary_names_what_matters() -> None:
    """Counts, both sides of failures, what is not claimed, deviations, how to repeat."""
    text = markdown_summary(RecordedRun(made_run(every_status()))).decode()
    assert "| ✗ failed | 1 |" in text
    assert "answered; attachVolume(id=v1, virtualmachineid=i1) once" in text
    assert "answered; no state-changing call" in text
    assert "## Not claimed by the target (1)" in text
    assert "## Known deviations (1)" in text
    assert "| Volumes | ec2-attach-volume | attachVolume | ≠ 1/4 | ✗ 0/3 |" in text
    assert "repeat: `conform run --target staging --seed 7`" in text


def test_summary_fits_whatever_happens() -> None:
    """CI systems refuse a long summary: with thousands of failures, reasons and rows and long
    texts it has the claim, the first findings and the facts, and counts the others."""
    hostile = "`&|" * 500 + "\n" + "\U0001f600" * 2_000
    cases = [
        outcome(
            status,
            case=f"suite-{number}/{hostile}/{status}[{hostile}]",
            row=f"Row{number}-{hostile}",
            because=f"Finding{chr(97 + number % 26)}{chr(97 + number // 26)} {hostile}",
            **dict.fromkeys(("requirement", "source", "expected", "observed", "repeat"), hostile),
        )
        for number in range(200)
        for status in (Status.FAILED, Status.NOT_CLAIMED, Status.KNOWN_DEVIATION)
    ]
    data = markdown_summary(RecordedRun(made_run(cases)))
    text = data.decode()
    assert len(data) <= MAX_BYTES
    assert text.startswith("# Not conformant: staging\n")
    assert "## Findings: 200 findings in 200 cases" in text
    assert "rows more in `report.html`" in text
    assert "\n## The run\n" in text
    assert text.count("```") % 2 == 0


def test_summary_groups_failures_into_findings() -> None:
    """A cause is one heading with its extent and an example, however many cases show it."""
    cases = [outcome(Status.FAILED, kind=f"case-{n}") for n in range(200)]
    text = markdown_summary(RecordedRun(made_run(cases))).decode()
    assert "## Findings: 1 finding in 200 cases" in text
    assert text.count("attachVolume was not called") == 1
    assert "must, 200 cases, 1 client, such as `volumes/AttachVolume/case-0[boto3]`" in text


def test_summary_of_hostile_texts_stays_markdown() -> None:
    """A target's text cannot close a fence, open a tag or break a table."""
    text = markdown_summary(RecordedRun(_hostile_run())).decode()
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", text)
    assert "<script" not in re.sub(r"(`+).*?\1", "", outside)
    assert "\x1b" not in text


def test_page_shows_every_row_driver_and_case() -> None:
    """Each row of the plan and each case of the run is on the page, also rows without a case."""
    read = _Reader(html_page(RecordedRun(made_run(every_status()))).decode())
    assert "ec2-create-snapshot" in read.text
    assert "attachVolume" in read.text
    assert {"cell-volumes-AttachVolume-boto", "cell-volumes-AttachVolume-boto3"} <= set(read.ids)
    for number in range(7):
        driver = ("boto", "boto3")[number % 2]
        assert f"volumes-AttachVolume-case-{number}-{driver}" in read.ids
    assert not read.open


def test_page_begins_with_the_findings() -> None:
    """A reader sees causes first, each with its extent and an example, not case after case."""
    cases = [outcome(Status.FAILED, kind=f"case-{n}") for n in range(30)]
    hole = outcome(Status.FAILED, kind="hole", because="the list shows x", security=True)
    text = html_page(RecordedRun(made_run([*cases, hole]))).decode()
    findings = text[text.index('<section id="findings"') : text.index('<section id="failures"')]
    assert "2 findings in 31 cases" in findings
    assert findings.index("the list shows x") < findings.index("attachVolume was not called")
    assert findings.count("attachVolume was not called") == 1
    assert "security, must, 1 case, 1 client" in findings
    assert "must, 30 cases, 1 client" in findings
    assert "Documented: 0 of 31 hold" in text


def test_page_links_lead_somewhere_and_never_out() -> None:
    """The page works from a disk without a network: every link stays inside it."""
    text = html_page(RecordedRun(made_run(every_status()))).decode()
    read = _Reader(text)
    assert len(read.ids) == len(set(read.ids))
    assert {link for link in read.links if link != "data:,"} <= {f"#{name}" for name in read.ids}
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\((?!#)|\bfetch\(|XMLHttpRequest", text)


def test_page_marks_statuses_by_more_than_colour() -> None:
    """Each cell has a sign and a word beside its colour."""
    text = html_page(RecordedRun(made_run(every_status()))).decode()
    cells = re.findall(r'<a class="cell (\w+)".*?</a>', text)
    assert cells == ["stale_deviation", "failed"]
    assert (
        '<span class="sign" aria-hidden="true">✗</span><span class="sr">failed</span> 0/3' in text
    )


def test_page_of_hostile_texts_holds_no_foreign_markup() -> None:
    """Scripts of a target are text, control characters are visible, and only our script may run."""
    text = html_page(RecordedRun(_hostile_run())).decode()
    assert _Reader(text).tags.count("script") == 1
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;alert(" in text


@pytest.mark.parametrize(("status", "number"), [(Status.FAILED, 1100), (Status.PASSED, 4600)])
def test_page_stays_small(status: Status, number: int) -> None:
    """The page of 1,100 failures, or of 4,600 cases that pass, has less than 3 MB, and what is
    left out is said."""
    long = (
        {"method": "POST", "url": "u", "request": "r" * 500, "status": 200, "response": "x" * 900},
    )
    cases = [outcome(status, kind=f"case-{n}", exchange=long) for n in range(number)]
    text = html_page(RecordedRun(made_run(cases))).decode()
    assert len(text.encode()) < 3_000_000
    assert "a case that passed shows only what was expected" in text
    left_out = f"wire exchange of {1100 - EXCHANGE_BUDGET // 1408} other cases is left out"
    assert (left_out in text) is (status is Status.FAILED)


def test_page_keeps_the_exchange_of_failures_first() -> None:
    """When room is short, the wire exchange of what failed stays on the page, and what passed has
    none there."""
    big = ({"method": "POST", "url": "u", "request": "", "status": 200, "response": "x" * 300_000},)
    kept = ({"method": "POST", "url": "u", "request": "", "status": 200, "response": "the answer"},)
    cases = [outcome(Status.ERROR, kind=f"case-{n}", exchange=big) for n in range(4)]
    cases += [outcome(Status.FAILED, exchange=kept), outcome(driver="boto")]
    text = html_page(RecordedRun(made_run(cases))).decode()
    assert text.count("the answer") == 1
    assert "wire exchange of 3 other cases is left out" in text
    assert "<AttachVolumeResponse" not in text


@pytest.mark.parametrize(
    "run",
    [made_run([]), Run(made_run([]).header, (), None), made_run([outcome()], rows=())],
    ids=["empty", "cut short", "rows unnamed"],
)
def test_poor_runs_render_too(run: Run) -> None:
    """A run that was interrupted, has no outcomes or no rows is rendered, too."""
    assert not _Reader(html_page(RecordedRun(run)).decode()).open
    assert markdown_summary(RecordedRun(run)).decode().startswith("# ")
    assert etree.fromstring(junit_xml(RecordedRun(run))).tag == "testsuites"


def test_render_writes_all_and_nothing_else(tmp_path: Path) -> None:
    """Rendering adds the reports to a run directory, and again replaces them."""
    keep(made_run(every_status()), tmp_path)
    for _ in range(2):
        render(tmp_path)
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {"run.jsonl", *RENDERERS, *FOLDERS}


def test_render_of_a_damaged_record_writes_nothing(tmp_path: Path) -> None:
    """A damaged record is not rendered."""
    (tmp_path / "run.jsonl").write_text("nonsense\n")
    with pytest.raises(UsageError):
        render(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run.jsonl"]


def test_sanitize_replaces_harmful_characters() -> None:
    """Control characters, marks of direction and halves of surrogate pairs are replaced."""
    assert sanitize("a\x1b[0m\x7f\u202e\ud800\tb\nc\r\nd") == "a␛[0m␡<U+202E><U+D800>\tb\nc\nd"
    assert first_line("first\nsecond") == "first …"
    assert first_line("x" * 20, 10) == "x" * 9 + "…"
    assert first_line("") == ""
