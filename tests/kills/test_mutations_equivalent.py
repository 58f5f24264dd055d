"""What a right deployment may do differently fails no case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from fixtures import profile
from fixtures.model import Status
from fixtures.simulator.mutations.catalogue import ALL_MUTATIONS
from fixtures.simulator.mutations.mutation import Area
from fixtures.targets.target import Target
from tests.kills.expected import EQUIVALENT
from tests.kills.mutated_runs import run_mutated, unsuccessful
from tests.support.planned_suites import table_cases


def _profile(**endpoint: Any) -> profile.Profile:
    """The simulated deployment's profile, with an endpoint that accepts less."""
    accepted = {"signature_versions": ("2", "4"), **endpoint}
    return replace(
        profile.load("simulated"), endpoint=profile.Endpoint(ec2="http://127.0.0.1", **accepted)
    )


# Mutations of what an endpoint accepts, and the profile that declares it.
PROFILES: Mapping[str, profile.Profile] = {
    "post-only": _profile(verbs=("POST",)),
    "get-only": _profile(verbs=("GET",)),
    "hmac-sha1-only": _profile(signature_methods=("HmacSHA1",)),
    "one-version": replace(profile.load("simulated"), api_version="2012-08-15"),
    "signature-2-only": _profile(signature_versions=("2",)),
    "signature-4-only": _profile(signature_versions=("4",)),
}
# The cases about one signature version, of which an endpoint may accept only the other.
VERSION_4 = (
    *("", "-wrong-secret", "-parameter-added"),
    *("-wrong-secret-code", "-parameter-added-code"),
)
VERSION_2 = (
    *("hmac-sha1", "hmac-sha256", "expires", "expired", "replayed-after-expiry"),
    *("no-AWSAccessKeyId", "no-Signature", "no-SignatureMethod", "no-SignatureVersion"),
    *("no-Timestamp", "no-AWSAccessKeyId-code", "no-Signature-code"),
)
NAMES = [mutation.name for mutation in ALL_MUTATIONS if mutation.area is Area.EQUIVALENT]


def test_equivalent_mutations_are_those_that_must_survive() -> None:
    """No mutation is called equivalent that is not on the list."""
    assert set(NAMES) == EQUIVALENT
    assert len(NAMES) == len(EQUIVALENT)
    assert PROFILES.keys() < EQUIVALENT


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PROFILES])
def test_an_equivalent_mutation_survives(target: Target, name: str) -> None:
    """What a right bridge may do differently fails no case."""
    if name.endswith(("-xml", "namespace")):
        cases = [
            *table_cases("reply", driver="raw"),
            *table_cases("documented-call", driver="boto"),
        ]
    else:
        cases = [
            *table_cases("documented-call", driver="raw"),
            *table_cases("parameters", driver="raw"),
        ]
    assert not unsuccessful(run_mutated(target, name, cases))


@pytest.mark.parametrize("name", PROFILES)
def test_an_endpoint_that_accepts_less_is_judged_fairly(name: str) -> None:
    """An endpoint that accepts one HTTP method, one version or one way of signing, and whose
    profile declares it, gets such requests from every client; what it does not accept is not
    claimed."""
    cases = [
        case
        for driver in ("boto", "boto3", "raw")
        for case in table_cases("documented-call", driver=driver)
        if case.suite in ("zones", "keypairs", "instances")
    ]
    cases += [
        case
        for case in table_cases("authentication")
        if case.driver == "raw" and case.row == "DescribeAvailabilityZones"
    ]
    with Target(PROFILES[name], run="less") as target:
        verdicts = run_mutated(target, name, cases)
    failed = {case: v.because for case, v in verdicts.items() if v.status is Status.FAILED}
    assert not failed
    unclaimed = {case.rpartition("/")[2] for case in unsuccessful(verdicts)}
    assert unclaimed == {
        "post-only": {"get[raw]"},
        "get-only": {"post[raw]"},
        "hmac-sha1-only": {"hmac-sha256[raw]"},
        "signature-2-only": {f"version-4{name}[raw]" for name in VERSION_4},
        "signature-4-only": {f"{name}[raw]" for name in VERSION_2},
    }.get(name, set())
