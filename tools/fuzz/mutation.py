"""Changes of samples. A sample is a request, or a record, as texts by name."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

Sample: TypeAlias = dict[str, str]

# Texts that parsers stumble over.
TEXTS = (
    *("", "0", "-1", "1", "9" * 400, "9" * 5000, "0x10", "1e9", "NaN", "\u0663", "1_0", " 1 "),
    *("\x00", "\x01", "\n", "\r\nX: y", "\x7f", "\x85", "\u2028", "\ufffe", "\U0001f511", "\ud800"),
    *("%", "%zz", "%00", "%e2%82", "+", "&", "=", ";", ",", "..", "../..", "/", "//", "*", "?"),
    *(
        "'",
        '"',
        "<",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&#0;",
        "&#xfffe;",
        "<!DOCTYPE x>",
        "{",
        "[",
        "\\",
    ),
    *("null", "true", "x" * 300, "x" * 5000, "\u00e9", "*" * 60, "\\*", "[0]", "[", "]."),
    *("1970-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"),
    *("bytes=0-", "bytes=-1", "AES256", "=?UTF-8?B?4oKs?=", "a:b", "00000000-0000-0000-0000-000"),
)


class Mutator:
    """Makes new samples of known ones, from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # reproducible, not secret

    def mutate(self, corpus: Sequence[Sample]) -> Sample:
        """A changed copy of one of the samples, which may take parts of another one."""
        sample = dict(self._random.choice(corpus))
        other = self._random.choice(corpus)
        for _ in range(self._random.choice((1, 1, 1, 2, 3, 5))):
            self._random.choice(_CHANGES)(self._random, sample, other)
        return {_without_surrogates(name): _without_surrogates(sample[name]) for name in sample}


def _without_surrogates(text: str) -> str:
    """The text as UTF-8 can have it."""
    return text.encode("utf-8", "replace").decode()


def _change_value(rng: random.Random, sample: Sample, other: Sample) -> None:
    del other
    name = rng.choice(sorted(sample))
    text = sample[name]
    first, second = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
    sample[name] = (
        text[:first]
        + rng.choice((rng.choice(TEXTS), text[first:second] * 2))
        + (text[rng.choice((first, second)) :])
    )


def _replace_value(rng: random.Random, sample: Sample, other: Sample) -> None:
    values = (rng.choice(TEXTS), rng.choice(sorted(other.values())))
    sample[rng.choice(sorted(sample))] = rng.choice(values)


def _change_character(rng: random.Random, sample: Sample, other: Sample) -> None:
    del other
    name = rng.choice(sorted(sample))
    text = sample[name]
    if text:
        place = rng.randrange(len(text))
        changed = chr((ord(text[place]) ^ (1 << rng.randrange(8))) & 0xFF)
        sample[name] = text[:place] + changed + text[place + 1 :]


def _add_value(rng: random.Random, sample: Sample, other: Sample) -> None:
    name = rng.choice(sorted(other))
    sample.setdefault(name, other[name])


def _rename(rng: random.Random, sample: Sample, other: Sample) -> None:
    del other
    name = rng.choice(sorted(sample))
    kind, colon, rest = name.rpartition(":")
    place = rng.randint(0, len(rest))
    renamed = f"{kind}{colon}{rest[:place]}{rng.choice(TEXTS)}{rest[place + rng.randint(0, 1) :]}"
    sample[renamed] = sample.pop(name)


def _drop(rng: random.Random, sample: Sample, other: Sample) -> None:
    del other
    if len(sample) > 1:
        del sample[rng.choice(sorted(sample))]


_CHANGES: Sequence[Callable[[random.Random, Sample, Sample], None]] = (
    *(_change_value, _change_value, _replace_value, _change_character),
    *(_add_value, _rename, _drop),
)
