"""S3: objects copied, with their metadata or with new metadata, and on conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement
from suites.s3.dsl import (
    FUTURE_DATE,
    HTTP_DATE,
    ISO,
    LETTER,
    LETTER_ETAG,
    PAST_DATE,
    RAW,
    S3Suite,
    answers,
    copy,
    create_bucket,
    delete,
    get,
    head,
    list_keys,
    must_fail,
    put,
    rejects,
    request,
    set_versioning,
)

OTHER_ETAG = '"00000000000000000000000000000000"'
SOURCE = put("letter", LETTER, ContentType="text/plain", Metadata={"colour": "blue"})
RED = {"Metadata": {"colour": "red"}, "MetadataDirective": "REPLACE"}

COPYING = (
    answers(
        "CopyObject",
        "content",
        "A copy has the data of its source, which stays unchanged.",
        copy().with_status(200).with_fields({"CopyObjectResult.ETag": LETTER_ETAG}),
        setup=(SOURCE,),
        verify=(get("copy").returns(LETTER), get().returns(LETTER), list_keys("copy", "letter")),
    ),
    answers(
        "CopyObject",
        "last-modified",
        "The reply has the time of the copy.",
        copy().with_fields({"CopyObjectResult.LastModified": ISO}),
        setup=(SOURCE,),
        verify=(head("copy").with_headers({"Last-Modified": HTTP_DATE}),),
    ),
    answers(
        "CopyObject",
        "metadata-kept",
        "A copy has the metadata and the content type of its source.",
        copy(),
        setup=(SOURCE,),
        verify=(
            head("copy").with_fields({"Metadata.colour": "blue", "ContentType": "text/plain"}),
        ),
    ),
    answers(
        "CopyObject",
        "directive-copy",
        "With the directive COPY, the copy has the metadata of the source, not of the request.",
        copy(MetadataDirective="COPY", Metadata={"colour": "red"}),
        setup=(SOURCE,),
        verify=(head("copy").with_fields({"Metadata.colour": "blue"}),),
    ),
    answers(
        "CopyObject",
        "directive-replace",
        "With the directive REPLACE, the copy has the metadata of the request.",
        copy(**RED, ContentType="text/html"),
        setup=(SOURCE,),
        verify=(head("copy").with_fields({"Metadata.colour": "red", "ContentType": "text/html"}),),
    ),
    answers(
        "CopyObject",
        "replace-with-nothing",
        "With the directive REPLACE and no metadata, the copy has none.",
        copy(MetadataDirective="REPLACE"),
        setup=(SOURCE,),
        verify=(head("copy").with_fields({"length(Metadata)": 0}),),
    ),
    answers(
        "CopyObject",
        "onto-itself",
        "An object can be copied onto itself to replace its metadata.",
        copy("letter", **RED),
        setup=(SOURCE,),
        verify=(get().returns(LETTER).with_fields({"Metadata.colour": "red"}),),
    ),
    answers(
        "CopyObject",
        "over-another",
        "A copy replaces the object that has its key.",
        copy("old"),
        setup=(SOURCE, put("old", "old", Metadata={"age": "9"})),
        verify=(get("old").returns(LETTER).with_fields({"Metadata": [{"colour": "blue"}]}),),
    ),
    answers(
        "CopyObject",
        "to-another-bucket",
        "An object can be copied to another bucket.",
        copy("copy", Bucket="{second}"),
        setup=(SOURCE, create_bucket("{second}")),
        verify=(get("copy", Bucket="{second}").returns(LETTER), list_keys("letter")),
    ),
    answers(
        "CopyObject",
        "slash-before-bucket",
        "The name of the source may begin with a slash.",
        copy("copy", "/{bucket}/letter"),
        setup=(SOURCE,),
        verify=(get("copy").returns(LETTER),),
        drivers=RAW,
    ),
    answers(
        "CopyObject",
        "unicode-source",
        "The key of the source is percent-encoded.",
        copy("copy", "{bucket}/Grüße & mehr/100%+1?"),
        setup=(put("Grüße & mehr/100%+1?", "hi"),),
        verify=(get("copy").returns("hi"),),
    ),
    answers(
        "CopyObject",
        "empty",
        "An empty object can be copied.",
        copy("copy", "{bucket}/empty"),
        setup=(put("empty", ""),),
        verify=(get("copy").returns(""),),
    ),
    answers(
        "CopyObject",
        "of-a-version",
        "An old version can be copied.",
        copy("copy", "{bucket}/letter?versionId={first}"),
        setup=(
            set_versioning(),
            put("letter", "first").save(first="VersionId"),
            put("letter", "second"),
        ),
        verify=(get("copy").returns("first"),),
        capabilities={"s3-versioning"},
    ),
    answers(
        "CopyObject",
        "acl-not-copied",
        "A copy is private, even if its source is public.",
        copy(),
        setup=(put("letter", LETTER, ACL="public-read"),),
        verify=(
            request("GetObjectAcl", Key="copy").with_fields(
                {"Grants[].Permission": [["FULL_CONTROL"]]}
            ),
        ),
        capabilities={"s3-acl"},
    ),
    answers(
        "CopyObject",
        "acl-given",
        "A copy can be given a canned ACL.",
        copy(ACL="public-read"),
        setup=(SOURCE,),
        verify=(
            request("GetObjectAcl", Key="copy").with_fields(
                {"Grants[].Permission": {"set": ["FULL_CONTROL", "READ"]}}
            ),
        ),
        capabilities={"s3-acl"},
    ),
)

HOLDS: Mapping[str, dict[str, Any]] = {
    "if-match": {"CopySourceIfMatch": LETTER_ETAG},
    "if-none-match-other": {"CopySourceIfNoneMatch": OTHER_ETAG},
    "if-modified-since-long-ago": {"CopySourceIfModifiedSince": PAST_DATE},
    "if-unmodified-since-ahead": {"CopySourceIfUnmodifiedSince": FUTURE_DATE},
    "if-match-beats-unmodified": {
        "CopySourceIfMatch": LETTER_ETAG,
        "CopySourceIfUnmodifiedSince": PAST_DATE,
    },
}
FAILS: Mapping[str, dict[str, Any]] = {
    "if-match-other": {"CopySourceIfMatch": OTHER_ETAG},
    "if-none-match": {"CopySourceIfNoneMatch": LETTER_ETAG},
    "if-modified-since-now": {"CopySourceIfModifiedSince": "{date}"},
    "if-unmodified-since-long-ago": {"CopySourceIfUnmodifiedSince": PAST_DATE},
    "if-none-match-beats-modified": {
        "CopySourceIfNoneMatch": LETTER_ETAG,
        "CopySourceIfModifiedSince": PAST_DATE,
    },
}


def _conditions() -> Iterator[ProcedureRequirement]:
    for name, conditions in HOLDS.items():
        yield answers(
            "CopyObject",
            f"source-{name}",
            f"The source is copied if the condition on it holds ({name}).",
            copy(**conditions),
            setup=(SOURCE,),
            verify=(get("copy").returns(LETTER),),
        )
    for name, conditions in FAILS.items():
        yield rejects(
            "CopyObject",
            f"source-{name}",
            f"The source is not copied if the condition on it does not hold ({name}).",
            must_fail(copy(**conditions), "PreconditionFailed"),
            setup=(SOURCE, head().save(date="<last-modified>")),
        )


REJECTIONS = (
    rejects(
        "CopyObject",
        "missing-key",
        "A key that does not exist cannot be copied.",
        must_fail(copy(), "NoSuchKey"),
    ),
    rejects(
        "CopyObject",
        "missing-source-bucket",
        "Nothing can be copied from a bucket that does not exist.",
        must_fail(copy("copy", "{second}/letter"), "NoSuchBucket"),
    ),
    rejects(
        "CopyObject",
        "removed-source",
        "A deleted object cannot be copied.",
        must_fail(copy(), "NoSuchKey"),
        setup=(SOURCE, delete()),
    ),
    rejects(
        "CopyObject",
        "onto-itself-unchanged",
        "Copying an object onto itself without a change is refused.",
        must_fail(copy("letter"), "InvalidRequest"),
        setup=(SOURCE,),
        drivers=("boto3", "raw"),  # boto names a storage class, which is a change
    ),
    rejects(
        "CopyObject",
        "unknown-directive",
        "A metadata directive other than COPY and REPLACE is refused.",
        must_fail(copy(MetadataDirective="MOVE"), "InvalidArgument"),
        setup=(SOURCE,),
        drivers=RAW,
    ),
    rejects(
        "CopyObject",
        "source-without-key",
        "A source without a key is refused.",
        must_fail(copy("copy", "{bucket}"), "InvalidArgument"),
        setup=(SOURCE,),
        drivers=RAW,
    ),
    rejects(
        "CopyObject",
        "unknown-version",
        "A version that does not exist cannot be copied.",
        must_fail(
            copy("copy", "{bucket}/letter?versionId=0123456789abcdef0123456789abcdef"),
            *("NoSuchVersion", "InvalidArgument"),
        ),
        setup=(set_versioning(), SOURCE),
        capabilities={"s3-versioning"},
    ),
)


class TestCopies(S3Suite):
    """CopyObject."""

    requirements = (*COPYING, *_conditions(), *REJECTIONS)
