"""S3 endpoints whose signature version 2 covers the path as sent, or /bucket/key alone, and one
that answers under a host name only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
import pytest

from fixtures import profile
from fixtures.model import Case, Status
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.bridge.s3.auth import signature_v2
from fixtures.simulator.bridge.s3.call import S3Call
from fixtures.simulator.bridge.s3.errors import S3Error
from fixtures.simulator.bridge.s3.hooks import NextOperation
from fixtures.simulator.bridge.s3.replies import S3Reply
from fixtures.simulator.bridge.s3.request import S3Request
from fixtures.targets.target import Target
from suites import s3
from suites.s3 import signatures
from tests.support.planned_suites import cases


def as_sent(request: S3Request) -> Iterator[str]:
    """What a bridge signs that takes the path of the request line."""
    yield request.raw_path


def without_prefix(request: S3Request) -> Iterator[str]:
    """What a bridge signs that takes the path below its own."""
    yield request.resource


PATHS = {"full": as_sent, "bucket": without_prefix}


def good_cases() -> list[Case]:
    """The cases about signatures of version 2 that are accepted."""
    suite = s3.__name__.rpartition(".")[2]
    return [
        case
        for requirement in signatures.GOOD
        if requirement.name.startswith("v2")
        for case in cases(suite, requirement)
    ]


@pytest.mark.parametrize("accepted", ["full", "bucket"])
def test_the_only_path_that_is_accepted(accepted: Literal["full", "bucket"]) -> None:
    """Every client signs it, and the other is not claimed."""
    endpoint = profile.Endpoint(s3_signed_paths=(accepted,))
    described = msgspec.structs.replace(profile.load("simulated"), endpoint=endpoint)
    with Target(described, run="paths") as target, pytest.MonkeyPatch.context() as patch:
        patch.setattr(signature_v2, "_paths", PATHS[accepted])
        session = Session(target)
        verdicts = {case.id: run_case(case, session).verdict for case in good_cases()}
    other = {"full": "v2-short-path", "bucket": "v2-documented"}[accepted]
    for case, verdict in verdicts.items():
        expected = Status.NOT_CLAIMED if f"/{other}[" in case else Status.PASSED
        assert verdict.status is expected, (case, verdict.because)


NAME = "s3.cloud.example"


async def _answer_under_name(call: S3Call, call_next: NextOperation) -> S3Reply:
    if call.request.headers["host"].partition(":")[0] != NAME:
        raise S3Error("AccessDenied", f"The service endpoint is {NAME}")
    return await call_next(call)


@pytest.mark.parametrize("said", [True, False])
def test_a_host_that_must_be_a_name(*, said: bool) -> None:
    """Every client sends the name that the profile says, over a connection to the address."""
    endpoint = profile.Endpoint(s3_host=NAME if said else None)
    described = msgspec.structs.replace(profile.load("simulated"), endpoint=endpoint)
    with Target(described, run="host") as target:
        assert target.deployment is not None
        target.deployment.bridge.hooks = (Hooks(s3_operation=_answer_under_name),)
        session = Session(target)
        verdicts = {case.id: run_case(case, session).verdict for case in good_cases()}
    assert {case.partition("[")[2] for case in verdicts} == {"boto]", "boto3]", "raw]"}
    for case, verdict in verdicts.items():
        assert verdict.status is (Status.PASSED if said else Status.FAILED), (case, verdict.because)
        assert said or NAME in verdict.because
