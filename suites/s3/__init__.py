"""S3: buckets and keys, and the words in which the cases about them are told.

Each module is an area. A case is a story: steps that the case's driver asks, with what must come
back, and, where it matters, what is said before and looked at afterwards by a plain client. Level
`must` is what the documentation promises (its Boto script); everything else is Amazon's API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from fixtures.model import (
    BucketStory,
    Case,
    Level,
    ProcedureRequirement,
    Row,
    S3Request,
    Shelf,
    Step,
)
from suites.contract import Check, Suite

ALL = ("boto", "boto3", "raw")
SDKS = ("boto", "boto3")
RAW = ("raw",)
AMAZON = "Amazon S3 API 2006-03-01"
DOCUMENTED = "CloudStack documentation, S3 Boto example"
LETTER = "Dear cloud, keep this.\n"
LETTER_MD5 = "60e4da0ef987e7d822382b3cf56cfc56"
LETTER_ETAG = f'"{LETTER_MD5}"'
LONG_AGO, FAR_AHEAD = "Sat, 05 May 2012 10:00:00 GMT", "Sun, 05 May 2052 10:00:00 GMT"
ISO = {"matches": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"}
HTTP_DATE = {"matches": r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"}

STATUS: Mapping[str, int] = {
    "304": 304,
    "AccessDenied": 403,
    "AuthorizationHeaderMalformed": 400,
    "AuthorizationQueryParametersError": 400,
    "BadDigest": 400,
    "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "EntityTooLarge": 400,
    "EntityTooSmall": 400,
    "IllegalVersioningConfigurationException": 400,
    "InvalidAccessKeyId": 403,
    "InvalidArgument": 400,
    "InvalidBucketName": 400,
    "InvalidDigest": 400,
    "InvalidLocationConstraint": 400,
    "InvalidPart": 400,
    "InvalidPartOrder": 400,
    "InvalidPolicyDocument": 400,
    "InvalidRange": 416,
    "InvalidRequest": 400,
    "InvalidURI": 400,
    "KeyTooLongError": 400,
    "MalformedACLError": 400,
    "MalformedPOSTRequest": 400,
    "MalformedPolicy": 400,
    "MalformedXML": 400,
    "MetadataTooLarge": 400,
    "MethodNotAllowed": 405,
    "MissingContentLength": 411,
    "MissingSecurityHeader": 400,
    "NoSuchBucket": 404,
    "NoSuchBucketPolicy": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NoSuchVersion": 404,
    "PreconditionFailed": 412,
    "RequestTimeTooSkewed": 403,
    "SignatureDoesNotMatch": 403,
    "UnresolvableGrantByEmailAddress": 400,
    "XAmzContentSHA256Mismatch": 400,
}


class Stories(Suite):
    """The cases of one area of S3."""

    suite = "s3"
    told: ClassVar[tuple[ProcedureRequirement, ...]]

    def test_answers(self, case: Case, check: Check) -> None:
        """What can be done is done, and told in Amazon's words."""
        check(case)

    def test_rejections(self, case: Case, check: Check) -> None:
        """What cannot be done is refused with Amazon's error code, and nothing changes."""
        check(case)

    def test_rights(self, case: Case, check: Check) -> None:
        """Who may do what is decided by the owner's lists and policies."""
        check(case)

    def test_signatures(self, case: Case, check: Check) -> None:
        """Only a request signed by a registered user, in time, is that user's."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """Everything of one kind; the documented rows are of EC2."""
        del rows
        return (demand for demand in cls.told if demand.kind == kind)


# --- cases ------------------------------------------------------------------------------------


def tells(row: str, name: str, text: str, *asks: Step, **overlay: Any) -> ProcedureRequirement:
    """A case about what is done and told."""
    return _demand((row, "answers", name), text, asks, overlay)


def rejects(row: str, name: str, text: str, *asks: Step, **overlay: Any) -> ProcedureRequirement:
    """A case about what is refused."""
    return _demand((row, "rejections", name), text, asks, overlay)


def rights(row: str, name: str, text: str, *asks: Step, **overlay: Any) -> ProcedureRequirement:
    """A case about who may do what."""
    needed = {"s3-authentication", *overlay.pop("capabilities", ())}
    return _demand((row, "rights", name), text, asks, {**overlay, "capabilities": needed})


def signs(row: str, name: str, text: str, *asks: Step, **overlay: Any) -> ProcedureRequirement:
    """A case about signatures."""
    needed = {"s3-authentication", *overlay.pop("capabilities", ())}
    return _demand((row, "signatures", name), text, asks, {**overlay, "capabilities": needed})


def _demand(
    place: tuple[str, str, str], text: str, asks: tuple[Step, ...], overlay: dict[str, Any]
) -> ProcedureRequirement:
    story = {
        name: overlay.pop(name) for name in ("given", "then", "shelf", "bare") if name in overlay
    }
    row, kind, name = place
    must = overlay.get("level") is Level.MUST
    needed = {"s3", *overlay.pop("capabilities", ())}
    users = {step.request.user for step in (*asks, *story.get("given", ()), *story.get("then", ()))}
    if "other" in users:
        needed.add("second_account")
    return ProcedureRequirement(
        row=row,
        kind=kind,
        name=name,
        text=text,
        procedure=BucketStory(asks=asks, **story),
        drivers=overlay.pop("drivers", ALL),
        source=overlay.pop("source", DOCUMENTED if must else AMAZON),
        capabilities=frozenset(needed),
        **overlay,
    )


# --- steps ------------------------------------------------------------------------------------


def ask(operation: str, /, **arguments: Any) -> Step:
    """An operation on the story's bucket, unless another one is named."""
    where = {} if operation == "ListBuckets" else {"Bucket": "{bucket}"}
    return Step(S3Request(operation, {**where, **arguments}))


def refused(step: Step, *codes: str) -> Step:
    """The step, to be refused with one of these codes, under the status that belongs to it."""
    return step.refused({code: STATUS[code] for code in codes})


def either(step: Step, *codes: str) -> Step:
    """The step, which may be answered or refused with one of these codes."""
    return step.either({code: STATUS[code] for code in codes})


def put(key: str = "letter", body: str | bytes = LETTER, /, **arguments: Any) -> Step:
    """PutObject."""
    return ask("PutObject", Key=key, Body=body, **arguments)


def get(key: str = "letter", /, **arguments: Any) -> Step:
    """GetObject."""
    return ask("GetObject", Key=key, **arguments)


def head(key: str = "letter", /, **arguments: Any) -> Step:
    """HeadObject."""
    return ask("HeadObject", Key=key, **arguments)


def delete(key: str = "letter", /, **arguments: Any) -> Step:
    """DeleteObject."""
    return ask("DeleteObject", Key=key, **arguments)


def copy(key: str = "copy", source: str = "{bucket}/letter", /, **arguments: Any) -> Step:
    """CopyObject."""
    return ask("CopyObject", Key=key, CopySource=source, **arguments)


def keys(*names: str, **arguments: Any) -> Step:
    """ListObjects, which must list exactly these keys."""
    listed = list(names) or {"absent": True}
    return ask("ListObjects", **arguments).fields({"Contents[].Key": _exactly(listed)})


def _exactly(listed: Any) -> Any:
    # A list of a pattern's is any of its members: the list itself must be the one.
    return [listed] if isinstance(listed, list) else listed


def create(bucket: str = "{bucket}", /, **arguments: Any) -> Step:
    """CreateBucket."""
    return ask("CreateBucket", Bucket=bucket, **arguments)


def versioned(status: str = "Enabled") -> Step:
    """PutBucketVersioning."""
    return ask("PutBucketVersioning", VersioningConfiguration={"Status": status})


def shelf(name: str, *steps: Step) -> Shelf:
    """A bucket that is filled once and only looked at."""
    return Shelf(name, steps)


DESK = shelf("desk", put("letter", ContentType="text/plain", Metadata={"colour": "blue"}))
