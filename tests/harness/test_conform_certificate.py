"""`conform keygen`, `sign`, `verify`, `pack`, and the page about certificates."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from reports.record.session import harness_version
from tests.support.conform_processes import PROJECT, run_conform
from tests.support.made_runs import keep, made_run, outcome
from tools.conform.main import main


@pytest.fixture
def run_directory(tmp_path: Path) -> Path:
    """A conformant run of a live target, made by this harness without changes."""
    run = made_run([outcome(), outcome(kind="reply")])
    harness = {"version": harness_version()["version"], "commit": "0123456789ab"}
    return keep(replace(run, header=replace(run.header, harness=harness)), tmp_path / "run")


@pytest.fixture
def key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A private key, whose public key is beside it."""
    assert main(["keygen", str(tmp_path / "key")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"private key: {tmp_path / 'key'}",
        f"public key: {tmp_path / 'key.pub'}",
    ]
    return tmp_path / "key"


def test_a_release_is_certified_packed_and_verified_elsewhere(
    tmp_path: Path, run_directory: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run is signed, packed, unpacked in another place, and verifies there."""
    assert main(["sign", str(run_directory), "--key", str(key)]) == 0
    assert main(["pack", str(run_directory), "--out", str(tmp_path / "pack.tar.gz")]) == 0
    assert "2 files, with a certificate" in capsys.readouterr().out
    with tarfile.open(tmp_path / "pack.tar.gz") as archive:
        archive.extractall(tmp_path / "elsewhere", filter="data")
    (unpacked,) = (tmp_path / "elsewhere").iterdir()
    words = ["verify", str(unpacked), "--key", f"{key}.pub", "--max-age", "1"]
    assert main(words) == 0
    assert "conformant: all 2 cases passed" in capsys.readouterr().out
    assert main(["report", str(unpacked)]) == 0
    assert main(words) == 0
    with (unpacked / "run.jsonl").open("ab") as record:
        record.write(b"x")
    assert main(words) == 2
    assert "there is more after the footer" in capsys.readouterr().err


def test_a_certified_run_of_the_simulated_deployment_claims_nothing(
    tmp_path: Path, key: Path
) -> None:
    """`conform certify --key` signs what it ran; of the deployment that the harness contains, and
    of a part of the plan, nothing is claimed."""
    words = ("certify", "--shard", "7/400", "--key", str(key), "--out", "out")
    done = run_conform(tmp_path, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("certificate: ")
    verified = run_conform(tmp_path, "verify", "out/latest", "--key", f"{key}.pub")
    assert (verified.returncode, verified.stderr) == (1, "")
    assert "claims nothing for a live product: the target is the one that" in verified.stdout
    assert "claims nothing for a live product: a part of the plan" in verified.stdout


def test_wrong_usage(
    tmp_path: Path, run_directory: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing key, directory or certificate is one line and status 2; no run is started."""
    for words in (
        ["sign", str(run_directory)],
        ["sign", str(run_directory), "--key", "none"],
        ["sign", str(tmp_path / "none"), "--key", str(key)],
        ["verify", str(run_directory), "--key", f"{key}.pub"],
        ["verify", str(run_directory), "--key", str(key)],
        ["keygen", str(key)],
        ["pack", str(tmp_path / "none"), "--out", str(tmp_path / "x")],
        ["certify", "--key", "none", "--out", str(tmp_path / "out")],
    ):
        assert main(words) == 2, words
        assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert [path.name for path in run_directory.iterdir()] == ["run.jsonl"]


def test_the_page_verifies_without_the_harness(
    tmp_path: Path, run_directory: Path, key: Path
) -> None:
    """The lines of docs/certificate.md, with securesystemslib alone, accept a certificate, and
    refuse it once the record was changed."""
    assert main(["sign", str(run_directory), "--key", str(key)]) == 0
    page = (PROJECT / "docs" / "certificate.md").read_text("utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    words = [sys.executable, "-I", "-c", script, str(run_directory), f"{key}.pub"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "['AWSAPI_CONFORMANT', 'AWSAPI_SELF_ATTESTED']" in done.stdout
    record = run_directory / "run.jsonl"
    record.write_bytes(record.read_bytes().replace(b"AttachVolume", b"DetachVolume", 1))
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "AssertionError: run.jsonl" in done.stderr
