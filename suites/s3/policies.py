"""S3: who may do what by a bucket's policy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import Demand, Step
from suites.s3 import (
    LETTER,
    RAW,
    Stories,
    ask,
    copy,
    delete,
    get,
    head,
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


def told(*arguments: Any, **overlay: Any) -> Demand:
    """A case for targets that have policies."""
    return tells(*arguments, capabilities=NEEDED, **overlay)


def allows(row: str, name: str, text: str, *asks: Step, **overlay: Any) -> Demand:
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


def _actions() -> Iterator[Demand]:
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

RESOURCES: Mapping[str, tuple[str, str, bool]] = {  # resource, key, whether it is covered
    "exact": ("arn:aws:s3:::{bucket}/a/b", "a/b", True),
    "other-key": ("arn:aws:s3:::{bucket}/a/b", "a/c", False),
    "star": ("arn:aws:s3:::{bucket}/a/*", "a/b/c", True),
    "star-outside": ("arn:aws:s3:::{bucket}/a/*", "b/a", False),
    "star-inside": ("arn:aws:s3:::{bucket}/*.jpg", "a/b.jpg", True),
    "star-inside-outside": ("arn:aws:s3:::{bucket}/*.jpg", "a/b.png", False),
    "question-mark": ("arn:aws:s3:::{bucket}/file-?", "file-1", True),
    "question-mark-is-one": ("arn:aws:s3:::{bucket}/file-?", "file-10", False),
    "bucket-is-not-inside": ("arn:aws:s3:::{bucket}", "a", False),
    "case-matters": ("arn:aws:s3:::{bucket}/A", "a", False),
}


def _resources() -> Iterator[Demand]:
    for name, (resource, key, covered) in RESOURCES.items():
        step = get(key).by("nobody").gives("x")
        # A policy about the bucket alone cannot allow what is done to objects.
        action = ["s3:GetObject", "s3:ListBucket"] if resource == BUCKET else "s3:GetObject"
        yield allows(
            "GetObject",
            f"resource-{name}",
            f"The resource {resource.rpartition(':')[2]} {'covers' if covered else 'leaves out'} "
            f"the key {key}.",
            step if covered else refused(step, "AccessDenied"),
            given=(put(key, "x"), policy(statement(action, resource))),
            drivers=RAW,
        )


WILDCARDS: Mapping[str, tuple[str, Step, bool]] = {
    "all": ("s3:*", get().gives(LETTER), True),
    "beginning": ("s3:Get*", get().gives(LETTER), True),
    "beginning-of-others": ("s3:Put*", get(), False),
    "list": ("s3:GetObject", head(), True),
}


def _wildcards() -> Iterator[Demand]:
    for name, (action, step, covered) in WILDCARDS.items():
        yield allows(
            step.request.operation,
            f"action-{name}",
            f"The action {action} {'covers' if covered else 'leaves out'} this.",
            step.by("other") if covered else refused(step.by("other"), "AccessDenied"),
            given=(put(), policy(statement(action))),
            drivers=RAW,
        )


HERE, ELSEWHERE = "127.0.0.0/8", "192.0.2.0/24"
CONDITIONS: Mapping[str, tuple[dict[str, Any], bool]] = {
    "ip-inside": ({"IpAddress": {"aws:SourceIp": HERE}}, True),
    "ip-outside": ({"IpAddress": {"aws:SourceIp": ELSEWHERE}}, False),
    "ip-one-of": ({"IpAddress": {"aws:SourceIp": [ELSEWHERE, HERE]}}, True),
    "not-ip-inside": ({"NotIpAddress": {"aws:SourceIp": HERE}}, False),
    "not-ip-outside": ({"NotIpAddress": {"aws:SourceIp": ELSEWHERE}}, True),
    "not-secure": ({"Bool": {"aws:SecureTransport": "false"}}, True),
    "secure": ({"Bool": {"aws:SecureTransport": "true"}}, False),
    "before": ({"DateLessThan": {"aws:CurrentTime": "2052-05-05T00:00:00Z"}}, True),
    "after": ({"DateGreaterThan": {"aws:CurrentTime": "2052-05-05T00:00:00Z"}}, False),
    "agent-like": ({"StringLike": {"aws:UserAgent": "*"}}, True),
    "referer-missing": ({"StringLike": {"aws:Referer": "http://example.com/*"}}, False),
    "both-must-hold": (
        {
            "IpAddress": {"aws:SourceIp": HERE},
            "DateGreaterThan": {"aws:CurrentTime": "2052-05-05T00:00:00Z"},
        },
        False,
    ),
}


def _conditions() -> Iterator[Demand]:
    for name, (condition, holds) in CONDITIONS.items():
        step = get().by("nobody").gives(LETTER).tampered(headers="User-Agent: conform")
        yield allows(
            "GetObject",
            f"condition-{name}",
            f"The condition {'holds' if holds else 'does not hold'}, so the statement "
            f"{'counts' if holds else 'does not'} ({name}).",
            step if holds else refused(step, "AccessDenied"),
            given=(put(), policy({**READ, "Condition": condition})),
            drivers=RAW,
        )
    for name, prefix, holds in (("fits", "public/", True), ("differs", "private/", False)):
        listed = keys("public/a", Prefix=prefix) if holds else keys(Prefix=prefix)
        step = listed.by("other")
        yield allows(
            "ListObjects",
            f"condition-prefix-{name}",
            "A list may be allowed for a prefix only.",
            step if holds else refused(step, "AccessDenied"),
            given=(
                put("public/a"),
                policy(
                    statement(
                        "s3:ListBucket",
                        BUCKET,
                        Condition={"StringEquals": {"s3:prefix": "public/"}},
                    )
                ),
            ),
            drivers=RAW,
        )
    for name, acl, holds in (("fits", "public-read", True), ("differs", "private", False)):
        step = put("new", "x", ACL=acl).by("other")
        yield allows(
            "PutObject",
            f"condition-acl-{name}",
            "An object may be allowed with a canned ACL only.",
            step if holds else refused(step, "AccessDenied"),
            given=(
                policy(
                    statement(
                        ["s3:PutObject", "s3:PutObjectAcl"],
                        Condition={"StringEquals": {"s3:x-amz-acl": "public-read"}},
                    )
                ),
            ),
            drivers=RAW,
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


def _malformed() -> Iterator[Demand]:
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
        *_resources(),
        *_wildcards(),
        *_conditions(),
        *COPY,
        *_malformed(),
        *REJECTIONS,
    )
