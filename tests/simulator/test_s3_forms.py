"""POST forms: who signed them, and whether their fields conform."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import pytest

from fixtures.simulator.bridge.s3.auth.post_forms import AcceptedForm, FormAuthenticator
from tests.support.bridge_requests import KEY, lookup
from tests.support.s3_requests import AUTH, CREDENTIALS, SERVICE, botocore_request, raised_error

LATER, BEFORE = "2030-01-01T12:00:00Z", "2014-05-13T16:53:19Z"
NOW = 1_400_000_000.0
FORMS = FormAuthenticator(lookup, lambda: NOW)
CONDITIONS: list[Any] = [
    {"bucket": "bucket"},
    ["starts-with", "$key", "foo"],
    {"acl": "private"},
    ["starts-with", "$Content-Type", "text/plain"],
    ["content-length-range", 0, 1024],
]
FIELDS = {"key": "foo.txt", "acl": "private", "Content-Type": "text/plain"}


def policy(conditions: Any = None, expiration: Any = LATER, **more: Any) -> dict[str, Any]:
    """A form's policy."""
    chosen_conditions = CONDITIONS if conditions is None else conditions
    return {"expiration": expiration, "conditions": chosen_conditions, **more}


def signed_form(
    document: Any, fields: Mapping[str, str] | None = None, *, new: bool = False
) -> dict[str, str]:
    """A form that botocore signed, with Signature Version 2 or, if `new`, 4."""
    request = botocore_request("POST", f"{SERVICE}/bucket")
    request.context["s3-presign-post-fields"] = dict(FIELDS if fields is None else fields)
    request.context["s3-presign-post-policy"] = deepcopy(document)  # which it adds to
    if new:
        AUTH.S3SigV4PostAuth(CREDENTIALS, "s3", "us-east-1").add_auth(request)
    else:
        AUTH.HmacV1PostAuth(CREDENTIALS).add_auth(request)
    return dict(request.context["s3-presign-post-fields"])


def signed_policy(document: bytes, fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """A form whose policy is any text, signed."""
    encoded = base64.b64encode(document).decode()
    signature = AUTH.HmacV1PostAuth(CREDENTIALS).sign_string(encoded)
    form_fields = FIELDS if fields is None else fields
    signs = {"AWSAccessKeyId": "AK", "signature": signature, "policy": encoded}
    return {**form_fields, **signs}


def form_error(fields: Mapping[str, str], forms: FormAuthenticator = FORMS) -> tuple[str, int]:
    """Code and status that a form is refused with."""
    error = raised_error(forms.authenticate, fields, "bucket")
    return error.code, error.status


@pytest.mark.parametrize("new", [False, True], ids=["v2", "v4"])
def test_signed_forms(new: bool) -> None:
    """A signed form is accepted if its fields meet its policy, in both versions."""
    assert FORMS.authenticate(signed_form(policy(), new=new), "bucket") == AcceptedForm(
        KEY, "foo.txt", 0, 1024
    )
    assert (
        form_error(signed_form(policy(), new=new), FormAuthenticator(lookup, lambda: 2e9))[0]
        == "AccessDenied"
    )


def test_anonymous_forms() -> None:
    """A form without a policy is anonymous, with any fields."""
    assert FORMS.authenticate(FIELDS, "bucket") == AcceptedForm(None, "foo.txt")


def test_file_names() -> None:
    """The key may contain the file's name, which must then conform to the policy."""
    fields = signed_form(policy(), {**FIELDS, "key": "${filename}"})
    assert FORMS.authenticate(fields, "bucket", "foo-1").key == "foo-1"
    assert raised_error(FORMS.authenticate, fields, "bucket", "bar").code == "AccessDenied"


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        ([{"bUcKeT": "bucket"}, ["StArTs-WiTh", "$KeY", "foo"]], {"kEy": "foo.txt"}),
        ([{"bucket": "bucket"}, {"key": "\\$foo"}], {"key": "\\$foo"}),
        ([{"bucket": "bucket"}, ["eq", "$key", "a"]], {"key": "a", "x-ignore-b": "c"}),
        ([{"bucket": "bucket"}, ["starts-with", "$key", ""]], {"key": ""}),
        (
            [{"bucket": "bucket"}, {"key": "k"}, {"success_action_status": 201}],
            {"key": "k", "success_action_status": "201"},
        ),
        (
            [{"bucket": "bucket"}, {"key": "k"}, ["starts-with", "$Content-Type", "image/"]],
            {"key": "k", "Content-Type": "image/png, image/gif"},
        ),
        (
            [["starts-with", "$bucket", "b"], {"key": "k"}, ["starts-with", "$x-amz-meta-a", "b"]],
            {"key": "k", "x-amz-meta-a": "bc"},
        ),
    ],
)
def test_met_conditions(conditions: list[Any], fields: dict[str, str]) -> None:
    """Field names are case-insensitive, values are not."""
    assert FORMS.authenticate(signed_form(policy(conditions), fields), "bucket").caller is KEY


@pytest.mark.parametrize(
    ("conditions", "fields"),
    [
        (CONDITIONS[1:], FIELDS),
        (CONDITIONS, {**FIELDS, "key": "Foo"}),
        (CONDITIONS, {**FIELDS, "acl": "public-read"}),
        (CONDITIONS, {**FIELDS, "x-amz-meta-a": "b"}),
        (CONDITIONS, {**FIELDS, "success_action_redirect": "http://127.0.0.1/"}),
        ([*CONDITIONS, {"bucket": "other"}], FIELDS),
        ([*CONDITIONS, ["starts-with", "$x-amz-meta-a", ""]], FIELDS),
        ([*CONDITIONS, ["eq", "$x-amz-meta-a", ""]], {**FIELDS, "x-amz-meta-a": "b"}),
        (
            [{"bucket": "bucket"}, {"key": "k"}, ["starts-with", "$Content-Type", "image/"]],
            {"key": "k", "Content-Type": "image/png,text/html"},
        ),
    ],
)
def test_unmet_conditions(conditions: list[Any], fields: dict[str, str]) -> None:
    """A form must meet its policy, and have no further fields."""
    assert form_error(signed_form(policy(conditions), fields)) == ("AccessDenied", 403)


@pytest.mark.parametrize(
    "document",
    [
        {"conditions": CONDITIONS},
        {"EXPIRATION": LATER, "conditions": CONDITIONS},
        {"expiration": LATER},
        {"expiration": LATER, "CONDITIONS": CONDITIONS},
        policy(expiration="2030-01-01 12:00:00.000001+00:00"),
        policy(expiration="soon"),
        policy(expiration="2030-13-41T12:00:00Z"),
        policy(expiration=7),
        policy({"bucket": "bucket"}),
        policy([{}]),
        policy([{"a": "b", "c": "d"}]),
        policy(["starts-with", "$key", "foo"]),
        policy([["starts-with", "key", "foo"]]),
        policy([["ends-with", "$key", "foo"]]),
        policy([["eq", "$key"]]),
        policy([["content-length-range", 0]]),
        policy([["content-length-range", -1, 0]]),
        policy([["content-length-range", 0, "many"]]),
        policy([[]]),
        policy([None]),
        [],
    ],
    ids=str,
)
def test_invalid_policies(document: Any) -> None:
    """An invalid policy is refused, even if it is signed."""
    fields = signed_policy(json.dumps(document).encode())
    assert form_error(fields) == ("InvalidPolicyDocument", 400)


@pytest.mark.parametrize("document", [b"", b"{", b"\xff", b"[" * 100000])
def test_policies_that_are_not_json(document: bytes) -> None:
    """A policy that is not JSON is refused."""
    assert form_error(signed_policy(document)) == ("InvalidPolicyDocument", 400)


def test_expiration() -> None:
    """An expired policy is refused."""
    assert form_error(signed_form(policy(expiration=BEFORE))) == ("AccessDenied", 403)


@pytest.mark.parametrize(
    ("new", "changes", "refused"),
    [
        (False, {"signature": "AAAA"}, ("SignatureDoesNotMatch", 403)),
        (False, {"signature": "é"}, ("SignatureDoesNotMatch", 403)),
        (False, {"policy": "e30="}, ("SignatureDoesNotMatch", 403)),
        (False, {"AWSAccessKeyId": "KA"}, ("InvalidAccessKeyId", 403)),
        (False, {"signature": None}, ("InvalidArgument", 400)),
        (False, {"AWSAccessKeyId": None}, ("InvalidArgument", 400)),
        (False, {"policy": None}, ("InvalidArgument", 400)),
        (False, {"key": None}, ("InvalidArgument", 400)),
        (True, {"x-amz-signature": "0" * 64}, ("SignatureDoesNotMatch", 403)),
        (True, {"x-amz-credential": None}, ("InvalidArgument", 400)),
        (True, {"x-amz-credential": "AK"}, ("InvalidArgument", 400)),
        (True, {"x-amz-date": "20200101T000000Z"}, ("InvalidArgument", 400)),
        (True, {"x-amz-algorithm": "AWS4-HMAC-SHA1"}, ("InvalidArgument", 400)),
    ],
)
def test_changed_forms(new: bool, changes: dict[str, str | None], refused: tuple[str, int]) -> None:
    """The signature's fields must be there, and match."""
    fields: dict[str, str | None] = {**signed_form(policy(), new=new), **changes}
    assert form_error({n: v for n, v in fields.items() if v is not None}) == refused


@pytest.mark.parametrize(
    ("size", "whole", "code"),
    [
        (511, True, "EntityTooSmall"),
        (511, False, None),
        (512, True, None),
        (1000, True, None),
        (1001, False, "EntityTooLarge"),
    ],
)
def test_sizes(size: int, whole: bool, code: str | None) -> None:
    """A file must have a permitted size; one that is too large is refused while it arrives."""
    form = FORMS.authenticate(
        signed_form(policy([*CONDITIONS, ["content-length-range", "512", "1000"]])), "bucket"
    )
    if code is None:
        form.check_size(size, complete=whole)
        return
    error = raised_error(partial(form.check_size, complete=whole), size)
    assert (error.code, error.status) == (code, 400)
