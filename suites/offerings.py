"""Offerings: an instance type is the name of a compute offering, and no other is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fixtures.model import (
    Case,
    ComputeOffering,
    Level,
    OfferingScenario,
    ProcedureRequirement,
    Row,
)
from fixtures.model.documentation import ENABLING
from suites.contract.suite import Check, Suite

SOURCE = f"{ENABLING.cite()}; Amazon EC2 API 2010-11-15, RunInstances"
ROW = "RunInstances"
CLIENTS = ("boto", "boto3", "soap", "command", "raw")
MAY_OMIT = ("boto", "boto3", "command", "raw")  # clients that may send no type; boto adds it
DEFAULT = "m1.small"
# Amazon's types of the API version.
AMAZON_TYPES = (
    *("m1.small", "m1.large", "m1.xlarge", "t1.micro", "c1.medium", "c1.xlarge"),
    *("m2.xlarge", "m2.2xlarge", "m2.4xlarge", "cc1.4xlarge"),
)
ALL_TYPES = tuple(map(ComputeOffering, AMAZON_TYPES))
OTHER_DOMAIN = "subdomain_user"
REFUSED = frozenset[int]()
_SMALL, _LARGE = ComputeOffering(DEFAULT), ComputeOffering("m1.large")


class TestOfferings(Suite):
    """Which offering an instance gets."""

    suite = "offerings"

    def test_named(self, case: Case, check: Check) -> None:
        """An instance type selects the compute offering of that name."""
        check(case)

    def test_default(self, case: Case, check: Check) -> None:
        """Without an instance type the offering m1.small is used, or there is no instance."""
        check(case)

    def test_unnamed(self, case: Case, check: Check) -> None:
        """An instance type that is no offering's name is refused."""
        check(case)

    def test_doubled(self, case: Case, check: Check) -> None:
        """Of several offerings of one name, one that the user may use is used, once."""
        check(case)

    def test_domain(self, case: Case, check: Check) -> None:
        """An offering of a domain is for the accounts of that domain."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The cases of one kind."""
        del rows
        match kind:
            case "named":
                yield from _named()
            case "default":
                yield from _default()
            case "unnamed":
                yield from _unnamed()
            case "doubled":
                yield from _doubled()
            case "domain":
                yield from _of_domains()


def _named() -> Iterator[ProcedureRequirement]:
    for position, name in enumerate(AMAZON_TYPES):
        text = f"An instance of type {name} gets the compute offering {name}."
        scenario = OfferingScenario(ALL_TYPES, name, frozenset({position}))
        yield replace(_requirement("named", name, text, scenario), level=Level.MUST)
    renamed = ComputeOffering("m1.large", created_as="Large Instance")
    text = "An offering that was renamed to an instance type is used for it."
    scenario = OfferingScenario((_SMALL, renamed), "m1.large", frozenset({1}))
    yield replace(_requirement("named", "renamed", text, scenario), level=Level.MUST)
    longer = ComputeOffering("m1.small.extra")
    text = "Of offerings whose names begin alike, that with the very name is used."
    scenario = OfferingScenario((longer, _SMALL), DEFAULT, frozenset({1}))
    yield _requirement("named", "beside-a-longer-name", text, scenario)


def _default() -> Iterator[ProcedureRequirement]:
    text = "Without an instance type the compute offering m1.small is used."
    scenario = OfferingScenario((_LARGE, _SMALL), None, frozenset({1}))
    present = _requirement("default", "present", text, scenario)
    yield replace(present, level=Level.MUST, drivers=MAY_OMIT)
    text = "Without an instance type, and without an offering m1.small, there is no instance."
    scenario = OfferingScenario((_LARGE,), None, REFUSED)
    yield replace(_requirement("default", "absent", text, scenario), drivers=MAY_OMIT)


def _unnamed() -> Iterator[ProcedureRequirement]:
    capitals = ComputeOffering("M1.SMALL")
    cases = {
        "absent": ((_LARGE,), DEFAULT, "m1.small is refused where no offering has this name."),
        "renamed": (
            (ComputeOffering("Small Instance", created_as=DEFAULT), _LARGE),
            DEFAULT,
            "m1.small is refused after the offering of that name was renamed.",
        ),
        "offering-in-capitals": (
            (capitals, _LARGE),
            DEFAULT,
            "m1.small is refused where there is an offering M1.SMALL only.",
        ),
        "type-in-capitals": (
            (_SMALL, _LARGE),
            "M1.SMALL",
            "M1.SMALL, which is no instance type, is refused though there is an offering m1.small.",
        ),
        "longer-name": (
            (ComputeOffering("m1.small.extra"), _LARGE),
            DEFAULT,
            "m1.small is refused where only the beginning of an offering's name is so.",
        ),
        "part-of-a-name": (
            (_SMALL, _LARGE),
            "small",
            "small, which is only a part of an offering's name, is refused.",
        ),
        "wildcard": ((_SMALL, _LARGE), "m1.%", "A wildcard is no instance type."),
    }
    for name, (offerings, instance_type, text) in cases.items():
        scenario = OfferingScenario(offerings, instance_type, REFUSED)
        yield _requirement("unnamed", name, text, scenario)


def _doubled() -> Iterator[ProcedureRequirement]:
    text = "Of two offerings m1.small one is used, for one instance."
    scenario = OfferingScenario((_SMALL, _SMALL), DEFAULT, frozenset({0, 1}))
    yield _requirement("doubled", "both-usable", text, scenario)
    foreign = ComputeOffering(DEFAULT, OTHER_DOMAIN)
    text = "Of two offerings m1.small the one that is not another domain's is used."
    scenario = OfferingScenario((foreign, _SMALL), DEFAULT, frozenset({1}))
    yield _in_domains(_requirement("doubled", "one-of-another-domain", text, scenario))


def _of_domains() -> Iterator[ProcedureRequirement]:
    foreign = ComputeOffering("m2.xlarge", OTHER_DOMAIN)
    text = "An instance type whose only offering is another domain's is refused."
    scenario = OfferingScenario((_SMALL, foreign), "m2.xlarge", REFUSED)
    yield _in_domains(_requirement("domain", "another", text, scenario))
    text = "An offering of the user's own domain is used."
    scenario = OfferingScenario((_SMALL, foreign), "m2.xlarge", frozenset({1}), OTHER_DOMAIN)
    yield _in_domains(_requirement("domain", "own", text, scenario))
    text = "An offering of the domain above the user's is used."
    above = ComputeOffering("m2.xlarge", "me")
    scenario = OfferingScenario((_SMALL, above), "m2.xlarge", frozenset({1}), OTHER_DOMAIN)
    yield _in_domains(_requirement("domain", "above", text, scenario))


def _requirement(
    kind: str, name: str, text: str, scenario: OfferingScenario
) -> ProcedureRequirement:
    return ProcedureRequirement(
        row=ROW,
        kind=kind,
        name=name,
        text=text,
        procedure=scenario,
        drivers=CLIENTS,
        capabilities=frozenset({"offerings", "administrator"}),
        source=SOURCE,
    )


def _in_domains(requirement: ProcedureRequirement) -> ProcedureRequirement:
    return replace(requirement, capabilities=requirement.capabilities | {OTHER_DOMAIN})
