"""Which cases must notice each mutation of what a document has around its content."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails

FORM: Mapping[str, Expected] = {
    "omits-request-ids": fails(("reply_form/*/form/frame[*]",), text="requestId is not there"),
    "omits-request-ids-of-errors": fails(
        ("reply_form/*/form/request-id-of-*[*]",), text="RequestID is not there"
    ),
    "answers-in-one-version": fails(
        ("reply_form/*/form/frame[*]", "reply_form/*/form/namespace-of-*[*]"),
        text="doc/2009-11-30/', expected 'http://ec2.amazonaws.com/doc/",
    ),
}
