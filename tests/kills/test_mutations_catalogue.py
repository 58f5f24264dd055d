"""The catalogue of mutations: unique names, and an expectation for each."""

from __future__ import annotations

import pytest

from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.mutations.catalogue import ALL_MUTATIONS, MUTATIONS, find_mutation
from fixtures.simulator.mutations.mutation import Area
from fixtures.simulator.mutations.quirks import ALL, QUIRKS
from tests.kills.expected import (
    ACCOUNTS,
    ENABLEMENT,
    EQUIVALENT,
    EXPECTED,
    LIMITS,
    OFFERINGS,
    PORTS,
    S3,
    SECURITY,
    TABLES,
    USAGE,
    VALUES,
)


def test_names_are_unique() -> None:
    """No two mutations have the same name, and no two tables expect something of the same."""
    assert len(ALL_MUTATIONS) == len(MUTATIONS)
    assert sum(map(len, TABLES)) == len(EXPECTED)


def test_every_mutation_has_an_expectation() -> None:
    """Each mutation must be noticed, or must not, or is a quirk, which has known deviations."""
    quirks = {*QUIRKS, ALL.name}
    assert MUTATIONS.keys() == EXPECTED.keys() | EQUIVALENT | quirks
    assert len(MUTATIONS) == len(EXPECTED) + len(EQUIVALENT) + len(quirks)
    areas = {
        Area.S3: S3,
        Area.SECURITY: SECURITY,
        Area.ACCOUNTS: ACCOUNTS,
        Area.ENABLEMENT: ENABLEMENT,
        Area.OFFERINGS: OFFERINGS,
        Area.LIMITS: LIMITS,
        Area.PORTS: PORTS,
        Area.USAGE: USAGE,
        Area.VALUES: VALUES,
    }
    for area, expected in areas.items():
        names = {mutation.name for mutation in ALL_MUTATIONS if mutation.area is area}
        assert names == expected.keys()


def test_an_unknown_name_is_an_error() -> None:
    """The error for a name that no mutation has quotes it."""
    with pytest.raises(ConfigurationError, match="unknown mutant 'honest'"):
        find_mutation("honest")
