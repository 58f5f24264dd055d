"""S3: who may do what by access control lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import ProcedureRequirement, Step
from suites.s3 import LETTER, RAW, Stories, ask, delete, get, head, keys, put, refused, rights
from suites.s3.lists import NEEDED, bucket_acl, grant, granting, object_acl

EVERYBODY = ("me", "other", "nobody")

# What each permission on a bucket or an object lets another user do; all else stays forbidden.
ON_BUCKET: Mapping[str, Step] = {
    "READ": ask("ListObjects").fields({"Contents[].Key": [["letter"]]}),
    "WRITE": put("new", "x"),
    "READ_ACP": ask("GetBucketAcl").gives(Owner={"present": True}),
    "WRITE_ACP": bucket_acl(ACL="private"),
}
ON_OBJECT: Mapping[str, Step] = {
    "READ": get().gives(LETTER),
    "READ_ACP": ask("GetObjectAcl", Key="letter").gives(Owner={"present": True}),
    "WRITE_ACP": object_acl(ACL="private"),
}


def _permissions() -> Iterator[ProcedureRequirement]:
    for where, acl, steps in (
        ("bucket", bucket_acl, ON_BUCKET),
        ("object", object_acl, ON_OBJECT),
    ):
        for permission, step in steps.items():
            given = (put(), acl(**granting(grant("FULL_CONTROL", "me"), grant(permission))))
            yield rights(
                step.request.operation,
                f"{where}-{permission}-allows",
                f"{permission} on the {where} lets another account do this.",
                step.by("other"),
                given=given,
                capabilities=NEEDED,
                drivers=("boto3", "raw"),
            )
            for other, forbidden in steps.items():
                if other != permission:
                    yield rights(
                        forbidden.request.operation,
                        f"{where}-{permission}-does-not-allow",
                        f"{permission} on the {where} does not let another account do this.",
                        refused(forbidden.by("other"), "AccessDenied"),
                        given=given,
                        capabilities=NEEDED,
                        drivers=RAW,
                    )
            yield rights(
                step.request.operation,
                f"{where}-FULL_CONTROL-allows-{permission}",
                f"FULL_CONTROL on the {where} is {permission}, too.",
                step.by("other"),
                given=(put(), acl(**granting(grant("FULL_CONTROL", "me"), grant("FULL_CONTROL")))),
                capabilities=NEEDED,
                drivers=RAW,
            )


READABLE: Mapping[str, tuple[str, ...]] = {
    "private": ("me",),
    "public-read": EVERYBODY,
    "public-read-write": EVERYBODY,
    "authenticated-read": ("me", "other"),
}


def _readable() -> Iterator[ProcedureRequirement]:
    for canned, users in READABLE.items():
        for user in EVERYBODY:
            allowed = user in users
            name = f"{canned}-{'allows' if allowed else 'keeps-out'}-{user}"
            reads, lists = get().by(user).gives(LETTER), keys("letter").by(user)
            looks = head().by(user)
            verb = "may" if allowed else "may not"
            for row, step, acl in (
                ("GetObject", reads, object_acl(ACL=canned)),
                ("HeadObject", looks, object_acl(ACL=canned)),
                ("ListObjects", lists, bucket_acl(ACL=canned)),
            ):
                yield rights(
                    row,
                    name,
                    f"Under the canned ACL {canned}, {user} {verb} do this.",
                    step if allowed else refused(step, "AccessDenied"),
                    given=(put(), acl),
                    capabilities=NEEDED,
                    drivers=RAW if user == "me" else ("boto3", "raw"),
                )


WRITING = (
    rights(
        "PutObject",
        "public-read-write-allows-nobody",
        "Where anybody may write, nobody in particular may.",
        put("new", "x").by("nobody"),
        given=(bucket_acl(ACL="public-read-write"),),
        then=(keys("new"),),
        capabilities=NEEDED,
    ),
    rights(
        "DeleteObject",
        "public-read-write-allows-other",
        "Where anybody may write, anybody may remove.",
        delete().by("other"),
        given=(put(), bucket_acl(ACL="public-read-write")),
        then=(keys(),),
        capabilities=NEEDED,
    ),
    rights(
        "PutObject",
        "public-read-keeps-writers-out",
        "Where anybody may read, nobody else may write.",
        refused(put("letter", "x").by("other"), "AccessDenied"),
        given=(put(), bucket_acl(ACL="public-read")),
        then=(get().gives(LETTER),),
        capabilities=NEEDED,
    ),
    rights(
        "GetObject",
        "bucket-acl-is-no-object-acl",
        "Who may list a bucket may not read what is in it.",
        refused(get().by("other"), "AccessDenied"),
        given=(put(), bucket_acl(ACL="public-read")),
        capabilities=NEEDED,
    ),
    rights(
        "GetObject",
        "others-object-in-our-bucket",
        "What another account puts into our bucket is that account's.",
        refused(get(), "AccessDenied"),
        given=(bucket_acl(ACL="public-read-write"), put().by("other")),
        capabilities=NEEDED,
        drivers=RAW,
    ),
    rights(
        "GetObject",
        "bucket-owner-full-control",
        "Another account may give what it puts into our bucket to us.",
        get().gives(LETTER),
        given=(
            bucket_acl(ACL="public-read-write"),
            put(ACL="bucket-owner-full-control").by("other"),
        ),
        capabilities=NEEDED,
        drivers=RAW,
    ),
    rights(
        "CopyObject",
        "source-not-readable",
        "What one may not read one may not copy.",
        refused(
            ask("CopyObject", Key="copy", CopySource="{bucket}/letter").by("other"), "AccessDenied"
        ),
        given=(put(), bucket_acl(ACL="public-read-write")),
        capabilities=NEEDED,
    ),
    rights(
        "GetObject",
        "missing-key-without-list",
        "Who may not list a bucket is not told which keys are not there.",
        refused(get("nothing").by("other"), "AccessDenied"),
        capabilities=NEEDED,
    ),
    rights(
        "GetObject",
        "missing-key-with-list",
        "Who may list a bucket is told which keys are not there.",
        refused(get("nothing").by("other"), "NoSuchKey"),
        given=(bucket_acl(ACL="public-read"),),
        capabilities=NEEDED,
    ),
    rights(
        "PutBucketAcl",
        "owner-always-may",
        "The owner may always say who may do what.",
        bucket_acl(ACL="private"),
        given=(bucket_acl(**granting(grant("READ"))),),
        capabilities=NEEDED,
    ),
)


class TestListedRights(Stories):
    """Lists obeyed."""

    told = (*_permissions(), *_readable(), *WRITING)
