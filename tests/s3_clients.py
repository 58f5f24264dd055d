"""S3 as clients of a simulated deployment see it: boto3, and requests that no SDK would send."""

from __future__ import annotations

import hashlib
import http.client
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from fixtures.simulator.deployment import Deployment, User


@cache
def session() -> boto3.session.Session:
    """One session for all: it takes most of what a client costs."""
    return boto3.session.Session()


def user_of(deployment: Deployment, name: str = "alice") -> User:
    """One of the seeded users."""
    return next(user for user in deployment.users if user.name == name)


def client(deployment: Deployment, name: str = "alice", **config: Any) -> Any:
    """A boto3 client for a user; "" is nobody. No retries: what goes wrong must be seen."""
    if name:
        user = user_of(deployment, name)
        keys = {"aws_access_key_id": user.access_key, "aws_secret_access_key": user.secret_key}
    else:
        from botocore import UNSIGNED

        keys, config = {}, {"signature_version": UNSIGNED, **config}
    settings = {"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 0}, **config}
    return session().client(
        "s3",
        endpoint_url=deployment.s3_url,
        region_name="us-east-1",
        config=Config(**settings),
        **keys,
    )


def refusal(error: ClientError) -> tuple[int, str]:
    """Status and code of what a client was refused with."""
    told = error.response
    return told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"]


@dataclass(frozen=True)
class Answer:
    """A raw answer; headers by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """Sends what it is told to, byte for byte, over a connection that is kept."""

    def __init__(self, deployment: Deployment, name: str = "alice") -> None:
        self.url = urlsplit(deployment.s3_url)
        self.user = user_of(deployment, name)
        self.connection = http.client.HTTPConnection(str(self.url.hostname), self.url.port)

    def close(self) -> None:
        """Drop the connection."""
        self.connection.close()

    def signed(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> dict[str, str]:
        """The headers that sign a request (Version 4); the path is behind the prefix, encoded."""
        address = f"{self.url.scheme}://{self.url.netloc}{self.url.path}{path}"
        request = AWSRequest(method, address, headers=dict(headers or {}), data=body)
        request.headers["x-amz-content-sha256"] = hashlib.sha256(body).hexdigest()
        credentials = Credentials(self.user.access_key, self.user.secret_key)
        S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """A signed request."""
        return self.plain(
            method, self.url.path + path, body, self.signed(method, path, body, headers)
        )

    def plain(
        self, method: str, path: str, body: Any = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """A request with these headers and no others but Host and Content-Length."""
        self.connection.request(method, path, body=body, headers=headers or {})
        reply = self.connection.getresponse()
        told = {name.lower(): value for name, value in reply.getheaders()}
        return Answer(reply.status, told, reply.read())


def now() -> datetime:
    """This moment, as dates in conditions are told."""
    return datetime.now(UTC)
