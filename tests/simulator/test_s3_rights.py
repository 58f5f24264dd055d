"""Access to buckets and objects over HTTP, and the settings of a bucket."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.s3_clients import RawClient, UserClients, error_of

DENIED = (403, "AccessDenied")


@pytest.fixture
def bucket(clients: UserClients, request: pytest.FixtureRequest) -> str:
    """A bucket of alice's with an object in it, named after the test."""
    name = request.node.name.replace("_", "-").replace("test-", "", 1)
    clients().create_bucket(Bucket=name)
    clients().put_object(Bucket=name, Key="k", Body=b"x")
    return str(name)


def policy_text(bucket: str, action: str, *, inside: str = "", effect: str = "Allow") -> str:
    """A policy that allows or denies everyone one action."""
    statement = {
        "Effect": effect,
        "Principal": "*",
        "Action": action,
        "Resource": f"arn:aws:s3:::{bucket}{inside}",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_private_buckets(clients: UserClients, bucket: str) -> None:
    """Only the owner has access to a new bucket and its objects, by any operation."""
    for other in (clients("bob"), clients("")):
        which = {"Bucket": bucket, "Key": "k"}
        for call in (other.get_object, other.put_object, other.delete_object):
            assert error_of(call, **which) == DENIED
        assert error_of(other.get_object, Bucket=bucket, Key="none") == DENIED
        for call in (
            other.list_objects,
            other.list_object_versions,
            other.list_multipart_uploads,
            other.get_bucket_acl,
            other.get_bucket_policy,
            other.get_bucket_versioning,
            other.get_bucket_cors,
            other.delete_bucket,
        ):
            assert error_of(call, Bucket=bucket) == DENIED
    assert clients("").list_buckets()["Buckets"] == []
    assert error_of(clients("").create_bucket, Bucket="nobodys") == DENIED
    assert clients().get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_access_control_lists(clients: UserClients, bucket: str) -> None:
    """Canned ACLs and grants give access to an object or a bucket, and are returned as they were
    set."""
    alice, bob, anonymous = clients(), clients("bob"), clients("")
    which = {"Bucket": bucket, "Key": "k"}
    alice.put_object_acl(**which, ACL="public-read")
    assert anonymous.get_object(**which)["Body"].read() == b"x"
    assert error_of(anonymous.get_object_acl, **which) == DENIED
    alice.put_object_acl(**which, ACL="private")
    assert error_of(anonymous.get_object, **which) == DENIED
    mine = alice.get_object_acl(**which)
    bobs = bob.list_buckets()["Owner"]["ID"]
    grant = {"Grantee": {"Type": "CanonicalUser", "ID": bobs}, "Permission": "READ"}
    policy = {"Owner": mine["Owner"], "Grants": [*mine["Grants"], grant]}
    alice.put_object_acl(**which, AccessControlPolicy=policy)
    assert bob.get_object(**which)["Body"].read() == b"x"
    assert [
        access_grant["Permission"] for access_grant in alice.get_object_acl(**which)["Grants"]
    ] == [
        "FULL_CONTROL",
        "READ",
    ]
    alice.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    assert len(anonymous.list_objects(Bucket=bucket)["Contents"]) == 1
    bob.put_object(Bucket=bucket, Key="bobs", ACL="bucket-owner-full-control")
    assert alice.get_object_acl(Bucket=bucket, Key="bobs")["Owner"]["DisplayName"] == "bob"
    alice.put_bucket_acl(Bucket=bucket, GrantRead=f"id={bobs}")
    assert error_of(anonymous.list_objects, Bucket=bucket) == DENIED
    bob.list_objects(Bucket=bucket)
    assert error_of(alice.put_bucket_acl, Bucket=bucket, ACL="open") == (400, "InvalidArgument")


def test_owners_without_grants(clients: UserClients, bucket: str) -> None:
    """An owner without grants may only read and change the ACL."""
    alice = clients()
    mine = alice.get_bucket_acl(Bucket=bucket)
    nothing = {"Owner": mine["Owner"], "Grants": []}
    alice.put_bucket_acl(Bucket=bucket, AccessControlPolicy=nothing)
    assert error_of(alice.list_objects, Bucket=bucket) == DENIED
    assert error_of(alice.put_object, Bucket=bucket, Key="k") == DENIED
    assert alice.get_bucket_acl(Bucket=bucket)["Grants"] == []
    alice.put_bucket_acl(Bucket=bucket, ACL="private")
    alice.list_objects(Bucket=bucket)


def test_policies(clients: UserClients, bucket: str) -> None:
    """A policy allows what it names and denies it to the owner too; only the owner can read and
    delete it."""
    alice, anonymous = clients(), clients("")
    assert error_of(alice.get_bucket_policy, Bucket=bucket) == (404, "NoSuchBucketPolicy")
    text = policy_text(bucket, "s3:GetObject", inside="/*")
    alice.put_bucket_policy(Bucket=bucket, Policy=text)
    assert anonymous.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    assert error_of(anonymous.get_bucket_policy, Bucket=bucket) == DENIED
    assert alice.get_bucket_policy(Bucket=bucket)["Policy"] == text
    assert alice.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True
    alice.put_bucket_policy(
        Bucket=bucket, Policy=policy_text(bucket, "s3:*", inside="/*", effect="Deny")
    )
    assert error_of(alice.get_object, Bucket=bucket, Key="k") == DENIED
    alice.delete_bucket_policy(Bucket=bucket)
    alice.get_object(Bucket=bucket, Key="k")["Body"].read()
    wrong = error_of(alice.put_bucket_policy, Bucket=bucket, Policy="{}")
    assert wrong == (400, "MalformedPolicy")


def test_public_access_can_be_blocked(clients: UserClients, bucket: str) -> None:
    """A bucket's owner can block what would make it public."""
    alice, anonymous = clients(), clients("")
    alice.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    switches = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy"), True)
    alice.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=switches)
    response = alice.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert {name: response[name] for name in switches} == switches
    assert error_of(anonymous.get_object, Bucket=bucket, Key="k") == DENIED
    public = {"Bucket": bucket, "Key": "p", "ACL": "public-read"}
    assert error_of(alice.put_object, **public) == DENIED
    policy = policy_text(bucket, "s3:GetObject", inside="/*")
    assert error_of(alice.put_bucket_policy, Bucket=bucket, Policy=policy) == DENIED
    alice.delete_public_access_block(Bucket=bucket)
    assert anonymous.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_acls_can_be_disabled(clients: UserClients) -> None:
    """With bucket owner enforced ownership, ACLs do not count and cannot be set."""
    alice = clients()
    alice.create_bucket(Bucket="enforced", ObjectOwnership="BucketOwnerEnforced")
    rules = alice.get_bucket_ownership_controls(Bucket="enforced")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    refusal = error_of(alice.put_object, Bucket="enforced", Key="k", ACL="public-read")
    assert refusal == (400, "AccessControlListNotSupported")


def test_tags(clients: UserClients, bucket: str) -> None:
    """Objects and buckets have tags, set with the object or later."""
    alice, which = clients(), {"Bucket": bucket, "Key": "tagged"}
    alice.put_object(**which, Tagging="a=1&b=two%20words")
    first = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "two words"}]
    assert alice.get_object_tagging(**which)["TagSet"] == first
    head = alice.head_object(**which)
    assert head["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
    alice.put_object_tagging(**which, Tagging={"TagSet": first[:1]})
    assert alice.get_object_tagging(**which)["TagSet"] == first[:1]
    alice.delete_object_tagging(**which)
    assert alice.get_object_tagging(**which)["TagSet"] == []
    many = [{"Key": str(number), "Value": ""} for number in range(11)]
    for wrong, code in ((many, "BadRequest"), (many[:1] * 2, "InvalidTag")):
        tags = {"TagSet": wrong}
        assert error_of(alice.put_object_tagging, **which, Tagging=tags) == (400, code)
    assert error_of(alice.get_bucket_tagging, Bucket=bucket) == (404, "NoSuchTagSet")
    alice.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": first})
    assert alice.get_bucket_tagging(Bucket=bucket)["TagSet"] == first
    alice.delete_bucket_tagging(Bucket=bucket)
    assert error_of(alice.get_bucket_tagging, Bucket=bucket) == (404, "NoSuchTagSet")


def test_cross_origin_requests(clients: UserClients, bucket: str) -> None:
    """The bucket's CORS rules decide on preflight requests and on the headers of replies."""
    alice, wire = clients(), RawClient(clients.deployment)
    rule = {
        "AllowedOrigins": ["http://*.example.org"],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["x-amz-*"],
        "MaxAgeSeconds": 60,
    }
    alice.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    assert alice.get_bucket_cors(Bucket=bucket)["CORSRules"] == [rule]
    path = f"{wire.url.path}/{bucket}/k"
    origin = "http://www.example.org"
    preflight = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-amz-date, X-Amz-Acl",
    }
    response = wire.send("OPTIONS", path, headers=preflight)
    assert (response.status, response.headers["access-control-allow-origin"]) == (200, origin)
    assert response.headers["access-control-allow-headers"] == "x-amz-date, x-amz-acl"
    assert response.headers["access-control-max-age"] == "60"
    for change in (
        {"Origin": "http://example.com"},
        {"Access-Control-Request-Method": "DELETE"},
        {"Access-Control-Request-Headers": "x-other"},
    ):
        assert wire.send("OPTIONS", path, headers={**preflight, **change}).status == 403
    assert wire.send("OPTIONS", path).status == 400
    answer = wire.send_signed("GET", f"/{bucket}/k", headers={"Origin": origin})
    assert (answer.body, answer.headers["access-control-allow-origin"]) == (b"x", origin)
    answer = wire.send("GET", path, headers={"Origin": origin})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (403, origin)
    wrong = {"CORSRules": [{**rule, "AllowedMethods": ["PATCH"]}]}
    refusal = error_of(alice.put_bucket_cors, Bucket=bucket, CORSConfiguration=wrong)
    assert refusal == (400, "InvalidRequest")
    alice.delete_bucket_cors(Bucket=bucket)
    gone = (404, "NoSuchCORSConfiguration")
    assert error_of(alice.get_bucket_cors, Bucket=bucket) == gone
    wire.close()


def test_settings_without_effect_are_refused(clients: UserClients, bucket: str) -> None:
    """Rules that would have no effect are refused, not stored."""
    rule = {"Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 2}}
    refusal = error_of(
        clients().put_bucket_lifecycle_configuration,
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [rule]},
    )
    assert refusal == (501, "NotImplemented")


def test_locked_versions(clients: UserClients) -> None:
    """A locked version cannot be deleted until its hold is removed; a governed one can be with
    bypass."""
    alice = clients()
    alice.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    assert alice.get_bucket_versioning(Bucket="locked")["Status"] == "Enabled"
    until = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)

    def stored(**locks: Any) -> dict[str, str]:
        response = alice.put_object(Bucket="locked", Key="k", **locks)
        return {"Bucket": "locked", "Key": "k", "VersionId": response["VersionId"]}

    governed = stored(ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    strict = stored(ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
    held = stored(ObjectLockLegalHoldStatus="ON")
    free = stored()
    response = alice.head_object(**strict)
    assert (response["ObjectLockMode"], response["ObjectLockRetainUntilDate"]) == (
        "COMPLIANCE",
        until,
    )
    for version in (governed, strict, held):
        assert error_of(alice.delete_object, **version) == DENIED
    bypass = {"BypassGovernanceRetention": True}
    assert error_of(alice.delete_object, **strict, **bypass) == DENIED
    shorter = {"Mode": "COMPLIANCE", "RetainUntilDate": until - timedelta(hours=1)}
    assert error_of(alice.put_object_retention, **strict, Retention=shorter) == DENIED
    alice.delete_object(**governed, **bypass)
    alice.put_object_legal_hold(**held, LegalHold={"Status": "OFF"})
    alice.delete_object(**held)
    alice.delete_object(**free)
    assert alice.delete_object(Bucket="locked", Key="k")["DeleteMarker"] is True


def test_default_locks(clients: UserClients, bucket: str) -> None:
    """A versioned bucket can lock new objects by default; other buckets have no locks."""
    alice = clients()
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    configure = {"Bucket": bucket, "ObjectLockConfiguration": configuration}
    none = (404, "ObjectLockConfigurationNotFoundError")
    assert error_of(alice.get_object_lock_configuration, Bucket=bucket) == none
    no_locks = (400, "InvalidRequest")
    assert error_of(alice.get_object_retention, Bucket=bucket, Key="k") == no_locks
    assert error_of(alice.put_object_lock_configuration, **configure) == (409, "InvalidBucketState")
    versioning = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}}
    alice.put_bucket_versioning(**versioning)
    alice.put_object_lock_configuration(**configure)
    assert (
        alice.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
        == configuration
    )
    response = alice.put_object(Bucket=bucket, Key="k")
    which = {"Bucket": bucket, "Key": "k", "VersionId": response["VersionId"]}
    assert alice.get_object_retention(**which)["Retention"]["Mode"] == "GOVERNANCE"
    assert error_of(alice.delete_object, **which) == DENIED
    versioning["VersioningConfiguration"] = {"Status": "Suspended"}
    assert error_of(alice.put_bucket_versioning, **versioning) == (409, "InvalidBucketState")
    rule["DefaultRetention"]["Days"] = 0
    assert error_of(alice.put_object_lock_configuration, **configure) == (
        400,
        "InvalidRetentionPeriod",
    )
