"""ACLs of buckets and objects: in headers, in documents, and what they allow."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.simulator.bridge.s3.auth.users import CanonicalUser, canonical_user
from fixtures.simulator.bridge.s3.policy import acl_xml
from fixtures.simulator.bridge.s3.policy.access import (
    BucketAccess,
    Ownership,
    PublicAccessBlock,
    check_acl,
    is_allowed,
    require,
)
from fixtures.simulator.bridge.s3.policy.acl_headers import acl_from_headers, canned_acl
from fixtures.simulator.bridge.s3.storage.acl import Acl, AclPermission, Grant, Group
from tests.support.s3_requests import raised_error
from tests.support.s3_users import (
    ACCOUNTS,
    ALICE,
    ANONYMOUS,
    BOB,
    BUCKET,
    CAROL,
    PRIVATE,
    access_request,
)

READ, WRITE, FULL = AclPermission.READ, AclPermission.WRITE, AclPermission.FULL_CONTROL

# --- people ---------------------------------------------------------------------------------------


def test_canonical_users() -> None:
    """An account always has the same canonical id, in Amazon's format."""
    assert canonical_user("alice") == CanonicalUser(ALICE.id, "alice")
    assert len({ALICE.id, BOB.id, CAROL.id}) == 3
    assert re.fullmatch("[0-9a-f]{64}", ALICE.id)
    assert re.fullmatch("[0-9]{12}", ALICE.account_number)


# --- lists ----------------------------------------------------------------------------------------

# What each canned list lets its owner, another user, anonymous callers, and the bucket's owner do.
CANNED = {
    "private": ("RW", "", "", ""),
    "public-read": ("RW", "R", "R", "R"),
    "public-read-write": ("RW", "RW", "RW", "RW"),
    "authenticated-read": ("RW", "R", "", "R"),
    "bucket-owner-read": ("RW", "", "", "R"),
    "bucket-owner-full-control": ("RW", "", "", "RW"),
    "log-delivery-write": ("RW", "", "", ""),
}


@pytest.mark.parametrize("name", CANNED)
def test_canned_acls(name: str) -> None:
    """Each canned ACL allows what Amazon documents, and nothing else."""
    acl = canned_acl(name, BOB, ALICE)
    assert acl.owner == BOB
    for caller, can in zip((BOB, CAROL, ANONYMOUS, ALICE), CANNED[name], strict=True):
        assert acl.allows(caller, READ) == ("R" in can)
        assert acl.allows(caller, WRITE) == ("W" in can)
    assert acl.public == any(CANNED[name][1:3])


def test_unknown_canned_acl() -> None:
    """A canned ACL that Amazon does not have is an invalid argument."""
    assert raised_error(canned_acl, "public-ready", ALICE, ALICE).code == "InvalidArgument"


def test_canned_acls_of_buckets() -> None:
    """The canned ACLs for the bucket's owner equal `private` for a bucket itself."""
    assert canned_acl("bucket-owner-read", ALICE, ALICE) == PRIVATE


def test_grants_in_headers() -> None:
    """Headers grant by id, by e-mail address and to groups, quoted or not."""
    acl = acl_from_headers(
        {
            "x-amz-grant-read": f'id="{BOB.id}", emailAddress=alice@example.com',
            "x-amz-grant-full-control": f"id={BOB.id},uri={Group.ALL_USERS}",
            "x-amz-grant-write": 'emailaddress="BOB@example.com"',
            "x-amz-meta-grant": "of no meaning",
        },
        ALICE,
        ALICE,
        ACCOUNTS,
    )
    assert acl == Acl(
        ALICE,
        (
            Grant(BOB, READ),
            Grant(ALICE, READ),
            Grant(BOB, WRITE),
            Grant(BOB, FULL),
            Grant(Group.ALL_USERS, FULL),
        ),
    )


def test_no_acl_headers() -> None:
    """Without ACL headers there is no ACL; `x-amz-acl` names a canned one."""
    assert acl_from_headers({"x-amz-meta-a": "b"}, ALICE, ALICE, ACCOUNTS) is None
    headers = {"x-amz-acl": "public-read"}
    assert acl_from_headers(headers, ALICE, ALICE, ACCOUNTS) == canned_acl(
        "public-read", ALICE, ALICE
    )


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-amz-acl": "unknown"}, "InvalidArgument"),
        ({"x-amz-acl": ""}, "InvalidArgument"),
        ({"x-amz-acl": "private", "x-amz-grant-read": f"id={'0' * 64}"}, "InvalidRequest"),
        ({"x-amz-grant-read": "id=_foo"}, "InvalidArgument"),
        ({"x-amz-grant-read": "name=bob"}, "InvalidArgument"),
        ({"x-amz-grant-read": ""}, "InvalidArgument"),
        ({"x-amz-grant-read": "uri=http://127.0.0.1/everybody"}, "InvalidArgument"),
        (
            {"x-amz-grant-read": "emailAddress=unknown@example.com"},
            "UnresolvableGrantByEmailAddress",
        ),
        ({"x-amz-grant-read": "emailAddress=both@example.com"}, "AmbiguousGrantByEmailAddress"),
    ],
)
def test_invalid_acl_headers(headers: dict[str, str], code: str) -> None:
    """Invalid ACL headers are refused with the documented code."""
    assert raised_error(acl_from_headers, headers, ALICE, ALICE, ACCOUNTS).code == code


# --- lists as documents ---------------------------------------------------------------------------

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def document(
    grants: str, owner: str = f"<Owner><ID>{ALICE.id}</ID></Owner>", root: str = NAMESPACE
) -> bytes:
    """An AccessControlPolicy with these grants."""
    return (
        f"<AccessControlPolicy {root}>{owner}"
        f"<AccessControlList>{grants}</AccessControlList></AccessControlPolicy>"
    ).encode()


def grant(inside: str, kind: str = "CanonicalUser", permission: str = "READ") -> str:
    """A Grant."""
    return (
        f'<Grant><Grantee {XSI} xsi:type="{kind}">{inside}</Grantee>'
        f"<Permission>{permission}</Permission></Grant>"
    )


grantees = st.one_of(st.sampled_from([ALICE, BOB, CAROL]), st.sampled_from(Group))
acls = st.builds(
    Acl,
    st.sampled_from([ALICE, BOB]),
    st.lists(st.builds(Grant, grantees, st.sampled_from(AclPermission)), max_size=9).map(tuple),
)


@given(acls)
def test_documents_round_trip(acl: Acl) -> None:
    """An ACL that is rendered and parsed is the same ACL."""
    assert acl_xml.parse(acl_xml.render(acl), acl.owner, ACCOUNTS) == acl


def test_documents_are_read_by_botocore() -> None:
    """botocore parses a document to the ACL's owner and grants."""
    acl = Acl(ALICE, (Grant(Group.ALL_USERS, READ), Grant(BOB, FULL)))
    session = import_module("botocore.session").Session()
    model = session.get_service_model("s3").operation_model("GetBucketAcl")
    parser = session.get_component("response_parser_factory").create_parser("rest-xml")
    response = {"body": acl_xml.render(acl), "headers": {}, "status_code": 200}
    parsed = parser.parse(response, model.output_shape)
    assert parsed["Owner"] == {"ID": ALICE.id, "DisplayName": "alice"}
    all_users = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    bob = {"Type": "CanonicalUser", "ID": BOB.id, "DisplayName": "bob"}
    assert parsed["Grants"] == [
        {"Grantee": all_users, "Permission": "READ"},
        {"Grantee": bob, "Permission": "FULL_CONTROL"},
    ]


@pytest.mark.parametrize("root", ["", NAMESPACE, f'{NAMESPACE} a="b"'])
def test_documents_of_clients(root: str) -> None:
    """Documents may omit the namespace, order elements freely, and name users by e-mail address."""
    bob = grant("<EmailAddress>bob@example.com</EmailAddress>", "AmazonCustomerByEmail", "WRITE")
    carol = grant(f"<DisplayName>c</DisplayName><ID>{CAROL.id}</ID>")
    expected = Acl(ALICE, (Grant(BOB, WRITE), Grant(CAROL, READ)))
    assert acl_xml.parse(document(f"{bob}\n <!-- and -->{carol}", root=root), ALICE, ACCOUNTS) == (
        expected
    )
    assert acl_xml.parse(document(""), ALICE, ACCOUNTS) == Acl(ALICE, ())


BOMB = b'<!DOCTYPE a [<!ENTITY b "c">]>'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MalformedACLError"),
        (b"<AccessControlPolicy>", "MalformedACLError"),
        (b"<AccessControlPolicy/>", "MalformedACLError"),
        (b"<Policy/>", "MalformedACLError"),
        (BOMB + document(""), "MalformedACLError"),
        (document("").replace(b"2006-03-01", b"2007-03-01"), "MalformedACLError"),
        (document("", owner=""), "MalformedACLError"),
        (document("", owner="<Owner/>"), "MalformedACLError"),
        (document("", owner=f"<Owner><ID>{BOB.id}</ID></Owner>"), "AccessDenied"),
        (document("<Grant/>"), "MalformedACLError"),
        (document("<Other/>"), "MalformedACLError"),
        (document(grant(f"<ID>{BOB.id}</ID>", permission="READ_WRITE")), "MalformedACLError"),
        (document(grant(f"<ID>{BOB.id}</ID>", kind="User")), "MalformedACLError"),
        (document(grant(f"<ID>{BOB.id}</ID><ID>{BOB.id}</ID>")), "MalformedACLError"),
        (document(grant(f"<ID><ID>{BOB.id}</ID></ID>")), "MalformedACLError"),
        (document(grant("<ID/>")), "InvalidArgument"),
        (document(grant("<ID>_foo</ID>")), "InvalidArgument"),
        (document(grant("<URI>http://127.0.0.1/</URI>", "Group")), "InvalidArgument"),
        (
            document(grant("<EmailAddress>x@y</EmailAddress>", "AmazonCustomerByEmail")),
            "UnresolvableGrantByEmailAddress",
        ),
        (document(grant(f"<ID>{BOB.id}</ID>") * 101), "MalformedACLError"),
    ],
)
def test_invalid_documents(body: bytes, code: str) -> None:
    """Invalid documents and unknown grantees are refused with the documented code."""
    assert raised_error(acl_xml.parse, body, ALICE, ACCOUNTS).code == code


# --- what lists allow -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "who"),
    [
        ("s3:ListBucket", {READ: "bob"}),
        ("s3:ListBucketVersions", {READ: "bob"}),
        ("s3:PutObject", {WRITE: "bob"}),
        ("s3:DeleteObject", {WRITE: "bob"}),
        ("s3:GetBucketAcl", {AclPermission.READ_ACP: "bob"}),
        ("s3:PutBucketAcl", {AclPermission.WRITE_ACP: "bob"}),
        ("s3:GetObject", {}),
        ("s3:DeleteBucket", {}),
        ("s3:PutBucketVersioning", {}),
        ("s3:PutBucketPolicy", {}),
    ],
)
@pytest.mark.parametrize("granted", AclPermission)
def test_permissions_of_buckets(
    action: str, who: dict[AclPermission, str], granted: AclPermission
) -> None:
    """Each permission on a bucket allows what Amazon documents, and full control all of it."""
    acl = Acl(ALICE, (Grant(ALICE, FULL), Grant(BOB, granted)))
    bucket = BucketAccess("bucket", acl)
    expected = granted in who or (granted is FULL and bool(who))
    assert is_allowed(access_request(BOB), action, bucket, PRIVATE) is expected
    assert is_allowed(access_request(ALICE), action, bucket, PRIVATE)
    assert not is_allowed(access_request(CAROL), action, bucket, PRIVATE)
    assert not is_allowed(access_request(ANONYMOUS), action, bucket, PRIVATE)


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        ("s3:GetObject", READ),
        ("s3:GetObjectVersion", READ),
        ("s3:GetObjectAcl", AclPermission.READ_ACP),
        ("s3:PutObjectAcl", AclPermission.WRITE_ACP),
    ],
)
@pytest.mark.parametrize("granted", AclPermission)
def test_permissions_of_objects(action: str, needed: AclPermission, granted: AclPermission) -> None:
    """An object has an ACL of its own; the bucket's does not count, even for its owner."""
    acl = Acl(BOB, (Grant(CAROL, granted),))
    assert is_allowed(access_request(CAROL), action, BUCKET, acl) is (granted in (needed, FULL))
    assert not is_allowed(access_request(ALICE), action, BUCKET, acl)


def test_owners_without_grants() -> None:
    """An owner without grants can still read and change the ACL, and nothing else."""
    bucket, acl = BucketAccess("bucket", Acl(ALICE, ())), Acl(ALICE, ())
    for action in ("GetBucketAcl", "PutBucketAcl", "GetObjectAcl", "PutObjectAcl", "DeleteBucket"):
        assert is_allowed(access_request(ALICE), f"s3:{action}", bucket, acl)
    for action in ("ListBucket", "PutObject", "GetObject"):
        assert not is_allowed(access_request(ALICE), f"s3:{action}", bucket, acl)


def test_actions_without_a_bucket() -> None:
    """Signed callers may create buckets; anonymous ones may list theirs."""
    assert is_allowed(access_request(BOB), "s3:CreateBucket", None)
    assert not is_allowed(access_request(ANONYMOUS), "s3:CreateBucket", None)
    assert is_allowed(access_request(ANONYMOUS), "s3:ListAllMyBuckets", None)
    assert (
        raised_error(require, access_request(ANONYMOUS), "s3:CreateBucket", None).code
        == "AccessDenied"
    )
    require(access_request(BOB), "s3:CreateBucket", None)


def test_tags_belong_to_owners() -> None:
    """Tags of an object are readable by the owners of object and bucket."""
    acl = canned_acl("public-read", BOB, ALICE)
    for caller, expected in ((ALICE, True), (BOB, True), (CAROL, False), (ANONYMOUS, False)):
        assert is_allowed(access_request(caller), "s3:GetObjectTagging", BUCKET, acl) is expected


def test_enforced_ownership() -> None:
    """With bucket owner enforced ownership, ACLs do not count."""
    public = canned_acl("public-read-write", BOB, ALICE)
    bucket = BucketAccess("bucket", public, ownership=Ownership.BUCKET_OWNER_ENFORCED)
    bucket = replace(bucket, acl=canned_acl("public-read-write", ALICE, ALICE))
    assert is_allowed(access_request(ALICE), "s3:GetObject", bucket, public)
    assert not is_allowed(access_request(BOB), "s3:GetObject", bucket, public)
    assert not is_allowed(access_request(CAROL), "s3:PutObject", bucket)
    for name in ("public-read", "authenticated-read", "bucket-owner-read"):
        acl = canned_acl(name, BOB, ALICE)
        assert raised_error(check_acl, acl, bucket).code == "AccessControlListNotSupported"
    check_acl(canned_acl("bucket-owner-full-control", BOB, ALICE), bucket)
    check_acl(PRIVATE, bucket)


def test_public_acls_can_be_blocked() -> None:
    """A bucket's owner can have public ACLs refused, and existing ones ignored."""
    public = canned_acl("public-read", ALICE, ALICE)
    blocking = replace(BUCKET, block=PublicAccessBlock(block_public_acls=True))
    assert raised_error(check_acl, public, blocking).code == "AccessDenied"
    check_acl(PRIVATE, blocking)
    check_acl(public, BUCKET)
    ignoring = BucketAccess("bucket", public, block=PublicAccessBlock(ignore_public_acls=True))
    assert not is_allowed(access_request(BOB), "s3:GetObject", ignoring, public)
    assert not is_allowed(access_request(BOB), "s3:ListBucket", ignoring)
    assert is_allowed(access_request(ALICE), "s3:ListBucket", ignoring)
