"""S3: several objects removed at once."""

from __future__ import annotations

from typing import Any

from fixtures.model import Step
from suites.s3 import (
    RAW,
    Stories,
    ask,
    either,
    get,
    keys,
    put,
    refused,
    rejects,
    rights,
    tells,
)

SEVERAL = put("a"), put("b"), put("c/d"), put("e")


def several(*names: str, **arguments: Any) -> Step:
    """DeleteObjects."""
    return ask("DeleteObjects", Delete={"Objects": [{"Key": name} for name in names], **arguments})


REMOVALS = (
    tells(
        "DeleteObjects",
        "several",
        "Several objects are removed at once, each told of.",
        several("a", "c/d").fields({"Deleted[].Key": {"set": ["a", "c/d"]}}),
        given=SEVERAL,
        then=(keys("b", "e"),),
    ),
    tells(
        "DeleteObjects",
        "quiet",
        "Quietly, only what went wrong is told.",
        several("a", "b", Quiet=True).fields(
            {"Deleted": {"absent": True}, "Errors": {"absent": True}}
        ),
        given=SEVERAL,
        then=(keys("c/d", "e"),),
    ),
    tells(
        "DeleteObjects",
        "nothing-there",
        "What is not there counts as removed.",
        several("nothing", "a").fields({"Deleted[].Key": {"set": ["nothing", "a"]}}),
        given=SEVERAL,
        then=(keys("b", "c/d", "e"),),
    ),
    tells(
        "DeleteObjects",
        "odd-keys",
        "Keys with signs that XML treats otherwise are removed, too.",
        several("a&b", "<c>", "é").fields({"Deleted[].Key": {"set": ["a&b", "<c>", "é"]}}),
        given=(put("a&b"), put("<c>"), put("é"), put("a")),
        then=(keys("a"),),
    ),
    tells(
        "DeleteObjects",
        "versions",
        "Versions are removed at once, too.",
        ask(
            "DeleteObjects",
            Delete={"Objects": [{"Key": "letter", "VersionId": "{first}"}]},
        ).fields({"Deleted[].[Key, VersionId]": [[["letter", "{first}"]]]}),
        get().gives("second"),
        given=(
            ask("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"}),
            put("letter", "first").saving(first="VersionId"),
            put("letter", "second"),
        ),
        capabilities={"s3-versioning"},
    ),
    tells(
        "DeleteObjects",
        "makes-markers",
        "In a versioned bucket delete markers are made, and told of.",
        several("letter").fields(
            {"Deleted[0].DeleteMarker": True, "Deleted[0].DeleteMarkerVersionId": {"present": True}}
        ),
        given=(
            ask("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"}),
            put(),
        ),
        then=(refused(get(), "NoSuchKey"),),
        capabilities={"s3-versioning"},
    ),
    rejects(
        "DeleteObjects",
        "malformed-xml",
        "What is no XML removes nothing.",
        refused(several("a").tampered(body="<Delete><Object><Key>a</Key>"), "MalformedXML"),
        given=SEVERAL,
        drivers=RAW,
    ),
    rejects(
        "DeleteObjects",
        "no-objects",
        "A list of nothing removes nothing.",
        refused(several("a").tampered(body="<Delete></Delete>"), "MalformedXML"),
        given=SEVERAL,
        drivers=RAW,
    ),
    rejects(
        "DeleteObjects",
        "too-many",
        "At most 1,000 objects are removed at once.",
        refused(several("a", *(f"n{number}" for number in range(1000))), "MalformedXML"),
        given=SEVERAL,
        drivers=("boto3", "raw"),
    ),
    rejects(
        "DeleteObjects",
        "wrong-md5",
        "A list that does not fit its Content-MD5 removes nothing.",
        refused(
            several("a").tampered(headers="Content-MD5: AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest"
        ),
        given=SEVERAL,
        drivers=RAW,
    ),
    rejects(
        "DeleteObjects",
        "without-md5",
        "A list without Content-MD5 removes nothing.",
        refused(several("a").tampered(omit="Content-MD5"), "InvalidRequest"),
        given=SEVERAL,
        drivers=RAW,
    ),
    rights(
        "DeleteObjects",
        "foreign",
        "Of another account's objects none is removed, and that is told.",
        either(several("a", "b").by("other"), "AccessDenied"),
        given=SEVERAL,
        then=(keys("a", "b", "c/d", "e"),),
    ),
)


class TestRemovals(Stories):
    """Several removed at once."""

    told = REMOVALS
