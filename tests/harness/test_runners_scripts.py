"""Steps of the documentation's scripts: the step that fails is judged, later ones are not."""

from __future__ import annotations

import gc

import pytest

from fixtures.model import CloudFault, S3Request, Status
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.target import Target
from suites.examples import EC2, S3
from tests.support.planned_suites import cases

# boto's own modules cause warnings when they are imported, and it does not close its sockets.
pytestmark = pytest.mark.filterwarnings("ignore")
PLAN = {case.id: case for step in (*EC2, *S3) for case in cases("examples", step)}
EC2_STEP, S3_STEP = "examples/EC2-Boto/steps/{}[boto]", "examples/S3-Boto/steps/{}[boto]"


def _statuses(target: Target, *names: str) -> list[tuple[Status, str]]:
    with Session(target) as session:
        verdicts = [run_case(PLAN[name], session).verdict for name in names]
    gc.collect()  # boto's sockets are closed here, and not in a test that heeds warnings
    return [(verdict.status, verdict.because) for verdict in verdicts]


def test_a_step_after_a_failed_one_is_not_reached(target: Target) -> None:
    """If the images are not listed, that step fails, and the next one is inconclusive for it."""
    refused = CloudFault("listTemplates", 530, "the templates are away")
    results = []
    for step in ("images", "run"):
        target.faults.fail_once(refused)
        results += _statuses(target, EC2_STEP.format(step))
    (images, _), (run, because) = results
    assert (images, run) == (Status.FAILED, Status.INCONCLUSIVE)
    assert because.startswith("not reached, since step images failed: ")


def test_a_failed_step_is_judged_itself(target: Target) -> None:
    """A rejected RunInstances is the failure of its own step, although it returned no values."""
    target.faults.fail_once(CloudFault("deployVirtualMachine", 530, "no room"))
    ((status, because),) = _statuses(target, EC2_STEP.format("run"))
    assert status is Status.FAILED
    assert "no script.image" not in because


@pytest.mark.parametrize(
    ("step", "status", "reason"),
    [
        ("create-bucket", Status.FAILED, "refused with BucketAlreadyExists"),
        ("upload", Status.INCONCLUSIVE, "not reached, since step create-bucket failed: "),
        ("download-again", Status.INCONCLUSIVE, "not reached, since step create-bucket failed: "),
        ("silly-test", Status.INCONCLUSIVE, "not reached, since step "),
    ],
)
def test_s3_steps_after_a_failed_one(
    target: Target, step: str, status: Status, reason: str
) -> None:
    """If the first bucket is another user's, its creation fails, and nothing else is reached."""
    bucket = {"Bucket": "cloudstack"}
    target.buckets.call(S3Request("CreateBucket", bucket, user="other"))
    try:
        ((found, because),) = _statuses(target, S3_STEP.format(step))
    finally:
        target.buckets.call(S3Request("DeleteBucket", bucket, user="other"))
    assert found is status
    assert reason in because


def test_a_second_bucket_that_is_refused(target: Target) -> None:
    """If the second bucket is another user's, creating it fails, which the script passes over."""
    bucket = {"Bucket": "teststring"}
    target.buckets.call(S3Request("CreateBucket", bucket, user="other"))
    try:
        names = ("second-bucket", "second-bucket-found", "silly-test")
        results = _statuses(target, *map(S3_STEP.format, names))
    finally:
        target.buckets.call(S3Request("DeleteBucket", bucket, user="other"))
    statuses = [status for status, _ in results]
    assert statuses == [Status.FAILED, Status.INCONCLUSIVE, Status.INCONCLUSIVE]
