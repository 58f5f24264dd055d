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
    """An EC2 parameter reaches CloudStack: `arguments` of the action, `parameters` of the call."""
    return Requirement(action, "parameters", name, text, **overlay)


def answers(action: str, name: str, text: str, **overlay: Any) -> Requirement:
    """The reply describes resources in a certain state: `needs` set up, `fields` of the reply."""
    return Requirement(action, "reply", name, text, **overlay)


def rejects(action: str, name: str, text: str, codes: Codes, **overlay: Any) -> Requirement:
    """A request is refused with one of the codes, and no CloudStack call changes anything."""
    return Requirement(action, "rejections", name, text, codes=frozenset(codes), **overlay)


def requires(action: str, *parameters: str, codes: Codes = frozenset()) -> Iterator[Requirement]:
    """A request without one of these parameters is refused; only the raw driver can send it.

    `codes` are allowed besides MissingParameter.
    """
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
    """An error of CloudStack reaches the client as the Amazon error that corresponds to it."""
    return rejects(
        action,
        f"cloudstack-error-{code}",
        f"When CloudStack's {command} fails with {code}, the client gets Amazon's error code.",
        expected,
        call_expected=True,
        fault=CloudFault(command, code, text),
    )


# --- resources that do not exist, or belong to another account ---------------------------------

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
    """An unknown id, a malformed one and that of another account's resource are refused.

    `recipe` sets up the resource of the other account; without it, that requirement is left out.
    """

    def arguments(value: str) -> dict[str, Any]:
        return {argument: [value] if argument.endswith("s") else value}

    yield rejects(
        action,
        f"unknown-{kind}",
        f"{action} with the id of no {kind} is refused.",
        NOT_FOUND_CODES[kind],
        arguments=arguments("{unique.id}"),
    )
    yield rejects(
        action,
        f"malformed-{kind}",
        f"{action} with a malformed {kind} id is refused.",
        NOT_FOUND_CODES[kind] | {"InvalidParameterValue"},
        arguments=arguments("no-such-id"),
    )
    if recipe:
        yield rejects(
            action,
            f"foreign-{kind}",
            f"{action} on another account's {kind} is refused.",
            NOT_FOUND_CODES[kind] | FOREIGN_CODES,
            needs={"foreign": f"{recipe}@other"},
            arguments=arguments("{foreign.id}"),
            capabilities=frozenset({"second_account"}),
            security=True,
        )
