"""The list of known deviations that we ship, held against a bridge with the same defects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest

from fixtures import profile
from fixtures.model import Case, Status, Verdict
from fixtures.plan.deviations import apply_deviations, check_patterns, covers, load_deviations
from fixtures.profile import KnownDeviation
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations.catalogue import planted
from fixtures.simulator.quirks import ALL, QUIRKS
from fixtures.targets.target import Target
from suites import registration
from tests.support.planned_suites import cases, contracts, planned
from tests.unit import test_suite_s3 as s3

TODAY = date(2026, 11, 22)
UNSEEN = {"quirk-empty-tags"}  # no client can hold it against a bridge
SIMULATED, REGISTRATION = "simulated", "registration"
UNCLAIMED = frozenset(  # by the profile of such a bridge
    {
        *("s3-acl", "s3-multipart", "s3-policy", "s3-post", "s3-presigned"),
        *("s3-v4", "s3-versioning", "s3-virtual-host"),
    }
)
STORED = ("CreateBucket", "DeleteBucket", "DeleteObject", "HeadObject")  # as much as is quick
PASSES = "but it passes: take it off the list"
MANY = 40  # entries of a quirk, of which no more are tried


@cache
def _listed() -> list[KnownDeviation]:
    """The list that we ship."""
    plain = profile.load(SIMULATED)
    listing = profile.Profile(name=plain.name, kind=plain.kind, deviations=[ALL])
    return load_deviations(listing, SIMULATED).known_deviation


@cache
def _plan() -> dict[str, Case]:
    """The whole plan by ids."""
    return {case.id: case for case in (*planned(), *s3.planned(), *_registering())}


def _registering() -> list[Case]:
    return [
        case
        for demand in registration.TestRegistration.demands("story", ())
        for case in cases(REGISTRATION, demand)
    ]


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """A simulated deployment to be lied about."""
    with Target(profile.load(SIMULATED), run="20261122T120000Z-quirks") as running:
        yield running


def _weighed(target: Target, lie: str, cases: list[Case]) -> dict[str, Verdict]:
    assert target.deployment is not None
    with planted(lie, target.deployment):
        return {
            case.id: apply_deviations(
                case.id, run_case(case, Session(target)).verdict, _listed(), TODAY
            )
            for case in cases
        }


def _one_each(entries: list[KnownDeviation]) -> list[Case]:
    """A case for each entry, by one client and another."""
    chosen = {}
    for number, entry in enumerate(entries):
        found = [case for case in _plan().values() if covers(entry, case.id)]
        case = found[number % len(found)]
        chosen[case.id] = case
    return list(chosen.values())


def test_every_pattern_is_about_a_case() -> None:
    """No pattern of the list is about nothing."""
    check_patterns(_listed(), _plan(), {*contracts(), "s3", REGISTRATION})


def test_every_entry_names_its_quirk() -> None:
    """A reason begins with the lie that shows the defect, and every lie but those that nobody can
    see has an entry."""
    named = {entry.reason.partition(":")[0] for entry in _listed()}
    assert named == QUIRKS.keys() - UNSEEN


@pytest.mark.parametrize("name", sorted(QUIRKS.keys() - UNSEEN))
def test_a_quirk_is_known(target: Target, name: str) -> None:
    """With one defect, the cases that are listed for it fail with the signatures listed."""
    entries = [entry for entry in _listed() if entry.reason.startswith(f"{name}:")][:MANY]
    if name == "quirk-run-instances-hides-causes":  # depends on whether the account has a limit
        entries = [entry for entry in entries if "has a limit" not in entry.reason]
    verdicts = _weighed(target, name, _one_each(entries))
    strange = {
        case: verdict.because
        for case, verdict in verdicts.items()
        if verdict.status is not Status.KNOWN_DEVIATION
        # Patterns about S3 are wide: what one defect leaves right, another makes wrong.
        and not (case.startswith("s3/") and verdict.because.endswith(PASSES))
    }
    assert not strange
    assert any(verdict.status is Status.KNOWN_DEVIATION for verdict in verdicts.values())


@pytest.mark.parametrize("suite", ["volumes", "keypairs", "s3", REGISTRATION])
def test_all_quirks_together(target: Target, suite: str) -> None:
    """A bridge with all of them fails as listed, and nowhere else; nothing listed passes."""
    wanted = [
        case
        for case in _plan().values()
        if case.suite == suite
        if suite == REGISTRATION or case.driver in ("boto3", "raw")
        if case.suite != "s3" or (case.row in STORED and not case.capabilities & UNCLAIMED)
    ]
    verdicts = _weighed(target, ALL, wanted)
    strange = {
        case: verdict.because
        for case, verdict in verdicts.items()
        if verdict.status not in (Status.PASSED, Status.KNOWN_DEVIATION)
    }
    assert not strange
    assert any(verdict.status is Status.KNOWN_DEVIATION for verdict in verdicts.values())


@pytest.mark.parametrize("name", sorted(UNSEEN))
def test_a_harmless_quirk(target: Target, name: str) -> None:
    """A defect that no client sees turns nothing red."""
    wanted = [
        case
        for case in _plan().values()
        if case.id.endswith(("reply/tags[boto3]", "tags[command]"))
    ]
    verdicts = _weighed(target, name, wanted)
    assert {verdict.status for verdict in verdicts.values()} == {Status.PASSED}
