"""Objects over HTTP: stored, read, copied, with conditions, and refused."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.s3_clients import RawClient, UserClients, error_of

pytestmark = pytest.mark.usefixtures("shared_bucket")

BUCKET = "things"
POEM = b"a\0b"


def test_round_trip(alice: Any) -> None:
    """GET and HEAD return an object with its type, its other headers and its metadata."""
    properties = {
        "ContentType": "text/x-poem",
        "CacheControl": "no-cache",
        "ContentDisposition": "attachment",
        "ContentEncoding": "identity",
        "ContentLanguage": "tlh",
        "Metadata": {"colour": "green", "size": ""},
    }
    stored = alice.put_object(Bucket=BUCKET, Key="poem", Body=POEM, **properties)
    assert stored["ETag"] == f'"{hashlib.md5(POEM).hexdigest()}"'
    got = alice.get_object(Bucket=BUCKET, Key="poem")
    assert got["Body"].read() == POEM
    for stored_object in (got, alice.head_object(Bucket=BUCKET, Key="poem")):
        assert {name: stored_object[name] for name in properties} == properties
        assert (stored_object["ContentLength"], stored_object["ETag"]) == (3, stored["ETag"])
        assert abs(stored_object["LastModified"] - datetime.now(UTC)) < timedelta(seconds=60)
    alice.put_object(Bucket=BUCKET, Key="poem", Body=b"")
    stored_object = alice.get_object(Bucket=BUCKET, Key="poem")
    assert (stored_object["Body"].read(), stored_object["Metadata"]) == (b"", {})
    assert stored_object["ContentType"] == "binary/octet-stream"


@pytest.mark.parametrize("size", [16 * 1024, 16 * 1024 + 1, 3 * 2**20 + 7])
def test_sizes(alice: Any, size: int) -> None:
    """Small and large objects behave alike, whole and in part."""
    body = hashlib.shake_128(b"seed").digest(size)
    alice.put_object(Bucket=BUCKET, Key="sized", Body=body)
    assert alice.get_object(Bucket=BUCKET, Key="sized")["Body"].read() == body
    part = alice.get_object(Bucket=BUCKET, Key="sized", Range=f"bytes=10-{size - 3}")
    assert part["Body"].read() == body[10 : size - 2]
    alice.copy_object(Bucket=BUCKET, Key="copied", CopySource=f"{BUCKET}/sized")
    assert alice.get_object(Bucket=BUCKET, Key="copied")["Body"].read() == body


@pytest.mark.parametrize(
    ("range_header", "got"),
    [
        ("bytes=0-0", b"0"),
        ("bytes=4-7", b"4567"),
        ("bytes=7-", b"789"),
        ("bytes=-2", b"89"),
        ("bytes=-20", b"0123456789"),
        ("bytes=8-99", b"89"),
    ],
)
def test_ranges(alice: Any, range_header: str, got: bytes) -> None:
    """A range is answered with exactly its bytes, and Content-Range."""
    alice.put_object(Bucket=BUCKET, Key="digits", Body=b"0123456789")
    stored_object = alice.get_object(Bucket=BUCKET, Key="digits", Range=range_header)
    assert stored_object["Body"].read() == got
    first = b"0123456789".index(got)
    assert stored_object["ContentRange"] == f"bytes {first}-{first + len(got) - 1}/10"
    assert stored_object["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_invalid_ranges(alice: Any) -> None:
    """A range after the end is refused; several ranges and malformed ones return the whole
    object."""
    alice.put_object(Bucket=BUCKET, Key="digits", Body=b"0123456789")
    alice.put_object(Bucket=BUCKET, Key="empty", Body=b"")
    for key, range_header in (
        ("digits", "bytes=10-"),
        ("digits", "bytes=-0"),
        ("empty", "bytes=0-1"),
    ):
        code = error_of(alice.get_object, Bucket=BUCKET, Key=key, Range=range_header)
        assert code == (416, "InvalidRange")
    for range_header in ("bytes=7-4", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"):
        stored_object = alice.head_object(Bucket=BUCKET, Key="digits", Range=range_header)
        assert (stored_object["ContentLength"], "ContentRange" in stored_object) == (10, False)


def test_conditional_reads(alice: Any) -> None:
    """A reader gets an object only if its conditions hold."""
    tag = alice.put_object(Bucket=BUCKET, Key="known", Body=b"x")["ETag"]
    past, future = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))
    which = {"Bucket": BUCKET, "Key": "known"}
    for held in (
        {"IfMatch": tag},
        {"IfMatch": "*"},
        {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": past},
        {"IfUnmodifiedSince": future},
        {"IfMatch": tag, "IfUnmodifiedSince": past},
        {"IfNoneMatch": '"other"', "IfModifiedSince": future},
    ):
        assert alice.get_object(**which, **held)["Body"].read() == b"x"
    for failed in ({"IfMatch": '"other"'}, {"IfUnmodifiedSince": past}):
        assert error_of(alice.get_object, **which, **failed) == (412, "PreconditionFailed")
    for known in (
        {"IfNoneMatch": tag},
        {"IfModifiedSince": future},
        {"IfNoneMatch": tag, "IfModifiedSince": past},
    ):
        assert error_of(alice.get_object, **which, **known)[0] == 304


def test_conditional_writes(alice: Any) -> None:
    """A writer can demand that the key does not exist, or has not changed."""
    which = {"Bucket": BUCKET, "Key": "once"}
    assert error_of(alice.put_object, **which, IfMatch='"x"') == (404, "NoSuchKey")
    tag = alice.put_object(**which, Body=b"1", IfNoneMatch="*")["ETag"]
    for failed in ({"IfNoneMatch": "*"}, {"IfMatch": '"x"'}, {"IfNoneMatch": tag}):
        code = error_of(alice.put_object, **which, Body=b"2", **failed)
        assert code == (412, "PreconditionFailed")
    assert alice.get_object(**which)["Body"].read() == b"1"
    alice.put_object(**which, Body=b"3", IfMatch=tag)
    assert alice.get_object(**which)["Body"].read() == b"3"
    code = error_of(alice.delete_object, **which, IfMatch='"x"')
    assert code == (412, "PreconditionFailed")
    alice.delete_object(**which, IfMatch="*")
    assert error_of(alice.get_object, **which) == (404, "NoSuchKey")


def test_body_digests(wire: RawClient, alice: Any) -> None:
    """A body without the announced digest is refused, and the old object stays."""
    path, body = f"/{BUCKET}/checked", b"right"
    alice.put_object(Bucket=BUCKET, Key="checked", Body=b"before")
    wrong = base64.b64encode(hashlib.md5(b"wrong").digest()).decode()
    crc = base64.b64encode(bytes(4)).decode()
    for headers, code in (
        ({"Content-MD5": wrong}, b"BadDigest"),
        ({"Content-MD5": "nonsense"}, b"InvalidDigest"),
        ({"Content-MD5": ""}, b"InvalidDigest"),
        ({"x-amz-checksum-crc32": crc}, b"BadDigest"),
        ({"x-amz-checksum-crc32c": crc}, b"BadDigest"),
        ({"x-amz-checksum-sha256": crc}, b"InvalidRequest"),
        ({"x-amz-checksum-crc32": crc, "x-amz-checksum-sha1": crc}, b"InvalidRequest"),
    ):
        answer = wire.send_signed("PUT", path, body, headers)
        assert (answer.status, b"<Code>%s</Code>" % code in answer.body) == (400, True), headers
    signed = wire.sign("PUT", path, body)
    answer = wire.send("PUT", wire.url.path + path, b"wrong", signed)
    assert (answer.status, b"XAmzContentSHA256Mismatch" in answer.body) == (400, True)
    assert alice.get_object(Bucket=BUCKET, Key="checked")["Body"].read() == b"before"
    right = base64.b64encode(hashlib.md5(body).digest()).decode()
    assert wire.send_signed("PUT", path, body, {"Content-MD5": right}).status == 200


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("CRC32", "y/Q5Jg=="),  # the published check values: of the digits 1 to 9
        ("CRC32C", "4waSgw=="),
        ("CRC64NVME", "rosUhgp5mIg="),
        ("SHA1", base64.b64encode(hashlib.sha1(b"123456789").digest()).decode()),
        ("SHA256", base64.b64encode(hashlib.sha256(b"123456789").digest()).decode()),
        ("SHA512", base64.b64encode(hashlib.sha512(b"123456789").digest()).decode()),
        ("MD5", "JfnnlDI7RTiF9RgfG2JNCw=="),
        ("XXHASH64", base64.b64encode(bytes.fromhex("8cb841db40e6ae83")).decode()),
        ("XXHASH3", base64.b64encode(bytes.fromhex("72dcb18b67a17dff")).decode()),
        (
            "XXHASH128",
            base64.b64encode(bytes.fromhex("33119477ede5dcd5e9716427681d5860")).decode(),
        ),
    ],
)
def test_checksums(wire: RawClient, algorithm: str, expected: str) -> None:
    """Each of Amazon's checksums is computed, stored, and returned on request."""
    path = f"/{BUCKET}/summed"
    header = f"x-amz-checksum-{algorithm.lower()}"
    answer = wire.send_signed("PUT", path, b"123456789", {header: expected})
    assert (answer.status, answer.headers[header]) == (200, expected)
    response = wire.send_signed("HEAD", path, headers={"x-amz-checksum-mode": "ENABLED"})
    assert response.headers[header] == expected
    assert header not in wire.send_signed("HEAD", path).headers


def test_trailing_checksums(wire: RawClient) -> None:
    """A checksum may come as a trailer, as current SDKs send it; a wrong one is refused."""
    path = f"/{BUCKET}/trailed"
    for checksum, status in (("y/Q5Jg==", 200), ("AAAAAA==", 400)):
        headers = wire.sign(
            "PUT",
            path,
            headers={
                "content-encoding": "aws-chunked",
                "x-amz-decoded-content-length": "9",
                "x-amz-trailer": "x-amz-checksum-crc32",
            },
            trailing=True,
        )
        body = f"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
        answer = wire.send("PUT", wire.url.path + path, body, headers)
        assert answer.status == status, answer.body
    answer = wire.send_signed("GET", path)
    assert (answer.body, answer.headers.get("content-encoding")) == (b"123456789", None)


def test_copies(alice: Any) -> None:
    """A copy has its source's metadata, or new ones by directive; conditions apply to the
    source."""
    alice.put_object(Bucket=BUCKET, Key="from here", Body=b"copy me", Metadata={"a": "1"})
    source = {"Bucket": BUCKET, "Key": "from here"}
    response = alice.copy_object(Bucket=BUCKET, Key="to", CopySource=source)
    assert response["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(b"copy me").hexdigest()}"'
    stored_object = alice.get_object(Bucket=BUCKET, Key="to")
    assert (stored_object["Body"].read(), stored_object["Metadata"]) == (b"copy me", {"a": "1"})
    new = {"MetadataDirective": "REPLACE", "Metadata": {"b": "2"}, "ContentType": "x/y"}
    alice.copy_object(Bucket=BUCKET, Key="to", CopySource=source, **new)
    stored_object = alice.head_object(Bucket=BUCKET, Key="to")
    assert (stored_object["Metadata"], stored_object["ContentType"]) == ({"b": "2"}, "x/y")
    for condition in (
        {"CopySourceIfMatch": '"x"'},
        {"CopySourceIfNoneMatch": stored_object["ETag"]},
    ):
        code = error_of(alice.copy_object, Bucket=BUCKET, Key="to", CopySource=source, **condition)
        assert code == (412, "PreconditionFailed")


def test_refused_copies(alice: Any, clients: UserClients) -> None:
    """No copy of a missing or unreadable source, or of an object to itself without a change."""
    alice.put_object(Bucket=BUCKET, Key="mine", Body=b"")
    clients("bob").create_bucket(Bucket="bobs")

    def copied(source: str, who: Any = alice, **more: str) -> tuple[int, str]:
        to = {"Bucket": BUCKET if who is alice else "bobs", "Key": "mine"}
        return error_of(who.copy_object, **to, CopySource=source, **more)

    assert copied(f"{BUCKET}/none") == (404, "NoSuchKey")
    assert copied("no-such-bucket/key") == (404, "NoSuchBucket")
    assert copied(f"{BUCKET}/mine") == (400, "InvalidRequest")
    assert copied(f"{BUCKET}/mine", MetadataDirective="MIX") == (400, "InvalidArgument")
    bob = clients("bob")
    assert copied(f"{BUCKET}/mine", bob) == (403, "AccessDenied")


def test_chunked_transfer_coding(wire: RawClient, alice: Any) -> None:
    """HTTP's chunked transfer coding without a length is not implemented."""
    link = alice.generate_presigned_url("put_object", {"Bucket": BUCKET, "Key": "chunked"})
    target = link.partition(wire.url.netloc)[2]
    answer = wire.send("PUT", target, iter((b"one ", b"two")))
    assert (answer.status, b"<Code>NotImplemented</Code>" in answer.body) == (501, True)
    assert b"<Header>Transfer-Encoding</Header>" in answer.body
    assert error_of(alice.get_object, Bucket=BUCKET, Key="chunked") == (404, "NoSuchKey")


def test_chunked_transfer_coding_of_chunks(wire: RawClient) -> None:
    """Around an `aws-chunked` body it is accepted: the length of the content is announced."""
    path = f"/{BUCKET}/streamed"
    announced = {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": "9",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    headers = wire.sign("PUT", path, headers=announced, trailing=True)
    body = b"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n"
    target = wire.url.path + path
    assert wire.send("PUT", target, iter((body[:20], body[20:])), headers).status == 200
    assert wire.send_signed("GET", path).body == b"123456789"
    del announced["x-amz-decoded-content-length"]
    headers = wire.sign("PUT", path, headers=announced, trailing=True)
    answer = wire.send("PUT", target, iter((body,)), headers)
    assert (answer.status, b"MissingContentLength" in answer.body) == (411, True)


def test_refusals(alice: Any, wire: RawClient) -> None:
    """Missing resources and invalid requests are refused with Amazon's codes."""
    assert error_of(alice.get_object, Bucket=BUCKET, Key="none") == (404, "NoSuchKey")
    assert error_of(alice.get_object, Bucket="none-such", Key="k") == (404, "NoSuchBucket")
    assert error_of(alice.put_object, Bucket="none-such", Key="k") == (404, "NoSuchBucket")
    long = {"Bucket": BUCKET, "Key": "k" * 1025}
    assert error_of(alice.put_object, **long) == (400, "KeyTooLongError")
    metadata = {"a": "x" * 2048}
    code = error_of(alice.put_object, Bucket=BUCKET, Key="k", Metadata=metadata)
    assert code == (400, "MetadataTooLarge")
    code = error_of(alice.put_object, Bucket=BUCKET, Key="k", StorageClass="ATTIC")
    assert code == (400, "InvalidStorageClass")
    answer = wire.send_signed("PATCH", f"/{BUCKET}/k")
    assert (answer.status, b"MethodNotAllowed" in answer.body) == (405, True)
    answer = wire.send_signed("GET", f"/{BUCKET}?inventory")
    assert (answer.status, b"NotImplemented" in answer.body) == (501, True)
    headers = wire.sign("PUT", f"/{BUCKET}/k")
    wire.connection.putrequest("PUT", f"{wire.url.path}/{BUCKET}/k", skip_accept_encoding=True)
    for name, value in headers.items():
        wire.connection.putheader(name, value)
    wire.connection.endheaders()
    reply = wire.connection.getresponse()
    assert (reply.status, b"MissingContentLength" in reply.read()) == (411, True)


def test_response_overrides(alice: Any, clients: UserClients) -> None:
    """A presigned URL can override response headers; an anonymous request cannot."""
    alice.put_object(Bucket=BUCKET, Key="page", Body=b"hi", ACL="public-read")
    response = alice.head_object(
        Bucket=BUCKET,
        Key="page",
        ResponseContentType="text/html",
        ResponseContentDisposition='attachment; filename="x"',
    )
    assert response["ContentType"] == "text/html"
    assert response["ContentDisposition"] == 'attachment; filename="x"'
    anonymous = clients("")
    assert anonymous.get_object(Bucket=BUCKET, Key="page")["Body"].read() == b"hi"
    code = error_of(
        anonymous.get_object, Bucket=BUCKET, Key="page", ResponseContentType="text/html"
    )
    assert code == (400, "InvalidRequest")
    for name in ("é.txt", "\xa0\xff"):
        path = f"/{BUCKET}/page?response-content-disposition={quote(name)}"
        wire = RawClient(clients.deployment)
        answer = wire.send_signed("GET", path)
        wire.close()
        assert (answer.status, answer.headers.get("content-disposition")) == (200, name)
    for name in ("\u20ac", "a\x7f"):
        refused = {"ResponseContentDisposition": name}
        code = error_of(alice.get_object, Bucket=BUCKET, Key="page", **refused)
        assert code == (400, "InvalidArgument")
    split = {"ResponseContentType": "text/html\r\nx-evil: 1"}
    assert error_of(alice.get_object, Bucket=BUCKET, Key="page", **split)[0] == 400
