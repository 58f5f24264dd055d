"""S3: objects that are written only if the key is free, or still has a known version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fixtures.model import ProcedureRequirement, Step
from suites.s3.dsl import (
    LETTER,
    LETTER_ETAG,
    Cases,
    S3Suite,
    delete,
    get,
    list_keys,
    must_fail,
    put,
    set_versioning,
)
from suites.s3.multipart import ONE, begin_upload, complete_upload, upload_part
from suites.s3.ranges_and_conditions import OTHER_ETAG

WRITES = Cases(drivers=("boto3", "raw"))
KEY = "parts"  # that of an upload's steps
NEW = "a newer letter"
# Operations that write: the step, and those that have to come before it.
WRITERS: Mapping[str, tuple[Step, tuple[Step, ...]]] = {
    "PutObject": (put(KEY, NEW), ()),
    "CompleteMultipartUpload": (complete_upload(ONE), (begin_upload(), upload_part(1, NEW))),
}


@dataclass(frozen=True, slots=True)
class WriteCondition:
    """A condition on a write, and what is under the key before. `codes`: those of the refusal of a
    write whose condition does not hold; none, if it holds. `kept`: what is there after a refusal,
    None for nothing."""

    text: str
    condition: Mapping[str, str]
    before: tuple[Step, ...] = ()
    codes: tuple[str, ...] = ()
    kept: str | None = None
    versioned: bool = False


EXISTING = (put(KEY),)
DELETED = (set_versioning(), put(KEY), delete(KEY))
CONDITIONS: Mapping[str, WriteCondition] = {
    "if-match-current": WriteCondition(
        "With the current ETag as If-Match, an object is overwritten.",
        {"IfMatch": LETTER_ETAG},
        EXISTING,
    ),
    "if-match-stale": WriteCondition(
        "With another ETag than the current one as If-Match, an object is not overwritten.",
        {"IfMatch": OTHER_ETAG},
        EXISTING,
        ("PreconditionFailed",),
        LETTER,
    ),
    "if-match-of-nothing": WriteCondition(
        "With If-Match, no object is written where there is none.",
        {"IfMatch": LETTER_ETAG},
        (),
        ("NoSuchKey", "PreconditionFailed"),
    ),
    "if-none-match-free": WriteCondition(
        "With If-None-Match: *, an object is written where there is none.", {"IfNoneMatch": "*"}
    ),
    "if-none-match-taken": WriteCondition(
        "With If-None-Match: *, an existing object is not overwritten.",
        {"IfNoneMatch": "*"},
        EXISTING,
        ("PreconditionFailed",),
        LETTER,
    ),
    "if-none-match-deleted": WriteCondition(
        "With If-None-Match: *, an object is written where the latest one is deleted.",
        {"IfNoneMatch": "*"},
        DELETED,
        versioned=True,
    ),
    "if-match-deleted": WriteCondition(
        "With the ETag of a deleted object as If-Match, no object is written.",
        {"IfMatch": LETTER_ETAG},
        DELETED,
        ("NoSuchKey", "PreconditionFailed"),
        versioned=True,
    ),
}


def _conditions() -> Iterator[ProcedureRequirement]:
    for operation, (write, needed) in WRITERS.items():
        for name, case in CONDITIONS.items():
            arguments = {**write.request.arguments, **case.condition}
            step = replace(write, request=replace(write.request, arguments=arguments))
            setup = (*case.before, *needed)
            capabilities = {"s3-multipart"} if needed else set()
            capabilities |= {"s3-versioning"} if case.versioned else set()
            if case.codes:
                left = list_keys() if case.kept is None else get(KEY).returns(case.kept)
                yield WRITES.rejects(
                    operation,
                    f"write-{name}",
                    case.text,
                    must_fail(step, *case.codes),
                    setup=setup,
                    verify=(left,),
                    capabilities=capabilities,
                )
            else:
                yield WRITES.answers(
                    operation,
                    f"write-{name}",
                    case.text,
                    step,
                    setup=setup,
                    verify=(get(KEY).returns(NEW),),
                    capabilities=capabilities,
                )


class TestConditionalWrites(S3Suite):
    """PutObject and CompleteMultipartUpload with conditions."""

    requirements = tuple(_conditions())
