"""S3: access control lists, canned and spelled out, as they are put and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import RAW, SDKS, Cases, S3Suite, must_fail, put, request

ACL = Cases(frozenset({"s3-acl"}))
GROUPS = "http://acs.amazonaws.com/groups/global/"
ALL_USERS, AUTHENTICATED = f"{GROUPS}AllUsers", f"{GROUPS}AuthenticatedUsers"
OWNERS = [["{me.id}", None, "FULL_CONTROL"]]
GRANTS = "Grants[].[Grantee.ID, Grantee.URI, Permission]"

# canned ACL → grants besides the owner's
CANNED: Mapping[str, list[tuple[str, str]]] = {
    "private": [],
    "public-read": [(ALL_USERS, "READ")],
    "public-read-write": [(ALL_USERS, "READ"), (ALL_USERS, "WRITE")],
    "authenticated-read": [(AUTHENTICATED, "READ")],
}


def bucket_acl(**arguments: Any) -> Step:
    """PutBucketAcl."""
    return request("PutBucketAcl", **arguments)


def object_acl(**arguments: Any) -> Step:
    """PutObjectAcl."""
    return request("PutObjectAcl", Key="letter", **arguments)


def acl_of(*grants: dict[str, Any]) -> dict[str, Any]:
    """A list spelled out, of our account's."""
    return {"AccessControlPolicy": {"Owner": {"ID": "{me.id}"}, "Grants": list(grants)}}


def grant_user(permission: str, user: str = "other") -> dict[str, Any]:
    """A right for one user."""
    return {
        "Grantee": {"Type": "CanonicalUser", "ID": f"{{{user}.id}}"},
        "Permission": permission,
    }


def grant_group(permission: str, uri: str) -> dict[str, Any]:
    """A right for a group."""
    return {"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission}


def _shown(grants: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "Grants[?Grantee.URI].[Grantee.URI, Permission]": (
            {"set": [list(one) for one in grants]} if grants else [[]]
        ),
        "Grants[?Permission=='FULL_CONTROL'].Grantee.ID": [["{owner}"]],
    }


OWNER = request("GetBucketAcl").save(owner="Owner.ID")


def _canned() -> Iterator[ProcedureRequirement]:
    for name, grants in CANNED.items():
        yield ACL.answers(
            "PutBucketAcl",
            f"canned-{name}",
            f"The canned ACL {name} gives a bucket exactly its grants.",
            bucket_acl(ACL=name).with_status(200),
            setup=(OWNER,),
            verify=(request("GetBucketAcl").with_fields(_shown(grants)),),
        )
        yield ACL.answers(
            "PutObjectAcl",
            f"canned-{name}",
            f"The canned ACL {name} gives an object exactly its grants.",
            object_acl(ACL=name).with_status(200),
            setup=(OWNER, put()),
            verify=(request("GetObjectAcl", Key="letter").with_fields(_shown(grants)),),
        )
        yield ACL.answers(
            "PutObject",
            f"canned-{name}",
            f"An object may be put with the canned ACL {name}.",
            put(ACL=name),
            setup=(OWNER,),
            verify=(request("GetObjectAcl", Key="letter").with_fields(_shown(grants)),),
        )
        yield ACL.answers(
            "CreateBucket",
            f"canned-{name}",
            f"A bucket may be made with the canned ACL {name}.",
            request("CreateBucket", ACL=name),
            verify=(OWNER, request("GetBucketAcl").with_fields(_shown(grants))),
            without_bucket=True,
        )


SHOWN = (
    ACL.answers(
        "GetBucketAcl",
        "default",
        "A new bucket is its owner's alone.",
        request("GetBucketAcl").with_fields(
            {
                "Grants[].Permission": [["FULL_CONTROL"]],
                "Grants[0].Grantee.Type": "CanonicalUser",
                "Grants[0].Grantee.ID": "{owner}",
            }
        ),
        setup=(OWNER,),
    ),
    ACL.answers(
        "GetObjectAcl",
        "default",
        "A new object is its owner's alone.",
        request("GetObjectAcl", Key="letter").with_fields(
            {"Grants[].[Grantee.ID, Permission]": [[["{owner}", "FULL_CONTROL"]]]}
        ),
        setup=(OWNER, put()),
    ),
    ACL.answers(
        "PutObject",
        "overwritten-is-private",
        "An object that is put again is private again.",
        put("letter", "new"),
        setup=(put(ACL="public-read"),),
        verify=(request("GetObjectAcl", Key="letter").with_fields({"length(Grants)": 1}),),
    ),
    ACL.answers(
        "PutBucketAcl",
        "takes-back",
        "An ACL takes the place of the one before.",
        bucket_acl(ACL="private"),
        setup=(bucket_acl(ACL="public-read-write"),),
        verify=(request("GetBucketAcl").with_fields({"length(Grants)": 1}),),
    ),
    ACL.answers(
        "PutBucketAcl",
        "spelled-out",
        "An ACL may be spelled out, grant by grant.",
        bucket_acl(
            **acl_of(
                grant_user("FULL_CONTROL", "me"),
                grant_group("READ", ALL_USERS),
                grant_user("WRITE"),
            )
        ),
        verify=(
            request("GetBucketAcl").with_fields(
                {
                    "Grants[].Permission": {"set": ["FULL_CONTROL", "READ", "WRITE"]},
                    "Grants[?Permission=='WRITE'].Grantee.ID": [["{other.id}"]],
                    "Grants[?Permission=='READ'].Grantee.URI": [[ALL_USERS]],
                }
            ),
        ),
        drivers=("boto3", "raw"),
    ),
    ACL.answers(
        "PutBucketAcl",
        "by-headers",
        "Grants may be given by headers.",
        bucket_acl(GrantRead=f'uri="{ALL_USERS}"', GrantFullControl='id="{me.id}"'),
        verify=(
            request("GetBucketAcl").with_fields(
                {"Grants[].Permission": {"set": ["FULL_CONTROL", "READ"]}}
            ),
        ),
        drivers=("boto3", "raw"),
    ),
    ACL.answers(
        "PutObject",
        "grants-by-headers",
        "An object may be put with grants in headers.",
        put(GrantRead='id="{other.id}"', GrantFullControl='id="{me.id}"'),
        verify=(
            request("GetObjectAcl", Key="letter").with_fields(
                {"Grants[?Permission=='READ'].Grantee.ID": [["{other.id}"]]}
            ),
        ),
    ),
)


REJECTIONS = (
    ACL.rejects(
        "PutBucketAcl",
        "unknown-canned",
        "There is no such canned ACL.",
        must_fail(bucket_acl(ACL="public-ish"), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    ACL.rejects(
        "PutObject",
        "unknown-canned",
        "An object is not put with a canned ACL that there is not.",
        must_fail(put(ACL="public-ish"), "InvalidArgument"),
    ),
    ACL.rejects(
        "PutBucketAcl",
        "malformed-xml",
        "What is no XML grants nothing.",
        must_fail(
            bucket_acl().tampered_with(body="<AccessControlPolicy><Owner>"), "MalformedACLError"
        ),
        drivers=RAW,
    ),
    ACL.rejects(
        "PutBucketAcl",
        "unknown-permission",
        "There is no such permission.",
        must_fail(bucket_acl(**acl_of(grant_user("DANCE"))), "MalformedACLError", "MalformedXML"),
        drivers=RAW,
    ),
    ACL.rejects(
        "PutBucketAcl",
        "unknown-user",
        "Nothing is granted to an id that nobody has.",
        must_fail(bucket_acl(GrantRead='id="nobody-has-this-id"'), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    ACL.rejects(
        "PutBucketAcl",
        "unknown-group",
        "Nothing is granted to a group that there is not.",
        must_fail(bucket_acl(GrantRead=f'uri="{GROUPS}Friends"'), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    ACL.rejects(
        "PutBucketAcl",
        "canned-and-spelled-out",
        "An ACL is canned or spelled out, not both.",
        must_fail(
            bucket_acl(ACL="private", GrantRead=f'uri="{ALL_USERS}"'),
            "InvalidRequest",
        ),
        drivers=("boto3", "raw"),
    ),
    ACL.rejects(
        "PutObjectAcl",
        "missing-key",
        "What is not there has no ACL.",
        must_fail(object_acl(ACL="private"), "NoSuchKey"),
    ),
    ACL.rejects(
        "GetObjectAcl",
        "missing-key",
        "What is not there has no ACL to look at.",
        must_fail(request("GetObjectAcl", Key="letter"), "NoSuchKey"),
        drivers=(*SDKS, *RAW),
    ),
    ACL.checks_access(
        "PutBucketAcl",
        "foreign",
        "Another account does not say who may do what in our bucket.",
        must_fail(bucket_acl(ACL="public-read").by("other"), "AccessDenied"),
        verify=(request("GetBucketAcl").with_fields({"length(Grants)": 1}),),
    ),
    ACL.checks_access(
        "PutObjectAcl",
        "foreign",
        "Another account does not say who may do what with our object.",
        must_fail(object_acl(ACL="public-read").by("other"), "AccessDenied"),
        setup=(put(),),
        verify=(request("GetObjectAcl", Key="letter").with_fields({"length(Grants)": 1}),),
    ),
)


class TestLists(S3Suite):
    """Lists shown and refused."""

    requirements = (*_canned(), *SHOWN, *REJECTIONS)
