"""What docs/coverage.md says is true: every leaf has a case or a reason, and each case that is
named fails if its leaf is altered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from fixtures.model import Case
from fixtures.targets.target import Target
from fixtures.wsdl import VERSIONS
from tests.support.planned_suites import all_cases
from tools.coverage.documents import Alteration
from tools.coverage.leaves import Area, Leaf, all_leaves
from tools.coverage.measurement import Meter, sent_operations
from tools.coverage.page import PAGE, coverage_page
from tools.coverage.results import Coverage, LeafKey, Measured, Reason, leaf_key
from tools.coverage.statements import Statement, read_statements, statement_defects
from tools.coverage.survey import target_of

OPERATIONS = sent_operations(all_cases())
LEAVES: Mapping[LeafKey, Leaf] = {leaf_key(leaf): leaf for leaf in all_leaves(OPERATIONS)}
CASES: Mapping[str, Case] = {case.id: case for case in all_cases()}
COVERAGE = Coverage.read()
SAMPLE = 2  # of S3's leaves, every second is measured again


def test_every_leaf_was_measured() -> None:
    """Each leaf of the schemas is in the results; a new one needs `python -m tools.coverage
    measure`."""
    assert LEAVES.keys() - COVERAGE.measured.keys() == set()


def test_every_leaf_has_a_case_or_a_reason() -> None:
    """A leaf that no case notices has a reason, and each reason is about such a leaf."""
    assert COVERAGE.uncovered_leaves() == []
    assert COVERAGE.unused_reasons() == []


def test_named_cases_are_planned() -> None:
    """The cases that are named are cases of today."""
    assert COVERAGE.named_cases - CASES.keys() == set()


def test_the_page_is_up_to_date() -> None:
    """docs/coverage.md is what `python -m tools.coverage write` writes."""
    suites = {case.suite for case in CASES.values()}
    assert PAGE.read_text("utf-8") == coverage_page(COVERAGE, read_statements(), suites)


def test_every_statement_of_the_documentation_has_cases_or_a_reason() -> None:
    """A statement names cases that are planned, a suite that is to come, or a reason."""
    assert statement_defects(read_statements(), CASES.keys()) == []
    unproved = Statement("4.1", "A statement without cases.", cases=["zones/no-such-case*"])
    assert statement_defects([unproved], CASES.keys())
    assert statement_defects([Statement("4.1", "A statement.")], CASES.keys())


def test_a_new_leaf_fails() -> None:
    """A leaf without a case and without a reason is named, and so is a reason without a leaf."""
    new = ("ec2", "DescribeVolumes", "volumeSet/colour")
    stale = Reason(Area.S3_REPLY, ["GetObject no-such-header"], "text")
    coverage = Coverage({new: Measured(changed="", left_out="")}, [stale])
    assert coverage.uncovered_leaves() == [new]
    assert coverage.unused_reasons() == ["s3 GetObject no-such-header"]


# --- measured again ---------------------------------------------------------------------------


@contextmanager
def _meter(version: str) -> Iterator[Meter]:
    with target_of(version) as target:
        yield Meter(target, OPERATIONS)


def _alterations(entry: Measured) -> Iterator[tuple[Alteration, str]]:
    """The alterations that were noticed, with their cases; which of the two values of a boolean
    that was added is not recorded."""
    if entry.changed:
        yield Alteration.CHANGED, entry.changed
    if entry.left_out:
        yield Alteration.LEFT_OUT, entry.left_out
    if entry.added:
        yield Alteration.ADDED, entry.added


def _is_noticed(meter: Meter, case: Case, leaf: Leaf, alteration: Alteration) -> bool:
    variants = [alteration]
    if alteration is Alteration.ADDED and leaf.type == "boolean":
        variants.append(Alteration.ADDED_FALSE)
    return any(meter.notices(case, leaf, variant) for variant in variants)


def _unnoticed(meter: Meter, chosen: Mapping[LeafKey, Measured]) -> list[tuple[LeafKey, str, str]]:
    return [
        (key, alteration, case)
        for key, entry in chosen.items()
        for alteration, case in _alterations(entry)
        if not _is_noticed(meter, CASES[case], LEAVES[key], alteration)
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("area", [Area.EC2_REPLY, Area.CLOUDSTACK_CALL])
def test_each_altered_leaf_of_ec2_is_noticed(area: Area, version: str) -> None:
    """The case that is named for a leaf fails if the leaf is altered."""
    later = "" if version == VERSIONS[0] else version
    chosen = {
        key: entry
        for key, entry in COVERAGE.measured.items()
        if key[0] == area and entry.version == later
    }
    if not chosen:
        pytest.skip("no leaf of this area is measured in this version")
    with _meter(version) as meter:
        assert _unnoticed(meter, chosen) == []


def test_altered_leaves_of_s3_are_noticed() -> None:
    """The case that is named for a leaf fails if the leaf is altered: a sample."""
    of_s3 = [item for item in COVERAGE.measured.items() if item[0][0] == Area.S3_REPLY]
    with _meter(VERSIONS[0]) as meter:
        assert _unnoticed(meter, dict(of_s3[::SAMPLE])) == []


@pytest.mark.parametrize(
    ("group", "name", "finding"),
    [
        ("DescribeImages", "imagesSet/imageOwnerId", "Images[0].OwnerId is"),
        ("CreateKeyPair", "keyFingerprint", "KeyFingerprint is"),
        ("ImportKeyPair", "keyFingerprint", "KeyFingerprint is"),
        ("ImportKeyPair", "keyFingerprint", "state: new-keypair.fingerprint is"),
        ("RunInstances", "instancesSet/privateIpAddress", "new-instance.ipaddress is"),
    ],
)
def test_the_finding_names_what_was_altered(
    target: Target, group: str, name: str, finding: str
) -> None:
    """The finding says which part of the reply is another than in CloudStack."""
    case = CASES[COVERAGE.measured["ec2", group, name].case]
    leaf = LEAVES["ec2", group, name]
    verdict, _ = Meter(target, OPERATIONS).verdict(case, [leaf], Alteration.CHANGED)
    assert finding in verdict.because


def test_an_alteration_is_measured_and_not_believed(target: Target) -> None:
    """A case that does not look at a leaf does not notice that it is altered."""
    meter = Meter(target, OPERATIONS)
    case = CASES["volumes/CreateVolume/reply[boto3]"]
    unseen = LEAVES["ec2", "CreateVolume", "requestId"]
    seen = LEAVES["ec2", "CreateVolume", "size"]
    assert not meter.notices(case, unseen, Alteration.CHANGED)
    assert meter.notices(case, seen, Alteration.CHANGED)
    assert meter.notices(case, seen, Alteration.LEFT_OUT)
