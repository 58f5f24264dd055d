"""Signatures of S3 requests as botocore, boto 2 and Amazon's documentation make them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.clients.sdk import boto_shim
from fixtures.simulator.bridge.s3.request import S3Request
from tests.support.bridge_requests import KEY
from tests.support.s3_requests import (
    AUTHENTICATOR,
    EXAMPLE,
    IN_2013,
    SIGNERS,
    Sign,
    botocore_request,
    by_v2,
    by_v4,
    example_authenticator,
    parse_request,
    parse_sent,
    raised_error,
    signed_request,
)

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("sign", SIGNERS.values(), ids=SIGNERS)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/"),
        ("PUT", "/bucket"),
        ("PUT", "/bucket/"),
        ("GET", "/bucket?prefix=a%2Fb&max-keys=2&delimiter=%2F"),
        ("GET", "/bucket?acl"),
        ("PUT", "/bucket/key?partNumber=2&uploadId=a%2Bb"),
        ("POST", "/bucket?delete"),
        ("GET", "/bucket/key?versionId=v%2F1&response-content-type=text%2Fx%3B%20y"),
        ("GET", "/bucket/fran%C3%A7ais%20%2B%2A~/(x)//y"),
        ("HEAD", "/bucket/%2e%2e/%25"),
    ],
)
def test_signatures_of_botocore(sign: Sign, method: str, path: str) -> None:
    """Signatures of botocore for any resource, in both versions, by header and by presigned URL."""
    headers = {"x-amz-meta-b": " two  words ", "x-amz-acl": "private", "Content-Type": "text/a"}
    signed = AUTHENTICATOR.authenticate(signed_request(sign, method, path, headers))
    assert signed.caller is KEY


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(sign=st.sampled_from(sorted(SIGNERS)), key=names, version=names)
def test_any_key_can_be_signed(sign: str, key: str, version: str) -> None:
    """Keys and parameters may be any text."""
    path = f"/bucket/{quote(key, safe='/~')}?versionId={quote(version, safe='-_.~')}"
    request = signed_request(SIGNERS[sign], path=path)
    assert (request.key, request.query["versionId"]) == (key, version)
    assert AUTHENTICATOR.authenticate(request).caller is KEY


@pytest.mark.parametrize("auth_path", ["/bucket/key", None], ids=["boto3", "the whole path"])
def test_the_prefix_is_signed_or_not(auth_path: str | None) -> None:
    """boto3 and s3cmd sign the resource without the endpoint's path, others with it."""
    assert AUTHENTICATOR.authenticate(signed_request(by_v2, auth_path=auth_path)).caller is KEY


def test_the_equals_sign_of_an_empty_value() -> None:
    """rclone sends `?versioning=` and signs `?versioning`."""
    request = replace(signed_request(by_v2, path="/bucket?versioning"), raw_query="versioning=")
    assert AUTHENTICATOR.authenticate(request).caller is KEY


@pytest.mark.parametrize("sign", [by_v2, by_v4])
def test_virtual_hosts(sign: Sign) -> None:
    """A bucket in the Host header is part of the signed resource."""
    url = "http://bucket.localhost:7080/a%20key?acl"
    request = botocore_request("GET", url, auth_path="/bucket/a%20key")
    sign(request)
    assert AUTHENTICATOR.authenticate(parse_sent(request)).caller is KEY


def boto_connection(version: str) -> Any:
    """A connection of boto 2, as in the documentation's script."""
    boto_shim.prepare()
    module = import_module("boto.s3.connection")
    connection = module.S3Connection(
        aws_access_key_id=KEY.api_key,
        aws_secret_access_key=KEY.secret_key,
        is_secure=False,
        host="localhost",
        port=7080,
        path="/awsapi/rest/AmazonS3",
        calling_format=module.OrdinaryCallingFormat(),
    )
    handler = import_module("boto.auth").get_auth_handler(
        connection.host, import_module("boto").config, connection.provider, [version]
    )
    handler.region_name = "us-east-1"  # which it cannot guess from this host
    connection._auth_handler = handler
    return connection


@pytest.mark.parametrize("version", ["s3", "hmac-v4-s3"])
@pytest.mark.parametrize("path", ["/", "/bucket/", "/bucket/a%20key?uploads", "/b/k?versionId=1"])
def test_signatures_of_boto_2(version: str, path: str) -> None:
    """The client of the documentation's script, with both versions of signatures."""
    connection = boto_connection(version)
    whole = connection.get_path(path)
    request = connection.build_base_http_request(
        "GET", whole, whole, headers={"x-amz-meta-a": "b"}, host="localhost"
    )
    request.authorize(connection)
    headers = {name: str(value) for name, value in request.headers.items()}
    url = f"http://localhost:7080{request.path}"
    assert (
        AUTHENTICATOR.authenticate(
            parse_request("GET", url, {**headers, "Host": "localhost:7080"})
        ).caller
        is KEY
    )


def test_presigned_urls_of_boto_2() -> None:
    """A presigned URL of boto 2 is accepted, with the headers among its parameters."""
    connection = boto_connection("s3")
    url = connection.generate_url(60, "PUT", "bucket", "a key", headers={"x-amz-acl": "private"})
    signed = AUTHENTICATOR.authenticate(parse_request("PUT", url))
    assert signed.caller is KEY
    assert signed.presigned_headers["x-amz-acl"] == "private"


# --- Amazon's examples ----------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentedRequest:
    """A request of Amazon's developer guide, with its printed signature."""

    method: str
    url: str
    headers: dict[str, str]
    signature: str
    names: str = ""

    def request(self) -> S3Request:
        """The request as the bridge reads it."""
        if self.names:
            authorization = (
                f"AWS4-HMAC-SHA256 Credential={EXAMPLE.api_key}/20130524/us-east-1/s3/aws4_request,"
                f"SignedHeaders={self.names},Signature={self.signature}"
            )
        else:
            authorization = f"AWS {EXAMPLE.api_key}:{self.signature}"
        return parse_request(
            self.method, self.url, {**self.headers, "Authorization": authorization}
        )


JOHN = "http://johnsmith.s3.amazonaws.com"
OLD_EXAMPLES = {
    "get": DocumentedRequest(
        "GET",
        f"{JOHN}/photos/puppy.jpg",
        {"Date": "Tue, 27 Mar 2007 19:36:42 +0000"},
        "bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
    ),
    "put": DocumentedRequest(
        "PUT",
        f"{JOHN}/photos/puppy.jpg",
        {"Content-Type": "image/jpeg", "Date": "Tue, 27 Mar 2007 21:15:45 +0000"},
        "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
    ),
    "list": DocumentedRequest(
        "GET",
        f"{JOHN}/?prefix=photos&max-keys=50&marker=puppy",
        {"Date": "Tue, 27 Mar 2007 19:42:41 +0000"},
        "htDYFYduRNen8P9ZfE/s9SuKy0U=",
    ),
    "acl": DocumentedRequest(
        "GET",
        f"{JOHN}/?acl",
        {"Date": "Tue, 27 Mar 2007 19:44:46 +0000"},
        "c2WLPFtWHVgbEmeEG93a4cG37dM=",
    ),
    "buckets": DocumentedRequest(
        "GET",
        "http://s3.amazonaws.com/",
        {"Date": "Wed, 28 Mar 2007 01:29:59 +0000"},
        "qGdzdERIC03wnaRNKh6OqZehG9s=",
    ),
    "unicode": DocumentedRequest(
        "GET",
        "http://s3.amazonaws.com/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re",
        {"Date": "Wed, 28 Mar 2007 01:49:49 +0000"},
        "DNEZGsoieTZ92F3bUfSPQcbGmlM=",
    ),
}
BUCKET = "http://examplebucket.s3.amazonaws.com"
NEW_EXAMPLES = {
    "get": DocumentedRequest(
        "GET",
        f"{BUCKET}/test.txt",
        {
            "Range": "bytes=0-9",
            "x-amz-content-sha256": EMPTY,
            "x-amz-date": "20130524T000000Z",
        },
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        "host;range;x-amz-content-sha256;x-amz-date",
    ),
    "put": DocumentedRequest(
        "PUT",
        f"{BUCKET}/test$file.text",
        {
            "Date": "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-date": "20130524T000000Z",
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
            "x-amz-content-sha256": (
                "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
            ),
        },
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    ),
    "lifecycle": DocumentedRequest(
        "GET",
        f"{BUCKET}/?lifecycle",
        {"x-amz-content-sha256": EMPTY, "x-amz-date": "20130524T000000Z"},
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        "host;x-amz-content-sha256;x-amz-date",
    ),
    "list": DocumentedRequest(
        "GET",
        f"{BUCKET}/?max-keys=2&prefix=J",
        {"x-amz-content-sha256": EMPTY, "x-amz-date": "20130524T000000Z"},
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        "host;x-amz-content-sha256;x-amz-date",
    ),
}


@pytest.mark.parametrize("documented", OLD_EXAMPLES.values(), ids=OLD_EXAMPLES)
def test_documented_examples_of_version_2(documented: DocumentedRequest) -> None:
    """The requests in Amazon's developer guide are accepted as printed."""
    march_2007 = 1175031226.0
    signed = example_authenticator(march_2007).authenticate(
        documented.request(), frozenset(("date",))
    )
    assert signed.caller is EXAMPLE


@pytest.mark.parametrize("documented", NEW_EXAMPLES.values(), ids=NEW_EXAMPLES)
def test_documented_examples_of_version_4(documented: DocumentedRequest) -> None:
    """The requests in Amazon's API reference are accepted as printed."""
    assert example_authenticator(IN_2013).authenticate(documented.request()).caller is EXAMPLE


def test_documented_presigned_urls() -> None:
    """The presigned URLs in the documentation are accepted."""
    old = (
        f"{JOHN}/photos/puppy.jpg?AWSAccessKeyId={EXAMPLE.api_key}"
        "&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620"
    )
    assert (
        example_authenticator(1175139620.0).authenticate(parse_request("GET", old)).caller
        is EXAMPLE
    )
    new = (
        f"{BUCKET}/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={EXAMPLE.api_key}"
        "%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
        "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    assert (
        example_authenticator(IN_2013 + 86400).authenticate(parse_request("GET", new)).caller
        is EXAMPLE
    )
    late = raised_error(
        example_authenticator(IN_2013 + 86401).authenticate, parse_request("GET", new)
    )
    assert late.message == "Request has expired"
