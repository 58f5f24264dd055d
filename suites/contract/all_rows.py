"""What is demanded of all 38 rows alike: the documented call, the reply, CloudStack failing."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import CloudFault, Level, Requirement, Row

INTERNAL = frozenset({"InternalError", "InternalFailure"})
INTERNAL_TEXT = "Internal error executing command, please contact your system administrator"


def documented_call(row: Row) -> Requirement:
    """The row itself."""
    return Requirement(
        row.action,
        "documented-call",
        "",
        f"{row.ec2_command.real} ({row.action}) is carried out by CloudStack's "
        f"{row.cloudstack_call.real}, about the resources named, and changes nothing else.",
        level=Level.MUST,
        source=row.source,
        state=row.scenario.expectation.state,
    )


def reply(row: Row) -> Requirement:
    """What the row's reply says."""
    return Requirement(
        row.action,
        "reply",
        "",
        f"{row.action} answers with Amazon's fields, about the resources that were named.",
        fields=row.scenario.expectation.fields,
    )


def cloud_failures(row: Row) -> Iterator[Requirement]:
    """CloudStack fails at once, and, where it works in a job, in the job."""
    command = row.cloudstack_call.real
    yield Requirement(
        row.action,
        "rejections",
        "cloudstack-fails",
        f"When CloudStack's {command} fails, the client is told so, and it is not repeated.",
        codes=INTERNAL,
        called=True,
        fault=CloudFault(command, 530, INTERNAL_TEXT),
    )
    if row.job:
        yield Requirement(
            row.action,
            "rejections",
            "cloudstack-fails-in-job",
            f"When the job that {command} began fails, the client is told so, not of a success.",
            codes=INTERNAL,
            called=True,
            fault=CloudFault(command, 530, "Failed to carry out the job", in_job=True),
        )
