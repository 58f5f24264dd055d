"""S3: uploads by a browser's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement, Step
from suites.s3 import (
    LETTER,
    LETTER_ETAG,
    RAW,
    Stories,
    ask,
    get,
    head,
    keys,
    refused,
    rejects,
    rights,
    tells,
)

NEEDED = {"s3-post"}


def post(fields: Mapping[str, str | None] | None = None, /, **arguments: Any) -> Step:
    """PostObject: the form's fields besides key, and what else the form is made of."""
    given = {"key": "posted", **(fields or {})}
    return ask("PostObject", **{"Fields": given, "File": LETTER, **arguments})


def posts(name: str, text: str, *asks: Step, **overlay: Any) -> ProcedureRequirement:
    """A form that is taken."""
    return tells("PostObject", name, text, *asks, drivers=RAW, capabilities=NEEDED, **overlay)


def refuses(name: str, text: str, *asks: Step, **overlay: Any) -> ProcedureRequirement:
    """A form that is not taken, and leaves nothing."""
    needed = NEEDED | {"s3-authentication"}
    return rejects(
        "PostObject", name, text, *asks, drivers=RAW, capabilities=needed, then=(keys(),), **overlay
    )


TAKEN = (
    posts(
        "documented-form",
        "A form with a signed policy stores its file under its key.",
        post().status(204),
        then=(get("posted").gives(LETTER),),
    ),
    posts(
        "etag-and-location",
        "The answer has the ETag and tells where the object is.",
        post().headed({"ETag": LETTER_ETAG, "Location": {"matches": ".*posted"}}),
    ),
    posts(
        "status-200",
        "success_action_status 200 is answered with.",
        post({"success_action_status": "200"}).status(200),
    ),
    posts(
        "status-201",
        "success_action_status 201 is answered with, and a document.",
        post({"success_action_status": "201"})
        .status(201)
        .gives(Bucket="{bucket}", Key="posted", ETag=LETTER_ETAG),
    ),
    posts(
        "status-unknown",
        "Any other success_action_status is 204.",
        post({"success_action_status": "404"}).status(204),
    ),
    posts(
        "redirect",
        "success_action_redirect sends the browser on, and tells it of the object.",
        post({"success_action_redirect": "http://127.0.0.1/done"})
        .status(303)
        .headed({"Location": {"matches": r"http://127\.0\.0\.1/done\?.*key=posted.*"}}),
    ),
    posts(
        "filename",
        "${filename} in the key is the name of the file.",
        post({"key": "up/${filename}"}),
        then=(get("up/letter.txt").gives(LETTER),),
    ),
    posts(
        "content-type",
        "The form says what type the object has.",
        post({"Content-Type": "text/plain"}),
        then=(head("posted").gives(ContentType="text/plain"),),
    ),
    posts(
        "metadata",
        "The form may hold user metadata.",
        post({"x-amz-meta-colour": "blue"}),
        then=(head("posted").fields({"Metadata.colour": "blue"}),),
    ),
    posts(
        "empty-file",
        "The file may be empty.",
        post(File=""),
        then=(get("posted").gives(""),),
    ),
    posts(
        "binary-file",
        "The file is kept byte for byte.",
        post(File=bytes(range(256))),
        then=(get("posted").gives(bytes(range(256))),),
    ),
    posts(
        "starts-with",
        "A condition may ask how a field begins.",
        post(
            {"key": "user/eric/photo"},
            Conditions=[{"bucket": "{bucket}"}, ["starts-with", "$key", "user/eric/"]],
        ),
        then=(get("user/eric/photo").gives(LETTER),),
    ),
    posts(
        "eq",
        "A condition may ask for a field exactly.",
        post(Conditions=[["eq", "$bucket", "{bucket}"], ["eq", "$key", "posted"]]),
        then=(get("posted").gives(LETTER),),
    ),
    posts(
        "content-length-range",
        "A condition may ask for a size between two bounds.",
        post(
            Conditions=[
                {"bucket": "{bucket}"},
                {"key": "posted"},
                ["content-length-range", 0, 1000],
            ]
        ),
        then=(get("posted").gives(LETTER),),
    ),
    posts(
        "ignored-field",
        "Fields that begin with x-ignore- need no condition.",
        post({"x-ignore-this": "x"}, Conditions=[{"bucket": "{bucket}"}, {"key": "posted"}]),
        then=(get("posted").gives(LETTER),),
    ),
    posts(
        "acl",
        "The form may hold a canned ACL.",
        post({"acl": "public-read"}),
        then=(
            ask("GetObjectAcl", Key="posted").fields(
                {"Grants[].Permission": {"set": ["FULL_CONTROL", "READ"]}}
            ),
        ),
    ),
    posts(
        "overwrites",
        "A form replaces the object that has the key.",
        post(File="new"),
        given=(ask("PutObject", Key="posted", Body="old"),),
        then=(get("posted").gives("new"),),
    ),
)

BROKEN: Mapping[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "another-bucket": (
        "A policy for another bucket is not for this one.",
        {"Conditions": [{"bucket": "{second}"}, {"key": "posted"}]},
        ("AccessDenied",),
    ),
    "another-key": (
        "A policy for another key is not for this one.",
        {"Conditions": [{"bucket": "{bucket}"}, {"key": "other"}]},
        ("AccessDenied",),
    ),
    "wrong-beginning": (
        "A field that does not begin as asked is refused.",
        {"Conditions": [{"bucket": "{bucket}"}, ["starts-with", "$key", "user/"]]},
        ("AccessDenied",),
    ),
    "no-condition-for-field": (
        "Every field needs a condition.",
        {
            "Fields": {"key": "posted", "x-amz-meta-colour": "blue"},
            "Conditions": [{"bucket": "{bucket}"}, {"key": "posted"}],
        },
        ("AccessDenied",),
    ),
    "no-condition-for-bucket": (
        "The bucket needs a condition, too.",
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
    "expired": ("A policy that expired is none.", {"Expires": -60}, ("AccessDenied",)),
    "no-key": (
        "A form without a key is none.",
        {"Fields": {"acl": "private"}},
        ("InvalidArgument",),
    ),
    "no-signature": (
        "A policy without a signature is nobody's.",
        {"Fields": {"key": "posted", "signature": None}},
        ("InvalidArgument", "AccessDenied"),
    ),
    "no-access-key": (
        "A signature without an access key is nobody's.",
        {"Fields": {"key": "posted", "AWSAccessKeyId": None}},
        ("InvalidArgument", "AccessDenied"),
    ),
    "no-base64-policy": (
        "A policy that is no base64 is none.",
        {"Fields": {"key": "posted", "policy": "{]"}},
        ("InvalidPolicyDocument", "SignatureDoesNotMatch"),
    ),
}


def _broken() -> Iterator[ProcedureRequirement]:
    for name, (text, arguments, codes) in BROKEN.items():
        yield refuses(name, text, refused(post(**arguments), *codes))


REFUSED = (
    *_broken(),
    refuses(
        "wrong-signature",
        "A policy with a wrong signature is nobody's.",
        refused(post().tampered(signature="AAAAAAAAAAAAAAAAAAAAAAAAAAA="), "SignatureDoesNotMatch"),
    ),
    refuses(
        "wrong-secret",
        "A policy signed with another key is nobody's.",
        refused(post().tampered(secret_key="wrong"), "SignatureDoesNotMatch"),
    ),
    refuses(
        "unknown-access-key",
        "A policy of an access key that nobody has is nobody's.",
        refused(post().tampered(access_key="AKNOBODY"), "InvalidAccessKeyId"),
    ),
    refuses(
        "no-policy",
        "A form without a policy is anonymous, and may not write.",
        refused(post(Conditions=None), "AccessDenied"),
    ),
    refuses(
        "no-form",
        "What is no form is refused.",
        refused(post().tampered(body="no form at all"), "MalformedPOSTRequest"),
    ),
    rights(
        "PostObject",
        "foreign",
        "A form that another account signed does not write to our bucket.",
        refused(post().by("other"), "AccessDenied"),
        then=(keys(),),
        drivers=RAW,
        capabilities=NEEDED,
    ),
    rights(
        "PostObject",
        "anonymous-where-allowed",
        "A form without a policy writes to a bucket that anybody may write to.",
        post(Conditions=None).status(204),
        given=(ask("PutBucketAcl", ACL="public-read-write"),),
        then=(keys("posted"),),
        drivers=RAW,
        capabilities=NEEDED | {"s3-acl"},
    ),
)


class TestForms(Stories):
    """Forms taken and refused."""

    told = (*TAKEN, *REFUSED)
