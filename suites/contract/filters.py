"""Requirements on the lists of Describe actions: filters, and whose resources are listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

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
ANYTHING = {"*": {"any": True}}  # a bridge may pass filters on to CloudStack

# Name, requirement, the values of one or more filters on the same field (`{}` is the resource's own
# value), and how many resources must be listed.
Syntax: TypeAlias = tuple[tuple[str, str, tuple[tuple[str, ...], ...], int], ...]
FILTER_SYNTAX: Syntax = (
    ("star", "* in a filter value matches any characters.", (("*",),), 1),
    ("star-for-nothing", "* in a filter value matches the empty string.", (("*{}*",),), 1),
    (
        "several-values",
        "A resource that has one of several filter values is listed.",
        (("no-such-value", "{}"),),
        1,
    ),
    ("several-filters", "A resource that matches all filters is listed.", (("{}",), ("*",)), 1),
    (
        "contradiction",
        "A resource that matches one of two filters is not listed.",
        (("{}",), ("no-such-value",)),
        0,
    ),
    ("question-mark", "? in a filter value matches exactly one character.", (("{}?",),), 0),
    ("whole-value", "A filter matches whole values only.", (("{}x",),), 0),
)

FILTER_LITERALS: Syntax = (
    ("literal-star", r"\* in a filter value is an asterisk.", ((r"\*",),), 0),
    ("empty-value", "An empty filter value leaves out what has another one.", (("",),), 0),
    ("value-twice", "A value that is named twice lists a resource once.", (("{}", "{}"),), 1),
    ("filter-twice", "A filter that is named twice lists a resource.", (("{}",), ("{}",)), 1),
)


class DescribeAction:
    """A Describe action, and how its list shows the resource that the case has set up."""

    def __init__(self, action: str, items: str, field: str, own: str) -> None:
        """`items`: JMESPath of the list; `field`: id of an item; `own`: that of our resource."""
        self.action = action
        self.own_count = f"length(({items} | [?{field}=='{own}']) || `[]`)"

    def filters(
        self, needs: Mapping[str, str], filters: Mapping[str, Any]
    ) -> Iterator[Requirement]:
        """Each filter lists the resource by its own value, and leaves it out by another one.

        `filters`: name → the resource's value (or several, of which it has one), or a pair of its
        value and another one. `None`: CloudStack has no such property, so nothing can match.
        """
        for name, values in filters.items():
            own, other = values if isinstance(values, tuple) else (values, "no-such-value")
            label = name.replace(":", "-")
            if own is not None:
                text = f"{self.action} filtered by {name} lists resources with that value."
                own_values = own if isinstance(own, list) else [own]
                yield self._filter_case(label, text, [(name, own_values)], 1, needs)
            text = f"{self.action} filtered by {name} leaves out resources with another value."
            yield self._filter_case(f"{label}-other", text, [(name, [other])], 0, needs)

    def filter_syntax(
        self, needs: Mapping[str, str], name: str, value: str
    ) -> Iterator[Requirement]:
        """The syntax of filter values, by the filter `name` and our resource's `value` for it."""
        yield from self._syntax_cases(FILTER_SYNTAX, needs, name, value)
        yield Requirement(
            self.action,
            "filters",
            "unknown-filter",
            "A filter with an unknown name is refused.",
            needs=needs,
            arguments={**NO_NAMES, "Filters": [{"Name": "no-such-filter", "Values": ["x"]}]},
            codes=frozenset({"InvalidParameterValue", "InvalidFilter"}),
        )

    def filter_literals(
        self, needs: Mapping[str, str], name: str, value: str
    ) -> Iterator[Requirement]:
        """Values that stand for themselves, and those named twice, as for `filter_syntax`; by one
        client, since nothing of it depends on how a client writes a request."""
        for case in self._syntax_cases(FILTER_LITERALS, needs, name, value):
            yield replace(case, drivers=("boto3",))

    def lists_all(self, needs: Mapping[str, str]) -> Requirement:
        """Without ids or names, all resources of the account are listed."""
        text = f"{self.action} without ids or names lists all resources of the account."
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
        """Resources of another account are not listed, where our own one is."""
        return Requirement(
            self.action,
            "reply",
            "foreign-hidden",
            f"{self.action} does not show another account's resources.",
            needs={"foreign": f"{recipe}@other"},
            capabilities=frozenset({"second_account"}),
            security=True,
            arguments=NO_NAMES,
            fields={
                self.own_count: 1,
                f"length(({items} | [?{field}=='{value}']) || `[]`)": 0,
            },
        )

    def _syntax_cases(
        self, syntax: Syntax, needs: Mapping[str, str], name: str, value: str
    ) -> Iterator[Requirement]:
        for label, text, values, count in syntax:
            filters = [(name, [each.format(value) for each in some]) for some in values]
            yield self._filter_case(label, text, filters, count, needs)

    def _filter_case(
        self,
        label: str,
        text: str,
        filters: Filters,
        count: int,
        needs: Mapping[str, str],
    ) -> Requirement:
        arguments = [{"Name": name, "Values": values} for name, values in filters]
        return Requirement(
            self.action,
            "filters",
            label,
            text,
            needs=needs,
            arguments={**NO_NAMES, "Filters": arguments},
            harmless=ANYTHING,
            fields={self.own_count: count},
            listed={} if count else {self.own_count: 1},
            listed_by=NO_NAMES,
        )
