"""Values of replies against the patterns of expectations."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.checkers.translation import check_translation
from fixtures.checkers.values import ABSENT, describe_pattern, format_value
from fixtures.model import Ec2Reply, Expectation, Observation, Pattern, ReplyKind, Status

PERIOD = ["2026-11-21T11:50:00+00:00", "2026-11-21T12:10:00+00:00"]
PATTERNS: tuple[tuple[Any, Any, bool], ...] = (
    ("a", "a", True),
    ("a", "A", False),
    (True, "True", True),
    (False, "true", False),
    (5, "5", True),
    (["a", "b"], "b", True),
    (["a", "b"], "c", False),
    ({"matches": "a+"}, "aaa", True),
    ({"matches": "a+"}, "aab", False),
    ({"set": ["a", "b"]}, "b,a", True),
    ({"set": ["a"]}, ",a", True),
    ({"set": ["a", "b"]}, ["a"], False),
    ({"set": ["a"]}, ["a", "a"], False),
    ({"set": []}, "", True),
    ({"includes": ["a"]}, ["a", "b"], True),
    ({"includes": ["c"]}, ["a", "b"], False),
    ({"count": 2}, [1, 2], True),
    ({"count": 2}, [1], False),
    ({"present": True}, "x", True),
    ({"present": True}, "", False),
    ({"present": True}, "None", False),
    ({"present": True}, " null ", False),
    ({"between": PERIOD}, "2026-11-21T12:00:00.000Z", True),
    ({"between": PERIOD}, "2026-11-21T14:00:00+0200", True),
    ({"between": PERIOD}, "2026-11-21 12:00:00", True),
    ({"between": PERIOD}, "2026-11-20T12:00:00.000Z", False),
    ({"between": PERIOD}, "2099-01-01T12:00:00.000Z", False),
    ({"between": PERIOD}, "2026-11-21T12:00:00.000Zjunk", False),
    ({"between": PERIOD}, "soon", False),
    ({"between": PERIOD}, "Sat, 21 Nov 2026 12:00:00 GMT", True),
    ({"between": PERIOD}, "Sat, 21 Nov 2026 12:30:00 GMT", False),
    ({"between": [*PERIOD, ".*Z"]}, "2026-11-21T12:00:00Z", True),
    ({"between": [*PERIOD, ".*Z"]}, "2026-11-21T12:00:00+00:00", False),
    ({"absent": True}, "", True),
    ({"absent": True}, "x", False),
    ({"missing": True}, "", False),
    ({"missing": True}, "x", False),
    ({"missing": True}, ABSENT, True),
    ({"optional": ["a", "b"]}, "", True),
    ({"optional": ["a", "b"]}, "b", True),
    ({"optional": ["a", "b"]}, "c", False),
    ({"any": True}, "x", True),
)


def test_letters_that_look_alike_are_distinguished() -> None:
    """A finding shows whether a letter is one character, or has a combining one after it."""
    assert format_value("\u00e9") == "'\u00e9'"
    assert format_value("e\u0301") == r"'e\u0301'"
    assert describe_pattern(Pattern.of("e\u0301")) == r"'e\u0301'"


@pytest.mark.parametrize(("pattern", "value", "fits"), PATTERNS)
def test_patterns(pattern: Any, value: Any, fits: bool) -> None:
    """Values are compared by meaning: numbers, booleans and lists in the form of either side."""
    expectation = Expectation(requirement="It works.", fields={"X": Pattern.of(pattern)})
    observation = Observation(Ec2Reply(ReplyKind.ANSWERED, {"X": value}), ())
    assert (check_translation(expectation, observation).status is Status.PASSED) == fits
