"""A run in the Common Test Report Format, https://ctrf.io: `ctrf-report.json`."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime
from functools import lru_cache
from typing import Any

from fixtures.model import Header, Outcome, Run, Status
from reports.record.claim import assess_run, status_counts
from reports.record.findings import case_kind
from reports.record.reasons import one_line_reason
from reports.record.recorded_run import RecordedRun
from reports.render.ci_statuses import CI_STATUSES
from reports.render.junit import failure_text
from reports.sanitize import cut, encode_json

SPECIFICATION = "0.0.0"  # the version of the format; its schema has one number
NAMESPACE = uuid.UUID("6f6e1d5c-3f0b-4a58-9f5d-8f0f3a7c1b52")  # of ids made of case ids
_NO_NAME = "(no name)"
_TEXT_CHARACTERS = 8_000


def ctrf_report(recorded: RecordedRun) -> bytes:
    """`ctrf-report.json`: the record's own status is each test's `rawStatus`."""
    run = recorded.run
    report = {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "reportId": str(uuid.uuid5(NAMESPACE, f"run {_text(run.header.run)}")),
        "generatedBy": "awsapi-conformance",
        "results": {
            "tool": {"name": "awsapi-conformance", "version": _harness(run.header)},
            "summary": _summary(run),
            "tests": [_test(outcome) for outcome in run.outcomes],
            "environment": _environment(run),
        },
    }
    return encode_json(report)


def _summary(run: Run) -> dict[str, Any]:
    counts = Counter(CI_STATUSES[outcome.status].ctrf for outcome in run.outcomes)
    seconds = sum(outcome.seconds for outcome in run.outcomes)
    start = epoch_milliseconds(run.header.started)
    stop = epoch_milliseconds(run.footer.finished) if run.footer else 0
    return {
        "tests": len(run.outcomes),
        **{name: counts[name] for name in ("passed", "failed", "skipped", "pending", "other")},
        "suites": len({outcome.suite for outcome in run.outcomes}),
        "start": start,
        "stop": max(stop, start),
        "duration": round(seconds * 1000),
        "extra": {"statuses": status_counts(run.outcomes)},
    }


def _test(outcome: Outcome) -> dict[str, Any]:
    test: dict[str, Any] = {
        "id": str(uuid.uuid5(NAMESPACE, _text(outcome.case))),
        "name": _text(outcome.case) or _NO_NAME,
        "status": CI_STATUSES[outcome.status].ctrf,
        "rawStatus": outcome.status.value,
        "duration": round(outcome.seconds * 1000),
        "suite": [_text(part) for part in (outcome.suite, outcome.row, case_kind(outcome))],
        "tags": ["security"] if outcome.security else [],
        "labels": {"level": _text(outcome.level), "row": _text(outcome.row)},
        "parameters": {"client": _text(outcome.driver)},
    }
    if outcome.status is not Status.PASSED:
        test["message"] = _text(one_line_reason(outcome))
        test["trace"] = cut(failure_text(outcome), _TEXT_CHARACTERS)
    return test


def _environment(run: Run) -> dict[str, Any]:
    assessment = assess_run(run)
    target = run.header.target
    return {
        "reportName": f"conform {_text(run.header.run)}",
        "appName": _text(target.get("name", "target")),
        "testEnvironment": _text(target.get("kind", "")),
        "healthy": assessment.holds,
        "extra": {
            "claim": assessment.word,
            "because": cut(assessment.because, _TEXT_CHARACTERS),
            "plan": run.header.plan.get("digest", ""),
            "seed": run.header.seed,
        },
    }


def epoch_milliseconds(time: str) -> int:
    """An ISO 8601 time in milliseconds since 1970; 0 if it is none."""
    try:
        return round(datetime.fromisoformat(time).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0


def _harness(header: Header) -> str:
    return " ".join(_text(value) for value in header.harness.values() if value)


@lru_cache(maxsize=10_000)
def _text(value: object) -> str:
    return cut(value, 1_000)
