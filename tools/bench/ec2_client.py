"""The EC2 client of the bench, the same for every server.

It is http.client on a kept connection, with Signature Version 2. Replies are read as a whole, and
their instance ids counted; nothing is parsed, so that servers are compared and not an XML parser.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from fixtures.clients.base import Ec2Endpoint
from fixtures.clients.ec2 import signature_v2
from fixtures.model import HarnessError

INSTANCE_ID = re.compile(rb"<instanceId>")


class Ec2Client:
    """Signed EC2 requests over a kept connection."""

    def __init__(self, endpoint: Ec2Endpoint, headers: Mapping[str, str] | None = None) -> None:
        """`headers`: sent besides the usual ones."""
        parts = urlsplit(endpoint.url)
        self._endpoint, self._path, self._host = endpoint, parts.path or "/", parts.netloc
        form = "application/x-www-form-urlencoded"
        self._headers = {"Content-Type": form, **(headers or {})}
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)

    def call(self, action: str, **parameters: str) -> bytes:
        """The body of the reply; `HarnessError` if it is an error."""
        signed = {
            "Action": action,
            "Version": self._endpoint.api_version,
            "AWSAccessKeyId": self._endpoint.access_key,
            "SignatureVersion": "2",
            "SignatureMethod": "HmacSHA256",
            "Timestamp": signature_v2.timestamp(),
            **parameters,
        }
        text = signature_v2.string_to_sign("POST", self._host, self._path, signed)
        signed["Signature"] = signature_v2.signature(self._endpoint.secret_key, text)
        body = signature_v2.canonical_query(signed)
        self._connection.request("POST", self._path, body, self._headers)
        response = self._connection.getresponse()
        reply = response.read()
        if response.status != http.client.OK:
            raise HarnessError(f"{action} was answered with {response.status}: {reply[:200]!r}")
        return reply

    def run(self, image: str, count: int = 1) -> None:
        """RunInstances."""
        number = str(count)
        self.call(
            "RunInstances", ImageId=image, InstanceType="m1.small", MinCount=number, MaxCount=number
        )

    def describe(self, count: int) -> None:
        """DescribeInstances, which must list this number of instances."""
        listed = len(INSTANCE_ID.findall(self.call("DescribeInstances")))
        if listed != count:
            raise HarnessError(f"{listed} instances are listed, {count} run")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
