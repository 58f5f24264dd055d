"""junit.xml, summary.md and report.html: functions of one recorded run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from fixtures.model import Run, Status, UsageError
from reports.record.recorded_run import RecordedRun
from reports.render.junit import junit_xml
from reports.render.page import html_page
from reports.render.renderers import FOLDERS, RENDERERS, render
from reports.render.summary import MAX_BYTES, markdown_summary
from reports.sanitize import first_line, sanitize
from tests.support.made_runs import every_status, hostile_run, keep, made_run, outcome
from tests.support.page_contents import PageMarkup


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
    root = etree.fromstring(junit_xml(RecordedRun(hostile_run())))
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
    text = markdown_summary(RecordedRun(hostile_run())).decode()
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", text)
    assert "<script" not in re.sub(r"(`+).*?\1", "", outside)
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "run",
    [made_run([]), Run(made_run([]).header, (), None), made_run([outcome()], rows=())],
    ids=["empty", "cut short", "rows unnamed"],
)
def test_poor_runs_render_too(run: Run) -> None:
    """A run that was interrupted, has no outcomes or no rows is rendered, too."""
    assert not PageMarkup(html_page(RecordedRun(run)).decode()).open
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
