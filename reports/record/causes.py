"""Finds the findings of a run, a pure function of the record.

Cases belong to one finding if the same action is at fault and their first differences have the same
signature, without values and names. A difference that three or more actions have in common is one
finding, whatever the action. Security comes first, then what the documentation demands, then what
Amazon's API demands, then what could not be judged; in each, what most cases show. A finding that
follows from another stands under it: cases of other actions that need the one at fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fixtures.model import Level, Outcome, Run, Status
from reports.record.claim import FAILING, UNSUCCESSFUL
from reports.record.consequences import COMMON_CAUSE, nest_consequences
from reports.record.findings import (
    STEP,
    Finding,
    RunFindings,
    action_at_fault,
    count_levels,
)
from reports.record.reasons import requested_range
from reports.record.signatures import differences, failure_signature

_OF_PART = re.compile(r"\bdata\b|content-?(length|range)\b", re.IGNORECASE)  # how much is read
_VALUE = re.compile(r"b?'[^']*'|b?\"[^\"]*\"|\[[^\]]*\]|(?<!HTTP )\b\d+\b")


def find_causes(run: Run) -> RunFindings:
    """The findings of a run."""
    return RunFindings(group_findings(run.outcomes), *count_levels(run.outcomes))


def group_findings(outcomes: Iterable[Outcome]) -> tuple[Finding, ...]:
    """Findings of those outcomes that failed or could not be judged."""
    unpassed = (outcome for outcome in outcomes if outcome.status is not Status.PASSED)
    bad = (outcome for outcome in unpassed if outcome.status in UNSUCCESSFUL)
    found = sorted((_finding(group) for group in _grouped(bad)), key=_rank)
    return tuple(nest_consequences(found))


def finding_keys(outcome: Outcome) -> tuple[object, str]:
    """The cause of a case that did not pass, whatever the action, and the action at fault: cases
    with both alike belong to one finding."""
    return _cause(outcome), action_at_fault(outcome)


_Cause = tuple[bool, bool, str, bool]  # judged, security, the difference, of a part of an object


def _cause(outcome: Outcome) -> _Cause:
    """What cases of one cause have in common, whatever the action."""
    first, steps = STEP.subn("reply: ", differences(outcome).partition("\n")[0], count=1)
    text = _VALUE.sub("…", failure_signature(first).replace(outcome.row, "…"))
    part = bool(steps and _OF_PART.search(first) and requested_range(outcome.exchange))
    if part:  # however the difference shows, the wrong part of an object is read
        text = "reply: part"
    return outcome.status in FAILING, outcome.security, text, part


def _grouped(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    """Outcomes by their cause: a group for all actions, if they are several, or one for each."""
    causes: dict[_Cause, dict[str, list[Outcome]]] = {}
    for outcome in outcomes:
        actions = causes.setdefault(_cause(outcome), {})
        actions.setdefault(action_at_fault(outcome), []).append(outcome)
    for groups in causes.values():
        if len(groups) >= COMMON_CAUSE:
            yield [outcome for group in groups.values() for outcome in group]
        else:
            yield from groups.values()


def _finding(outcomes: Sequence[Outcome]) -> Finding:
    """A finding with the example first: at the highest level, and with the shortest text. The cases
    of other actions follow from those of the action at fault, if there are any."""
    own = [outcome for outcome in outcomes if action_at_fault(outcome) == outcome.row]
    if own and len(own) < len(outcomes):
        others = [outcome for outcome in outcomes if action_at_fault(outcome) != outcome.row]
        return replace(_finding(own), consequences=(_finding(others),))
    example = min(outcomes, key=lambda o: (o.level != Level.MUST, len(o.because), o.case))
    rest = (outcome for outcome in outcomes if outcome is not example)
    return Finding(_cause(example)[2], (example, *rest))


def _rank(finding: Finding) -> tuple[bool, bool, bool, int, str]:
    """Sort key: judged, about security, documented, then the number of cases."""
    return (
        not finding.is_judged,
        not finding.is_security,
        finding.level is not Level.MUST,
        -len(finding.all_outcomes),
        finding.example.case,
    )
