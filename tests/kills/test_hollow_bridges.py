"""Bridges that translate nothing pass only the cases that demand just what these bridges do.

Sent by boto3, or by the raw driver what boto3 cannot send; cases of a few actions by every client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pytest

from fixtures.model import Case, Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.mutations.mutation import Application
from fixtures.targets.target import Target
from tests.kills.hollow_bridges import (
    EMPTY_LISTS,
    NO_CONTENT,
    ONE_REFUSAL,
    REFUSED_CHANGES,
    record_answers,
    repeat_answers,
)
from tests.kills.passed_cases import assert_only
from tests.support.planned_suites import all_cases, table_cases

SUITES = {"addresses", "keypairs", "volumes", "zones"}  # a quick choice
EVERY_CLIENT_SUITES = {"groups", "keypairs"}
OTHER_CLIENTS = ("boto", "soap", "command")
REFUSED_SUITES = {"keypairs", "zones"}

VALUE_ROWS = {
    *("DescribeAvailabilityZones", "DescribeKeyPairs", "CreateKeyPair", "DescribeVolumes"),
    *("CreateVolume", "RevokeSecurityGroupIngress"),
}

# The cases that pass: pattern of their ids → why they may.
EMPTY_LISTS_PASS = {
    "*/rejections/*": "demands a refusal, with a code of its own: no list",
    "*/filters/unknown-filter*": "demands a refusal, with a code of its own: no list",
    "image_attributes/*": "an attribute of one image is no list; it has no launch permissions",
    "instance_attributes/*": "an attribute of one instance is no list",
    "values/*/reply/Timestamp-small-letters*": "may be refused, before anything is listed",
}
EMPTY_LISTS_OF_CLIENTS_PASS = {
    name: EMPTY_LISTS_PASS[name] for name in ("*/rejections/*", "*/filters/unknown-filter*")
}
NO_CONTENT_PASS = {
    "values/DescribeAvailabilityZones/rejections/Timestamp*": "refused before it is carried out",
    "values/DescribeAvailabilityZones/rejections/Expires*": "refused before it is carried out",
    "values/*/reply/Timestamp-small-letters*": "may be refused before it is carried out",
}
YESTERDAY_PASS = {
    "addresses/DisassociateAddress/reply/not-associated*": "nothing is left to do: only success",
    "keypairs/DeleteKeyPair/reply/unknown-key-pair*": "nothing is left to do: only success",
}


def _is_list(case: Case) -> bool:
    return case.row.startswith("Describe")


def _is_change(case: Case) -> bool:
    return not _is_list(case)


# By every other client: the bridge, what it is asked, and the cases that pass there.
HOLLOW: Mapping[str, tuple[Application, Callable[[Case], bool], Mapping[str, str]]] = {
    "empty-lists": (EMPTY_LISTS, _is_list, EMPTY_LISTS_OF_CLIENTS_PASS),
    "one-refusal": (ONE_REFUSAL, lambda _: True, {}),
    "refused-changes": (REFUSED_CHANGES, _is_change, {}),
    "no-content": (NO_CONTENT, lambda _: True, {}),
}


def _cases(
    is_chosen: Callable[[Case], bool], drivers: Iterable[str] = ("boto3", "raw")
) -> list[Case]:
    return [case for case in table_cases() if case.driver in drivers and is_chosen(case)]


def _value_cases() -> list[Case]:
    """Cases of the catalogue of values, of a few actions."""
    return [
        case
        for case in all_cases()
        if case.suite == "values" and case.row in VALUE_ROWS and case.driver in ("boto3", "raw")
    ]


def _is_of_every_client(case: Case) -> bool:
    return case.suite in EVERY_CLIENT_SUITES and case.kind != "authentication"


def _is_translation(case: Case) -> bool:
    """Whether the case is sent with a valid signature, which these bridges verify."""
    return case.suite in SUITES and case.kind != "authentication"


def _run(target: Target, bridge: Application, cases: Iterable[Case]) -> dict[str, Verdict]:
    """The verdicts on cases, in one session, while the bridge is hollow."""
    assert target.deployment is not None
    with bridge(target.deployment), Session(target) as session:
        verdicts = {case.id: run_case(case, session).verdict for case in cases}
    target.invalidate_shared()
    return verdicts


def test_empty_lists(target: Target) -> None:
    """Where every list is empty, nothing is left out that was there before, no documented call of a
    list passes, and another account's resources are not hidden."""
    cases = _cases(lambda case: case.row.startswith("Describe") and case.kind != "authentication")
    cases += [case for case in _value_cases() if case.row.startswith("Describe")]
    verdicts = _run(target, EMPTY_LISTS, cases)
    assert_only(verdicts, EMPTY_LISTS_PASS)
    unseen = verdicts["volumes/DescribeVolumes/filters/contradiction[boto3]"]
    assert unseen.status is Status.INCONCLUSIVE
    assert "DescribeVolumes does not list what must be left out" in unseen.because
    for case in ("documented-call", "reply/foreign-hidden"):
        assert verdicts[f"volumes/DescribeVolumes/{case}[boto3]"].status is Status.FAILED


def test_one_refusal(target: Target) -> None:
    """Where everything is refused with one code, no refusal passes, required or allowed."""
    cases = _cases(lambda case: case.suite in REFUSED_SUITES)
    verdicts = _run(target, ONE_REFUSAL, [*cases, *_value_cases()])
    assert_only(verdicts, {})
    unexplained = verdicts["zones/DescribeAvailabilityZones/rejections/unknown-zone[boto3]"]
    assert unexplained.status is Status.INCONCLUSIVE
    assert "valid DescribeAvailabilityZones is refused" in unexplained.because


def test_changes_are_refused(target: Target) -> None:
    """Where lists are right, and every change is refused with one code, no refusal of a change
    passes: the row's own documented call is refused alike."""
    cases = [case for case in _cases(_is_translation) if _is_change(case)]
    cases.sort(key=lambda case: case.kind != "documented-call")
    verdicts = _run(target, REFUSED_CHANGES, cases)
    assert_only(verdicts, {})


def test_no_content(target: Target) -> None:
    """Where everything succeeds, and nothing is in the answers, only requests that are refused
    before that pass."""
    verdicts = _run(target, NO_CONTENT, [*_cases(_is_translation), *_value_cases()])
    assert_only(verdicts, NO_CONTENT_PASS)


def test_yesterdays_answers(target: Target) -> None:
    """Where the answers are those of an earlier run, only what demands mere success passes."""
    assert target.deployment is not None
    documented = _cases(lambda case: case.suite in SUITES and case.kind == "documented-call")
    with record_answers(target.deployment) as recorded, Session(target) as session:
        for case in documented:
            assert run_case(case, session).verdict.status is Status.PASSED
    target.invalidate_shared()
    assert recorded.keys() >= {case.row for case in documented}
    cases = _cases(_is_translation)
    cases += [case for case in _cases(_is_of_every_client, OTHER_CLIENTS) if case.suite in SUITES]
    assert_only(_run(target, repeat_answers(recorded), cases), YESTERDAY_PASS)


@pytest.mark.parametrize("name", HOLLOW)
def test_other_clients(target: Target, name: str) -> None:
    """What passes by the other clients are the cases that pass by boto3, for the same reasons."""
    bridge, is_asked, reasons = HOLLOW[name]
    cases = [case for case in _cases(_is_of_every_client, OTHER_CLIENTS) if is_asked(case)]
    cases.sort(key=lambda case: case.kind != "documented-call")
    assert_only(_run(target, bridge, cases), reasons)


@pytest.mark.parametrize("row", ["DescribeVolumes", "DescribeAvailabilityZones"])
def test_a_control_is_sent_once(target: Target, row: str) -> None:
    """Cases of one client that share their resources share the control request as well."""
    cases = _cases(lambda case: case.row == row and case.kind == "filters")
    with Session(target) as session:
        for case in cases:
            assert run_case(case, session).verdict.status is Status.PASSED
        assert 1 <= len(session.controls) < len(cases) / 3
