"""S3: POST Object, uploads by the form of a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import (
    LETTER,
    LETTER_ETAG,
    RAW,
    CaseOptions,
    Cases,
    S3Suite,
    get,
    head,
    list_keys,
    must_fail,
    request,
)

NOTHING_ETAG = '"d41d8cd98f00b204e9800998ecf8427e"'  # of no bytes
FORMS = Cases(frozenset({"s3-post"}), RAW)


def post_form(fields: Mapping[str, str | None] | None = None, /, **arguments: Any) -> Step:
    """PostObject: fields of the form besides `key`, and its other parts."""
    merged = {"key": "posted", **(fields or {})}
    return request("PostObject", **{"Fields": merged, "File": LETTER, **arguments})


def accepts_form(
    name: str, text: str, *steps: Step, **options: Unpack[CaseOptions]
) -> ProcedureRequirement:
    """A form that is accepted."""
    return FORMS.answers("PostObject", name, text, *steps, **options)


def rejects_form(name: str, text: str, *steps: Step) -> ProcedureRequirement:
    """A form that is rejected and leaves no object."""
    return FORMS.rejects(
        "PostObject",
        name,
        text,
        *steps,
        verify=(list_keys(),),
        capabilities={"s3-authentication"},
    )


ACCEPTED = (
    accepts_form(
        "documented-form",
        "A form with a signed policy stores its file under its key.",
        post_form().with_status(204),
        verify=(get("posted").returns(LETTER),),
    ),
    accepts_form(
        "etag-and-location",
        "The reply has the ETag and the Location of the object.",
        post_form().with_headers(
            {"ETag": LETTER_ETAG, "Location": {"matches": ".*{bucket}.*posted"}}
        ),
    ),
    accepts_form(
        "status-200",
        "success_action_status 200 is the status of the reply.",
        post_form({"success_action_status": "200"}).with_status(200),
        verify=(get("posted").returns(LETTER),),
    ),
    accepts_form(
        "status-201",
        "success_action_status 201 is the status of the reply, which has a body.",
        post_form({"success_action_status": "201"})
        .with_status(201)
        .returns(Bucket="{bucket}", Key="posted", ETag=LETTER_ETAG),
    ),
    accepts_form(
        "status-unknown",
        "With any other success_action_status, the status of the reply is 204.",
        post_form({"success_action_status": "404"}).with_status(204),
        verify=(get("posted").returns(LETTER),),
    ),
    accepts_form(
        "redirect",
        "success_action_redirect redirects the browser, to a URL that names the object.",
        post_form({"success_action_redirect": "http://127.0.0.1/done"})
        .with_status(303)
        .with_headers({"Location": {"matches": r"http://127\.0\.0\.1/done\?.*key=posted.*"}}),
    ),
    accepts_form(
        "filename",
        "${filename} in the key is the name of the file.",
        post_form({"key": "up/${filename}"}),
        verify=(get("up/letter.txt").returns(LETTER),),
    ),
    accepts_form(
        "content-type",
        "The form sets the content type of the object.",
        post_form({"Content-Type": "text/plain"}),
        verify=(head("posted").returns(ContentType="text/plain"),),
    ),
    accepts_form(
        "metadata",
        "The form may hold user metadata.",
        post_form({"x-amz-meta-colour": "blue"}),
        verify=(head("posted").with_fields({"Metadata.colour": "blue"}),),
    ),
    accepts_form(
        "empty-file",
        "The file may be empty.",
        post_form(File=""),
        verify=(get("posted").returns("", ETag=NOTHING_ETAG),),
    ),
    accepts_form(
        "binary-file",
        "The file is stored byte for byte.",
        post_form(File=bytes(range(256))),
        verify=(get("posted").returns(bytes(range(256))),),
    ),
    accepts_form(
        "starts-with",
        "A condition can require how a field begins.",
        post_form(
            {"key": "user/eric/photo"},
            Conditions=[{"bucket": "{bucket}"}, ["starts-with", "$key", "user/eric/"]],
        ),
        verify=(get("user/eric/photo").returns(LETTER),),
    ),
    accepts_form(
        "eq",
        "A condition can require the exact value of a field.",
        post_form(Conditions=[["eq", "$bucket", "{bucket}"], ["eq", "$key", "posted"]]),
        verify=(get("posted").returns(LETTER),),
    ),
    accepts_form(
        "content-length-range",
        "A condition can require a size between two bounds.",
        post_form(
            Conditions=[
                {"bucket": "{bucket}"},
                {"key": "posted"},
                ["content-length-range", 0, 1000],
            ]
        ),
        verify=(get("posted").returns(LETTER),),
    ),
    accepts_form(
        "ignored-field",
        "A field whose name begins with x-ignore- needs no condition.",
        post_form({"x-ignore-this": "x"}, Conditions=[{"bucket": "{bucket}"}, {"key": "posted"}]),
        verify=(get("posted").returns(LETTER),),
    ),
    accepts_form(
        "acl",
        "The form may hold a canned ACL.",
        post_form({"acl": "public-read"}),
        verify=(
            request("GetObjectAcl", Key="posted").with_fields(
                {"Grants[].Permission": {"set": ["FULL_CONTROL", "READ"]}}
            ),
        ),
    ),
    accepts_form(
        "overwrites",
        "A form replaces the object that has its key.",
        post_form(File="new"),
        setup=(request("PutObject", Key="posted", Body="old"),),
        verify=(get("posted").returns("new"),),
    ),
)

BROKEN: Mapping[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "another-bucket": (
        "A policy for another bucket does not allow this one.",
        {"Conditions": [{"bucket": "{second}"}, {"key": "posted"}]},
        ("AccessDenied",),
    ),
    "another-key": (
        "A policy for another key does not allow this one.",
        {"Conditions": [{"bucket": "{bucket}"}, {"key": "other"}]},
        ("AccessDenied",),
    ),
    "wrong-beginning": (
        "A field that does not begin as the condition requires is refused.",
        {"Conditions": [{"bucket": "{bucket}"}, ["starts-with", "$key", "user/"]]},
        ("AccessDenied",),
    ),
    "no-condition-for-field": (
        "A field for which the policy has no condition is refused.",
        {
            "Fields": {"key": "posted", "x-amz-meta-colour": "blue"},
            "Conditions": [{"bucket": "{bucket}"}, {"key": "posted"}],
        },
        ("AccessDenied",),
    ),
    "no-condition-for-bucket": (
        "A policy without a condition for the bucket is refused.",
        {"Conditions": [{"key": "posted"}]},
        ("AccessDenied",),
    ),
    "too-large": (
        "A file above the upper bound is refused.",
        {"Conditions": [{"bucket": "{bucket}"}, {"key": "posted"}, ["content-length-range", 0, 5]]},
        ("EntityTooLarge",),
    ),
    "too-small": (
        "A file below the lower bound is refused.",
        {
            "Conditions": [
                {"bucket": "{bucket}"},
                {"key": "posted"},
                ["content-length-range", 100, 500],
            ]
        },
        ("EntityTooSmall",),
    ),
    "expired": ("A policy that has expired is refused.", {"Expires": -60}, ("AccessDenied",)),
    "no-key": (
        "A form without a key is refused.",
        {"Fields": {"acl": "private"}},
        ("InvalidArgument",),
    ),
    "no-signature": (
        "A policy without a signature is refused.",
        {"Fields": {"key": "posted", "signature": None}},
        ("InvalidArgument", "AccessDenied"),
    ),
    "no-access-key": (
        "A signature without an access key is refused.",
        {"Fields": {"key": "posted", "AWSAccessKeyId": None}},
        ("InvalidArgument", "AccessDenied"),
    ),
    "no-base64-policy": (
        "A policy that is not base64 is refused.",
        {"Fields": {"key": "posted", "policy": "{]"}},
        ("InvalidPolicyDocument", "SignatureDoesNotMatch"),
    ),
}


def _broken() -> Iterator[ProcedureRequirement]:
    for name, (text, arguments, codes) in BROKEN.items():
        yield rejects_form(name, text, must_fail(post_form(**arguments), *codes))


REFUSED = (
    *_broken(),
    rejects_form(
        "wrong-signature",
        "A policy with a wrong signature is refused.",
        must_fail(
            post_form().tampered_with(signature="AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            "SignatureDoesNotMatch",
        ),
    ),
    rejects_form(
        "wrong-secret",
        "A policy signed with another secret key is refused.",
        must_fail(post_form().tampered_with(secret_key="wrong"), "SignatureDoesNotMatch"),
    ),
    rejects_form(
        "unknown-access-key",
        "A policy with an unknown access key is refused.",
        must_fail(post_form().tampered_with(access_key="AKNOBODY"), "InvalidAccessKeyId"),
    ),
    rejects_form(
        "no-policy",
        "A form without a policy is unsigned, and cannot write to a private bucket.",
        must_fail(post_form(Conditions=None), "AccessDenied"),
    ),
    rejects_form(
        "no-form",
        "A body that is not a form is refused.",
        must_fail(post_form().tampered_with(body="no form at all"), "MalformedPOSTRequest"),
    ),
    FORMS.checks_access(
        "PostObject",
        "foreign",
        "A form signed by another account cannot write to the owner's bucket.",
        must_fail(post_form().by("other"), "AccessDenied"),
        verify=(list_keys(),),
    ),
    FORMS.checks_access(
        "PostObject",
        "anonymous-where-allowed",
        "A form without a policy can write to a public-read-write bucket.",
        post_form(Conditions=None).with_status(204),
        setup=(request("PutBucketAcl", ACL="public-read-write"),),
        verify=(list_keys("posted"),),
        capabilities={"s3-acl"},
    ),
)


class TestPostForms(S3Suite):
    """Forms accepted and rejected."""

    requirements = (*ACCEPTED, *REFUSED)
