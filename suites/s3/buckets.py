"""S3: the list of buckets; buckets created, found, named and deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ANONYMOUS, Level, ProcedureRequirement
from suites.s3.dsl import (
    HTTP_DATE,
    ISO,
    LETTER,
    RAW,
    S3Suite,
    answers,
    checks_access,
    create_bucket,
    delete,
    get,
    list_keys,
    may_fail,
    must_fail,
    put,
    refusal_and_its_form,
    rejects,
    request,
)

MUST = Level.MUST
OWN = "Buckets[?Name == '{bucket}'] | [0]"

SERVICE = (
    answers(
        "ListBuckets",
        "lists-own",
        "The service lists the caller's buckets.",
        request("ListBuckets").with_fields({f"{OWN}.Name": "{bucket}"}),
        level=MUST,
    ),
    answers(
        "ListBuckets",
        "creation-date",
        "A bucket is listed with the time of its creation, in UTC.",
        request("ListBuckets").with_fields({f"{OWN}.CreationDate": ISO}),
    ),
    answers(
        "ListBuckets",
        "owner",
        "The list names its owner: the one that a bucket's ACL names.",
        request("ListBuckets").with_fields({"Owner.ID": "{owner}"}),
        setup=(request("GetBucketAcl").save(owner="Owner.ID"),),
        capabilities={"s3-acl"},
    ),
    answers(
        "ListBuckets",
        "several-in-order",
        "Several buckets are each listed once, in the order of their names.",
        request("ListBuckets").with_fields(
            {
                "Buckets[?contains(['{bucket}', '{second}', '{third}'], Name)].Name": [
                    ["{bucket}", "{second}", "{third}"]
                ]
            }
        ),
        setup=(create_bucket("{second}"), create_bucket("{third}")),
    ),
    answers(
        "ListBuckets",
        "not-after-delete",
        "A deleted bucket is no longer listed.",
        request("ListBuckets").with_fields({f"{OWN}.Name": "{bucket}"}),
        request("DeleteBucket"),
        request("ListBuckets").with_fields({OWN: {"absent": True}}),
    ),
    checks_access(
        "ListBuckets",
        "not-others",
        "Another account's buckets are not listed.",
        request("ListBuckets")
        .by("other")
        .with_fields({OWN: {"absent": True}, "Buckets[?Name == '{second}'].Name": [["{second}"]]}),
        setup=(create_bucket("{second}").by("other"),),
    ),
    checks_access(
        "ListBuckets",
        "not-anonymously",
        "An unsigned request gets no list of buckets.",
        may_fail(
            request("ListBuckets").by(ANONYMOUS).returns(Buckets={"absent": True}), "AccessDenied"
        ),
        drivers=RAW,
    ),
)

LIFE = (
    answers(
        "CreateBucket",
        "documented-call",
        "create_bucket creates a bucket, as in the documentation's script.",
        request("CreateBucket").with_status(200),
        verify=(list_keys(),),
        without_bucket=True,
        level=MUST,
    ),
    answers(
        "CreateBucket",
        "location-header",
        "The reply names the new bucket in its Location header.",
        request("CreateBucket").with_headers({"Location": {"matches": ".*/?{bucket}/?"}}),
        without_bucket=True,
    ),
    answers(
        "CreateBucket",
        "again-after-delete",
        "The name of a deleted bucket can be used again.",
        request("CreateBucket"),
        setup=(put(), delete(), request("DeleteBucket")),
        verify=(list_keys(),),
    ),
    *refusal_and_its_form(
        answers(
            "CreateBucket",
            "again-keeps-objects",
            "Creating a bucket that the caller owns already leaves its objects, refused or not.",
            may_fail(request("CreateBucket"), "BucketAlreadyOwnedByYou", "BucketAlreadyExists"),
            setup=(put(),),
            verify=(get().returns(LETTER),),
        )
    ),
    answers(
        "HeadBucket",
        "found",
        "get_bucket finds a bucket that exists.",
        request("HeadBucket").with_status(200),
        level=MUST,
    ),
    answers(
        "DeleteBucket",
        "empty",
        "An empty bucket can be deleted, and is gone afterwards.",
        request("DeleteBucket").with_status(204),
        verify=(must_fail(request("HeadBucket"), "NoSuchBucket"),),
    ),
    answers(
        "DeleteBucket",
        "emptied",
        "A bucket whose objects were deleted can be deleted.",
        request("DeleteBucket").with_status(204),
        setup=(put("a/b"), put("c"), delete("a/b"), delete("c")),
        verify=(must_fail(list_keys(), "NoSuchBucket"),),
    ),
    answers(
        "GetBucketLocation",
        "default",
        "A bucket created without a location is in the default location.",
        request("GetBucketLocation").returns(LocationConstraint={"optional": ["us-east-1"]}),
    ),
    answers(
        "ListObjects",
        "new-bucket",
        "A new bucket is empty.",
        list_keys().returns(IsTruncated=False, Name="{bucket}"),
        level=MUST,
    ),
    answers(
        "HeadBucket",
        "request-id",
        "Every reply has a request id.",
        request("HeadBucket").with_headers({"x-amz-request-id": {"matches": "\\S+"}}),
    ),
    answers(
        "HeadBucket",
        "date",
        "Every reply has a Date.",
        request("HeadBucket").with_headers({"Date": HTTP_DATE}),
    ),
)


_LENGTHS: Mapping[str | None, str] = {
    ".longest": "with 63 characters",
    ".longer": "with 64 characters",
}


def _shown(bucket: str) -> str:
    """A bucket's name in a title."""
    return re.sub(r"\{bucket(\.\w+)?\}", lambda found: _LENGTHS.get(found[1], "name"), bucket)


def _valid_names() -> Iterator[ProcedureRequirement]:
    names = {
        "dashes": "{bucket}-a-b",
        "dots": "{bucket}.a.b",
        "digit-first": "0-{bucket}",
        "digit-last": "{bucket}0",
        "63-characters": "{bucket.longest}",
        "dot-and-dash": "{bucket}.a-b.c",
    }
    for name, bucket in names.items():
        yield answers(
            "CreateBucket",
            f"name-{name}",
            f"A bucket can be named {_shown(bucket)}.",
            create_bucket(bucket).with_status(200),
            request("HeadBucket", Bucket=bucket),
            verify=(list_keys(Bucket=bucket),),
            without_bucket=True,
        )


INVALID = {
    "two-characters": ("ab", "a name has at least three characters"),
    "too-long": ("{bucket.longer}", "a name has at most 63 characters"),
    "much-too-long": ("{bucket}" + "x" * 250, "a name has at most 63 characters"),
    "upper-case": ("{bucket}-Upper-Case", "a name has no upper case letters"),
    "underscore": ("{bucket}_underscore", "a name has no underscores"),
    "space": ("{bucket} space", "a name has no spaces"),
    "dash-first": ("-{bucket}", "a name begins with a letter or digit"),
    "dash-last": ("{bucket}-", "a name ends with a letter or digit"),
    "dot-first": (".{bucket}", "a name begins with a letter or digit"),
    "dot-last": ("{bucket}.", "a name ends with a letter or digit"),
    "two-dots": ("{bucket}..dots", "a name has no two dots in a row"),
    "ip-address": ("192.168.5.4", "a name is not an IP address"),
    "unicode": ("{bucket}-ünïcode", "a name is ASCII"),
    "exclamation": ("{bucket}!name", "a name has no punctuation but dots and dashes"),
}


def _invalid_names() -> Iterator[ProcedureRequirement]:
    for name, (bucket, why) in INVALID.items():
        yield rejects(
            "CreateBucket",
            f"name-{name}",
            f"A bucket cannot be named {_shown(bucket)[:40]}: {why}.",
            must_fail(create_bucket(bucket), "InvalidBucketName"),
            without_bucket=True,
            drivers=RAW,
        )


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><CreateBucketConfiguration>'
    "<LocationConstraint>&c;</LocationConstraint></CreateBucketConfiguration>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    "<CreateBucketConfiguration><LocationConstraint>&a;</LocationConstraint>"
    "</CreateBucketConfiguration>"
)
REFUSED_BODIES = {
    "unclosed-xml": ("<CreateBucketConfiguration><LocationConstraint>", "MalformedXML"),
    "no-xml": ("LocationConstraint=EU", "MalformedXML"),
    "entity-bomb": (BOMB, "MalformedXML"),
    "outside-entity": (OUTSIDE, "MalformedXML"),
    "unknown-element": ("<Nonsense><A/></Nonsense>", "MalformedXML"),
}


def _invalid_bodies() -> Iterator[ProcedureRequirement]:
    for name, (body, code) in REFUSED_BODIES.items():
        yield rejects(
            "CreateBucket",
            name,
            f"A bucket is not created from a body that is no valid configuration ({name}).",
            must_fail(request("CreateBucket").tampered_with(body=body), code),
            without_bucket=True,
            drivers=RAW,
        )


REJECTIONS = (
    rejects(
        "DeleteBucket",
        "not-empty",
        "A bucket with an object in it cannot be deleted.",
        must_fail(request("DeleteBucket"), "BucketNotEmpty"),
        setup=(put(),),
        verify=(get().returns(LETTER),),
    ),
    rejects(
        "DeleteBucket",
        "only-a-version",
        "A bucket with an old version of an object in it cannot be deleted.",
        must_fail(request("DeleteBucket"), "BucketNotEmpty"),
        setup=(
            request("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"}),
            put(),
            delete(),
        ),
        capabilities={"s3-versioning"},
    ),
    checks_access(
        "CreateBucket",
        "anothers-name",
        "A bucket name that another account uses is taken.",
        must_fail(request("CreateBucket").by("other"), "BucketAlreadyExists"),
        setup=(put(),),
        verify=(get().returns(LETTER),),
    ),
    checks_access(
        "CreateBucket",
        "anonymously",
        "An unsigned request cannot create a bucket.",
        must_fail(request("CreateBucket").by(ANONYMOUS), "AccessDenied"),
        without_bucket=True,
    ),
    checks_access(
        "DeleteBucket",
        "foreign",
        "Another account's bucket cannot be deleted.",
        must_fail(request("DeleteBucket").by("other"), "AccessDenied"),
    ),
    checks_access(
        "HeadBucket",
        "foreign",
        "Another account's private bucket cannot be examined.",
        must_fail(request("HeadBucket").by("other"), "AccessDenied"),
    ),
    checks_access(
        "GetBucketLocation",
        "foreign",
        "The location of another account's private bucket is not disclosed.",
        must_fail(request("GetBucketLocation").by("other"), "AccessDenied"),
    ),
)

ON_MISSING: Mapping[str, dict[str, Any]] = {
    "HeadBucket": {},
    "DeleteBucket": {},
    "ListObjects": {},
    "ListObjectsV2": {},
    "GetBucketLocation": {},
    "PutObject": {"Key": "letter", "Body": LETTER},
    "GetObject": {"Key": "letter"},
    "HeadObject": {"Key": "letter"},
    "DeleteObject": {"Key": "letter"},
    "DeleteObjects": {"Delete": {"Objects": [{"Key": "letter"}]}},
    "CopyObject": {"Key": "copy", "CopySource": "{bucket}/letter"},
    "GetBucketAcl": {},
    "PutBucketAcl": {"ACL": "private"},
    "GetBucketPolicy": {},
    "GetBucketVersioning": {},
    "PutBucketVersioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    "ListObjectVersions": {},
    "CreateMultipartUpload": {"Key": "letter"},
    "ListMultipartUploads": {},
}
FEATURES = {"Acl": "s3-acl", "Policy": "s3-policy", "Version": "s3-versioning"}


def _missing_bucket() -> Iterator[ProcedureRequirement]:
    for operation, arguments in ON_MISSING.items():
        needed = {feature for word, feature in FEATURES.items() if word in operation}
        if "Multipart" in operation:
            needed.add("s3-multipart")
        case = rejects(
            operation,
            "missing-bucket",
            f"{operation} on a bucket that does not exist is refused.",
            must_fail(request(operation, **arguments), "NoSuchBucket"),
            without_bucket=True,
            capabilities=needed,
        )
        if operation == "HeadBucket":  # get_bucket, of the documentation's script
            yield from refusal_and_its_form(case)
        else:
            yield case


class TestBuckets(S3Suite):
    """Buckets and the list of them."""

    requirements = (
        *SERVICE,
        *LIFE,
        *_valid_names(),
        *_invalid_names(),
        *_invalid_bodies(),
        *REJECTIONS,
        *_missing_bucket(),
    )
