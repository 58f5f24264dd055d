"""Certificates: what verifies, and what is refused, each with its own text."""

from __future__ import annotations

import json
import tarfile
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner, Key

from fixtures.model import Outcome, Promise, Run, Status, UsageError
from reports.certificate.certificate import (
    FILE,
    Certificate,
    Refused,
    verify_certificate,
    write_certificate,
)
from reports.certificate.pack import pack
from reports.certificate.signing import load_public_key, load_signer, make_key
from reports.certificate.statements import TEST_RESULT, evidence_files
from reports.record.claim import make_footer
from reports.record.draft import PLACEHOLDER
from reports.record.histories import save_history
from reports.record.run_file import FILE as RECORD
from reports.record.run_file import write_run
from tests.support.made_runs import FINISHED, keep, made_run, outcome
from tests.support.random_histories import random_history

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
VALID = timedelta(days=90)
HARNESS = "0.1.0"
CHANGES = 300  # single bytes that are changed; each must be noticed


@cache
def signer() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


def whole(*outcomes: Outcome, **header: Any) -> Run:
    """A whole run of a live target, by an unchanged harness."""
    run = made_run(outcomes or [outcome(), outcome(kind="reply")])
    return replace(
        run, header=replace(run.header, harness={"version": HARNESS, "commit": "c"} | header)
    )


def certified(folder: Path, run: Run | None = None) -> Path:
    """The certificate of a run that is kept in a directory."""
    directory = keep(run or whole(), folder / "run")
    return write_certificate(directory, signer(), NOW, VALID)


def verify(path: Path, now: datetime = NOW, key: Key | None = None, **more: Any) -> Certificate:
    options: dict[str, Any] = {"max_age": None, "harness": HARNESS} | more
    return verify_certificate(path, key or signer().public_key, now, **options)


def test_a_whole_run_of_a_live_target_claims(tmp_path: Path) -> None:
    """A certificate of a conformant run verifies, and claims it."""
    found = verify(certified(tmp_path))
    assert found.claims
    assert found.limitations == ()
    assert found.properties == ("AWSAPI_CONFORMANT", "AWSAPI_SELF_ATTESTED")
    assert found.valid_until == NOW + VALID


def with_header(**changes: Any) -> Run:
    run = whole()
    return replace(run, header=replace(run.header, **changes))


def narrowed() -> Run:
    run = whole()
    plan = {**run.header.plan, "full": False, "narrowed": "suite volumes"}
    header = replace(run.header, plan=plan)
    return replace(run, header=header, footer=make_footer(header, run.outcomes, FINISHED))


def interrupted() -> Run:
    run = whole()
    return replace(run, footer=make_footer(run.header, run.outcomes, FINISHED, "by the user"))


LIMITED: dict[str, tuple[Callable[[], Run], str]] = {
    "failed": (lambda: whole(outcome(Status.FAILED)), ""),
    "unseen": (lambda: whole(outcome(), outcome(Status.INCONCLUSIVE, kind="reply")), ""),
    "simulated": (
        lambda: with_header(target={"name": "simulated", "kind": "simulated"}),
        "the target is the one that the harness contains",
    ),
    "narrowed": (narrowed, "a part of the plan: suite volumes"),
    "interrupted": (interrupted, "the run ended before its end"),
    "dirty": (
        lambda: with_header(harness={"version": HARNESS, "commit": "0123-dirty"}),
        "the harness was changed after its commit",
    ),
    "placeholder": (
        lambda: whole(
            outcome(),
            outcome(Status.KNOWN_DEVIATION, kind="x", because=f"no\nknown: {PLACEHOLDER}"),
        ),
        "1 known deviations still have the draft's placeholder",
    ),
}


@pytest.mark.parametrize(("make", "limit"), LIMITED.values(), ids=LIMITED)
def test_what_claims_nothing(tmp_path: Path, make: Callable[[], Run], limit: str) -> None:
    """A run that failed, or is not whole, or not of a product, is certified as just that."""
    found = verify(certified(tmp_path, make()))
    assert not found.claims
    assert list(found.limitations) == ([limit] if limit else [])


def test_only_what_passed_is_among_the_passed(tmp_path: Path) -> None:
    """Known deviations are warnings; what was not seen or not claimed is in no list of results."""
    outcomes = [outcome(status, kind=status.value) for status in Status]
    content = json.loads(certified(tmp_path, whole(*outcomes)).read_bytes())
    statement = json.loads(b64decode(content["envelopes"][0]["payload"]))
    assert statement["predicateType"] == TEST_RESULT
    named = {name: value for name, value in statement["predicate"].items() if "Tests" in name}
    assert {name: len(cases) for name, cases in named.items()} == {
        "passedTests": 1,
        "warnedTests": 1,
        "failedTests": 2,
        "unseenTests": 2,
        "notClaimedTests": 1,
    }


def other_record(path: Path) -> None:
    """The certificate beside the record of another run, which is a whole record itself."""
    record = path.parent / RECORD
    record.unlink()
    failed = outcome(Status.FAILED, kind="reply", requirement="Another.")
    write_run(whole(outcome(), failed), record)


def dropped_failure(path: Path) -> None:
    """A record that was written again without its failing case."""
    record = path.parent / RECORD
    record.unlink()
    write_run(whole(outcome()), record)


def swapped_target(path: Path) -> None:
    record = path.parent / RECORD
    record.unlink()
    write_run(with_header(target={"name": "other", "kind": "live"}), record)


def cut(path: Path) -> None:
    record = path.parent / RECORD
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-1]))


def one_envelope(path: Path) -> None:
    content = json.loads(path.read_bytes())
    path.write_bytes(json.dumps({**content, "envelopes": content["envelopes"][:1]}).encode())


def swapped_envelopes(path: Path) -> None:
    content = json.loads(path.read_bytes())
    first = content["envelopes"][0]
    content["envelopes"] = [first, first]
    path.write_bytes(json.dumps(content, indent=1).encode() + b"\n")


def more_evidence(path: Path) -> None:
    save_history(path.parent, "replication/F5/x[ec2]", random_history(1, Promise.SEMI_SYNCHRONOUS))


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "another record": (other_record, "the record is of another plan, or of other demands"),
    "a dropped failure": (dropped_failure, "the record is one with other failures"),
    "a swapped target": (swapped_target, "the record is of another target"),
    "a record without an end": (cut, "the record is one with another claim"),
    "no record": (lambda path: (path.parent / RECORD).unlink(), "cannot read the record"),
    "more evidence": (more_evidence, "histories/.* was added after it was signed"),
    "no certificate": (lambda path: path.unlink(), "cannot read the certificate"),
    "not JSON": (lambda path: path.write_text("x"), "not JSON"),
    "another file": (lambda path: path.write_text("{}"), "not a certificate"),
    "another schema": (
        lambda path: path.write_text('{"schema": 9, "envelopes": []}'),
        "schema 9, this harness reads 1",
    ),
    "one envelope": (one_envelope, "not the envelopes of two statements"),
    "an envelope twice": (swapped_envelopes, "not the statements of a certificate"),
}


@pytest.mark.parametrize(("spoil", "complaint"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(tmp_path: Path, spoil: Callable[[Path], object], complaint: str) -> None:
    """Each thing that is wrong is told with its own text, in one line."""
    path = certified(tmp_path, whole(outcome(), outcome(Status.FAILED, kind="reply")))
    spoil(path)
    with pytest.raises(UsageError, match=complaint) as refusal:
        verify(path)
    assert "\n" not in str(refusal.value)


def test_another_key(tmp_path: Path) -> None:
    """Without the key nothing verifies: a forged record with a certificate of its own neither."""
    path = certified(tmp_path)
    with pytest.raises(Refused, match="envelope 1: no signature of this key fits"):
        verify(path, key=CryptoSigner.generate_ed25519().public_key)


@pytest.mark.parametrize(
    ("now", "more", "complaint"),
    [
        (NOW + VALID + timedelta(seconds=1), {}, "was valid until 2027-03-01"),
        (NOW - timedelta(hours=1), {}, "signed in the future"),
        (NOW + timedelta(days=31), {"max_age": timedelta(days=30)}, "more than 30 days ago"),
        (NOW, {"harness": "0.2.0"}, "was made by harness 0.1.0, and this is 0.2.0"),
    ],
)
def test_stale_certificates(
    tmp_path: Path, now: datetime, more: dict[str, Any], complaint: str
) -> None:
    """A certificate that is too old, or of a harness that demanded less, is refused."""
    path = certified(tmp_path)
    with pytest.raises(Refused, match=complaint):
        verify(path, now, **more)


def test_no_byte_can_be_changed(tmp_path: Path) -> None:
    """Whatever single byte of certificate, record or histories is changed, nothing verifies."""
    path = certified(tmp_path)
    more_evidence(path)
    write_certificate(path.parent, signer(), NOW, VALID)
    verify(path)
    random = Random(1)
    files = [path, *evidence_files(path.parent)]
    assert len(files) == 3
    for _ in range(CHANGES):
        file = random.choice(files)
        before = file.read_bytes()
        place = random.randrange(len(before))
        changed = bytearray(before)
        changed[place] = (before[place] + random.randrange(1, 256)) % 256
        file.write_bytes(changed)
        with pytest.raises(UsageError):
            verify(path)
        file.write_bytes(before)
    verify(path)


def test_keys(tmp_path: Path) -> None:
    """A key pair is made once, the private one for its owner alone; what is no key is refused."""
    file = tmp_path / "key"
    public = make_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    directory = keep(whole(), tmp_path / "run")
    path = write_certificate(directory, load_signer(str(file), None), NOW, VALID)
    assert verify(path, key=load_public_key(public)).claims
    for wrong, complaint in (
        (lambda: make_key(file), "exists already"),
        (lambda: load_signer(str(public), None), "not a private key"),
        (lambda: load_signer(str(tmp_path / "none"), None), "cannot read the key"),
        (lambda: load_signer("nonsense:x", public), "cannot be used to sign"),
        (lambda: load_public_key(file), "not a public key"),
    ):
        with pytest.raises(UsageError, match=complaint):
            wrong()


def test_a_pack_is_always_the_same(tmp_path: Path) -> None:
    """The archive has certificate, record and histories, is the same each time, and what was
    unpacked elsewhere verifies."""
    path = certified(tmp_path)
    more_evidence(path)
    write_certificate(path.parent, signer(), NOW, VALID)
    names = pack(path.parent, tmp_path / "one.tar.gz")
    pack(path.parent, tmp_path / "two.tar.gz")
    assert (tmp_path / "one.tar.gz").read_bytes() == (tmp_path / "two.tar.gz").read_bytes()
    assert names == [FILE, RECORD, "histories/replication/F5/x[ec2].jsonl"]
    with tarfile.open(tmp_path / "one.tar.gz") as archive:
        archive.extractall(tmp_path / "elsewhere", filter="data")
    (unpacked,) = (tmp_path / "elsewhere").iterdir()
    assert verify(unpacked / FILE).claims
    with pytest.raises(UsageError, match="exists already"):
        pack(path.parent, tmp_path / "one.tar.gz")


@pytest.mark.parametrize("name", ["..", "", "/tmp", "a/b", "../x", "."])
def test_a_pack_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    """Whatever a record calls its run, an archive has one folder and nothing outside of it."""
    run = whole()
    keep(replace(run, header=replace(run.header, run=name)), tmp_path / "run")
    pack(tmp_path / "run", tmp_path / "pack.tar.gz")
    with tarfile.open(tmp_path / "pack.tar.gz") as archive:
        assert archive.getnames() == ["run/run.jsonl"]
