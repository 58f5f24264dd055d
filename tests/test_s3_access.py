"""Who may do what with buckets and objects: lists, policies, switches, and their one answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from fixtures.simulator.bridge.s3 import acl_xml, policy_json
from fixtures.simulator.bridge.s3.access import (
    Asking,
    Bucket,
    Ownership,
    PublicAccessBlock,
    accept_acl,
    accept_policy,
    allow,
    may,
)
from fixtures.simulator.bridge.s3.acl import Acl, Grant, Group, Permission, canned, of_headers
from fixtures.simulator.bridge.s3.errors import S3Error
from fixtures.simulator.bridge.s3.people import Directory, User, user_of
from fixtures.simulator.bridge.s3.policy import Policy
from fixtures.simulator.bridge.s3.rights import RIGHTS
from tests.s3_requests import SERVICE, received

ALICE, BOB, CAROL = user_of("alice"), user_of("bob"), user_of("carol")
ANYBODY = None
DIRECTORY = Directory(
    lambda: [
        ("alice", ["alice@example.com"]),
        ("bob", ["bob@example.com", "both@example.com"]),
        ("carol", ["both@example.com"]),
    ]
)
NOW = 1_400_000_000.0  # 2014-05-13T16:53:20Z
READ, WRITE, FULL = Permission.READ, Permission.WRITE, Permission.FULL_CONTROL
PRIVATE = canned("private", ALICE, ALICE)
BUCKET = Bucket("bucket", PRIVATE)


def refusal(act: Any, *arguments: Any) -> str:
    """The code with which something is refused."""
    with pytest.raises(S3Error) as refused:
        act(*arguments)
    return refused.value.code


# --- people ---------------------------------------------------------------------------------------


def test_people_are_the_same_every_time() -> None:
    """An account has one canonical id, of Amazon's form, and is shown by its name."""
    assert user_of("alice") == User(ALICE.id, "alice")
    assert len({ALICE.id, BOB.id, CAROL.id}) == 3
    assert len(ALICE.id) == 64 and int(ALICE.id, 16)
    assert len(ALICE.number) == 12 and ALICE.number.isdigit()


# --- lists ----------------------------------------------------------------------------------------

# What each canned list lets its owner, another user, anybody, and the bucket's owner do.
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
def test_canned_lists(name: str) -> None:
    """Each of Amazon's ready-made lists lets in whom it says and nobody else."""
    acl = canned(name, BOB, ALICE)
    assert acl.owner == BOB
    for caller, can in zip((BOB, CAROL, ANYBODY, ALICE), CANNED[name], strict=True):
        assert acl.allows(caller, READ) == ("R" in can)
        assert acl.allows(caller, WRITE) == ("W" in can)
    assert acl.public == any(CANNED[name][1:3])


def test_canned_lists_of_nobody() -> None:
    """A list that Amazon does not have is an invalid argument."""
    assert refusal(canned, "public-ready", ALICE, ALICE) == "InvalidArgument"


def test_lists_for_buckets() -> None:
    """The lists that speak of a bucket's owner say nothing more about a bucket itself."""
    assert canned("bucket-owner-read", ALICE, ALICE) == PRIVATE


def test_headers_grant() -> None:
    """Grants can be told by header: by id, by e-mail address and to groups, quoted or not."""
    acl = of_headers(
        {
            "x-amz-grant-read": f'id="{BOB.id}", emailAddress=alice@example.com',
            "x-amz-grant-full-control": f"id={BOB.id},uri={Group.ALL_USERS}",
            "x-amz-grant-write": 'emailaddress="BOB@example.com"',
            "x-amz-meta-grant": "of no meaning",
        },
        ALICE,
        ALICE,
        DIRECTORY,
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


def test_headers_that_say_nothing() -> None:
    """Without such headers there is no list; the canned one has a header of its own."""
    assert of_headers({"x-amz-meta-a": "b"}, ALICE, ALICE, DIRECTORY) is None
    asked = {"x-amz-acl": "public-read"}
    assert of_headers(asked, ALICE, ALICE, DIRECTORY) == canned("public-read", ALICE, ALICE)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-amz-acl": "nobody"}, "InvalidArgument"),
        ({"x-amz-acl": ""}, "InvalidArgument"),
        ({"x-amz-acl": "private", "x-amz-grant-read": f"id={'0' * 64}"}, "InvalidRequest"),
        ({"x-amz-grant-read": "id=_foo"}, "InvalidArgument"),
        ({"x-amz-grant-read": "name=bob"}, "InvalidArgument"),
        ({"x-amz-grant-read": ""}, "InvalidArgument"),
        ({"x-amz-grant-read": "uri=http://127.0.0.1/everybody"}, "InvalidArgument"),
        (
            {"x-amz-grant-read": "emailAddress=nobody@example.com"},
            "UnresolvableGrantByEmailAddress",
        ),
        ({"x-amz-grant-read": "emailAddress=both@example.com"}, "AmbiguousGrantByEmailAddress"),
    ],
)
def test_headers_that_cannot_be(headers: dict[str, str], code: str) -> None:
    """What a header cannot mean is refused by name."""
    assert refusal(of_headers, headers, ALICE, ALICE, DIRECTORY) == code


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
    st.lists(st.builds(Grant, grantees, st.sampled_from(Permission)), max_size=9).map(tuple),
)


@given(acls)
def test_documents_come_back(acl: Acl) -> None:
    """A list that is read and put back is the same list."""
    assert acl_xml.parse(acl_xml.render(acl).encode(), acl.owner, DIRECTORY) == acl


def test_documents_are_read_by_botocore() -> None:
    """boto3 finds in a document what is in the list."""
    acl = Acl(ALICE, (Grant(Group.ALL_USERS, READ), Grant(BOB, FULL)))
    model = Session().get_service_model("s3").operation_model("GetBucketAcl")
    parser = Session().get_component("response_parser_factory").create_parser("rest-xml")
    response = {"body": acl_xml.render(acl).encode(), "headers": {}, "status_code": 200}
    told = parser.parse(response, model.output_shape)
    assert told["Owner"] == {"ID": ALICE.id, "DisplayName": "alice"}
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    bob = {"Type": "CanonicalUser", "ID": BOB.id, "DisplayName": "bob"}
    assert told["Grants"] == [
        {"Grantee": everybody, "Permission": "READ"},
        {"Grantee": bob, "Permission": "FULL_CONTROL"},
    ]


@pytest.mark.parametrize("root", ["", NAMESPACE, f'{NAMESPACE} a="b"'])
def test_documents_of_clients(root: str) -> None:
    """Clients write with and without a namespace, elements in any order, users by e-mail too."""
    bob = grant("<EmailAddress>bob@example.com</EmailAddress>", "AmazonCustomerByEmail", "WRITE")
    carol = grant(f"<DisplayName>c</DisplayName><ID>{CAROL.id}</ID>")
    wanted = Acl(ALICE, (Grant(BOB, WRITE), Grant(CAROL, READ)))
    assert acl_xml.parse(document(f"{bob}\n <!-- and -->{carol}", root=root), ALICE, DIRECTORY) == (
        wanted
    )
    assert acl_xml.parse(document(""), ALICE, DIRECTORY) == Acl(ALICE, ())


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
def test_documents_that_are_none(body: bytes, code: str) -> None:
    """A document that is no list, or names whom nobody knows, is refused by name."""
    assert refusal(acl_xml.parse, body, ALICE, DIRECTORY) == code


# --- what lists allow -----------------------------------------------------------------------------


def asking(caller: User | None, path: str = "/bucket/key", **headers: str) -> Asking:
    """Somebody who asks."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asking(caller, received("GET", f"{SERVICE}{path}", given), NOW, f"{caller}-key")


@pytest.mark.parametrize(
    ("action", "who"),
    [
        ("s3:ListBucket", {READ: "bob"}),
        ("s3:ListBucketVersions", {READ: "bob"}),
        ("s3:PutObject", {WRITE: "bob"}),
        ("s3:DeleteObject", {WRITE: "bob"}),
        ("s3:GetBucketAcl", {Permission.READ_ACP: "bob"}),
        ("s3:PutBucketAcl", {Permission.WRITE_ACP: "bob"}),
        ("s3:GetObject", {}),
        ("s3:DeleteBucket", {}),
        ("s3:PutBucketVersioning", {}),
        ("s3:PutBucketPolicy", {}),
    ],
)
@pytest.mark.parametrize("granted", Permission)
def test_what_a_list_of_a_bucket_allows(
    action: str, who: dict[Permission, str], granted: Permission
) -> None:
    """Each permission of a bucket allows what Amazon says, and full control all of it."""
    acl = Acl(ALICE, (Grant(ALICE, FULL), Grant(BOB, granted)))
    bucket = Bucket("bucket", acl)
    expected = granted in who or (granted is FULL and bool(who))
    assert may(asking(BOB), action, bucket, PRIVATE) is expected
    assert may(asking(ALICE), action, bucket, PRIVATE)
    assert not may(asking(CAROL), action, bucket, PRIVATE)
    assert not may(asking(ANYBODY), action, bucket, PRIVATE)


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        ("s3:GetObject", READ),
        ("s3:GetObjectVersion", READ),
        ("s3:GetObjectAcl", Permission.READ_ACP),
        ("s3:PutObjectAcl", Permission.WRITE_ACP),
    ],
)
@pytest.mark.parametrize("granted", Permission)
def test_what_a_list_of_an_object_allows(
    action: str, needed: Permission, granted: Permission
) -> None:
    """An object has its own list; the bucket's, even for its owner, does not count."""
    acl = Acl(BOB, (Grant(CAROL, granted),))
    assert may(asking(CAROL), action, BUCKET, acl) is (granted in (needed, FULL))
    assert not may(asking(ALICE), action, BUCKET, acl)


def test_owners_who_have_taken_all_from_themselves() -> None:
    """An owner whom no grant names can still read and change the list, and nothing else of it."""
    bucket, acl = Bucket("bucket", Acl(ALICE, ())), Acl(ALICE, ())
    for action in ("GetBucketAcl", "PutBucketAcl", "GetObjectAcl", "PutObjectAcl", "DeleteBucket"):
        assert may(asking(ALICE), f"s3:{action}", bucket, acl)
    for action in ("ListBucket", "PutObject", "GetObject"):
        assert not may(asking(ALICE), f"s3:{action}", bucket, acl)


def test_before_there_is_a_bucket() -> None:
    """Who has signed may make buckets; everybody may ask which he has."""
    assert may(asking(BOB), "s3:CreateBucket", None)
    assert not may(asking(ANYBODY), "s3:CreateBucket", None)
    assert may(asking(ANYBODY), "s3:ListAllMyBuckets", None)
    assert refusal(allow, asking(ANYBODY), "s3:CreateBucket", None) == "AccessDenied"
    allow(asking(BOB), "s3:CreateBucket", None)


def test_tags_belong_to_owners() -> None:
    """Tags of an object are for the owners of object and bucket."""
    acl = canned("public-read", BOB, ALICE)
    for caller, expected in ((ALICE, True), (BOB, True), (CAROL, False), (ANYBODY, False)):
        assert may(asking(caller), "s3:GetObjectTagging", BUCKET, acl) is expected


def test_enforced_ownership() -> None:
    """Where the bucket's owner owns everything, lists do not count at all."""
    public = canned("public-read-write", BOB, ALICE)
    bucket = Bucket("bucket", public, ownership=Ownership.BUCKET_OWNER_ENFORCED)
    bucket = replace(bucket, acl=canned("public-read-write", ALICE, ALICE))
    assert may(asking(ALICE), "s3:GetObject", bucket, public)
    assert not may(asking(BOB), "s3:GetObject", bucket, public)
    assert not may(asking(CAROL), "s3:PutObject", bucket)
    for name in ("public-read", "authenticated-read", "bucket-owner-read"):
        acl = canned(name, BOB, ALICE)
        assert refusal(accept_acl, acl, bucket) == "AccessControlListNotSupported"
    accept_acl(canned("bucket-owner-full-control", BOB, ALICE), bucket)
    accept_acl(PRIVATE, bucket)


def test_public_lists_can_be_blocked() -> None:
    """An owner can have public lists refused, and those that there are ignored."""
    public = canned("public-read", ALICE, ALICE)
    blocking = replace(BUCKET, block=PublicAccessBlock(block_public_acls=True))
    assert refusal(accept_acl, public, blocking) == "AccessDenied"
    accept_acl(PRIVATE, blocking)
    accept_acl(public, BUCKET)
    ignoring = Bucket("bucket", public, block=PublicAccessBlock(ignore_public_acls=True))
    assert not may(asking(BOB), "s3:GetObject", ignoring, public)
    assert not may(asking(BOB), "s3:ListBucket", ignoring)
    assert may(asking(ALICE), "s3:ListBucket", ignoring)


# --- policies -------------------------------------------------------------------------------------


def statement(**changed: Any) -> dict[str, Any]:
    """A statement that lets everybody read objects."""
    usual = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*",
    }
    return {k: v for k, v in {**usual, **changed}.items() if v is not None}


def policy(*statements: dict[str, Any]) -> Policy:
    """A policy of the bucket."""
    told = {"Version": "2012-10-17", "Statement": list(statements)}
    return policy_json.parse(json.dumps(told).encode(), "bucket")


def ruled(*statements: dict[str, Any], **changed: Any) -> Bucket:
    """The bucket with that policy."""
    return replace(BUCKET, policy=policy(*statements), **changed)


def test_a_policy_allows() -> None:
    """What a policy allows, needs no list; what it does not speak of, still does."""
    bucket = ruled(statement())
    assert may(asking(ANYBODY), "s3:GetObject", bucket, PRIVATE)
    assert not may(asking(ANYBODY), "s3:GetObjectVersion", bucket, PRIVATE)
    assert not may(asking(ANYBODY), "s3:ListBucket", bucket)
    assert not may(asking(ANYBODY), "s3:PutObject", bucket)


def test_a_denial_outweighs_everything() -> None:
    """A denial counts against the owner, against lists, and against whatever else is allowed."""
    bucket = ruled(statement(Effect="Deny"), statement())
    assert not may(asking(ALICE), "s3:GetObject", bucket, canned("public-read", ALICE, ALICE))
    assert may(asking(ALICE), "s3:GetObjectAcl", bucket, PRIVATE)


def test_nobody_locks_himself_out() -> None:
    """The owner reaches the policy whatever it says; nobody else does."""
    bucket = ruled(statement(Effect="Deny", Action="s3:*", Resource=["arn:aws:s3:::bucket*"]))
    for action in ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"):
        assert may(asking(ALICE), f"s3:{action}", bucket)
        assert not may(asking(BOB), f"s3:{action}", bucket)
    assert not may(asking(ALICE), "s3:ListBucket", bucket)


def test_an_owner_gives_only_what_is_his() -> None:
    """A policy cannot give away the objects of others, but it can deny them."""
    of_bob = canned("private", BOB, ALICE)
    assert not may(asking(CAROL), "s3:GetObject", ruled(statement()), of_bob)
    assert not may(asking(BOB), "s3:GetObject", ruled(statement(Effect="Deny")), of_bob)
    enforced = ruled(statement(), ownership=Ownership.BUCKET_OWNER_ENFORCED)
    assert may(asking(CAROL), "s3:GetObject", enforced, of_bob)
    writing = ruled(statement(Action="s3:PutObject"))
    assert may(asking(CAROL), "s3:PutObject", writing, of_bob)


@pytest.mark.parametrize(
    ("principal", "who"),
    [
        ("*", {"bob", "carol", "anybody"}),
        ({"AWS": "*"}, {"bob", "carol", "anybody"}),
        ({"AWS": ["*"]}, {"bob", "carol", "anybody"}),
        ({"AWS": f"arn:aws:iam::{BOB.number}:root"}, {"bob"}),
        ({"AWS": f"arn:aws:iam::{BOB.number}:user/bob"}, {"bob"}),
        ({"AWS": f"arn:aws:iam::{BOB.number}:user/carol"}, set()),
        ({"AWS": f"arn:aws:iam:::user/{BOB.id}"}, {"bob"}),
        ({"AWS": BOB.number}, {"bob"}),
        ({"AWS": f"{BOB}-key"}, {"bob"}),
        ({"CanonicalUser": [BOB.id, CAROL.id]}, {"bob", "carol"}),
        ({"AWS": ["arn:aws:iam::s3tenant1:root"]}, set()),
        ({"Service": "bob", "Federated": CAROL.id}, set()),
    ],
    ids=str,
)
def test_principals(principal: Any, who: set[str]) -> None:
    """A statement is about those whom it names, in each of the ways to name them."""
    bucket = ruled(statement(Principal=principal))
    callers = {"bob": BOB, "carol": CAROL, "anybody": ANYBODY}
    found = {n for n, c in callers.items() if may(asking(c), "s3:GetObject", bucket, PRIVATE)}
    assert found == who


def test_not_principal() -> None:
    """A denial for all but some is one for all others, those who have not signed too."""
    excepted = {"AWS": [ALICE.number, BOB.number]}
    denial = statement(Effect="Deny", Principal=None, NotPrincipal=excepted)
    bucket = ruled(statement(), denial)
    for caller, expected in ((ALICE, True), (BOB, True), (CAROL, False), (ANYBODY, False)):
        assert may(asking(caller), "s3:GetObject", bucket, PRIVATE) is expected


@pytest.mark.parametrize(
    ("changed", "action", "path", "expected"),
    [
        ({"Action": "s3:Get*"}, "s3:GetObject", "/bucket/key", True),
        ({"Action": "s3:get?bject"}, "s3:GetObject", "/bucket/key", True),
        ({"Action": "*"}, "s3:GetObject", "/bucket/key", True),
        ({"Action": ["s3:PutObject", "s3:GetObject"]}, "s3:GetObject", "/bucket/key", True),
        ({"Action": "s3:GetObject?*"}, "s3:GetObject", "/bucket/key", False),
        ({"Action": None, "NotAction": "s3:Put*"}, "s3:GetObject", "/bucket/key", True),
        ({"Action": None, "NotAction": "s3:Get*"}, "s3:GetObject", "/bucket/key", False),
        ({"Resource": "arn:aws:s3:::bucket/a*"}, "s3:GetObject", "/bucket/key", False),
        ({"Resource": "arn:aws:s3:::bucket/a*"}, "s3:GetObject", "/bucket/a/b", True),
        ({"Resource": "arn:aws:s3:::bucket/?ey"}, "s3:GetObject", "/bucket/key", True),
        ({"Resource": "arn:aws:s3:::bucket/[k]ey"}, "s3:GetObject", "/bucket/key", False),
        ({"Resource": "arn:aws:s3:::bucket/KEY"}, "s3:GetObject", "/bucket/key", False),
        ({"Resource": "arn:aws:s3:::*"}, "s3:GetObject", "/bucket/key", True),
        (
            {"Resource": None, "NotResource": "arn:aws:s3:::bucket/a*"},
            "s3:GetObject",
            "/bucket/key",
            True,
        ),
        (
            {"Resource": None, "NotResource": "arn:aws:s3:::bucket/a*"},
            "s3:GetObject",
            "/bucket/a",
            False,
        ),
        (
            {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket"},
            "s3:ListBucket",
            "/bucket",
            True,
        ),
        (
            {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket*"},
            "s3:ListBucket",
            "/bucket",
            True,
        ),
    ],
)
def test_actions_and_resources(
    changed: dict[str, Any], action: str, path: str, expected: bool
) -> None:
    """Wildcards stand for any text and for one character; actions go in any case, keys do not."""
    assert may(asking(BOB, path), action, ruled(statement(**changed)), PRIVATE) is expected


def test_keys_that_are_not_in_the_path() -> None:
    """One request can be about many objects: each is asked for by its own name."""
    bucket = ruled(statement(Action="s3:DeleteObject", Resource="arn:aws:s3:::bucket/a"))
    several = asking(BOB, "/bucket?delete")
    assert may(replace(several, key="a"), "s3:DeleteObject", bucket, PRIVATE)
    assert not may(replace(several, key="b"), "s3:DeleteObject", bucket, PRIVATE)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"s3:prefix": "a/"}}, True),
        ({"StringEquals": {"S3:Prefix": ["b", "a/"]}}, True),
        ({"StringEquals": {"s3:prefix": "A/"}}, False),
        ({"streq": {"s3:prefix": "a/"}}, True),
        ({"StringEqualsIgnoreCase": {"s3:prefix": "A/"}}, True),
        ({"StringNotEquals": {"s3:prefix": ["a/", "b"]}}, False),
        ({"StringNotEquals": {"s3:prefix": "b"}}, True),
        ({"StringLike": {"s3:prefix": "a*"}}, True),
        ({"StringNotLike": {"s3:prefix": "a*"}}, False),
        ({"StringEquals": {"s3:delimiter": "/"}}, False),
        ({"StringNotEquals": {"s3:delimiter": "/"}}, True),
        ({"StringEqualsIfExists": {"s3:delimiter": "/"}}, True),
        ({"StringEqualsIfExists": {"s3:prefix": "b"}}, False),
        ({"Null": {"s3:delimiter": "true"}}, True),
        ({"Null": {"s3:delimiter": False}}, False),
        ({"Null": {"s3:prefix": True}}, False),
        ({"NumericLessThanEquals": {"s3:max-keys": 10}}, True),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, False),
        ({"NumericGreaterThan": {"s3:max-keys": "9.5"}}, True),
        ({"NumericEquals": {"s3:max-keys": "ten"}}, False),
        ({"NumericNotEquals": {"s3:max-keys": "10"}}, False),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::1"]}}, False),
        ({"IpAddress": {"aws:SourceIp": "everywhere"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "127.0.0.1"}}, False),
        ({"StringLike": {"aws:Referer": "http://www.example.com/*"}}, True),
        ({"StringLike": {"aws:UserAgent": "curl*"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
        ({"Bool": {"aws:SecureTransport": True}}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2014-05-13T16:53:21Z"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2014-05-14T00:00:00+01:00"}}, False),
        ({"DateEquals": {"aws:EpochTime": "1400000000"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "tomorrow"}}, False),
        ({"NumericLessThan": {"aws:EpochTime": 1400000001}}, True),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{BOB.number}:*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*"}}, False),
        ({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::1:root"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": BOB.number, "s3:prefix": "a/"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": BOB.number, "s3:prefix": "b"}}, False),
        ({"StringEquals": {"s3:prefix": "a/"}, "Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"aws:userid": BOB.number, "aws:username": "bob"}}, True),
        ({"StringEquals": {"s3:authType": "REST-HEADER"}}, True),
        ({"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}, True),
        ({"ForAllValues:StringLike": {"s3:RequestObjectTagKeys": ["a", "b"]}}, True),
        ({"ForAllValues:StringLike": {"s3:RequestObjectTagKeys": ["a"]}}, False),
        ({"ForAnyValue:StringLike": {"s3:RequestObjectTagKeys": ["a"]}}, True),
        ({"ForAllValues:StringLike": {"s3:delimiter": "x"}}, True),
        ({"ForAnyValue:StringNotLike": {"s3:delimiter": "x"}}, False),
        ({"StringEquals": {"s3:RequestObjectTag/a": "1"}}, True),
        ({"StringEquals": {"s3:RequestObjectTag/A": "1"}}, False),
        ({"StringEquals": {"s3:ExistingObjectTag/Security": "public"}}, True),
        ({"StringEquals": {"s3:ExistingObjectTag/security": "public"}}, False),
        ({"StringEquals": {"s3:x-amz-acl": "public-read"}}, True),
        ({"StringLike": {"s3:x-amz-copy-source": "/source/public/*"}}, True),
        ({"StringLike": {"s3:x-amz-copy-source": "source/public/*"}}, True),
        ({"StringNotLike": {"s3:x-amz-copy-source": "source/public/*"}}, False),
        ({}, True),
    ],
    ids=str,
)
def test_conditions(condition: dict[str, Any], expected: bool) -> None:
    """Each operator over each kind of key, with what the request says and what it does not."""
    listing = {
        **{"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket"},
        **{"Condition": condition},
    }
    asked = replace(
        asking(
            BOB,
            "/bucket?prefix=a%2F&max-keys=10",
            referer="http://www.example.com/index.html",
            user_agent="curl/8",
            authorization="AWS4-HMAC-SHA256 …".encode().decode("latin-1"),
            x_amz_acl="public-read",
            x_amz_copy_source="/source/public/a%20b",
            x_amz_tagging="a=1&b",
        ),
        signed="REST-HEADER",
        tags={"Security": "public"},
    )
    assert may(asked, "s3:ListBucket", ruled(statement(**listing))) is expected


def test_conditions_about_nobody() -> None:
    """Of who has not signed there is little to be known."""
    condition = {"StringEquals": {"aws:PrincipalAccount": BOB.number}}
    assert not may(asking(None), "s3:GetObject", ruled(statement(Condition=condition)), PRIVATE)
    condition = {"StringEquals": {"aws:PrincipalType": "Anonymous"}}
    assert may(asking(None), "s3:GetObject", ruled(statement(Condition=condition)), PRIVATE)
    condition = {"StringEquals": {"s3:signatureversion": "AWS"}}
    assert not may(asking(None), "s3:GetObject", ruled(statement(Condition=condition)), PRIVATE)


@pytest.mark.parametrize(
    ("changed", "public"),
    [
        ({}, True),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"AWS": BOB.number}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/32"}}}, False),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "::/0"}}}, True),
        ({"Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/32"}}}, True),
        ({"Condition": {"StringLike": {"aws:Referer": "http://example.com/*"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": "1"}}}, False),
        ({"Condition": {"StringLike": {"aws:PrincipalArn": "arn:*"}}}, True),
        ({"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}}, True),
    ],
    ids=str,
)
def test_public_policies(changed: dict[str, Any], public: bool) -> None:
    """A policy is public if it lets the world in; where public ones are blocked, none is taken."""
    bucket = ruled(statement(**changed))
    assert bucket.public is public
    blocking = replace(BUCKET, block=PublicAccessBlock(block_public_policy=True))
    assert bucket.policy is not None
    if public:
        assert refusal(accept_policy, bucket.policy, blocking) == "AccessDenied"
    else:
        accept_policy(bucket.policy, blocking)


def test_restricted_buckets() -> None:
    """Where public policies are restricted, they help nobody but the owner; others still do."""
    block = PublicAccessBlock(restrict_public_buckets=True)
    assert not may(asking(BOB), "s3:GetObject", ruled(statement(), block=block), PRIVATE)
    for_bob = statement(Principal={"AWS": BOB.number})
    assert may(asking(BOB), "s3:GetObject", ruled(for_bob, block=block), PRIVATE)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        '"*"',
        "{}",
        '{"Statement": []}',
        '{"Statement": 1}',
        '{"Statement": [1]}',
        '{"Statement": {}, "Statement": {}}',
        '{"Statement": NaN}',
        "\ud800",
        "[" * 100000,
        " " * (20 * 1024 + 1),
        {"Version": "2011-01-01", "Statement": [statement()]},
        {"Statement": [statement()], "Else": 1},
    ],
    ids=lambda one: str(one)[:20],
)
def test_documents_that_are_no_policy(document: Any) -> None:
    """What is no policy is refused as malformed, however it is malformed."""
    text = document if isinstance(document, str) else json.dumps(document)
    body = text.encode("utf-8", "surrogatepass")
    assert refusal(policy_json.parse, body, "bucket") == "MalformedPolicy"


@pytest.mark.parametrize(
    "changed",
    [
        {"Effect": "Permit"},
        {"Effect": None},
        {"Sid": 1},
        {"Else": 1},
        {"Principal": None},
        {"Principal": "bob"},
        {"Principal": {}},
        {"Principal": {"User": "bob"}},
        {"Principal": {"AWS": []}},
        {"Principal": {"AWS": [1]}},
        {"Principal": {"AWS": ""}},
        {"Principal": {"AWS": "arn:aws:iam::*:root"}},
        {"NotPrincipal": "*"},
        {"Principal": None, "NotPrincipal": {"AWS": BOB.number}},
        {"Action": None},
        {"Action": []},
        {"Action": "ec2:RunInstances"},
        {"Action": "s3:Nothing"},
        {"Action": "GetObject"},
        {"NotAction": "s3:PutObject"},
        {"Resource": None},
        {"Resource": "*"},
        {"Resource": "bucket/*"},
        {"Resource": "arn:aws:s3:::other/*"},
        {"Resource": "arn:aws:s3::*:bucket/*"},
        {"Resource": "arn:aws:s3:::bucket"},
        {"Action": "s3:ListBucket"},
        {"Action": ["s3:GetObject", "s3:ListBucket"]},
        {"Condition": []},
        {"Condition": {"StringEquals": []}},
        {"Condition": {"StringSame": {"s3:prefix": "a"}}},
        {"Condition": {"ForMany:StringEquals": {"s3:prefix": "a"}}},
        {"Condition": {"NullIfExists": {"s3:prefix": "true"}}},
        {"Condition": {"StringEquals": {"s3:suffix": "a"}}},
        {"Condition": {"StringEquals": {"ec2:Region": "a"}}},
        {"Condition": {"StringEquals": {"s3:prefix": None}}},
        {"Condition": {"StringEquals": {"s3:prefix": {"a": "b"}}}},
    ],
    ids=str,
)
def test_statements_that_are_none(changed: dict[str, Any]) -> None:
    """Each part of a statement has its form, and speaks of the bucket and of what can be done to
    it."""
    assert refusal(policy, statement(**changed)) == "MalformedPolicy"


def test_policies_of_the_documentation() -> None:
    """The older version and a lone statement are understood; so is an Id."""
    told = {"Version": "2008-10-17", "Id": "x", "Statement": statement(Sid="Allow the public")}
    parsed = policy_json.parse(json.dumps(told).encode(), "bucket")
    assert parsed == policy(statement())


def test_patterns_cannot_take_for_ever() -> None:
    """A pattern of many wildcards is answered at once."""
    evil = statement(Resource=f"arn:aws:s3:::bucket/{'*a' * 200}b")
    assert not may(asking(BOB, f"/bucket/{'a' * 1000}"), "s3:GetObject", ruled(evil), PRIVATE)


def test_every_right_can_be_asked() -> None:
    """There is an answer for each action that a policy can name: its owner's is yes."""
    for action in RIGHTS:
        assert may(asking(ALICE), action, BUCKET, PRIVATE), action
        bucket = ruled(statement(Effect="Deny", Action=action, Resource="arn:aws:s3:::bucket*"))
        denied = not may(asking(ALICE), action, bucket, PRIVATE)
        assert denied is not action.endswith("BucketPolicy"), action
