"""Texts in requests: whatever bytes a client sends, the reply is well formed, and no defect."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management import envelope
from tests.support.management_client import Cloud, send_request
from tests.support.s3_clients import RawClient

HEADERS = (
    *("content-md5", "x-amz-checksum-crc32", "x-amz-checksum-sha256", "x-amz-checksum-type"),
    *("x-amz-sdk-checksum-algorithm", "x-amz-trailer", "x-amz-tagging", "x-amz-storage-class"),
    *("x-amz-acl", "x-amz-grant-read", "x-amz-copy-source", "x-amz-copy-source-range"),
    *("x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm"),
    *("x-amz-server-side-encryption-customer-key", "x-amz-object-lock-mode", "origin", "date"),
    *("x-amz-object-lock-retain-until-date", "x-amz-meta-a", "x-amz-date", "range", "expires"),
    *("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "content-type"),
    *("x-amz-website-redirect-location", "x-amz-metadata-directive", "x-amz-content-sha256"),
    *("authorization", "content-encoding", "x-amz-decoded-content-length", "x-amz-mfa"),
)
VALUES = st.one_of(
    st.binary(max_size=40).filter(lambda value: not set(value) & {*range(32), 127}),
    st.sampled_from([b"\xe9", "\u20ac".encode(), b"9" * 5000, b"=?UTF-8?B?4oKs?=", b"AES256"]),
    st.text(alphabet="AZ09+/=-%;:,", max_size=30).map(str.encode),
)


@pytest.fixture(scope="module")
def text_deployment() -> Iterator[Deployment]:
    """A deployment with a bucket that anonymous requests may write to."""
    with Deployment() as deployment:
        client = RawClient(deployment)
        client.send_signed("PUT", "/open", headers={"x-amz-acl": "public-read-write"})
        client.send_signed("PUT", "/open/key", b"x", headers={"x-amz-acl": "public-read"})
        client.close()
        yield deployment


@pytest.fixture(scope="module")
def connection(text_deployment: Deployment) -> Iterator[RawClient]:
    """An anonymous client, which need not sign what it sends."""
    client = RawClient(text_deployment)
    yield client
    client.close()


def put(client: RawClient, headers: dict[bytes, bytes], method: str = "PUT") -> tuple[int, bytes]:
    """Status and body of a request with headers of any bytes, which may have to connect anew."""
    connection = client.connection
    try:
        connection.putrequest(method, f"{client.url.path}/open/key", skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("content-length", "1" if method == "PUT" else "0")
        connection.endheaders(b"x" if method == "PUT" else b"")
        reply = connection.getresponse()
        return reply.status, reply.read()
    except http.client.HTTPException:
        connection.close()
        raise


@pytest.mark.parametrize("name", ["content-md5", "x-amz-checksum-crc32", "x-amz-checksum-sha256"])
def test_digests_that_are_not_ascii(connection: RawClient, name: str) -> None:
    """A digest that is no base 64 is refused with S3's code, whatever bytes it consists of."""
    status, body = put(connection, {name.encode(): b"\xe9\xff"})
    code = b"InvalidDigest" if name == "content-md5" else b"InvalidRequest"
    assert (status, code in body) == (400, True), body


def test_customer_keys_that_are_not_ascii(connection: RawClient) -> None:
    """A customer's key that is no base 64 is refused with S3's code."""
    prefix = b"x-amz-server-side-encryption-customer-"
    headers = {prefix + b"algorithm": b"AES256", prefix + b"key": b"\xe9", prefix + b"key-md5": b""}
    status, body = put(connection, headers)
    assert (status, b"InvalidArgument" in body) == (400, True), body


def test_continuation_tokens_that_are_not_ascii(connection: RawClient) -> None:
    """A continuation token that is none is refused with S3's code."""
    reply = connection.send_signed("GET", "/open?list-type=2&continuation-token=%C3%A9")
    assert (reply.status, b"InvalidArgument" in reply.body) == (400, True), reply.body


@settings(max_examples=300, deadline=None)
@given(
    headers=st.dictionaries(st.sampled_from(HEADERS), VALUES, min_size=1, max_size=3),
    method=st.sampled_from(["PUT", "GET", "HEAD", "OPTIONS"]),
)
def test_headers_of_any_bytes(
    connection: RawClient, headers: dict[str, bytes], method: str
) -> None:
    """No bytes in any header make S3 fail, and its documents are well formed."""
    status, body = put(connection, {k.encode(): v for k, v in headers.items()}, method)
    assert status < 500 or b"<Code>NotImplemented</Code>" in body or method == "HEAD", body
    assert status != 500
    if body.startswith(b"<"):
        etree.fromstring(body)


@pytest.mark.parametrize("name", ["\u20ac", "a\nb: c", "a b", ""])
def test_exposed_headers_of_cors(connection: RawClient, name: str) -> None:
    """A CORS rule can expose only what is the name of a header: others cannot be sent later."""
    rule = (
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET"
        f"</AllowedMethod><ExposeHeader>{name}</ExposeHeader></CORSRule></CORSConfiguration>"
    )
    reply = connection.send_signed("PUT", "/open?cors", rule.encode())
    assert (reply.status, b"InvalidRequest" in reply.body) == (400, True), reply.body


@settings(max_examples=200, deadline=None)
@given(text=st.text(), json=st.booleans())
def test_any_text_in_refusals_of_cloudstack(shared_cloud: Cloud, text: str, json: bool) -> None:
    """The refusal of a command is a well-formed document of one line, whatever its name is."""
    form = "json" if json else "xml"
    query = f"command={quote(text.encode('utf-8', 'replace'))}&response={form}"
    reply = send_request(shared_cloud.management.api, query)
    if json:
        msgspec.json.decode(reply.text)
    else:
        etree.fromstring(reply.text.encode())
    assert reply.headers.get("x-description", "").isprintable()


@given(st.text(alphabet=st.characters()))
def test_any_text_in_documents_of_cloudstack(text: str) -> None:
    """A document in XML is well formed and has every character that XML can hold."""
    document = envelope.xml("listresponse", {"name": text}, "4.4.0").decode("utf-8")
    found = etree.fromstring(document.encode()).findtext("name") or ""
    assert len(found) == len(text)
    assert all(a == b for a, b in zip(found, text, strict=True) if b != "\ufffd" and a != "\ufffd")


def test_control_characters_in_status_lines(text_deployment: Deployment) -> None:
    """A status line has no control character, so that clients can read the reply."""
    address, port = text_deployment.cloudstack_url.split("/")[2].split(":")
    for character in ("\x00", "\x01", "\n", "\r", "\x7f", "\x85", "\u2028", "\ufffe", "\x9f"):
        connection = http.client.HTTPConnection(address, int(port))
        connection.request("GET", f"/client/api?command=a{quote(character)}b")
        reply = connection.getresponse()
        assert (reply.status, reply.reason.isprintable()) == (432, True), ascii(reply.reason)
        etree.fromstring(reply.read())
        connection.close()
