"""Invalid signatures of S3 requests, and the code that each is refused with."""

from __future__ import annotations

import time

import pytest

from fixtures.simulator.bridge.s3.auth.authenticator import (
    SKIPPABLE_CHECKS,
    Authentication,
    S3Authenticator,
)
from fixtures.simulator.bridge.s3.request import S3Request
from tests.support.bridge_requests import KEY, Key, lookup
from tests.support.s3_requests import (
    AUTHENTICATOR,
    SERVICE,
    SIGNERS,
    Sign,
    by_v2,
    by_v2_url,
    by_v4,
    by_v4_url,
    parse_request,
    raised_error,
    signed_request,
)

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_anonymous_requests() -> None:
    """A request without a signature has no caller, which is no error."""
    assert AUTHENTICATOR.authenticate(
        parse_request("GET", f"{SERVICE}/bucket/key")
    ) == Authentication(parse_request("GET", f"{SERVICE}/bucket/key"))


def changed_request(request: S3Request, change: str) -> S3Request:
    """The same request with something changed."""
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
    return parse_request(method, url, headers)


@pytest.mark.parametrize("sign", SIGNERS.values(), ids=SIGNERS)
@pytest.mark.parametrize("change", ["method", "path", "parameter", "header"])
def test_changed_requests(sign: Sign, change: str) -> None:
    """Nothing that is signed can be changed on the way."""
    request = signed_request(sign, headers={"x-amz-meta-a": "b"} if change == "header" else None)
    assert AUTHENTICATOR.authenticate(request).caller is KEY
    assert raised_error(AUTHENTICATOR.authenticate, changed_request(request, change)).code in (
        "SignatureDoesNotMatch",
        "AccessDenied",
    )


@pytest.mark.parametrize("sign", SIGNERS.values(), ids=SIGNERS)
def test_wrong_secrets_and_unknown_keys(sign: Sign) -> None:
    """An unknown access key and a wrong secret are refused with different codes."""
    request = signed_request(sign)
    no_users = S3Authenticator(lambda _: None, time.time)
    assert raised_error(no_users.authenticate, request).code == "InvalidAccessKeyId"
    other = S3Authenticator(lambda _: Key(secret_key="other"), time.time)
    error = raised_error(other.authenticate, request)
    assert (error.code, error.status) == ("SignatureDoesNotMatch", 403)
    assert "other" not in str(error.extra)
    assert other.authenticate(request, frozenset(("signature",))).caller is not None


@pytest.mark.parametrize("sign", [by_v2, by_v4])
@pytest.mark.parametrize("off", [-901, 901])
def test_clocks_must_agree(sign: Sign, off: int) -> None:
    """A request more than 15 minutes in the past or the future is too skewed."""
    request = signed_request(sign)
    then = S3Authenticator(lookup, lambda: time.time() + off)
    error = raised_error(then.authenticate, request)
    assert (error.code, error.status) == ("RequestTimeTooSkewed", 403)
    assert error.extra["MaxAllowedSkewMilliseconds"] == "900000"
    assert then.authenticate(request, frozenset(("date",))).caller is KEY
    nearly = S3Authenticator(lookup, lambda: time.time() + off - (2 if off > 0 else -2))
    assert nearly.authenticate(request).caller is KEY


@pytest.mark.parametrize("sign", [by_v2_url, by_v4_url])
def test_presigned_urls_expire(sign: Sign) -> None:
    """A presigned URL is valid until it expires."""
    request = signed_request(sign)
    late = S3Authenticator(lookup, lambda: time.time() + 62)
    error = raised_error(late.authenticate, request)
    assert (error.code, error.message) == ("AccessDenied", "Request has expired")
    assert {"Expires", "ServerTime"} <= error.extra.keys()
    assert late.authenticate(request, SKIPPABLE_CHECKS - {"signature"}).caller is KEY


def test_presigned_urls_begin() -> None:
    """A presigned URL of version 4 is not valid before it was made."""
    early = S3Authenticator(lookup, lambda: time.time() - 1000)
    assert (
        raised_error(early.authenticate, signed_request(by_v4_url)).message
        == "Request is not valid yet"
    )


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
    """Malformed Authorization headers are refused."""
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    headers = {"Authorization": authorization, "Date": date}
    error = raised_error(
        AUTHENTICATOR.authenticate, parse_request("PUT", f"{SERVICE}/bucket/key", headers)
    )
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
def test_invalid_dates(date: str, code: str) -> None:
    """x-amz-date takes precedence over Date; an invalid date denies access."""
    request = signed_request(by_v2, headers={"x-amz-date": date})
    error = raised_error(AUTHENTICATOR.authenticate, request)
    assert (error.code, error.status) == (code, 403)


def test_without_a_date() -> None:
    """A signed request must have a date."""
    headers = {"Authorization": "AWS AK:AAAA"}
    assert (
        raised_error(AUTHENTICATOR.authenticate, parse_request("GET", f"{SERVICE}/", headers)).code
        == "AccessDenied"
    )


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
    """A signature of version 4 is for a day, a region and a service, and must cover certain
    headers."""
    request = signed_request(by_v4)
    authorization = request.headers["authorization"]
    assert old in authorization
    request.headers["authorization"] = authorization.replace(old, new, 1)
    assert raised_error(AUTHENTICATOR.authenticate, request).code == code


@pytest.mark.parametrize(
    ("payload", "code"), [(None, "InvalidRequest"), ("abc", "InvalidArgument")]
)
def test_content_sha256_is_required(payload: str | None, code: str) -> None:
    """Version 4 requires a hash of the body, or that it is unsigned."""
    request = signed_request(by_v4)
    del request.headers["x-amz-content-sha256"]
    if payload is not None:
        request.headers["x-amz-content-sha256"] = payload
    assert raised_error(AUTHENTICATOR.authenticate, request).code == code


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
def test_malformed_presigned_urls(query: str, code: str, status: int) -> None:
    """A presigned URL with a missing or invalid parameter is refused."""
    error = raised_error(
        AUTHENTICATOR.authenticate, parse_request("GET", f"{SERVICE}/bucket/key?{query}")
    )
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
def test_malformed_presigned_urls_of_version_4(old: str, new: str) -> None:
    """Each parameter of a presigned URL of version 4 is validated."""
    request = signed_request(by_v4_url)
    head, sign, tail = request.raw_query.partition("X-Amz-Date=")
    query = head + sign + tail.replace(old, new, 1) if old == "T" else ""
    url = f"http://{request.headers['host']}{request.raw_path}?"
    url += query or request.raw_query.replace(old, new)
    error = raised_error(AUTHENTICATOR.authenticate, parse_request("GET", url))
    assert (error.code, error.status) == ("AuthorizationQueryParametersError", 400)


def test_two_signatures() -> None:
    """A request signed both by URL and by header is refused."""
    request = signed_request(by_v4_url)
    url = f"http://{request.headers['host']}{request.raw_path}?{request.raw_query}"
    error = raised_error(
        AUTHENTICATOR.authenticate, parse_request("GET", url, {"Authorization": "AWS AK:x"})
    )
    assert (error.code, error.message) == ("InvalidArgument", "Only one auth mechanism allowed")


def test_security_tokens() -> None:
    """There are no temporary credentials; a token is refused, not ignored."""
    request = signed_request(by_v4, headers={"x-amz-security-token": "t"})
    assert raised_error(AUTHENTICATOR.authenticate, request).code == "InvalidToken"


def test_headers_in_presigned_urls() -> None:
    """Headers among the parameters of a presigned URL are returned as headers."""
    old = AUTHENTICATOR.authenticate(
        signed_request(by_v2_url, "PUT", headers={"x-amz-acl": "public-read"})
    )
    assert old.presigned_headers == {"x-amz-acl": "public-read"}
    new = AUTHENTICATOR.authenticate(
        signed_request(by_v4_url, "PUT", "/bucket/key?x-amz-acl=public-read")
    )
    assert new.presigned_headers == {"x-amz-acl": "public-read"}
    assert (old.auth_type, new.auth_type) == ("REST-QUERY-STRING", "REST-QUERY-STRING")


def test_signed_payload_hash() -> None:
    """The signed hash of the body is returned, to be compared with the body."""
    signed = AUTHENTICATOR.authenticate(signed_request(by_v4, "PUT"))
    assert (signed.payload_hash, signed.aws_chunked, signed.chunk_decoder()) == (EMPTY, False, None)
    assert AUTHENTICATOR.authenticate(signed.request, SKIPPABLE_CHECKS).payload_hash is None
    assert AUTHENTICATOR.authenticate(signed_request(by_v2, "PUT")).payload_hash is None
    assert AUTHENTICATOR.authenticate(signed_request(by_v4_url, "PUT")).payload_hash is None
