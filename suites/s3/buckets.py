"""S3: the service's list, and buckets: made, found, named, removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import Level, ProcedureRequirement
from suites.s3 import (
    DOCUMENTED,
    HTTP_DATE,
    ISO,
    LETTER,
    RAW,
    Stories,
    ask,
    create,
    delete,
    either,
    get,
    keys,
    put,
    refused,
    rejects,
    rights,
    tells,
)

MUST = Level.MUST
OWN = "Buckets[?Name == '{bucket}'] | [0]"

SERVICE = (
    tells(
        "ListBuckets",
        "lists-own",
        "The service lists the caller's buckets.",
        ask("ListBuckets").fields({f"{OWN}.Name": "{bucket}"}),
        level=MUST,
    ),
    tells(
        "ListBuckets",
        "creation-date",
        "A bucket is listed with the time at which it was made, in UTC.",
        ask("ListBuckets").fields({f"{OWN}.CreationDate": ISO}),
    ),
    tells(
        "ListBuckets",
        "owner",
        "The list says whose it is: the same whom a bucket's ACL calls the owner.",
        ask("ListBuckets").fields({"Owner.ID": "{owner}"}),
        given=(ask("GetBucketAcl").saving(owner="Owner.ID"),),
        capabilities={"s3-acl"},
    ),
    tells(
        "ListBuckets",
        "several-in-order",
        "Several buckets are each listed once, by name.",
        ask("ListBuckets").fields(
            {
                "Buckets[?contains(['{bucket}', '{second}', '{third}'], Name)].Name": [
                    ["{bucket}", "{second}", "{third}"]
                ]
            }
        ),
        given=(create("{second}"), create("{third}")),
    ),
    tells(
        "ListBuckets",
        "not-after-delete",
        "A bucket that was removed is no longer listed.",
        ask("ListBuckets").fields({OWN: {"absent": True}}),
        given=(ask("DeleteBucket"),),
    ),
    rights(
        "ListBuckets",
        "not-others",
        "Another account's buckets are not listed.",
        ask("ListBuckets").by("other").fields({OWN: {"absent": True}}),
    ),
    rights(
        "ListBuckets",
        "not-anonymously",
        "Without a signature nobody's buckets are listed.",
        either(ask("ListBuckets").by("nobody").gives(Buckets={"absent": True}), "AccessDenied"),
        drivers=RAW,
    ),
)

LIFE = (
    tells(
        "CreateBucket",
        "documented-call",
        "create_bucket makes a bucket, as the documentation's script does.",
        ask("CreateBucket").status(200),
        then=(keys(),),
        bare=True,
        level=MUST,
    ),
    tells(
        "CreateBucket",
        "location-header",
        "The answer names the new bucket in its Location.",
        ask("CreateBucket").headed({"Location": {"matches": ".*/?{bucket}/?"}}),
        bare=True,
    ),
    tells(
        "CreateBucket",
        "again-after-delete",
        "A name is free again once its bucket is removed.",
        ask("CreateBucket"),
        given=(put(), delete(), ask("DeleteBucket")),
        then=(keys(),),
    ),
    tells(
        "CreateBucket",
        "again-keeps-objects",
        "Making a bucket that one has already changes nothing in it, refused or not.",
        either(ask("CreateBucket"), "BucketAlreadyOwnedByYou", "BucketAlreadyExists"),
        given=(put(),),
        then=(get().gives(LETTER),),
        level=MUST,
    ),
    tells(
        "HeadBucket",
        "found",
        "get_bucket finds a bucket that is there.",
        ask("HeadBucket").status(200),
        level=MUST,
    ),
    tells(
        "DeleteBucket",
        "empty",
        "An empty bucket can be removed, and is gone.",
        ask("DeleteBucket").status(204),
        then=(refused(ask("HeadBucket"), "NoSuchBucket"),),
    ),
    tells(
        "DeleteBucket",
        "emptied",
        "A bucket that was emptied can be removed.",
        ask("DeleteBucket").status(204),
        given=(put("a/b"), put("c"), delete("a/b"), delete("c")),
        then=(refused(keys(), "NoSuchBucket"),),
    ),
    tells(
        "GetBucketLocation",
        "default",
        "A bucket that was asked for nowhere in particular is at the default place.",
        ask("GetBucketLocation").gives(LocationConstraint={"optional": ["us-east-1"]}),
    ),
    tells(
        "ListObjects",
        "new-bucket",
        "A new bucket is empty.",
        keys().gives(IsTruncated=False, Name="{bucket}"),
        level=MUST,
    ),
    tells(
        "HeadBucket",
        "request-id",
        "Every answer carries an id by which it can be asked about.",
        ask("HeadBucket").headed({"x-amz-request-id": {"matches": "\\S+"}}),
    ),
    tells(
        "HeadBucket",
        "date",
        "Every answer says when it was made.",
        ask("HeadBucket").headed({"Date": HTTP_DATE}),
    ),
)


def _valid() -> Iterator[ProcedureRequirement]:
    names = {
        "dashes": "{bucket}-a-b",
        "dots": "{bucket}.a.b",
        "digit-first": "0-{bucket}",
        "digit-last": "{bucket}0",
        "63-characters": "{bucket}-" + "x" * 30,
        "dot-and-dash": "{bucket}.a-b.c",
    }
    for name, bucket in names.items():
        yield tells(
            "CreateBucket",
            f"name-{name}",
            f"A bucket may be called so: {bucket.replace('{bucket}', 'name')}.",
            create(bucket).status(200),
            ask("HeadBucket", Bucket=bucket),
            bare=True,
        )


INVALID = {
    "two-characters": ("ab", "names have three characters at least"),
    "too-long": ("{bucket}" + "x" * 50, "names have 63 characters at most"),
    "much-too-long": ("{bucket}" + "x" * 250, "names have 63 characters at most"),
    "upper-case": ("{bucket}-Upper-Case", "names are in lower case"),
    "underscore": ("{bucket}_underscore", "names have no underscores"),
    "space": ("{bucket} space", "names have no spaces"),
    "dash-first": ("-{bucket}", "names begin with a letter or digit"),
    "dash-last": ("{bucket}-", "names end with a letter or digit"),
    "dot-first": (".{bucket}", "names begin with a letter or digit"),
    "dot-last": ("{bucket}.", "names end with a letter or digit"),
    "two-dots": ("{bucket}..dots", "dots do not follow each other"),
    "ip-address": ("192.168.5.4", "a name is no IP address"),
    "unicode": ("{bucket}-ünïcode", "names are ASCII"),
    "exclamation": ("{bucket}!name", "names have no other signs"),
}


def _invalid() -> Iterator[ProcedureRequirement]:
    for name, (bucket, why) in INVALID.items():
        yield rejects(
            "CreateBucket",
            f"name-{name}",
            f"A bucket cannot be called {bucket.replace('{bucket}', 'name')[:40]}: {why}.",
            refused(create(bucket), "InvalidBucketName"),
            bare=True,
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


def _refused_bodies() -> Iterator[ProcedureRequirement]:
    for name, (body, code) in REFUSED_BODIES.items():
        yield rejects(
            "CreateBucket",
            name,
            f"A bucket is not made from a body that is no configuration ({name}).",
            refused(ask("CreateBucket").tampered(body=body), code),
            bare=True,
            drivers=RAW,
        )


REJECTIONS = (
    rejects(
        "DeleteBucket",
        "not-empty",
        "A bucket with an object in it is not removed.",
        refused(ask("DeleteBucket"), "BucketNotEmpty"),
        given=(put(),),
        then=(get().gives(LETTER),),
    ),
    rejects(
        "DeleteBucket",
        "only-a-version",
        "A bucket with an old version of an object in it is not removed.",
        refused(ask("DeleteBucket"), "BucketNotEmpty"),
        given=(
            ask("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"}),
            put(),
            delete(),
        ),
        capabilities={"s3-versioning"},
    ),
    rights(
        "CreateBucket",
        "anothers-name",
        "A name that somebody else's bucket has is taken.",
        refused(ask("CreateBucket").by("other"), "BucketAlreadyExists"),
        given=(put(),),
        then=(get().gives(LETTER),),
    ),
    rights(
        "CreateBucket",
        "anonymously",
        "Nobody in particular makes no bucket.",
        refused(ask("CreateBucket").by("nobody"), "AccessDenied"),
        bare=True,
    ),
    rights(
        "DeleteBucket",
        "foreign",
        "Another account's bucket is not removed.",
        refused(ask("DeleteBucket").by("other"), "AccessDenied"),
    ),
    rights(
        "HeadBucket",
        "foreign",
        "Another account's private bucket is not looked at.",
        refused(ask("HeadBucket").by("other"), "AccessDenied"),
    ),
    rights(
        "GetBucketLocation",
        "foreign",
        "Where another account's private bucket is, is not told.",
        refused(ask("GetBucketLocation").by("other"), "AccessDenied"),
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


def _missing() -> Iterator[ProcedureRequirement]:
    for operation, arguments in ON_MISSING.items():
        needed = {feature for word, feature in FEATURES.items() if word in operation}
        if "Multipart" in operation:
            needed.add("s3-multipart")
        yield rejects(
            operation,
            "missing-bucket",
            f"{operation} on a bucket that is not there is refused.",
            refused(ask(operation, **arguments), "NoSuchBucket"),
            bare=True,
            capabilities=needed,
            level=MUST if operation == "HeadBucket" else Level.SHOULD,
            source=DOCUMENTED if operation == "HeadBucket" else "Amazon S3 API 2006-03-01",
        )


class TestBuckets(Stories):
    """Made, found, named, removed."""

    told = (
        *SERVICE,
        *LIFE,
        *_valid(),
        *_invalid(),
        *_refused_bodies(),
        *REJECTIONS,
        *_missing(),
    )
