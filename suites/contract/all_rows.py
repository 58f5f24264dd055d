"""Requirements on each of the 38 rows: the documented call, the reply, failures of CloudStack."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import CloudFault, Level, Requirement, Row

INTERNAL = frozenset({"InternalError", "InternalFailure"})
INTERNAL_TEXT = "Internal error executing command, please contact your system administrator"


def documented_call(row: Row) -> Requirement:
    """The row: its EC2 call results in its CloudStack call, and a described resource comes back."""
    return Requirement(
        row.action,
        "documented-call",
        "",
        f"{row.ec2_command.real} ({row.action}) calls CloudStack's {row.cloudstack_call.real}, "
        "for the requested resources, and changes nothing else.",
        level=Level.MUST,
        source=row.source,
        fields=row.described,
        state=row.scenario.expectation.state,
    )


def reply(row: Row) -> Requirement:
    """The reply to the row's EC2 call."""
    return Requirement(
        row.action,
        "reply",
        "",
        f"{row.action} returns Amazon's fields, for the requested resources.",
        fields=row.scenario.expectation.fields,
    )


def cloud_failures(row: Row) -> Iterator[Requirement]:
    """CloudStack fails at once, and, for an asynchronous command, in the job."""
    command = row.cloudstack_call.real
    yield Requirement(
        row.action,
        "rejections",
        "cloudstack-fails",
        f"When CloudStack's {command} fails, the client gets an error, and it is not repeated.",
        codes=INTERNAL,
        call_expected=True,
        fault=CloudFault(command, 530, INTERNAL_TEXT),
    )
    if row.job:
        yield Requirement(
            row.action,
            "rejections",
            "cloudstack-fails-in-job",
            f"When the asynchronous job of {command} fails, the client gets an error.",
            codes=INTERNAL,
            call_expected=True,
            fault=CloudFault(command, 530, "Failed to carry out the job", in_job=True),
        )
