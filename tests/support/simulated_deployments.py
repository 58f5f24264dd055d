"""An EC2 client of a simulated deployment that sees the CloudStack calls behind its requests."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import etree

from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management.commands import is_read
from fixtures.simulator.management.journal import ApiCall
from tests.support.bridge_requests import RequestStyle
from tests.support.seeded_users import seeded_user


@dataclass(frozen=True)
class CallResult:
    """One EC2 request: its reply as plain data, and the CloudStack calls behind it."""

    status: int
    code: str
    body: dict[str, Any]
    calls: tuple[ApiCall, ...]

    @property
    def changes(self) -> list[str]:
        """The state-changing commands that CloudStack carried out."""
        carried_out = (call.command for call in self.calls if call.status < 400)
        return [command for command in carried_out if not is_read(command)]

    def only_change(self, command: str) -> dict[str, str]:
        """The parameters of the only state-changing call, which must be this command."""
        assert self.changes == [command], (self.code, self.body, self.changes)
        (parameters,) = [call.parameters for call in self.calls if call.command == command]
        return dict(parameters)


class Ec2TestClient:
    """An EC2 client of a deployment with one kept connection."""

    def __init__(
        self, deployment: Deployment, user: str = "alice", version: str = "2010-11-15"
    ) -> None:
        self.deployment = deployment
        self.user = seeded_user(deployment, user)
        self.version = version
        self.url = urlsplit(deployment.ec2_url)
        self.connection = http.client.HTTPConnection(str(self.url.hostname), self.url.port)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def attempt(self, action: str, **parameters: str) -> CallResult:
        """Send an action; parameters have double underscores for dots (`Filter__1__Name`)."""
        journal = self.deployment.management.journal
        mark = journal.position()
        status, text = self.send(action, {n.replace("__", "."): v for n, v in parameters.items()})
        tree = etree.fromstring(text)
        return CallResult(
            status, tree.findtext("Errors/Error/Code") or "", to_plain(tree), journal.since(mark)
        )

    def send(self, action: str, parameters: dict[str, str]) -> tuple[int, bytes]:
        """Send an action; the status and the document."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        wire = RequestStyle(
            host=self.url.netloc,
            path=self.url.path,
            common={
                "AWSAccessKeyId": self.user.access_key,
                "Timestamp": stamp,
                "Version": self.version,
            },
        )
        form = urlencode(wire.parameters(action, parameters, self.user.secret_key))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", self.url.path, form, headers)
        response = self.connection.getresponse()
        return response.status, response.read()

    def call(self, action: str, **parameters: str) -> CallResult:
        """Send an action that must succeed."""
        result = self.attempt(action, **parameters)
        assert result.status == 200, (action, result.code, result.body)
        return result

    def refusal_code(self, action: str, **parameters: str) -> str:
        """The error code of an action that must fail, without any state-changing call."""
        result = self.attempt(action, **parameters)
        assert result.status >= 400, (action, result.body)
        assert result.changes == [], result.changes
        return result.code


def to_plain(tree: etree._Element) -> Any:
    """A document as dictionaries, lists (of `item` elements) and texts."""
    children = list(tree)
    if not children:
        return tree.text or ""
    names = [etree.QName(child).localname for child in children]
    if names[0] == "item":
        return [to_plain(child) for child in children]
    return {name: to_plain(child) for name, child in zip(names, children, strict=True)}
