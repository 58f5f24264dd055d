"""Which cases must notice that a user sees or changes what is not theirs."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails

_LISTED = ("Instances", "Volumes", "Snapshots", "Addresses", "SecurityGroups", "KeyPairs")
# Whose requests CloudStack refuses with a code of its own; others are looked up by name in a list.
_BY_ID = tuple(
    f"accounts/*/unknown/{kind}-*" for kind in ("instance", "volume", "snapshot", "image")
)
_OF_LISTED_GROUPS = tuple(
    f"accounts/{action}/unknown/group-*"
    for action in ("DescribeSecurityGroups", "RevokeSecurityGroupIngress")
)

ACCOUNTS: Mapping[str, Expected] = {
    "lists-every-account": fails(
        tuple(f"accounts/Describe{each}/hidden/*" for each in _LISTED),
        _OF_LISTED_GROUPS,
        text="of another account",
    ),
    "lists-nothing-to-teammates": fails(
        tuple(f"accounts/Describe{each}/teammate/*" for each in _LISTED),
        text="the list leaves out the account's",
    ),
    "carries-out-for-strangers": fails(_BY_ID, text="of another account"),
    "tells-strangers-of-resources": fails(_BY_ID, text="the caller learns that it exists"),
    "serves-disabled-users": fails(("accounts/*/disabled[*]",), text="for a user who is disabled"),
}
