"""Buckets over HTTP: create, list, version and delete."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.s3_clients import RawClient, UserClients, error_of


def create_bucket(client: Any, name: str, *keys: str) -> str:
    """A bucket with empty objects; returns its name."""
    client.create_bucket(Bucket=name)
    for key in keys:
        client.put_object(Bucket=name, Key=key)
    return name


def keys_of(page: Any) -> list[str]:
    """The keys on a page."""
    return [entry["Key"] for entry in page.get("Contents", ())]


def prefixes_of(page: Any) -> list[str]:
    """The common prefixes on a page."""
    return [entry["Prefix"] for entry in page.get("CommonPrefixes", ())]


def test_bucket_lifecycle(clients: UserClients) -> None:
    """A bucket exists from its creation until it is deleted, empty; each user lists only his
    own."""
    alice, bob = clients(), clients("bob")
    create_bucket(alice, "life", "key")
    assert "life" in [entry["Name"] for entry in alice.list_buckets()["Buckets"]]
    assert "life" not in [entry["Name"] for entry in bob.list_buckets()["Buckets"]]
    assert alice.list_buckets()["Owner"]["DisplayName"] == "alice"
    alice.head_bucket(Bucket="life")
    assert alice.get_bucket_location(Bucket="life")["LocationConstraint"] is None
    assert error_of(alice.create_bucket, Bucket="life") == (409, "BucketAlreadyOwnedByYou")
    assert error_of(bob.create_bucket, Bucket="life") == (409, "BucketAlreadyExists")
    assert error_of(bob.delete_bucket, Bucket="life") == (403, "AccessDenied")
    assert error_of(alice.delete_bucket, Bucket="life") == (409, "BucketNotEmpty")
    alice.delete_object(Bucket="life", Key="key")
    alice.delete_bucket(Bucket="life")
    assert error_of(alice.head_bucket, Bucket="life")[0] == 404
    assert error_of(alice.delete_bucket, Bucket="life") == (404, "NoSuchBucket")


@pytest.mark.parametrize(
    "name", ["ab", "Capital", "un_der", "a..b", "a.-b", "a-.b", "-ab", "ab-", "10.0.0.1", "x" * 64]
)
def test_invalid_names(clients: UserClients, name: str) -> None:
    """A bucket's name must be valid as a host name."""
    wire = RawClient(clients.deployment)
    answer = wire.send_signed("PUT", f"/{name}")
    assert (answer.status, b"InvalidBucketName" in answer.body) == (400, True)
    wire.close()


def test_location(clients: UserClients) -> None:
    """A bucket keeps its location constraint; an invalid document is refused."""
    wire = RawClient(clients.deployment)
    body = (
        b"<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint>"
        b"</CreateBucketConfiguration>"
    )
    assert wire.send_signed("PUT", "/abroad", body).status == 200
    assert b">EU</LocationConstraint>" in wire.send_signed("GET", "/abroad?location").body
    for region, status in (("mars-north-1", 400), ("us-east-1", 400), ("cloudstack", 200)):
        answer = wire.send_signed("PUT", "/placed", body.replace(b"EU", region.encode()))
        assert (answer.status, b"InvalidLocationConstraint" in answer.body) == (
            status,
            status == 400,
        )
    for bad in (b"<CreateBucket", b"<Other/>", b'<!DOCTYPE x [<!ENTITY a "b">]>' + body):
        answer = wire.send_signed("PUT", "/abroad-2", bad)
        assert (answer.status, b"MalformedXML" in answer.body) == (400, True)
    assert wire.send_signed("HEAD", "/abroad-2").status == 404
    wire.close()


def test_pages_of_list_objects_v1(alice: Any) -> None:
    """Keys are listed in the order of their bytes, grouped at the delimiter, page by page."""
    name = create_bucket(alice, "first", "a", "b/1", "b/2", "c d/e", "é", "z+")
    page = alice.list_objects(Bucket=name)
    assert keys_of(page) == ["a", "b/1", "b/2", "c d/e", "z+", "é"]
    assert (page["IsTruncated"], page["MaxKeys"], page["Marker"]) == (False, 1000, "")
    assert page["Contents"][0]["Owner"]["DisplayName"] == "alice"
    assert page["Contents"][0]["StorageClass"] == "STANDARD"
    page = alice.list_objects(Bucket=name, Delimiter="/", MaxKeys=2)
    assert (keys_of(page), prefixes_of(page)) == (["a"], ["b/"])
    assert (page["IsTruncated"], page["NextMarker"]) == (True, "b/")
    page = alice.list_objects(Bucket=name, MaxKeys=2)
    assert (keys_of(page), page["IsTruncated"], "NextMarker" in page) == (["a", "b/1"], True, False)
    page = alice.list_objects(Bucket=name, Delimiter="/", Marker="b/")
    assert (keys_of(page), prefixes_of(page)) == (["z+", "é"], ["c d/"])
    assert keys_of(alice.list_objects(Bucket=name, Prefix="b/", Marker="b/1")) == ["b/2"]
    assert keys_of(alice.list_objects(Bucket=name, MaxKeys=0)) == []
    assert error_of(alice.list_objects, Bucket="none-such") == (404, "NoSuchBucket")


def test_pages_of_list_objects_v2(alice: Any) -> None:
    """A page is continued by an opaque token, or begins after a key."""
    name = create_bucket(alice, "second", *"abcdefg")
    page = alice.list_objects_v2(Bucket=name, MaxKeys=3, StartAfter="a")
    assert (keys_of(page), page["KeyCount"]) == (["b", "c", "d"], 3)
    assert "Owner" not in page["Contents"][0]
    token = page["NextContinuationToken"]
    page = alice.list_objects_v2(Bucket=name, ContinuationToken=token, FetchOwner=True)
    assert (keys_of(page), page["IsTruncated"]) == (["e", "f", "g"], False)
    assert page["Contents"][0]["Owner"]["DisplayName"] == "alice"
    wrong = error_of(alice.list_objects_v2, Bucket=name, ContinuationToken="what?")
    assert wrong == (400, "InvalidArgument")


def test_invalid_listings(clients: UserClients) -> None:
    """Invalid numbers, encodings and types are refused; keys that XML cannot contain are
    encoded."""
    alice = clients()
    name = create_bucket(alice, "odd", "a\x01b")
    wire = RawClient(clients.deployment)
    for query in ("max-keys=many", "max-keys=-1", "encoding-type=rot13", "list-type=3"):
        answer = wire.send_signed("GET", f"/{name}?{query}")
        assert (answer.status, b"InvalidArgument" in answer.body) == (400, True), query
    assert b"<Key>a%01b</Key>" in wire.send_signed("GET", f"/{name}?encoding-type=url").body
    wire.close()
    assert keys_of(alice.list_objects(Bucket=name)) == ["a\x01b"]


def test_versions(alice: Any) -> None:
    """A versioned bucket keeps overwritten and deleted versions until a version is deleted by
    id."""
    name = create_bucket(alice, "kept")
    alice.put_object(Bucket=name, Key="k", Body=b"null")
    alice.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    assert alice.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    first = alice.put_object(Bucket=name, Key="k", Body=b"1")["VersionId"]
    second = alice.put_object(Bucket=name, Key="k", Body=b"2")["VersionId"]

    def read(**which: str) -> bytes:
        body: bytes = alice.get_object(Bucket=name, Key="k", **which)["Body"].read()
        return body

    assert [read(VersionId=v) for v in ("null", first, second)] == [b"null", b"1", b"2"]
    gone = alice.delete_object(Bucket=name, Key="k")
    assert gone["DeleteMarker"] is True
    assert error_of(alice.get_object, Bucket=name, Key="k") == (404, "NoSuchKey")
    marker = {"Bucket": name, "Key": "k", "VersionId": gone["VersionId"]}
    assert error_of(alice.get_object, **marker) == (405, "MethodNotAllowed")
    assert keys_of(alice.list_objects(Bucket=name)) == []
    response = alice.list_object_versions(Bucket=name)
    assert [entry["VersionId"] for entry in response["Versions"]] == [second, first, "null"]
    assert [entry["IsLatest"] for entry in response["Versions"] + response["DeleteMarkers"]] == [
        False,
        False,
        False,
        True,
    ]
    alice.delete_object(**marker)
    assert read() == b"2"
    alice.delete_object(Bucket=name, Key="k", VersionId=second)
    assert read() == b"1"
    unknown = {"Bucket": name, "Key": "k", "VersionId": second}
    assert error_of(alice.get_object, **unknown) == (404, "NoSuchVersion")
    assert error_of(alice.delete_bucket, Bucket=name) == (409, "BucketNotEmpty")


def test_suspended_versions(alice: Any) -> None:
    """With suspended versioning, only the null version is replaced or hidden."""
    name = create_bucket(alice, "paused")
    configure = {"Bucket": name}
    alice.put_bucket_versioning(**configure, VersioningConfiguration={"Status": "Enabled"})
    old = alice.put_object(Bucket=name, Key="k", Body=b"old")["VersionId"]
    alice.put_bucket_versioning(**configure, VersioningConfiguration={"Status": "Suspended"})
    for body in (b"1", b"2"):
        alice.put_object(Bucket=name, Key="k", Body=body)
    response = alice.list_object_versions(Bucket=name)["Versions"]
    assert [(entry["VersionId"], entry["IsLatest"]) for entry in response] == [
        ("null", True),
        (old, False),
    ]
    alice.delete_object(Bucket=name, Key="k")
    response = alice.list_object_versions(Bucket=name)
    assert [entry["VersionId"] for entry in response["Versions"]] == [old]
    assert [entry["VersionId"] for entry in response["DeleteMarkers"]] == ["null"]


def test_pages_of_versions(alice: Any) -> None:
    """A client that deletes what a page lists, and asks for the next, reaches the end."""
    name = create_bucket(alice, "many")
    alice.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "b"):
        for _ in range(4):
            alice.put_object(Bucket=name, Key=key)
    pages = alice.get_paginator("list_object_versions").paginate(
        Bucket=name, PaginationConfig={"PageSize": 3}
    )
    seen = ""
    for page in pages:
        seen += "".join(entry["Key"] for entry in page["Versions"])
        targets = [
            {"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in page["Versions"]
        ]
        alice.delete_objects(Bucket=name, Delete={"Objects": targets})
    assert seen == "aaaabbbb"
    alice.delete_bucket(Bucket=name)


def test_delete_objects(clients: UserClients) -> None:
    """One request deletes many keys, existing or not; in quiet mode only errors are listed."""
    alice = clients()
    name = create_bucket(alice, "mass", *"abc")
    objects = [{"Key": key} for key in "abx"]
    response = alice.delete_objects(Bucket=name, Delete={"Objects": objects})
    assert [entry["Key"] for entry in response["Deleted"]] == list("abx")
    response = alice.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "c"}], "Quiet": True})
    assert ("Deleted" in response, "Errors" in response) == (False, False)
    assert keys_of(alice.list_objects(Bucket=name)) == []
    many = {"Objects": [{"Key": str(number)} for number in range(1001)]}
    assert error_of(alice.delete_objects, Bucket=name, Delete=many) == (400, "MalformedXML")
    alice.put_object(Bucket=name, Key="c")
    response = clients("bob").delete_objects(Bucket=name, Delete={"Objects": [{"Key": "c"}]})
    assert response["Errors"][0]["Code"] == "AccessDenied"
    assert keys_of(alice.list_objects(Bucket=name)) == ["c"]


def test_virtual_hosts(clients: UserClients) -> None:
    """A bucket can be named by the Host header, and the prefix may be missing."""
    alice = clients()
    create_bucket(alice, "hosted")
    alice.put_object(Bucket="hosted", Key="a/b", Body=b"found", ACL="public-read")
    wire = RawClient(clients.deployment)
    for host, path in (
        ("hosted.localhost:80", "/awsapi/rest/AmazonS3/a/b"),
        ("hosted.s3.amazonaws.com", "/a/b"),
        ("localhost", "/hosted/a/b"),
    ):
        answer = wire.send("GET", path, headers={"Host": host})
        assert (answer.status, answer.body) == (200, b"found"), host
    wire.close()
