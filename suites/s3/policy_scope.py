"""S3: which requests a statement of a policy covers: resources, actions and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ANONYMOUS, ProcedureRequirement, Step
from suites.s3.dsl import LETTER, RAW, S3Suite, get, head, list_keys, must_fail, put
from suites.s3.policies import BUCKET, READ, checks_policy, put_policy, statement

RESOURCES: Mapping[str, tuple[str, str, bool]] = {  # resource, key, whether it matches
    "exact": ("arn:aws:s3:::{bucket}/a/b", "a/b", True),
    "other-key": ("arn:aws:s3:::{bucket}/a/b", "a/c", False),
    "star": ("arn:aws:s3:::{bucket}/a/*", "a/b/c", True),
    "star-outside": ("arn:aws:s3:::{bucket}/a/*", "b/a", False),
    "star-inside": ("arn:aws:s3:::{bucket}/*.jpg", "a/b.jpg", True),
    "star-inside-outside": ("arn:aws:s3:::{bucket}/*.jpg", "a/b.png", False),
    "question-mark": ("arn:aws:s3:::{bucket}/file-?", "file-1", True),
    "question-mark-is-one": ("arn:aws:s3:::{bucket}/file-?", "file-10", False),
    "case-matters": ("arn:aws:s3:::{bucket}/A", "a", False),
}


def _resources() -> Iterator[ProcedureRequirement]:
    for name, (resource, key, covered) in RESOURCES.items():
        step = get(key).by(ANONYMOUS).returns("x")
        yield checks_policy(
            "GetObject",
            f"resource-{name}",
            f"The resource {resource.rpartition(':')[2]} "
            f"{'matches' if covered else 'does not match'} the key {key}.",
            step if covered else must_fail(step, "AccessDenied"),
            setup=(put(key, "x"), put_policy(statement("s3:GetObject", resource))),
            allowed_after=(put(key, "x"), put_policy(READ)),
            drivers=RAW,
        )


WILDCARDS: Mapping[str, tuple[str, Step, bool]] = {
    "all": ("s3:*", get().returns(LETTER), True),
    "beginning": ("s3:Get*", get().returns(LETTER), True),
    "beginning-of-others": ("s3:Put*", get(), False),
    "list": ("s3:GetObject", head().returns(ContentLength=len(LETTER)), True),
}


def _wildcards() -> Iterator[ProcedureRequirement]:
    for name, (action, step, covered) in WILDCARDS.items():
        yield checks_policy(
            step.request.operation,
            f"action-{name}",
            f"The action {action} {'covers' if covered else 'does not cover'} "
            f"{step.request.operation}.",
            step.by("other") if covered else must_fail(step.by("other"), "AccessDenied"),
            setup=(put(), put_policy(statement(action))),
            allowed_after=(put(), put_policy(READ)),
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


def _conditions() -> Iterator[ProcedureRequirement]:
    for name, (condition, holds) in CONDITIONS.items():
        step = get().by(ANONYMOUS).returns(LETTER).tampered_with(headers="User-Agent: conform")
        yield checks_policy(
            "GetObject",
            f"condition-{name}",
            f"A statement whose condition {'holds' if holds else 'does not hold'} "
            f"{'applies' if holds else 'is ignored'} ({name}).",
            step if holds else must_fail(step, "AccessDenied"),
            setup=(put(), put_policy({**READ, "Condition": condition})),
            allowed_after=(put(), put_policy(READ)),
            drivers=RAW,
        )


def _prefix_conditions() -> Iterator[ProcedureRequirement]:
    for name, prefix, holds in (("fits", "public/", True), ("differs", "private/", False)):
        listed = list_keys("public/a", Prefix=prefix) if holds else list_keys(Prefix=prefix)
        step = listed.by("other")
        yield checks_policy(
            "ListObjects",
            f"condition-prefix-{name}",
            "A list can be allowed for one prefix only.",
            step if holds else must_fail(step, "AccessDenied"),
            setup=(
                put("public/a"),
                put_policy(
                    statement(
                        "s3:ListBucket",
                        BUCKET,
                        Condition={"StringEquals": {"s3:prefix": "public/"}},
                    )
                ),
            ),
            allowed_after=(put_policy(statement("s3:ListBucket", BUCKET)),),
            drivers=RAW,
        )


def _acl_conditions() -> Iterator[ProcedureRequirement]:
    for name, acl, holds in (("fits", "public-read", True), ("differs", "private", False)):
        step = put("new", "x", ACL=acl).by("other")
        actions = ["s3:PutObject", "s3:PutObjectAcl"]
        yield checks_policy(
            "PutObject",
            f"condition-acl-{name}",
            "A put can be allowed for one canned ACL only.",
            step if holds else must_fail(step, "AccessDenied"),
            setup=(
                put_policy(
                    statement(
                        actions,
                        Condition={"StringEquals": {"s3:x-amz-acl": "public-read"}},
                    )
                ),
            ),
            allowed_after=(put_policy(statement(actions)),),
            verify=(list_keys("new"),) if holds else (),
            drivers=RAW,
        )


class TestPolicyScope(S3Suite):
    """Resources, actions and conditions of statements."""

    requirements = (
        *_resources(),
        *_wildcards(),
        *_conditions(),
        *_prefix_conditions(),
        *_acl_conditions(),
    )
