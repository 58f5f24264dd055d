"""The DSL of the tables' suites: requirements of an action, as what differs from its row.

The keyword arguments are those of `fixtures.model.Requirement`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import CloudFault, Requirement
from suites.contract.filters import NO_NAMES, DescribeAction

__all__ = [
    "FOREIGN_CODES",
    "NOT_FOUND_CODES",
    "NO_NAMES",
    "DescribeAction",
    "answers",
    "passes",
    "rejects",
    "rejects_unknown_ids",
    "requires",
    "translates_error",
]

Codes = frozenset[str] | set[str]


def passes(action: str, name: str, text: str, **overlay: Any) -> Requirement:
    """An EC2 parameter reaches CloudStack: `arguments` given, `parameters` (`each` …) sent."""
    return Requirement(action, "parameters", name, text, **overlay)


def answers(action: str, name: str, text: str, **overlay: Any) -> Requirement:
    """The reply tells the truth about things in a certain state: `needs` made, `fields` shown."""
    return Requirement(action, "reply", name, text, **overlay)


def rejects(action: str, name: str, text: str, codes: Codes, **overlay: Any) -> Requirement:
    """What cannot be done is refused with one of the codes, and CloudStack changes nothing."""
    return Requirement(action, "rejections", name, text, codes=frozenset(codes), **overlay)


def requires(action: str, *parameters: str, codes: Codes = frozenset()) -> Iterator[Requirement]:
    """Each of these is required; only a raw client can leave it out. `codes` besides
    MissingParameter."""
    for parameter in parameters:
        yield rejects(
            action,
            f"without-{parameter}",
            f"{action} without {parameter} is refused.",
            {"MissingParameter", *codes},
            drivers=("raw",),
            arguments={parameter: None},
        )


def translates_error(
    action: str, command: str, code: int, text: str, expected: Codes
) -> Requirement:
    """CloudStack's own refusal reaches the client as Amazon's error for it."""
    return rejects(
        action,
        f"cloudstack-error-{code}",
        f"When CloudStack refuses {command} with {code}, the client is told Amazon's code for it.",
        expected,
        called=True,
        fault=CloudFault(command, code, text),
    )


# --- things that are not there ----------------------------------------------------------------

NOT_FOUND_CODES: Mapping[str, frozenset[str]] = {
    "instance": frozenset({"InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"}),
    "volume": frozenset({"InvalidVolume.NotFound", "InvalidVolumeID.Malformed"}),
    "snapshot": frozenset({"InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed"}),
    "image": frozenset(
        {"InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "InvalidAMIID.Unavailable"}
    ),
}
FOREIGN_CODES = frozenset({"AuthFailure", "UnauthorizedOperation"})


def rejects_unknown_ids(
    action: str, argument: str, kind: str, recipe: str = ""
) -> Iterator[Requirement]:
    """Ids that nothing has, no id at all, and another account's thing (made by `recipe`) are
    refused."""

    def given(value: str) -> dict[str, Any]:
        return {argument: [value] if argument.endswith("s") else value}

    yield rejects(
        action,
        f"unknown-{kind}",
        f"{action} on an {kind} id that nothing has is refused.",
        NOT_FOUND_CODES[kind],
        arguments=given("{unique.id}"),
    )
    yield rejects(
        action,
        f"malformed-{kind}",
        f"{action} on what is no {kind} id at all is refused.",
        NOT_FOUND_CODES[kind] | {"InvalidParameterValue"},
        arguments=given("no-such-id"),
    )
    if recipe:
        yield rejects(
            action,
            f"foreign-{kind}",
            f"{action} on another account's {kind} is refused.",
            NOT_FOUND_CODES[kind] | FOREIGN_CODES,
            needs={"foreign": f"{recipe}@other"},
            arguments=given("{foreign.id}"),
            capabilities=frozenset({"second_account"}),
        )
