"""Which findings follow from another, so that a reader sees causes first.

- The code with which three or more actions refuse what must be answered explains every other place
  in which the same clients get that code.
- An action whose documented call is not made, or whose reply cannot be used, explains what the same
  clients then miss in its replies and in the state.
- An action whose reply contradicts CloudStack's answer to its documented call explains the same
  contradiction in its other cases.

Findings about security follow from nothing: they are to be looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from reports.record.findings import Finding

COMMON_CAUSE = 3  # actions that show the same difference for one cause
DOCUMENTED_CALL = "documented-call"  # the kind of the case about the documented call itself
_REFUSAL = re.compile(r"reply: refused with (\S+)$")
_UNUSABLE = re.compile(r"reply: (?:refused with|not an|none in time)|\w+: missing")
_ABOUT_REFUSALS = re.compile(r"error code |as if all were well")


def nest_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each that follows from another one moved under it; the order is kept."""
    left = list(findings)
    causes = [finding for finding in left if _common_code(finding) or _explains_action(finding)]
    consequences: dict[str, list[Finding]] = {}
    moved: set[str] = set()
    for finding in left:
        cause = next((c for c in causes if c.id not in moved and _follows(finding, c)), None)
        if cause is not None and finding.id not in consequences:
            consequences.setdefault(cause.id, []).append(finding)
            moved.add(finding.id)
    return [
        replace(finding, consequences=(*finding.consequences, *consequences.get(finding.id, ())))
        for finding in left
        if finding.id not in moved
    ]


def _common_code(finding: Finding) -> str:
    """The code with which many actions refuse what must be answered; empty if it is no such."""
    code = _REFUSAL.match(finding.cause)
    return code[1] if code and finding.is_judged and len(finding.actions) >= COMMON_CAUSE else ""


def _explains_action(finding: Finding) -> bool:
    """Whether the documented call of one action fails so that nothing else of it can hold."""
    return (
        finding.is_judged
        and len(finding.actions) == 1
        and DOCUMENTED_CALL in finding.kinds
        and bool(_UNUSABLE.match(finding.cause) or finding.contradiction)
    )


def _follows(finding: Finding, cause: Finding) -> bool:
    if finding.id == cause.id or finding.is_security or not {*finding.clients} <= {*cause.clients}:
        return False
    if code := _common_code(cause):
        return re.search(rf"\b{re.escape(code)}\b", finding.cause) is not None
    alike = finding.actions == cause.actions and DOCUMENTED_CALL not in finding.kinds
    if cause.contradiction:
        return alike and finding.contradiction == cause.contradiction
    return alike and not _ABOUT_REFUSALS.search(finding.cause)
