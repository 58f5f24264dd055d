"""Query requests signed by hand, and calls of a bridge without sockets."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from lxml import etree

from fixtures.simulator.bridge.server import Bridge

NOW = 1_400_000_000.0  # 2014-05-13T16:53:20Z
TIMESTAMP = "2014-05-13T16:53:20Z"


@dataclass(frozen=True)
class Key:
    """The credentials of a caller."""

    api_key: str = "AK"
    secret_key: str = "SK"
    account: str = "alice"


KEY = Key()


def lookup(access_key: str) -> Key | None:
    """A credentials lookup that knows only `KEY`."""
    return KEY if access_key == KEY.api_key else None


@dataclass(frozen=True)
class RequestStyle:
    """How a client builds and signs requests; `common` replaces common parameters, "" omits one."""

    method: str = "POST"
    host: str = "localhost:7080"
    path: str = "/awsapi"
    signed_host: str = ""
    signed_path: str = ""
    digest: str = "sha256"
    common: Mapping[str, str] = field(default_factory=dict)

    def sign(self, parameters: Mapping[str, str], secret: str = KEY.secret_key) -> str:
        """The signature, version 2."""
        pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in parameters.items())
        query = "&".join(f"{name}={value}" for name, value in pairs)
        host, path = self.signed_host or self.host, self.signed_path or self.path
        text = f"{self.method}\n{host}\n{path}\n{query}"
        return base64.b64encode(hmac.digest(secret.encode(), text.encode(), self.digest)).decode()

    def parameters(
        self,
        action: str,
        arguments: Mapping[str, str] | None = None,
        secret: str = KEY.secret_key,
    ) -> dict[str, str]:
        """All parameters of a request, with the signature."""
        full = {
            "Action": action,
            "AWSAccessKeyId": KEY.api_key,
            "SignatureMethod": "HmacSHA1" if self.digest == "sha1" else "HmacSHA256",
            "SignatureVersion": "2",
            "Timestamp": TIMESTAMP,
            "Version": "2010-11-15",
            **(arguments or {}),
            **self.common,
        }
        full = {name: value for name, value in full.items() if value}
        return full | {"Signature": self.sign(full, secret)}

    def scope(self, form: str) -> tuple[dict[str, Any], bytes]:
        """The ASGI scope and body of a request with this form."""
        post = self.method == "POST"
        return {
            "type": "http",
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"" if post else form.encode(),
            "headers": [(b"host", self.host.encode())],
        }, form.encode() if post else b""


@dataclass(frozen=True)
class BridgeReply:
    """A reply of the bridge."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def tree(self) -> etree._Element:
        """The parsed document."""
        return etree.fromstring(self.text.encode())

    @property
    def code(self) -> str:
        """The error code, or an empty text."""
        return self.tree.findtext("Errors/Error/Code") or ""


async def send(bridge: Bridge, scope: dict[str, Any], body: bytes) -> BridgeReply:
    """Send one request through the ASGI interface."""
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def collect(message: Any) -> None:
        messages.append(dict(message))

    await bridge(scope, receive, collect)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return BridgeReply(messages[0]["status"], headers, messages[1]["body"].decode())


async def call_action(
    bridge: Bridge,
    action: str,
    arguments: Mapping[str, str] | None = None,
    style: RequestStyle | None = None,
) -> BridgeReply:
    """Send a signed request of an action."""
    style = style or RequestStyle()
    return await send(bridge, *style.scope(urlencode(style.parameters(action, arguments))))
