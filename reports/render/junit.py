"""A run as JUnit XML, for the test pages of CI systems.

It stays within what GitLab, Jenkins, Buildkite and ReportPortal take: a number of bytes, of XML
elements and of characters in a text, and no two cases of one name. Where a run has more, first the
properties of cases that passed are left out, then those of all, then the texts are shortened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from lxml import etree

from fixtures.model import Outcome, Run, Status
from reports.record.claim import assess_run
from reports.record.reasons import one_line_reason
from reports.record.recorded_run import RecordedRun
from reports.render.ci_statuses import CI_STATUSES
from reports.sanitize import cut, sanitize

MAX_BYTES, MAX_ELEMENTS = 30_000_000, 250_000  # of the file
MAX_CHARACTERS = 8_000  # of a text
_NAME_CHARACTERS = 1_000
_TEXT_LIMITS = (MAX_CHARACTERS, 2_000, 500, 0)  # of a failure, from the longest to none
_SUITE_ELEMENTS = 6  # a suite, its properties, and the elements of these
_CASE_ELEMENTS = 5  # the properties of a case, and the elements of these


def junit_xml(recorded: RecordedRun) -> bytes:
    """`junit.xml`: a `testsuite` for each suite; not judged is an error, not claimed is skipped."""
    encoded = b""
    for limit in _TEXT_LIMITS:
        encoded = _JUnitDocument(recorded.run, limit).encode()
        if len(encoded) <= MAX_BYTES:
            break
    return encoded


class _JUnitDocument:
    """A run with failures of at most `limit` characters."""

    def __init__(self, run: Run, limit: int) -> None:
        self._run, self._limit = run, limit
        self._names: Counter[str] = Counter()
        outcomes = run.outcomes
        bad = sum(outcome.status is not Status.PASSED for outcome in outcomes)
        suites = len({outcome.suite for outcome in outcomes})
        room = MAX_ELEMENTS - 1 - _SUITE_ELEMENTS * suites - len(outcomes) - bad
        self._all_properties = _CASE_ELEMENTS * len(outcomes) <= room
        self._bad_properties = _CASE_ELEMENTS * bad <= room

    def encode(self) -> bytes:
        """The document as XML."""
        run = self._run
        root = etree.Element("testsuites", name=f"conform {sanitize(run.header.run)}")
        _set_totals(root, run.outcomes)
        ordered = sorted(run.outcomes, key=lambda o: (o.table or 1000, o.suite))
        for suite, outcomes in groupby(ordered, key=lambda o: o.suite):
            self._add_suite(root, cut(suite, _NAME_CHARACTERS), list(outcomes))
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def _add_suite(self, root: etree._Element, name: str, outcomes: Sequence[Outcome]) -> None:
        header = self._run.header
        suite = etree.SubElement(root, "testsuite", name=name, timestamp=sanitize(header.started))
        _set_totals(suite, outcomes)
        suite.set("skipped", str(_count(outcomes, "skipped")))
        facts = {"run": header.run, "claim": assess_run(self._run).word, "seed": header.seed}
        _add_properties(suite, facts)
        for outcome in outcomes:
            self._add_case(suite, outcome)

    def _add_case(self, suite: etree._Element, outcome: Outcome) -> None:
        case = etree.SubElement(
            suite,
            "testcase",
            classname=cut(f"{outcome.suite}.{outcome.row}", _NAME_CHARACTERS),
            name=self._unique_name(cut(outcome.case, _NAME_CHARACTERS)),
            time=f"{outcome.seconds:.3f}",
        )
        if self._all_properties or (self._bad_properties and outcome.status is not Status.PASSED):
            facts = {
                "level": outcome.level,
                "row": outcome.row,
                "client": outcome.driver,
                "status": outcome.status,
            }
            _add_properties(case, facts)
        if kind := CI_STATUSES[outcome.status].junit:
            ending = etree.SubElement(
                case, kind, message=cut(one_line_reason(outcome), _NAME_CHARACTERS)
            )
            if kind != "skipped":
                ending.set("type", outcome.status)
            ending.text = cut(failure_text(outcome), self._limit) if self._limit else ""

    def _unique_name(self, name: str) -> str:
        """The name, numbered if another case of the run has it."""
        self._names[name] += 1
        number = self._names[name]
        return name if number == 1 else f"{name} ({number})"


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


def _add_properties(element: etree._Element, facts: Mapping[str, object]) -> None:
    properties = etree.SubElement(element, "properties")
    for name, value in facts.items():
        text = cut(value, _NAME_CHARACTERS)
        etree.SubElement(properties, "property", name=name, value=text)


def _set_totals(element: etree._Element, outcomes: Sequence[Outcome]) -> None:
    element.set("tests", str(len(outcomes)))
    element.set("failures", str(_count(outcomes, "failure")))
    element.set("errors", str(_count(outcomes, "error")))
    element.set("time", f"{sum(outcome.seconds for outcome in outcomes):.3f}")


def _count(outcomes: Sequence[Outcome], kind: str) -> int:
    return sum(CI_STATUSES[outcome.status].junit == kind for outcome in outcomes)
