"""The findings of a run as annotations that GitHub Actions shows beside a job."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import Run
from reports.record.causes import find_causes
from reports.record.claim import assess_run
from reports.record.findings import Finding
from reports.sanitize import cut

MOST = 9  # annotations of a level that GitHub shows of a step, with one for the claim
_CHARACTERS = 2_000


def github_annotations(run: Run) -> Iterator[str]:
    """The workflow commands, one a line: the claim if the run does not hold, then the findings, an
    error where the target was wrong and a warning where it could not be judged."""
    assessment = assess_run(run)
    if assessment.holds:
        return
    found = find_causes(run)
    title = _escape_property(assessment.word)
    yield f"::error title={title}::{_escape(f'{assessment.because}. {found.levels}')}"
    for is_judged in (True, False):
        findings = [finding for finding in found.findings if finding.is_judged is is_judged]
        yield from map(_annotation, findings[:MOST])


def _annotation(finding: Finding) -> str:
    level = "error" if finding.is_judged else "warning"
    about = "security, " if finding.is_security else ""
    title = f"{about}{finding.level}, {finding.extent}"
    example = finding.example
    text = f"{finding.title}\n{example.case}\n{example.repeat}"
    return f"::{level} title={_escape_property(title)}::{_escape(text)}"


def _escape(text: str) -> str:
    """The text as the message of a workflow command, in one line."""
    shown = cut(text, _CHARACTERS)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
