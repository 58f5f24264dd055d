"""The whole measurement: each leaf of each group, in both EC2 versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from fixtures import profile
from fixtures.model import Case
from fixtures.targets.target import Target
from fixtures.wsdl import VERSIONS
from tools.coverage.documents import Alteration
from tools.coverage.leaves import Area, Leaf, all_leaves
from tools.coverage.measurement import Meetings, Meter, measured_cases, sent_operations
from tools.coverage.results import LeafKey, Measured, leaf_key

RUN = "20260101T000000Z-c0fe0e"  # the id of the run that creates the resources


def measure(
    cases: Sequence[Case], groups: frozenset[str], progress: Callable[[str], None]
) -> dict[LeafKey, Measured]:
    """Measure the leaves of these groups, of all if none is named; takes some minutes.

    `progress` is called with each group before it is measured.
    """
    operations = sent_operations(cases)
    chosen = measured_cases(cases)
    leaves = [leaf for leaf in all_leaves(operations) if not groups or leaf.group in groups]
    results: dict[LeafKey, Measured] = {}
    for version in VERSIONS:
        ours = [leaf for leaf in leaves if (leaf.since or VERSIONS[0]) == version]
        with target_of(version) as target:
            meetings = Meter(target, operations).meetings(_concerned(chosen, ours))
        for group, members in groupby(ours, lambda leaf: (leaf.area, leaf.group)):
            progress(f"{version} {' '.join(group)}")
            # A target of its own: what altered replies left behind could be what is noticed.
            with target_of(version) as target:
                meter = Meter(target, operations)
                results |= _measure_group(meter, meetings, list(members), version)
    return {leaf_key(leaf): results[leaf_key(leaf)] for leaf in leaves}


def target_of(version: str) -> Target:
    """A simulated deployment to which clients send this version of EC2's API."""
    return Target(msgspec.structs.replace(profile.load("simulated"), api_version=version), run=RUN)


def _concerned(cases: Iterable[Case], leaves: Iterable[Leaf]) -> Iterator[Case]:
    """The cases that send EC2's or S3's requests, as far as the leaves are of these."""
    areas = {leaf.area for leaf in leaves}
    for case in cases:
        if (Area.S3_REPLY in areas) if case.suite == "s3" else (areas - {Area.S3_REPLY}):
            yield case


def _measure_group(
    meter: Meter, meetings: Meetings, leaves: Sequence[Leaf], version: str
) -> Mapping[LeafKey, Measured]:
    """Measure the leaves of one group."""
    cases = meetings.groups.get((leaves[0].area, leaves[0].group), ())
    met = [leaf for leaf in leaves if leaf in meetings.leaves]
    absent = [leaf for leaf in leaves if leaf not in meetings.leaves]
    changed = meter.noticing_cases(met, Alteration.CHANGED, cases)
    left_out = meter.noticing_cases(met, Alteration.LEFT_OUT, cases)
    added = dict(meter.noticing_cases(absent, Alteration.ADDED, cases))
    booleans = [leaf for leaf in absent if leaf.type == "boolean" and leaf not in added]
    added |= meter.noticing_cases(booleans, Alteration.ADDED_FALSE, cases)
    later = "" if version == VERSIONS[0] else version
    results = {}
    for leaf in leaves:
        is_met = leaf in meetings.leaves
        results[leaf_key(leaf)] = Measured(
            changed=_case_id(changed, leaf) if is_met else None,
            left_out=_case_id(left_out, leaf) if is_met else None,
            added=None if is_met else _case_id(added, leaf),
            version=later,
        )
    return results


def _case_id(found: Mapping[Leaf, Case], leaf: Leaf) -> str:
    return found[leaf].id if leaf in found else ""
