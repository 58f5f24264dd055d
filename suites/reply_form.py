"""What every EC2 document has around its content: the request's id, and the version's namespace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fixtures.model import Case, CloudFault, Requirement, Row
from fixtures.wsdl import VERSIONS, namespace
from suites.contract.all_rows import INTERNAL_TEXT
from suites.contract.suite import Check, Suite

SOURCE = "Amazon EC2 API 2010-11-15, common responses and errors"
FORM_CLIENTS = ("boto", "boto3", "soap")  # beside raw, which every action is sent with
EVERY_CLIENT = ("DescribeAvailabilityZones", "CreateKeyPair")  # a read and a change
OF_VERSION = namespace("{endpoint.version}")
ID = {"present": True}
LOOKUP = "DescribeVolumes"
# How requests fail: in words, and by which clients and differences.
ERRORS: Mapping[str, tuple[str, tuple[str, ...], Mapping[str, Any]]] = {
    "unknown-key": ("An unknown access key", ("raw",), {"tampering": {"access_key": "AKUNKNOWN"}}),
    "unknown-action": (
        "An unknown action",
        ("raw",),
        {
            "tampering": {"action": "DescribeNothing"},
            "refused": False,
            "codes": frozenset({"InvalidAction"}),
        },
    ),
    "unknown-id": (
        "An unknown id",
        ("boto", "boto3", "raw"),
        {"arguments": {"VolumeIds": ["{unique.id}"]}},
    ),
    "cloudstack-fails": (
        "An error of CloudStack",
        ("boto", "boto3", "raw"),
        {"fault": CloudFault("listVolumes", 530, INTERNAL_TEXT), "call_expected": True},
    ),
}


def _answers(row: Row) -> Iterator[Requirement]:
    clients = (*(FORM_CLIENTS if row.action in EVERY_CLIENT else ()), "raw")
    yield _requirement(
        row.action,
        "frame",
        f"The answer to {row.action} has a requestId, and the namespace of the Version that was "
        "sent.",
        {"requestId": ID, "namespace": OF_VERSION},
        drivers=clients,
    )


def _versions() -> Iterator[Requirement]:
    for version in VERSIONS:
        yield _requirement(
            "DescribeAvailabilityZones",
            f"namespace-of-{version}",
            f"An answer to a request of version {version} has the namespace of that version.",
            {"namespace": namespace(version)},
            drivers=("raw", "soap"),
            capabilities=frozenset({"both_versions"}),
            tampering={"version": version},
        )


def _errors() -> Iterator[Requirement]:
    for name, (what, clients, differences) in ERRORS.items():
        yield _requirement(
            LOOKUP,
            f"request-id-of-{name}",
            f"{what} is answered with an error document that has a RequestID.",
            {"RequestID": ID},
            drivers=clients,
            **{"refused": True, **differences},
        )


def _requirement(
    action: str, name: str, text: str, frame: Mapping[str, Any], **overlay: Any
) -> Requirement:
    return Requirement(action, "form", name, text, source=SOURCE, frame=frame, **overlay)


class TestReplyForm(Suite):
    """The frame of EC2's documents."""

    suite = "reply_form"

    def test_form(self, case: Case, check: Check) -> None:
        """A document names its request, and the version that it is written in."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[Requirement]:
        """All of them."""
        if kind == "form":
            for row in rows:
                yield from _answers(row)
            yield from _versions()
            yield from _errors()
