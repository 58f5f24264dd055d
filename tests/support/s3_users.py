"""Users, requests and policies for the tests of S3's access control."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fixtures.simulator.bridge.s3.auth.users import AccountDirectory, CanonicalUser, canonical_user
from fixtures.simulator.bridge.s3.policy import policy_json
from fixtures.simulator.bridge.s3.policy.access import AccessRequest, BucketAccess
from fixtures.simulator.bridge.s3.policy.acl_headers import canned_acl
from fixtures.simulator.bridge.s3.policy.bucket_policy import BucketPolicy
from tests.support.s3_requests import SERVICE, parse_request

ALICE, BOB, CAROL = canonical_user("alice"), canonical_user("bob"), canonical_user("carol")
ANONYMOUS = None
ACCOUNTS = AccountDirectory(
    lambda: [
        ("alice", ["alice@example.com"]),
        ("bob", ["bob@example.com", "both@example.com"]),
        ("carol", ["both@example.com"]),
    ]
)
MOMENT = 1_400_000_000.0  # 2014-05-13T16:53:20Z
PRIVATE = canned_acl("private", ALICE, ALICE)
BUCKET = BucketAccess("bucket", PRIVATE)


def access_request(
    caller: CanonicalUser | None, path: str = "/bucket/key", **headers: str
) -> AccessRequest:
    """A request by a caller, with these headers (underscores stand for hyphens)."""
    sent_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return AccessRequest(
        caller, parse_request("GET", f"{SERVICE}{path}", sent_headers), MOMENT, f"{caller}-key"
    )


def statement(**changed: Any) -> dict[str, Any]:
    """A statement that allows everyone to read objects; changes to None remove a field."""
    default = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::bucket/*",
    }
    return {k: v for k, v in {**default, **changed}.items() if v is not None}


def policy(*statements: dict[str, Any]) -> BucketPolicy:
    """A policy of the bucket."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return policy_json.parse(json.dumps(document).encode(), "bucket")


def bucket_with_policy(*statements: dict[str, Any], **changed: Any) -> BucketAccess:
    """The bucket with a policy of these statements."""
    return replace(BUCKET, policy=policy(*statements), **changed)
