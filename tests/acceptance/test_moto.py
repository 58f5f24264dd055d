"""moto as a target: the same cases, the same code, another implementation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from fixtures import profile
from fixtures.model import Case, HarnessError, Status
from fixtures.plan.deviations import apply_deviations
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.moto import MotoServer
from fixtures.targets.target import Target
from tests.unit.test_suite_s3 import planned

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
def target() -> Iterator[Target]:
    """moto, running."""
    with Target(profile.load("moto")) as running:
        yield running


def case(name: str) -> Case:
    """The planned case of that id."""
    (found,) = [one for one in planned() if one.id == name]
    return found


def status(name: str, target: Target) -> Status:
    """What becomes of a case, in the light of what is listed."""
    verdict = run_case(case(name), Session(target)).verdict
    return apply_deviations(name, verdict, target.profile.known_deviation, TODAY).status


@pytest.mark.parametrize("name", PASS)
def test_moto_is_certified_by_the_same_cases(name: str, target: Target) -> None:
    """What moto does as Amazon does passes."""
    assert status(name, target) is Status.PASSED


@pytest.mark.parametrize("name", DEVIATE)
def test_motos_own_ways_are_listed(name: str, target: Target) -> None:
    """What moto does otherwise is a known deviation, with its reason."""
    assert status(name, target) is Status.KNOWN_DEVIATION


@pytest.mark.parametrize("name", NOT_CLAIMED)
def test_what_moto_does_not_claim_is_not_asked(name: str, target: Target) -> None:
    """moto lets everybody in, and does not claim otherwise."""
    assert status(name, target) is Status.NOT_CLAIMED


def test_a_target_without_ec2_has_no_scene(target: Target) -> None:
    """Cases about EC2 have nothing to stand on at an endpoint of S3, and say so."""
    with pytest.raises(HarnessError, match="moto has no EC2 endpoint"):
        _ = target.resources
    with pytest.raises(HarnessError, match="moto has no EC2 endpoint"):
        target.clients.driver("raw")


def test_what_is_left_is_of_the_buckets(target: Target) -> None:
    """Where there is no CloudStack, nothing can be left there."""
    assert target.leftovers == []


def test_a_server_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where moto cannot be started, that is what is said, at once."""
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(HarnessError, match="moto's server did not start"), MotoServer():
        pass
