"""Which cases are about security: where one fails, callers have rights that they must not have."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.model import Case, Level, Run, S3Scenario
from reports.record.run_file import FILE, load_run
from tests.support.made_runs import header, keep, outcome
from tests.support.planned_suites import all_cases

SECURITY = {case.id for case in all_cases() if case.security}


@pytest.mark.parametrize(
    "address",
    [
        "groups/AuthorizeSecurityGroupIngress/parameters/source-group[boto3]",
        "reported_bugs/AuthorizeSecurityGroupIngress/parameters/source-group-without-user[soap]",
        "instances/StopInstances/authentication/body-changed[raw]",
        "instances/StopInstances/authentication/changed-body[soap]",
        "volumes/AttachVolume/authentication/no-security[soap]",
        "registration/SetCertificate/story/nobody-after-somebody[soap]",
        "volumes/DescribeVolumes/reply/foreign-hidden[boto3]",
        "volumes/DeleteVolume/rejections/foreign-volume[boto]",
        "accounts/DescribeVolumes/hidden/other[boto]",
        "s3/GetObject/rights/subdomain[boto3]",
    ],
)
def test_cases_about_rights_are_security(address: str) -> None:
    """Rules that open more than was asked for, forged requests, and other accounts' resources."""
    assert address in SECURITY


def test_forms_and_successes_are_not() -> None:
    """The code of a refusal, and requests that must be answered, say nothing about rights."""
    assert not [each for each in SECURITY if each.partition("[")[0].endswith("-code")]
    assert not [each for each in SECURITY if "/documented-call" in each or "/teammate/" in each]
    assert "instances/StopInstances/authentication/hmac-sha1[raw]" not in SECURITY
    assert "instances/StopInstances/authentication/wrong-version[raw]" not in SECURITY


def test_documented_refusals_of_strangers_are_all_about_security() -> None:
    """What the documentation says about users and their credentials."""
    refusals = [
        case for case in all_cases() if case.kind == "authentication" and case.level is Level.MUST
    ]
    assert refusals
    assert not [case.id for case in refusals if not case.security]


def _refused_steps(case: Case) -> bool:
    scenario = case.scenario
    assert isinstance(scenario, S3Scenario)
    return any(step.expected.is_rejection for step in (*scenario.steps, *scenario.verify))


def test_s3_cases_of_rights_and_signatures_that_refuse_are_about_security() -> None:
    """Those in which every request must be answered are not."""
    for case in all_cases():
        is_code = case.id.partition("[")[0].endswith("-code")
        if case.suite == "s3" and case.kind in ("rights", "signatures") and not is_code:
            assert case.security == _refused_steps(case), case.id


def test_the_record_says_which_cases_are_about_security(tmp_path: Path) -> None:
    """An outcome has it; one of an older record, which has no such field, is about none."""
    about = outcome(security=True)
    path = keep(Run(header([about]), (about,), None), tmp_path) / FILE
    assert load_run(path).outcomes == (about,)
    first, last = path.read_bytes().splitlines()
    older = {name: value for name, value in json.loads(last).items() if name != "security"}
    path.write_bytes(b"%b\n%b\n" % (first, json.dumps(older).encode()))
    assert load_run(path).outcomes == (replace(about, security=False),)
