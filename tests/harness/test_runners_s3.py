"""Running S3 cases: which buckets they create, share and remove, whatever the target implements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fixtures.model import (
    Case,
    Level,
    ReplyKind,
    S3Reply,
    S3Request,
    S3Scenario,
    SharedBucket,
    Status,
    Step,
    Timeouts,
)
from fixtures.resources.ledger import Ledger
from fixtures.resources.names import RunNames
from fixtures.runners.s3 import run_s3
from fixtures.runners.session import Session
from fixtures.setup.run_period import RunPeriod
from fixtures.setup.s3_buckets import RunBuckets

CREATE = Step(S3Request("CreateBucket", {"Bucket": "{second}"}))
PUT = Step(S3Request("PutObject", {"Bucket": "{bucket}", "Key": "k", "Body": "x"}))
GET = Step(S3Request("GetObject", {"Bucket": "{bucket}", "Key": "k"}))
DELETE = Step(S3Request("DeleteObject", {"Bucket": "{bucket}", "Key": "k"}))
MISSING = {"NoSuchKey": 404}


class Store:
    """A bucket store in memory, which may lack some operations and carry out others wrongly."""

    name: ClassVar[str] = "store"

    def __init__(self, lacks: Iterable[str] = (), lies: Iterable[str] = ()) -> None:
        self.buckets: dict[str, dict[str, bytes]] = {}
        self.operations: list[str] = []
        self._lacks, self._lies = set(lacks), set(lies)

    @classmethod
    def unsupported_reason(cls, request: S3Request) -> str | None:
        """None: it supports every request."""

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def call(self, request: S3Request, timeouts: Timeouts) -> S3Reply:
        """Carry the request out."""
        del timeouts
        self.operations.append(request.operation)
        if request.operation in self._lacks:
            return refusal("NotImplemented", 501)
        arguments = request.arguments
        return self._done(request.operation, str(arguments.get("Bucket", "")), arguments)

    def _done(self, operation: str, bucket: str, arguments: Mapping[str, Any]) -> S3Reply:
        if operation == "CreateBucket":
            self.buckets.setdefault(bucket, {})
            return S3Reply(ReplyKind.ANSWERED, http_status=200)
        if operation == "ListBuckets":
            return S3Reply(ReplyKind.ANSWERED, body={"Owner": {"ID": "me-id"}}, http_status=200)
        if bucket not in self.buckets:
            return refusal("NoSuchBucket", 404)
        return self._in_bucket(operation, self.buckets[bucket], bucket, arguments)

    def _in_bucket(
        self, operation: str, keys: dict[str, bytes], bucket: str, arguments: Mapping[str, Any]
    ) -> S3Reply:
        key = str(arguments.get("Key", ""))
        if operation in self._lies and operation == "DeleteObject":
            keys.clear()
            return refusal("NoSuchKey", 404)
        match operation:
            case "PutObject":
                keys[key] = str(arguments["Body"]).encode()
            case "DeleteObject":
                keys.pop(key, None)
            case "DeleteBucket" if keys:
                return refusal("BucketNotEmpty", 409)
            case "DeleteBucket":
                del self.buckets[bucket]
            case "GetObject" | "HeadObject" if key not in keys:
                return refusal("NoSuchKey", 404)
            case "ListObjects":
                listed = [{"Key": name, "Size": len(data)} for name, data in sorted(keys.items())]
                return S3Reply(ReplyKind.ANSWERED, body={"Contents": listed}, http_status=200)
        return S3Reply(ReplyKind.ANSWERED, http_status=200, content=keys.get(key, b""))


def refusal(code: str, status: int) -> S3Reply:
    """An error reply."""
    return S3Reply(ReplyKind.FAULT, code=code, http_status=status)


class StoreTarget:
    """As much of a target as S3 cases need."""

    def __init__(self, store: Store, ledger: Path | None = None) -> None:
        self.store, self.path = store, ledger
        self.capabilities = frozenset({"s3"})
        self.ledger = Ledger(ledger, durable=False)
        self.buckets = RunBuckets(
            lambda _driver, _user: store,
            self.ledger,
            RunNames("run", 0),
            Timeouts(),
            RunPeriod(0.0),
        )

    def run(self, scenario: S3Scenario) -> Status:
        """Run a case with these steps; returns its status."""
        case = Case(
            "s3/x", "s3", "answers", Level.SHOULD, 0, "x", "raw", frozenset(), "", "", scenario
        )
        session = Session(self)  # type: ignore[arg-type]  # what S3 cases need of a target
        verdict = run_s3(case, session).verdict
        self.because = verdict.because
        return verdict.status

    def check_connected(self, reply: S3Reply) -> None:
        """Do nothing: the store always answers."""


def test_a_case_leaves_no_bucket() -> None:
    """The buckets of a case are removed when it ends, with their objects."""
    target = StoreTarget(Store())
    assert target.run(S3Scenario((CREATE, PUT, GET.returns("x")))) is Status.PASSED
    assert target.store.buckets == {}
    assert target.buckets.leftovers == []


@pytest.mark.parametrize("lacks", [["ListObjects"], ["ListObjectVersions", "ListMultipartUploads"]])
def test_no_bucket_is_left_where_lists_are_missing(lacks: list[str]) -> None:
    """The objects of a case are remembered, so that they can be removed without a list."""
    target = StoreTarget(Store(lacks=lacks))
    assert target.run(S3Scenario((PUT, GET.returns("wrong")))) is Status.FAILED
    assert target.store.buckets == {}


def test_objects_of_others_are_found_in_a_bucket() -> None:
    """If a bucket cannot be removed, the objects in it are listed and removed."""
    target = StoreTarget(Store(lacks=["ListObjectVersions"]))
    with target.buckets.reserve_names("example", literally=True):
        target.store.buckets["example"] = {"theirs": b"x"}
    assert target.store.buckets == {}


def test_a_bucket_that_cannot_be_removed_is_reported() -> None:
    """Where a target cannot remove buckets, those that stay are named."""
    target = StoreTarget(Store(lacks=["DeleteBucket"]))
    target.run(S3Scenario((PUT,)))
    (left,) = target.buckets.leftovers
    assert left.startswith(f"bucket {target.buckets.names.prefix}-")
    assert "NotImplemented" in left


class StrictStore(Store):
    """A store that refuses short names in plain text, when they are created and when removed."""

    def _done(self, operation: str, bucket: str, arguments: Mapping[str, Any]) -> S3Reply:
        if operation == "ListBuckets":
            body = {"Owner": {"ID": "me-id"}, "Buckets": [{"Name": name} for name in self.buckets]}
            return S3Reply(ReplyKind.ANSWERED, body=body, http_status=200)
        if bucket == "ab":
            return S3Reply(ReplyKind.GARBLED, message="HTTP 400 with plain text", http_status=400)
        return super()._done(operation, bucket, arguments)


def test_a_refused_bucket_is_not_left_behind() -> None:
    """A bucket that was never there cannot be removed, and is no leftover."""
    target = StoreTarget(StrictStore())
    create = Step(S3Request("CreateBucket", {"Bucket": "ab"}))
    target.run(S3Scenario((create.fails_with({"InvalidBucketName": 400}),), without_bucket=True))
    assert target.buckets.leftovers == []


def test_a_foreign_bucket_is_kept() -> None:
    """A bucket without the run's prefix, which another user has, keeps its objects."""
    store = Store()
    store.buckets["foreign"] = {"theirs": b"x"}
    target = StoreTarget(store)
    create = Step(S3Request("CreateBucket", {"Bucket": "foreign"}))
    target.run(S3Scenario((create.fails_with({"InvalidBucketName": 400}),), without_bucket=True))
    assert store.buckets == {"foreign": {"theirs": b"x"}}
    assert target.buckets.leftovers == ["bucket foreign: fault BucketNotEmpty"]


def test_the_ledger_is_written_before_a_bucket_is_created(tmp_path: Path) -> None:
    """The ledger has each bucket before it is created, and its removal."""
    target = StoreTarget(Store(), tmp_path / "ledger.jsonl")
    target.run(S3Scenario((CREATE,)))
    target.ledger.close()
    entries = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    names = [entry["texts"][0] for entry in entries if entry["line"] == "will"]
    assert len(names) == 2
    assert [entry["identity"] for entry in entries if entry["line"] == "made"] == names
    assert {entry["identity"] for entry in entries if entry["line"] == "removed"} == set(names)


def test_a_shared_bucket_is_filled_once() -> None:
    """What cases only read is created for the first of them, and again after a failure."""
    target, shared = StoreTarget(Store()), SharedBucket("one", (PUT,))
    scenario = S3Scenario((GET.returns("x"),), shared_bucket=shared)
    assert target.run(scenario) is target.run(scenario) is Status.PASSED
    assert target.store.operations.count("PutObject") == 1
    target.buckets.invalidate_shared()
    assert target.store.buckets == {}
    target.run(scenario)
    assert target.store.operations.count("PutObject") == 2
    target.buckets.close()
    assert target.store.buckets == {}


def test_a_case_whose_setup_fails_has_failed() -> None:
    """A target that refuses the setup of a case fails the case."""
    target = StoreTarget(Store(lacks=["PutObject"]))
    scenario = S3Scenario((GET.returns("x"),), shared_bucket=SharedBucket("one", (PUT,)))
    assert target.run(scenario) is Status.FAILED
    assert target.because == "given: PutObject: refused with NotImplemented (), expected an answer"
    target.buckets.close()
    assert target.store.buckets == {}


def test_a_case_ends_with_its_first_failed_step() -> None:
    """The steps after a failed one are not run: their results would mislead."""
    target = StoreTarget(Store())
    assert target.run(S3Scenario((GET, PUT))) is Status.FAILED
    assert "PutObject" not in target.store.operations


def test_a_refused_request_must_change_nothing() -> None:
    """A removal that is refused and yet carried out fails the case."""
    scenario = S3Scenario((DELETE.fails_with(MISSING),), setup=(PUT,))
    target = StoreTarget(Store(lies=["DeleteObject"]))
    assert target.run(scenario) is Status.FAILED
    assert "state: refused, and yet the bucket" in target.because


def test_later_steps_use_saved_parts_of_replies() -> None:
    """Parts of a reply, its headers included, can be named in later steps."""
    target = StoreTarget(Store())
    saved = Step(S3Request("ListObjects", {"Bucket": "{bucket}"})).save(found="Contents[0].Key")
    get = Step(S3Request("GetObject", {"Bucket": "{bucket}", "Key": "{found}"})).returns("x")
    assert target.run(S3Scenario((PUT, saved, get))) is Status.PASSED
