"""S3 requests as clients send them, read as the bridge reads them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest

from fixtures.simulator.bridge.s3.request import S3Request

SERVICE = "http://127.0.0.1:7080/awsapi/rest/AmazonS3"


def received(method: str, url: str, headers: Mapping[str, str] | None = None) -> S3Request:
    """A request as it arrives; `Host` is the URL's unless it is given."""
    split = urlsplit(url)
    given = {"Host": split.netloc, **(headers or {})}
    scope = {
        "type": "http",
        "method": method,
        "scheme": split.scheme,
        "raw_path": split.path.encode("latin-1"),
        "query_string": split.query.encode("latin-1"),
        "headers": [
            (name.lower().encode("latin-1"), value.strip().encode("latin-1"))
            for name, value in given.items()
        ],
        "client": ("127.0.0.1", 50000),
    }
    return S3Request.read(scope)


def sent(request: AWSRequest) -> S3Request:
    """A request of botocore's, as its HTTP client would send it."""
    prepared = request.prepare()
    headers = {
        name: value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in prepared.headers.items()
    }
    return received(prepared.method, prepared.url, headers)
