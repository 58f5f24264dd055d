"""The S3 drivers: what they sign and send, and the replies to what they receive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from fixtures.clients.s3 import S3_DRIVERS, S3Driver, S3Endpoint, post_forms, signing
from fixtures.clients.s3.chunked_body import ChunkedBody
from fixtures.clients.s3.raw_driver import content_md5
from fixtures.clients.transport import signature_v4
from fixtures.model import HarnessError, ReplyKind, S3Reply, S3Request, Timeouts
from tests.support.recording_server import RecordingServer, http_response

NAMES = ("boto", "boto3", "raw")
SECRET = "a/secret+key"
PREFIX = "/awsapi/rest/AmazonS3"
ERROR = "<Error><Code>NoSuchKey</Code><Message>Not there.</Message><Key>a</Key></Error>"
LIST = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
    "<EncodingType>url</EncodingType><Contents><Key>a%20b+c</Key><Size>3</Size>"
    "<LastModified>2012-05-05T10:00:00.000Z</LastModified></Contents></ListBucketResult>"
)


@pytest.fixture
def driver(server: RecordingServer) -> Iterator[Callable[..., S3Driver]]:
    """Creates drivers that send to it, and closes them."""
    drivers: list[S3Driver] = []

    def make(name: str, access_key: str = "AK", signing: str = "v2") -> S3Driver:
        url = f"http://127.0.0.1:{server.port}{PREFIX}"
        secret = SECRET if access_key else ""
        drivers.append(S3_DRIVERS[name](S3Endpoint(url, access_key, secret, signing=signing)))
        return drivers[-1]

    yield make
    for created in drivers:
        created.close()


def call(driver: S3Driver, operation: str, /, **arguments: object) -> S3Reply:
    """The reply to an operation."""
    return driver.call(S3Request(operation, arguments), Timeouts(5, 5))


@pytest.mark.parametrize("name", NAMES)
def test_version_2_signatures_are_right(
    name: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """Each client signs with version 2, over the path that it really signs: boto, as the
    documentation uses it, the whole path, boto3 the path without the endpoint's."""
    server.answers = [http_response("", extra='ETag: "5d41402abc4b2a76b9719d911017c592"\r\n')]
    call(driver(name), "PutObject", Bucket="b", Key="k", Body="hello", Metadata={"a": "b"})
    (received,) = server.requests
    assert received.line == f"PUT {PREFIX}/b/k HTTP/1.1"
    assert received.body == "hello"
    resource = "/b/k" if name == "boto3" else f"{PREFIX}/b/k"
    text = signing.string_to_sign("PUT", received.headers, received.headers["date"], resource)
    assert received.headers["authorization"] == f"AWS AK:{signing.signature(SECRET, text)}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("signed_path", ["full", "bucket"])
@pytest.mark.parametrize("signing_name", ["v2", "v2-query"])
def test_every_client_signs_the_only_path_that_is_accepted(
    name: str, signed_path: str, signing_name: str, server: RecordingServer
) -> None:
    """Whichever path the endpoint signs: in a header, and in a presigned URL."""
    url = f"http://127.0.0.1:{server.port}{PREFIX}"
    endpoint = S3Endpoint(url, "AK", SECRET, signed_path=signed_path)
    server.answers = [http_response("hello")]
    with closing(S3_DRIVERS[name](endpoint)) as client:
        request = S3Request("GetObject", {"Bucket": "b", "Key": "k"}, signing=signing_name)
        client.call(request, Timeouts(5, 5))
    (received,) = server.requests
    assert received.line.split()[1].partition("?")[0] == f"{PREFIX}/b/k"
    date = received.parameters.get("Expires") or received.headers["date"]
    resource = "/b/k" if signed_path == "bucket" else f"{PREFIX}/b/k"
    text = signing.string_to_sign("GET", received.headers, date, resource)
    expected = signing.signature(SECRET, text)
    sent = received.parameters.get("Signature") or received.headers["authorization"]
    assert sent.removeprefix("AWS AK:") == expected


def test_version_2_as_amazon_documents_it() -> None:
    """The signature is that of the example in Amazon's documentation."""
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    date = "Tue, 27 Mar 2007 19:36:42 +0000"
    text = signing.string_to_sign("GET", {}, date, "/johnsmith/photos/puppy.jpg")
    assert signing.signature(secret, text) == "bWq2s1WEIj+Ydj0vQ697zp+IXMU="


def test_version_4_as_amazon_documents_it() -> None:
    """The signature is that of the example in Amazon's documentation."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "Host": "examplebucket.s3.amazonaws.com",
        "Range": "bytes=0-9",
        "x-amz-content-sha256": empty,
        "x-amz-date": "20130524T000000Z",
    }
    request = signature_v4.CanonicalRequest("GET", "/test.txt", (), headers, empty)
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    at = datetime(2013, 5, 24, tzinfo=UTC)
    expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    scope = signature_v4.Scope("AKIAIOSFODNN7EXAMPLE", secret, at, "us-east-1", "s3")
    assert scope.sign(request.text) == expected


def test_chunks_as_amazon_documents_them() -> None:
    """The signed chunks are those of the example in Amazon's documentation, 65 KiB of the letter
    a."""
    secret, at = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", datetime(2013, 5, 24, tzinfo=UTC)
    scope = signature_v4.Scope("AKIAIOSFODNN7EXAMPLE", secret, at, "us-east-1", "s3")
    seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    content = b"a" * 66560
    body = ChunkedBody("signed", content, size=65536).encode(scope, seed, content)
    assert re.findall(rb"([0-9a-f]+);chunk-signature=([0-9a-f]{8})", body) == [
        (b"10000", b"ad80c730"),
        (b"400", b"0055627c"),
        (b"0", b"b6c6ea8a"),
    ]
    assert len(body) == 66824


def test_trailers_as_amazon_documents_them() -> None:
    """The signature of a trailer is that of the example in Amazon's documentation."""
    secret, at = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", datetime(2013, 5, 24, tzinfo=UTC)
    scope = signature_v4.Scope("AKIAIOSFODNN7EXAMPLE", secret, at, "us-east-1", "s3")
    seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    content = b"a" * 66560
    chunks = ChunkedBody("signed-trailer", content, "x-amz-checksum-crc32c:sOO8/Q==", 65536)
    ending = b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
    assert chunks.encode(scope, seed, content).endswith(ending)


def test_sub_resources_are_signed() -> None:
    """Of a query, version 2 signs subresources and what changes the answer, in order."""
    query = (("versionId", "7"), ("prefix", "x"), ("acl", None))
    assert signing.canonical_resource("/b/k", query) == "/b/k?acl&versionId=7"


@pytest.mark.parametrize("name", NAMES)
def test_anonymous_requests_are_unsigned(
    name: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """Without keys a request is sent unsigned."""
    call(driver(name, access_key=""), "HeadBucket", Bucket="b")
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("name", NAMES)
def test_presigned_urls_are_requested(
    name: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """A presigned URL is requested without an Authorization header."""
    request = S3Request("GetObject", {"Bucket": "b", "Key": "k"}, signing="v2-query")
    driver(name).call(request, Timeouts(5, 5))
    (received,) = server.requests
    assert {"AWSAccessKeyId", "Expires", "Signature"} <= received.parameters.keys()
    assert "authorization" not in received.headers


@pytest.mark.parametrize(
    ("tampering", "line", "headers"),
    [
        ({"path": "/b/../x"}, "GET {}/b/../x?prefix=a HTTP/1.1", {}),
        ({"query": "prefix=z"}, "GET {}/b?prefix=z HTTP/1.1", {}),
        ({"late_query": "acl"}, "GET {}/b?prefix=a&acl HTTP/1.1", {}),
        ({"method": "PATCH"}, "PATCH {}/b?prefix=a HTTP/1.1", {}),
        ({"headers": "Range: x"}, "GET {}/b?prefix=a HTTP/1.1", {"range": "x"}),
        ({"late_headers": "Date: now"}, "GET {}/b?prefix=a HTTP/1.1", {"date": "now"}),
        ({"authorization": "Basic x"}, "GET {}/b?prefix=a HTTP/1.1", {"authorization": "Basic x"}),
        ({"date": "yesterday"}, "GET {}/b?prefix=a HTTP/1.1", {"date": "yesterday"}),
        (
            {"signature": "none"},
            "GET {}/b?prefix=a HTTP/1.1",
            {"authorization": "AWS AK:none"},
        ),
    ],
)
def test_raw_requests_can_be_tampered_with(
    tampering: dict[str, str],
    line: str,
    headers: dict[str, str],
    server: RecordingServer,
    driver: Callable[..., S3Driver],
) -> None:
    """The raw driver sends what no SDK would."""
    request = S3Request("ListObjects", {"Bucket": "b", "Prefix": "a"}, tampering=tampering)
    driver("raw").call(request, Timeouts(5, 5))
    (received,) = server.requests
    assert received.line == line.format(PREFIX)
    assert headers.items() <= received.headers.items()


def test_the_host_may_name_the_bucket(
    server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """In virtual-host style the bucket is in the Host header and no longer in the path."""
    request = S3Request("GetObject", {"Bucket": "b", "Key": "k"}, tampering={"host": "bucket"})
    driver("raw").call(request, Timeouts(5, 5))
    (received,) = server.requests
    assert received.line == f"GET {PREFIX}/k HTTP/1.1"
    assert received.headers["host"].startswith("b.127.0.0.1:")


def test_unknown_tampering_is_an_error() -> None:
    """Unknown tampering in a suite is an error, and not ignored."""
    with pytest.raises(HarnessError, match="has no tampering nonsense"):
        S3_DRIVERS["raw"].unsupported_reason(S3Request("ListBuckets", tampering={"nonsense": "x"}))


@pytest.mark.parametrize("name", NAMES)
def test_listings_are_read_alike(
    name: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """Keys are decoded, and times are texts of the answer, whichever client sent the request."""
    server.answers = [http_response(LIST)]
    reply = call(driver(name), "ListObjects", Bucket="b")
    if name == "boto":  # which has requested no encoding, and gets one
        assert reply.kind is ReplyKind.GARBLED
        return
    assert reply.body["Contents"] == [
        {"Key": "a b c", "Size": 3, "LastModified": "2012-05-05T10:00:00.000Z"}
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", ["404 Not Found", "200 OK"])
def test_errors_are_read_alike(
    name: str, status: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """An error document is a refusal, also under 200, as copies may end."""
    server.answers = [http_response(ERROR, status)]
    reply = call(driver(name), "CopyObject", Bucket="b", Key="k", CopySource="b/a")
    assert reply.kind is ReplyKind.FAULT, reply.message
    assert (reply.code, reply.message) == ("NoSuchKey", "Not there.")


@pytest.mark.parametrize("name", NAMES)
def test_a_refused_head_has_a_status_only(
    name: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """A refusal to HEAD has no document, and so no code."""
    server.answers = [http_response("", "404 Not Found")]
    reply = call(driver(name), "HeadObject", Bucket="b", Key="k")
    assert (reply.kind, reply.code, reply.http_status) == (ReplyKind.FAULT, "", 404)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body", ["<html>", "no XML", "<!DOCTYPE a [<!ENTITY b 'c'>]><Error><Code>X</Code></Error>"]
)
def test_what_is_no_s3_error_is_garbled(
    name: str, body: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """A refusal without S3's error document is garbled."""
    server.answers = [http_response(body, "403 Forbidden")]
    assert call(driver(name), "ListObjects", Bucket="b").kind is ReplyKind.GARBLED


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_without_its_document(
    name: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """An empty body is no answer to a request whose answer is a document, even an empty list."""
    server.answers = [http_response("")]
    reply = call(driver(name), "ListObjects", Bucket="b")
    assert reply.kind is ReplyKind.GARBLED
    assert reply.message == "HTTP 200 without a document, which an answer to ListObjects has"


@pytest.mark.parametrize("junk", ["stored", "<html>", "<a><b>c</b></a>", "\0"])
@pytest.mark.parametrize("name", NAMES)
def test_junk_in_a_body_without_fields(
    name: str, junk: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """PutObject's answer is in its headers; only boto3 takes a body that is no XML for an error."""
    tag = '"900150983cd24fb0d6963f7d28e17f72"'
    server.answers = [http_response(junk, "200 OK", f"ETag: {tag}\r\n")]
    reply = call(driver(name), "PutObject", Bucket="b", Key="k", Body=b"abc")
    if name == "boto3" and junk != "<a><b>c</b></a>":
        assert reply.kind is ReplyKind.GARBLED
        assert reply.message == "boto3 takes HTTP 200 for an error (500)"
    else:
        assert (reply.kind, reply.body.get("ETag")) == (ReplyKind.ANSWERED, tag), reply.message


@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_cannot_be_read(
    name: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """The value stays a text; the SDKs, which cannot read it, and the field are named."""
    server.answers = [http_response(LIST.replace("<Size>3</Size>", "<Size></Size>"))]
    reply = call(driver(name), "ListObjects", Bucket="b")
    (entry,) = reply.body["Contents"]
    assert (reply.kind, entry["Key"], entry["Size"]) == (ReplyKind.ANSWERED, "a b c", "")
    text = f"{name} cannot read the answer: Contents/Size is '', not an integer"
    assert reply.defects == (() if name == "raw" else (text,))


@pytest.mark.parametrize("name", NAMES)
def test_a_time_that_cannot_be_read(
    name: str, server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """Only boto3 parses times."""
    document = re.sub("(<LastModified>)[^<]*", r"\1yesterday", LIST)
    document = document.replace("<EncodingType>url</EncodingType>", "")
    server.answers = [http_response(document)]
    reply = call(driver(name), "ListObjects", Bucket="b")
    assert reply.kind is ReplyKind.ANSWERED
    text = "boto3 cannot read the answer: Contents/LastModified is 'yesterday', not a time"
    assert reply.defects == ((text,) if name == "boto3" else ())


def test_an_etag_of_other_data_is_the_target_s(
    server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """boto compares the ETag, and raises an exception of its own: a garbled reply."""
    server.answers = [http_response("", "200 OK", 'ETag: "d41d8cd98f00b204e9800998ecf8427e"\r\n')]
    reply = call(driver("boto"), "PutObject", Bucket="b", Key="k", Body=b"abc")
    assert reply.kind is ReplyKind.GARBLED
    assert "S3DataError" in reply.message


def test_forms_are_signed() -> None:
    """A form has a policy with exactly its fields as conditions, and the policy's signature."""
    fields = post_forms.fields({"Bucket": "b", "Fields": {"key": "k"}}, "AK", SECRET, None)
    assert fields["signature"] == signing.signature(SECRET, fields["policy"])
    without = post_forms.fields(
        {"Bucket": "b", "Fields": {"key": "k", "policy": None}}, "AK", "s", None
    )
    assert "policy" not in without
    assert post_forms.fields({"Bucket": "b", "Conditions": None}, "AK", "s", None) == {}


def test_no_secret_is_written_down(
    server: RecordingServer, driver: Callable[..., S3Driver]
) -> None:
    """Neither keys nor signatures, of forms and presigned URLs too, are in a transcript."""
    presigned = S3Request("GetObject", {"Bucket": "b", "Key": "k"}, signing="v4-query")
    form = S3Request("PostObject", {"Bucket": "b", "Fields": {"key": "k"}, "File": "x"})
    for request in (presigned, form, S3Request("ListBuckets")):
        (exchange,) = driver("raw").call(request, Timeouts(5, 5)).exchange
        text = f"{exchange.url} {exchange.request}"
        signature = server.requests[-1].headers.get("authorization", "").rpartition(":")[2]
        assert SECRET not in text
        assert not signature or signature not in text
        assert "X-Amz-Signature" not in text or "X-Amz-Signature=***" in text
        assert 'name="signature"' not in text or 'name="signature"\r\n\r\n***' in text


def test_md5_is_in_base64() -> None:
    """Content-MD5 is in base64, as RFC 1864 requires."""
    assert content_md5(b"") == "1B2M2Y8AsgTpgAmY7PhCfg=="
