"""The CloudStack client: signatures, envelopes, jobs, pages, errors."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
import requests_mock

from fixtures.cloud import cloudstack
from fixtures.cloud.cloudstack import CloudStackClient, CloudStackError, sign_parameters
from fixtures.model import HarnessError, Timeouts, Unreachable

URL = "http://127.0.0.1:8080/client/api"
KEY, SECRET = "the-api-key", "the-secret-key"
Answer = dict[str, Any]


@pytest.fixture
def management(monkeypatch: pytest.MonkeyPatch) -> Iterator[requests_mock.Mocker]:
    """A management server with the answers that a test registers; jobs are polled without delay."""
    monkeypatch.setattr(cloudstack, "FIRST_POLL", 0.0)
    with requests_mock.Mocker() as mocker:
        yield mocker


@pytest.fixture
def cloud() -> Iterator[CloudStackClient]:
    """The client of one user."""
    client = CloudStackClient(URL, KEY, SECRET, Timeouts(1, 2), job_limit=0.2)
    yield client
    client.close()


def sent_parameters(management: requests_mock.Mocker) -> list[dict[str, str]]:
    """The parameters of each request so far, without credentials."""
    return [
        {
            name: value
            for name, value in parse_qsl(request.text, keep_blank_values=True)
            if name not in ("signature", "apiKey", "response")
        }
        for request in management.request_history
    ]


@pytest.mark.parametrize(
    ("secret", "parameters", "expected"),
    [
        (
            "SECRET",
            {
                "apikey": "APIKEY",
                "command": "listVirtualMachines",
                "response": "json",
                "listall": "true",
                "id": "A B*~/+",
                "tags[0].key": "k",
            },
            "GQs+sthqTXqQBkjXyQr3B/NrMjE=",
        ),
        (
            "secret",
            {"command": "listZones", "apiKey": "AK", "response": "json", "available": "true"},
            "GHxhoBcPBkMrDUWFC0EYslruyiI=",
        ),
    ],
)
def test_signs_as_cloudstack_verifies(
    secret: str, parameters: dict[str, str], expected: str
) -> None:
    """A command is signed as CloudStack's own code computes it."""
    assert sign_parameters(parameters, secret) == expected


def test_calls_are_signed_posts(management: requests_mock.Mocker, cloud: CloudStackClient) -> None:
    """A command is sent signed, with response=json; its answer is returned without the envelope."""
    management.post(URL, json={"listzonesresponse": {"count": 1, "zone": [{"id": "z"}]}})
    assert cloud.call("listZones", name="a b&c") == {"count": 1, "zone": [{"id": "z"}]}
    sent = dict(parse_qsl(management.request_history[0].text))
    signature = sent.pop("signature")
    assert sent == {"command": "listZones", "name": "a b&c", "apiKey": KEY, "response": "json"}
    assert signature == sign_parameters(sent, SECRET)
    assert SECRET not in management.request_history[0].text


def test_parameters_of_all_kinds(management: requests_mock.Mocker, cloud: CloudStackClient) -> None:
    """Booleans, numbers, lists and lists of tags are encoded as CloudStack decodes them."""
    management.post(URL, json={"createtagsresponse": {}})
    tags = [{"key": "a", "value": "1"}, {"key": "b", "value": ""}]
    cloud.call("createTags", resourceids=["r", "s"], forced=False, size=3, left=None, tags=tags)
    assert sent_parameters(management) == [
        {
            "command": "createTags",
            "resourceids": "r,s",
            "forced": "false",
            "size": "3",
            "tags[0].key": "a",
            "tags[0].value": "1",
            "tags[1].key": "b",
            "tags[1].value": "",
        }
    ]


def test_jobs_are_awaited(management: requests_mock.Mocker, cloud: CloudStackClient) -> None:
    """A command with a job returns when the job is done, with its result."""
    machine = {"virtualmachine": {"id": "i"}}
    management.post(
        URL,
        [
            {"json": {"deployvirtualmachineresponse": {"id": "i", "jobid": "j"}}},
            {"json": {"queryasyncjobresultresponse": {"jobid": "j", "jobstatus": 0}}},
            {"json": {"queryasyncjobresultresponse": {"jobstatus": 1, "jobresult": machine}}},
        ],
    )
    assert cloud.job("deployVirtualMachine", zoneid="z") == machine
    query = {"command": "queryAsyncJobResult", "jobid": "j"}
    assert sent_parameters(management)[1:] == [query, query]


def test_commands_without_a_job_answer_at_once(
    management: requests_mock.Mocker, cloud: CloudStackClient
) -> None:
    """The answer of a command without a job is returned at once."""
    management.post(URL, json={"deletevolumeresponse": {"success": "true"}})
    assert cloud.job("deleteVolume", id="v") == {"success": "true"}
    assert len(management.request_history) == 1


def test_failed_jobs_are_errors(management: requests_mock.Mocker, cloud: CloudStackClient) -> None:
    """A failed job raises an error with the code and text of its result."""
    result = {"errorcode": 533, "errortext": "no room"}
    failed = {"jobstatus": 2, "jobresultcode": 530, "jobresult": result}
    management.post(
        URL, [{"json": {"x": {"jobid": "j"}}}, {"json": {"queryasyncjobresultresponse": failed}}]
    )
    with pytest.raises(CloudStackError, match="deployVirtualMachine: 533: no room") as raised:
        cloud.job("deployVirtualMachine")
    assert (raised.value.code, raised.value.text) == (533, "no room")


def test_jobs_have_a_time_limit(
    management: requests_mock.Mocker, cloud: CloudStackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that is not done in time is a HarnessError that names it."""
    monkeypatch.setattr(cloudstack, "FIRST_POLL", 0.05)
    management.post(URL, [{"json": {"x": {"jobid": "j"}}}, {"json": {"q": {"jobstatus": 0}}}])
    with pytest.raises(HarnessError, match=r"startVirtualMachine: job j is not done after 0\.2 s"):
        cloud.job("startVirtualMachine", id="i")
    assert 2 <= len(management.request_history) <= 6


def test_lists_are_read_to_the_end(
    management: requests_mock.Mocker, cloud: CloudStackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pages of a list are read; an empty list has no entries."""
    monkeypatch.setattr(cloudstack, "PAGE", 2)
    pages: list[Answer] = [
        {"count": 3, "volume": [{"id": 1}, {"id": 2}]},
        {"count": 3, "volume": [{"id": 3}]},
        {},
    ]
    management.post(URL, [{"json": {"listvolumesresponse": page}} for page in pages])
    assert cloud.list("listVolumes", "volume", listall=True) == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert cloud.list("listVolumes", "volume") == []
    assert [(q["page"], q["pagesize"]) for q in sent_parameters(management)] == [
        ("1", "2"),
        ("2", "2"),
        ("1", "2"),
    ]


def test_errors_have_cloudstacks_code_and_text(
    management: requests_mock.Mocker, cloud: CloudStackClient
) -> None:
    """A rejected command raises an error with CloudStack's code and text."""
    error = {"uuidList": [], "errorcode": 431, "cserrorcode": 4350, "errortext": "Invalid id"}
    management.post(URL, json={"deletevolumeresponse": error}, status_code=431)
    with pytest.raises(CloudStackError) as raised:
        cloud.call("deleteVolume", id="v")
    assert (raised.value.command, raised.value.code, raised.value.text) == (
        "deleteVolume",
        431,
        "Invalid id",
    )
    assert not isinstance(raised.value, HarnessError)


@pytest.mark.parametrize(
    "failure", [requests.ConnectTimeout, requests.ConnectionError, requests.ReadTimeout]
)
def test_an_unreachable_cloud(
    failure: type[requests.RequestException],
    management: requests_mock.Mocker,
    cloud: CloudStackClient,
) -> None:
    """The error for a management server that does not answer names it and the command."""
    management.post(URL, exc=failure)
    with pytest.raises(
        Unreachable, match=r"CloudStack at http://127.+ gave no answer to listZones"
    ):
        cloud.call("listZones")


def test_an_unreachable_cloud_is_said_in_words() -> None:
    """The error says what happened, not which objects of Python were in the way."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    unreachable = CloudStackClient(
        f"http://127.0.0.1:{port}/client/api", KEY, SECRET, Timeouts(1, 2)
    )
    with pytest.raises(Unreachable) as raised:
        unreachable.call("listZones")
    unreachable.close()
    assert str(raised.value).endswith("gave no answer to listZones: Connection refused")


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "<html>", "status_code": 502},
        {"json": []},
        {"json": {"a": {}, "b": {}}},
        {"json": {"listzonesresponse": "x"}},
        {"text": "", "status_code": 302, "headers": {"Location": "http://127.0.0.1:9/"}},
    ],
)
def test_answers_that_are_not_cloudstacks(
    answer: Answer, management: requests_mock.Mocker, cloud: CloudStackClient
) -> None:
    """An answer that is not CloudStack's is a HarnessError, with a part of the answer."""
    management.post(URL, **answer)
    with pytest.raises(HarnessError, match=r"listZones: HTTP .* with no CloudStack answer"):
        cloud.call("listZones")


def test_control_characters_are_read(
    management: requests_mock.Mocker, cloud: CloudStackClient
) -> None:
    """A tab that CloudStack does not escape in its JSON is no error."""
    management.post(URL, text='{ "listzonesresponse" : {"zone":[{"name":"a\tb"}]} }')
    assert cloud.list("listZones", "zone") == [{"name": "a\tb"}]


def test_proxies_of_the_environment_are_ignored(
    management: requests_mock.Mocker, cloud: CloudStackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests do not go through a proxy that the environment names."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    proxies: list[Any] = []

    def answer(request: Any, _: Any) -> Answer:
        proxies.append(request.proxies)
        return {"x": {}}

    management.post(URL, json=answer)
    cloud.call("listZones")
    assert proxies == [{}]
