"""The one contract that all eleven tables inherit, and the words in which a suite states what is
peculiar to it.

A suite is a class that hands out what it demands, kind by kind; each of its tests is one kind, put
to the target case by case. A table's suite lists requirements of its actions, told as what differs
from the row's own scenario (`fixtures/plan/mapping`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from fixtures.model import Case, CloudFault, ProcedureRequirement, Requirement, Row
from suites.contract import all_rows
from suites.contract.authentication import authentication
from suites.contract.filtering import UNNAMED, Listing
from suites.contract.wssecurity import security

__all__ = [
    "FOREIGN",
    "UNKNOWN",
    "UNNAMED",
    "Contract",
    "Listing",
    "Suite",
    "answers",
    "cloud_refuses",
    "names_nothing",
    "passes",
    "refuses",
    "wants",
]

Check = Callable[[Case], None]
Codes = frozenset[str] | set[str]


class Suite(ABC):
    """What is certified under one name: `test_reply` puts the cases of the kind `reply`."""

    suite: ClassVar[str]

    @classmethod
    @abstractmethod
    def demands(
        cls, kind: str, rows: Sequence[Row]
    ) -> Iterator[Requirement | ProcedureRequirement]:
        """Everything of one kind that is demanded; `rows` are all that the documentation has."""


class Contract(Suite):
    """The requirements on one mapping table."""

    replies: ClassVar[tuple[Requirement, ...]] = ()
    parameters: ClassVar[tuple[Requirement, ...]] = ()
    filters: ClassVar[tuple[Requirement, ...]] = ()
    rejections: ClassVar[tuple[Requirement, ...]] = ()

    def test_documented_call(self, case: Case, check: Check) -> None:
        """The EC2 call is carried out by the documented CloudStack call, once per resource."""
        check(case)

    def test_reply(self, case: Case, check: Check) -> None:
        """The reply has Amazon's fields, states and codes, about the resources that were named."""
        check(case)

    def test_parameters(self, case: Case, check: Check) -> None:
        """An EC2 parameter that CloudStack has a counterpart for reaches it with its value."""
        check(case)

    def test_filters(self, case: Case, check: Check) -> None:
        """A filter leaves exactly the resources that match it."""
        check(case)

    def test_rejections(self, case: Case, check: Check) -> None:
        """What cannot be done is refused with Amazon's error code, and nothing changes."""
        check(case)

    def test_authentication(self, case: Case, check: Check) -> None:
        """Only a request signed by a registered user, in time, is carried out."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[Requirement]:
        """Everything of one kind that is demanded of the table's rows."""
        for row in rows:
            if row.suite == cls.suite:
                yield from cls._of_row(kind, row)

    @classmethod
    def _of_row(cls, kind: str, row: Row) -> Iterator[Requirement]:
        match kind:
            case "documented-call":
                yield all_rows.documented_call(row)
            case "reply":
                yield all_rows.reply(row)
                yield from _of(row, cls.replies)
            case "parameters":
                yield from _of(row, cls.parameters)
            case "filters":
                yield from _of(row, cls.filters)
            case "rejections":
                yield from _of(row, cls.rejections)
                yield from all_rows.cloud_failures(row)
            case "authentication":
                yield from authentication(row)
                yield from security(row)


KINDS = ("documented-call", "reply", "parameters", "filters", "rejections", "authentication")


def _of(row: Row, requirements: tuple[Requirement, ...]) -> Iterator[Requirement]:
    return (requirement for requirement in requirements if requirement.action == row.action)


# --- the words of a suite ---------------------------------------------------------------------


def passes(action: str, name: str, text: str, **overlay: Any) -> Requirement:
    """An EC2 parameter reaches CloudStack: `arguments` given, `parameters` (`each` …) sent."""
    return Requirement(action, "parameters", name, text, **overlay)


def answers(action: str, name: str, text: str, **overlay: Any) -> Requirement:
    """The reply tells the truth about things in a certain state: `needs` made, `fields` shown."""
    return Requirement(action, "reply", name, text, **overlay)


def refuses(action: str, name: str, text: str, codes: Codes, **overlay: Any) -> Requirement:
    """What cannot be done is refused with one of the codes, and CloudStack changes nothing."""
    return Requirement(action, "rejections", name, text, codes=frozenset(codes), **overlay)


def wants(action: str, *parameters: str, codes: Codes = frozenset()) -> Iterator[Requirement]:
    """Each of these is required; only a raw client can leave it out. `codes` besides
    MissingParameter."""
    for parameter in parameters:
        yield refuses(
            action,
            f"without-{parameter}",
            f"{action} without {parameter} is refused.",
            {"MissingParameter", *codes},
            drivers=("raw",),
            arguments={parameter: None},
        )


def cloud_refuses(action: str, command: str, code: int, text: str, expected: Codes) -> Requirement:
    """CloudStack's own refusal reaches the client as Amazon's error for it."""
    return refuses(
        action,
        f"cloudstack-error-{code}",
        f"When CloudStack refuses {command} with {code}, the client is told Amazon's code for it.",
        expected,
        called=True,
        fault=CloudFault(command, code, text),
    )


# --- things that are not there ----------------------------------------------------------------

UNKNOWN: Mapping[str, frozenset[str]] = {
    "instance": frozenset({"InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"}),
    "volume": frozenset({"InvalidVolume.NotFound", "InvalidVolumeID.Malformed"}),
    "snapshot": frozenset({"InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed"}),
    "image": frozenset(
        {"InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "InvalidAMIID.Unavailable"}
    ),
}
FOREIGN = frozenset({"AuthFailure", "UnauthorizedOperation"})


def names_nothing(action: str, argument: str, kind: str, recipe: str = "") -> Iterator[Requirement]:
    """Ids that nothing has, no id at all, and another account's thing (made by `recipe`) are
    refused."""

    def given(value: str) -> dict[str, Any]:
        return {argument: [value] if argument.endswith("s") else value}

    yield refuses(
        action,
        f"unknown-{kind}",
        f"{action} on an {kind} id that nothing has is refused.",
        UNKNOWN[kind],
        arguments=given("{unique.id}"),
    )
    yield refuses(
        action,
        f"malformed-{kind}",
        f"{action} on what is no {kind} id at all is refused.",
        UNKNOWN[kind] | {"InvalidParameterValue"},
        arguments=given("no-such-id"),
    )
    if recipe:
        yield refuses(
            action,
            f"foreign-{kind}",
            f"{action} on another account's {kind} is refused.",
            UNKNOWN[kind] | FOREIGN,
            needs={"foreign": f"{recipe}@other"},
            arguments=given("{foreign.id}"),
            capabilities=frozenset({"second_account"}),
        )
