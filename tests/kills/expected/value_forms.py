"""Which cases must notice that a right value is written in a wrong form, and what they say."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails

_INSTANCES = ("instances/DescribeInstances/reply[boto3]",)
_VOLUMES = ("volumes/DescribeVolumes/reply[boto3]",)
_ALL_VOLUMES = ("volumes/DescribeVolumes/reply/all[boto3]",)
_NEW_VOLUME = ("volumes/CreateVolume/documented-call[boto3]",)
_GROUP = ("groups/CreateSecurityGroup/documented-call[boto3]",)
_GROUP_TEXT = "'conformance group'"

VALUE_FORMS: Mapping[str, Expected] = {
    "pads-types": fails(_INSTANCES, text="; cause: white space around m1.small"),
    "pads-ids": fails(_VOLUMES, _ALL_VOLUMES, text="; cause: the reply says ' "),
    "quotes-types": fails(_INSTANCES, text="; cause: quotes around m1.small"),
    "prefixes-zones": fails(_INSTANCES, _VOLUMES, text="; cause: 'region/' before "),
    "suffixes-zones": fails(_INSTANCES, _VOLUMES, text="; cause: 'a' after "),
    "cuts-types": fails(_INSTANCES, text="; cause: only the first 6 of 8 characters of m1.small"),
    "writes-megabytes": fails(_VOLUMES, text="as if in another unit"),
    "writes-other-zone-times": fails(
        _VOLUMES, text="; cause: 5 hours too late, as if of another time zone"
    ),
    "writes-capitals": fails(_GROUP, text=f"other upper and lower case than {_GROUP_TEXT}"),
    "escapes-twice": fails(_GROUP, text=f"; cause: percent-encoded once too often: {_GROUP_TEXT}"),
    "pads-descriptions": fails(_GROUP, text=f"; cause: white space around {_GROUP_TEXT}"),
    "encodes-descriptions": fails(_GROUP, text=f"; cause: in Base64: {_GROUP_TEXT}"),
    "pads-numbers": fails(_NEW_VOLUME, text="; cause: the number 2 in another form"),
}
