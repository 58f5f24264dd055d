"""Shapes of replies: what they are, and which differences Amazon's schema explains."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fixtures.plan.mapping import rows
from fixtures.runners.moto_twin import RECIPES, WORLD
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
    """A shape has keys, nesting and types, but no values."""
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
    """Times have a time zone."""
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
    """Further elements of moto are explained by later versions of the API; another type is not."""
    theirs = {place: kind for place, kind in (VOLUME | changed).items() if kind != "-"}
    found = find_differences("CreateVolume", "2010-11-15", VOLUME, theirs)
    assert [difference.reason for difference in found] == ([] if reason is None else [reason])


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"State": "-"}, "State"),
        ({"Size": "str"}, "Size"),
        ({"Sise": "int"}, "Sise"),
    ],
)
def test_the_bridge_may_not(changed: dict[str, str], place: str) -> None:
    """Elements that the schema requires must be there, of their type, and no others."""
    ours = {where: kind for where, kind in (VOLUME | changed).items() if kind != "-"}
    if place == "Sise":
        with pytest.raises(KeyError):  # boto3 would not even show it
            find_differences("CreateVolume", "2010-11-15", ours, VOLUME)
        return
    (found,) = find_differences("CreateVolume", "2010-11-15", ours, VOLUME)
    assert (found.place, found.reason) == (place, "")


def test_a_missing_element_is_one_difference() -> None:
    """The elements inside a list that is missing or empty are no further differences."""
    theirs = {**VOLUME, "Tags": "list", "Tags[]": "structure", "Tags[].Key": "str"}
    found = find_differences("CreateVolume", "2010-11-15", VOLUME, theirs)
    places = [difference.place for difference in found]
    assert places == ["Tags"]
    ours = {**VOLUME, "Tags": "list"}
    assert find_differences("CreateVolume", "2010-11-15", ours, theirs) == []


def test_every_recipe_of_the_rows_has_its_counterpart_in_moto() -> None:
    """Each resource that a row needs can be created in moto."""
    for row in rows():
        assert {recipe.partition("@")[0] for recipe in row.scenario.needs.values()} <= set(RECIPES)
    assert {"zone", "offering", "image", "world", "other"} <= set(WORLD)
