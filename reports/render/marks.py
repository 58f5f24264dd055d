"""Which values in what was expected and observed of a case differ, so that a page can mark them.

A recorded difference, such as `Size is '5', expected '6'`, names both values. They are looked for
in the texts of both sides, first together with the name of their field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fixtures.model import Outcome
from fixtures.model.mismatch_texts import CAUSE
from reports.record.signatures import differences
from reports.sanitize import sanitize

Segments = tuple[str, ...]  # a text in pieces: every second one, from the second on, is marked

_EXPECTED = ", expected "
_QUOTE = re.compile("['\"]")
_NAME = re.compile(r"[\w.\[\]-]+")  # of a field
_COMMAND = re.compile(r"[a-z]+[A-Z]\w+")  # of CloudStack: its parameters are `name=value`
_MISSING = re.compile(r"(?P<command>\w+): missing\b")
_UNEXPECTED = re.compile(r"(?P<command>\w+): unexpected state-changing call ")
# InvalidRange, Auth.Failure
_CODE = re.compile(r"\b(?!CloudStack\b)(?:[A-Z]\w*[a-z][A-Z][\w.]*|[A-Z]\w+\.\w[\w.]*)")
_ENDINGS = {"an answer": "answered", "a refusal": "refused"}  # how a reply is named in a side
_STATUS = re.compile(r"\b(?:HTTP|with) ([1-5]\d\d)\b")
_SUBJECT = re.compile(r"(?:[^'\"(]*: )?")  # the step, and what a difference is about
_LEAST = 3  # characters of a value that is looked for without the name of its field
_MOST_LINES = 20  # differences of a case whose values are marked


def mark_differences(outcome: Outcome) -> tuple[Segments, Segments]:
    """What was expected and what was observed of a case, sanitized, the differing values marked."""
    expected, observed = sanitize(outcome.expected), sanitize(outcome.observed)
    in_expected: list[tuple[int, int]] = []
    in_observed: list[tuple[int, int]] = []
    for line in sanitize(differences(outcome)).splitlines()[:_MOST_LINES]:
        seen, _, wanted = line.partition(CAUSE)[0].partition(_EXPECTED)
        in_observed += _places(observed, _seen_candidates(seen))
        in_expected += _places(expected, _wanted_candidates(seen, wanted))
    return _segments(expected, in_expected), _segments(observed, in_observed)


_Candidate = tuple[str, str]  # what stands before a value, and the value


def _seen_candidates(seen: str) -> Iterator[list[_Candidate]]:
    """For each value that was seen, the texts by which it is found, the most exact first."""
    if called := _UNEXPECTED.match(seen):
        yield [("", called["command"])]
    elif field := _field(seen):
        yield _of_field(field, field.value)
    else:
        subject, text = _split_subject(seen)
        answered = ["answered"] if text.startswith("answered") else []
        text = text.partition(" (")[0]
        for found in (*answered, *_CODE.findall(text), *_STATUS.findall(text)):
            yield [(subject, found), ("", found)]


def _wanted_candidates(seen: str, wanted: str) -> Iterator[list[_Candidate]]:
    if missing := _MISSING.match(seen):
        yield [("", missing["command"])]
    elif field := _field(seen):
        yield _of_field(field, wanted)
    else:
        subject, _ = _split_subject(seen)
        endings = [_ENDINGS[wanted]] if wanted in _ENDINGS else []
        for found in (*endings, *_CODE.findall(wanted)):
            yield [(subject, found), ("", found)]


def _split_subject(seen: str) -> tuple[str, str]:
    """What a difference is about, and the difference."""
    found = _SUBJECT.match(seen)
    end = found.end() if found else 0
    return seen[:end], seen[end:]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field that a difference is about: of a command of CloudStack, or of a reply."""

    subject: str
    name: str
    value: str


def _field(seen: str) -> _Field | None:
    """The field of a difference `subject: the name is value`; None if it has another form."""
    quote = _QUOTE.search(seen)
    end = quote.start() if quote else len(seen)
    at, verb = max((seen.rfind(verb, 0, end), verb) for verb in (" is ", " are "))
    subject, _, rest = seen[: max(at, 0)].rpartition(": ")
    name = rest.rpartition(" ")[2]
    if at < 0 or not _NAME.fullmatch(name):
        return None
    return _Field(subject, name, seen[at + len(verb) :])


def _of_field(field: _Field, value: str) -> list[_Candidate]:
    bare = value.strip("'\"")
    forms = list(dict.fromkeys((value, f"'{bare}'", bare)))
    signs = ("=", " is ", " ") if _COMMAND.fullmatch(field.subject) else (" is ", "=", " ")
    named = [(field.name + sign, form) for sign in signs for form in forms if form]
    return named + [("", form) for form in forms if len(form) >= _LEAST]


def _places(text: str, values: Iterable[list[_Candidate]]) -> Iterator[tuple[int, int]]:
    """Where the values stand in a text: begin and end of each."""
    for candidates in values:
        for before, value in candidates:
            at = text.find(before + value)
            if at >= 0:
                yield at + len(before), at + len(before) + len(value)
                break


def _segments(text: str, places: Iterable[tuple[int, int]]) -> Segments:
    pieces = []
    done = 0
    for begin, end in sorted(places):
        if begin >= done:
            pieces += [text[done:begin], text[begin:end]]
            done = end
    return (*pieces, text[done:])
