"""Filters and wildcards of Describe actions."""

from __future__ import annotations

import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.simulator.bridge.ec2 import filters
from fixtures.simulator.bridge.ec2.errors import Ec2Error
from fixtures.simulator.bridge.ec2.parameters import Parameters

FIELDS = filters.TAGS | {
    "size": "size",
    "public": "public",
    "device": "attachments.device",
    "kernel-id": "",
    "state": "state.name",
}
ITEMS = [
    {
        "id": "a",
        "size": 1,
        "public": True,
        "state": {"name": "running"},
        "attachments": [{"device": "/dev/sdb"}, {"device": "/dev/sdc"}],
        "tagSet": [{"key": "role", "value": "db"}, {"key": "stage", "value": "prod"}],
    },
    {"id": "b", "size": 10, "public": False, "state": {"name": "stopped"}, "attachments": []},
    {"id": "c", "size": 100, "public": None, "state": None, "tagSet": None},
]


def matching_ids(*conditions: tuple[str, list[str]]) -> str:
    """The ids of the items that match filters with these names and values."""
    values = {}
    for n, (name, patterns) in enumerate(conditions, 1):
        values[f"Filter.{n}.Name"] = name
        values |= {f"Filter.{n}.Value.{m}": value for m, value in enumerate(patterns, 1)}
    selected = filters.select(ITEMS, filters.read(Parameters(values), FIELDS))
    return "".join(item["id"] for item in selected)


@cache
def oracle(pattern: str, text: str) -> bool:
    """Amazon's wildcards, implemented in the slow, obvious way."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return oracle(pattern[1:], text) or (bool(text) and oracle(pattern, text[1:]))
    if pattern[0] == "\\" and len(pattern) > 1:
        return text[:1] == pattern[1] and oracle(pattern[2:], text[1:])
    return bool(text) and pattern[0] in ("?", text[0]) and oracle(pattern[1:], text[1:])


@given(st.text("ab*?\\.[\n", max_size=8), st.text("ab*?\\.[\n", max_size=8))
def test_wildcards_match_as_amazon_says(pattern: str, text: str) -> None:
    """An asterisk matches any text, a question mark one character; a backslash quotes the next
    character."""
    assert bool(filters.compile_wildcard(pattern).fullmatch(text)) == oracle(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*", "a", True),
        ("*", "", True),
        ("A*", "abc", False),
        ("i-1?", "i-1", False),
        ("x.y", "xzy", False),
        (r"\*", "*", True),
        (r"\*", "x", False),
        (r"a\?", "a?", True),
        ("(a|b)", "a", False),
        ("*aa*a", "aa", False),
    ],
)
def test_wildcards_by_example(pattern: str, text: str, matches: bool) -> None:
    """All characters but the wildcards match themselves, case included."""
    assert bool(filters.compile_wildcard(pattern).fullmatch(text)) is matches


def test_wildcards_match_in_linear_time() -> None:
    """A pattern that makes backtracking matchers slow takes less than a second."""
    began = time.perf_counter()
    assert not filters.compile_wildcard("*a" * 100 + "b").fullmatch("a" * 5000)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ([], "abc"),
        ([("size", ["1"])], "a"),
        ([("size", ["1*"])], "abc"),
        ([("size", ["1", "100"])], "ac"),
        ([("size", ["1*"]), ("state", ["stopped"])], "b"),
        ([("public", ["false"])], "b"),
        ([("device", ["/dev/sdc"])], "a"),
        ([("state", ["nowhere"])], ""),
        ([("kernel-id", ["*"])], ""),
        ([("size", [])], ""),
        ([("tag-key", ["role"])], "a"),
        ([("tag-value", ["prod"])], "a"),
        ([("tag:role", ["d?"])], "a"),
        ([("tag:role", ["prod"])], ""),
        ([("tag:absent", ["*"])], ""),
    ],
)
def test_filters(conditions: list[tuple[str, list[str]]], ids: str) -> None:
    """The values of a filter are alternatives, all filters must match, and a field without a value
    matches nothing."""
    assert matching_ids(*conditions) == ids


def test_unknown_filters_are_refused() -> None:
    """A filter that the action does not know is an error that names it."""
    with pytest.raises(Ec2Error, match="The filter 'colour' is invalid") as error:
        matching_ids(("colour", ["red"]))
    assert error.value.code == "InvalidParameterValue"


def test_tag_filters_need_tags() -> None:
    """A tag filter is unknown to an action whose items have no tags."""
    values = {"Filter.1.Name": "tag:role", "Filter.1.Value.1": "db"}
    with pytest.raises(Ec2Error, match="tag:role"):
        filters.read(Parameters(values), {"size": "size"})


def test_too_many_values() -> None:
    """More than 200 values in one filter are refused."""
    with pytest.raises(Ec2Error) as error:
        matching_ids(("size", [str(n) for n in range(201)]))
    assert error.value.code == "FilterLimitExceeded"
