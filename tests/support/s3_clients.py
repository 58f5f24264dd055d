"""Clients for the S3 endpoint of a deployment: boto3, and raw requests that no SDK would send."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3  # type: ignore[import-untyped] # botocore has no types
import botocore  # type: ignore[import-untyped] # as above
import botocore.config  # type: ignore[import-untyped] # as above
import pytest
from botocore.auth import S3SigV4Auth  # type: ignore[import-untyped] # as above
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped] # as above
from botocore.credentials import Credentials  # type: ignore[import-untyped] # as above
from botocore.exceptions import ClientError  # type: ignore[import-untyped] # as above

from fixtures.simulator.deployment import Deployment
from tests.support.seeded_users import DeploymentUsers, seeded_user


@cache
def session() -> boto3.session.Session:
    """One session for all clients: creating it takes most of the time of a client."""
    return boto3.session.Session()


class S3Deployment(DeploymentUsers, Protocol):
    """What a client needs of a deployment."""

    @property
    def s3_url(self) -> str:
        """The URL of its S3 endpoint."""


class UserClients:
    """boto3 clients of a deployment, one for each user, and closed together."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._open: dict[str, Any] = {}

    def __call__(self, name: str = "alice") -> Any:
        """The client of a user, "" for an anonymous one; it does not retry."""
        if name not in self._open:
            self._open[name] = self._new(name)
        return self._open[name]

    def close(self) -> None:
        """Close all connections."""
        for client in self._open.values():
            client.close()

    def _new(self, name: str) -> Any:
        config: dict[str, Any] = {
            "s3": {"addressing_style": "path"},
            "retries": {"max_attempts": 0},
        }
        keys = {}
        if name:
            user = seeded_user(self.deployment, name)
            keys = {"aws_access_key_id": user.access_key, "aws_secret_access_key": user.secret_key}
        else:
            config["signature_version"] = botocore.UNSIGNED
        return session().client(
            "s3",
            endpoint_url=self.deployment.s3_url,
            region_name="us-east-1",
            config=botocore.config.Config(**config),
            **keys,
        )


def error_of(call: Callable[..., Any], **arguments: Any) -> tuple[int, str]:
    """Status and error code of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


@dataclass(frozen=True)
class RawReply:
    """A reply; headers by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes


class RawClient:
    """Sends requests byte for byte over one connection."""

    def __init__(self, deployment: S3Deployment, name: str = "alice") -> None:
        self.url = urlsplit(deployment.s3_url)
        self.user = seeded_user(deployment, name)
        self.connection = http.client.HTTPConnection(str(self.url.hostname), self.url.port)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def sign(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        trailing: bool = False,
    ) -> dict[str, str]:
        """The headers of a signed request (Version 4); `path` is encoded, without the prefix.

        `trailing`: the body is not signed, and a checksum follows as a trailer.
        """
        address = f"{self.url.scheme}://{self.url.netloc}{self.url.path}{path}"
        request = AWSRequest(method, address, headers=dict(headers or {}), data=body)
        if trailing:
            request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
        credentials = Credentials(self.user.access_key, self.user.secret_key)
        S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def send_signed(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> RawReply:
        """Send a signed request."""
        return self.send(method, self.url.path + path, body, self.sign(method, path, body, headers))

    def send(
        self, method: str, path: str, body: Any = b"", headers: dict[str, str] | None = None
    ) -> RawReply:
        """Send a request with these headers, and no others but Host and Content-Length."""
        self.connection.request(method, path, body=body, headers=headers or {})
        reply = self.connection.getresponse()
        reply_headers = {name.lower(): value for name, value in reply.getheaders()}
        return RawReply(reply.status, reply_headers, reply.read())
