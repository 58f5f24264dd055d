"""Shapes of replies: what they are, and which differences Amazon's schema explains."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fixtures.plan.mapping import rows
from fixtures.runners.moto_twin import MAKERS, WORLD
from fixtures.runners.reply_shapes import find_differences, shape

VOLUME = {
    "VolumeId": "str",
    "Size": "int",
    "CreateTime": "time",
    "AvailabilityZone": "str",
    "SnapshotId": "str",
    "State": "str",
}


def test_a_shape_has_places_and_types() -> None:
    """Keys, nesting and types are told, values are not."""
    now = datetime(2012, 5, 5, tzinfo=UTC)
    reply = {"Volumes": [{"Size": 2, "CreateTime": now}, {"Encrypted": False}], "Next": ""}
    assert shape(reply) == {
        "Volumes": "list",
        "Volumes[]": "structure",
        "Volumes[].Size": "int",
        "Volumes[].CreateTime": "time",
        "Volumes[].Encrypted": "bool",
        "Next": "str",
    }


def test_a_time_without_zone_is_another_type() -> None:
    """Times say where they are."""
    assert shape({"At": datetime(2012, 5, 5)}) == {"At": "time without zone"}  # that is the point


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"VolumeType": "str"}, "the API of 2010-11-15 has no such element"),
        ({"SnapshotId": "-"}, "the API of 2010-11-15 has it, moto has not"),
        ({"Size": "str"}, ""),
        ({"CreateTime": "str"}, ""),
    ],
)
def test_moto_may_differ_as_the_schema_says(changed: dict[str, str], reason: str | None) -> None:
    """What moto has besides is explained by later versions of the API; another type is not."""
    theirs = {place: kind for place, kind in (VOLUME | changed).items() if kind != "-"}
    found = find_differences("CreateVolume", "2010-11-15", VOLUME, theirs)
    assert [one.reason for one in found] == ([] if reason is None else [reason])


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"State": "-"}, "State"),
        ({"Size": "str"}, "Size"),
        ({"Sise": "int"}, "Sise"),
    ],
)
def test_the_bridge_may_not(changed: dict[str, str], place: str) -> None:
    """What the schema demands must be there, of that type, and nothing else may be."""
    ours = {where: kind for where, kind in (VOLUME | changed).items() if kind != "-"}
    if place == "Sise":
        with pytest.raises(KeyError):  # boto3 would not even show it
            find_differences("CreateVolume", "2010-11-15", ours, VOLUME)
        return
    (found,) = find_differences("CreateVolume", "2010-11-15", ours, VOLUME)
    assert (found.place, found.reason) == (place, "")


def test_what_is_inside_of_what_is_missing_is_told_once() -> None:
    """A list that is not there, or empty, has no inside to miss."""
    theirs = {**VOLUME, "Tags": "list", "Tags[]": "structure", "Tags[].Key": "str"}
    places = [one.place for one in find_differences("CreateVolume", "2010-11-15", VOLUME, theirs)]
    assert places == ["Tags"]
    ours = {**VOLUME, "Tags": "list"}
    assert find_differences("CreateVolume", "2010-11-15", ours, theirs) == []


def test_everything_that_rows_need_can_be_made_in_moto() -> None:
    """For each thing that a row stands on there is a counterpart."""
    for row in rows():
        assert {recipe.partition("@")[0] for recipe in row.scenario.needs.values()} <= set(MAKERS)
    assert {"zone", "offering", "image", "world", "other"} <= set(WORLD)
