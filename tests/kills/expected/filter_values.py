"""Which cases must notice that a value of a filter is misread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from suites.values.catalogue import NO_NUMBERS, NO_TIMES
from suites.values.filter_values import LITERALS, NUMBER_FILTERS, TIME_FILTERS, PlainFilter
from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.values import SIGNS, filters

_COUNT = "is 1, expected '0'"


def _literals(name: str) -> tuple[str, ...]:
    return tuple(f"values/{each.action}/filters/{name}[*]" for each, _, _ in LITERALS)


def _junk(plain_filters: Iterable[PlainFilter], names: Iterable[str]) -> tuple[str, ...]:
    names = tuple(names)
    return tuple(
        f"values/{each.describe.action}/filters/{each.filter}-{name}[*]"
        for each in plain_filters
        for name in names
    )


FILTER_VALUES: Mapping[str, Expected] = {
    "replaces-signs-of-filters": fails(
        filters(*(sign for sign in SIGNS if sign != "slashes"), "asterisk", "combining", "comma")
    ),
    "ignores-backslashes-of-filters": fails(_literals("literal-star"), filters("slashes")),
    "quotes-backslashes-of-filters": fails(filters("asterisk", "slashes")),
    "ignores-empty-filters": fails(
        _literals("empty-value"), _junk(TIME_FILTERS, ("empty",)), text=_COUNT
    ),
    "ignores-odd-numbers-of-filters": fails(_junk(NUMBER_FILTERS, NO_NUMBERS), text=_COUNT),
    "ignores-odd-times-of-filters": fails(_junk(TIME_FILTERS, NO_TIMES), text=_COUNT),
    "fails-on-odd-filters": fails(
        _junk(NUMBER_FILTERS, NO_NUMBERS), _junk(TIME_FILTERS, NO_TIMES), text="InternalError"
    ),
    "lists-for-each-filter": fails(_literals("value-twice"), _literals("filter-twice")),
}
