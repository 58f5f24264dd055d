"""S3: prefixes, markers and delimiters of lists are texts, whatever signs they contain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import ALL, RAW, S3Suite, answers, put, request
from suites.s3.multipart import begin_upload
from suites.s3.values import NOT_BY_BOTO, NOT_IN_XML, SIGNS


@dataclass(frozen=True, slots=True)
class ListOperation:
    """An operation that lists keys by prefix: its entries (JMESPath), the argument after which it
    begins, how a key comes into its list, and who sends it."""

    entries: str
    marker: str
    fill: Callable[[str], Step]
    drivers: tuple[str, ...] = RAW
    capabilities: frozenset[str] = frozenset()


def _put(key: str) -> Step:
    return put(key, "")


OPERATIONS: Mapping[str, ListOperation] = {
    "ListObjects": ListOperation("Contents[].Key", "Marker", _put, ALL),
    "ListObjectsV2": ListOperation("Contents[].Key", "StartAfter", _put, ("boto3", "raw")),
    "ListObjectVersions": ListOperation(
        "Versions[].Key", "KeyMarker", _put, RAW, frozenset({"s3-versioning"})
    ),
    "ListMultipartUploads": ListOperation(
        "Uploads[].Key", "KeyMarker", begin_upload, RAW, frozenset({"s3-multipart"})
    ),
}


def _keys(name: str) -> list[str]:
    """Two keys that contain the sign of that name, and one with each text that is another, in the
    order of lists; all of them begin with the name."""
    sign = SIGNS[name]
    endings = {f"{sign.text}1", f"{sign.text}2", *(f"{text}1" for text in sign.others)}
    return sorted((name + ending for ending in endings), key=str.encode)


def _list(name: str, operation: str, keys: list[str], groups: list[str], **arguments: Any) -> Step:
    """The operation, which must list exactly these keys and common prefixes; percent-encoded where
    XML cannot represent the sign."""
    spell: Callable[[str], str] = quote if name in NOT_IN_XML else str
    encoding = {"EncodingType": "url"} if name in NOT_IN_XML else {}
    return request(operation, **arguments, **encoding).with_fields(
        {
            path: [list(map(spell, listed))] if listed else {"absent": True}
            for path, listed in (
                (OPERATIONS[operation].entries, keys),
                ("CommonPrefixes[].Prefix", groups),
            )
        }
    )


def _steps(name: str, operation: str) -> tuple[Step, ...]:
    """Lists of the keys of a sign: by prefix, from a marker on, grouped at the sign."""
    sign, keys = SIGNS[name].text, _keys(name)
    begin = [key for key in keys if key.startswith(name + sign)]
    rest = [key for key in keys if sign not in key[len(name) :]]
    groups = sorted(
        {
            name + key[len(name) :].partition(sign)[0] + sign
            for key in keys
            if sign in key[len(name) :]
        },
        key=str.encode,
    )
    after = {OPERATIONS[operation].marker: begin[0]}
    return (
        _list(name, operation, begin, [], Prefix=name + sign),
        _list(name, operation, begin[1:], [], Prefix=name + sign, **after),
        _list(name, operation, rest, groups, Prefix=name, Delimiter=sign),
    )


def _cases() -> Iterator[ProcedureRequirement]:
    for operation, how in OPERATIONS.items():
        for name in SIGNS:
            yield answers(
                operation,
                f"sign-{name}",
                f"In prefix, marker and delimiter of a list, a sign stands for itself ({name}).",
                *_steps(name, operation),
                setup=tuple(map(how.fill, _keys(name))),
                drivers=tuple(d for d in how.drivers if d != "boto" or name not in NOT_BY_BOTO),
                capabilities=how.capabilities,
            )


class TestLiteralSigns(S3Suite):
    """Signs in the parameters of lists."""

    requirements = tuple(_cases())
