"""A run as JUnit XML, for the test pages of CI systems."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from lxml import etree

from fixtures.model import Outcome, Run, Status
from reports.record.claim import assess_run
from reports.record.recorded_run import RecordedRun
from reports.sanitize import first_line, sanitize

_ELEMENT = {
    Status.FAILED: "failure",
    Status.STALE_DEVIATION: "failure",
    Status.ERROR: "error",
    Status.INCONCLUSIVE: "error",
    Status.NOT_CLAIMED: "skipped",
    Status.KNOWN_DEVIATION: "skipped",
}


def junit_xml(recorded: RecordedRun) -> bytes:
    """`junit.xml`: a `testsuite` for each suite; not judged is an error, not claimed is skipped."""
    run = recorded.run
    root = etree.Element("testsuites", name=f"conform {run.header.run}")
    _totals(root, run.outcomes)
    ordered = sorted(run.outcomes, key=lambda o: (o.table or 1000, o.suite))
    for suite, outcomes in groupby(ordered, key=lambda o: o.suite):
        _suite(root, sanitize(suite), list(outcomes), run)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _suite(root: etree._Element, name: str, outcomes: Sequence[Outcome], run: Run) -> None:
    suite = etree.SubElement(root, "testsuite", name=name, timestamp=run.header.started)
    _totals(suite, outcomes)
    suite.set("skipped", str(_count(outcomes, "skipped")))
    properties = etree.SubElement(suite, "properties")
    facts = {"run": run.header.run, "claim": assess_run(run).word, "seed": run.header.seed}
    for key, value in facts.items():
        etree.SubElement(properties, "property", name=key, value=sanitize(value))
    for outcome in outcomes:
        _case(suite, outcome)


def _case(suite: etree._Element, outcome: Outcome) -> None:
    case = etree.SubElement(
        suite,
        "testcase",
        classname=sanitize(f"{outcome.suite}.{outcome.row}"),
        name=sanitize(outcome.case),
        time=f"{outcome.seconds:.3f}",
    )
    kind = _ELEMENT.get(outcome.status)
    if kind:
        ending = etree.SubElement(case, kind, message=first_line(outcome.because) or outcome.status)
        if kind != "skipped":
            ending.set("type", outcome.status)
        ending.text = sanitize(failure_text(outcome))


def failure_text(outcome: Outcome) -> str:
    """Requirement, source, expected, observed, reason, and how to repeat the case."""
    parts = {
        "requirement": outcome.requirement,
        "source": outcome.source,
        "expected": outcome.expected,
        "observed": outcome.observed,
        "because": outcome.because,
        "repeat": outcome.repeat,
    }
    return "\n".join(f"{name}: {text}" for name, text in parts.items() if text)


def _totals(element: etree._Element, outcomes: Sequence[Outcome]) -> None:
    element.set("tests", str(len(outcomes)))
    element.set("failures", str(_count(outcomes, "failure")))
    element.set("errors", str(_count(outcomes, "error")))
    element.set("time", f"{sum(outcome.seconds for outcome in outcomes):.3f}")


def _count(outcomes: Sequence[Outcome], kind: str) -> int:
    return sum(_ELEMENT.get(outcome.status) == kind for outcome in outcomes)
