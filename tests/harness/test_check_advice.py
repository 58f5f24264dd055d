"""`conform run --check` says in words what to write in the profile of a bridge."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from fixtures import profile
from fixtures.clients.ec2.registration import new_identity
from fixtures.simulator.bridge.ec2.query_request import QueryRequest
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.s3.auth import signature_v2
from fixtures.simulator.bridge.s3.errors import S3Error
from fixtures.simulator.bridge.s3.request import S3Request
from fixtures.simulator.bridge.soap import messages
from fixtures.simulator.bridge.soap.messages import SECURITY, Envelope
from fixtures.simulator.bridge.soap.soap_faults import ENVELOPE, ProtocolError
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.targets.findings import Finding, Grade
from fixtures.targets.preflight import check_target
from tests.support.command_runs import write_identity
from tools.conform.served_profile import connection_details, write_profile

Check: TypeAlias = Callable[..., list[Finding]]


@pytest.fixture
def check(deployment: Deployment, tmp_path: Path) -> Check:
    """Checks the deployment's profile, with changes: pairs of old and new texts."""

    def run(*texts: str, observer: dict[str, Any] | None = None) -> list[Finding]:
        details = connection_details(deployment)
        file = write_profile(tmp_path / "bridge.toml", details, observer or {"kind": "none"})
        text = file.read_text("utf-8")
        for old, new in zip(texts[::2], texts[1::2], strict=True):
            assert old in text, (old, text)
            text = text.replace(old, new)
        file.write_text(text, "utf-8")
        return list(check_target(profile.load(str(file))))

    return run


def only_text(findings: list[Finding], about: str, grade: Grade) -> str:
    """The text of the only finding of this grade about a part."""
    (text,) = [f.text for f in findings if f.about == about and f.grade is grade]
    return text


@pytest.fixture
def reject(deployment: Deployment) -> Iterator[Callable[[Callable[[QueryRequest], str]], None]]:
    """Lets the bridge reject Query requests."""
    before = deployment.bridge.hooks

    def apply(rejection: Callable[[QueryRequest], str]) -> None:
        deployment.bridge.hooks = (*before, Hooks(rejection=rejection))

    yield apply
    deployment.bridge.hooks = before


def test_a_bridge_that_accepts_everything(check: Check) -> None:
    """There is nothing to write."""
    findings = check()
    assert {f.grade for f in findings} <= {Grade.GOOD, Grade.LACKING}
    assert "write in" not in str(findings)
    assert "lists the user's buckets" in str(findings)


@pytest.mark.parametrize(
    ("rejection", "line"),
    [
        (lambda request: "" if request.method == "GET" else "no POST", 'verbs = ["GET"]'),
        (
            lambda request: "" if "authorization" in request.headers else "no version 2",
            'signature_versions = ["4"]',
        ),
        (
            lambda request: "no" if request.values.get("SignatureMethod") == "HmacSHA256" else "",
            'signature_methods = ["HmacSHA1"]',
        ),
        (
            lambda request: "" if request.values.get("Version") == "2012-08-15" else "unsupported",
            'api_version = "2012-08-15"',
        ),
    ],
    ids=["get-only", "version-4-only", "hmac-sha1-only", "one-version"],
)
def test_a_bridge_that_answers_in_another_way(
    check: Check,
    reject: Callable[[Callable[[QueryRequest], str]], None],
    rejection: Callable[[QueryRequest], str],
    line: str,
) -> None:
    """What the clients send first is refused, and the way that is answered is named."""
    reject(rejection)
    text = only_text(check(), "EC2 Query", Grade.UNUSABLE)
    assert "write in the profile" in text
    assert line in text


def test_what_is_claimed_and_not_accepted(
    check: Check, reject: Callable[[Callable[[QueryRequest], str]], None]
) -> None:
    """The clients' requests are answered, but a verb that is claimed is not accepted."""
    reject(lambda request: "" if request.method == "POST" else "no GET")
    findings = check()
    assert only_text(findings, "EC2 Query", Grade.GOOD)
    assert 'verbs = ["POST"]' in only_text(findings, "EC2 Query options", Grade.LACKING)


def test_what_is_accepted_and_not_claimed(check: Check) -> None:
    """What could be certified besides is mentioned."""
    findings = check('signature_versions = ["2", "4"]', "")
    text = only_text(findings, "EC2 Query options", Grade.GOOD)
    assert 'signature_versions = ["2", "4"]' in text


def test_soap_version_and_must_understand(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bridge that faults on mustUnderstand and has the messages of one version."""
    parse_message = messages.parse_message

    def parse(document: bytes, *, dtd: bool = False) -> Envelope:
        envelope = parse_message(document, dtd=dtd)
        security = envelope.header.find(SECURITY) if envelope.header is not None else None
        if security is not None and security.get(f"{{{ENVELOPE}}}mustUnderstand") == "1":
            raise ProtocolError("MustUnderstand", "Must Understand check failed")
        if envelope.version != "2012-08-15":
            raise ProtocolError("Client", "The endpoint reference is not found")
        return envelope

    monkeypatch.setattr(messages, "parse_message", parse)
    text = only_text(check(), "EC2 SOAP", Grade.UNUSABLE)
    assert 'soap_version = "2012-08-15"; must_understand = false' in text


def test_who_is_not_registered(check: Check, tmp_path: Path) -> None:
    """The command that registers a user is printed, without secrets."""
    certificate, key = write_identity(tmp_path)
    stranger = new_identity("stranger")
    Path(certificate).write_text(stranger.certificate, "ascii")
    Path(key).write_text(stranger.private_key, "ascii")
    findings = check(
        str(tmp_path / "bridge.user.certificate.pem"),
        certificate,
        str(tmp_path / "bridge.user.private_key.pem"),
        key,
    )
    assert "conform register --url http://" in only_text(findings, "EC2 SOAP", Grade.UNUSABLE)


def test_s3_that_fails_with_everything(check: Check, deployment: Deployment) -> None:
    """HTTP 500 to each request is not good."""

    def fail(*_: object) -> None:
        raise S3Error("InternalError", "The servlet could not be started")

    before = deployment.bridge.hooks
    deployment.bridge.hooks = (*before, Hooks(s3_operation=fail))  # type: ignore[arg-type]  # it raises
    try:
        text = only_text(check(), "S3", Grade.UNUSABLE)
    finally:
        deployment.bridge.hooks = before
    assert "HTTP 500 to ListBuckets: InternalError" in text


@pytest.mark.parametrize(
    ("accepted", "about", "grade"),
    [("bucket", "S3", Grade.UNUSABLE), ("full", "S3 signatures", Grade.LACKING)],
)
def test_the_path_that_s3_signs(
    check: Check, monkeypatch: pytest.MonkeyPatch, accepted: str, about: str, grade: Grade
) -> None:
    """Which path a bridge signs is found out; clients sign the path as sent by default."""

    def paths(request: S3Request) -> Iterator[str]:
        yield request.resource if accepted == "bucket" else request.raw_path

    monkeypatch.setattr(signature_v2, "_paths", paths)
    assert f's3_signed_paths = ["{accepted}"]' in only_text(check(), about, grade)


def test_the_host_of_s3_may_have_to_be_a_name(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bridge that refuses requests to an address."""
    monkeypatch.setattr(signature_v2, "_paths", lambda _: iter(["/nothing"]))
    assert "serviceEndpoint" in only_text(check(), "S3", Grade.UNUSABLE)


def test_a_bridge_that_bypasses_the_proxy(check: Check, deployment: Deployment) -> None:
    """An answered read of which the proxy saw no call: the bridge is configured otherwise."""
    observer = {"kind": "proxy", "listen": "127.0.0.1:0", "upstream": deployment.cloudstack_url}
    findings = check(observer=observer)
    assert "no call of the profile's users passed" in only_text(
        findings, "observer", Grade.UNUSABLE
    )


def test_a_bridge_whose_calls_pass_the_proxy(tmp_path: Path) -> None:
    """One call is enough."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = DeploymentOptions(cloudstack_url=f"http://{address}/client/api")
    with Deployment(options) as deployment:
        observer = {"kind": "proxy", "listen": address, "upstream": deployment.cloudstack_url}
        details = connection_details(deployment)
        file = write_profile(tmp_path / "bridge.toml", details, observer)
        findings = list(check_target(profile.load(str(file))))
    assert "calls pass the proxy" in str(findings)


def test_an_architecture_that_cannot_be_named(check: Check) -> None:
    """RegisterImage names format, zone, OS type and hypervisor, between colons."""
    findings = check("[world]", '[world]\narchitecture = "QCOW2:zone 1:KVM"')
    assert "FORMAT:ZONE:OS TYPE:HYPERVISOR" in only_text(findings, "architecture", Grade.LACKING)


@pytest.mark.parametrize(
    ("architecture", "missing"),
    [
        ("QCOW2:zone1:Plan 9:KVM", "OS type 'Plan 9'"),
        ("QCOW2:zone 7:CentOS 6.4 (64-bit):KVM", "zone 'zone 7'"),
    ],
)
def test_an_architecture_that_cloudstack_does_not_have(
    check: Check, architecture: str, missing: str
) -> None:
    """What CloudStack does not list cannot be registered, though the form is right."""
    findings = check("[world]", f'[world]\narchitecture = "{architecture}"')
    assert f"CloudStack lists no {missing}" in only_text(findings, "architecture", Grade.LACKING)


def test_the_architecture_of_the_discovered_image(check: Check) -> None:
    """By default the one of a template that exists: no finding."""
    assert [finding for finding in check() if finding.about == "architecture"] == []
