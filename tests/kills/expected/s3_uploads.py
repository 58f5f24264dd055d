"""Which cases must notice the mutations of copies, multipart uploads and browser forms."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails
from tests.kills.expected.s3 import answers, rejections, rights

UPLOADS: Mapping[str, Expected] = {
    "copies-no-metadata": fails(
        answers("CopyObject", "metadata-kept", "directive-copy"), text="etadata"
    ),
    "ignores-directives": fails(
        answers("CopyObject", "directive-replace", "onto-itself", "replace-with-nothing"),
        rejections("CopyObject", "unknown-directive"),
    ),
    "copies-on-no-condition": fails(
        rejections("CopyObject", "source-if-*"), text="as if all were well"
    ),
    "copies-on-every-condition": fails(
        answers("CopyObject", "source-if-*"), text="PreconditionFailed"
    ),
    "copies-nothing": fails(
        answers(
            "CopyObject",
            "content",
            "empty",
            "over-another",
            "slash-before-bucket",
            "to-another-bucket",
            "unicode-source",
            "of-a-version",
            "restores",
            "directive-copy",
        )
    ),
    "copies-onto-itself": fails(rejections("CopyObject", "onto-itself-unchanged"), text="HTTP 200"),
    "says-no-time-of-copies": fails(
        answers("CopyObject", "last-modified"),
        answers("UploadPartCopy", "last-modified"),
        text="LastModified",
    ),
    "gives-lists-away": fails(answers("CopyObject", "acl-not-copied")),
    "takes-parts-in-any-order": fails(
        rejections("CompleteMultipartUpload", "wrong-order"), text="InvalidPartOrder"
    ),
    "joins-one-part": fails(answers("CompleteMultipartUpload", "two-parts", "some-of-the-parts")),
    "joins-nothing": fails(
        answers(
            "CompleteMultipartUpload",
            *("one-part", "overwrites", "metadata", "metadata-*", "key-*", "content-header-*"),
        ),
        answers("ListMultipartUploads", "not-when-complete"),
        answers("UploadPart", "again"),
        answers("UploadPartCopy", "from-another-bucket", "whole"),
    ),
    "aborts-nothing": fails(
        answers("AbortMultipartUpload", "gone"),
        rejections("UploadPart", "aborted-upload"),
        rejections("CompleteMultipartUpload", "aborted-upload"),
    ),
    "aborts-objects": fails(answers("AbortMultipartUpload", "keeps-the-object"), text="NoSuchKey"),
    "begins-other-uploads": fails(answers("CreateMultipartUpload", "answer"), text="Key"),
    "begins-one-upload": fails(answers("CreateMultipartUpload", "twice"), text="Uploads"),
    "numbers-few-parts": fails(answers("UploadPart", "highest-number"), text="InvalidArgument"),
    "completes-twice": fails(rejections("CompleteMultipartUpload", "twice"), text="NoSuchKey"),
    "lists-no-uploads": fails(
        answers("ListMultipartUploads", "uploads", "in-order", "prefix"),
        answers("ListParts", "parts"),
    ),
    "lists-other-parts": fails(answers("ListParts", "none"), text="Part"),
    "copies-whole-parts": fails(
        answers("UploadPartCopy", "range"), rejections("UploadPartCopy", "range-*")
    ),
    "loses-fields": fails(
        answers(
            "PostObject",
            *("acl", "content-type", "metadata", "redirect", "status-20?"),
            *("metadata-*", "content-header-*"),
        )
    ),
    "loses-files": fails(
        answers(
            "PostObject",
            "key-*",
            "binary-file",
            "content-length-range",
            "documented-form",
            "empty-file",
            "eq",
            "filename",
            "ignored-field",
            "overwrites",
            "starts-with",
        ),
        rights("PostObject", "anonymous-where-allowed"),
    ),
    "says-nothing-of-forms": fails(answers("PostObject", "etag-and-location")),
    "says-200-to-forms": fails(
        answers("PostObject", "status-unknown", "documented-form"), text="HTTP 200"
    ),
    "takes-every-form": fails(
        rejections("PostObject", "another-*", "expired", "no-*", "too-*", "unknown-*", "wrong-*"),
        rights("PostObject", "foreign"),
        text="as if all were well",
    ),
}
