"""S3: values of parameters and headers over all operations that take them, by their types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import (
    LETTER,
    RAW,
    S3Suite,
    answers,
    copy,
    get,
    head,
    must_fail,
    put,
    rejects,
    request,
)
from suites.s3.key_listing import TREE_BUCKET
from suites.s3.metadata_and_keys import CONTENT
from suites.s3.multipart import (
    ONE,
    begin_upload,
    complete_upload,
    copy_part,
    list_parts,
    upload_part,
)
from suites.s3.post_forms import post_form
from suites.s3.ranges_and_conditions import ALPHABET, ALPHABET_BUCKET
from suites.s3.values import METADATA

# --- how many entries a list may have, and how they are spelt ---------------------------------

MULTIPART = frozenset({"s3-multipart"})
VERSIONING = frozenset({"s3-versioning"})
# Lists: the parameter with the largest number of entries, its echo, capabilities.
LISTS: Mapping[str, tuple[str, str, frozenset[str]]] = {
    "ListObjects": ("max-keys", "MaxKeys", frozenset()),
    "ListObjectsV2": ("max-keys", "MaxKeys", frozenset()),
    "ListObjectVersions": ("max-keys", "MaxKeys", VERSIONING),
    "ListMultipartUploads": ("max-uploads", "MaxUploads", MULTIPART),
    "ListParts": ("max-parts", "MaxParts", MULTIPART),
}
NO_NUMBERS = {"text": "many", "negative": "-1", "huge": "99999999999", "fraction": "1.5"}
DEMANDED_ELSEWHERE = {  # by `key_listing`
    (operation, name)
    for operation in ("ListObjects", "ListObjectsV2")
    for name in ("text", "negative")
}


def _list(operation: str, query: str) -> Step:
    step = list_parts() if operation == "ListParts" else request(operation)
    return step.tampered_with(query=query)


def _numbers() -> Iterator[ProcedureRequirement]:
    for operation, (parameter, echo, needed) in LISTS.items():
        setup = (begin_upload(),) if needed is MULTIPART else ()
        for name, text in NO_NUMBERS.items():
            if (operation, name) not in DEMANDED_ELSEWHERE:
                yield rejects(
                    operation,
                    f"{parameter}-{name}",
                    f"A {parameter} that is no number of entries ({text}) is refused.",
                    must_fail(_list(operation, f"{parameter}={text}"), "InvalidArgument"),
                    setup=setup,
                    drivers=RAW,
                    capabilities=needed,
                )
        yield answers(
            operation,
            f"{parameter}-1001",
            f"A {parameter} of more than 1,000 is accepted: a page has 1,000 entries at most.",
            _list(operation, f"{parameter}=1001").with_fields(
                {echo: [1000, 1001], "IsTruncated": False}
            ),
            setup=setup,
            drivers=RAW,
            capabilities=needed,
        )


def _zeros() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjectsV2", "ListObjectVersions"):
        yield answers(
            operation,
            "max-keys-zero",
            "With max-keys 0 the list is empty and not truncated.",
            request(operation, MaxKeys=0).with_fields(
                {
                    "MaxKeys": 0,
                    "IsTruncated": False,
                    "Contents": {"absent": True},
                    "Versions": {"absent": True},
                }
            ),
            shared_bucket=TREE_BUCKET,
            drivers=("boto3", "raw"),
            capabilities=LISTS[operation][2],
        )


def _part_numbers() -> Iterator[ProcedureRequirement]:
    for name, text in NO_NUMBERS.items():
        yield rejects(
            "UploadPart",
            f"number-{name}",
            f"A part number that is no number from 1 to 10,000 ({text}) is refused.",
            must_fail(upload_part(1).tampered_with(query=f"partNumber={text}"), "InvalidArgument"),
            setup=(begin_upload(),),
            verify=(list_parts().returns(Parts={"absent": True}),),
            drivers=RAW,
            capabilities=MULTIPART,
        )
        yield rejects(
            "ListParts",
            f"part-number-marker-{name}",
            f"A part-number-marker that is no number of a part ({text}) is refused.",
            must_fail(_list("ListParts", f"part-number-marker={text}"), "InvalidArgument"),
            setup=(begin_upload(),),
            drivers=RAW,
            capabilities=MULTIPART,
        )
    yield rejects(
        "ListObjectsV2",
        "unknown-list-type",
        "A list-type other than 2 is refused.",
        must_fail(_list("ListObjectsV2", "list-type=3"), "InvalidArgument"),
        drivers=RAW,
    )


def _encodings() -> Iterator[ProcedureRequirement]:
    for operation in ("ListObjectVersions", "ListMultipartUploads"):
        yield rejects(
            operation,
            "unknown-encoding",
            "An encoding type other than url is refused.",
            must_fail(_list(operation, "encoding-type=rot13"), "InvalidArgument"),
            drivers=RAW,
            capabilities=LISTS[operation][2],
        )


# --- conditions by date, in the forms of RFC 9110, 5.6.7 --------------------------------------

DATES = {
    "rfc850": "Saturday, 05-May-12 10:00:00 GMT",
    "asctime": "Sat May  5 10:00:00 2012",
    "imf": "Sat, 05 May 2012 10:00:00 GMT",
}
NO_DATES = {"text": "yesterday", "number": "1336212000", "day": "Sat, 99 May 2012 10:00:00 GMT"}


def _dates() -> Iterator[ProcedureRequirement]:
    for operation, read in {"GetObject": get("line"), "HeadObject": head("line")}.items():
        for name, text in DATES.items():
            yield rejects(
                operation,
                f"if-unmodified-since-{name}",
                f"A date of a condition can have any form that HTTP allows ({text}).",
                must_fail(
                    read.tampered_with(headers=f"If-Unmodified-Since: {text}"),
                    "PreconditionFailed",
                ),
                shared_bucket=ALPHABET_BUCKET,
                drivers=RAW,
            )
        for header in ("If-Modified-Since", "If-Unmodified-Since"):
            for name, text in NO_DATES.items():
                yield answers(
                    operation,
                    f"{header.lower()}-no-date-{name}",
                    f"A condition whose date is none ({text}) is ignored.",
                    read.tampered_with(headers=f"{header}: {text}").with_status(200),
                    shared_bucket=ALPHABET_BUCKET,
                    drivers=RAW,
                )
    for name, text in DATES.items():
        yield rejects(
            "CopyObject",
            f"source-if-unmodified-since-{name}",
            f"A date of a condition on a source can have any form that HTTP allows ({text}).",
            must_fail(
                copy().tampered_with(headers=f"x-amz-copy-source-if-unmodified-since: {text}"),
                "PreconditionFailed",
            ),
            setup=(put(),),
            drivers=RAW,
        )


# --- ranges -----------------------------------------------------------------------------------

HUGE = "9" * 30
PART_RANGES = {"open": "bytes=2-", "suffix": "bytes=-2", "unit": "2-5", "backwards": "bytes=5-2"}


def _ranges() -> Iterator[ProcedureRequirement]:
    yield answers(
        "GetObject",
        "range-huge-end",
        "A range may end at any number: it ends with the object.",
        get("line", Range=f"bytes=20-{HUGE}").with_status(206).returns(ALPHABET[20:]),
        shared_bucket=ALPHABET_BUCKET,
    )
    yield answers(
        "GetObject",
        "range-huge-suffix",
        "The range of more bytes at the end than there are is the whole object.",
        get("line", Range=f"bytes=-{HUGE}").with_status(206).returns(ALPHABET),
        shared_bucket=ALPHABET_BUCKET,
    )
    yield rejects(
        "GetObject",
        "range-huge-start",
        "A range that begins at a number beyond all objects is refused.",
        must_fail(get("line", Range=f"bytes={HUGE}-"), "InvalidRange"),
        shared_bucket=ALPHABET_BUCKET,
    )
    for name, text in PART_RANGES.items():
        yield rejects(
            "UploadPartCopy",
            f"range-{name}",
            f"A part is copied from a range with both ends only, and not from {text}.",
            must_fail(copy_part(CopySourceRange=text), "InvalidArgument", "InvalidRange"),
            setup=(put("letter", "0123456789"), begin_upload()),
            verify=(list_parts().returns(Parts={"absent": True}),),
            drivers=RAW,
            capabilities=MULTIPART,
        )


# --- metadata and content headers of every write ----------------------------------------------


def _metadata() -> Iterator[ProcedureRequirement]:
    for name, metadata in METADATA.items():
        fields = {f'Metadata."{key}"': value for key, value in metadata.items()}
        kept = {"length(Metadata)": len(metadata), **fields}
        text = f"The object has the user metadata of the request ({name})."
        yield answers(
            "CopyObject",
            f"metadata-{name}",
            text,
            copy(Metadata=metadata, MetadataDirective="REPLACE"),
            head("copy").with_fields(kept),
            setup=(put(Metadata={"old": "1"}),),
            drivers=RAW,
        )
        yield answers(
            "CompleteMultipartUpload",
            f"metadata-{name}",
            text,
            begin_upload(Metadata=metadata),
            upload_part(1, LETTER),
            complete_upload(ONE),
            head("parts").with_fields(kept),
            drivers=RAW,
            capabilities=MULTIPART,
        )
        yield answers(
            "PostObject",
            f"metadata-{name}",
            text,
            post_form({f"x-amz-meta-{key}": value for key, value in metadata.items()}),
            head("posted").with_fields(kept),
            drivers=RAW,
            capabilities={"s3-post"},
        )


def _content_headers() -> Iterator[ProcedureRequirement]:
    for argument, (value, header) in CONTENT.items():
        text = f"The object has the {header} of the request."
        yield answers(
            "CopyObject",
            f"content-header-{header}",
            text,
            copy(MetadataDirective="REPLACE", **{argument: value}),
            head("copy").with_headers({header: value}),
            setup=(put(),),
            drivers=RAW,
        )
        yield answers(
            "CompleteMultipartUpload",
            f"content-header-{header}",
            text,
            begin_upload(**{argument: value}),
            upload_part(1, LETTER),
            complete_upload(ONE),
            head("parts").with_headers({header: value}),
            drivers=RAW,
            capabilities=MULTIPART,
        )
        yield answers(
            "PostObject",
            f"content-header-{header}",
            text,
            post_form({header: value}),
            head("posted").with_headers({header: value}),
            drivers=RAW,
            capabilities={"s3-post"},
        )


class TestParameterValues(S3Suite):
    """Numbers, dates, ranges, metadata and content headers."""

    requirements = (
        *_numbers(),
        *_zeros(),
        *_part_numbers(),
        *_encodings(),
        *_dates(),
        *_ranges(),
        *_metadata(),
        *_content_headers(),
    )
