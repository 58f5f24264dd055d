"""Clients that verify less than they must, and the cases of the suite `tls` that notice each."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.clients.transport import connection
from fixtures.model import Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from suites.tls import TestTls as Tls
from tests.support.planned_suites import cases

PLAN = {
    case.id: case
    for kind in ("accepted", "refused")
    for demand in Tls.demands(kind, ())
    for case in cases("tls", demand)
}
SDK_CASES = [case for name, case in PLAN.items() if name.endswith(("[boto3]", "[soap]"))]
OF_CERTIFICATES = {"no-authority", "unknown-authority", "self-signed", "incomplete-chain"} | {
    "wrong-host",
    "wrong-address",
    "expired",
    "not-yet-valid",
}
_create_context = ssl.create_default_context


def _unverified(cafile: str | None) -> ssl.SSLContext:
    context = _create_context(cafile=cafile)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _any_host(cafile: str | None) -> ssl.SSLContext:
    context = _create_context(cafile=cafile)
    context.check_hostname = False
    return context


def _any_version(cafile: str | None) -> ssl.SSLContext:
    context = _create_context(cafile=cafile)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


def _trusts_nothing(cafile: str | None) -> ssl.SSLContext:
    del cafile
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def _with_context(make: Callable[[str | None], ssl.SSLContext]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "_tls_context", make)
        yield


# Defect of the clients → what fails then, and the text of the finding.
DEFECTS: dict[str, tuple[AbstractContextManager[None], set[str], str]] = {
    "none": (nullcontext(), set(), ""),
    "verifies-nothing": (
        _with_context(_unverified),
        OF_CERTIFICATES,
        "the client sent its request to this endpoint",
    ),
    "takes-any-host": (
        _with_context(_any_host),
        {"wrong-host", "wrong-address"},
        "the client sent its request to this endpoint",
    ),
    "speaks-any-version": (
        _with_context(_any_version),
        {"tls-1.0", "tls-1.1"},
        "the client sent its request to this endpoint",
    ),
    "trusts-nothing": (
        _with_context(_trusts_nothing),
        {"trusted", "intermediate", "tls-1.2", "tls-1.3"},
        "the client does not connect to a valid endpoint",
    ),
}


def _failures(target: Target) -> dict[str, Verdict]:
    """The failed cases of two SDKs; each time with new sessions, as controls are kept there."""
    with Session(target) as session:
        verdicts = {case.id: run_case(case, session).verdict for case in SDK_CASES}
    return {name: each for name, each in verdicts.items() if each.status is Status.FAILED}


def _endpoint_name(case_id: str) -> str:
    """`expired` of `tls/EC2/refused/expired[boto3]`."""
    return case_id.rpartition("/")[2].partition("[")[0]


@pytest.mark.parametrize("name", DEFECTS)
def test_defects_of_sdks_are_noticed(target: Target, name: str) -> None:
    """A client with the defect fails exactly the cases that name it."""
    defect, endpoints, text = DEFECTS[name]
    with defect:
        failures = _failures(target)
    assert {_endpoint_name(case) for case in failures} == endpoints
    assert all(text in verdict.because for verdict in failures.values())


# Python runs a module of this name when it starts.
_UNVERIFIED_SITE = """
import ssl

create = ssl.create_default_context


def unverified(*args, **options):
    context = create(*args, **options)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


ssl.create_default_context = unverified
"""


def test_a_command_that_verifies_nothing_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ec2-* commands fail exactly the cases of certificates then."""
    (tmp_path / "sitecustomize.py").write_text(_UNVERIFIED_SITE, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    refused = [case for name, case in PLAN.items() if name.endswith("[command]")]
    with Target(profile.load("simulated"), run="tls") as started, Session(started) as session:
        verdicts = {case.id: run_case(case, session).verdict for case in refused}
    failures = {name: each for name, each in verdicts.items() if each.status is Status.FAILED}
    assert {_endpoint_name(case) for case in failures} == OF_CERTIFICATES
    for verdict in failures.values():
        assert "the client sent its request to this endpoint" in verdict.because
