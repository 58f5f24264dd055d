"""Which cases must notice each bug that users of EC2 translations reported."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails


def _fails(*cases: str, text: str, clients: tuple[str, ...] = ("*",)) -> Expected:
    patterns = (f"reported_bugs/{case}[{client}]" for case in cases for client in clients)
    return fails(tuple(patterns), text=text)


REPORTED: Mapping[str, Expected] = {
    "shares-reservations": _fails(
        "DescribeInstances/reply/reservations", text="is True, expected 'false'"
    ),
    "shows-one-type": _fails(
        "DescribeInstances/reply/two-types",
        "RunInstances/parameters/reply-of-another-type",
        text="InstanceType is 'm1.small'",
    ),
    "numbers-launches-0": _fails(
        "RunInstances/parameters/launch-indices", text="AmiLaunchIndex is [0, 0]"
    ),
    "shows-key-names-always": _fails("DescribeInstances/reply/no-key-name", text="KeyName is"),
    "leaves-instances-of-failed-launches": _fails(
        "RunInstances/rejections/one-of-two-fails", text="not undone by destroyVirtualMachine"
    ),
    "fails-partial-launches": _fails(
        "RunInstances/parameters/one-of-three-fails", text="refused with"
    ),
    "opens-group-rules-to-everyone": _fails(
        "AuthorizeSecurityGroupIngress/parameters/source-group-opens-no-range",
        "AuthorizeSecurityGroupIngress/parameters/source-group-without-user",
        text="cidrlist='0.0.0.0/0'",
    ),
    "needs-the-source-s-user": _fails(
        "AuthorizeSecurityGroupIngress/parameters/source-group-without-user",
        text="refused with",
        clients=("boto", "boto3"),
    ),
    "ignores-names-of-tags": _fails("DescribeVolumes/filters/another-tag-s-value", text="is 1"),
    "reads-one-filter": _fails("DescribeVolumes/filters/one-tag-of-two", text="is 1"),
    "joins-tag-key-and-tag-value": _fails(
        "DescribeVolumes/filters/tag-key-and-tag-value", text="is 0"
    ),
    "knows-one-tag": _fails(
        *(f"DescribeVolumes/filters/{each}" for each in ("two-tags", "tag-key-and-tag-value")),
        text="is 0",
    ),
    "ignores-owners-of-snapshots": _fails("DescribeSnapshots/reply/owner-other", text="is 1"),
    "ignores-owners-of-images": _fails("DescribeImages/reply/owner-other", text="is 1"),
    "shows-terminated-as-running": _fails(
        "DescribeInstances/reply/terminated", text="State.Name is 'running'"
    ),
    "crashes-on-unknown-actions": _fails(
        *(
            f"DescribeAvailabilityZones/rejections/{each}-action"
            for each in ("unknown", "markup", "other-case")
        ),
        text="not an EC2 answer: HTTP 500",
    ),
    "shows-another-root-device": _fails(
        "DescribeInstanceAttribute/reply/rootDeviceName", text="RootDeviceName.Value is 'sda1'"
    ),
    "shows-no-block-devices": _fails(
        "DescribeInstanceAttribute/reply/blockDeviceMapping", text="BlockDeviceMappings"
    ),
    "protects-every-instance": _fails(
        "DescribeInstanceAttribute/reply/disableApiTermination", text="is True"
    ),
    "shows-other-user-data": _fails(
        "DescribeInstanceAttribute/reply/userData", text="UserData.Value is"
    ),
    "shows-private-for-public-addresses": _fails(
        "DescribeInstances/reply/public-address", text="PublicIpAddress is"
    ),
    "ignores-client-tokens": _fails(
        "RunInstances/parameters/same-token",
        *(f"RunInstances/rejections/token-with-another-{each}" for each in ("type", "number")),
        text="deployVirtualMachine: unexpected state-changing call",
    ),
    "compares-beginnings-of-tokens": _fails(
        "RunInstances/parameters/two-tokens",
        text="deployVirtualMachine: missing, expected",
    ),
    "compares-no-parameters-of-tokens": _fails(
        *(f"RunInstances/rejections/token-with-another-{each}" for each in ("type", "number")),
        text="answered as if all were well",
    ),
    "takes-equal-launches-for-one": _fails(
        "RunInstances/parameters/without-token",
        text="deployVirtualMachine: missing, expected",
    ),
    "shows-failed-instances-as-running": _fails(
        "DescribeInstances/reply/state-error", text="State.Name is 'running'"
    ),
    "shows-migrating-instances-as-stopped": _fails(
        "DescribeInstances/reply/state-migrating", text="State.Name is 'stopped'"
    ),
    "shows-changes-as-done": _fails(
        *(f"DescribeInstances/reply/state-{each}" for each in ("starting", "stopping")),
        text="State.Name is '",
    ),
    **{
        name: _fails("*/reply/longer-than-a-page", text="']) is 0, expected")
        for name in ("lists-one-page", "lists-one-page-twice")
    },
    "takes-keys-that-are-no-base64": _fails(
        "ImportKeyPair/rejections/not-base64", text="answered as if all were well"
    ),
}
