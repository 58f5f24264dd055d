"""The DSL of the S3 cases: what a case is made of, its requests, and what each must return.

A case is a few requests that the case's driver sends, with the reply that each must get; where it
matters, requests before (`setup`) and after them (`verify`), which the raw driver sends. Level
`must` is what the documentation promises (its Boto script); everything else is Amazon's API.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypedDict, Unpack

from fixtures.model import (
    ANONYMOUS,
    Case,
    Level,
    ProcedureRequirement,
    Row,
    S3Request,
    S3Scenario,
    SharedBucket,
    Step,
)
from fixtures.model.documentation import BOTO_EXAMPLES
from suites.contract.suite import Check, Suite
from suites.s3.error_codes import HTTP_STATUS

USER_CAPABILITIES = {"other": "second_account"}  # those of other users are named as these are
ALL = ("boto", "boto3", "raw")
SDKS = ("boto", "boto3")
RAW = ("raw",)
AMAZON = "Amazon S3 API 2006-03-01"
DOCUMENTED = BOTO_EXAMPLES.cite("example 2", "示例2.S3 Boto示例")
LETTER = "Dear cloud, keep this.\n"
LETTER_MD5 = "60e4da0ef987e7d822382b3cf56cfc56"
LETTER_ETAG = f'"{LETTER_MD5}"'
PAST_DATE, FUTURE_DATE = "Sat, 05 May 2012 10:00:00 GMT", "Sun, 05 May 2052 10:00:00 GMT"
ISO = {"matches": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"}
HTTP_DATE = {"matches": r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"}


class S3Suite(Suite):
    """The cases of one area of S3."""

    suite = "s3"
    requirements: ClassVar[tuple[ProcedureRequirement, ...]]

    def test_answers(self, case: Case, check: Check) -> None:
        """A request that is allowed and complete succeeds, with Amazon's reply."""
        check(case)

    def test_rejections(self, case: Case, check: Check) -> None:
        """A request that cannot succeed fails with Amazon's error code and changes nothing."""
        check(case)

    def test_rights(self, case: Case, check: Check) -> None:
        """The owner's ACLs and policies decide which user may do what."""
        check(case)

    def test_signatures(self, case: Case, check: Check) -> None:
        """Only a request that is signed with a user's keys, and in time, acts as that user."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The area's cases of one kind; the documented `rows` are of EC2."""
        del rows
        return (demand for demand in cls.requirements if demand.kind == kind)


# --- cases ------------------------------------------------------------------------------------


class CaseOptions(TypedDict, total=False):
    """What a case may have besides its steps."""

    setup: tuple[Step, ...]
    verify: tuple[Step, ...]
    shared_bucket: SharedBucket  # instead of a bucket of the case's own
    without_bucket: bool  # the bucket does not exist before the first step
    well_formed: bool  # the client must be able to read every value of the replies
    drivers: tuple[str, ...]
    level: Level
    capabilities: Set[str]
    source: str


@dataclass(frozen=True, slots=True)
class Cases:
    """Makes cases that need the same capabilities and are sent by the same drivers.

    `row` is the line of the reports that a case belongs to (an operation), `text` its requirement.
    """

    capabilities: Set[str] = frozenset()
    drivers: tuple[str, ...] = ALL

    def answers(
        self, row: str, name: str, text: str, *steps: Step, **options: Unpack[CaseOptions]
    ) -> ProcedureRequirement:
        """A case about requests that succeed."""
        return self._case((row, "answers", name), text, steps, options)

    def rejects(
        self, row: str, name: str, text: str, *steps: Step, **options: Unpack[CaseOptions]
    ) -> ProcedureRequirement:
        """A case about a request that fails."""
        return self._case((row, "rejections", name), text, steps, options)

    def checks_access(
        self, row: str, name: str, text: str, *steps: Step, **options: Unpack[CaseOptions]
    ) -> ProcedureRequirement:
        """A case about which user may do what."""
        return self._case((row, "rights", name), text, steps, options)

    def checks_signature(
        self, row: str, name: str, text: str, *steps: Step, **options: Unpack[CaseOptions]
    ) -> ProcedureRequirement:
        """A case about the signature of a request."""
        return self._case((row, "signatures", name), text, steps, options)

    def _case(
        self, place: tuple[str, str, str], text: str, steps: tuple[Step, ...], options: CaseOptions
    ) -> ProcedureRequirement:
        row, kind, name = place
        setup, verify = options.get("setup", ()), options.get("verify", ())
        level = options.get("level", Level.SHOULD)
        needed = {"s3", *self.capabilities, *options.get("capabilities", ())}
        if kind in ("rights", "signatures"):
            needed.add("s3-authentication")
        users = {step.request.user for step in (*setup, *steps, *verify)}
        needed |= {USER_CAPABILITIES.get(user, user) for user in users - {"me", ANONYMOUS}}
        return ProcedureRequirement(
            row=row,
            kind=kind,
            name=name,
            text=text,
            procedure=S3Scenario(
                steps=steps,
                setup=setup,
                verify=verify,
                shared_bucket=options.get("shared_bucket"),
                without_bucket=options.get("without_bucket", False),
                well_formed=options.get("well_formed", False),
            ),
            drivers=options.get("drivers", self.drivers),
            level=level,
            source=options.get("source", DOCUMENTED if level is Level.MUST else AMAZON),
            capabilities=frozenset(needed),
        )


_S3 = Cases()
answers, rejects = _S3.answers, _S3.rejects
checks_access, checks_signature = _S3.checks_access, _S3.checks_signature


# --- steps ------------------------------------------------------------------------------------


def request(operation: str, /, **arguments: Any) -> Step:
    """An operation on the case's bucket, unless `Bucket` names another one."""
    where = {} if operation == "ListBuckets" else {"Bucket": "{bucket}"}
    return Step(S3Request(operation, {**where, **arguments}))


def must_fail(step: Step, *codes: str) -> Step:
    """The step, which must fail with one of these codes and its HTTP status."""
    return step.fails_with({code: HTTP_STATUS[code] for code in codes})


def refusal_and_its_form(
    case: ProcedureRequirement, documentation: str = DOCUMENTED
) -> Iterator[ProcedureRequirement]:
    """A case of one request that fails, or may, as two: that it is refused, which the documentation
    promises, and Amazon's error document, code and status, which it does not."""
    scenario = case.procedure
    assert isinstance(scenario, S3Scenario)
    (step,) = scenario.steps
    refused = replace(scenario, steps=(step.is_refused(),))
    yield replace(case, procedure=refused, level=Level.MUST, source=documentation)
    text = f"{case.text.removesuffix('.')}, in Amazon's form."
    yield replace(case, name=f"{case.name}-code", text=text)


def may_fail(step: Step, *codes: str) -> Step:
    """The step, which may succeed as it must, or fail with one of these codes."""
    return step.may_fail_with({code: HTTP_STATUS[code] for code in codes})


def put(key: str = "letter", body: str | bytes = LETTER, /, **arguments: Any) -> Step:
    """PutObject."""
    return request("PutObject", Key=key, Body=body, **arguments)


def get(key: str = "letter", /, **arguments: Any) -> Step:
    """GetObject."""
    return request("GetObject", Key=key, **arguments)


def head(key: str = "letter", /, **arguments: Any) -> Step:
    """HeadObject."""
    return request("HeadObject", Key=key, **arguments)


def delete(key: str = "letter", /, **arguments: Any) -> Step:
    """DeleteObject."""
    return request("DeleteObject", Key=key, **arguments)


def copy(key: str = "copy", source: str = "{bucket}/letter", /, **arguments: Any) -> Step:
    """CopyObject."""
    return request("CopyObject", Key=key, CopySource=source, **arguments)


def list_keys(*names: str, **arguments: Any) -> Step:
    """ListObjects, which must list exactly these keys, in this order."""
    listed = list(names) or {"absent": True}
    return request("ListObjects", **arguments).with_fields({"Contents[].Key": _exactly(listed)})


def _exactly(listed: Any) -> Any:
    # As a pattern, a list allows any of its members: the whole list has to be one.
    return [listed] if isinstance(listed, list) else listed


def create_bucket(bucket: str = "{bucket}", /, **arguments: Any) -> Step:
    """CreateBucket."""
    return request("CreateBucket", Bucket=bucket, **arguments)


def set_versioning(status: str = "Enabled") -> Step:
    """PutBucketVersioning."""
    return request("PutBucketVersioning", VersioningConfiguration={"Status": status})


def bucket_with(name: str, *steps: Step) -> SharedBucket:
    """A bucket that is filled once, by these steps, and only read afterwards."""
    return SharedBucket(name, steps)


LETTER_BUCKET = bucket_with(
    "letter", put("letter", ContentType="text/plain", Metadata={"colour": "blue"})
)
