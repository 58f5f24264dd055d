r"""Filters: a value finds exactly what has it, whatever signs it contains.

In a filter's value `*` and `?` stand for other signs, and `\` before one of the three for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fixtures.model import Requirement
from suites.contract.filters import ANYTHING, NO_NAMES, DescribeAction
from suites.values.catalogue import BEYOND_ASCII, NO_NUMBERS, NO_TIMES, TEXTS
from suites.values.existing_names import ENCODED, FEW, NAMES
from suites.values.value_suite import CLIENTS, SDK, ValueSuite

INSTANCES = "Reservations[].Instances[]"
# Behind an asterisk a length is nothing odd; CloudStack of that time has no emoji in tags.
ENDS = {name: text for name, text in NAMES.items() if name != "90-characters"}
TAGS = {name: text for name, text in {**TEXTS, **BEYOND_ASCII}.items() if name != "emoji"}


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A filter on a text: the recipe of what has it, which may be followed by a text, what is
    listed (JMESPath of ids), and our resource's id. `{}` in `filter` stands for the text.
    `beside`: what the filter must leave out, where there would be nothing else."""

    action: str
    filter: str
    recipe: str
    listed: str
    own: str
    is_end: bool  # whether the text is the end of the value, and not all of it
    texts: Mapping[str, str]
    by_clients: frozenset[str] = frozenset()
    beside: Mapping[str, str] = field(default_factory=dict)


def _few(texts: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name in names}


VOLUMES = ("Volumes[].VolumeId", "{volume.id}")
SNAPSHOTS = ("Snapshots[].SnapshotId", "{snapshot.id}")
IMAGES = ("Images[].ImageId", "{image.id}")
GROUPS = ("SecurityGroups[].GroupName", "{group.name}")
MACHINES = (f"{INSTANCES}.InstanceId", "{instance.id}")
TEXT_FILTERS = (
    TextFilter(
        *("DescribeKeyPairs", "key-name", "keypair", "KeyPairs[].KeyName", "{keypair.name}"),
        is_end=True,
        texts=ENDS,
        beside={"other": "keypair"},
    ),
    TextFilter(
        *("DescribeSecurityGroups", "description", "group", *GROUPS),
        is_end=True,
        texts=ENDS,
        by_clients=ENCODED,
    ),
    TextFilter(
        *("DescribeSecurityGroups", "group-name", "group", *GROUPS),
        is_end=True,
        texts=_few(ENDS, FEW),
    ),
    TextFilter(
        *("DescribeImages", "name", "image:own", *IMAGES), is_end=True, texts=_few(ENDS, FEW)
    ),
    TextFilter(
        *("DescribeImages", "description", "image:own", *IMAGES),
        is_end=True,
        texts=_few(ENDS, FEW),
    ),
    TextFilter(
        *("DescribeImages", "tag-value", "image:tagged", *IMAGES),
        is_end=False,
        texts=_few(TAGS, ENCODED),
    ),
    TextFilter(
        *("DescribeInstances", "key-name", "instance:keyed", *MACHINES),
        is_end=True,
        texts=_few(ENDS, ENCODED),
    ),
    TextFilter(
        *("DescribeInstances", "tag-value", "instance:tagged", *MACHINES),
        is_end=False,
        texts=_few(TAGS, ENCODED),
    ),
    TextFilter(
        *("DescribeSnapshots", "tag-value", "snapshot:tagged", *SNAPSHOTS),
        is_end=False,
        texts=_few(TAGS, ENCODED),
    ),
    TextFilter(
        *("DescribeVolumes", "tag-value", "volume:tagged", *VOLUMES),
        is_end=False,
        texts=TAGS,
        by_clients=ENCODED,
    ),
    TextFilter(
        *("DescribeVolumes", "tag-key", "volume:tag-key", *VOLUMES),
        is_end=False,
        texts=_few(TAGS, FEW),
    ),
    TextFilter(
        *("DescribeVolumes", "tag:{}", "volume:tag-key", *VOLUMES),
        is_end=False,
        texts=_few(TAGS, FEW),
    ),
)


def _literal(text: str) -> str:
    """The filter value that a text alone matches."""
    return re.sub(r"([\\*?])", r"\\\1", text)


def _texts() -> Iterator[Requirement]:
    for each in TEXT_FILTERS:
        label = each.filter.replace(":{}", "")
        for name, text in each.texts.items():
            value = "*" if "{}" in each.filter else f"{'*' * each.is_end}{_literal(text)}"
            yield Requirement(
                each.action,
                "filters",
                f"{label}-{name}",
                f"{each.action} filtered by {label} lists exactly what has the text ({name}).",
                drivers=CLIENTS if name in each.by_clients else SDK,
                needs={each.recipe.partition(":")[0]: f"{each.recipe}={text}", **each.beside},
                arguments={
                    **NO_NAMES,
                    "Filters": [{"Name": each.filter.format(text), "Values": [value]}],
                },
                harmless=ANYTHING,
                fields={each.listed: {"set": [each.own]}},
                own_resources=True,  # else lists grow with every text
            )


@dataclass(frozen=True, slots=True)
class PlainFilter:
    """A filter on a number or a time, and what has one: the role and the recipe."""

    describe: DescribeAction
    filter: str
    role: str
    recipe: str


_VOLUMES = DescribeAction("DescribeVolumes", "Volumes", "VolumeId", "{volume.id}")
_SNAPSHOTS = DescribeAction("DescribeSnapshots", "Snapshots", "SnapshotId", "{snapshot.id}")
_IMAGES = DescribeAction("DescribeImages", "Images", "ImageId", "{image.id}")
_KEY_PAIRS = DescribeAction("DescribeKeyPairs", "KeyPairs", "KeyName", "{keypair.name}")
_ADDRESSES = DescribeAction("DescribeAddresses", "Addresses", "PublicIp", "{address.ipaddress}")
_ZONES = DescribeAction("DescribeAvailabilityZones", "AvailabilityZones", "ZoneName", "{zone.name}")
_MACHINES = DescribeAction("DescribeInstances", INSTANCES, "InstanceId", "{instance.id}")
_GROUPS = DescribeAction("DescribeSecurityGroups", "SecurityGroups", "GroupName", "{group.name}")
NUMBER_FILTERS = (
    PlainFilter(_VOLUMES, "size", "volume", "volume"),
    PlainFilter(_SNAPSHOTS, "volume-size", "snapshot", "snapshot"),
    PlainFilter(_MACHINES, "instance-state-code", "instance", "instance:running"),
    PlainFilter(_GROUPS, "ip-permission.from-port", "group", "group:rule"),
)
TIME_FILTERS = (
    PlainFilter(_VOLUMES, "create-time", "volume", "volume"),
    PlainFilter(_VOLUMES, "attachment.attach-time", "volume", "volume:attached"),
    PlainFilter(_SNAPSHOTS, "start-time", "snapshot", "snapshot"),
    PlainFilter(_MACHINES, "launch-time", "instance", "instance:running"),
)


def _junk() -> Iterator[Requirement]:
    for filters, texts in ((NUMBER_FILTERS, NO_NUMBERS), (TIME_FILTERS, NO_TIMES)):
        for each in filters:
            for name, text in texts.items():
                yield Requirement(
                    each.describe.action,
                    "filters",
                    f"{each.filter}-{name}",
                    f"{each.describe.action} filtered by {each.filter} finds nothing by a text "
                    f"that none can be, or refuses it ({name}).",
                    drivers=SDK,
                    needs={each.role: each.recipe},
                    arguments={**NO_NAMES, "Filters": [{"Name": each.filter, "Values": [text]}]},
                    harmless=ANYTHING,
                    call_optional=True,  # without a look, what nothing can match is not there
                    fields={each.describe.own_count: 0},
                    listed={each.describe.own_count: 1},
                    listed_by=NO_NAMES,
                    or_refused=True,
                )


# An action, one of its filters, and the value that our resource has for it.
LITERALS = (
    (_VOLUMES, "volume-id", "{volume.id}"),
    (_SNAPSHOTS, "snapshot-id", "{snapshot.id}"),
    (_IMAGES, "image-id", "{image.id}"),
    (_MACHINES, "instance-id", "{instance.id}"),
    (_GROUPS, "group-name", "{group.name}"),
    (_KEY_PAIRS, "key-name", "{keypair.name}"),
    (_ADDRESSES, "public-ip", "{address.ipaddress}"),
    (_ZONES, "zone-name", "{zone.name}"),
)


def _literals() -> Iterator[Requirement]:
    for describe, name, value in LITERALS:
        yield from describe.filter_literals({}, name, value)


class TestFilterValues(ValueSuite):
    """Values of filters."""

    requirements = (*_texts(), *_junk(), *_literals())
