"""CloudStack away or slow behind the bridge: clients get an EC2 error, and others are served."""

from __future__ import annotations

from fixtures.model import (
    Case,
    ConcurrentScenario,
    Lookup,
    Outage,
    OutageKind,
    ProcedureRequirement,
    Requirement,
)
from suites.contract.dsl import rejects
from suites.contract.suite import Check, Suite

SOURCE = "Amazon EC2 API 2010-11-15, error codes of the service"
# An error of the service, which the client may send its request again after; not the client's.
SERVICE_ERRORS = frozenset(
    {"InternalError", "InternalFailure", "Unavailable", "ServiceUnavailable"}
)
ACTIONS = {"DescribeVolumes": "listVolumes", "CreateVolume": "createVolume"}  # a read, a change
WHAT = {
    OutageKind.REFUSED: "accepts no connection",
    OutageKind.SILENT: "does not answer",
    OutageKind.CUT: "answers half and closes the connection",
}
CLIENTS = ("boto", "boto3", "soap", "command", "raw")


def _away(kind: OutageKind, action: str, command: str) -> Requirement:
    is_cut = kind is OutageKind.CUT
    return rejects(
        action,
        f"cloudstack-{kind}",
        f"While CloudStack {WHAT[kind]}, {action} ends in time with an EC2 error, and is sent to "
        "CloudStack once at most.",
        SERVICE_ERRORS,
        source=SOURCE,
        drivers=CLIENTS,
        outage=Outage(kind, command if is_cut else ""),
        call_expected=is_cut and action.startswith("Create"),
    )


AWAY = tuple(_away(kind, *names) for kind in WHAT for names in ACTIONS.items())
TWO_CLIENTS = tuple(
    ProcedureRequirement(
        row="DescribeKeyPairs",
        kind="concurrency",
        name=name,
        text=f"While CloudStack is slow for one of two clients, {text}.",
        procedure=ConcurrentScenario(
            Lookup("DescribeKeyPairs", "KeyPairs[].KeyName"),
            {"mine": "keypair", "theirs": "keypair@other"},
            "{mine.name}",
            "{theirs.name}",
            judges_time,
        ),
        drivers=CLIENTS,
        capabilities=frozenset({"second_account"}),
        source="Amazon EC2 API 2010-11-15",
        security=not judges_time,
    )
    for name, text, judges_time in (
        ("slow-and-quick", "the other one is answered", True),
        ("own-answers", "each is answered with the resources of its own account", False),
    )
)


class TestOutages(Suite):
    """Requests while CloudStack is away or slow."""

    suite = "outages"
    requirements = (*AWAY, *TWO_CLIENTS)

    def test_rejections(self, case: Case, check: Check) -> None:
        """While CloudStack is away, every request ends in time, with an EC2 error."""
        check(case)

    def test_concurrency(self, case: Case, check: Check) -> None:
        """A client that CloudStack keeps waiting neither delays nor mixes up another one."""
        check(case)
