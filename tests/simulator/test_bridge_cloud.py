"""The bridge's CloudStack client: signatures, pages, jobs, errors and an absent server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from fixtures.simulator.bridge.ec2.cloud import (
    Cloud,
    CommandHook,
    CommandResult,
    NextCommand,
    Transport,
    gather,
    sign,
)
from fixtures.simulator.bridge.ec2.errors import CloudStackError, Ec2Error, translate
from fixtures.simulator.bridge.ec2.state import BridgeState
from tests.support.bridge_requests import KEY, Key

Handler = Callable[[dict[str, str]], tuple[int, Any]]


class FakeCloudStack:
    """A CloudStack API whose replies come from a function; it records the requests."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[dict[str, str]] = []
        self.methods: list[str] = []
        self.connections: set[Any] = set()

    async def answer(self, request: web.Request) -> web.Response:
        """Reply to one command."""
        self.connections.add(request.transport)
        self.methods.append(request.method)
        parameters = {str(k): str(v) for k, v in {**request.query, **await request.post()}.items()}
        self.requests.append(parameters)
        status, answer = self.handler(parameters)
        if isinstance(answer, str):
            return web.Response(status=status, text=answer)
        return web.json_response(
            {f"{parameters['command'].lower()}response": answer}, status=status
        )

    @property
    def commands(self) -> list[str]:
        """The commands received, in order."""
        return [parameters["command"] for parameters in self.requests]


@asynccontextmanager
async def cloud_of(
    fake: FakeCloudStack, *hooks: CommandHook, limit: float = 5
) -> AsyncIterator[Cloud]:
    """A client of the fake."""
    application = web.Application()
    application.router.add_route("*", "/client/api", fake.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    transport = Transport(f"http://{host}:{port}/client/api", limit)
    try:
        yield Cloud(transport, KEY, "DescribeInstances", "2010-11-15", BridgeState(), hooks)
    finally:
        await transport.close()
        await runner.cleanup()


def outcome(
    fake: FakeCloudStack, ask: Callable[[Cloud], Awaitable[Any]], *hooks: CommandHook
) -> Any:
    """The result of `ask` with a client of the fake."""

    async def run() -> Any:
        async with cloud_of(fake, *hooks) as cloud:
            return await ask(cloud)

    return asyncio.run(run())


def refusal(code: int, text: str, command: str = "stopVirtualMachine") -> str:
    """The EC2 code of a CloudStack error."""
    return translate(CloudStackError(command, code, text)).code


def test_signatures_are_cloudstacks() -> None:
    """The signature is the one that CloudStack's own classes computed for the same parameters."""
    form = sign(
        Key("APIKEY", "SECRET"),
        {
            "command": "listVirtualMachines",
            "response": "json",
            "listall": "true",
            "id": "A B*~/+",
            "tags[0].key": "k",
        },
    )
    assert form.endswith("&signature=GQs%2BsthqTXqQBkjXyQr3B%2FNrMjE%3D")
    assert "id=A%20B*%7E%2F%2B" in form


def test_one_connection_is_kept() -> None:
    """Calls go over a connection that is kept open."""
    fake = FakeCloudStack(lambda _: (200, {}))

    async def ask(cloud: Cloud) -> None:
        for _ in range(5):
            await cloud.call("listZones")

    outcome(fake, ask)
    assert (len(fake.requests), len(fake.connections)) == (5, 1)


def test_long_lists_are_read_whole() -> None:
    """All pages of a list are read, each once."""
    zones = [{"id": str(n)} for n in range(1234)]

    def handler(parameters: dict[str, str]) -> tuple[int, Any]:
        page = int(parameters.get("page", 1))
        return 200, {"count": 1234, "zone": zones[(page - 1) * 500 : page * 500]}

    fake = FakeCloudStack(handler)
    assert outcome(fake, lambda cloud: cloud.rows("listZones", "zone")) == zones
    assert len(fake.requests) == 3
    assert fake.requests[2]["pagesize"] == "500"


def test_an_empty_list() -> None:
    """CloudStack's reply to an empty list has no list in it."""
    assert outcome(FakeCloudStack(lambda _: (200, {})), lambda c: c.rows("listZones", "zone")) == []


def test_jobs_are_followed_to_their_end() -> None:
    """An asynchronous command's result is that of its job, which is polled at once and again."""
    states = iter([{"jobstatus": 0}, {"jobstatus": 0}, {"jobstatus": 1, "jobresult": {"ok": True}}])

    def handler(parameters: dict[str, str]) -> tuple[int, Any]:
        if parameters["command"] == "queryAsyncJobResult":
            assert parameters["jobid"] == "J"
            return 200, next(states)
        return 200, {"jobid": "J", "id": "I"}

    fake = FakeCloudStack(handler)
    assert outcome(fake, lambda cloud: cloud.call("stopVirtualMachine", id="I")) == {"ok": True}
    assert fake.commands == ["stopVirtualMachine"] + ["queryAsyncJobResult"] * 3


def test_failed_jobs() -> None:
    """A failed job raises the job's own error."""

    def handler(parameters: dict[str, str]) -> tuple[int, Any]:
        if parameters["command"] == "queryAsyncJobResult":
            return 200, {"jobstatus": 2, "jobresult": {"errorcode": 533, "errortext": "full"}}
        return 200, {"jobid": "J"}

    with pytest.raises(CloudStackError) as error:
        outcome(FakeCloudStack(handler), lambda cloud: cloud.call("deployVirtualMachine"))
    assert (error.value.code, error.value.text) == (533, "full")
    assert translate(error.value).code == "InsufficientInstanceCapacity"


def test_jobs_without_end() -> None:
    """A job that does not end in time is an internal error."""

    def handler(parameters: dict[str, str]) -> tuple[int, Any]:
        job = parameters["command"] == "queryAsyncJobResult"
        return 200, {"jobstatus": 0} if job else {"jobid": "J"}

    async def run() -> None:
        async with cloud_of(FakeCloudStack(handler), limit=0.05) as cloud:
            await cloud.call("startVirtualMachine", id="I")

    with pytest.raises(CloudStackError, match="did not end in time") as error:
        asyncio.run(run())
    assert translate(error.value).status == 500


def test_refusals_carry_code_and_text() -> None:
    """An error has CloudStack's code and text."""
    answer = {"errorcode": 431, "cserrorcode": 4350, "errortext": "no & <such> thing"}
    with pytest.raises(CloudStackError) as error:
        outcome(FakeCloudStack(lambda _: (431, answer)), lambda cloud: cloud.call("listZones"))
    assert (error.value.code, error.value.text) == (431, "no & <such> thing")


@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", "", "[]", "{}"])
def test_answers_that_are_not_cloudstacks(body: str) -> None:
    """A reply that is not in CloudStack's form is an internal error, not a crash."""
    with pytest.raises(CloudStackError) as error:
        outcome(FakeCloudStack(lambda _: (200, body)), lambda cloud: cloud.call("listZones"))
    assert translate(error.value).code == "InternalError"


def test_an_absent_cloudstack() -> None:
    """Without a CloudStack, the error is Unavailable, and does not contain CloudStack's address."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/client/api"

    async def run() -> None:
        transport = Transport(url, 5)
        try:
            await Cloud(transport, KEY, "", "", BridgeState()).call("listZones")
        finally:
            await transport.close()

    with pytest.raises(Ec2Error) as error:
        asyncio.run(run())
    assert (error.value.code, error.value.status) == ("Unavailable", 503)
    assert "127.0.0.1" not in error.value.message


def test_calls_are_not_repeated() -> None:
    """When the connection breaks, a call that changes state is not sent again."""
    requests = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line == b"\r\n":
                requests.append(1)
                if len(requests) > 1:
                    break
                writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"r": {}}\n')
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transport = Transport(f"http://127.0.0.1:{port}/client/api", 5)
        cloud = Cloud(transport, KEY, "", "", BridgeState())
        async with server:
            await cloud.call("listZones")
            try:
                await cloud.call("deployVirtualMachine")
            finally:
                await transport.close()

    with pytest.raises(Ec2Error, match="unavailable"):
        asyncio.run(run())
    assert len(requests) == 2


def test_much_user_data_goes_by_post() -> None:
    """A request that is too long for a URL is sent as a form."""
    fake = FakeCloudStack(lambda _: (200, {}))
    outcome(fake, lambda cloud: cloud.call("deployVirtualMachine", userdata="A" * 20_000))
    assert fake.methods == ["POST"]
    assert fake.requests[0]["userdata"] == "A" * 20_000


def test_hooks_wrap_cloudstack_calls() -> None:
    """A mutation may change, drop or add CloudStack calls of an action."""

    async def twice(
        cloud: Cloud, command: str, parameters: Any, call_next: NextCommand
    ) -> CommandResult:
        assert cloud.action == "DescribeInstances"
        await call_next("listUsers", {})
        return await call_next(command, {**parameters, "id": "changed"})

    async def silent(
        _: Cloud, command: str, parameters: Any, call_next: NextCommand
    ) -> CommandResult:
        if command == "listUsers":
            return {}
        return await call_next(command, parameters)

    fake = FakeCloudStack(lambda parameters: (200, {"id": parameters["id"]}))
    hooks = (twice, silent)
    assert outcome(fake, lambda cloud: cloud.call("listZones", id="x"), *hooks) == {"id": "changed"}
    assert fake.commands == ["listZones"]


def test_together_waits_for_everything() -> None:
    """When one of several calls fails, the others have ended before the error is raised."""
    done = []

    async def slow() -> str:
        await asyncio.sleep(0.02)  # so that the other has failed long before
        done.append(1)
        return ""

    async def fails() -> str:
        raise CloudStackError("listZones", 530, "broken")

    with pytest.raises(CloudStackError):
        asyncio.run(gather(fails(), slow()))
    assert done == [1]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (431, "Object vm_instance(uuid: x) does not exist.", "InvalidInstanceID.NotFound"),
        (
            431,
            "Invalid parameter volumeid value=x due to incorrect format, or entity does not exist",
            "InvalidVolume.NotFound",
        ),
        (
            431,
            "Invalid parameter id value=x due to incorrect format, or entity does not exist",
            "InvalidInstanceID.NotFound",
        ),
        (431, "A key pair with name 'k' already exists.", "InvalidKeyPair.Duplicate"),
        (431, "a security group with name g already exisits", "InvalidGroup.Duplicate"),
        (431, "something else", "InvalidParameterValue"),
        (530, "Please specify a VM that is either running or stopped.", "IncorrectInstanceState"),
        (530, "", "InternalError"),
        (531, "Acct alice does not have permission", "AuthFailure"),
        (401, "unable to verify user credentials", "AuthFailure"),
        (
            535,
            "Maximum number of resources of type 'volume' for account name=a has been exceeded.",
            "VolumeLimitExceeded",
        ),
        (
            534,
            "Maximum number of resources of type 'public_ip' for account has been exceeded",
            "AddressLimitExceeded",
        ),
        (535, "", "ResourceLimitExceeded"),
        (537, "conflict", "InvalidIPAddress.InUse"),
        (999, "?", "InternalError"),
    ],
)
def test_translation_of_errors(code: int, text: str, expected: str) -> None:
    """CloudStack's errors are translated to Amazon's codes."""
    assert refusal(code, text) == expected


@pytest.mark.parametrize(
    ("command", "code", "expected", "status"),
    [
        ("deployVirtualMachine", 535, "InstanceLimitExceeded", 400),
        ("createVolume", 535, "VolumeLimitExceeded", 400),
        ("associateIpAddress", 532, "AddressLimitExceeded", 400),
        ("createSnapshot", 535, "SnapshotLimitExceeded", 400),
        ("deployVirtualMachine", 533, "InsufficientInstanceCapacity", 500),
        ("associateIpAddress", 533, "InsufficientAddressCapacity", 500),
        ("deleteSecurityGroup", 536, "InvalidGroup.InUse", 400),
        ("listZones", 530, "InternalError", 500),
    ],
)
def test_limits_and_capacity(command: str, code: int, expected: str, status: int) -> None:
    """Limits and lack of capacity have a code for the kind of resource, and that code's status."""
    error = translate(CloudStackError(command, code, "refused"))
    assert (error.code, error.status) == (expected, status)
