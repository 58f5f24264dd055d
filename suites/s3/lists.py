"""S3: access control lists, canned and spelled out, as they are put and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement, Step
from suites.s3 import (
    RAW,
    SDKS,
    Stories,
    ask,
    put,
    refused,
    rejects,
    rights,
    tells,
)

NEEDED = {"s3-acl"}
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
    return ask("PutBucketAcl", **arguments)


def object_acl(**arguments: Any) -> Step:
    """PutObjectAcl."""
    return ask("PutObjectAcl", Key="letter", **arguments)


def granting(*grants: dict[str, Any]) -> dict[str, Any]:
    """A list spelled out, of our account's."""
    return {"AccessControlPolicy": {"Owner": {"ID": "{me.id}"}, "Grants": list(grants)}}


def grant(permission: str, user: str = "other") -> dict[str, Any]:
    """A right for one user."""
    return {
        "Grantee": {"Type": "CanonicalUser", "ID": f"{{{user}.id}}"},
        "Permission": permission,
    }


def to_group(permission: str, uri: str) -> dict[str, Any]:
    """A right for a group."""
    return {"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission}


def told(*arguments: Any, **overlay: Any) -> ProcedureRequirement:
    """A case for targets that have ACLs."""
    return tells(*arguments, capabilities=NEEDED, **overlay)


def _shown(grants: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "Grants[?Grantee.URI].[Grantee.URI, Permission]": (
            {"set": [list(one) for one in grants]} if grants else [[]]
        ),
        "Grants[?Permission=='FULL_CONTROL'].Grantee.ID": [["{owner}"]],
    }


OWNER = ask("GetBucketAcl").saving(owner="Owner.ID")


def _canned() -> Iterator[ProcedureRequirement]:
    for name, grants in CANNED.items():
        yield told(
            "PutBucketAcl",
            f"canned-{name}",
            f"The canned ACL {name} gives a bucket exactly its grants.",
            bucket_acl(ACL=name).status(200),
            given=(OWNER,),
            then=(ask("GetBucketAcl").fields(_shown(grants)),),
        )
        yield told(
            "PutObjectAcl",
            f"canned-{name}",
            f"The canned ACL {name} gives an object exactly its grants.",
            object_acl(ACL=name).status(200),
            given=(OWNER, put()),
            then=(ask("GetObjectAcl", Key="letter").fields(_shown(grants)),),
        )
        yield told(
            "PutObject",
            f"canned-{name}",
            f"An object may be put with the canned ACL {name}.",
            put(ACL=name),
            given=(OWNER,),
            then=(ask("GetObjectAcl", Key="letter").fields(_shown(grants)),),
        )
        yield told(
            "CreateBucket",
            f"canned-{name}",
            f"A bucket may be made with the canned ACL {name}.",
            ask("CreateBucket", ACL=name),
            then=(OWNER, ask("GetBucketAcl").fields(_shown(grants))),
            bare=True,
        )


SHOWN = (
    told(
        "GetBucketAcl",
        "default",
        "A new bucket is its owner's alone.",
        ask("GetBucketAcl").fields(
            {
                "Grants[].Permission": [["FULL_CONTROL"]],
                "Grants[0].Grantee.Type": "CanonicalUser",
                "Grants[0].Grantee.ID": "{owner}",
            }
        ),
        given=(OWNER,),
    ),
    told(
        "GetObjectAcl",
        "default",
        "A new object is its owner's alone.",
        ask("GetObjectAcl", Key="letter").fields(
            {"Grants[].[Grantee.ID, Permission]": [[["{owner}", "FULL_CONTROL"]]]}
        ),
        given=(OWNER, put()),
    ),
    told(
        "PutObject",
        "overwritten-is-private",
        "An object that is put again is private again.",
        put("letter", "new"),
        given=(put(ACL="public-read"),),
        then=(ask("GetObjectAcl", Key="letter").fields({"length(Grants)": 1}),),
    ),
    told(
        "PutBucketAcl",
        "takes-back",
        "An ACL takes the place of the one before.",
        bucket_acl(ACL="private"),
        given=(bucket_acl(ACL="public-read-write"),),
        then=(ask("GetBucketAcl").fields({"length(Grants)": 1}),),
    ),
    told(
        "PutBucketAcl",
        "spelled-out",
        "An ACL may be spelled out, grant by grant.",
        bucket_acl(
            **granting(grant("FULL_CONTROL", "me"), to_group("READ", ALL_USERS), grant("WRITE"))
        ),
        then=(
            ask("GetBucketAcl").fields(
                {
                    "Grants[].Permission": {"set": ["FULL_CONTROL", "READ", "WRITE"]},
                    "Grants[?Permission=='WRITE'].Grantee.ID": [["{other.id}"]],
                    "Grants[?Permission=='READ'].Grantee.URI": [[ALL_USERS]],
                }
            ),
        ),
        drivers=("boto3", "raw"),
    ),
    told(
        "PutBucketAcl",
        "by-headers",
        "Grants may be given by headers.",
        bucket_acl(GrantRead=f'uri="{ALL_USERS}"', GrantFullControl='id="{me.id}"'),
        then=(
            ask("GetBucketAcl").fields({"Grants[].Permission": {"set": ["FULL_CONTROL", "READ"]}}),
        ),
        drivers=("boto3", "raw"),
    ),
    told(
        "PutObject",
        "grants-by-headers",
        "An object may be put with grants in headers.",
        put(GrantRead='id="{other.id}"', GrantFullControl='id="{me.id}"'),
        then=(
            ask("GetObjectAcl", Key="letter").fields(
                {"Grants[?Permission=='READ'].Grantee.ID": [["{other.id}"]]}
            ),
        ),
    ),
)


def _refuses(*arguments: Any, **overlay: Any) -> ProcedureRequirement:
    return rejects(*arguments, capabilities=NEEDED, **overlay)


REJECTIONS = (
    _refuses(
        "PutBucketAcl",
        "unknown-canned",
        "There is no such canned ACL.",
        refused(bucket_acl(ACL="public-ish"), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    _refuses(
        "PutObject",
        "unknown-canned",
        "An object is not put with a canned ACL that there is not.",
        refused(put(ACL="public-ish"), "InvalidArgument"),
    ),
    _refuses(
        "PutBucketAcl",
        "malformed-xml",
        "What is no XML grants nothing.",
        refused(bucket_acl().tampered(body="<AccessControlPolicy><Owner>"), "MalformedACLError"),
        drivers=RAW,
    ),
    _refuses(
        "PutBucketAcl",
        "unknown-permission",
        "There is no such permission.",
        refused(bucket_acl(**granting(grant("DANCE"))), "MalformedACLError", "MalformedXML"),
        drivers=RAW,
    ),
    _refuses(
        "PutBucketAcl",
        "unknown-user",
        "Nothing is granted to an id that nobody has.",
        refused(bucket_acl(GrantRead='id="nobody-has-this-id"'), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    _refuses(
        "PutBucketAcl",
        "unknown-group",
        "Nothing is granted to a group that there is not.",
        refused(bucket_acl(GrantRead=f'uri="{GROUPS}Friends"'), "InvalidArgument"),
        drivers=("boto3", "raw"),
    ),
    _refuses(
        "PutBucketAcl",
        "canned-and-spelled-out",
        "An ACL is canned or spelled out, not both.",
        refused(
            bucket_acl(ACL="private", GrantRead=f'uri="{ALL_USERS}"'),
            "InvalidRequest",
        ),
        drivers=("boto3", "raw"),
    ),
    _refuses(
        "PutObjectAcl",
        "missing-key",
        "What is not there has no ACL.",
        refused(object_acl(ACL="private"), "NoSuchKey"),
    ),
    _refuses(
        "GetObjectAcl",
        "missing-key",
        "What is not there has no ACL to look at.",
        refused(ask("GetObjectAcl", Key="letter"), "NoSuchKey"),
        drivers=(*SDKS, *RAW),
    ),
    rights(
        "PutBucketAcl",
        "foreign",
        "Another account does not say who may do what in our bucket.",
        refused(bucket_acl(ACL="public-read").by("other"), "AccessDenied"),
        then=(ask("GetBucketAcl").fields({"length(Grants)": 1}),),
        capabilities=NEEDED,
    ),
    rights(
        "PutObjectAcl",
        "foreign",
        "Another account does not say who may do what with our object.",
        refused(object_acl(ACL="public-read").by("other"), "AccessDenied"),
        given=(put(),),
        then=(ask("GetObjectAcl", Key="letter").fields({"length(Grants)": 1}),),
        capabilities=NEEDED,
    ),
)


class TestLists(Stories):
    """Lists shown and refused."""

    told = (*_canned(), *SHOWN, *REJECTIONS)
