"""A simulated management server as its clients see it: signed calls through the API port, unsigned
ones
through the integration port, without a socket."""

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
from fixtures.simulator.management import Account, Durations, Management
from fixtures.simulator.management.signing import sign


@dataclass(frozen=True)
class Answered:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """What stands inside the JSON envelope."""
        return next(iter(msgspec.json.decode(self.text).values()))


def ask(
    application: Application, query: str, path: str = "/client/api", form: str = ""
) -> Answered:
    """One HTTP request, a POST form if one is given."""
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
    return Answered(sent[0]["status"], headers, sent[1]["body"].decode())


def query_of(parameters: dict[str, str]) -> str:
    """Parameters as a query string."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())


class Cloud:
    """A management server and whoever calls it, alice unless somebody else is named."""

    def __init__(self, durations: Durations | None = None, database: str = "sqlite://") -> None:
        self.clock = Clock()
        self.management = Management(database, clock=self.clock, durations=durations)
        self.world = self.management.world
        self.users = {name: self.management.add_account(name) for name in self.world.accounts}

    def sent(self, command: str, parameters: dict[str, Any], by: str = "alice") -> dict[str, str]:
        """The signed parameters of a call."""
        user: Account = self.users[by]
        given = {"command": command, "response": "json", "apiKey": user.api_key}
        given |= {name: str(value) for name, value in parameters.items()}
        return given | {"signature": sign(given, user.secret_key)}

    def http(self, command: str, by: str = "alice", **parameters: Any) -> Answered:
        """A signed call by GET, as it is answered."""
        return ask(self.management.api, query_of(self.sent(command, parameters, by)))

    def call(self, command: str, by: str = "alice", **parameters: Any) -> Any:
        """A signed call that must be answered: what stands in its envelope."""
        answered = self.http(command, by, **parameters)
        assert answered.status == 200, answered.text
        return answered.body

    def refused(self, command: str, by: str = "alice", **parameters: Any) -> tuple[int, str]:
        """A signed call that must be refused at once: code and text."""
        answered = self.http(command, by, **parameters)
        assert answered.status != 200, answered.text
        assert answered.body["errorcode"] == answered.status
        return answered.status, answered.body["errortext"]

    def job(self, jobid: str, by: str = "alice") -> Any:
        """How a job stands."""
        return self.call("queryAsyncJobResult", by, jobId=jobid)

    def done(self, command: str, by: str = "alice", **parameters: Any) -> Any:
        """An asynchronous command that must have succeeded by now: its result."""
        job = self.job(self.call(command, by, **parameters)["jobid"], by)
        assert job["jobstatus"] == 1, job
        return job["jobresult"]

    def failed(self, command: str, by: str = "alice", **parameters: Any) -> tuple[int, str]:
        """An asynchronous command whose job must have failed by now: code and text."""
        job = self.job(self.call(command, by, **parameters)["jobid"], by)
        assert (job["jobstatus"], job["jobresultcode"]) == (2, 530), job
        return job["jobresult"]["errorcode"], job["jobresult"]["errortext"]

    def list(self, command: str, by: str = "alice", **parameters: Any) -> list[Any]:
        """The items of a listing."""
        body = self.call(command, by, **parameters)
        return next((value for name, value in body.items() if name != "count"), [])

    def deploy(self, by: str = "alice", **parameters: Any) -> str:
        """A new instance's id."""
        image = {
            "zoneid": self.world.zone_id,
            "serviceofferingid": self.world.service_offerings["m1.small"],
            "templateid": self.world.template_id,
        }
        return str(self.call("deployVirtualMachine", by, **image | parameters)["id"])

    def volume(self, by: str = "alice", **parameters: Any) -> str:
        """A new volume's id, of 3 GB unless told otherwise."""
        given = {"name": "disk", "zoneid": self.world.zone_id}
        given |= {"diskofferingid": self.world.disk_offering_id, "size": "3"} | parameters
        return str(self.call("createVolume", by, **given)["id"])

    def root(self, instance: str, by: str = "alice") -> str:
        """The id of an instance's root volume."""
        return str(self.list("listVolumes", by, virtualmachineid=instance, type="ROOT")[0]["id"])

    def state(self, command: str, thing: str, by: str = "alice") -> str:
        """The state of the one thing of that id."""
        return str(self.list(command, by, id=thing)[0]["state"])


@contextmanager
def opened(durations: Durations | None = None, database: str = "sqlite://") -> Iterator[Cloud]:
    """A management server that is closed afterwards."""
    cloud = Cloud(durations, database)
    try:
        yield cloud
    finally:
        cloud.management.close()
