"""A resumed run tells what its killed session left in a live cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.resources.ledger import LEDGER_FILE, Created, Intent, Ledger, Removed, Resolved
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from reports.record.run_file import FILE, load_run
from tests.support.conform_processes import run_conform
from tests.support.hostile_runs import run, write_profile


@pytest.mark.parametrize("removed", [False, True])
def test_what_an_earlier_session_left_behind(tmp_path: Path, removed: bool) -> None:
    """What the killed session created, and neither it nor a sweep removed, is in the resumed run's
    record, which is incomplete then."""
    with Deployment(DeploymentOptions()) as deployment:
        write_profile(tmp_path, deployment, deployment.ec2_url)
        run(tmp_path, "--suite", "zones")
        folder = (tmp_path / "out" / "latest").resolve()
        lines = (folder / FILE).read_bytes().splitlines(keepends=True)
        (folder / FILE).write_bytes(b"".join(lines[:3]))  # as a killed session leaves it
        ledger = Ledger(folder / LEDGER_FILE)
        number = ledger.record_intent(Intent("volume", "me", within=0.1)).number
        ledger.write(Created("volume", "me", "11111111-aaaa", number))
        if removed:
            ledger.write(Resolved(number))
            ledger.write(Removed("volume", "11111111-aaaa"))
        ledger.close()
        done = run_conform(tmp_path, "run", "--resume", str(folder))
    resumed = load_run(folder)
    assert len(resumed.outcomes) > 2
    assert resumed.footer is not None
    if not removed:
        assert "volume 11111111-aaaa" in resumed.footer.interrupted
        assert "conform sweep" in done.stdout
        assert done.returncode == 3
    else:
        assert "an earlier session" not in resumed.footer.interrupted
