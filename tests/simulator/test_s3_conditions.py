"""The conditions of bucket policies, and which policies are public."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.simulator.bridge.s3.policy.access import PublicAccessBlock, check_policy, is_allowed
from tests.support.s3_requests import raised_error
from tests.support.s3_users import (
    BOB,
    BUCKET,
    PRIVATE,
    access_request,
    bucket_with_policy,
    statement,
)


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
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{BOB.account_number}:*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:*"}}, False),
        ({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::1:root"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": BOB.account_number, "s3:prefix": "a/"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": BOB.account_number, "s3:prefix": "b"}}, False),
        ({"StringEquals": {"s3:prefix": "a/"}, "Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"aws:userid": BOB.account_number, "aws:username": "bob"}}, True),
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
    """Each operator with each kind of key, with and without a value in the request."""
    listing = {
        **{"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket"},
        **{"Condition": condition},
    }
    access = replace(
        access_request(
            BOB,
            "/bucket?prefix=a%2F&max-keys=10",
            referer="http://www.example.com/index.html",
            user_agent="curl/8",
            authorization="AWS4-HMAC-SHA256 …".encode().decode("latin-1"),
            x_amz_acl="public-read",
            x_amz_copy_source="/source/public/a%20b",
            x_amz_tagging="a=1&b",
        ),
        auth_type="REST-HEADER",
        tags={"Security": "public"},
    )
    assert is_allowed(access, "s3:ListBucket", bucket_with_policy(statement(**listing))) is expected


def test_conditions_on_anonymous_requests() -> None:
    """Anonymous requests have few condition values."""
    condition = {"StringEquals": {"aws:PrincipalAccount": BOB.account_number}}
    assert not is_allowed(
        access_request(None),
        "s3:GetObject",
        bucket_with_policy(statement(Condition=condition)),
        PRIVATE,
    )
    condition = {"StringEquals": {"aws:PrincipalType": "Anonymous"}}
    assert is_allowed(
        access_request(None),
        "s3:GetObject",
        bucket_with_policy(statement(Condition=condition)),
        PRIVATE,
    )
    condition = {"StringEquals": {"s3:signatureversion": "AWS"}}
    assert not is_allowed(
        access_request(None),
        "s3:GetObject",
        bucket_with_policy(statement(Condition=condition)),
        PRIVATE,
    )


@pytest.mark.parametrize(
    ("changed", "public"),
    [
        ({}, True),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"AWS": BOB.account_number}}, False),
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
    """A policy is public if it allows everyone; it is refused where public policies are blocked."""
    bucket = bucket_with_policy(statement(**changed))
    assert bucket.public is public
    blocking = replace(BUCKET, block=PublicAccessBlock(block_public_policy=True))
    assert bucket.policy is not None
    if public:
        assert raised_error(check_policy, bucket.policy, blocking).code == "AccessDenied"
    else:
        check_policy(bucket.policy, blocking)
