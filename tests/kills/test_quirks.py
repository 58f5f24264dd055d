"""The list of known deviations that we ship, held against a bridge with the same defects."""

from __future__ import annotations

from datetime import date
from functools import cache

import msgspec
import pytest

from fixtures import profile
from fixtures.model import Case, Status, Verdict
from fixtures.plan.deviations import apply_deviations, check_patterns, covers, load_deviations
from fixtures.profile import KnownDeviation
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations.quirks import ALL, QUIRKS
from fixtures.targets.target import Target
from tests.kills.mutated_runs import run_mutated, run_mutated_installations
from tests.support.planned_suites import all_cases, contracts, s3_cases, table_cases

TODAY = date(2026, 11, 22)
INVISIBLE = {"quirk-empty-tags"}  # no client reads it as an error
JUDGED_ELSEWHERE = "does not return what is there, which other cases judge"
OF_DEPLOYMENTS = ("enablement", "limits")  # suites whose deployments are the cases' own
SIMULATED, REGISTRATION = "simulated", "registration"
SERVED = "keypairs/DescribeKeyPairs/documented-call[soap]"  # identifies a user of SOAP
UNCLAIMED = frozenset(  # capabilities that the profile of such a bridge does not claim
    {
        *("s3-acl", "s3-checksums", "s3-multipart", "s3-policy", "s3-post", "s3-presigned"),
        *("s3-v4", "s3-versioning", "s3-virtual-host"),
    }
)
S3_OPERATIONS = ("CreateBucket", "DeleteBucket", "DeleteObject", "HeadObject")  # a quick choice
PASSES = "but it passes: take it off the list"
MOST_ENTRIES = 40  # of a quirk that are tried


@pytest.fixture(scope="module")
def target_profile() -> profile.Profile:
    """The profile of such a bridge, whose SOAP messages say mustUnderstand="0"."""
    endpoint = profile.Endpoint(must_understand=False)
    return msgspec.structs.replace(profile.load(SIMULATED), endpoint=endpoint)


@pytest.fixture(autouse=True)
def _served_before(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom the bridge has served; what must be understood is certified nevertheless."""
    assert run_case(_plan()[SERVED], Session(target)).verdict.status is Status.PASSED
    monkeypatch.setattr(target, "capabilities", target.capabilities | {"mustUnderstand"})


@cache
def _known_deviations() -> list[KnownDeviation]:
    """The list that we ship."""
    plain = profile.load(SIMULATED)
    listing = profile.Profile(name=plain.name, kind=plain.kind, deviations=[ALL.name])
    return load_deviations(listing, SIMULATED).known_deviation


@cache
def _plan() -> dict[str, Case]:
    """The whole plan by ids."""
    others = [case for case in all_cases() if case.suite in (REGISTRATION, *OF_DEPLOYMENTS)]
    return {case.id: case for case in (*table_cases(), *s3_cases(), *others)}


def _weighed_verdicts(target: Target, name: str, cases: list[Case]) -> dict[str, Verdict]:
    """The verdicts under a mutation, weighed against the list."""
    of_deployments = all(case.suite in OF_DEPLOYMENTS for case in cases)
    run = run_mutated_installations if of_deployments else run_mutated
    return {
        case: apply_deviations(case, verdict, _known_deviations(), TODAY)
        for case, verdict in run(target, name, cases).items()
    }


def _case_for_each(entries: list[KnownDeviation]) -> list[Case]:
    """A case for each entry, of different clients in turn."""
    chosen = {}
    for number, entry in enumerate(entries):
        covered = [case for case in _plan().values() if covers(entry, case.id)]
        case = covered[number % len(covered)]
        chosen[case.id] = case
    return list(chosen.values())


def test_every_pattern_matches_a_case() -> None:
    """Each pattern of the list matches a case of the plan."""
    check_patterns(
        _known_deviations(), _plan(), {*contracts(), "s3", REGISTRATION, *OF_DEPLOYMENTS}
    )


def test_every_entry_names_its_quirk() -> None:
    """The reason of each entry begins with a quirk's name, and every visible quirk has an entry."""
    names = {entry.reason.partition(":")[0] for entry in _known_deviations()}
    assert names == QUIRKS.keys() - INVISIBLE


@pytest.mark.parametrize("name", sorted(QUIRKS.keys() - INVISIBLE))
def test_a_quirk_is_known(target: Target, name: str) -> None:
    """With one defect, the cases that are listed for it fail with the signatures listed."""
    entries = [entry for entry in _known_deviations() if entry.reason.startswith(f"{name}:")][
        :MOST_ENTRIES
    ]
    if name == "quirk-run-instances-hides-causes":  # depends on whether the account has a limit
        entries = [entry for entry in entries if "has a limit" not in entry.reason]
    verdicts = _weighed_verdicts(target, name, _case_for_each(entries))
    unexpected = {
        case: verdict.because
        for case, verdict in verdicts.items()
        if verdict.status is not Status.KNOWN_DEVIATION
        # Patterns about S3 are wide: they cover cases that other quirks fail.
        and not (case.startswith("s3/") and verdict.because.endswith(PASSES))
    }
    assert not unexpected
    assert any(verdict.status is Status.KNOWN_DEVIATION for verdict in verdicts.values())


@pytest.mark.parametrize("suite", ["volumes", "keypairs", "s3", REGISTRATION, *OF_DEPLOYMENTS])
def test_all_quirks_together(target: Target, suite: str) -> None:
    """A bridge with all quirks fails the listed cases, as listed, and no others; cases that read a
    list that it shows wrongly prove nothing."""
    cases = [
        case
        for case in _plan().values()
        if case.suite == suite
        if suite == REGISTRATION or case.driver in ("boto3", "raw") or case.kind == "authentication"
        if case.suite != "s3" or (case.row in S3_OPERATIONS and not case.capabilities & UNCLAIMED)
    ]
    verdicts = _weighed_verdicts(target, ALL.name, cases)
    unexpected = {
        case: verdict.because
        for case, verdict in verdicts.items()
        if verdict.status not in (Status.PASSED, Status.KNOWN_DEVIATION)
        and not (verdict.status is Status.INCONCLUSIVE and JUDGED_ELSEWHERE in verdict.because)
    }
    assert not unexpected
    assert any(verdict.status is Status.KNOWN_DEVIATION for verdict in verdicts.values())


@pytest.mark.parametrize("name", sorted(INVISIBLE))
def test_an_invisible_quirk(target: Target, name: str) -> None:
    """A defect that no client reads as an error fails no case."""
    cases = [
        case
        for case in _plan().values()
        if case.id.endswith(("reply/tags[boto3]", "tags[command]"))
    ]
    verdicts = _weighed_verdicts(target, name, cases)
    assert {verdict.status for verdict in verdicts.values()} == {Status.PASSED}
