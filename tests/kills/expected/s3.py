"""Patterns of the ids of S3 cases, by operation and kind."""

from __future__ import annotations


def answers(operation: str, *names: str) -> tuple[str, ...]:
    """Cases in which a request must be answered; names and operation may contain `*` and `?`."""
    return _patterns(operation, "answers", names)


def rejections(operation: str, *names: str) -> tuple[str, ...]:
    """Cases in which a request must be refused."""
    return _patterns(operation, "rejections", names)


def rights(operation: str, *names: str) -> tuple[str, ...]:
    """Cases about access control lists, policies and owners."""
    return _patterns(operation, "rights", names)


def signatures(operation: str, *names: str) -> tuple[str, ...]:
    """Cases about how a request is signed."""
    return _patterns(operation, "signatures", names)


def _patterns(operation: str, kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"s3/{operation}/{kind}/{name}[*]" for name in names)


# Without these hardly anything of S3 works; they are also cases that most mutations leave alone.
BASIC = (
    *answers("HeadBucket", "found"),
    *answers("ListObjects", "prefix"),
    *answers("HeadObject", "if-match"),
)
