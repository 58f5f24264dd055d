"""Which cases must notice that a service is served though it is disabled, or the reverse."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails

_EC2_WAS_OFF = "EC2 is served, though enable.ec2.api was 'false' when the server was started"
_S3_WAS_OFF = "S3 is served, though enable.s3.api was 'false' when the server was started"
_SERVED = (
    "enablement/*/enabled/*",
    "enablement/EC2/alone/EC2-enabled*",
    "enablement/S3/alone/S3-enabled*",
    "enablement/*/not-restarted/disabled*",
)


def _bypass(interface: str, request: str, text: str) -> Expected:
    return fails((f"enablement/{interface}/disabled/{request}[*]",), text=text)


ENABLEMENT: Mapping[str, Expected] = {
    "serves-the-rest-path-while-disabled": _bypass("EC2", "rest-path", _EC2_WAS_OFF),
    "serves-the-rest-path-with-a-slash-while-disabled": _bypass(
        "EC2", "rest-path-with-slash", _EC2_WAS_OFF
    ),
    "serves-the-soap-path-while-disabled": _bypass("EC2", "services-path", _EC2_WAS_OFF),
    "registers-keys-while-disabled": _bypass("EC2", "set-user-keys", _EC2_WAS_OFF),
    "registers-certificates-while-disabled": _bypass("EC2", "set-certificate", _EC2_WAS_OFF),
    "serves-the-axis-servlet-while-disabled": _bypass(
        "EC2", "axis-servlet", "EC2 is not refused (garbled), though enable.ec2.api was 'false'"
    ),
    "serves-axis-administration-while-disabled": _bypass(
        "EC2", "axis-administration", _EC2_WAS_OFF
    ),
    "serves-s3-by-soap-while-disabled": _bypass("S3", "services-path", _S3_WAS_OFF),
    "serves-s3-attachments-while-disabled": _bypass("S3", "dime-path", _S3_WAS_OFF),
    "registers-s3-keys-while-disabled": _bypass("S3", "set-user-keys", _S3_WAS_OFF),
    "serves-s3-while-disabled": fails(
        (
            "enablement/S3/disabled/list[*]",
            "enablement/S3/disabled/create-bucket[*]",
            "enablement/S3/disabled/set-user-keys[*]",
            "enablement/S3/not-restarted/enabled[*]",
            "enablement/S3/alone/EC2-enabled[*]",
        ),
        text=_S3_WAS_OFF,
    ),
    "changes-s3-while-disabled": _bypass("S3", "create-bucket", _S3_WAS_OFF),
    "reads-the-settings-at-once": fails(
        ("enablement/*/not-restarted/*",), text="when the server was started, and was changed to"
    ),
    "calls-cloudstack-while-disabled": fails(
        (
            "enablement/EC2/disabled/*path*",
            "enablement/EC2/disabled/list[*]",
            "enablement/EC2/disabled/set-*",
            "enablement/EC2/not-restarted/enabled[*]",
            "enablement/EC2/alone/S3-enabled[*]",
        ),
        text="listZones: CloudStack was called, though enable.ec2.api was 'false'",
    ),
    "takes-a-blank-for-false": fails(
        ("enablement/*/spelling/blank-*",), text="is not served: fault: HTTP 404"
    ),
    "enables-both-services-by-one-setting": fails(
        ("enablement/S3/alone/EC2-enabled[*]", "enablement/EC2/alone/S3-enabled[*]"),
        text="is served, though enable.",
    ),
    "stays-disabled": fails(_SERVED, text="is not served: "),
    "lacks-the-service": fails(_SERVED, text="is 'true', and nothing serves it: no connection to"),
    "opens-a-port-for-zero": fails(
        ("enablement/integration.api.port/port/zero[*]",),
        text="the server listens on a port that no setting names",
    ),
    "keeps-the-integration-port-open": fails(
        ("enablement/integration.api.port/port/default[*]",),
        text="the integration port answers unsigned calls, though it is off",
    ),
    "never-opens-the-integration-port": fails(
        (
            "enablement/integration.api.port/port/set[*]",
            "enablement/integration.api.port/port/switched-off[*]",
        ),
        text="the integration port does not carry out an unsigned call",
    ),
    "takes-any-value-of-a-setting": fails(
        (
            *(f"enablement/enable.*.api/value/{name}-by-*" for name in ("yes", "empty", "null")),
            *(f"enablement/enable.*.api/value/{name}-by-*" for name in ("number", "two-words")),
            "enablement/integration.api.port/value/*",
        ),
        text="is carried out: ",
    ),
    "forgets-values-of-settings": fails(
        ("enablement/*/value/true-by-administrator[*]",),
        text="is accepted, but listConfigurations shows 'false'",
    ),
    "lets-users-change-settings": fails(("enablement/*/rights/*",), text="is carried out: "),
}
