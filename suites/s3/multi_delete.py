"""S3: several objects removed at once."""

from __future__ import annotations

from typing import Any

from fixtures.model import Step
from suites.s3.dsl import (
    RAW,
    S3Suite,
    answers,
    checks_access,
    get,
    list_keys,
    may_fail,
    must_fail,
    put,
    rejects,
    request,
)

OBJECTS = put("a"), put("b"), put("c/d"), put("e")


def delete_objects(*names: str, **arguments: Any) -> Step:
    """DeleteObjects."""
    return request(
        "DeleteObjects", Delete={"Objects": [{"Key": name} for name in names], **arguments}
    )


REMOVALS = (
    answers(
        "DeleteObjects",
        "several",
        "Several objects are removed at once, each told of.",
        delete_objects("a", "c/d").with_fields({"Deleted[].Key": {"set": ["a", "c/d"]}}),
        setup=OBJECTS,
        verify=(list_keys("b", "e"),),
    ),
    answers(
        "DeleteObjects",
        "quiet",
        "Quietly, only what went wrong is told.",
        delete_objects("a", "b", Quiet=True).with_fields(
            {"Deleted": {"absent": True}, "Errors": {"absent": True}}
        ),
        setup=OBJECTS,
        verify=(list_keys("c/d", "e"),),
    ),
    answers(
        "DeleteObjects",
        "nothing-there",
        "What is not there counts as removed.",
        delete_objects("nothing", "a").with_fields({"Deleted[].Key": {"set": ["nothing", "a"]}}),
        setup=OBJECTS,
        verify=(list_keys("b", "c/d", "e"),),
    ),
    answers(
        "DeleteObjects",
        "odd-keys",
        "Keys with signs that XML treats otherwise are removed, too.",
        delete_objects("a&b", "<c>", "é").with_fields(
            {"Deleted[].Key": {"set": ["a&b", "<c>", "é"]}}
        ),
        setup=(put("a&b"), put("<c>"), put("é"), put("a")),
        verify=(list_keys("a"),),
    ),
    answers(
        "DeleteObjects",
        "versions",
        "Versions are removed at once, too.",
        request(
            "DeleteObjects",
            Delete={"Objects": [{"Key": "letter", "VersionId": "{first}"}]},
        ).with_fields({"Deleted[].[Key, VersionId]": [[["letter", "{first}"]]]}),
        get().returns("second"),
        setup=(
            request("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"}),
            put("letter", "first").save(first="VersionId"),
            put("letter", "second"),
        ),
        capabilities={"s3-versioning"},
    ),
    answers(
        "DeleteObjects",
        "makes-markers",
        "In a versioned bucket delete markers are made, and told of.",
        delete_objects("letter").with_fields(
            {"Deleted[0].DeleteMarker": True, "Deleted[0].DeleteMarkerVersionId": {"present": True}}
        ),
        setup=(
            request("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"}),
            put(),
        ),
        verify=(must_fail(get(), "NoSuchKey"),),
        capabilities={"s3-versioning"},
    ),
    rejects(
        "DeleteObjects",
        "malformed-xml",
        "What is no XML removes nothing.",
        must_fail(
            delete_objects("a").tampered_with(body="<Delete><Object><Key>a</Key>"), "MalformedXML"
        ),
        setup=OBJECTS,
        drivers=RAW,
    ),
    rejects(
        "DeleteObjects",
        "no-objects",
        "A list of nothing removes nothing.",
        must_fail(delete_objects("a").tampered_with(body="<Delete></Delete>"), "MalformedXML"),
        setup=OBJECTS,
        drivers=RAW,
    ),
    rejects(
        "DeleteObjects",
        "too-many",
        "At most 1,000 objects are removed at once.",
        must_fail(delete_objects("a", *(f"n{number}" for number in range(1000))), "MalformedXML"),
        setup=OBJECTS,
        drivers=("boto3", "raw"),
    ),
    rejects(
        "DeleteObjects",
        "wrong-md5",
        "A list that does not fit its Content-MD5 removes nothing.",
        must_fail(
            delete_objects("a").tampered_with(headers="Content-MD5: AAAAAAAAAAAAAAAAAAAAAA=="),
            "BadDigest",
        ),
        setup=OBJECTS,
        drivers=RAW,
    ),
    rejects(
        "DeleteObjects",
        "without-md5",
        "A list without Content-MD5 removes nothing.",
        must_fail(delete_objects("a").tampered_with(omit="Content-MD5"), "InvalidRequest"),
        setup=OBJECTS,
        drivers=RAW,
    ),
    checks_access(
        "DeleteObjects",
        "foreign",
        "Of another account's objects none is removed, and that is told.",
        may_fail(delete_objects("a", "b").by("other"), "AccessDenied"),
        setup=OBJECTS,
        verify=(list_keys("a", "b", "c/d", "e"),),
    ),
)


class TestRemovals(S3Suite):
    """Several removed at once."""

    requirements = REMOVALS
