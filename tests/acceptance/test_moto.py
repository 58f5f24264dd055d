"""moto as a target: the same cases, the same code, another implementation."""

from __future__ import annotations

from datetime import date

import pytest

from fixtures import profile
from fixtures.model import Case, HarnessError, Status
from fixtures.plan.deviations import apply_deviations
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.moto import MotoServer
from fixtures.targets.target import Target
from tests.support.planned_suites import s3_cases

TODAY = date(2026, 12, 1)
PASS = (
    "s3/PutObject/answers/documented-call[boto]",
    "s3/ListObjectsV2/answers/pages-with-delimiter[boto3]",
    "s3/CopyObject/answers/directive-replace[boto]",
    "s3/CompleteMultipartUpload/answers/one-part[boto3]",
    "s3/DeleteObject/answers/removes-version[raw]",
    "s3/PostObject/answers/documented-form[raw]",
    "s3/GetObject/answers/link-v2[boto]",
)
DEVIATE = (
    "s3/CreateBucket/rejections/name-upper-case[raw]",
    "s3/DeleteObjects/answers/quiet[boto]",
)
NOT_CLAIMED = ("s3/GetObject/signatures/anonymous[boto3]",)


@pytest.fixture(scope="module")
def target_profile() -> profile.Profile:
    """The profile of moto, in place of the simulated deployment's."""
    return profile.load("moto")


def case(name: str) -> Case:
    """The planned case of that id."""
    (case,) = [case for case in s3_cases() if case.id == name]
    return case


def status(name: str, target: Target) -> Status:
    """The status of a case, known deviations applied."""
    verdict = run_case(case(name), Session(target)).verdict
    return apply_deviations(name, verdict, target.profile.known_deviation, TODAY).status


@pytest.mark.parametrize("name", PASS)
def test_moto_is_certified_by_the_same_cases(name: str, target: Target) -> None:
    """Behaviour that moto shares with Amazon passes."""
    assert status(name, target) is Status.PASSED


@pytest.mark.parametrize("name", DEVIATE)
def test_motos_deviations_are_known(name: str, target: Target) -> None:
    """Other behaviour of moto is a known deviation, with its reason."""
    assert status(name, target) is Status.KNOWN_DEVIATION


@pytest.mark.parametrize("name", NOT_CLAIMED)
def test_what_moto_does_not_claim_is_not_run(name: str, target: Target) -> None:
    """moto does not check signatures, and its profile does not claim that it does."""
    assert status(name, target) is Status.NOT_CLAIMED


def test_a_target_without_ec2_has_no_ec2_resources(target: Target) -> None:
    """Resources and drivers of EC2 are an error for a target that has S3 only."""
    with pytest.raises(HarnessError, match="moto has no EC2 endpoint"):
        _ = target.resources
    with pytest.raises(HarnessError, match="moto has no EC2 endpoint"):
        target.clients.driver("raw")


def test_leftovers_of_a_target_without_cloudstack_are_buckets(target: Target) -> None:
    """Where there is no CloudStack, nothing else can be left."""
    assert target.leftovers == []


def test_a_server_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """If moto cannot be started, the error comes at once."""
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(HarnessError, match="moto's server did not start"), MotoServer():
        pass
