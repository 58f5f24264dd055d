"""A bridge that rejects `mustUnderstand="1"` and has the messages of 2012-08-15 only, with the
profile that describes it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from fixtures import profile
from fixtures.model import Status
from fixtures.plan.mapping import rows
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.ec2.errors import Ec2Error
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.soap.messages import SECURITY, Envelope
from fixtures.simulator.bridge.soap.soap_faults import ENVELOPE, ProtocolError
from fixtures.targets.target import Target
from tests.support.planned_suites import table_cases

VERSION = "2012-08-15"


def _reject(message: Envelope) -> Ec2Error | ProtocolError | None:
    """Why the bridge of CloudStack 4.4 rejects the message, or None."""
    security = message.header.find(SECURITY) if message.header is not None else None
    if security is not None and security.get(f"{{{ENVELOPE}}}mustUnderstand") == "1":
        return ProtocolError("MustUnderstand", "Must Understand check failed for header Security")
    if message.version != VERSION:
        return Ec2Error("NoSuchVersion", f"There are no messages of {message.version}")
    return None


@pytest.fixture(scope="module")
def target_profile() -> profile.Profile:
    """The profile that says what this bridge accepts."""
    endpoint = profile.Endpoint(soap_version=VERSION, must_understand=False)
    return msgspec.structs.replace(profile.load("simulated"), endpoint=endpoint)


@pytest.fixture(autouse=True)
def _strict_bridge(target: Target) -> Iterator[None]:
    """The deployment's bridge, which rejects these messages."""
    assert target.deployment is not None
    target.deployment.bridge.hooks = (Hooks(soap_rejection=_reject),)
    yield
    target.deployment.bridge.hooks = ()


def test_every_command_and_message(target: Target) -> None:
    """All 38 documented calls pass, by the commands and by zeep."""
    cases = [case for case in table_cases("documented-call") if case.driver in ("command", "soap")]
    assert {case.row for case in cases if case.driver == "command"} == {
        row.action for row in rows()
    }
    session = Session(target)
    failed = {
        case.id: verdict.because
        for case in cases
        if (verdict := run_case(case, session).verdict).status is not Status.PASSED
    }
    assert failed == {}


@pytest.mark.parametrize(
    ("accepted", "status"), [(False, Status.NOT_CLAIMED), (True, Status.FAILED)]
)
def test_must_understand_is_claimed_by_the_profile(
    target: Target, *, accepted: bool, status: Status
) -> None:
    """A message that must be understood is certified, unless the profile says it is rejected."""
    cases = [case for case in table_cases("authentication") if "/must-understand[" in case.id]
    assert cases
    claims = {"mustUnderstand"} if accepted else set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, "capabilities", target.capabilities | claims)
        verdicts = [run_case(case, Session(target)).verdict for case in cases]
    assert {verdict.status for verdict in verdicts} == {status}
