"""Which cases must notice the mutations of how S3 requests are authenticated."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.s3 import BASIC, answers, rights, signatures

SIGNATURES: Mapping[str, Expected] = {
    "takes-no-links": fails(answers("*", "link-v*"), text="refused with"),
    "takes-no-signatures": fails(
        signatures(
            "GetObject", "v2-amz-date", "v2-clock-a-little-off", "v2-documented", "v2-short-path"
        ),
        signatures("*Object", "v?-odd-key", "v4"),
        signatures("ListObjects", "v*"),
        signatures("PutObject", "v2-all-signed", "v4-unsigned-payload"),
        BASIC,
        text="SignatureDoesNotMatch",
    ),
    "knows-no-virtual-hosts": fails(answers("*", "virtual-host"), text="NoSuchBucket"),
    "s3-waives-signature": fails(
        signatures("*", "*wrong-secret"),
        signatures("*Object", "*-wrong-signature", "v?-changed-header"),
        signatures(
            "PutObject",
            "v2-added-header",
            "v2-added-subresource",
            "v2-changed-type",
            "v4-added-query",
        ),
        signatures("GetObject", "link-v2-other-key", "link-v?-other-method"),
        text="expected",
    ),
    "s3-waives-date": fails(
        signatures("PutObject", "v?-old-date", "v?-future-date"), text="expected"
    ),
    "s3-waives-expiry": fails(
        signatures("*", "link-v?-expired"),
        signatures("GetObject", "link-v4-not-yet"),
        text="expected",
    ),
    "s3-waives-payload": fails(
        signatures("PutObject", "v4-changed-body", "v4-wrong-digest"), text="expected"
    ),
    "s3-waives-chunks": fails(
        signatures("PutObject", "chunks-signed-changed", "chunks-signed-trailer-changed"),
        text="as if all were well, expected SignatureDoesNotMatch",
    ),
    "s3-waives-signed-headers": fails(
        signatures(
            "PutObject",
            "v4-unsigned-acl",
            "v4-unsigned-d*",
            "v4-unsigned-host",
            "v4-unsigned-metadata",
            "link-v4-unsigned-acl",
        ),
        signatures("GetObject", "link-v4-unsigned-host"),
        text="as if all were well, expected AccessDenied",
    ),
    "s3-serves-disabled-users": fails(rights("*", "disabled"), text="by disabled_user"),
    "believes-everybody": fails(
        signatures("*", "*unknown-access-key"),
        signatures(
            "PutObject",
            "v2-no-*",
            "v2-not-amazons",
            "v2-other-algorithm",
            "v2-empty-signature",
            "v2-changed-date",
            "v4-malformed",
            "v4-other-service",
            "link-v2-of-a-get",
            "link-v2-expired",
        ),
        signatures(
            "GetObject",
            "link-v2-half",
            "link-v4-eight-days",
            "link-v4-negative",
            "link-v4-no-number",
        ),
        text="as if all were well",
    ),
}
