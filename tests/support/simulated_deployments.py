"""The simulated deployment as a client over HTTP sees it: calls, and what CloudStack was asked
behind them."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import etree

from fixtures.simulator.deployment import Deployment, User
from fixtures.simulator.management.commands import is_read
from fixtures.simulator.management.journal import ApiCall
from tests.support.bridge_requests import RequestStyle


@dataclass(frozen=True)
class CallResult:
    """One EC2 call: its answer as plain data, and the CloudStack calls behind it."""

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
        """The parameters of the one state-changing call, which must be this command."""
        assert self.changes == [command], (self.code, self.body, self.changes)
        (found,) = [call.parameters for call in self.calls if call.command == command]
        return dict(found)


class Ec2TestClient:
    """An EC2 client of a deployment with a connection that is kept."""

    def __init__(
        self, deployment: Deployment, user: str = "alice", version: str = "2010-11-15"
    ) -> None:
        self.deployment = deployment
        self.user: User = next(one for one in deployment.users if one.name == user)
        self.version = version
        self.url = urlsplit(deployment.ec2_url)
        self.connection = http.client.HTTPConnection(str(self.url.hostname), self.url.port)

    def close(self) -> None:
        """Drop the connection."""
        self.connection.close()

    def attempt(self, action: str, **parameters: str) -> CallResult:
        """One action; parameters with double underscores for dots (`Filter__1__Name`)."""
        journal = self.deployment.management.journal
        mark = journal.position()
        status, text = self.send(action, {n.replace("__", "."): v for n, v in parameters.items()})
        tree = etree.fromstring(text)
        return CallResult(
            status, tree.findtext("Errors/Error/Code") or "", to_plain(tree), journal.since(mark)
        )

    def send(self, action: str, parameters: dict[str, str]) -> tuple[int, bytes]:
        """The bytes of an answer."""
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
        """One action that is answered."""
        called = self.attempt(action, **parameters)
        assert called.status == 200, (action, called.code, called.body)
        return called

    def refusal_code(self, action: str, **parameters: str) -> str:
        """The code with which an action is refused, without any change at CloudStack."""
        called = self.attempt(action, **parameters)
        assert called.status >= 400, (action, called.body)
        assert called.changes == [], called.changes
        return called.code


def to_plain(tree: etree._Element) -> Any:
    """A document as dictionaries, lists (where there are items) and texts."""
    children = list(tree)
    if not children:
        return tree.text or ""
    names = [etree.QName(child).localname for child in children]
    if names[0] == "item":
        return [to_plain(child) for child in children]
    return {name: to_plain(child) for name, child in zip(names, children, strict=True)}
