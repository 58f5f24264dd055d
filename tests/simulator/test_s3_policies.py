"""Bucket policies: how they are parsed, and what they allow and deny."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fixtures.simulator.bridge.s3.policy import policy_json
from fixtures.simulator.bridge.s3.policy.access import Ownership, PublicAccessBlock, is_allowed
from fixtures.simulator.bridge.s3.policy.acl_headers import canned_acl
from fixtures.simulator.bridge.s3.policy.actions import ACTIONS
from tests.support.s3_requests import raised_error
from tests.support.s3_users import (
    ALICE,
    ANONYMOUS,
    BOB,
    BUCKET,
    CAROL,
    PRIVATE,
    access_request,
    bucket_with_policy,
    policy,
    statement,
)


def test_allowed_by_policy() -> None:
    """A policy allows what ACLs do not; without an applicable statement, ACLs decide."""
    bucket = bucket_with_policy(statement())
    assert is_allowed(access_request(ANONYMOUS), "s3:GetObject", bucket, PRIVATE)
    assert not is_allowed(access_request(ANONYMOUS), "s3:GetObjectVersion", bucket, PRIVATE)
    assert not is_allowed(access_request(ANONYMOUS), "s3:ListBucket", bucket)
    assert not is_allowed(access_request(ANONYMOUS), "s3:PutObject", bucket)


def test_denials_take_precedence() -> None:
    """A denial applies to the owner too, and outweighs ACLs and other statements."""
    bucket = bucket_with_policy(statement(Effect="Deny"), statement())
    assert not is_allowed(
        access_request(ALICE), "s3:GetObject", bucket, canned_acl("public-read", ALICE, ALICE)
    )
    assert is_allowed(access_request(ALICE), "s3:GetObjectAcl", bucket, PRIVATE)


def test_owners_keep_access_to_the_policy() -> None:
    """The owner can always read and change the policy; others cannot."""
    bucket = bucket_with_policy(
        statement(Effect="Deny", Action="s3:*", Resource=["arn:aws:s3:::bucket*"])
    )
    for action in ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"):
        assert is_allowed(access_request(ALICE), f"s3:{action}", bucket)
        assert not is_allowed(access_request(BOB), f"s3:{action}", bucket)
    assert not is_allowed(access_request(ALICE), "s3:ListBucket", bucket)


def test_objects_of_other_owners() -> None:
    """A policy cannot allow access to objects of other owners, but it can deny it."""
    of_bob = canned_acl("private", BOB, ALICE)
    assert not is_allowed(
        access_request(CAROL), "s3:GetObject", bucket_with_policy(statement()), of_bob
    )
    assert not is_allowed(
        access_request(BOB), "s3:GetObject", bucket_with_policy(statement(Effect="Deny")), of_bob
    )
    enforced = bucket_with_policy(statement(), ownership=Ownership.BUCKET_OWNER_ENFORCED)
    assert is_allowed(access_request(CAROL), "s3:GetObject", enforced, of_bob)
    writing = bucket_with_policy(statement(Action="s3:PutObject"))
    assert is_allowed(access_request(CAROL), "s3:PutObject", writing, of_bob)


@pytest.mark.parametrize(
    ("principal", "who"),
    [
        ("*", {"bob", "carol", "anonymous"}),
        ({"AWS": "*"}, {"bob", "carol", "anonymous"}),
        ({"AWS": ["*"]}, {"bob", "carol", "anonymous"}),
        ({"AWS": f"arn:aws:iam::{BOB.account_number}:root"}, {"bob"}),
        ({"AWS": f"arn:aws:iam::{BOB.account_number}:user/bob"}, {"bob"}),
        ({"AWS": f"arn:aws:iam::{BOB.account_number}:user/carol"}, set()),
        ({"AWS": f"arn:aws:iam:::user/{BOB.id}"}, {"bob"}),
        ({"AWS": BOB.account_number}, {"bob"}),
        ({"AWS": f"{BOB}-key"}, {"bob"}),
        ({"CanonicalUser": [BOB.id, CAROL.id]}, {"bob", "carol"}),
        ({"AWS": ["arn:aws:iam::s3tenant1:root"]}, set()),
        ({"Service": "bob", "Federated": CAROL.id}, set()),
    ],
    ids=lambda document: " ".join(sorted(document)) if isinstance(document, set) else str(document),
)
def test_principals(principal: Any, who: set[str]) -> None:
    """A statement applies to the principals that it names, in each notation."""
    bucket = bucket_with_policy(statement(Principal=principal))
    callers = {"bob": BOB, "carol": CAROL, "anonymous": ANONYMOUS}
    allowed = {
        n
        for n, c in callers.items()
        if is_allowed(access_request(c), "s3:GetObject", bucket, PRIVATE)
    }
    assert allowed == who


def test_not_principal() -> None:
    """A denial for all but some principals applies to all others, including anonymous callers."""
    excepted = {"AWS": [ALICE.account_number, BOB.account_number]}
    denial = statement(Effect="Deny", Principal=None, NotPrincipal=excepted)
    bucket = bucket_with_policy(statement(), denial)
    for caller, expected in ((ALICE, True), (BOB, True), (CAROL, False), (ANONYMOUS, False)):
        assert is_allowed(access_request(caller), "s3:GetObject", bucket, PRIVATE) is expected


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
    """Wildcards match any text or one character; actions are case-insensitive, keys are not."""
    assert (
        is_allowed(
            access_request(BOB, path), action, bucket_with_policy(statement(**changed)), PRIVATE
        )
        is expected
    )


def test_keys_outside_the_path() -> None:
    """For requests on many objects, each is decided by its own key."""
    bucket = bucket_with_policy(
        statement(Action="s3:DeleteObject", Resource="arn:aws:s3:::bucket/a")
    )
    several = access_request(BOB, "/bucket?delete")
    assert is_allowed(replace(several, key="a"), "s3:DeleteObject", bucket, PRIVATE)
    assert not is_allowed(replace(several, key="b"), "s3:DeleteObject", bucket, PRIVATE)


def test_restricted_buckets() -> None:
    """Where public policies are restricted, they allow only the owner; other policies still
    apply."""
    block = PublicAccessBlock(restrict_public_buckets=True)
    assert not is_allowed(
        access_request(BOB), "s3:GetObject", bucket_with_policy(statement(), block=block), PRIVATE
    )
    for_bob = statement(Principal={"AWS": BOB.account_number})
    assert is_allowed(
        access_request(BOB), "s3:GetObject", bucket_with_policy(for_bob, block=block), PRIVATE
    )


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
def test_malformed_policies(document: Any) -> None:
    """What is not a policy is refused as malformed."""
    text = document if isinstance(document, str) else json.dumps(document)
    body = text.encode("utf-8", "surrogatepass")
    assert raised_error(policy_json.parse, body, "bucket").code == "MalformedPolicy"


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
        {"Principal": None, "NotPrincipal": {"AWS": BOB.account_number}},
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
def test_malformed_statements(changed: dict[str, Any]) -> None:
    """Each part of a statement must be valid, and apply to the bucket."""
    assert raised_error(policy, statement(**changed)).code == "MalformedPolicy"


def test_policies_of_the_documentation() -> None:
    """The older version, a single statement and an Id are accepted."""
    document = {"Version": "2008-10-17", "Id": "x", "Statement": statement(Sid="Allow the public")}
    parsed = policy_json.parse(json.dumps(document).encode(), "bucket")
    assert parsed == policy(statement())


def test_pattern_matching_is_fast() -> None:
    """A pattern of many wildcards is matched without exponential backtracking."""
    evil = statement(Resource=f"arn:aws:s3:::bucket/{'*a' * 200}b")
    assert not is_allowed(
        access_request(BOB, f"/bucket/{'a' * 1000}"),
        "s3:GetObject",
        bucket_with_policy(evil),
        PRIVATE,
    )


def test_every_action_is_decided() -> None:
    """Every action that a policy can name is allowed to the owner."""
    for action in ACTIONS:
        assert is_allowed(access_request(ALICE), action, BUCKET, PRIVATE), action
        bucket = bucket_with_policy(
            statement(Effect="Deny", Action=action, Resource="arn:aws:s3:::bucket*")
        )
        denied = not is_allowed(access_request(ALICE), action, bucket, PRIVATE)
        assert denied is not action.endswith("BucketPolicy"), action
