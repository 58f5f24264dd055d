"""S3: access control lists (ACLs), canned and explicit, as they are set and returned."""

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

# Canned ACL → grants besides the owner's.
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
    """The arguments of an explicit ACL with these grants, owned by the user `me`."""
    return {"AccessControlPolicy": {"Owner": {"ID": "{me.id}"}, "Grants": list(grants)}}


def grant_user(permission: str, user: str = "other") -> dict[str, Any]:
    """A grant to one user."""
    return {
        "Grantee": {"Type": "CanonicalUser", "ID": f"{{{user}.id}}"},
        "Permission": permission,
    }


def grant_group(permission: str, uri: str) -> dict[str, Any]:
    """A grant to a predefined group."""
    return {"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission}


def _expected_grants(grants: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "Grants[?Grantee.URI].[Grantee.URI, Permission]": (
            {"set": [list(one) for one in grants]} if grants else [[]]
        ),
        "Grants[?Permission=='FULL_CONTROL'].Grantee.ID": [["{owner}"]],
    }


OWNER = request("GetBucketAcl").save(owner="Owner.ID")


def _canned_acls() -> Iterator[ProcedureRequirement]:
    for name, grants in CANNED.items():
        yield ACL.answers(
            "PutBucketAcl",
            f"canned-{name}",
            f"The canned ACL {name} gives a bucket exactly its grants.",
            bucket_acl(ACL=name).with_status(200),
            setup=(OWNER,),
            verify=(request("GetBucketAcl").with_fields(_expected_grants(grants)),),
        )
        yield ACL.answers(
            "PutObjectAcl",
            f"canned-{name}",
            f"The canned ACL {name} gives an object exactly its grants.",
            object_acl(ACL=name).with_status(200),
            setup=(OWNER, put()),
            verify=(request("GetObjectAcl", Key="letter").with_fields(_expected_grants(grants)),),
        )
        yield ACL.answers(
            "PutObject",
            f"canned-{name}",
            f"An object can be put with the canned ACL {name}.",
            put(ACL=name),
            setup=(OWNER,),
            verify=(request("GetObjectAcl", Key="letter").with_fields(_expected_grants(grants)),),
        )
        yield ACL.answers(
            "CreateBucket",
            f"canned-{name}",
            f"A bucket can be created with the canned ACL {name}.",
            request("CreateBucket", ACL=name),
            verify=(OWNER, request("GetBucketAcl").with_fields(_expected_grants(grants))),
            without_bucket=True,
        )


SHOWN = (
    ACL.answers(
        "GetBucketAcl",
        "default",
        "A new bucket grants rights to its owner only.",
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
        "A new object grants rights to its owner only.",
        request("GetObjectAcl", Key="letter").with_fields(
            {"Grants[].[Grantee.ID, Permission]": [[["{owner}", "FULL_CONTROL"]]]}
        ),
        setup=(OWNER, put()),
    ),
    ACL.answers(
        "PutObject",
        "overwritten-is-private",
        "A public object that is overwritten is private afterwards.",
        put("letter", "new"),
        setup=(put(ACL="public-read"),),
        verify=(request("GetObjectAcl", Key="letter").with_fields({"length(Grants)": 1}),),
    ),
    ACL.answers(
        "PutBucketAcl",
        "takes-back",
        "An ACL replaces the previous one.",
        bucket_acl(ACL="private"),
        setup=(bucket_acl(ACL="public-read-write"),),
        verify=(request("GetBucketAcl").with_fields({"length(Grants)": 1}),),
    ),
    ACL.answers(
        "PutBucketAcl",
        "spelled-out",
        "An ACL can be set grant by grant.",
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
        "Grants can be set by headers.",
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
        "An object can be put with grants in headers.",
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
        "A canned ACL that does not exist is refused.",
        must_fail(bucket_acl(ACL="public-ish"), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    ACL.rejects(
        "PutObject",
        "unknown-canned",
        "An object is not stored if its canned ACL does not exist.",
        must_fail(put(ACL="public-ish"), "InvalidArgument"),
    ),
    ACL.rejects(
        "PutBucketAcl",
        "malformed-xml",
        "A body that is not well-formed XML is refused.",
        must_fail(
            bucket_acl().tampered_with(body="<AccessControlPolicy><Owner>"), "MalformedACLError"
        ),
        drivers=RAW,
    ),
    ACL.rejects(
        "PutBucketAcl",
        "unknown-permission",
        "A permission that does not exist is refused.",
        must_fail(bucket_acl(**acl_of(grant_user("DANCE"))), "MalformedACLError", "MalformedXML"),
        drivers=RAW,
    ),
    ACL.rejects(
        "PutBucketAcl",
        "unknown-user",
        "A grant to an unknown user id is refused.",
        must_fail(bucket_acl(GrantRead='id="no-such-id"'), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    ACL.rejects(
        "PutBucketAcl",
        "unknown-group",
        "A grant to a group that does not exist is refused.",
        must_fail(bucket_acl(GrantRead=f'uri="{GROUPS}Friends"'), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    ACL.rejects(
        "PutBucketAcl",
        "canned-and-spelled-out",
        "A request with both a canned ACL and grants is refused.",
        must_fail(
            bucket_acl(ACL="private", GrantRead=f'uri="{ALL_USERS}"'),
            "InvalidRequest",
        ),
        drivers=("boto3", "raw"),
    ),
    ACL.rejects(
        "PutObjectAcl",
        "missing-key",
        "The ACL of a key that does not exist cannot be set.",
        must_fail(object_acl(ACL="private"), "NoSuchKey"),
    ),
    ACL.rejects(
        "GetObjectAcl",
        "missing-key",
        "The ACL of a key that does not exist cannot be read.",
        must_fail(request("GetObjectAcl", Key="letter"), "NoSuchKey"),
        drivers=(*SDKS, *RAW),
    ),
    ACL.checks_access(
        "PutBucketAcl",
        "foreign",
        "Another account cannot set the ACL of the owner's bucket.",
        must_fail(bucket_acl(ACL="public-read").by("other"), "AccessDenied"),
        verify=(request("GetBucketAcl").with_fields({"length(Grants)": 1}),),
    ),
    ACL.checks_access(
        "PutObjectAcl",
        "foreign",
        "Another account cannot set the ACL of the owner's object.",
        must_fail(object_acl(ACL="public-read").by("other"), "AccessDenied"),
        setup=(put(),),
        verify=(request("GetObjectAcl", Key="letter").with_fields({"length(Grants)": 1}),),
    ),
)


class TestAcls(S3Suite):
    """ACLs set, returned and refused."""

    requirements = (*_canned_acls(), *SHOWN, *REJECTIONS)
