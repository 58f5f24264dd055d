"""S3 requests as clients sign and send them, parsed as the bridge parses them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest

from fixtures.simulator.bridge.s3.auth.authenticator import S3Authenticator
from fixtures.simulator.bridge.s3.errors import S3Error
from fixtures.simulator.bridge.s3.request import S3Request
from tests.support.bridge_requests import KEY, Key, lookup

SERVICE = "http://127.0.0.1:7080/awsapi/rest/AmazonS3"
AUTHENTICATOR = S3Authenticator(lookup, time.time)

AUTH = import_module("botocore.auth")
CREDENTIALS = import_module("botocore.credentials").Credentials(KEY.api_key, KEY.secret_key)

# Amazon's own examples are signed with this key.
EXAMPLE = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "johnsmith")
IN_2013 = 1369353600.0  # 2013-05-24T00:00:00Z

Sign = Callable[[Any], None]


def example_authenticator(moment: float = IN_2013) -> S3Authenticator:
    """An authenticator for the user of Amazon's examples; `moment` is its clock."""
    return S3Authenticator(lambda key: EXAMPLE if key == EXAMPLE.api_key else None, lambda: moment)


def parse_request(method: str, url: str, headers: Mapping[str, str] | None = None) -> S3Request:
    """A request as the bridge parses it; `Host` is the URL's by default."""
    split = urlsplit(url)
    sent_headers = {"Host": split.netloc, **(headers or {})}
    scope = {
        "type": "http",
        "method": method,
        "scheme": split.scheme,
        "raw_path": split.path.encode("latin-1"),
        "query_string": split.query.encode("latin-1"),
        "headers": [
            (name.lower().encode("latin-1"), value.strip().encode("latin-1"))
            for name, value in sent_headers.items()
        ],
        "client": ("127.0.0.1", 50000),
    }
    return S3Request.read(scope)


def botocore_request(method: str, url: str, **more: Any) -> Any:
    """A request of botocore's, not signed yet."""
    return import_module("botocore.awsrequest").AWSRequest(method, url, **more)


def parse_sent(request: Any) -> S3Request:
    """A request of botocore's, as the bridge parses it once it is sent."""
    prepared = request.prepare()
    headers = {
        name: value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in prepared.headers.items()
    }
    return parse_request(prepared.method, prepared.url, headers)


def signed_request(
    sign: Sign,
    method: str = "GET",
    path: str = "/bucket/key",
    headers: Mapping[str, str] | None = None,
    auth_path: str | None = None,
) -> S3Request:
    """A request that botocore signed, as the bridge parses it."""
    sent_headers = dict(headers or {})
    request = botocore_request(
        method, f"{SERVICE}{path}", headers=sent_headers, auth_path=auth_path
    )
    sign(request)
    return parse_sent(request)


def by_v2(request: Any) -> None:
    """Signature V2 by header."""
    AUTH.HmacV1Auth(CREDENTIALS).add_auth(request)


def by_v2_url(request: Any) -> None:
    """Signature V2 by presigned URL."""
    AUTH.HmacV1QueryAuth(CREDENTIALS, expires=60).add_auth(request)
    for name in [*request.headers]:
        del request.headers[name]  # they are among the URL's parameters


def by_v4(request: Any) -> None:
    """Signature V4 by header."""
    AUTH.S3SigV4Auth(CREDENTIALS, "s3", "eu-west-1").add_auth(request)


def by_v4_url(request: Any) -> None:
    """Signature V4 by presigned URL."""
    AUTH.S3SigV4QueryAuth(CREDENTIALS, "s3", "us-east-1", expires=60).add_auth(request)


SIGNERS: dict[str, Sign] = {
    "v2": by_v2,
    "v2 link": by_v2_url,
    "v4": by_v4,
    "v4 link": by_v4_url,
}


def raised_error(act: Callable[..., object], *arguments: Any) -> S3Error:
    """The S3Error that a call must raise."""
    with pytest.raises(S3Error) as refused:
        act(*arguments)
    return refused.value
