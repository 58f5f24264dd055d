"""Targets that send megabytes where a word is expected: time, memory and evidence stay bounded."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

from fixtures.faults.hostile import ResponseMaker, http_response, refusal_response, success_document
from fixtures.faults.server import responds
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from reports.record.run_file import FILE, load_run
from tests.support.hostile_runs import TIMEOUT, run, write_profile

MANY = 8_000_000  # characters, near the most that XML parsers take in one text
LARGEST = 64 * 1024  # bytes by which a file may grow for a case
SLACK = 6.0  # seconds, on a busy machine
ANSWERS: tuple[ResponseMaker, ...] = (
    lambda request: refusal_response(request, "A" * MANY, "no"),
    lambda request: refusal_response(request, "AuthFailure", "&amp;#38;" * (MANY // 9)),
    lambda request: http_response(
        success_document(request, f"<return>{'x' * MANY}</return>").encode()
    ),
    lambda _: http_response(b"y" * 2 * MANY, "500 Internal Server Error"),
    lambda request: refusal_response(request, "AuthFailure", "\n" * MANY),
    lambda request: refusal_response(request, "B" * 200_000, "&lt;" * 50_000),
)


def test_large_answers(tmp_path: Path) -> None:
    """Each case ends within twice its deadline, and no file of the run grows by more than 64 KiB
    for it, whatever part of an answer is megabytes long."""
    turns = cycle(ANSWERS)

    def respond(request: bytes) -> bytes:
        return next(turns)(request)

    with Deployment(DeploymentOptions()) as deployment, responds(respond) as target:
        write_profile(tmp_path, deployment, target.url)
        run(tmp_path, "--suite", "passwords")
    folder = tmp_path / "out" / "latest"
    outcomes = load_run(folder).outcomes
    assert {outcome.driver for outcome in outcomes} >= {"boto", "boto3", "raw", "soap", "command"}
    assert max(map(len, (folder / FILE).read_bytes().splitlines())) < LARGEST
    for file in folder.rglob("*"):
        assert not file.is_file() or file.stat().st_size < LARGEST * len(outcomes), file
    for outcome in outcomes:
        assert outcome.seconds < 2 * TIMEOUT + SLACK, outcome.case
