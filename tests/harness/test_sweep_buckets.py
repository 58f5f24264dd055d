"""`conform sweep` of buckets: those in a ledger are removed with their contents, no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped] # it has no types
import pytest

from fixtures.resources.buckets import BUCKET
from fixtures.resources.ledger import Created, Intent, Ledger, Resolved, RunStarted
from tests.support.served_deployments import ServedDeployment
from tools.conform.main import main

RUN = "20261121T000000Z-abc123"
OURS, INTENDED, FOREIGN = "cf-of-the-run-1", "cf-of-the-run-2", "cf-of-the-run-1x"


@pytest.fixture
def store(served: ServedDeployment) -> Iterator[Any]:
    """The user's client; it has a bucket that is not the run's."""
    me = served.announcement["users"][0]
    client = boto3.client(
        "s3",
        endpoint_url=served.announcement["s3"],
        region_name="us-east-1",
        aws_access_key_id=me["access_key"],
        aws_secret_access_key=me["secret_key"],
    )
    client.create_bucket(Bucket=FOREIGN)
    yield client
    client.delete_bucket(Bucket=FOREIGN)
    client.close()


def _names(store: Any) -> set[str]:
    return {bucket["Name"] for bucket in store.list_buckets()["Buckets"]}


def _interrupt_run(served: ServedDeployment, runs: Path, store: Any) -> None:
    """A run that created a bucket with contents, requested another, and was killed."""
    (runs / RUN).mkdir(parents=True)
    ledger = Ledger(runs / RUN / "ledger.jsonl")
    ledger.write(RunStarted(RUN, "served", (served.announcement["s3"],)))
    intent = ledger.record_intent(Intent(BUCKET, "me", (OURS,)))
    ledger.write(Created(BUCKET, "me", OURS, intent.number))
    ledger.write(Resolved(intent.number))
    ledger.record_intent(Intent(BUCKET, "me", (INTENDED,)))
    ledger.close()
    for bucket in (OURS, INTENDED):
        store.create_bucket(Bucket=bucket)
    enabled = {"Status": "Enabled"}
    store.put_bucket_versioning(Bucket=OURS, VersioningConfiguration=enabled)
    for text in (b"one", b"two"):
        store.put_object(Bucket=OURS, Key="a/b", Body=text)
    store.delete_object(Bucket=OURS, Key="a/b")
    store.create_multipart_upload(Bucket=OURS, Key="begun")


def test_buckets_of_a_killed_run_are_removed(
    served: ServedDeployment, store: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both buckets are removed, with versions and incomplete uploads; one with a similar name
    stays; a dry run only lists them, and a second sweep finds nothing."""
    runs = tmp_path / "out"
    _interrupt_run(served, runs, store)
    words = ["sweep", "--target", str(served.profile), str(runs)]
    assert main([*words, "--dry-run"]) == 0
    assert capsys.readouterr().out.count("would be removed") == 2
    assert _names(store) == {OURS, INTENDED, FOREIGN}
    assert main(words) == 0
    assert capsys.readouterr().out.count(": removed") == 2
    assert _names(store) == {FOREIGN}
    assert main(words) == 0
    assert "nothing was left behind" in capsys.readouterr().out


def test_a_profile_without_s3(
    served: ServedDeployment, store: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the profile no longer has the S3 endpoint, the buckets are reported."""
    runs = tmp_path / "out"
    _interrupt_run(served, runs, store)
    ledger = runs / RUN / "ledger.jsonl"
    ledger.write_text(
        ledger.read_text().replace(served.announcement["s3"], served.announcement["ec2"], 1)
    )
    text = served.profile.read_text().replace(f's3 = "{served.announcement["s3"]}"\n', "")
    lines = [line for line in text.splitlines() if not line.startswith("s3")]
    profile = tmp_path / "p.toml"
    profile.write_text("\n".join(lines))
    assert main(["sweep", "--target", str(profile), str(runs)]) == 1
    assert "2 buckets: not swept: the profile has no [endpoint] s3" in capsys.readouterr().out
    ledger.write_text(
        ledger.read_text().replace(served.announcement["ec2"], served.announcement["s3"], 1)
    )
    assert main(["sweep", "--target", str(served.profile), str(runs)]) == 0
