"""The plan of the S3 suite: enough cases, unique ids, and requests that clients can send."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from fixtures import profile
from fixtures.clients.s3 import S3_DRIVERS, service_model
from fixtures.model import Case, Level, S3Scenario, Step, UsageError, matches_case
from fixtures.setup.binding import bind
from fixtures.setup.s3_buckets import bucket_names
from suites.s3.error_codes import HTTP_STATUS
from tests.support.planned_suites import s3_cases

NAMES = {
    **{name: bucket_names(name) for name in ("bucket", "second", "third")},
    "date": {"id": "Sat, 05 May 2012 10:00:00 GMT"},
    "run": {"start": "2012-05-05T10:00:00Z", "now": "2012-05-05T10:00:00Z"},
}


def scenario_of(case: Case) -> S3Scenario:
    """The scenario of a case."""
    assert isinstance(case.scenario, S3Scenario)
    return case.scenario


def test_there_are_enough_cases() -> None:
    """At least 350 requirements, by three drivers."""
    assert len({case.id.partition("[")[0] for case in s3_cases()}) >= 350
    assert {case.driver for case in s3_cases()} == {"boto", "boto3", "raw"}


def test_every_case_has_its_own_name() -> None:
    """No two cases have the same id."""
    ids = [case.id for case in s3_cases()]
    assert len(ids) == len(set(ids))


def test_every_case_has_a_text_and_a_source() -> None:
    """Each case has a sentence and a source, and needs at least S3."""
    for case in s3_cases():
        assert case.text.endswith("."), case.id
        assert case.source, case.id
        assert "s3" in case.capabilities, case.id
        assert case.capabilities <= profile.CAPABILITIES | profile.ENDPOINT_OPTIONS, case.id


def test_what_the_documentation_promises_is_marked() -> None:
    """The operations of the documented script are `must`, by the client that it uses."""
    must = {case.row for case in s3_cases() if case.level is Level.MUST and case.driver == "boto"}
    assert must >= {"CreateBucket", "HeadBucket", "PutObject", "GetObject", "ListObjects"}


def test_other_users_are_claimed() -> None:
    """A case that sends requests of another account needs a second account."""
    for case in s3_cases():
        scenario = scenario_of(case)
        users = {step.request.user for step in (*scenario.setup, *scenario.steps, *scenario.verify)}
        assert "other" not in users or "second_account" in case.capabilities, case.id


def test_refusals_have_amazons_status() -> None:
    """Every expected code is one of Amazon's, with its HTTP status."""
    for case in s3_cases():
        for step in scenario_of(case).steps:
            assert step.expected.codes <= HTTP_STATUS.keys(), case.id
            assert set(step.expected.status) >= {
                HTTP_STATUS[code] for code in step.expected.codes
            }, case.id


class _Anything(dict[str, Any]):
    """Values for all names that earlier steps may save."""

    def get(self, name: str, default: Any = None) -> Any:
        """A value of that name."""
        return NAMES.get(name, default or {"id": "saved", "name": "saved"})


def _bind_step(step: Step) -> Step:
    return bind(step, _Anything())


def test_boto3_can_send_its_cases() -> None:
    """The arguments of boto3's cases pass botocore's validation."""
    validator = import_module("botocore.validate").ParamValidator()
    for case in s3_cases():
        if case.driver != "boto3":
            continue
        for step in map(_bind_step, scenario_of(case).steps):
            shape = service_model.operation(step.request.operation).input_shape
            report = validator.validate(dict(step.request.arguments), shape)
            assert not report.has_errors(), f"{case.id}: {report.generate_report()}"


def test_everything_can_be_written() -> None:
    """Each step can be encoded as HTTP, with known ways of tampering only."""
    for case in s3_cases():
        scenario = scenario_of(case)
        for step in map(_bind_step, (*scenario.setup, *scenario.steps, *scenario.verify)):
            service_model.serialize(step.request.operation, step.request.arguments)
            S3_DRIVERS["raw"].unsupported_reason(step.request)


def test_every_client_can_send_the_controls() -> None:
    """What shows that a reply could have been otherwise is sent by the client that got the reply:
    for each refusal a valid request, for each kind of list and object requests that must be
    answered differently."""
    for case in s3_cases():
        scenario = scenario_of(case)
        for step in scenario.steps:
            valid = scenario.controls.get(step.request.sender, ())
            may_fail = step.expected.refused or bool(step.expected.codes)
            assert valid or not may_fail, case.id
            read = filter(None, [scenario.readings.get(step.request.sender)])
            for control in (*valid, *read):
                asked = [each for each in control.steps if each.request.is_read]
                for each in (*asked, control.steps[-1]):
                    request = _bind_step(each).request
                    assert S3_DRIVERS[case.driver].unsupported_reason(request) is None, case.id


@pytest.mark.parametrize(
    "entry", profile.load("moto").known_deviation, ids=lambda entry: entry.reason
)
def test_every_known_deviation_of_moto_is_of_some_case(entry: profile.KnownDeviation) -> None:
    """Every listed deviation matches a case."""
    patterns = [entry.case] if isinstance(entry.case, str) else entry.case
    for pattern in patterns:
        assert any(matches_case(pattern, case.id) for case in s3_cases()), pattern


LIVE = """
name = "store"
kind = "live"
[endpoint]
s3 = "http://127.0.0.1:9/"
[user]
access_key = "AK"
secret_key = "SK"
[capabilities]
"""


def test_an_endpoint_of_s3_alone_is_enough(tmp_path: Path) -> None:
    """Any S3 endpoint can be certified: it needs neither an EC2 endpoint nor CloudStack."""
    file = tmp_path / "store.toml"
    file.write_text(LIVE + "s3 = true\n")
    assert profile.load(str(file)).endpoint == profile.Endpoint(s3="http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (LIVE + "query = true\n", r"\[capabilities\] query: \[endpoint\] has no ec2"),
        (
            LIVE.replace("s3 =", "ec2 =") + "s3-acl = true\n",
            r"\[capabilities\] s3-acl: \[endpoint\] has no s3",
        ),
        (LIVE.replace('s3 = "http://127.0.0.1:9/"', ""), r"\[endpoint\] needs ec2, s3, or both"),
    ],
)
def test_claims_need_their_endpoint(tmp_path: Path, text: str, names: str) -> None:
    """A claimed capability needs its endpoint; the message names the key and the file."""
    file = tmp_path / "store.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=names):
        profile.load(str(file))
