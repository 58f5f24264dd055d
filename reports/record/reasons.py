"""The reason of a failure in one line: the difference and its effect.

The recorded differences are exact and may be long: here long values are shortened in their middle,
so that what was expected stays, and a long list of accepted error codes becomes a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fixtures.model import Outcome, is_lookup
from fixtures.model.mismatch_texts import CAUSE
from reports.record.signatures import differences
from reports.sanitize import sanitize

SEEN_LENGTH, EXPECTED_LENGTH = 130, 70  # characters of what was observed, and of what was expected
_FEW_CODES = 3  # error codes that are listed by name
_EXPECTED = ", expected "
_UNEXPECTED = re.compile(r"(?P<command>\w+): unexpected state-changing call ")
_MISSING = re.compile(r"(?P<command>\w+): missing(?P<count> \(\d+ of \d+ seen\))?$")
_CODE = re.compile(r"[A-Za-z][\w.]+")
_AUTHENTICATION = re.compile(
    "Auth|Signature|Token|Security|Unauthorized|Expired|AccessDenied|Blocked|OptIn|FailedCheck"
)
_ITEM_LENGTH = 40  # characters of an item of a list
# `length((Path[] | [?Id=='x']) || `[]`) is 1`, and `Path[].Key is ['a', 'b']`
_COUNTED = re.compile(
    r"length\(\(?.*\[\?[\w.]+ ?== ?'(?P<value>[^']*)'\].*\) is (?P<number>\d+)$", re.DOTALL
)
_LIST = re.compile(r"(?P<path>.+?) is \[(?P<items>[^\[\]{}]*)\]$")
_WANTED_LIST = re.compile(r"(?:exactly )?\[(?P<items>[^\[\]{}]*)\]")
_QUOTED_LIST = re.compile(r"\"([\[{].*[\]}])\"")
_REFUSED = 400  # the lowest HTTP status of a refusal
_STATE = re.compile(r"<(?:\w+:)?(?:status|state|currentState|return)>\s*([a-z][a-z-]+)\s*<")
_RANGE = re.compile(r"^Range: *(\S+)", re.MULTILINE | re.IGNORECASE)


def one_line_reason(outcome: Outcome) -> str:
    """The first difference of a case and the effects, sanitized, in one line."""
    first = differences(outcome).strip().partition("\n")[0]
    text = "; ".join([shorten_difference(first), *effects(outcome)])
    return " ".join(sanitize(text).split())


def shorten_difference(line: str) -> str:
    """A recorded difference in a form that fits a line and keeps what was expected."""
    difference, _, cause = sanitize(line).partition(CAUSE)
    seen, comma, expected = difference.partition(_EXPECTED)
    seen = seen.removeprefix("reply: ")
    if found := _UNEXPECTED.match(seen):
        return f"{found['command']} was called, which must not be"
    if found := _MISSING.match(seen):
        seen = f"{found['command']} was not called{found['count'] or ''}"
    expected = _simplify_expected(expected)
    words = _membership(seen, expected) or (
        f"{_shorten(seen, SEEN_LENGTH)}{comma}{_shorten(expected, EXPECTED_LENGTH)}"
    )
    return f"{words}: {_shorten(cause, SEEN_LENGTH)}" if cause else words


def effects(outcome: Outcome) -> Iterator[str]:
    """What the difference meant: commands that were carried out and must not be, a reply that
    contradicts CloudStack's, the range that was asked for."""
    lines = differences(outcome).splitlines()
    called = [found["command"] for line in lines[1:] if (found := _UNEXPECTED.match(line))]
    if called:
        yield f"and {' and '.join(dict.fromkeys(called))} {_was_were(called)} called"
    if contradiction := reply_contradiction(outcome):
        yield contradiction
    if requested := requested_range(outcome.exchange):
        yield f"read with Range: {requested}"


def reply_contradiction(outcome: Outcome) -> str:
    """`attachVolume got 431, yet the reply says attached`; empty if the reply, the last of the
    exchange, does not contradict the last state-changing answer of CloudStack."""
    changes = [call for call in outcome.calls if not is_lookup(str(call.get("command", "")))]
    if not changes or not outcome.exchange:
        return ""
    status, reply = changes[-1].get("status"), outcome.exchange[-1].get("status")
    if not isinstance(status, int) or not isinstance(reply, int):
        return ""
    command = changes[-1].get("command")
    if status >= _REFUSED > reply:
        state = _STATE.search(str(outcome.exchange[-1].get("response", "")))
        says = f"says {state[1]}" if state else "is no error"
        return f"{command} got {status}, yet the reply {says}"
    return ""


def requested_range(exchange: Sequence[Mapping[str, Any]]) -> str:
    """The range that the last request of an exchange asks for: `bytes=-8`; empty if it is whole."""
    found = _RANGE.search(str(exchange[-1].get("request", ""))) if exchange else None
    return sanitize(found[1]) if found else ""


def _membership(seen: str, expected: str) -> str:
    """What a list has too many or too few, in words; empty if the difference is another one."""
    if (counted := _COUNTED.match(seen)) and expected.strip("'") in ("0", "1"):
        number = int(counted["number"])
        if expected.strip("'") == "0" and number:
            return f"the reply also names {counted['value']}, expected not to"
        if not number:
            return f"the reply does not name {counted['value']}, expected it to"
    lists = _LIST.match(seen), _WANTED_LIST.fullmatch(expected)
    if lists[0] is None or lists[1] is None:
        return ""
    has, wanted = (_items(found["items"]) for found in lists if found is not None)
    parts = [
        f"{verb} {_named(items)}"
        for verb, items in (
            ("also has", [item for item in has if item not in wanted]),
            ("lacks", [item for item in wanted if item not in has]),
        )
        if items
    ]
    if not parts:
        return ""
    path, end = _shorten(lists[0]["path"], SEEN_LENGTH), _shorten(expected, EXPECTED_LENGTH)
    return f"{path} {' and '.join(parts)}, expected {end}"


def _items(text: str) -> list[str]:
    return [item.strip().strip("'\"") for item in text.split(",") if item.strip()]


def _named(items: Sequence[str]) -> str:
    """A few of the items, and the number of the others."""
    more = f" and {len(items) - _FEW_CODES} more" if len(items) > _FEW_CODES else ""
    return ", ".join(_shorten(item, _ITEM_LENGTH) for item in items[:_FEW_CODES]) + more


def _simplify_expected(expected: str) -> str:
    """What was expected; of many error codes, what they have in common."""
    prefix = "the error " if expected.startswith("the error ") else ""
    if listing := _QUOTED_LIST.fullmatch(expected):
        return listing[1]
    codes = expected.removeprefix(prefix).split(" or ")
    if len(codes) <= _FEW_CODES or not all(map(_CODE.fullmatch, codes)):
        return expected
    if 2 * sum(bool(_AUTHENTICATION.search(code)) for code in codes) >= len(codes):
        return "an authentication error"
    return f"one of {len(codes)} error codes ({', '.join(codes[:2])}, …)"


def _shorten(text: str, limit: int) -> str:
    """The text, with its middle left out if it is longer than the limit."""
    if len(text) <= limit:
        return text
    tail = limit // 3
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


def _was_were(items: Sequence[str]) -> str:
    return "was" if len(set(items)) == 1 else "were"
