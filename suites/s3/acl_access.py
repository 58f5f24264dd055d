"""S3: which user may do what, as access control lists decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fixtures.model import ANONYMOUS, ProcedureRequirement, Step
from suites.s3.acls import ACL, acl_of, bucket_acl, grant_user, object_acl
from suites.s3.dsl import (
    LETTER,
    RAW,
    S3Suite,
    delete,
    get,
    head,
    list_keys,
    must_fail,
    put,
    request,
)

CALLERS = {"me": "the owner", "other": "another account", ANONYMOUS: "an unsigned caller"}

# What each permission on a bucket or an object allows, and what shows that it was done; every other
# operation stays forbidden.
ON_BUCKET: Mapping[str, tuple[Step, tuple[Step, ...]]] = {
    "READ": (request("ListObjects").with_fields({"Contents[].Key": [["letter"]]}), ()),
    "WRITE": (put("new", "x"), (list_keys("letter", "new"),)),
    "READ_ACP": (request("GetBucketAcl").returns(Owner={"present": True}), ()),
    "WRITE_ACP": (bucket_acl(ACL="public-read"), (list_keys("letter").by(ANONYMOUS),)),
}
ON_OBJECT: Mapping[str, tuple[Step, tuple[Step, ...]]] = {
    "READ": (get().returns(LETTER), ()),
    "READ_ACP": (request("GetObjectAcl", Key="letter").returns(Owner={"present": True}), ()),
    "WRITE_ACP": (object_acl(ACL="public-read"), (get().by(ANONYMOUS).returns(LETTER),)),
}


def _permissions() -> Iterator[ProcedureRequirement]:
    for where, acl, steps in (
        ("bucket", bucket_acl, ON_BUCKET),
        ("object", object_acl, ON_OBJECT),
    ):
        for permission, (step, verify) in steps.items():
            setup = _granted(acl, permission)
            yield ACL.checks_access(
                step.request.operation,
                f"{where}-{permission}-allows",
                f"{permission} on the {where} allows another account {step.request.operation}.",
                step.by("other"),
                setup=setup,
                verify=verify,
                drivers=("boto3", "raw"),
            )
            for other, (forbidden, _) in steps.items():
                if other != permission:
                    yield ACL.checks_access(
                        forbidden.request.operation,
                        f"{where}-{permission}-does-not-allow",
                        f"{permission} on the {where} does not allow another account "
                        f"{forbidden.request.operation}.",
                        must_fail(forbidden.by("other"), "AccessDenied"),
                        setup=setup,
                        allowed_after=_granted(acl, other),
                        drivers=RAW,
                    )
            yield ACL.checks_access(
                step.request.operation,
                f"{where}-FULL_CONTROL-allows-{permission}",
                f"FULL_CONTROL on the {where} includes {permission}.",
                step.by("other"),
                setup=_granted(acl, "FULL_CONTROL"),
                verify=verify,
                drivers=RAW,
            )


def _granted(acl: Callable[..., Step], permission: str) -> tuple[Step, ...]:
    """The steps after which another account has a permission on the bucket or the object."""
    return put(), acl(**acl_of(grant_user("FULL_CONTROL", "me"), grant_user(permission)))


READABLE: Mapping[str, tuple[str, ...]] = {
    "private": ("me",),
    "public-read": tuple(CALLERS),
    "public-read-write": tuple(CALLERS),
    "authenticated-read": ("me", "other"),
}


def _canned_access() -> Iterator[ProcedureRequirement]:
    for canned, users in READABLE.items():
        for user, caller in CALLERS.items():
            allowed = user in users
            name = f"{canned}-{'allows' if allowed else 'keeps-out'}-{user}"
            reads, lists = get().by(user).returns(LETTER), list_keys("letter").by(user)
            looks = head().by(user).returns(ContentLength=len(LETTER))
            verb = "allows" if allowed else "does not allow"
            for row, step, acl in (
                ("GetObject", reads, object_acl),
                ("HeadObject", looks, object_acl),
                ("ListObjects", lists, bucket_acl),
            ):
                yield ACL.checks_access(
                    row,
                    name,
                    f"The canned ACL {canned} {verb} {caller} {row}.",
                    step if allowed else must_fail(step, "AccessDenied"),
                    setup=(put(), acl(ACL=canned)),
                    allowed_after=(put(), acl(ACL="public-read")),
                    drivers=RAW if user == "me" else ("boto3", "raw"),
                )


WRITING = (
    ACL.checks_access(
        "PutObject",
        "public-read-write-allows-nobody",
        "An unsigned caller can put an object into a public-read-write bucket.",
        put("new", "x").by(ANONYMOUS),
        setup=(bucket_acl(ACL="public-read-write"),),
        verify=(list_keys("new"),),
    ),
    ACL.checks_access(
        "DeleteObject",
        "public-read-write-allows-other",
        "Another account can delete an object in a public-read-write bucket.",
        delete().by("other"),
        setup=(put(), bucket_acl(ACL="public-read-write")),
        verify=(list_keys(),),
    ),
    ACL.checks_access(
        "PutObject",
        "public-read-keeps-writers-out",
        "Another account cannot write to a public-read bucket.",
        must_fail(put("letter", "x").by("other"), "AccessDenied"),
        setup=(put(), bucket_acl(ACL="public-read")),
        verify=(get().returns(LETTER),),
        allowed_after=(bucket_acl(ACL="public-read-write"),),
    ),
    ACL.checks_access(
        "GetObject",
        "bucket-acl-is-no-object-acl",
        "A public-read bucket does not make its private objects readable.",
        must_fail(get().by("other"), "AccessDenied"),
        setup=(put(), bucket_acl(ACL="public-read")),
        allowed_after=(put(ACL="public-read"),),
    ),
    ACL.checks_access(
        "GetObject",
        "others-object-in-our-bucket",
        "An object that another account put is not readable for the bucket's owner.",
        must_fail(get(), "AccessDenied"),
        setup=(bucket_acl(ACL="public-read-write"), put().by("other")),
        drivers=RAW,
    ),
    ACL.checks_access(
        "GetObject",
        "bucket-owner-full-control",
        "bucket-owner-full-control makes another account's object readable for the bucket's owner.",
        get().returns(LETTER),
        setup=(
            bucket_acl(ACL="public-read-write"),
            put(ACL="bucket-owner-full-control").by("other"),
        ),
        drivers=RAW,
    ),
    ACL.checks_access(
        "CopyObject",
        "source-not-readable",
        "A caller cannot copy an object that it cannot read.",
        must_fail(
            request("CopyObject", Key="copy", CopySource="{bucket}/letter").by("other"),
            "AccessDenied",
        ),
        setup=(put(), bucket_acl(ACL="public-read-write")),
        allowed_after=(put(ACL="public-read"), bucket_acl(ACL="public-read-write")),
    ),
    ACL.checks_access(
        "GetObject",
        "missing-key-without-list",
        "Reading a missing key of a bucket that the caller cannot list gives AccessDenied.",
        must_fail(get("nothing").by("other"), "AccessDenied"),
    ),
    ACL.checks_access(
        "GetObject",
        "missing-key-with-list",
        "Reading a missing key of a bucket that the caller can list gives NoSuchKey.",
        must_fail(get("nothing").by("other"), "NoSuchKey"),
        setup=(bucket_acl(ACL="public-read"),),
    ),
    ACL.checks_access(
        "PutBucketAcl",
        "owner-always-may",
        "The owner can always change the ACL.",
        bucket_acl(ACL="public-read"),
        setup=(put(), bucket_acl(**acl_of(grant_user("READ")))),
        verify=(list_keys("letter").by(ANONYMOUS),),
    ),
)


class TestAclAccess(S3Suite):
    """ACLs enforced."""

    requirements = (*_permissions(), *_canned_access(), *WRITING)
