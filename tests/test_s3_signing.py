"""Who asks the S3 side of the bridge: signatures as botocore, boto 2 and Amazon's documentation
make them, and every way in which one can be wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import HmacV1Auth, HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.drivers import boto_shim
from fixtures.simulator.bridge.s3.errors import S3Error
from fixtures.simulator.bridge.s3.request import S3Request
from fixtures.simulator.bridge.s3.signing import WAIVABLE, Authenticator, Signed
from tests.bridge_requests import KEY, Key, lookup
from tests.s3_requests import SERVICE, received, sent

CREDENTIALS = Credentials(KEY.api_key, KEY.secret_key)
NOW = Authenticator(lookup, time.time)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

# Amazon's own examples are signed with this key.
EXAMPLE = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "johnsmith")
IN_2013 = 1369353600.0  # 2013-05-24T00:00:00Z


def example(moment: float) -> Authenticator:
    """Knows the user of Amazon's examples, at some moment of his life."""
    return Authenticator({EXAMPLE.api_key: EXAMPLE}.get, lambda: moment)


def refusal(
    request: S3Request, authenticator: Authenticator = NOW, waived: frozenset[str] = frozenset()
) -> S3Error:
    """How a request is refused."""
    with pytest.raises(S3Error) as refused:
        authenticator.identify(request, waived)
    return refused.value


# --- clients --------------------------------------------------------------------------------------


def by_v2(request: AWSRequest) -> None:
    """Signature V2 by header."""
    HmacV1Auth(CREDENTIALS).add_auth(request)


def by_v2_link(request: AWSRequest) -> None:
    """Signature V2 by link."""
    HmacV1QueryAuth(CREDENTIALS, expires=60).add_auth(request)
    for name in [*request.headers]:
        del request.headers[name]  # a link carries them


def by_v4(request: AWSRequest) -> None:
    """Signature V4 by header."""
    S3SigV4Auth(CREDENTIALS, "s3", "eu-west-1").add_auth(request)


def by_v4_link(request: AWSRequest) -> None:
    """Signature V4 by link."""
    S3SigV4QueryAuth(CREDENTIALS, "s3", "us-east-1", expires=60).add_auth(request)


SIGNERS = {"v2": by_v2, "v2 link": by_v2_link, "v4": by_v4, "v4 link": by_v4_link}


def made(
    sign: Callable[[AWSRequest], None],
    method: str = "GET",
    path: str = "/bucket/key",
    headers: dict[str, str] | None = None,
    auth_path: str | None = None,
) -> AWSRequest:
    """A request of botocore's, signed."""
    request = AWSRequest(method, f"{SERVICE}{path}", headers=headers or {}, auth_path=auth_path)
    sign(request)
    return request


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
def test_botocore_is_let_in(sign: Callable[[AWSRequest], None], method: str, path: str) -> None:
    """Whatever resource botocore signs, in both versions, by header and by link."""
    headers = {"x-amz-meta-b": " two  words ", "x-amz-acl": "private", "Content-Type": "text/a"}
    signed = NOW.identify(sent(made(sign, method, path, headers)))
    assert signed.caller is KEY


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(sign=st.sampled_from(sorted(SIGNERS)), key=names, version=names)
def test_any_key_can_be_signed(sign: str, key: str, version: str) -> None:
    """Objects may be called by any text there is, and so may what is asked of them."""
    path = f"/bucket/{quote(key, safe='/~')}?versionId={quote(version, safe='-_.~')}"
    request = sent(made(SIGNERS[sign], path=path))
    assert (request.key, request.query["versionId"]) == (key, version)
    assert NOW.identify(request).caller is KEY


@pytest.mark.parametrize("auth_path", ["/bucket/key", None], ids=["boto3", "the whole path"])
def test_the_prefix_is_signed_or_not(auth_path: str | None) -> None:
    """boto3 and s3cmd sign the resource without the endpoint's path, others with it."""
    request = made(by_v2, auth_path=auth_path)
    assert NOW.identify(sent(request)).caller is KEY


@pytest.mark.parametrize("sign", [by_v2, by_v4])
def test_virtual_hosts(sign: Callable[[AWSRequest], None]) -> None:
    """A bucket that is named by the Host header belongs to the resource all the same."""
    url = "http://bucket.localhost:7080/a%20key?acl"
    request = AWSRequest("GET", url, auth_path="/bucket/a%20key")
    sign(request)
    assert NOW.identify(sent(request)).caller is KEY


def boto_connection(version: str) -> Any:
    """boto 2's connection, as the documentation's script makes one."""
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
def test_boto_2_is_let_in(version: str, path: str) -> None:
    """The client of the documentation's script, with its own signature and with the new one."""
    connection = boto_connection(version)
    whole = connection.get_path(path)
    request = connection.build_base_http_request(
        "GET", whole, whole, headers={"x-amz-meta-a": "b"}, host="localhost"
    )
    request.authorize(connection)
    headers = {name: str(value) for name, value in request.headers.items()}
    url = f"http://localhost:7080{request.path}"
    assert NOW.identify(received("GET", url, {**headers, "Host": "localhost:7080"})).caller is KEY


def test_links_of_boto_2() -> None:
    """A link that boto 2 makes lets in who follows it, and says which headers were meant."""
    connection = boto_connection("s3")
    url = connection.generate_url(60, "PUT", "bucket", "a key", headers={"x-amz-acl": "private"})
    signed = NOW.identify(received("PUT", url))
    assert signed.caller is KEY
    assert signed.headers["x-amz-acl"] == "private"


# --- Amazon's examples ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Documented:
    """A request of Amazon's developer guide, with the signature that it prints."""

    method: str
    url: str
    headers: dict[str, str]
    signature: str
    names: str = ""

    def request(self) -> S3Request:
        """As it arrives."""
        if self.names:
            authorization = (
                f"AWS4-HMAC-SHA256 Credential={EXAMPLE.api_key}/20130524/us-east-1/s3/aws4_request,"
                f"SignedHeaders={self.names},Signature={self.signature}"
            )
        else:
            authorization = f"AWS {EXAMPLE.api_key}:{self.signature}"
        return received(self.method, self.url, {**self.headers, "Authorization": authorization})


JOHN = "http://johnsmith.s3.amazonaws.com"
OLD_EXAMPLES = {
    "get": Documented(
        "GET",
        f"{JOHN}/photos/puppy.jpg",
        {"Date": "Tue, 27 Mar 2007 19:36:42 +0000"},
        "bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
    ),
    "put": Documented(
        "PUT",
        f"{JOHN}/photos/puppy.jpg",
        {"Content-Type": "image/jpeg", "Date": "Tue, 27 Mar 2007 21:15:45 +0000"},
        "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
    ),
    "list": Documented(
        "GET",
        f"{JOHN}/?prefix=photos&max-keys=50&marker=puppy",
        {"Date": "Tue, 27 Mar 2007 19:42:41 +0000"},
        "htDYFYduRNen8P9ZfE/s9SuKy0U=",
    ),
    "acl": Documented(
        "GET",
        f"{JOHN}/?acl",
        {"Date": "Tue, 27 Mar 2007 19:44:46 +0000"},
        "c2WLPFtWHVgbEmeEG93a4cG37dM=",
    ),
    "buckets": Documented(
        "GET",
        "http://s3.amazonaws.com/",
        {"Date": "Wed, 28 Mar 2007 01:29:59 +0000"},
        "qGdzdERIC03wnaRNKh6OqZehG9s=",
    ),
    "unicode": Documented(
        "GET",
        "http://s3.amazonaws.com/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re",
        {"Date": "Wed, 28 Mar 2007 01:49:49 +0000"},
        "DNEZGsoieTZ92F3bUfSPQcbGmlM=",
    ),
}
BUCKET = "http://examplebucket.s3.amazonaws.com"
NEW_EXAMPLES = {
    "get": Documented(
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
    "put": Documented(
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
    "lifecycle": Documented(
        "GET",
        f"{BUCKET}/?lifecycle",
        {"x-amz-content-sha256": EMPTY, "x-amz-date": "20130524T000000Z"},
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        "host;x-amz-content-sha256;x-amz-date",
    ),
    "list": Documented(
        "GET",
        f"{BUCKET}/?max-keys=2&prefix=J",
        {"x-amz-content-sha256": EMPTY, "x-amz-date": "20130524T000000Z"},
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        "host;x-amz-content-sha256;x-amz-date",
    ),
}


@pytest.mark.parametrize("documented", OLD_EXAMPLES.values(), ids=OLD_EXAMPLES)
def test_documented_examples_of_version_2(documented: Documented) -> None:
    """The requests that Amazon's developer guide prints are accepted as they stand there."""
    march_2007 = 1175031226.0
    signed = example(march_2007).identify(documented.request(), frozenset(("date",)))
    assert signed.caller is EXAMPLE


@pytest.mark.parametrize("documented", NEW_EXAMPLES.values(), ids=NEW_EXAMPLES)
def test_documented_examples_of_version_4(documented: Documented) -> None:
    """The requests that Amazon's API reference prints are accepted as they stand there."""
    assert example(IN_2013).identify(documented.request()).caller is EXAMPLE


def test_documented_links() -> None:
    """So are the links."""
    old = (
        f"{JOHN}/photos/puppy.jpg?AWSAccessKeyId={EXAMPLE.api_key}"
        "&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620"
    )
    assert example(1175139620.0).identify(received("GET", old)).caller is EXAMPLE
    new = (
        f"{BUCKET}/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={EXAMPLE.api_key}"
        "%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
        "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    assert example(IN_2013 + 86400).identify(received("GET", new)).caller is EXAMPLE
    assert refusal(received("GET", new), example(IN_2013 + 86401)).message == "Request has expired"


# --- refusals -------------------------------------------------------------------------------------


def test_nobody() -> None:
    """A request that is not signed has no caller, which is no error."""
    assert NOW.identify(received("GET", f"{SERVICE}/bucket/key")) == Signed(
        received("GET", f"{SERVICE}/bucket/key")
    )


def changed(request: S3Request, change: str) -> S3Request:
    """The same request, meddled with."""
    headers = dict(request.headers)
    method, path, query = request.method, request.raw_path, request.raw_query
    if change == "method":
        method = "DELETE"
    elif change == "path":
        path += "x"
    elif change == "parameter":
        query += "&versionId=2"
    elif change == "header":
        headers["x-amz-meta-a"] = "c"
    url = f"http://{headers['host']}{path}?{query}"
    return received(method, url, headers)


@pytest.mark.parametrize("sign", SIGNERS.values(), ids=SIGNERS)
@pytest.mark.parametrize("change", ["method", "path", "parameter", "header"])
def test_what_is_signed_cannot_be_changed(sign: Callable[[AWSRequest], None], change: str) -> None:
    """Somebody in between can change nothing that matters."""
    request = sent(made(sign, headers={"x-amz-meta-a": "b"} if change == "header" else None))
    assert NOW.identify(request).caller is KEY
    assert refusal(changed(request, change)).code in ("SignatureDoesNotMatch", "AccessDenied")


@pytest.mark.parametrize("sign", SIGNERS.values(), ids=SIGNERS)
def test_wrong_secrets_and_unknown_keys(sign: Callable[[AWSRequest], None]) -> None:
    """A key that nobody has, and one whose secret is another, are told apart."""
    request = sent(made(sign))
    nobody = Authenticator({}.get, time.time)
    assert refusal(request, nobody).code == "InvalidAccessKeyId"
    other = Authenticator({"AK": Key(secret_key="other")}.get, time.time)
    error = refusal(request, other)
    assert (error.code, error.status) == ("SignatureDoesNotMatch", 403)
    assert "other" not in str(error.extra) and "SK" not in str(error.extra)
    assert other.identify(request, frozenset(("signature",))).caller is not None


@pytest.mark.parametrize("sign", [by_v2, by_v4])
@pytest.mark.parametrize("off", [-901, 901])
def test_clocks_must_agree(sign: Callable[[AWSRequest], None], off: int) -> None:
    """A request of more than a quarter of an hour ago, or of the future, is too skewed."""
    request = sent(made(sign))
    then = Authenticator(lookup, lambda: time.time() + off)
    error = refusal(request, then)
    assert (error.code, error.status) == ("RequestTimeTooSkewed", 403)
    assert error.extra["MaxAllowedSkewMilliseconds"] == "900000"
    assert then.identify(request, frozenset(("date",))).caller is KEY
    nearly = Authenticator(lookup, lambda: time.time() + off - (2 if off > 0 else -2))
    assert nearly.identify(request).caller is KEY


@pytest.mark.parametrize("sign", [by_v2_link, by_v4_link])
def test_links_end(sign: Callable[[AWSRequest], None]) -> None:
    """A link is good for as long as its maker said and no longer."""
    request = sent(made(sign))
    late = Authenticator(lookup, lambda: time.time() + 62)
    error = refusal(request, late)
    assert (error.code, error.message) == ("AccessDenied", "Request has expired")
    assert {"Expires", "ServerTime"} <= error.extra.keys()
    assert late.identify(request, WAIVABLE - {"signature"}).caller is KEY


def test_links_begin() -> None:
    """A link of version 4 is not good before it was made."""
    early = Authenticator(lookup, lambda: time.time() - 1000)
    assert refusal(sent(made(by_v4_link)), early).message == "Request is not valid yet"


@pytest.mark.parametrize(
    ("authorization", "code", "status"),
    [
        ("", "AccessDenied", 403),
        ("AWS HAHAHA", "InvalidArgument", 400),
        ("AWS :x", "InvalidArgument", 400),
        ("AWS AK:", "InvalidArgument", 400),
        ("Basic QUs6U0s=", "InvalidArgument", 400),
        ("AWS4-HMAC-SHA256 Credential=AK", "AuthorizationHeaderMalformed", 400),
        ("AWS4-HMAC-SHA256 ,,,=", "AuthorizationHeaderMalformed", 400),
        ("AWS4-ECDSA-P256-SHA256 Credential=AK", "InvalidArgument", 400),
        ("AWS AKIAIGR7ZNNBHC5BKSUB:FWeDfwojDSdS2Ztmpfeubhd9isU=", "InvalidAccessKeyId", 403),
        ("AWS AK:\xff", "SignatureDoesNotMatch", 403),
    ],
)
def test_malformed_authorization(authorization: str, code: str, status: int) -> None:
    """What is no signature at all is said to be none."""
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    headers = {"Authorization": authorization, "Date": date}
    error = refusal(received("PUT", f"{SERVICE}/bucket/key", headers))
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize(
    ("date", "code"),
    [
        ("", "AccessDenied"),
        ("Bad Date", "AccessDenied"),
        ("Tue, 07 Jul 1950 21:53:04 GMT", "AccessDenied"),
        ("Tue, 07 Jul 2010 21:53:04 GMT", "RequestTimeTooSkewed"),
        ("Tue, 07 Jul 2030 21:53:04 GMT", "RequestTimeTooSkewed"),
        ("Tue, 07 Jul 9999 21:53:04 GMT", "RequestTimeTooSkewed"),
        ("Tue, 07 Jul 99999 21:53:04 GMT", "AccessDenied"),
        ("20101301T000000Z", "AccessDenied"),
        ("2010-07-07T21:53:04Z", "RequestTimeTooSkewed"),
    ],
)
def test_dates_that_make_no_sense(date: str, code: str) -> None:
    """The date of Amazon's own counts more than HTTP's; one that is no date denies access."""
    request = sent(made(by_v2, headers={"x-amz-date": date}))
    error = refusal(request)
    assert (error.code, error.status) == (code, 403)


def test_without_a_date() -> None:
    """A signed request must say when it was signed."""
    headers = {"Authorization": "AWS AK:AAAA"}
    assert refusal(received("GET", f"{SERVICE}/", headers)).code == "AccessDenied"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("/s3/", "/ec2/", "AuthorizationHeaderMalformed"),
        ("aws4_request", "aws_request", "AuthorizationHeaderMalformed"),
        ("Credential=AK/", "Credential=AK/19", "AuthorizationHeaderMalformed"),
        ("eu-west-1", "eu-west-2", "SignatureDoesNotMatch"),
        ("host;", "", "AccessDenied"),
        (";x-amz-date", "", "AccessDenied"),
        ("Signature=", "Signature=0", "SignatureDoesNotMatch"),
    ],
)
def test_scopes(old: str, new: str, code: str) -> None:
    """A signature of version 4 is for a day, a region and a service, and covers what matters."""
    request = sent(made(by_v4))
    authorization = request.headers["authorization"]
    assert old in authorization
    request.headers["authorization"] = authorization.replace(old, new, 1)
    assert refusal(request).code == code


@pytest.mark.parametrize(
    ("payload", "code"), [(None, "InvalidRequest"), ("abc", "InvalidArgument")]
)
def test_the_body_must_be_spoken_of(payload: str | None, code: str) -> None:
    """Version 4 says what the body is, or that it does not."""
    request = sent(made(by_v4))
    del request.headers["x-amz-content-sha256"]
    if payload is not None:
        request.headers["x-amz-content-sha256"] = payload
    assert refusal(request).code == code


@pytest.mark.parametrize(
    ("query", "code", "status"),
    [
        ("AWSAccessKeyId=AK&Signature=x", "AccessDenied", 403),
        ("AWSAccessKeyId=AK&Expires=1&Signature=", "AccessDenied", 403),
        ("AWSAccessKeyId=AK&Expires=soon&Signature=x", "AccessDenied", 403),
        ("AWSAccessKeyId=AK&Expires=1&Signature=x", "AccessDenied", 403),
        ("AWSAccessKeyId=AK&Expires=9999999999&Signature=x", "SignatureDoesNotMatch", 403),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "AuthorizationQueryParametersError", 400),
        ("X-Amz-Algorithm=x&AWSAccessKeyId=AK", "InvalidArgument", 400),
    ],
)
def test_malformed_links(query: str, code: str, status: int) -> None:
    """A link with something missing or wrong is refused for that."""
    error = refusal(received("GET", f"{SERVICE}/bucket/key?{query}"))
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=60", "X-Amz-Expires=-60"),
        ("X-Amz-Expires=60", "X-Amz-Expires=x"),
        ("%2Fs3%2F", "%2Fec2%2F"),
        ("T", "t"),
    ],
)
def test_malformed_links_of_version_4(old: str, new: str) -> None:
    """Each part of a link of version 4 has its form."""
    request = sent(made(by_v4_link))
    head, sign, tail = request.raw_query.partition("X-Amz-Date=")
    query = head + sign + tail.replace(old, new, 1) if old == "T" else ""
    url = f"http://{request.headers['host']}{request.raw_path}?"
    url += query or request.raw_query.replace(old, new)
    error = refusal(received("GET", url))
    assert (error.code, error.status) == ("AuthorizationQueryParametersError", 400)


def test_one_way_only() -> None:
    """Who signs by link and by header at once is asked to decide."""
    request = sent(made(by_v4_link))
    url = f"http://{request.headers['host']}{request.raw_path}?{request.raw_query}"
    error = refusal(received("GET", url, {"Authorization": "AWS AK:x"}))
    assert (error.code, error.message) == ("InvalidArgument", "Only one auth mechanism allowed")


def test_tokens_are_nobodys() -> None:
    """There are no temporary credentials here; a token is refused, not overlooked."""
    request = sent(made(by_v4, headers={"x-amz-security-token": "t"}))
    assert refusal(request).code == "InvalidToken"


def test_headers_in_links() -> None:
    """What a link carries instead of headers is handed on as headers."""
    old = NOW.identify(sent(made(by_v2_link, "PUT", headers={"x-amz-acl": "public-read"})))
    assert old.headers == {"x-amz-acl": "public-read"}
    new = NOW.identify(sent(made(by_v4_link, "PUT", "/bucket/key?x-amz-acl=public-read")))
    assert new.headers == {"x-amz-acl": "public-read"}
    assert (old.how, new.how) == ("REST-QUERY-STRING", "REST-QUERY-STRING")


def test_what_the_signature_says_of_the_body() -> None:
    """A hash that was signed is handed on, so that whoever reads the body compares it."""
    signed = NOW.identify(sent(made(by_v4, "PUT")))
    assert (signed.payload_hash, signed.chunked, signed.decoder()) == (EMPTY, False, None)
    assert NOW.identify(signed.request, WAIVABLE).payload_hash is None
    assert NOW.identify(sent(made(by_v2, "PUT"))).payload_hash is None
    assert NOW.identify(sent(made(by_v4_link, "PUT"))).payload_hash is None
