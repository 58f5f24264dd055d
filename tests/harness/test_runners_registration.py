"""Running registration cases: how their steps are checked, and that every user is registered as
before at the end, whatever happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509

from fixtures.checkers.registration import (
    RegistrationReply,
    check_registration,
    check_registration_step,
)
from fixtures.clients.ec2.registration import lookalike_identity, new_identity
from fixtures.clients.ec2.soap_security import ATTACKS
from fixtures.model import (
    Case,
    CloudStackCall,
    Ec2Request,
    Expectation,
    RegistrationAction,
    RegistrationScenario,
    RegistrationStep,
    ReplyKind,
    RequestStep,
    Status,
    Timeouts,
    Verdict,
    Visibility,
)
from fixtures.plan.mapping import rows
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.runners.test_certificates import BRIEF
from fixtures.simulator.bridge.ec2.cloud import Cloud
from fixtures.simulator.bridge.ec2.errors import Ec2Error
from fixtures.simulator.bridge.ec2.user_registration import NextRegistration, RegistrationRequest
from fixtures.simulator.bridge.hooks import Hooks, NextAction
from fixtures.simulator.bridge.xml import Tree
from fixtures.simulator.mutations.mutation import bridge_hooks
from fixtures.targets.target import Target
from suites import registration
from tests.support.planned_suites import cases, scenario, table_cases

ZONES = "DescribeAvailabilityZones"
ANSWERED = RequestStep(ZONES, Expectation(""))


def case_of(*steps: RegistrationStep | RequestStep, driver: str = "soap") -> Case:
    """A case of the suite, with other steps."""
    (case,) = (
        case
        for demand in registration.REGISTRATION
        if demand.name == "unregistered"
        for case in cases("registration", demand)
    )
    return replace(case, driver=driver, scenario=RegistrationScenario(steps))


def _certificate_works(target: Target, user: str = "me") -> bool:
    """Whether the bridge accepts the user's own certificate."""
    own = target.clients.identity(user)
    assert own is not None
    driver = target.clients.driver_with("soap", own)
    reply = driver.call(Ec2Request(ZONES), Timeouts())
    driver.close()
    return reply.kind is ReplyKind.ANSWERED


# --- one step ---------------------------------------------------------------------------------

DONE = RegistrationReply(ReplyKind.ANSWERED, "", 200)
NO = RegistrationReply(ReplyKind.FAULT, "AuthFailure: no", 401)
BROKEN = RegistrationReply(ReplyKind.FAULT, "HTTP 500: NullPointerException", 500)
LATE = RegistrationReply(ReplyKind.TIMED_OUT, "none within 5 s", None)
GONE = RegistrationReply(ReplyKind.REFUSED, "connection refused", None)
REGISTER = RegistrationStep(RegistrationAction.CERTIFICATE, "first")
REFUSE, REFUSE_KEYS = (
    replace(REGISTER, must_fail=True),
    RegistrationStep(RegistrationAction.KEYS, must_fail=True),
)


def cloudstack_call(command: str) -> tuple[CloudStackCall, ...]:
    """One CloudStack call of that command."""
    return (CloudStackCall(command, {}, "me", 200, {}, 0.0, "test"),)


@pytest.mark.parametrize(
    ("step", "answer", "calls", "status", "because"),
    [
        (REGISTER, DONE, (), "passed", ""),
        (REGISTER, DONE, None, "passed", ""),
        (REGISTER, DONE, cloudstack_call("listUsers"), "passed", ""),
        (
            REGISTER,
            DONE,
            cloudstack_call("updateUser"),
            "failed",
            "updateUser: CloudStack was changed",
        ),
        (REGISTER, NO, (), "failed", "SetCertificate: refused: AuthFailure: no"),
        (REGISTER, LATE, (), "failed", "SetCertificate: no answer: none within 5 s"),
        (REGISTER, GONE, (), "error", "no connection to the target: connection refused"),
        (REFUSE, NO, (), "passed", ""),
        (REFUSE, NO, None, "inconclusive", "not all of the CloudStack calls were observed"),
        (REFUSE, DONE, (), "failed", "SetCertificate: done as if all were well"),
        (REFUSE, BROKEN, (), "failed", "SetCertificate: HTTP 500 (HTTP 500: NullPointer"),
        (replace(REFUSE, any_form=True), BROKEN, (), "passed", ""),
        (REFUSE, NO, cloudstack_call("listUsers"), "failed", "listUsers: CloudStack was asked"),
        (REFUSE_KEYS, NO, cloudstack_call("listAccounts"), "passed", ""),
        (
            REFUSE_KEYS,
            NO,
            cloudstack_call("updateUser"),
            "failed",
            "updateUser: CloudStack was changed",
        ),
    ],
)
def test_a_step_is_checked_on_both_sides(
    step: RegistrationStep, answer: RegistrationReply, calls: Any, status: str, because: str
) -> None:
    """A step is done or refused as it must be, an error of the client is reported as one, and no
    CloudStack call changes anything; a refused step causes none at all."""
    verdict = check_registration_step(step, answer, calls, Visibility())
    assert verdict.status == status
    assert verdict.because.startswith(because)
    assert bool(verdict.because) == bool(because)


def _verdict(status: Status, because: str = "") -> Verdict:
    return Verdict(status, "", "e", "o", because)


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        ((Status.PASSED, Status.PASSED), Status.PASSED),
        ((Status.INCONCLUSIVE, Status.PASSED), Status.INCONCLUSIVE),
        ((Status.INCONCLUSIVE, Status.FAILED), Status.FAILED),
        ((Status.PASSED, Status.ERROR), Status.ERROR),
    ],
)
def test_the_last_step_decides(ended: tuple[Status, Status], status: Status) -> None:
    """A failed step outranks an inconclusive one, and each finding has the number of its step."""
    scenario = RegistrationScenario(
        (REGISTER, RequestStep(ZONES, Expectation(""), "first", key="his", delay=3))
    )
    verdict = check_registration("Text.", scenario, [_verdict(each, str(each)) for each in ended])
    assert (verdict.status, verdict.requirement) == (status, "Text.")
    names = (
        "1. SetCertificate first",
        f"2. {ZONES} by first, signed with the key of his after 3 s",
    )
    because = [
        f"{name}: {each}"
        for name, each in zip(names, ended, strict=True)
        if each is not Status.PASSED
    ]
    assert verdict.because.splitlines() == because
    assert verdict.expected.splitlines() == [f"{name}: e" for name in names]


# --- whole cases ------------------------------------------------------------------------------


@pytest.mark.parametrize("last", [REFUSE, RequestStep(ZONES, Expectation(""), "own")])
def test_after_a_failed_step_the_user_is_registered_as_before(
    target: Target, last: RegistrationStep | RequestStep
) -> None:
    """A case ends with its first failed step; then the user's certificate is registered again."""
    deletes = RegistrationStep(RegistrationAction.DELETION)
    verdict = run_case(case_of(deletes, last, ANSWERED), Session(target)).verdict
    assert verdict.status is Status.FAILED
    assert len(verdict.observed.splitlines()) == 2
    assert _certificate_works(target)


def test_after_an_error_both_users_are_registered_as_before(target: Target) -> None:
    """An impossible step is an error of the harness, and both users are registered as before."""
    steps = (
        RegistrationStep(RegistrationAction.DELETION, user="other"),
        RegistrationStep(RegistrationAction.DELETION),
        replace(ANSWERED, tampering={"attack": "magic"}),
    )
    verdict = run_case(case_of(*steps), Session(target)).verdict
    assert verdict.status is Status.ERROR
    assert "magic" in verdict.because
    assert _certificate_works(target)
    assert _certificate_works(target, "other")


def test_a_certificate_lost_to_another_user_is_registered_again(target: Target) -> None:
    """A certificate that the bridge lets another user register is given back to its owner."""
    assert target.deployment is not None
    his = RegistrationStep(RegistrationAction.CERTIFICATE, "own", user="other")
    mine = RegistrationStep(RegistrationAction.DELETION)
    assert run_case(case_of(mine, his), Session(target)).verdict.status is Status.PASSED
    assert _certificate_works(target)
    assert _certificate_works(target, "other")


def test_a_user_who_cannot_be_registered_again_is_an_error(target: Target) -> None:
    """A case that leaves the profile's user without a certificate is an error."""

    async def full(request: RegistrationRequest, call_next: NextRegistration) -> str:
        if request.action == "setcertificate":
            raise Ec2Error("InternalError", "no room")
        return await call_next()

    assert target.deployment is not None
    bridge = target.deployment.bridge
    bridge.hooks = (Hooks(registration=full),)
    verdict = run_case(
        case_of(RegistrationStep(RegistrationAction.DELETION)), Session(target)
    ).verdict
    bridge.hooks = ()
    assert verdict.status is Status.ERROR
    assert verdict.because == ("a user could not be registered as before: InternalError: no room")
    assert not _certificate_works(target)
    assert run_case(case_of(REGISTER), Session(target)).verdict.status is Status.PASSED
    assert _certificate_works(target)


def test_a_certificate_that_could_not_be_restored_is_kept(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the profile names no certificate, the one that its user has is not replaced."""
    with monkeypatch.context() as patch:
        patch.setattr(target.clients, "identity", lambda _: None)
        verdict = run_case(case_of(REGISTER), Session(target)).verdict
    assert verdict.status is Status.NOT_CLAIMED
    assert "names no certificate of me" in verdict.because
    assert _certificate_works(target)
    keys = case_of(
        RegistrationStep(RegistrationAction.KEYS),
        replace(ANSWERED, certificate="own"),
        driver="boto3",
    )
    with monkeypatch.context() as patch:
        patch.setattr(target.clients, "identity", lambda _: None)
        assert run_case(keys, Session(target)).verdict.status is Status.PASSED


def test_the_record_has_every_exchange_and_no_secret(target: Target) -> None:
    """The record has all that went over the wire, without secret keys and signatures."""
    steps = (
        RegistrationStep(RegistrationAction.KEYS),
        REGISTER,
        replace(ANSWERED, certificate="first"),
    )
    seen = run_case(case_of(*steps), Session(target)).observation
    assert seen is not None
    exchanges = seen.reply.exchange
    assert [exchange.method for exchange in exchanges] == ["GET", "GET", "POST"]
    assert "Action=SetCertificate" in exchanges[1].request
    assert "secretkey=***" in exchanges[0].request
    assert {call.command for call in seen.calls or ()} == {"listAccounts", "listZones"}
    everything = str(exchanges)
    assert "PRIVATE KEY" not in everything
    assert target.clients.registrar("me").endpoint.secret_key not in everything


# --- certificates and attacks -----------------------------------------------------------------


def test_a_lookalike_differs_in_its_key_only() -> None:
    """Names, serial number and validity are those of the certificate that it imitates."""
    original = new_identity("user")
    parsed, imitated = (
        x509.load_pem_x509_certificate(identity.certificate.encode())
        for identity in (original, lookalike_identity(original.certificate))
    )
    for name in ("subject", "issuer", "serial_number", "not_valid_before_utc"):
        assert getattr(parsed, name) == getattr(imitated, name)
    assert parsed.not_valid_after_utc == imitated.not_valid_after_utc
    assert parsed.public_key() != imitated.public_key()


def test_the_brief_certificate_has_expired_when_it_should_have() -> None:
    """The suite waits longer than the certificate `brief` is valid."""
    assert BRIEF.total_seconds() < registration.EXPIRY


def test_every_attack_must_be_refused() -> None:
    """Every attack of the soap driver is tried with a read and with a change, and the simple ones
    with every action."""
    attacks = [
        (case.row, scenario(case).tampering["attack"])
        for case in table_cases("authentication")
        if "attack" in scenario(case).tampering
    ]
    thorough = {row for row, attack in attacks if attack == "changed-body"}
    assert len(thorough) == 2
    assert {attack for row, attack in attacks if row in thorough} == ATTACKS
    for simple in ("no-security", "unknown-certificate"):
        assert {row for row, attack in attacks if attack == simple} == {
            row.action for row in rows()
        }


def test_a_replay_of_what_was_refused_proves_nothing(target: Target) -> None:
    """A message that was not carried out the first time cannot be refused as a replay."""
    (case,) = (
        case
        for case in table_cases("authentication")
        if case.id == f"zones/{ZONES}/authentication/replayed[soap]"
    )
    assert run_case(case, Session(target)).verdict.status is Status.PASSED
    stale = replace(scenario(case), tampering={"attack": "old-timestamp"})
    verdict = run_case(replace(case, scenario=stale), Session(target)).verdict
    assert verdict.status is Status.FAILED
    assert "refused the first time already" in verdict.because


# --- the requests that show who is registered -------------------------------------------------


async def without_key_pairs(cloud: Cloud, values: Mapping[str, str], call_next: NextAction) -> Tree:
    """A bridge that crashes when it lists key pairs."""
    if cloud.action == "DescribeKeyPairs":
        raise Ec2Error("InternalError", "NullPointerException")
    return await call_next(values)


def test_registration_is_asked_for_by_an_action_that_works(target: Target) -> None:
    """Where DescribeKeyPairs is broken, the cases of registration ask by another action: they
    judge registration, not that action."""
    assert target.deployment is not None
    planned_cases = [
        case
        for demand in registration.REGISTRATION[:6]
        for case in cases("registration", demand)
        if case.driver == "soap"
    ]
    with (
        bridge_hooks(lambda _: Hooks(action=without_key_pairs))(target.deployment),
        Session(target) as session,
    ):
        verdicts = [run_case(case, session).verdict for case in planned_cases]
    assert planned_cases
    assert {verdict.status for verdict in verdicts} == {Status.PASSED}, [
        verdict.because for verdict in verdicts
    ]
    assert all("DescribeSecurityGroups" in verdict.expected for verdict in verdicts)
