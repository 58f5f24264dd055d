"""What a certificate says: two in-toto statements, each a function of a run directory.

The test result (v0.1) names every case by its outcome; the simple verification result (v0.2) has
the claim as a property, which is there only where nothing limits it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from fixtures.model import Claim, Outcome, Run, Status
from reports.record.canonical import whole_plan
from reports.record.claim import FAILING, UNJUDGED, assess_run
from reports.record.draft import PLACEHOLDER
from reports.record.histories import FOLDER as HISTORIES
from reports.record.judgements import FILE as JUDGEMENTS
from reports.record.run_file import FILE as RECORD
from reports.record.session import PACKAGE

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
VERIFICATION = "https://in-toto.io/attestation/svr/v0.2"
SELF_ATTESTED = "AWSAPI_SELF_ATTESTED"
CLAIMS = {
    Claim.CONFORMANT: "AWSAPI_CONFORMANT",
    Claim.WITH_DEVIATIONS: "AWSAPI_CONFORMANT_WITH_DEVIATIONS",
}
DIRTY = "-dirty"  # the end of a commit whose checkout was changed


def evidence_files(directory: Path) -> list[Path]:
    """The files of a run that its verdicts rest on: the record first, histories by name."""
    found = [directory / RECORD, directory / JUDGEMENTS]
    histories = sorted((directory / HISTORIES).rglob("*.jsonl"))
    return [path for path in (*found, *histories) if path.is_file()]


def make_statements(
    directory: Path, run: Run, created: str, valid_until: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The test result and the verification result of the run that a directory holds. Times are in
    ISO 8601."""
    subjects = [*_files(directory), *_plans(run), *_harness(run)]
    common = {"_type": STATEMENT, "subject": subjects}
    return (
        {**common, "predicateType": TEST_RESULT, "predicate": _test_result(run)},
        {
            **common,
            "predicateType": VERIFICATION,
            "predicate": _verification(run, created, valid_until),
        },
    )


def demands_digest(run: Run) -> str:
    """The SHA-256 of what was demanded: of each case its level, text and source, and the rows of
    the mapping. The plan's digest is of the ids alone."""
    lines = sorted(f"{o.case}\n{o.level}\n{o.requirement}\n{o.source}" for o in run.outcomes)
    rows = [repr(sorted(row.items())) for row in run.header.plan.get("rows", ())]
    return hashlib.sha256("\n\n".join((*lines, *rows)).encode(errors="replace")).hexdigest()


def limitations(run: Run) -> list[str]:
    """Why a run claims nothing for a live product, whatever its cases say."""
    header, found = run.header, []
    if header.target.get("kind") != "live":
        found.append("the target is the one that the harness contains")
    if not header.plan.get("full", False):
        found.append(f"a part of the plan: {header.plan.get('narrowed') or 'a shard'}")
    if run.footer is None or run.footer.interrupted:
        found.append("the run ended before its end")
    if header.harness.get("commit", "").endswith(DIRTY):
        found.append("the harness was changed after its commit")
    if "rejudged" in header.plan:
        found.append("its cases were judged again")
    placeholders = sum(
        outcome.status is Status.KNOWN_DEVIATION and PLACEHOLDER in outcome.because
        for outcome in run.outcomes
    )
    if placeholders:
        found.append(f"{placeholders} known deviations still have the draft's placeholder")
    return found


def _files(directory: Path) -> Iterator[dict[str, Any]]:
    for path in evidence_files(directory):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        yield {"name": str(path.relative_to(directory)), "digest": {"sha256": digest}}


def _plans(run: Run) -> list[dict[str, Any]]:
    return [
        {"name": "plan", "digest": {"sha256": str(whole_plan(run.header).get("digest", ""))}},
        {"name": "demands", "digest": {"sha256": demands_digest(run)}},
    ]


def _harness(run: Run) -> Iterator[dict[str, Any]]:
    if commit := run.header.harness.get("commit", ""):
        yield {"name": PACKAGE, "digest": {"gitCommit": commit}}


def _test_result(run: Run) -> dict[str, Any]:
    def names(*statuses: Status) -> list[str]:
        return sorted(outcome.case for outcome in run.outcomes if outcome.status in statuses)

    assessment = assess_run(run)
    known = names(Status.KNOWN_DEVIATION)
    result = "FAILED" if assessment.claim not in CLAIMS else "WARNED" if known else "PASSED"
    return {
        "result": result,
        "configuration": _plans(run),
        "passedTests": names(Status.PASSED),
        "warnedTests": known,
        "failedTests": names(*FAILING),
        # What was not seen, and what was not claimed, is in no list above.
        "unseenTests": names(*UNJUDGED),
        "notClaimedTests": names(Status.NOT_CLAIMED),
    }


def _verification(run: Run, created: str, valid_until: str) -> dict[str, Any]:
    header, assessment = run.header, assess_run(run)
    limits = limitations(run)
    claim = CLAIMS.get(assessment.claim)
    return {
        "verifier": {
            "id": f"https://pypi.org/project/{PACKAGE}/{header.harness.get('version', '')}",
            "policies": _plans(run),
        },
        "timeCreated": created,
        "properties": [*([claim] if claim and not limits else []), SELF_ATTESTED],
        # Beside the predicate's own fields: these only ever take away from the properties.
        "validUntil": valid_until,
        "claim": assessment.claim.value,
        "because": assessment.because,
        "limitations": limits,
        "target": dict(header.target),
        "harness": dict(header.harness),
        "run": {"name": header.run, "started": header.started, "seed": header.seed},
        "counts": _counts(run),
        "knownDeviations": _reasons(run, Status.KNOWN_DEVIATION),
        "notClaimed": _reasons(run, Status.NOT_CLAIMED),
    }


def _counts(run: Run) -> dict[str, dict[str, dict[str, int]]]:
    """By suite, level and status."""
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for outcome in run.outcomes:
        level = counts.setdefault(outcome.suite, {}).setdefault(outcome.level, {})
        level[outcome.status.value] = level.get(outcome.status.value, 0) + 1
    return counts


def _reasons(run: Run, status: Status) -> Mapping[str, str]:
    """Why cases have this status, by their ids."""
    return {o.case: _last_line(o) for o in run.outcomes if o.status is status}


def _last_line(outcome: Outcome) -> str:
    return outcome.because.rpartition("\n")[2]


def parse_time(text: str) -> datetime:
    """A time with its zone; `ValueError` if it is none."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return time
