"""Bridges of other makes: each is right where it differs, or is a finding with a known text.

Others are made elsewhere: no mustUnderstand in `test_soap_variants`, not all actions in
`test_offered_actions`, other paths in S3 signatures in `test_s3_endpoints`, empty numbers in
`kills/test_defects_of_form`, lists of more than 500 in `acceptance/test_account_history`, calls
past the proxy in `test_run_ends`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import aiohttp
import msgspec
import pytest
from yarl import URL

from fixtures import profile
from fixtures.clients.ec2.connection import Ec2Connection
from fixtures.clients.transport.messages import HttpRequest, HttpResponse
from fixtures.model import Level, Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.runners.test_certificates import own_identity
from fixtures.simulator.asgi_http import TEXT, HttpReply
from fixtures.simulator.bridge.ec2 import cloud
from fixtures.simulator.bridge.ec2.auth import CallerCredentials
from fixtures.simulator.bridge.ec2.cloud import CommandResult, Transport
from fixtures.simulator.bridge.ec2.errors import CloudStackError, Ec2Error
from fixtures.simulator.bridge.ec2.query_request import QueryRequest
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.server import Bridge
from fixtures.simulator.bridge.soap.messages import Envelope
from fixtures.targets.target import Target
from tests.support.planned_suites import table_cases

LATER = "2012-08-15"
SUITES = ("zones", "keypairs")
KINDS = ("documented-call", "reply", "rejections")
UNSUPPORTED = f"Unsupported Version value, expecting: {LATER}"
NO_POST = "HTTP method POST is not supported by this URL"


def _verdicts(target: Target, hooks: Hooks | None = None, *kinds: str) -> dict[str, Verdict]:
    """The verdicts on two suites and the documented calls of one more action, under the hooks."""
    assert target.deployment is not None
    cases = [
        case
        for case in table_cases(*(kinds or KINDS))
        if case.suite in SUITES or (case.kind, case.row) == ("documented-call", "DescribeInstances")
    ]
    target.resources.invalidate_shared()
    target.deployment.bridge.hooks = (hooks,) if hooks else ()
    try:
        return {case.id: run_case(case, Session(target)).verdict for case in cases}
    finally:
        target.deployment.bridge.hooks = ()


def _failures(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    assert {verdict.status for verdict in verdicts.values()} <= {
        *(Status.FAILED, Status.PASSED, Status.NOT_CLAIMED)
    }
    return {case: v.because for case, v in verdicts.items() if v.status is Status.FAILED}


@contextmanager
def _target(endpoint: profile.Endpoint | None = None, **changes: object) -> Iterator[Target]:
    """A simulated deployment with a profile that says how it differs."""
    plain = profile.load("simulated")
    with Target(msgspec.structs.replace(plain, endpoint=endpoint, **changes), run="made") as made:
        yield made


# --- one API version, one verb ----------------------------------------------------------------


def _later_query(request: QueryRequest) -> str:
    return "" if request.values.get("Version", LATER) == LATER else UNSUPPORTED


def _later_soap(message: Envelope) -> Ec2Error | None:
    return None if message.version == LATER else Ec2Error("NoSuchVersion", UNSUPPORTED)


ONE_VERSION = Hooks(rejection=_later_query, soap_rejection=_later_soap)
GET_ONLY = Hooks(rejection=lambda request: NO_POST if request.method == "POST" else "")


def test_one_later_version_passes() -> None:
    """A bridge that takes 2012-08-15 only passes whole, if the profile says so."""
    with _target(api_version=LATER) as target:
        assert _failures(_verdicts(target, ONE_VERSION, *KINDS[:2])) == {}


def test_one_later_version_unsaid(target: Target) -> None:
    """If the profile names another version, every documented call fails with the bridge's text."""
    verdicts = _verdicts(target, ONE_VERSION, "documented-call")
    failures = _failures(verdicts)
    assert failures.keys() == verdicts.keys()
    assert all(UNSUPPORTED in text for text in failures.values())


def test_get_only_passes() -> None:
    """A bridge that takes GET only passes whole by the Query API, if the profile says so."""
    claims = {**profile.load("simulated").capabilities, "soap": False}
    with _target(profile.Endpoint(verbs=("GET",)), capabilities=claims) as target:
        verdicts = _verdicts(target, GET_ONLY)
    assert _failures(verdicts) == {}
    assert any(verdict.status is Status.PASSED for verdict in verdicts.values())


def test_get_only_unsaid(target: Target) -> None:
    """If the profile claims POST, what is sent by POST fails, with the bridge's text."""
    failures = _failures(_verdicts(target, GET_ONLY, "documented-call"))
    assert any("[boto3]" in case for case in failures)
    assert all("[soap]" not in case for case in failures)
    assert all(NO_POST in text for text in failures.values())


def _version_4_only(request: QueryRequest) -> str:
    return "signature version 2 is not supported" if "Signature" in request.values else ""


def test_signature_version_4_only_passes() -> None:
    """A bridge that takes signature version 4 only passes whole by the Query API, and users are
    registered by requests signed with it, if the profile says so."""
    claims = {**profile.load("simulated").capabilities, "soap": False}
    hooks = Hooks(rejection=_version_4_only)
    with _target(profile.Endpoint(signature_versions=("4",)), capabilities=claims) as target:
        verdicts = _verdicts(target, hooks, *KINDS[:2])
        assert target.deployment is not None
        target.deployment.bridge.hooks = (hooks,)
        registrar = target.clients.registrar("me")
        certificate = own_identity(target, "me").certificate
        assert registrar.set_certificate(certificate) is None
        wrong = replace(registrar, endpoint=replace(registrar.endpoint, secret_key="wrong"))
        assert "SignatureDoesNotMatch" in str(wrong.set_certificate(certificate))
        older = replace(registrar, endpoint=replace(registrar.endpoint, signature_version="2"))
        assert "signature version 2 is not supported" in str(older.set_certificate(certificate))
    assert _failures(verdicts) == {}
    assert any(verdict.status is Status.PASSED for verdict in verdicts.values())


# --- replies ----------------------------------------------------------------------------------


def _prefixed(action: str, text: str) -> str:
    """The document with a prefix in every element, as under a configured API version; errors have
    no namespace."""
    del action
    if "Envelope" in text or " xmlns=" not in text:
        return text
    return re.sub(r"<(/?)(\w)", r"<\1ns1:\2", text).replace(" xmlns=", " xmlns:ns1=")


def test_items_under_a_prefix(target: Target) -> None:
    """Every client reads them as any other XML, so that the bridge passes whole."""
    failures = _failures(_verdicts(target, Hooks(reply=_prefixed), *KINDS[:2]))
    assert failures == {}


class _PhraseTransport(Transport):
    """Reads the text of an error from the reason phrase, as bridges of CloudStack do."""

    async def send(
        self, caller: CallerCredentials, command: str, parameters: Mapping[str, str]
    ) -> CommandResult:
        form = cloud.sign(caller, {"command": command, "response": "json", **parameters})
        async with (
            aiohttp.ClientSession() as session,
            session.get(URL(f"{self._url}?{form}", encoded=True)) as response,
        ):
            if response.status >= 400:
                raise CloudStackError(command, response.status, response.reason or "")
            body: dict[str, CommandResult] = await response.json(content_type=None)
            return next(iter(body.values()))


def test_errors_read_from_the_reason_phrase(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bridge that takes CloudStack's errors from the reason phrase passes whole."""
    assert target.deployment is not None
    plain = target.deployment.bridge.transport
    transport = _PhraseTransport(plain._url, plain.job_limit)
    monkeypatch.setattr(target.deployment.bridge, "transport", transport)
    assert _failures(_verdicts(target)) == {}


@pytest.fixture
def _plain_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses whom it does not know with status 403 and plain text, as CloudBridge does."""
    handle = Bridge._handle_query

    async def handle_plainly(
        bridge: Bridge, request: QueryRequest, skipped: frozenset[str]
    ) -> HttpReply:
        reply = await handle(bridge, request, skipped)
        return HttpReply(403, "Access denied", TEXT) if reply.status in (401, 403) else reply

    monkeypatch.setattr(Bridge, "_handle_query", handle_plainly)


@pytest.mark.usefixtures("_plain_refusals")
def test_plain_refusals(target: Target) -> None:
    """What must be refused is refused; only the cases about the form fail, at `should`."""
    levels = {case.id: case.level for case in table_cases("authentication")}
    verdicts = _verdicts(target, None, "authentication")
    failures = _failures(verdicts)
    refused = [case for case in verdicts if "/wrong-secret[" in case]
    assert refused
    assert all(levels[case] is Level.MUST and case not in failures for case in refused)
    assert {case.replace("-code[", "[") for case in failures} >= set(refused)
    for case, text in failures.items():
        assert levels[case] is Level.SHOULD
        assert "-code[" in case
        assert "not an EC2 answer: HTTP 403" in text


def _without_faultcode(action: str, text: str) -> str:
    del action
    return re.sub("<faultcode>[^<]*</faultcode>", "<faultcode/>", text)


@pytest.mark.parametrize("status", [500, 200])
def test_soap_refusals_without_a_code(
    target: Target, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault that says in words alone that the message is refused, under whatever status, is a
    refusal; only the cases about its form fail, at `should`, with these words."""
    post = Ec2Connection.exchange

    def exchange_under_status(connection: Ec2Connection, request: HttpRequest) -> HttpResponse:
        response = post(connection, request)
        return replace(response, status=status) if response.status == 500 else response

    monkeypatch.setattr(Ec2Connection, "exchange", exchange_under_status)
    cases = {case.id: case for case in table_cases("authentication") if case.driver == "soap"}
    verdicts = _verdicts(target, Hooks(reply=_without_faultcode), "authentication")
    # What is too large is refused before it is read, in a form that is not changed here.
    verdicts = {
        case: verdict
        for case, verdict in verdicts.items()
        if case in cases and "/oversized" not in case
    }
    failures = _failures(verdicts)
    refused = [case for case in verdicts if cases[case].level is Level.MUST]
    assert refused
    assert not failures.keys() & refused
    assert {case.replace("-code[", "[") for case in failures} >= set(refused)
    for text in failures.values():
        assert f"not an EC2 answer: HTTP {status} with a SOAP fault without faultcode: " in text
        assert not text.endswith("faultcode: ")
