"""Which cases must notice the mutations of access control lists and policies."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.s3 import BASIC, answers, rejections, rights, signatures

RIGHTS: Mapping[str, Expected] = {
    "ignores-acls": fails(
        rights("*", "private-keeps-out-*", "*keeps-out-nobody"),
        rights("*Object", "object-*-does-not-allow", "policy-without-*", "subdomain"),
        rights("ListObjects", "subdomain"),
        rights("*Acl", "*-does-not-allow", "foreign", "policy-without-*"),
        rights("ListObjects", "bucket-*-does-not-allow"),
        rights("PutObject", "bucket-*-does-not-allow", "public-read-keeps-writers-out"),
        rights("Head*", "foreign"),
        rights("*Upload", "foreign"),
        rights("DeleteObjects", "foreign"),
        rights("UploadPart", "foreign"),
        rights("PostObject", "foreign"),
        rights("ListObjectVersions", "foreign"),
        rights("CopyObject", "source-not-readable"),
        signatures("*Object", "anonymous*"),
        rights("GetObject", "bucket-acl-is-no-object-acl", "others-object-in-our-bucket"),
        rights("List*", "policy-without-*"),
    ),
    "grants-nothing": fails(
        rights(
            "*",
            "public-read-allows-other",
            "public-read-allows-nobody",
            "authenticated-read-allows-other",
            "public-read-write-allows-other",
            "*public-read-write-allows-nobody",
            "bucket-*-allows*",
            "object-*-allows*",
        ),
        rights("GetObject", "bucket-owner-full-control"),
        text="refused with",
    ),
    "knows-no-full-control": fails(rights("*", "*FULL_CONTROL-allows*"), text="refused with"),
    "ignores-authenticated-users": fails(
        rights("*", "authenticated-read-allows-other"), text="refused with"
    ),
    "locks-owners-out": fails(rights("*", "*-allows-me"), BASIC, text="refused with"),
    "binds-owners": fails(rights("PutBucketAcl", "owner-always-may"), text="AccessDenied"),
    "forgets-acls": fails(
        answers("*", "canned-public-read*", "canned-authenticated-read"),
        answers("PutBucketAcl", "by-headers"),
        answers("PutObject", "grants-by-headers"),
        answers("CopyObject", "acl-given"),
    ),
    "publishes-everything": fails(
        answers("*", "canned-private"),
        answers("GetBucketAcl", "default"),
        answers("GetObjectAcl", "default"),
        answers("PutBucketAcl", "takes-back", "spelled-out"),
        answers("CopyObject", "acl-not-copied"),
        answers("PutObject", "overwritten-is-private"),
    ),
    "takes-any-grantee": fails(
        rejections("PutBucketAcl", "unknown-*", "canned-and-spelled-out", "malformed-xml"),
        rejections("PutObject", "unknown-canned"),
        text="as if all were well",
    ),
    "allows-by-no-policy": fails(
        rights("*", "policy-allows-*"),
        rights(
            "GetObject",
            "policy-anybody",
            "policy-star",
            "policy-action-all",
            "policy-action-beginning",
            "policy-resource-exact",
            "policy-resource-star",
            "policy-resource-star-inside",
            "policy-resource-question-mark",
            "policy-condition-before",
            "policy-condition-agent-like",
            "policy-condition-ip-inside",
            "policy-condition-ip-one-of",
            "policy-condition-not-ip-outside",
            "policy-condition-not-secure",
        ),
        rights("CopyObject", "policy-copy-needs-both"),
        rights("HeadObject", "policy-action-list"),
        rights("ListObjects", "policy-condition-prefix-fits"),
        rights("PutObject", "policy-condition-acl-fits"),
        text="refused with",
    ),
    "denies-by-no-policy": fails(rights("*", "policy-denies-*"), text="as if all were well"),
    "ignores-conditions-of-policies": fails(
        rights(
            "GetObject",
            "policy-condition-both-must-hold",
            "policy-condition-after",
            "policy-condition-ip-outside",
            "policy-condition-not-ip-inside",
            "policy-condition-referer-missing",
            "policy-condition-secure",
        ),
        rights("ListObjects", "policy-condition-prefix-differs"),
        rights("PutObject", "policy-condition-acl-differs"),
        text="as if all were well",
    ),
    "ignores-resources-of-policies": fails(
        rights(
            "GetObject",
            "policy-resource-case-matters",
            "policy-resource-other-key",
            "policy-resource-star-outside",
            "policy-resource-star-inside-outside",
            "policy-resource-question-mark-is-one",
        ),
        text="as if all were well",
    ),
    "knows-no-wild-cards": fails(
        rights(
            "GetObject",
            "policy-resource-star",
            "policy-resource-star-inside",
            "policy-resource-question-mark",
        ),
        text="AccessDenied",
    ),
    "ignores-actions-of-policies": fails(
        rights("*", "policy-without-*"),
        rights("GetObject", "policy-action-beginning-of-others"),
        text="as if all were well",
    ),
    "ignores-principals-of-policies": fails(
        rights("GetObject", "policy-only-that-user"), text="as if all were well"
    ),
    "forgets-policies": fails(answers("PutBucketPolicy", "kept", "replaced")),
    "keeps-policies": fails(answers("DeleteBucketPolicy", "removed")),
}
