"""Requests that name what is not there: sub-resources, versions, and the source of a copy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.s3_clients import RawClient, error_of

pytestmark = pytest.mark.usefixtures("shared_bucket")

BUCKET = "things"


@pytest.fixture(autouse=True)
def _stored(alice: Any) -> None:
    alice.put_object(Bucket=BUCKET, Key="key", Body=b"content")


@pytest.mark.parametrize(
    ("target", "code", "text"),
    [
        ("key?versions", "InvalidRequest", "?versions sub-resource for a key"),
        ("none?versions", "InvalidRequest", "?versions sub-resource for a key"),
        ("key?uploads", "InvalidRequest", "Key is not expected"),
        ("key?logging", "NoLoggingStatusForKey", "?logging sub-resource for a key"),
        ("?uploadId=1", "InvalidRequest", "A key must be specified"),
        ("?versioning&acl", "InvalidArgument", "query string parameters: acl, versioning"),
        ("key?acl&tagging", "InvalidArgument", "query string parameters: acl, tagging"),
    ],
)
def test_subresources_that_are_refused(wire: RawClient, target: str, code: str, text: str) -> None:
    """A key has no versions, uploads and logging; only one sub-resource can be asked for."""
    answer = wire.send_signed("GET", f"/{BUCKET}/{target}")
    assert (answer.status, f"<Code>{code}</Code>" in answer.body.decode()) == (400, True)
    assert text in answer.body.decode()


@pytest.mark.parametrize("name", ["location", "versioning"])
def test_subresources_of_the_bucket(wire: RawClient, name: str) -> None:
    """A GET of a key with these is about its bucket, whether or not the key exists."""
    of_bucket = wire.send_signed("GET", f"/{BUCKET}?{name}")
    for key in ("key", "none"):
        answer = wire.send_signed("GET", f"/{BUCKET}/{key}?{name}")
        assert (answer.status, answer.body) == (200, of_bucket.body)


@pytest.mark.parametrize("name", ["encryption", "ownershipControls", "publicAccessBlock"])
def test_subresources_that_are_ignored(wire: RawClient, name: str) -> None:
    """A GET of a key ignores other sub-resources of buckets."""
    assert wire.send_signed("GET", f"/{BUCKET}/key?{name}").body == b"content"
    assert wire.send_signed("GET", f"/{BUCKET}/none?{name}").status == 404


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/key"),
        ("HEAD", "/key"),
        ("DELETE", "/key"),
        ("GET", ""),
        ("PUT", "/key?acl"),
        ("POST", "/key?uploads"),
    ],
)
def test_a_copy_source_elsewhere(wire: RawClient, method: str, target: str) -> None:
    """The header with a source is for copies only."""
    headers = {"x-amz-copy-source": f"{BUCKET}/key"}
    answer = wire.send_signed(method, f"/{BUCKET}{target}", headers=headers)
    assert answer.status == 400
    assert method == "HEAD" or b"only specify a copy source header for copy" in answer.body
    assert wire.send_signed("GET", f"/{BUCKET}/key").body == b"content"


def test_version_ids_that_are_none(alice: Any, wire: RawClient) -> None:
    """A text that is no version id is refused; an unknown version is not found."""
    which = {"Bucket": BUCKET, "Key": "key"}
    for version_id in ("bogus", "0" * 33, "NULL"):
        refusal = (400, "InvalidArgument")
        assert error_of(alice.get_object, **which, VersionId=version_id) == refusal
        assert error_of(alice.delete_object, **which, VersionId=version_id) == refusal
        assert error_of(alice.get_object_acl, **which, VersionId=version_id) == refusal
        assert error_of(alice.get_object_tagging, **which, VersionId=version_id) == refusal
        source = {**which, "VersionId": version_id}
        copy = {"Bucket": BUCKET, "Key": "copy", "CopySource": source}
        assert error_of(alice.copy_object, **copy) == refusal
        marker = {"KeyMarker": "key", "VersionIdMarker": version_id}
        assert error_of(alice.list_object_versions, Bucket=BUCKET, **marker) == refusal
        assert wire.send_signed("HEAD", f"/{BUCKET}/key?versionId={version_id}").status == 400
    unknown = "0" * 32
    assert error_of(alice.get_object, **which, VersionId=unknown) == (404, "NoSuchVersion")
    assert alice.get_object(**which, VersionId="null")["Body"].read() == b"content"
    assert alice.list_object_versions(Bucket=BUCKET, KeyMarker="key", VersionIdMarker=unknown)
