"""The suite `ports` on a live target, whose profile names its configuration directory."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import pytest

from fixtures import profile
from fixtures.database.polling import wait_until
from fixtures.database.server import free_port
from fixtures.deployments import live
from fixtures.deployments.configuration_files import KEPT, ConfigurationFiles
from fixtures.failover.commands import run_command
from fixtures.model import NEW_PORT, Case, ServerPortScenario, Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.configuration.directory import create_configuration
from fixtures.targets.target import Target
from suites.ports import TestPorts as Ports
from tests.support.conform_processes import conform_command, environment
from tests.support.planned_suites import cases

KINDS = ("changed", "not-restarted", "one-file", "form", "no-port")
PLAN = {
    case.id: case
    for kind in KINDS
    for demand in Ports.demands(kind, ())
    for case in cases("ports", demand)
    if case.driver == "raw"
}
MOVED = "ports/S3/changed/every-file[raw]"
CHOSEN = [case for case in PLAN.values() if "/EC2/" in case.id or case.id == MOVED]
# The server prints a line after each restart.
RESTART = (
    "n=$(wc -l < {out}); kill -HUP {pid};"
    ' until [ "$(wc -l < {out})" -gt "$n" ]; do sleep 0.02; done'
)


class LiveServer(NamedTuple):
    """A server on its files, as a live target; `table`: the beginning of `[deployment]`."""

    directory: Path
    profile: Path
    table: str

    def run(self, *chosen: Case, table: str, allowed: bool = True) -> dict[str, Verdict]:
        """The verdicts on these cases, with a table of the profile."""
        file = self.profile.with_name("live.toml")
        file.write_text(self.profile.read_text("utf-8") + table, "utf-8")
        with (
            Target(profile.load(str(file)), run="live") as target,
            Session(target, allow_destructive=allowed) as session,
        ):
            return {case.id: run_case(case, session).verdict for case in chosen}


@contextmanager
def live_server(folder: Path, *more: str) -> Iterator[LiveServer]:
    """`conform serve --config` with both services enabled."""
    directory, out = folder / "management", folder / "served.jsonl"
    create_configuration(directory, free_port(), free_port())
    options = ["--config", str(directory), "--integration-port", str(free_port())]
    options += ["--write-profile", str(folder / "served.toml"), "--observer", "api-log", *more]
    with (
        out.open("w") as stream,
        subprocess.Popen(
            conform_command("serve", *options), env=environment(), stdout=stream
        ) as process,
    ):
        try:
            assert wait_until(lambda: out.read_text("utf-8").endswith("\n"), 20, 0.05)
            served = json.loads(out.read_text("utf-8"))
            for name in ("enable.ec2.api", "enable.s3.api"):
                query = f"command=updateConfiguration&name={name}&value=true"
                urlopen(f"{served['integration']}?{query}", timeout=10).close()
            restart = RESTART.format(out=shlex.quote(str(out)), pid=process.pid)
            run_command(restart, 20, "restart")
            table = f"\n[deployment]\nrestart = '''{restart}'''\n"
            yield LiveServer(directory, folder / "served.toml", table)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def live_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Such a server."""
    with live_server(tmp_path_factory.mktemp("live")) as server:
        yield server


def contents(directory: Path) -> dict[str, object]:
    """The files of a directory: bytes, or where a link leads."""
    return {
        path.name: path.readlink() if path.is_symlink() else path.read_bytes()
        for path in directory.iterdir()
        if path.is_file() and path.suffix in (".xml", ".properties")
    }


def test_the_cases_of_ports(live_target: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case passes on a live target that grants its directory, but for those that look for
    other ports; then its files are as they were, with their links and modes."""
    monkeypatch.setattr(live, "SERVICE_SECONDS", 0.5)
    before = contents(live_target.directory)
    (live_target.directory / "server-ssl.xml").chmod(0o604)
    table = f"{live_target.table}directory = '{live_target.directory}'\n"
    verdicts = live_target.run(*CHOSEN, table=table)
    seen = {case: verdict for case, verdict in verdicts.items() if "/no-port/" not in case}
    assert {verdict.status for verdict in seen.values()} == {Status.PASSED}, seen
    hidden = [verdict for case, verdict in verdicts.items() if case not in seen]
    assert {verdict.status for verdict in hidden} == {Status.INCONCLUSIVE}
    assert "no file names cannot be seen" in hidden[0].because
    assert contents(live_target.directory) == before
    assert (live_target.directory / "server-ssl.xml").stat().st_mode & 0o777 == 0o604
    assert not (live_target.directory / KEPT).exists()


def test_a_live_server_that_keeps_its_old_port(tmp_path: Path) -> None:
    """It is found, and its files are put back all the same."""
    with live_server(tmp_path, "--mutant", "keeps-the-old-port-beside-the-new") as server:
        before = contents(server.directory)
        table = f"{server.table}directory = '{server.directory}'\n"
        verdict = server.run(PLAN[MOVED], table=table)[MOVED]
        assert verdict.status is Status.FAILED
        assert "the old port accepts connections" in verdict.because
        assert contents(server.directory) == before


@pytest.mark.parametrize(
    ("table", "allowed", "reason"),
    [
        ("", True, "has no [deployment] directory, where this machine sees"),
        ("directory = '{directory}'\n", False, "needs --allow-destructive"),
        ("directory = '{other}'\n", True, "is not on the port of"),
        ("directory = '{empty}'\n", True, "server.xml: No such file"),
    ],
)
def test_what_is_needed(
    live_target: LiveServer, tmp_path: Path, table: str, allowed: bool, reason: str
) -> None:
    """Without a directory that is the server's, or without permission, nothing is changed, and the
    reason is named."""
    other, before = tmp_path / "other", contents(live_target.directory)
    create_configuration(other, free_port(), free_port())
    named = table.format(directory=live_target.directory, other=other, empty=tmp_path)
    verdict = live_target.run(PLAN[MOVED], table=f"{live_target.table}{named}", allowed=allowed)[
        MOVED
    ]
    assert (verdict.status, reason in verdict.because) == (Status.NOT_CLAIMED, True), verdict
    assert contents(live_target.directory) == before


def test_a_port_of_a_remote_server(live_target: LiveServer) -> None:
    """Cases do not move a remote service to a port that its firewall may close."""
    table = f"{live_target.table}directory = '{live_target.directory}'\n"
    file = live_target.profile.with_name("remote.toml")
    text = live_target.profile.read_text("utf-8").replace("//localhost:", "//localhost.:")
    file.write_text(text, "utf-8")
    remote = LiveServer(live_target.directory, file, live_target.table)
    verdict = remote.run(PLAN[MOVED], table=table)[MOVED]
    assert verdict.status is Status.NOT_CLAIMED
    assert "has no [deployment] free_port, to move the service to" in verdict.because


def test_files_that_a_killed_run_left(tmp_path: Path) -> None:
    """The next run puts them back, also where it changes others."""
    create_configuration(tmp_path / "management")
    directory = tmp_path / "management"
    before = contents(directory)
    scenarios = {case.id: case.scenario for case in PLAN.values()}
    for name in ("one-file/server.xml", "form/comment"):
        scenario = scenarios[f"ports/EC2/{name}[raw]"]
        assert isinstance(scenario, ServerPortScenario)
        files = ConfigurationFiles(directory)
        assert contents(directory) == before
        files.change(scenario, {NEW_PORT: "7999"})
        assert contents(directory) != before
    ConfigurationFiles(directory)
    assert contents(directory) == before
