"""Bucket policies: how they are read, and what they allow and deny."""

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


def test_a_policy_allows() -> None:
    """What a policy allows, needs no list; what it does not speak of, still does."""
    bucket = bucket_with_policy(statement())
    assert is_allowed(access_request(ANONYMOUS), "s3:GetObject", bucket, PRIVATE)
    assert not is_allowed(access_request(ANONYMOUS), "s3:GetObjectVersion", bucket, PRIVATE)
    assert not is_allowed(access_request(ANONYMOUS), "s3:ListBucket", bucket)
    assert not is_allowed(access_request(ANONYMOUS), "s3:PutObject", bucket)


def test_a_denial_outweighs_everything() -> None:
    """A denial counts against the owner, against lists, and against whatever else is allowed."""
    bucket = bucket_with_policy(statement(Effect="Deny"), statement())
    assert not is_allowed(
        access_request(ALICE), "s3:GetObject", bucket, canned_acl("public-read", ALICE, ALICE)
    )
    assert is_allowed(access_request(ALICE), "s3:GetObjectAcl", bucket, PRIVATE)


def test_nobody_locks_himself_out() -> None:
    """The owner reaches the policy whatever it says; nobody else does."""
    bucket = bucket_with_policy(
        statement(Effect="Deny", Action="s3:*", Resource=["arn:aws:s3:::bucket*"])
    )
    for action in ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"):
        assert is_allowed(access_request(ALICE), f"s3:{action}", bucket)
        assert not is_allowed(access_request(BOB), f"s3:{action}", bucket)
    assert not is_allowed(access_request(ALICE), "s3:ListBucket", bucket)


def test_an_owner_gives_only_what_is_his() -> None:
    """A policy cannot give away the objects of others, but it can deny them."""
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
        ("*", {"bob", "carol", "anybody"}),
        ({"AWS": "*"}, {"bob", "carol", "anybody"}),
        ({"AWS": ["*"]}, {"bob", "carol", "anybody"}),
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
    ids=lambda told: " ".join(sorted(told)) if isinstance(told, set) else str(told),
)
def test_principals(principal: Any, who: set[str]) -> None:
    """A statement is about those whom it names, in each of the ways to name them."""
    bucket = bucket_with_policy(statement(Principal=principal))
    callers = {"bob": BOB, "carol": CAROL, "anybody": ANONYMOUS}
    found = {
        n
        for n, c in callers.items()
        if is_allowed(access_request(c), "s3:GetObject", bucket, PRIVATE)
    }
    assert found == who


def test_not_principal() -> None:
    """A denial for all but some is one for all others, those who have not signed too."""
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
    """Wildcards stand for any text and for one character; actions go in any case, keys do not."""
    assert (
        is_allowed(
            access_request(BOB, path), action, bucket_with_policy(statement(**changed)), PRIVATE
        )
        is expected
    )


def test_keys_that_are_not_in_the_path() -> None:
    """One request can be about many objects: each is asked for by its own name."""
    bucket = bucket_with_policy(
        statement(Action="s3:DeleteObject", Resource="arn:aws:s3:::bucket/a")
    )
    several = access_request(BOB, "/bucket?delete")
    assert is_allowed(replace(several, key="a"), "s3:DeleteObject", bucket, PRIVATE)
    assert not is_allowed(replace(several, key="b"), "s3:DeleteObject", bucket, PRIVATE)


def test_restricted_buckets() -> None:
    """Where public policies are restricted, they help nobody but the owner; others still do."""
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
def test_documents_that_are_no_policy(document: Any) -> None:
    """What is no policy is refused as malformed, however it is malformed."""
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
def test_statements_that_are_none(changed: dict[str, Any]) -> None:
    """Each part of a statement has its form, and speaks of the bucket and of what can be done to
    it."""
    assert raised_error(policy, statement(**changed)).code == "MalformedPolicy"


def test_policies_of_the_documentation() -> None:
    """The older version and a lone statement are understood; so is an Id."""
    told = {"Version": "2008-10-17", "Id": "x", "Statement": statement(Sid="Allow the public")}
    parsed = policy_json.parse(json.dumps(told).encode(), "bucket")
    assert parsed == policy(statement())


def test_patterns_cannot_take_for_ever() -> None:
    """A pattern of many wildcards is answered at once."""
    evil = statement(Resource=f"arn:aws:s3:::bucket/{'*a' * 200}b")
    assert not is_allowed(
        access_request(BOB, f"/bucket/{'a' * 1000}"),
        "s3:GetObject",
        bucket_with_policy(evil),
        PRIVATE,
    )


def test_every_right_can_be_asked() -> None:
    """There is an answer for each action that a policy can name: its owner's is yes."""
    for action in ACTIONS:
        assert is_allowed(access_request(ALICE), action, BUCKET, PRIVATE), action
        bucket = bucket_with_policy(
            statement(Effect="Deny", Action=action, Resource="arn:aws:s3:::bucket*")
        )
        denied = not is_allowed(access_request(ALICE), action, bucket, PRIVATE)
        assert denied is not action.endswith("BucketPolicy"), action
