"""A run as the results that Allure 2 and 3 read: `allure-results/`, a function of the record.

A case is a test below its suite, row and kind; its client is a parameter. A known deviation is
skipped, not passed. Categories are the findings, matched by the finding's name in the message.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from allure_commons import model2
from allure_commons.types import LabelType, LinkType, Severity

from fixtures.model import Level, Outcome, Run, Status
from reports.record.causes import find_causes
from reports.record.claim import assess_run
from reports.record.findings import RunFindings, case_kind
from reports.record.reasons import one_line_reason
from reports.record.recorded_run import RecordedRun
from reports.render.ci_statuses import CI_STATUSES
from reports.render.ctrf import NAMESPACE, epoch_milliseconds
from reports.render.junit import failure_text
from reports.render.terminal import call_text, exchange_text
from reports.sanitize import cut, encode_json

CATEGORIES, ENVIRONMENT = "categories.json", "environment.properties"
_URL = re.compile(r"https?://[^\s,;)]+")
_NAME_CHARACTERS, _TEXT_CHARACTERS = 1_000, 8_000
_ATTACHED_CHARACTERS = 200_000
_SEVERITIES: Mapping[str, Severity] = {Level.MUST: Severity.CRITICAL}


def allure_results(recorded: RecordedRun) -> Iterator[tuple[str, bytes]]:
    """The files of `allure-results/` by name: a result a case, attachments of those that did not
    pass, categories and environment."""
    run = recorded.run
    found = find_causes(run)
    findings = {o.case: finding.id for finding in found.all_findings for o in finding.outcomes}
    titles = {row.get("suite"): row.get("title") for row in run.header.plan.get("rows", ())}
    begins = float(epoch_milliseconds(run.header.started))
    for outcome in run.outcomes:
        result = _result(run, outcome, findings.get(outcome.case, ""))
        parent = titles.get(outcome.suite)
        table = f"{outcome.table}. {parent}" if outcome.table and parent else outcome.suite
        result["labels"].append(_label(LabelType.PARENT_SUITE, table))
        result["titlePath"] = [_text(table), _text(outcome.row), _text(case_kind(outcome))]
        result["start"] = round(begins)
        begins += max(outcome.seconds, 0.0) * 1000
        result["stop"] = round(begins)
        attachments = _attachments(result["uuid"], outcome)
        result["steps"] = _steps(outcome, attachments)
        yield from ((name, data) for _, name, data in attachments)
        yield model2.TEST_CASE_PATTERN.format(prefix=result["uuid"]), encode_json(result)
    yield CATEGORIES, encode_json(_categories(found))
    yield ENVIRONMENT, _environment(run)


def _result(run: Run, outcome: Outcome, finding: str) -> dict[str, Any]:
    requirement = outcome.case.rpartition("[")[0] or outcome.case
    severity = _SEVERITIES.get(outcome.level, Severity.NORMAL)
    labels = {
        LabelType.SUITE: outcome.row,
        LabelType.SUB_SUITE: case_kind(outcome),
        LabelType.SEVERITY: Severity.BLOCKER.value if outcome.security else severity.value,
        LabelType.FRAMEWORK: "awsapi-conformance",
        LabelType.LANGUAGE: "python",
        "level": outcome.level,
        "status": outcome.status,
    }
    result: dict[str, Any] = {
        "uuid": str(uuid.uuid5(NAMESPACE, _text(f"{run.header.run} {outcome.case}"))),
        "historyId": _digest(outcome.case),
        "testCaseId": _digest(requirement),
        "fullName": _text(outcome.case),
        "name": _text(requirement.rpartition("/")[2] or outcome.case),
        "description": cut(outcome.requirement, _TEXT_CHARACTERS),
        "status": CI_STATUSES[outcome.status].allure,
        "stage": "finished",
        "labels": [_label(name, value) for name, value in labels.items()],
        "parameters": [{"name": "client", "value": _text(outcome.driver)}],
        "links": [
            {"type": LinkType.LINK, "name": "documentation", "url": url}
            for url in _URL.findall(_text(outcome.source))
        ],
    }
    if outcome.status is not Status.PASSED:
        marker = f" [{finding}]" if finding else ""
        result["statusDetails"] = {
            "message": f"{_text(one_line_reason(outcome))}{marker}",
            "trace": cut(failure_text(outcome), _TEXT_CHARACTERS),
            "known": outcome.status is Status.KNOWN_DEVIATION,
        }
    return result


_Attachment = tuple[str, str, bytes]  # what it is of, its file, its content


def _attachments(prefix: str, outcome: Outcome) -> list[_Attachment]:
    """The exchange and the CloudStack calls of a case that did not pass."""
    if outcome.status is Status.PASSED:
        return []
    texts = {
        "exchange": "\n\n".join(map(exchange_text, outcome.exchange)),
        "CloudStack calls": "\n".join(map(call_text, outcome.calls)),
    }
    found = []
    for number, (name, text) in enumerate(texts.items()):
        if text:
            file = model2.ATTACHMENT_PATTERN.format(prefix=f"{prefix}-{number}", ext="txt")
            found.append((name, file, cut(text, _ATTACHED_CHARACTERS).encode()))
    return found


def _steps(outcome: Outcome, attachments: list[_Attachment]) -> list[dict[str, Any]]:
    """What was arranged, asked, seen and judged; nothing of a case that is not claimed."""
    if outcome.status is Status.NOT_CLAIMED:
        return []
    judged = CI_STATUSES[outcome.status].allure
    if not outcome.exchange and outcome.status in (Status.ERROR, Status.INCONCLUSIVE):
        return [_step(f"arranged: {one_line_reason(outcome)}", judged)]
    last = outcome.exchange[-1] if outcome.exchange else {}
    asked = f"{last.get('method', '')} {last.get('url', '')}".strip() or outcome.row
    return [
        _step("arranged: what the case needs", "passed"),
        _step(f"asked: {asked}", "passed"),
        _step(f"seen: {outcome.observed or 'as expected'}", "passed", attachments),
        _step(f"judged: {one_line_reason(outcome) if judged != 'passed' else 'holds'}", judged),
    ]


def _step(name: str, status: str, attachments: list[_Attachment] | None = None) -> dict[str, Any]:
    attached = [{"name": n, "source": s, "type": "text/plain"} for n, s, _ in attachments or ()]
    return {"name": _text(name), "status": status, "stage": "finished", "attachments": attached}


def _categories(found: RunFindings) -> list[dict[str, Any]]:
    """A category for each finding: those that security is about first, as the findings."""
    return [
        {
            "name": f"{'security: ' * finding.is_security}{_text(finding.title)}",
            "matchedStatuses": ["failed", "broken"],
            "messageRegex": rf"[\s\S]*\[{finding.id}\][\s\S]*",
        }
        for finding in found.all_findings
    ]


def _environment(run: Run) -> bytes:
    assessment = assess_run(run)
    target = run.header.target
    facts = {
        "target": target.get("name", ""),
        "kind": target.get("kind", ""),
        "claim": f"{assessment.word}: {assessment.because}",
        "run": run.header.run,
        "harness": " ".join(str(value) for value in run.header.harness.values() if value),
        "plan": run.header.plan.get("digest", ""),
        "seed": run.header.seed,
    }
    lines = (f"{name}={' '.join(_text(value).split())}\n" for name, value in facts.items())
    return "".join(lines).replace("\\", "\\\\").encode()


def _label(name: str, value: object) -> dict[str, str]:
    return {"name": str(name), "value": _text(value)}


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(errors="replace"), usedforsecurity=False).hexdigest()


@lru_cache(maxsize=10_000)
def _text(value: object) -> str:
    return cut(value, _NAME_CHARACTERS)
