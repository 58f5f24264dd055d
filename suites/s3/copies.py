"""S3: objects copied, with what is said about them or without, on conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.model import ProcedureRequirement
from suites.s3 import (
    FAR_AHEAD,
    HTTP_DATE,
    ISO,
    LETTER,
    LETTER_ETAG,
    LONG_AGO,
    RAW,
    Stories,
    ask,
    copy,
    create,
    delete,
    get,
    head,
    keys,
    put,
    refused,
    rejects,
    tells,
    versioned,
)

OTHER_ETAG = '"00000000000000000000000000000000"'
SOURCE = put("letter", LETTER, ContentType="text/plain", Metadata={"colour": "blue"})
RED = {"Metadata": {"colour": "red"}, "MetadataDirective": "REPLACE"}

COPYING = (
    tells(
        "CopyObject",
        "content",
        "A copy has the data of its source, which stays as it is.",
        copy().status(200).fields({"CopyObjectResult.ETag": LETTER_ETAG}),
        given=(SOURCE,),
        then=(get("copy").gives(LETTER), get().gives(LETTER), keys("copy", "letter")),
    ),
    tells(
        "CopyObject",
        "last-modified",
        "The answer tells when the copy was made.",
        copy().fields({"CopyObjectResult.LastModified": ISO}),
        given=(SOURCE,),
        then=(head("copy").headed({"Last-Modified": HTTP_DATE}),),
    ),
    tells(
        "CopyObject",
        "metadata-kept",
        "A copy says about itself what its source says.",
        copy(),
        given=(SOURCE,),
        then=(head("copy").fields({"Metadata.colour": "blue", "ContentType": "text/plain"}),),
    ),
    tells(
        "CopyObject",
        "directive-copy",
        "COPY keeps what the source says, even if the request says otherwise.",
        copy(MetadataDirective="COPY", Metadata={"colour": "red"}),
        given=(SOURCE,),
        then=(head("copy").fields({"Metadata.colour": "blue"}),),
    ),
    tells(
        "CopyObject",
        "directive-replace",
        "REPLACE says of the copy what the request says.",
        copy(**RED, ContentType="text/html"),
        given=(SOURCE,),
        then=(head("copy").fields({"Metadata.colour": "red", "ContentType": "text/html"}),),
    ),
    tells(
        "CopyObject",
        "replace-with-nothing",
        "REPLACE with nothing leaves nothing of what the source says.",
        copy(MetadataDirective="REPLACE"),
        given=(SOURCE,),
        then=(head("copy").fields({"length(Metadata)": 0}),),
    ),
    tells(
        "CopyObject",
        "onto-itself",
        "An object may be copied onto itself to say something else of it.",
        copy("letter", **RED),
        given=(SOURCE,),
        then=(get().gives(LETTER).fields({"Metadata.colour": "red"}),),
    ),
    tells(
        "CopyObject",
        "over-another",
        "A copy replaces the object that had its key.",
        copy("old"),
        given=(SOURCE, put("old", "old", Metadata={"age": "9"})),
        then=(get("old").gives(LETTER).fields({"Metadata": [{"colour": "blue"}]}),),
    ),
    tells(
        "CopyObject",
        "to-another-bucket",
        "A copy may be in another bucket.",
        copy("copy", Bucket="{second}"),
        given=(SOURCE, create("{second}")),
        then=(get("copy", Bucket="{second}").gives(LETTER), keys("letter")),
    ),
    tells(
        "CopyObject",
        "slash-before-bucket",
        "The source may be named with a slash in front.",
        copy("copy", "/{bucket}/letter"),
        given=(SOURCE,),
        then=(get("copy").gives(LETTER),),
        drivers=RAW,
    ),
    tells(
        "CopyObject",
        "unicode-source",
        "The source's key is percent-encoded.",
        copy("copy", "{bucket}/Grüße & mehr/100%+1?"),
        given=(put("Grüße & mehr/100%+1?", "hi"),),
        then=(get("copy").gives("hi"),),
    ),
    tells(
        "CopyObject",
        "empty",
        "An empty object can be copied.",
        copy("copy", "{bucket}/empty"),
        given=(put("empty", ""),),
        then=(get("copy").gives(""),),
    ),
    tells(
        "CopyObject",
        "of-a-version",
        "An old version can be copied.",
        copy("copy", "{bucket}/letter?versionId={first}"),
        given=(
            versioned(),
            put("letter", "first").saving(first="VersionId"),
            put("letter", "second"),
        ),
        then=(get("copy").gives("first"),),
        capabilities={"s3-versioning"},
    ),
    tells(
        "CopyObject",
        "acl-not-copied",
        "A copy is private, whatever its source is.",
        copy(),
        given=(put("letter", LETTER, ACL="public-read"),),
        then=(ask("GetObjectAcl", Key="copy").fields({"Grants[].Permission": [["FULL_CONTROL"]]}),),
        capabilities={"s3-acl"},
    ),
    tells(
        "CopyObject",
        "acl-given",
        "A copy may be given a canned ACL.",
        copy(ACL="public-read"),
        given=(SOURCE,),
        then=(
            ask("GetObjectAcl", Key="copy").fields(
                {"Grants[].Permission": {"set": ["FULL_CONTROL", "READ"]}}
            ),
        ),
        capabilities={"s3-acl"},
    ),
)

HOLDS: Mapping[str, dict[str, Any]] = {
    "if-match": {"CopySourceIfMatch": LETTER_ETAG},
    "if-none-match-other": {"CopySourceIfNoneMatch": OTHER_ETAG},
    "if-modified-since-long-ago": {"CopySourceIfModifiedSince": LONG_AGO},
    "if-unmodified-since-ahead": {"CopySourceIfUnmodifiedSince": FAR_AHEAD},
    "if-match-beats-unmodified": {
        "CopySourceIfMatch": LETTER_ETAG,
        "CopySourceIfUnmodifiedSince": LONG_AGO,
    },
}
FAILS: Mapping[str, dict[str, Any]] = {
    "if-match-other": {"CopySourceIfMatch": OTHER_ETAG},
    "if-none-match": {"CopySourceIfNoneMatch": LETTER_ETAG},
    "if-modified-since-now": {"CopySourceIfModifiedSince": "{date}"},
    "if-unmodified-since-long-ago": {"CopySourceIfUnmodifiedSince": LONG_AGO},
    "if-none-match-beats-modified": {
        "CopySourceIfNoneMatch": LETTER_ETAG,
        "CopySourceIfModifiedSince": LONG_AGO,
    },
}


def _conditions() -> Iterator[ProcedureRequirement]:
    for name, conditions in HOLDS.items():
        yield tells(
            "CopyObject",
            f"source-{name}",
            f"The condition on the source holds, so it is copied ({name}).",
            copy(**conditions),
            given=(SOURCE,),
            then=(get("copy").gives(LETTER),),
        )
    for name, conditions in FAILS.items():
        yield rejects(
            "CopyObject",
            f"source-{name}",
            f"The condition on the source does not hold, so nothing is copied ({name}).",
            refused(copy(**conditions), "PreconditionFailed"),
            given=(SOURCE, head().saving(date="<last-modified>")),
        )


REJECTIONS = (
    rejects(
        "CopyObject",
        "missing-key",
        "What is not there is not copied.",
        refused(copy(), "NoSuchKey"),
    ),
    rejects(
        "CopyObject",
        "missing-source-bucket",
        "Nothing is copied from a bucket that is not there.",
        refused(copy("copy", "{second}/letter"), "NoSuchBucket"),
    ),
    rejects(
        "CopyObject",
        "removed-source",
        "What was removed is not copied.",
        refused(copy(), "NoSuchKey"),
        given=(SOURCE, delete()),
    ),
    rejects(
        "CopyObject",
        "onto-itself-unchanged",
        "A copy onto itself that changes nothing is refused.",
        refused(copy("letter"), "InvalidRequest"),
        given=(SOURCE,),
        drivers=("boto3", "raw"),  # boto names a storage class, which is a change
    ),
    rejects(
        "CopyObject",
        "unknown-directive",
        "There is no other directive than COPY and REPLACE.",
        refused(copy(MetadataDirective="MOVE"), "InvalidArgument"),
        given=(SOURCE,),
        drivers=RAW,
    ),
    rejects(
        "CopyObject",
        "source-without-key",
        "A source without a key is none.",
        refused(copy("copy", "{bucket}"), "InvalidArgument"),
        given=(SOURCE,),
        drivers=RAW,
    ),
    rejects(
        "CopyObject",
        "unknown-version",
        "A version that is not there is not copied.",
        refused(
            copy("copy", "{bucket}/letter?versionId=0123456789abcdef0123456789abcdef"),
            *("NoSuchVersion", "InvalidArgument"),
        ),
        given=(versioned(), SOURCE),
        capabilities={"s3-versioning"},
    ),
)


class TestCopies(Stories):
    """Copied from bucket to bucket."""

    told = (*COPYING, *_conditions(), *REJECTIONS)
