"""Ids: texts that are none, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import Requirement
from suites.contract.dsl import NO_NAMES, NOT_FOUND_CODES, passes, rejects
from suites.values.catalogue import IDS, ODD_IDS
from suites.values.value_suite import BAD_VALUE, RAW, ValueSuite


def _ids() -> Iterator[Requirement]:
    for parameter, (kind, actions) in IDS.items():
        for action in actions:
            for name, text in ODD_IDS.items():
                if name == "empty" and action.startswith("Describe"):
                    continue  # an empty list of ids may mean all of them
                yield rejects(
                    action,
                    f"{parameter}-{name}",
                    f"{action} refuses a text that is no id of a {kind} ({name}).",
                    NOT_FOUND_CODES[kind] | BAD_VALUE,
                    drivers=RAW,
                    tampering={"parameters": f"{parameter}={text}"},
                )


def _lists_of_ids() -> Iterator[Requirement]:
    described = "Reservations[].Instances[].InstanceId"
    both = {"instance": "instance:running", "second": "instance:stopped"}
    for name, text, parameters in (
        ("gaps", "with gaps", "InstanceId.2={instance.id}&InstanceId.7={second.id}"),
        ("10-before-2", "above 9", "InstanceId.10={instance.id}&InstanceId.2={second.id}"),
        ("leading-zeros", "with zeros", "InstanceId.01={instance.id}&InstanceId.02={second.id}"),
    ):
        yield passes(
            "DescribeInstances",
            f"indices-{name}",
            f"Indices {text} name both instances, or are refused.",
            drivers=RAW,
            needs=both,
            arguments=NO_NAMES,
            tampering={"parameters": parameters},
            harmless={"id": {"any": True}, "ids": {"any": True}},
            fields={described: {"set": ["{instance.id}", "{second.id}"]}},
            or_refused=True,
        )
    yield passes(
        "DescribeInstances",
        "id-twice",
        "An instance that is named twice is described once.",
        arguments={"InstanceIds": ["{instance.id}", "{instance.id}"]},
        fields={described: [["{instance.id}"]]},
        or_refused=True,
    )
    yield passes(
        "StopInstances",
        "id-twice",
        "An instance that is named twice is stopped once.",
        arguments={"InstanceIds": ["{instance.id}", "{instance.id}"]},
        or_refused=True,
    )


class TestIds(ValueSuite):
    """Ids of resources."""

    requirements = (*_ids(), *_lists_of_ids())
