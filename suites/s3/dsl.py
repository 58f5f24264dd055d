"""The DSL of the S3 cases: what a case is made of, its requests, and what each must return.

A case is a few requests that the case's driver sends, with the reply that each must get; where it
matters, requests before (`setup`) and after them (`verify`), which the raw driver sends. Level
`must` is what the documentation promises (its Boto script); everything else is Amazon's API.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from typing import ClassVar, TypedDict, Unpack

from fixtures.model import (
    ANONYMOUS,
    Case,
    Level,
    ProcedureRequirement,
    S3Scenario,
    SharedBucket,
    Step,
)
from fixtures.model.documentation import BOTO_EXAMPLES
from suites.contract.suite import Check, Suite
from suites.s3.steps import (
    LETTER,
    LETTER_BUCKET,
    LETTER_ETAG,
    LETTER_MD5,
    bucket_with,
    copy,
    create_bucket,
    delete,
    get,
    head,
    list_keys,
    may_fail,
    must_fail,
    put,
    request,
    set_versioning,
)
from suites.s3.valid_requests import controls, readings

USER_CAPABILITIES = {"other": "second_account"}  # those of other users are named as these are
ALL = ("boto", "boto3", "raw")
SDKS = ("boto", "boto3")
RAW = ("raw",)
AMAZON = "Amazon S3 API 2006-03-01"
DOCUMENTED = BOTO_EXAMPLES.cite("example 2", "示例2.S3 Boto示例")
__all__ = [
    "ALL",
    "AMAZON",
    "DOCUMENTED",
    "FUTURE_DATE",
    "HTTP_DATE",
    "ISO",
    "LETTER",
    "LETTER_BUCKET",
    "LETTER_ETAG",
    "LETTER_MD5",
    "PAST_DATE",
    "RAW",
    "SDKS",
    "CaseOptions",
    "Cases",
    "S3Suite",
    "answers",
    "bucket_with",
    "checks_access",
    "checks_signature",
    "copy",
    "create_bucket",
    "delete",
    "get",
    "head",
    "list_keys",
    "may_fail",
    "must_fail",
    "put",
    "rejects",
    "request",
    "set_versioning",
]

PAST_DATE, FUTURE_DATE = "Sat, 05 May 2012 10:00:00 GMT", "Sun, 05 May 2052 10:00:00 GMT"
# The time of something that the run created, in Amazon's two forms.
_RUN = ("{run.start}", "{run.now}")
ISO = {"between": [*_RUN, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"]}
HTTP_DATE = {"between": [*_RUN, r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"]}


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


# --- cases ------------------------------------------------------------------------------------


class CaseOptions(TypedDict, total=False):
    """What a case may have besides its steps."""

    setup: tuple[Step, ...]
    verify: tuple[Step, ...]
    allowed_after: tuple[Step, ...]  # in place of `setup`: the refused request is answered then
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
                controls={
                    **controls((*setup, *verify)),
                    **controls(steps, options.get("allowed_after", ())),
                },
                readings=readings((*setup, *steps, *verify)),
            ),
            drivers=options.get("drivers", self.drivers),
            level=level,
            source=options.get("source", DOCUMENTED if level is Level.MUST else AMAZON),
            security=kind in ("rights", "signatures") and _has_refusal((*steps, *verify)),
            capabilities=frozenset(needed),
        )


def _has_refusal(steps: tuple[Step, ...]) -> bool:
    return any(step.expected.is_rejection for step in steps)


_S3 = Cases()
answers, rejects = _S3.answers, _S3.rejects
checks_access, checks_signature = _S3.checks_access, _S3.checks_signature


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
    yield replace(case, name=f"{case.name}-code", text=text, security=False)
