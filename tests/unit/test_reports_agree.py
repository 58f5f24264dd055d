"""One truth in all renderings: each is a function of the record, with the same counts."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some
from lxml import etree
from rich.console import Console

from fixtures.model import Outcome, Run, Status
from reports.record.causes import find_causes
from reports.record.claim import UNSUCCESSFUL, assess_run, status_counts
from reports.record.recorded_run import RecordedRun
from reports.render.allure import CATEGORIES, allure_results
from reports.render.ctrf import ctrf_report
from reports.render.junit import junit_xml
from reports.render.matrix import SIGNS
from reports.render.page import html_page
from reports.render.summary import markdown_summary
from reports.render.terminal_summary import print_run
from tests.support.made_runs import made_run, outcome

TEXTS = some.text(max_size=60) | some.sampled_from(
    [
        "reply: refused with InvalidFilter (x), expected an answer",
        "stopVirtualMachine: missing, expected stopVirtualMachine(id='1') once",
        "reply: answered as if all were well, expected the error A\nstart: unexpected"
        " state-changing call start() → 200",
    ]
)


@some.composite
def outcomes(draw: some.DrawFn) -> list[Outcome]:
    """Cases in any status, of several rows and clients, with any text in their fields."""
    drawn = draw(some.lists(some.tuples(some.sampled_from(Status), TEXTS), max_size=14))
    made = []
    for number, (status, text) in enumerate(drawn):
        row, client = draw(some.sampled_from("ABCD")), draw(some.sampled_from(["boto", "soap"]))
        case = outcome(status, case=f"s/{row}/k/{number}[{client}]", row=row, driver=client)
        level = draw(some.sampled_from(["must", "should"]))
        made.append(replace(case, suite=f"s{number % 3}", level=level, because=text, observed=text))
    return made


runs = some.builds(
    made_run, outcomes(), interrupted=some.sampled_from(["", "by the user"]), full=some.booleans()
)


def number(pattern: str, text: str) -> int:
    """The number that the pattern's group finds in a text, without commas; 0 if there is none."""
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else 0


def terminal_text(run: Run) -> str:
    """What a terminal shows of the run."""
    console = Console(file=io.StringIO(), width=100, highlight=False)
    with console.capture() as captured:
        print_run(console, run, Path("/runs/1"))
    return captured.get()


def junit_counts(run: Run) -> Counter[str]:
    """The record's statuses that the cases of junit.xml have; its totals are those of its cases."""
    root = etree.fromstring(junit_xml(RecordedRun(run)))
    cases = root.findall(".//testcase")
    for total, element in (("failures", "failure"), ("errors", "error")):
        assert root.get(total) == str(len(root.findall(f".//{element}")))
    assert root.get("tests") == str(len(cases))
    return Counter(
        str(each.get("value"))
        for case in cases
        for each in case.iter("property")
        if each.get("name") == "status"
    )


def allure_counts(run: Run) -> Counter[str]:
    """The record's statuses that Allure's results have as labels."""
    results = [
        json.loads(data)
        for name, data in allure_results(RecordedRun(run))
        if name.endswith("-result.json")
    ]
    assert len({result["uuid"] for result in results}) == len(results)
    passed = sum(result["status"] == "passed" for result in results)
    counts = Counter(
        label["value"]
        for result in results
        for label in result["labels"]
        if label["name"] == "status"
    )
    assert passed == counts["passed"], "nothing else is passed"
    return counts


@given(runs)
def test_every_rendering_has_the_counts_of_the_record(run: Run) -> None:
    """JUnit, Allure, CTRF, page, summary and terminal count each status as the record does."""
    counts = Counter({name: n for name, n in status_counts(run.outcomes).items() if n})
    assert junit_counts(run) == counts
    assert allure_counts(run) == counts
    report = json.loads(ctrf_report(RecordedRun(run)))["results"]
    assert Counter(test["rawStatus"] for test in report["tests"]) == counts
    totals = Counter(test["status"] for test in report["tests"])
    names = ("passed", "failed", "skipped", "pending", "other")
    assert {name: report["summary"][name] for name in names} == {n: totals[n] for n in names}
    summary = markdown_summary(RecordedRun(run)).decode()
    shown = " ".join(terminal_text(run).split())
    page = html_page(RecordedRun(run)).decode()
    for status in Status:
        chip = rf'data-status="{status}"[^>]*>.*?<b>([\d,]+)</b>'
        assert number(chip, page) == counts[status]
        text = status.replace("_", " ")
        assert number(rf"(?m)^\| \S+ {text} \| ([\d,]+) \|$", summary) == counts[status]
        count = rf"(?:^| ){re.escape(SIGNS[status])} ([\d,]+) {text}\b"
        assert number(count, shown) == counts[status]


@given(runs)
def test_every_rendering_says_the_same_claim(run: Run) -> None:
    """The claim is one word for all: the terminal's, the summary's, JUnit's, CTRF's, Allure's."""
    word = assess_run(run).word
    assert terminal_text(run).startswith(f"{word}: ")
    assert f"\n**{word}**: " in markdown_summary(RecordedRun(run)).decode()
    root = etree.fromstring(junit_xml(RecordedRun(run)))
    claims = root.iterfind("testsuite/properties/property[@name='claim']")
    assert {claim.get("value") for claim in claims} <= {word}
    environment = json.loads(ctrf_report(RecordedRun(run)))["results"]["environment"]
    assert environment["extra"]["claim"] == word
    files = dict(allure_results(RecordedRun(run)))
    assert f"\nclaim={word}: " in files["environment.properties"].decode()


@given(runs)
def test_findings_have_each_case_that_did_not_hold_once(run: Run) -> None:
    """Grouping loses no failure and doubles none; each category of Allure matches its cases."""
    found = find_causes(run)
    cases = [each.case for finding in found.all_findings for each in finding.outcomes]
    bad = [each.case for each in run.outcomes if each.status in UNSUCCESSFUL]
    assert sorted(cases) == sorted(bad)
    files = dict(allure_results(RecordedRun(run)))
    messages = [
        json.loads(data).get("statusDetails", {}).get("message", "")
        for name, data in files.items()
        if name.endswith("-result.json")
    ]
    for category, finding in zip(json.loads(files[CATEGORIES]), found.all_findings, strict=True):
        matching = sum(bool(re.fullmatch(category["messageRegex"], text)) for text in messages)
        assert matching == len(finding.outcomes)


@given(runs)
def test_levels_are_counted_alike(run: Run) -> None:
    """What holds of each level is the same number on the terminal and in the summary."""
    levels = find_causes(run).levels
    assert levels in terminal_text(run)
    assert levels in markdown_summary(RecordedRun(run)).decode()
