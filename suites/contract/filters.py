"""Describe actions seen from their filters: what is listed, what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import Requirement

Filters = list[tuple[str, list[str]]]

NO_NAMES: Mapping[str, None] = dict.fromkeys(
    (
        "InstanceIds",
        "VolumeIds",
        "SnapshotIds",
        "ImageIds",
        "KeyNames",
        "GroupNames",
        "ZoneNames",
        "PublicIps",
    )
)
ANYTHING = {"*": {"any": True}}  # a bridge may hand filters on to CloudStack

# Label, requirement, the values of one or more filters of the same name (`{}` is the resource's own
# value), and whether the resource is listed.
FILTER_SYNTAX: tuple[tuple[str, str, tuple[tuple[str, ...], ...], int], ...] = (
    ("star", "A star in a filter stands for any run of characters.", (("*",),), 1),
    ("star-for-nothing", "A star in a filter may stand for nothing.", (("*{}*",),), 1),
    ("several-values", "One of several values is enough.", (("no-such-value", "{}"),), 1),
    ("several-filters", "All filters must match.", (("{}",), ("*",)), 1),
    ("contradiction", "All filters must match.", (("{}",), ("no-such-value",)), 0),
    ("question-mark", "A question mark stands for exactly one character.", (("{}?",),), 0),
    ("whole-value", "A filter compares whole values.", (("{}x",),), 0),
)


class DescribeAction:
    """A Describe action seen from its filters: what it lists, and which of it the scene made."""

    def __init__(self, action: str, items: str, field: str, own: str) -> None:
        """`items`: JMESPath of what is listed; `field`: what tells them apart; `own`: ours."""
        self.action = action
        self.own_count = f"length(({items} | [?{field}=='{own}']) || `[]`)"

    def filters(
        self, needs: Mapping[str, str], filters: Mapping[str, Any]
    ) -> Iterator[Requirement]:
        """For each filter: with the resource's own value it is found, with another it is not.

        Name → its value (or several, one of which it has), or a pair of its value and another one.
        `None`: CloudStack has no such fact, so nothing can match.
        """
        for name, given in filters.items():
            own, other = given if isinstance(given, tuple) else (given, "no-such-value")
            label = name.replace(":", "-")
            if own is not None:
                text = f"{self.action} filtered by {name} lists what has that value."
                values = own if isinstance(own, list) else [own]
                yield self._filtered(label, text, [(name, values)], 1, needs)
            text = f"{self.action} filtered by {name} leaves out what has another value."
            yield self._filtered(f"{label}-other", text, [(name, [other])], 0, needs)

    def filter_syntax(
        self, needs: Mapping[str, str], name: str, value: str
    ) -> Iterator[Requirement]:
        """How filters are written, tried with one that the scene's resource matches."""
        for label, text, values, count in FILTER_SYNTAX:
            filters = [(name, [each.format(value) for each in some]) for some in values]
            yield self._filtered(label, text, filters, count, needs)
        yield Requirement(
            self.action,
            "filters",
            "unknown-filter",
            "A filter that Amazon does not have is refused.",
            needs=needs,
            arguments={**NO_NAMES, "Filters": [{"Name": "no-such-filter", "Values": ["x"]}]},
            codes=frozenset({"InvalidParameterValue", "InvalidFilter"}),
        )

    def lists_all(self, needs: Mapping[str, str]) -> Requirement:
        """Without names, everything that is ours is listed."""
        text = f"{self.action} that names nothing lists what the account has."
        return Requirement(
            self.action,
            "reply",
            "all",
            text,
            needs=needs,
            arguments=NO_NAMES,
            fields={self.own_count: 1},
        )

    def hides_foreign(
        self, recipe: str, field: str, items: str, value: str = "{foreign.id}"
    ) -> Requirement:
        """What belongs to another account is not listed."""
        return Requirement(
            self.action,
            "reply",
            "foreign-hidden",
            f"{self.action} does not show another account's resources.",
            needs={"foreign": f"{recipe}@other"},
            capabilities=frozenset({"second_account"}),
            arguments=NO_NAMES,
            fields={f"length(({items} | [?{field}=='{value}']) || `[]`)": 0},
        )

    def _filtered(
        self,
        label: str,
        text: str,
        filters: Filters,
        count: int,
        needs: Mapping[str, str],
    ) -> Requirement:
        given = [{"Name": name, "Values": values} for name, values in filters]
        return Requirement(
            self.action,
            "filters",
            label,
            text,
            needs=needs,
            arguments={**NO_NAMES, "Filters": given},
            harmless=ANYTHING,
            fields={self.own_count: count},
        )
