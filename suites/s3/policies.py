"""S3: who may do what by a bucket's policy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement, Step
from suites.s3 import (
    LETTER,
    RAW,
    Stories,
    ask,
    copy,
    delete,
    get,
    keys,
    put,
    refused,
    rejects,
    rights,
    tells,
)

NEEDED = {"s3-policy"}
BUCKET, INSIDE = "arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"
OTHER = {"CanonicalUser": "{other.id}"}
ANYBODY = {"AWS": "*"}


def statement(action: str | list[str], resource: str | list[str] = INSIDE, **more: Any) -> Any:
    """A statement that allows it to anybody, unless it says otherwise."""
    return {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": ANYBODY,
        "Action": action,
        "Resource": resource,
        **more,
    }


def policy(*statements: Any) -> Step:
    """PutBucketPolicy."""
    return ask("PutBucketPolicy", Policy=text_of(*statements))


def text_of(*statements: Any) -> str:
    """The policy's document."""
    return json.dumps({"Version": "2008-10-17", "Id": "conform", "Statement": list(statements)})


def told(*arguments: Any, **overlay: Any) -> ProcedureRequirement:
    """A case for targets that have policies."""
    return tells(*arguments, capabilities=NEEDED, **overlay)


def allows(row: str, name: str, text: str, *asks: Step, **overlay: Any) -> ProcedureRequirement:
    """A case about what a policy decides."""
    return rights(row, f"policy-{name}", text, *asks, capabilities=NEEDED, **overlay)


READ = statement("s3:GetObject")

LIFE = (
    told(
        "PutBucketPolicy",
        "kept",
        "A policy is kept as it was put.",
        policy(READ).status(200, 204),
        ask("GetBucketPolicy").gives(Policy=text_of(READ)),
    ),
    told(
        "PutBucketPolicy",
        "replaced",
        "A policy takes the place of the one before.",
        policy(READ),
        given=(policy(statement("s3:PutObject")),),
        then=(ask("GetBucketPolicy").gives(Policy=text_of(READ)),),
    ),
    told(
        "DeleteBucketPolicy",
        "removed",
        "A policy can be removed.",
        ask("DeleteBucketPolicy").status(204),
        given=(policy(READ),),
        then=(refused(ask("GetBucketPolicy"), "NoSuchBucketPolicy"),),
    ),
    told(
        "DeleteBucketPolicy",
        "nothing-there",
        "Removing a policy where there is none succeeds.",
        ask("DeleteBucketPolicy").status(204),
    ),
)

# action → what it is asked for, on what
ACTIONS: Mapping[str, tuple[Step, str]] = {
    "GetObject": (get().gives(LETTER), INSIDE),
    "PutObject": (put("new", "x"), INSIDE),
    "DeleteObject": (delete(), INSIDE),
    "ListBucket": (keys("letter"), BUCKET),
    "GetObjectAcl": (ask("GetObjectAcl", Key="letter"), INSIDE),
    "PutObjectAcl": (ask("PutObjectAcl", Key="letter", ACL="private"), INSIDE),
    "GetBucketAcl": (ask("GetBucketAcl"), BUCKET),
    "GetBucketLocation": (ask("GetBucketLocation"), BUCKET),
    "GetBucketVersioning": (ask("GetBucketVersioning"), BUCKET),
    "ListBucketVersions": (ask("ListObjectVersions"), BUCKET),
    "ListBucketMultipartUploads": (ask("ListMultipartUploads"), BUCKET),
}


def _actions() -> Iterator[ProcedureRequirement]:
    for action, (step, resource) in ACTIONS.items():
        row = step.request.operation
        allowed = policy(statement(f"s3:{action}", resource, Principal=OTHER))
        elsewhere = policy(statement("s3:AbortMultipartUpload", INSIDE, Principal=OTHER))
        yield allows(
            row,
            f"allows-{action}",
            f"s3:{action}, allowed to another account, lets it do this.",
            step.by("other"),
            given=(put(), allowed),
        )
        yield allows(
            row,
            f"without-{action}",
            f"Without s3:{action}, another account may not do this.",
            refused(step.by("other"), "AccessDenied"),
            given=(put(), elsewhere),
            drivers=RAW,
        )
        denied = statement(f"s3:{action}", resource, Principal=OTHER, Effect="Deny", Sid="no")
        yield allows(
            row,
            f"denies-{action}",
            f"s3:{action}, denied, forbids what else is allowed.",
            refused(step.by("other"), "AccessDenied"),
            given=(put(), policy(statement(f"s3:{action}", resource), denied)),
            drivers=RAW,
        )


PRINCIPALS = (
    allows(
        "GetObject",
        "anybody",
        "What a policy allows to anybody, nobody in particular may, too.",
        get().by("nobody").gives(LETTER),
        given=(put(), policy(READ)),
    ),
    allows(
        "GetObject",
        "star",
        "The principal * is anybody.",
        get().by("nobody").gives(LETTER),
        given=(put(), policy({**READ, "Principal": "*"})),
    ),
    allows(
        "GetObject",
        "only-that-user",
        "What a policy allows to one user, nobody else may.",
        refused(get().by("nobody"), "AccessDenied"),
        given=(put(), policy({**READ, "Principal": OTHER})),
    ),
    allows(
        "GetObject",
        "denies-the-owner",
        "A policy may deny something to the owner, too.",
        refused(get(), "AccessDenied"),
        given=(put(), policy({**READ, "Effect": "Deny"})),
    ),
    allows(
        "PutBucketPolicy",
        "owner-may-always-change",
        "The owner may change a policy that denies everything.",
        policy(READ),
        given=(policy(statement("s3:*", [BUCKET, INSIDE], Effect="Deny")),),
        drivers=RAW,
    ),
)

COPY = (
    allows(
        "CopyObject",
        "copy-needs-both",
        "Who may read here and write there may copy.",
        copy().by("other"),
        given=(put(), policy(statement(["s3:GetObject", "s3:PutObject"], Principal=OTHER))),
    ),
    allows(
        "CopyObject",
        "copy-without-read",
        "Who may write but not read may not copy.",
        refused(copy().by("other"), "AccessDenied"),
        given=(put(), policy(statement("s3:PutObject", Principal=OTHER))),
        drivers=RAW,
    ),
)

MALFORMED: Mapping[str, str] = {
    "no-json": "{ this is no policy",
    "no-statement": '{"Version": "2008-10-17"}',
    "no-effect": json.dumps(
        {"Statement": [{"Principal": "*", "Action": "s3:GetObject", "Resource": INSIDE}]}
    ),
    "unknown-effect": text_of({**READ, "Effect": "Perhaps"}),
    "no-principal": json.dumps(
        {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": INSIDE}]}
    ),
    "no-action": json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Resource": INSIDE}]}
    ),
    "unknown-action": text_of({**READ, "Action": "s3:Dance"}),
    "no-resource": json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}
    ),
    "other-bucket": text_of({**READ, "Resource": "arn:aws:s3:::some-other-bucket/*"}),
    "unknown-version": json.dumps({"Version": "1999-01-01", "Statement": [READ]}),
    "unknown-condition": text_of({**READ, "Condition": {"Feels": {"aws:SourceIp": "x"}}}),
    "empty": "{}",
}


def _malformed() -> Iterator[ProcedureRequirement]:
    for name, document in MALFORMED.items():
        yield rejects(
            "PutBucketPolicy",
            f"malformed-{name}",
            f"What is no policy is refused ({name}).",
            refused(ask("PutBucketPolicy", Policy=document), "MalformedPolicy"),
            then=(refused(ask("GetBucketPolicy"), "NoSuchBucketPolicy"),),
            capabilities=NEEDED,
            drivers=("boto3", "raw"),
        )


REJECTIONS = (
    rejects(
        "GetBucketPolicy",
        "none",
        "A bucket without a policy has none to show.",
        refused(ask("GetBucketPolicy"), "NoSuchBucketPolicy"),
        capabilities=NEEDED,
    ),
    allows(
        "PutBucketPolicy",
        "foreign",
        "Another account puts no policy on our bucket.",
        refused(policy(READ).by("other"), "AccessDenied", "MethodNotAllowed"),
        then=(refused(ask("GetBucketPolicy"), "NoSuchBucketPolicy"),),
    ),
    allows(
        "GetBucketPolicy",
        "foreign",
        "Another account does not see our bucket's policy.",
        refused(ask("GetBucketPolicy").by("other"), "AccessDenied", "MethodNotAllowed"),
        given=(policy(READ),),
    ),
    allows(
        "DeleteBucketPolicy",
        "foreign",
        "Another account does not remove our bucket's policy.",
        refused(ask("DeleteBucketPolicy").by("other"), "AccessDenied", "MethodNotAllowed"),
        given=(policy(READ),),
        then=(ask("GetBucketPolicy").gives(Policy=text_of(READ)),),
    ),
)


class TestPolicies(Stories):
    """Policies kept and obeyed."""

    told = (
        *LIFE,
        *_actions(),
        *PRINCIPALS,
        *COPY,
        *_malformed(),
        *REJECTIONS,
    )
