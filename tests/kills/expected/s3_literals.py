"""Which cases must notice the mutations that take a value for something else than what it says."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.s3 import answers, rejections

WELL = "as if all were well"


def _signs(*names: str, text: str) -> Expected:
    """Every list of the keys with these signs must notice."""
    cases = (f"sign-{name}" for name in names)
    return fails(answers("List*", *cases), text=text)


def _keys(*names: str) -> tuple[str, ...]:
    """Every operation on these keys must notice."""
    return answers("*", *(f"key-{name}" for name in names))


LITERALS: Mapping[str, Expected] = {
    "reads-prefixes-as-like": _signs("underscore", "percent", "escaped-percent", text="[].Key is"),
    "reads-prefixes-as-glob": _signs("asterisk", "question-mark", "brackets", text="[].Key is"),
    "reads-prefixes-as-regex": _signs(
        *("asterisk", "question-mark", "dot", "brackets", "escaped-percent", "plus"),
        text="[].Key is",
    ),
    "reads-prefixes-in-any-case": _signs("accent", "capital", text="[].Key is"),
    "decodes-prefixes-twice": _signs("percent-encoded", "encoded-slash", text="[].Key is"),
    "composes-keys": fails(
        _keys("combining"), answers("List*", "sign-accent", "sign-combining"), text="Key"
    ),
    "decodes-keys-twice": fails(
        _keys("percent-encoded", "percent-slash"),
        answers("PutObject", "key-encoded-dots"),
        text="Key",
    ),
    "cleans-paths": fails(
        _keys("dots-first", "double-slash", "slash-first", "slashes-last"),
        answers(
            "PutObject", "key-dot", "key-dots-inside", "key-dot-segment-inside", "key-absolute"
        ),
        text="Key",
    ),
    "trims-keys": fails(_keys("leading-blank", "trailing-blank"), text="Key"),
    "lists-no-odd-characters": fails(
        answers("List*", "sign-control"),
        answers(
            "CompleteMultipartUpload",
            "key-control",
            "key-non-character",
        ),
        answers("ListObjectVersions", "key-control", "key-non-character"),
        answers("PostObject", "key-control", "key-non-character"),
        text="[].Key is",
    ),
    "decodes-no-sources": fails(
        answers(
            "CopyObject",
            *("key-*blank", "key-plus", "key-percent*", "key-ampersand", "key-question-mark"),
            *("key-hash", "key-quotes", "key-angle-brackets", "key-backslash", "key-umlauts"),
            *("key-emoji", "key-com*", "key-long-unicode", "key-newline", "key-control"),
            "key-non-character",
        ),
        text="NoSuchKey",
    ),
    "unescapes-twice": fails(
        answers("DeleteObjects", "key-angle-brackets"), text="Deleted[].Key is"
    ),
    "takes-small-pages": fails(
        answers("List*", "max-keys-1001", "max-uploads-1001", "max-parts-1001"),
        text="refused with InvalidArgument",
    ),
    "reads-one-form-of-dates": fails(
        rejections("*Object", "if-unmodified-since-rfc850", "if-unmodified-since-asctime"),
        rejections(
            "CopyObject",
            "source-if-unmodified-since-rfc850",
            "source-if-unmodified-since-asctime",
        ),
        text=WELL,
    ),
    "fears-odd-dates": fails(
        answers("*Object", "if-modified-since-no-*", "if-unmodified-since-no-*"), text="refused"
    ),
    "fears-large-numbers": fails(
        answers("GetObject", "range-huge-end", "range-huge-suffix"),
        rejections("GetObject", "range-huge-start"),
        text="InvalidArgument",
    ),
    "takes-any-length": fails(rejections("*", "key-1025-*"), text="200"),
    "loses-empty-metadata": fails(
        answers("PutObject", "metadata-empty"),
        answers("CopyObject", "metadata-empty"),
        answers("CompleteMultipartUpload", "metadata-empty"),
        text="length(Metadata) is 0",
    ),
    "takes-little-metadata": fails(
        answers("PutObject", "metadata-two-kilobytes"),
        answers("CopyObject", "metadata-two-kilobytes"),
        answers("CompleteMultipartUpload", "metadata-two-kilobytes"),
        text="refused with MetadataTooLarge",
    ),
    "forgets-headers-of-uploads": fails(
        answers("CompleteMultipartUpload", "content-header-*"), text="the header"
    ),
}
