"""A simulated management server as its clients see it, without a socket: signed calls through the
API port, unsigned ones through the integration port."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from fixtures.simulator.asgi import Application
from fixtures.simulator.clock import Clock
from fixtures.simulator.management.commands import Durations
from fixtures.simulator.management.error_texts import DEFAULT_LINE
from fixtures.simulator.management.management_server import Account, Management, ManagementOptions
from fixtures.simulator.management.signing import sign


@dataclass(frozen=True)
class ApiReply:
    """An HTTP reply."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The content of the JSON envelope."""
        return next(iter(msgspec.json.decode(self.text).values()))


def send_request(
    application: Application, query: str, path: str = "/client/api", form: str = ""
) -> ApiReply:
    """The reply to one HTTP request: by POST with a form, else by GET."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": form.encode(), "more_body": False}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http",
        "path": path,
        "method": "POST" if form else "GET",
        "query_string": query.encode(),
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")] if form else [],
    }
    # uvicorn types the scope more closely than a plain dict can be
    asyncio.run(application(scope, receive, send))  # type: ignore[arg-type]  # see above
    headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return ApiReply(sent[0]["status"], headers, sent[1]["body"].decode())


def query_of(parameters: dict[str, str]) -> str:
    """Parameters as a query string."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())


class Cloud:
    """A management server and its callers: alice, unless a call names another account."""

    def __init__(
        self,
        durations: Durations | None = None,
        database: str = "sqlite://",
        line: str = DEFAULT_LINE,
    ) -> None:
        self.clock = Clock()
        options = ManagementOptions(durations or Durations(), line=line)
        self.management = Management(database, self.clock, options)
        self.world = self.management.world
        self.users = {name: self.management.add_account(name) for name in self.world.accounts}

    def signed_parameters(
        self, command: str, parameters: dict[str, Any], by: str = "alice"
    ) -> dict[str, str]:
        """The signed parameters of a call."""
        user: Account = self.users[by]

        unsigned = {"command": command, "response": "json", "apiKey": user.api_key}
        unsigned |= {name: str(value) for name, value in parameters.items()}
        return unsigned | {"signature": sign(unsigned, user.secret_key)}

    def reply(self, command: str, by: str = "alice", **parameters: Any) -> ApiReply:
        """The reply to a signed call by GET."""
        return send_request(
            self.management.api, query_of(self.signed_parameters(command, parameters, by))
        )

    def call(self, command: str, by: str = "alice", **parameters: Any) -> Any:
        """The content of the envelope of a signed call that must succeed."""
        reply = self.reply(command, by, **parameters)
        assert reply.status == 200, reply.text
        return reply.body

    def refusal(self, command: str, by: str = "alice", **parameters: Any) -> tuple[int, str]:
        """Code and text of the error of a signed call that must be refused at once."""
        reply = self.reply(command, by, **parameters)
        assert reply.status != 200, reply.text
        assert reply.body["errorcode"] == reply.status
        return reply.status, reply.body["errortext"]

    def job(self, jobid: str, by: str = "alice") -> Any:
        """The state of a job."""
        return self.call("queryAsyncJobResult", by, jobId=jobid)

    def job_result(self, command: str, by: str = "alice", **parameters: Any) -> Any:
        """The result of an asynchronous command, whose job must have succeeded by now."""
        job = self.job(self.call(command, by, **parameters)["jobid"], by)
        assert job["jobstatus"] == 1, job
        return job["jobresult"]

    def job_error(self, command: str, by: str = "alice", **parameters: Any) -> tuple[int, str]:
        """Code and text of the error of an asynchronous command, whose job must have failed."""
        job = self.job(self.call(command, by, **parameters)["jobid"], by)
        assert (job["jobstatus"], job["jobresultcode"]) == (2, 530), job
        return job["jobresult"]["errorcode"], job["jobresult"]["errortext"]

    def list(self, command: str, by: str = "alice", **parameters: Any) -> list[Any]:
        """The entries of a list command."""
        body = self.call(command, by, **parameters)
        return next((value for name, value in body.items() if name != "count"), [])

    def deploy(self, by: str = "alice", **parameters: Any) -> str:
        """Deploy an instance; its id."""
        image = {
            "zoneid": self.world.zone_id,
            "serviceofferingid": self.world.service_offerings["m1.small"],
            "templateid": self.world.template_id,
        }
        return str(self.call("deployVirtualMachine", by, **image | parameters)["id"])

    def volume(self, by: str = "alice", **parameters: Any) -> str:
        """Create a volume, of 3 GB by default; its id."""
        settings = {"name": "disk", "zoneid": self.world.zone_id}
        settings |= {"diskofferingid": self.world.disk_offering_id, "size": "3"} | parameters
        return str(self.call("createVolume", by, **settings)["id"])

    def root(self, instance: str, by: str = "alice") -> str:
        """The id of an instance's root volume."""
        return str(self.list("listVolumes", by, virtualmachineid=instance, type="ROOT")[0]["id"])

    def state(self, command: str, identifier: str, by: str = "alice") -> str:
        """The state of the resource with that id, as a list command shows it."""
        return str(self.list(command, by, id=identifier)[0]["state"])


@contextmanager
def running_cloud(
    durations: Durations | None = None, database: str = "sqlite://", line: str = DEFAULT_LINE
) -> Iterator[Cloud]:
    """A management server, until the end of the block."""
    cloud = Cloud(durations, database, line)
    try:
        yield cloud
    finally:
        cloud.management.close()
