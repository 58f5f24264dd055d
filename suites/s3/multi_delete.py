"""S3: DeleteObjects, several objects deleted by one request."""

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


REQUIREMENTS = (
    answers(
        "DeleteObjects",
        "several",
        "Several objects are deleted by one request, and each is listed in the reply.",
        delete_objects("a", "c/d").with_fields({"Deleted[].Key": {"set": ["a", "c/d"]}}),
        setup=OBJECTS,
        verify=(list_keys("b", "e"),),
    ),
    answers(
        "DeleteObjects",
        "quiet",
        "A quiet request lists only failures in its reply.",
        delete_objects("a", "b", Quiet=True).with_fields(
            {"Deleted": {"absent": True}, "Errors": {"absent": True}}
        ),
        setup=OBJECTS,
        verify=(list_keys("c/d", "e"),),
    ),
    answers(
        "DeleteObjects",
        "nothing-there",
        "A key that does not exist is listed as deleted.",
        delete_objects("nothing", "a").with_fields({"Deleted[].Key": {"set": ["nothing", "a"]}}),
        setup=OBJECTS,
        verify=(list_keys("b", "c/d", "e"),),
    ),
    answers(
        "DeleteObjects",
        "odd-keys",
        "Keys with characters that are special in XML are deleted.",
        delete_objects("a&b", "<c>", "é").with_fields(
            {"Deleted[].Key": {"set": ["a&b", "<c>", "é"]}}
        ),
        setup=(put("a&b"), put("<c>"), put("é"), put("a")),
        verify=(list_keys("a"),),
    ),
    answers(
        "DeleteObjects",
        "versions",
        "Versions can be deleted by one request.",
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
        "In a versioned bucket, delete markers are created and listed in the reply.",
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
        "A body that is not well-formed XML deletes nothing.",
        must_fail(
            delete_objects("a").tampered_with(body="<Delete><Object><Key>a</Key>"), "MalformedXML"
        ),
        setup=OBJECTS,
        drivers=RAW,
    ),
    rejects(
        "DeleteObjects",
        "no-objects",
        "An empty list of objects is refused.",
        must_fail(delete_objects("a").tampered_with(body="<Delete></Delete>"), "MalformedXML"),
        setup=OBJECTS,
        drivers=RAW,
    ),
    rejects(
        "DeleteObjects",
        "too-many",
        "A list of more than 1,000 objects is refused.",
        must_fail(delete_objects("a", *(f"n{number}" for number in range(1000))), "MalformedXML"),
        setup=OBJECTS,
        drivers=("boto3", "raw"),
    ),
    rejects(
        "DeleteObjects",
        "wrong-md5",
        "A list that does not match its Content-MD5 deletes nothing.",
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
        "A list without Content-MD5 deletes nothing.",
        must_fail(delete_objects("a").tampered_with(omit="Content-MD5"), "InvalidRequest"),
        setup=OBJECTS,
        drivers=RAW,
    ),
    checks_access(
        "DeleteObjects",
        "foreign",
        "Another account's objects are not deleted.",
        may_fail(delete_objects("a", "b").by("other"), "AccessDenied"),
        setup=OBJECTS,
        verify=(list_keys("a", "b", "c/d", "e"),),
    ),
)


class TestMultiDelete(S3Suite):
    """DeleteObjects."""

    requirements = REQUIREMENTS
