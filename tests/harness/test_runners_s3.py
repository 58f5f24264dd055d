"""Stories about S3: what is made, remembered, looked at and taken away, whatever the target can."""

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
from fixtures.setup.s3_buckets import RunBuckets

CREATE = Step(S3Request("CreateBucket", {"Bucket": "{second}"}))
PUT = Step(S3Request("PutObject", {"Bucket": "{bucket}", "Key": "k", "Body": "x"}))
GET = Step(S3Request("GetObject", {"Bucket": "{bucket}", "Key": "k"}))
DELETE = Step(S3Request("DeleteObject", {"Bucket": "{bucket}", "Key": "k"}))
MISSING = {"NoSuchKey": 404}


class Store:
    """A bucket store in a few lines, which lacks operations or lies if told to."""

    name: ClassVar[str] = "store"

    def __init__(self, lacks: Iterable[str] = (), lies: Iterable[str] = ()) -> None:
        self.buckets: dict[str, dict[str, bytes]] = {}
        self.asked: list[str] = []
        self._lacks, self._lies = set(lacks), set(lies)

    @classmethod
    def unsupported_reason(cls, request: S3Request) -> str | None:
        """None: it takes everything."""

    def close(self) -> None:
        """Nothing is open."""

    def call(self, request: S3Request, timeouts: Timeouts) -> S3Reply:
        """Carries it out."""
        del timeouts
        self.asked.append(request.operation)
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
    """A refusal."""
    return S3Reply(ReplyKind.FAULT, code=code, http_status=status)


class Place:
    """As much of a target as stories need."""

    def __init__(self, store: Store, ledger: Path | None = None) -> None:
        self.store, self.path = store, ledger
        self.ledger = Ledger(ledger, durable=False)
        self.buckets = RunBuckets(
            lambda _driver, _user: store, self.ledger, RunNames("run", 0), Timeouts()
        )

    def told(self, story: S3Scenario) -> Status:
        """What became of a story."""
        case = Case(
            "s3/x", "s3", "answers", Level.SHOULD, 0, "x", "raw", frozenset(), "", "", story
        )
        session = Session(self)  # type: ignore[arg-type]  # what stories need of a target
        verdict = run_s3(case, session).verdict
        self.because = verdict.because
        return verdict.status

    def check_connected(self, reply: S3Reply) -> None:
        """Nobody is counted here who does not answer."""


def test_a_story_leaves_nothing() -> None:
    """Buckets that a story had, or made, are gone when it ends, with what is in them."""
    place = Place(Store())
    assert place.told(S3Scenario((CREATE, PUT, GET.returns("x")))) is Status.PASSED
    assert place.store.buckets == {}
    assert place.buckets.leftovers == []


@pytest.mark.parametrize("lacks", [["ListObjects"], ["ListObjectVersions", "ListMultipartUploads"]])
def test_nothing_is_left_where_lists_are_missing(lacks: list[str]) -> None:
    """What was put is remembered, so that it can be removed without a list."""
    place = Place(Store(lacks=lacks))
    assert place.told(S3Scenario((PUT, GET.returns("wrong")))) is Status.FAILED
    assert place.store.buckets == {}


def test_what_others_put_is_found() -> None:
    """A bucket that will not go is looked into."""
    place = Place(Store(lacks=["ListObjectVersions"]))
    with place.buckets.reserve_names("example", literally=True):
        place.store.buckets["example"] = {"theirs": b"x"}
    assert place.store.buckets == {}


def test_what_cannot_be_removed_is_told() -> None:
    """Where a target lacks the removal, what stays is named."""
    place = Place(Store(lacks=["DeleteBucket"]))
    place.told(S3Scenario((PUT,)))
    (left,) = place.buckets.leftovers
    assert left.startswith(f"bucket {place.buckets.names.prefix}-")
    assert "NotImplemented" in left


def test_what_was_there_before_is_let_alone() -> None:
    """A bucket whose name is not ours, and that turns out to be somebody's, keeps what is in it."""
    store = Store()
    store.buckets["somebodys"] = {"theirs": b"x"}
    place = Place(store)
    create = Step(S3Request("CreateBucket", {"Bucket": "somebodys"}))
    place.told(S3Scenario((create.fails_with({"InvalidBucketName": 400}),), without_bucket=True))
    assert store.buckets == {"somebodys": {"theirs": b"x"}}
    assert place.buckets.leftovers == ["bucket somebodys: fault BucketNotEmpty"]


def test_the_ledger_comes_first(tmp_path: Path) -> None:
    """Each bucket is written down before it is made, and when it is gone."""
    place = Place(Store(), tmp_path / "ledger.jsonl")
    place.told(S3Scenario((CREATE,)))
    place.ledger.close()
    entries = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    names = [entry["texts"][0] for entry in entries if entry["line"] == "will"]
    assert len(names) == 2
    assert [entry["identity"] for entry in entries if entry["line"] == "made"] == names
    assert {entry["identity"] for entry in entries if entry["line"] == "removed"} == set(names)


def test_a_shelf_is_filled_once() -> None:
    """What cases only look at is made for the first of them, and again after a failure."""
    place, shelf = Place(Store()), SharedBucket("one", (PUT,))
    story = S3Scenario((GET.returns("x"),), shared_bucket=shelf)
    assert place.told(story) is place.told(story) is Status.PASSED
    assert place.store.asked.count("PutObject") == 1
    place.buckets.invalidate_shared()
    assert place.store.buckets == {}
    place.told(story)
    assert place.store.asked.count("PutObject") == 2
    place.buckets.close()
    assert place.store.buckets == {}


def test_what_cannot_be_made_ready_fails() -> None:
    """A target that refuses what a case stands on fails the case."""
    place = Place(Store(lacks=["PutObject"]))
    story = S3Scenario((GET.returns("x"),), shared_bucket=SharedBucket("one", (PUT,)))
    assert place.told(story) is Status.FAILED
    assert place.because == "given: PutObject: refused with NotImplemented (), expected an answer"
    place.buckets.close()
    assert place.store.buckets == {}


def test_a_story_ends_with_its_first_trouble() -> None:
    """What comes after a step that did not go as it should would only mislead."""
    place = Place(Store())
    assert place.told(S3Scenario((GET, PUT))) is Status.FAILED
    assert "PutObject" not in place.store.asked


def test_a_refusal_must_change_nothing() -> None:
    """A removal that is refused and yet done is found out."""
    story = S3Scenario((DELETE.fails_with(MISSING),), setup=(PUT,))
    place = Place(Store(lies=["DeleteObject"]))
    assert place.told(story) is Status.FAILED
    assert "state: refused, and yet the bucket" in place.because


def test_later_texts_name_what_was_saved() -> None:
    """Parts of an answer, its headers included, can be named in the steps after it."""
    place = Place(Store())
    saved = Step(S3Request("ListObjects", {"Bucket": "{bucket}"})).save(found="Contents[0].Key")
    get = Step(S3Request("GetObject", {"Bucket": "{bucket}", "Key": "{found}"})).returns("x")
    assert place.told(S3Scenario((PUT, saved, get))) is Status.PASSED
