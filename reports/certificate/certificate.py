"""The file `certificate.json`: written beside a record, and verified against it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key, Signer

from fixtures.model import UsageError
from reports.certificate.signing import open_envelope, sign
from reports.certificate.statements import (
    STATEMENT,
    TEST_RESULT,
    VERIFICATION,
    make_statements,
    parse_time,
)
from reports.record.run_directory import write_atomically
from reports.record.run_file import load_run

FILE = "certificate.json"
SCHEMA = 1
SKEW = timedelta(minutes=5)  # between the clocks of who signed and who verifies
_TIMES = ("timeCreated", "validUntil")
# What is compared by name, with the words for a record that differs.
_PARTS = (
    (VERIFICATION, "target", "of another target"),
    (VERIFICATION, "harness", "of another harness"),
    (VERIFICATION, "run", "another run's"),
    (TEST_RESULT, "failedTests", "one with other failures"),
    (TEST_RESULT, "passedTests", "one with other passes"),
    (TEST_RESULT, "configuration", "of another plan, or of other demands"),
    (VERIFICATION, "claim", "one with another claim"),
    (VERIFICATION, "counts", "one with other counts"),
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that is valid for its run."""

    claim: str
    because: str
    limitations: tuple[str, ...]
    properties: tuple[str, ...]
    created: datetime
    valid_until: datetime

    @property
    def claims(self) -> bool:
        """Whether it claims that a product conforms, and nothing limits that."""
        return any("CONFORMANT" in name for name in self.properties)


class Refused(UsageError):
    """The certificate is not valid for the run; the text says why, in one line."""


def write_certificate(directory: Path, signer: Signer, now: datetime, validity: timedelta) -> Path:
    """Sign a run directory's record and evidence; returns the path of the certificate.

    Raises:
        UsageError: there is no whole record, the key cannot be used, or nothing can be written.
    """
    run = load_run(directory)
    if run.footer is None:
        raise UsageError(f"{directory}: the record has no end, so that nothing can be certified")
    times = (now.isoformat(timespec="seconds"), (now + validity).isoformat(timespec="seconds"))
    statements = make_statements(directory, run, *times)
    content = {"schema": SCHEMA, "envelopes": [sign(each, signer) for each in statements]}
    path = directory / FILE
    write_atomically(path, json.dumps(content, indent=1).encode() + b"\n")
    return path


def verify_certificate(
    path: Path, key: Key, now: datetime, max_age: timedelta | None, harness: str
) -> Certificate:
    """Verify a certificate by a public key, and by the record and the evidence beside it, from
    which all that it says is computed again.

    `max_age`: since it was signed; `harness`: the version of the one that verifies.

    Raises:
        Refused: it is not valid; the text says why.
        UsageError: the file or the record cannot be read.
    """
    directory = path.parent
    statements = _signed_statements(path, key)
    run = load_run(directory)
    verification = statements[VERIFICATION]["predicate"]
    created, valid_until = (_time(path, verification.get(name), name) for name in _TIMES)
    made = run.header.harness.get("version", "")
    if made != harness:
        text = f"the run was made by harness {made}, and this is {harness}, which may demand more"
        raise Refused(f"{path}: {text}")
    times = (verification["timeCreated"], verification["validUntil"])
    result, verdict = make_statements(directory, run, *times)
    for reason in _contradictions(statements, {TEST_RESULT: result, VERIFICATION: verdict}):
        raise Refused(f"{path}: {reason}")
    if created > now + SKEW:
        raise Refused(f"{path}: signed in the future, {created.isoformat()}")
    if now > valid_until:
        raise Refused(f"{path}: was valid until {valid_until.isoformat()}")
    if max_age is not None and now - created > max_age:
        raise Refused(f"{path}: signed {created.isoformat()}, more than {max_age.days} days ago")
    return Certificate(
        verification["claim"],
        verification["because"],
        tuple(verification["limitations"]),
        tuple(verification["properties"]),
        created,
        valid_until,
    )


def _signed_statements(path: Path, key: Key) -> dict[str, dict[str, Any]]:
    """The statements by their predicate types, whose signatures fit."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot read the certificate: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Refused(f"{path}: not a certificate: not JSON") from error
    if not isinstance(content, dict) or content.keys() != {"schema", "envelopes"}:
        raise Refused(f"{path}: not a certificate")
    if content["schema"] != SCHEMA:
        raise Refused(f"{path}: schema {content['schema']}, this harness reads {SCHEMA}")
    if not isinstance(content["envelopes"], list) or len(content["envelopes"]) != 2:
        raise Refused(f"{path}: not the envelopes of two statements")
    if path.read_bytes() != json.dumps(content, indent=1).encode() + b"\n":
        raise Refused(f"{path}: was changed: not as it was written")
    found = {}
    for number, envelope in enumerate(content["envelopes"], 1):
        try:
            statement = open_envelope(envelope, key)
        except (ValueError, RecursionError) as error:
            raise Refused(f"{path}: envelope {number}: {error}") from error
        if statement.get("_type") != STATEMENT:
            raise Refused(f"{path}: envelope {number}: not an in-toto statement")
        found[str(statement.get("predicateType"))] = statement
    if found.keys() != {TEST_RESULT, VERIFICATION}:
        raise Refused(f"{path}: not the statements of a certificate: {', '.join(sorted(found))}")
    return found


def _time(path: Path, value: object, name: str) -> datetime:
    try:
        return parse_time(str(value))
    except ValueError as error:
        raise Refused(f"{path}: {name}: {error}") from error


def _contradictions(
    signed: Mapping[str, dict[str, Any]], made: Mapping[str, dict[str, Any]]
) -> Iterator[str]:
    """How what was signed differs from what the record and the evidence give now, the plainest
    first."""
    for kind, name, text in _PARTS:
        before, now = (each[kind]["predicate"].get(name) for each in (signed, made))
        if before != now:
            yield f"the record is {text}: {_short(before)} was signed, it has {_short(now)}"
    for kind, statement in signed.items():
        files, found = (_digests(each) for each in (statement, made[kind]))
        for name in sorted({*files, *found}):
            if name not in found:
                yield f"{name} was signed, and is missing"
            elif name not in files:
                yield f"{name} was added after it was signed"
            elif files[name] != found[name]:
                yield f"{name} was changed after it was signed"
        if statement != made[kind]:
            yield f"the statement {kind} is not what the record gives"


def _digests(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {str(each["name"]): each["digest"] for each in statement["subject"]}


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"
