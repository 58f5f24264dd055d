"""The times of requests and CloudStack calls in a record, which its pictures are drawn from."""

from __future__ import annotations

import pytest

from fixtures.model import Status
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from reports.record.session import make_outcome
from tests.support.planned_suites import table_cases

ROUNDED = 0.001  # seconds


@pytest.mark.parametrize("client", ["boto3", "soap", "command"])
def test_calls_lie_within_the_request_that_caused_them(target: Target, client: str) -> None:
    """The record says when each request was sent, how long its answer took, and when CloudStack got
    the calls behind it."""
    cases = table_cases("documented-call", driver=client)
    case = next(case for case in cases if case.row == "CreateVolume")
    result = run_case(case, Session(target))
    assert result.verdict.status is Status.PASSED
    outcome = make_outcome(case, result.verdict, result.observation, 0.0)
    (request,) = outcome.exchange
    assert 0 < request["seconds"] < 60
    (call,) = (call for call in outcome.calls if call["command"] == "createVolume")
    ends = request["at"] + request["seconds"]
    assert request["at"] - ROUNDED <= call["at"] <= ends + ROUNDED
