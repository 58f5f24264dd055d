"""Ids: texts that are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Requirement
from suites.contract.dsl import NOT_FOUND_CODES, rejects
from suites.values.catalogue import IDS, ODD_IDS, OPTIONAL_IDS
from suites.values.value_suite import BAD_VALUE, RAW, ValueSuite


def _codes(action: str, kind: str) -> frozenset[str]:
    """The codes for an id of a kind that is none."""
    other_attachment = {"InvalidAttachment.NotFound"} if action == "DetachVolume" else set[str]()
    return NOT_FOUND_CODES[kind] | BAD_VALUE | other_attachment


def _ids() -> Iterator[Requirement]:
    for parameter, (kind, actions) in IDS.items():
        for action in actions:
            for name, text in ODD_IDS.items():
                optional = action.startswith("Describe") or (action, parameter) in OPTIONAL_IDS
                if name == "empty" and optional:
                    continue  # an empty list of ids may mean all of them
                yield rejects(
                    action,
                    f"{parameter}-{name}",
                    f"{action} refuses a text that is no id of a {kind} ({name}).",
                    _codes(action, kind),
                    drivers=RAW,
                    tampering={"parameters": f"{parameter}={text}"},
                )


# The same by clients, whose own encoding is in the way: argument, and whether it is a list.
ARGUMENTS: Mapping[str, tuple[str, bool]] = {
    "InstanceId.1": ("InstanceIds", True),
    "InstanceId": ("InstanceId", False),
    "VolumeId": ("VolumeId", False),
    "VolumeId.1": ("VolumeIds", True),
    "SnapshotId": ("SnapshotId", False),
    "SnapshotId.1": ("SnapshotIds", True),
    "ImageId": ("ImageId", False),
    "ImageId.1": ("ImageIds", True),
}
BY_CLIENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "unicode": ("日", ("boto", "boto3", "soap")),
    "markup": ("<&>", ("boto3", "soap")),
    "plus": ("a+b", ("boto",)),
}


def _ids_by_clients() -> Iterator[Requirement]:
    for parameter, (kind, actions) in IDS.items():
        argument, is_list = ARGUMENTS[parameter]
        for action in actions:
            for name, (text, clients) in BY_CLIENTS.items():
                yield rejects(
                    action,
                    f"{parameter}-{name}",
                    f"{action} refuses a text that is no id of a {kind} ({name}).",
                    _codes(action, kind),
                    drivers=clients,
                    arguments={argument: [text] if is_list else text},
                )
        yield rejects(
            actions[0],
            f"{parameter}-unicode",
            f"{actions[0]} refuses a text that is no id of a {kind} (unicode).",
            _codes(actions[0], kind),
            drivers=("command",),
            arguments={argument: ["日"] if is_list else "日"},
        )


class TestIds(ValueSuite):
    """Ids of resources."""

    requirements = (*_ids(), *_ids_by_clients())
