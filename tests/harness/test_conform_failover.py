"""`conform failover --dry-run`: the runbook with a profile's values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.live_profiles import LIVE
from tools.conform.main import main

FAILOVER = """
[failover]
primary = "172.16.1.217"
replica = "172.16.1.218"
management = ["m1.example", "m2.example"]
stop = "ssh {host} systemctl stop cloudstack-management"
"""


def _profile(folder: Path, text: str) -> str:
    file = folder / "staging.toml"
    file.write_text(text)
    return str(file)


def test_the_runbook_is_filled_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each step names the profile's machines and commands, every management server in its turn, and
    what to check before and after, without secrets."""
    assert main(["failover", "--target", _profile(tmp_path, LIVE + FAILOVER), "--dry-run"]) == 0
    runbook = capsys.readouterr().out
    steps = [line[:2] for line in runbook.splitlines() if line[:1] == "F" and line[1:2].isdigit()]
    assert steps == ["F1", "F2", "F3", "F4", "F5", "F6"]
    for host in ("m1.example", "m2.example"):
        assert f"do      ssh {host} systemctl stop cloudstack-management" in runbook
        assert f"do      ssh {host} service cloudstack-management start" in runbook
        edit = rf"""ssh {host} "sed -i -E 's/^(db\.(cloud|usage)\.host)=.*/\1=172.16.1.218/' /etc"""
        assert edit in runbook
    assert "before  mysql -h 172.16.1.218 -e 'SHOW SLAVE STATUS\\G'" in runbook
    assert "s3cr3t" not in runbook
    assert "{" not in runbook


def test_the_runbook_has_ports_limits_and_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other ports than the default, limits, and the commands for before and after are printed; the
    databases' passwords are not."""
    more = """
kill = "ssh {host} pkill -9 mariadbd"
retire = "ssh {host} read-only"
restore = "./as-it-was {host}"
named = "ssh {host} places"
limits = { start = 600 }
administrator_password = "0verseer"
password = "cl0ud"
"""
    text = FAILOVER.replace("172.16.1.218", "172.16.1.218:3307") + more
    assert main(["failover", "--target", _profile(tmp_path, LIVE + text), "--dry-run"]) == 0
    runbook = capsys.readouterr().out
    assert (
        "after   ssh m1.example places: db.cloud and db.usage are at 172.16.1.218:3307" in runbook
    )
    assert "before  mysql -h 172.16.1.218 -P 3307 -e 'SHOW SLAVE STATUS\\G'" in runbook
    assert "Each command may take 120 s (start 600 s)." in runbook
    for line in ("ssh 172.16.1.217 pkill -9", "do      ssh 172.16.1.217 read-only", "./as-it-was"):
        assert line in runbook
    assert "0verseer" not in runbook
    assert "cl0ud" not in runbook


def test_a_profile_without_failover(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A profile without [failover], or with a part of it, is refused with what it lacks."""
    assert main(["failover", "--target", _profile(tmp_path, LIVE), "--dry-run"]) == 2
    assert "[failover]" in capsys.readouterr().err
    half = FAILOVER.replace('replica = "172.16.1.218"\n', "")
    assert main(["failover", "--target", _profile(tmp_path, LIVE + half), "--dry-run"]) == 2
    assert "replica" in capsys.readouterr().err
