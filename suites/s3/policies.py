"""S3: which user may do what, as the bucket's policy decides; policies set and returned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from fixtures.model import ANONYMOUS, ProcedureRequirement, Step
from suites.s3.dsl import (
    LETTER,
    RAW,
    CaseOptions,
    Cases,
    S3Suite,
    copy,
    delete,
    get,
    list_keys,
    must_fail,
    put,
    request,
)

POLICY = Cases(frozenset({"s3-policy"}))
BUCKET, INSIDE = "arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"
OTHER = {"CanonicalUser": "{other.id}"}
EVERYONE = {"AWS": "*"}


def statement(action: str | list[str], resource: str | list[str] = INSIDE, **more: Any) -> Any:
    """A statement that allows the action to everyone; `more` are further or other elements."""
    return {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": EVERYONE,
        "Action": action,
        "Resource": resource,
        **more,
    }


def put_policy(*statements: Any) -> Step:
    """PutBucketPolicy."""
    return request("PutBucketPolicy", Policy=policy_text(*statements))


def policy_text(*statements: Any) -> str:
    """A policy of these statements, as JSON."""
    return json.dumps({"Version": "2008-10-17", "Id": "conform", "Statement": list(statements)})


def checks_policy(
    row: str, name: str, text: str, *steps: Step, **options: Unpack[CaseOptions]
) -> ProcedureRequirement:
    """A case about what a policy allows or denies."""
    return POLICY.checks_access(row, f"policy-{name}", text, *steps, **options)


READ = statement("s3:GetObject")

LIFE = (
    POLICY.answers(
        "PutBucketPolicy",
        "kept",
        "A policy is returned as it was put.",
        put_policy(READ).with_status(200, 204),
        request("GetBucketPolicy").returns(Policy=policy_text(READ)),
    ),
    POLICY.answers(
        "PutBucketPolicy",
        "replaced",
        "A policy replaces the previous one.",
        put_policy(READ),
        setup=(put_policy(statement("s3:PutObject")),),
        verify=(request("GetBucketPolicy").returns(Policy=policy_text(READ)),),
    ),
    POLICY.answers(
        "DeleteBucketPolicy",
        "removed",
        "A policy can be deleted.",
        request("DeleteBucketPolicy").with_status(204),
        setup=(put_policy(READ),),
        verify=(must_fail(request("GetBucketPolicy"), "NoSuchBucketPolicy"),),
    ),
    POLICY.answers(
        "DeleteBucketPolicy",
        "nothing-there",
        "Deleting the policy of a bucket without one succeeds.",
        request("DeleteBucketPolicy").with_status(204),
    ),
)

# Action → the request that needs it, and the resource that the request is about.
ACTIONS: Mapping[str, tuple[Step, str]] = {
    "GetObject": (get().returns(LETTER), INSIDE),
    "PutObject": (put("new", "x"), INSIDE),
    "DeleteObject": (delete(), INSIDE),
    "ListBucket": (list_keys("letter"), BUCKET),
    "GetObjectAcl": (
        request("GetObjectAcl", Key="letter").returns(Owner={"present": True}),
        INSIDE,
    ),
    "PutObjectAcl": (request("PutObjectAcl", Key="letter", ACL="public-read"), INSIDE),
    "GetBucketAcl": (request("GetBucketAcl").returns(Owner={"present": True}), BUCKET),
    "GetBucketLocation": (request("GetBucketLocation"), BUCKET),
    "GetBucketVersioning": (request("GetBucketVersioning"), BUCKET),
    "ListBucketVersions": (
        request("ListObjectVersions").with_fields({"Versions[].Key": [["letter"]]}),
        BUCKET,
    ),
    "ListBucketMultipartUploads": (
        request("ListMultipartUploads").with_fields({"Uploads[].Key": [["parts"]]}),
        BUCKET,
    ),
}
DONE: Mapping[str, Step] = {  # what shows that a change was carried out
    "PutObject": list_keys("letter", "new"),
    "DeleteObject": list_keys(),
    "PutObjectAcl": get().by(ANONYMOUS).returns(LETTER),
}
BEFORE: Mapping[str, Step] = {  # what has to be there, besides the object `letter`
    "ListBucketMultipartUploads": request("CreateMultipartUpload", Key="parts"),
}


def _actions() -> Iterator[ProcedureRequirement]:
    for action, (step, resource) in ACTIONS.items():
        row = step.request.operation
        allowed = put_policy(statement(f"s3:{action}", resource, Principal=OTHER))
        elsewhere = put_policy(statement("s3:AbortMultipartUpload", INSIDE, Principal=OTHER))
        yield checks_policy(
            row,
            f"allows-{action}",
            f"A policy that allows s3:{action} to another account allows it {row}.",
            step.by("other"),
            setup=(put(), *filter(None, (BEFORE.get(action),)), allowed),
            verify=tuple(filter(None, (DONE.get(action),))),
        )
        yield checks_policy(
            row,
            f"without-{action}",
            f"A policy that allows another action does not allow another account {row}.",
            must_fail(step.by("other"), "AccessDenied"),
            setup=(put(), elsewhere),
            allowed_after=(put(), allowed),
            drivers=RAW,
        )
        denied = statement(f"s3:{action}", resource, Principal=OTHER, Effect="Deny", Sid="no")
        yield checks_policy(
            row,
            f"denies-{action}",
            f"A policy that denies s3:{action} overrides a statement that allows {row}.",
            must_fail(step.by("other"), "AccessDenied"),
            setup=(put(), put_policy(statement(f"s3:{action}", resource), denied)),
            allowed_after=(put(), allowed),
            drivers=RAW,
        )


PRINCIPALS = (
    checks_policy(
        "GetObject",
        "anybody",
        "What a policy allows to everyone is allowed to unsigned callers.",
        get().by(ANONYMOUS).returns(LETTER),
        setup=(put(), put_policy(READ)),
    ),
    checks_policy(
        "GetObject",
        "star",
        "The principal * is everyone, unsigned callers included.",
        get().by(ANONYMOUS).returns(LETTER),
        setup=(put(), put_policy({**READ, "Principal": "*"})),
    ),
    checks_policy(
        "GetObject",
        "only-that-user",
        "What a policy allows to one user is not allowed to others.",
        must_fail(get().by(ANONYMOUS), "AccessDenied"),
        setup=(put(), put_policy({**READ, "Principal": OTHER})),
        allowed_after=(put(), put_policy(READ)),
    ),
    checks_policy(
        "GetObject",
        "denies-the-owner",
        "A policy can deny an action to the owner.",
        must_fail(get(), "AccessDenied"),
        setup=(put(), put_policy({**READ, "Effect": "Deny"})),
    ),
    checks_policy(
        "PutBucketPolicy",
        "owner-may-always-change",
        "The owner can replace a policy that denies everything.",
        put_policy(READ),
        setup=(put(), put_policy(statement("s3:*", [BUCKET, INSIDE], Effect="Deny"))),
        verify=(get().by(ANONYMOUS).returns(LETTER),),
        drivers=RAW,
    ),
)

COPY = (
    checks_policy(
        "CopyObject",
        "copy-needs-both",
        "A caller that may read the source and write the copy can copy.",
        copy().by("other"),
        setup=(put(), put_policy(statement(["s3:GetObject", "s3:PutObject"], Principal=OTHER))),
        verify=(list_keys("copy", "letter"),),
    ),
    checks_policy(
        "CopyObject",
        "copy-without-read",
        "A caller that may write the copy but not read the source cannot copy.",
        must_fail(copy().by("other"), "AccessDenied"),
        setup=(put(), put_policy(statement("s3:PutObject", Principal=OTHER))),
        allowed_after=(
            put(),
            put_policy(statement(["s3:GetObject", "s3:PutObject"], Principal=OTHER)),
        ),
        drivers=RAW,
    ),
)

MALFORMED: Mapping[str, str] = {
    "no-json": "{ this is no policy",
    "no-statement": '{"Version": "2008-10-17"}',
    "no-effect": json.dumps(
        {"Statement": [{"Principal": "*", "Action": "s3:GetObject", "Resource": INSIDE}]}
    ),
    "unknown-effect": policy_text({**READ, "Effect": "Perhaps"}),
    "no-principal": json.dumps(
        {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": INSIDE}]}
    ),
    "no-action": json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Resource": INSIDE}]}
    ),
    "unknown-action": policy_text({**READ, "Action": "s3:Dance"}),
    "no-resource": json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}
    ),
    "other-bucket": policy_text({**READ, "Resource": "arn:aws:s3:::some-other-bucket/*"}),
    "unknown-version": json.dumps({"Version": "1999-01-01", "Statement": [READ]}),
    "unknown-condition": policy_text({**READ, "Condition": {"Feels": {"aws:SourceIp": "x"}}}),
    "empty": "{}",
}


def _malformed_policies() -> Iterator[ProcedureRequirement]:
    for name, document in MALFORMED.items():
        yield POLICY.rejects(
            "PutBucketPolicy",
            f"malformed-{name}",
            f"A malformed policy is refused ({name}).",
            must_fail(request("PutBucketPolicy", Policy=document), "MalformedPolicy"),
            verify=(must_fail(request("GetBucketPolicy"), "NoSuchBucketPolicy"),),
            drivers=("boto3", "raw"),
        )


REJECTIONS = (
    POLICY.rejects(
        "GetBucketPolicy",
        "none",
        "The policy of a bucket without one cannot be read.",
        must_fail(request("GetBucketPolicy"), "NoSuchBucketPolicy"),
    ),
    checks_policy(
        "PutBucketPolicy",
        "foreign",
        "Another account cannot set the policy of the owner's bucket.",
        must_fail(put_policy(READ).by("other"), "AccessDenied", "MethodNotAllowed"),
        verify=(must_fail(request("GetBucketPolicy"), "NoSuchBucketPolicy"),),
    ),
    checks_policy(
        "GetBucketPolicy",
        "foreign",
        "Another account cannot read the policy of the owner's bucket.",
        must_fail(request("GetBucketPolicy").by("other"), "AccessDenied", "MethodNotAllowed"),
        setup=(put_policy(READ),),
    ),
    checks_policy(
        "DeleteBucketPolicy",
        "foreign",
        "Another account cannot delete the policy of the owner's bucket.",
        must_fail(request("DeleteBucketPolicy").by("other"), "AccessDenied", "MethodNotAllowed"),
        setup=(put_policy(READ),),
        verify=(request("GetBucketPolicy").returns(Policy=policy_text(READ)),),
    ),
)


class TestPolicies(S3Suite):
    """Policies set, returned and enforced."""

    requirements = (
        *LIFE,
        *_actions(),
        *PRINCIPALS,
        *COPY,
        *_malformed_policies(),
        *REJECTIONS,
    )
