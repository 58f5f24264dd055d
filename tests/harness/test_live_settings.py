"""A live target whose settings cases change, and which they restart by the profile's command."""

from __future__ import annotations

import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from fixtures import profile
from fixtures.database.server import free_port
from fixtures.deployments import live
from fixtures.deployments.compute_offerings import SET_ASIDE
from fixtures.model import Case, HarnessError, Status, Verdict
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.management.records import settings
from fixtures.simulator.mutations.catalogue import find_mutation
from fixtures.targets.target import Target
from suites.enablement import TestEnablement as Enablement
from suites.limits import TestLimits as Limits
from suites.offerings import TestOfferings as Offerings
from tests.support.planned_suites import cases
from tests.support.simulated_deployments import Ec2TestClient

KINDS = ("disabled", "not-restarted", "enabled", "alone", "spelling", "value", "rights", "port")
PLAN = {
    case.id: case
    for suite, kinds in (
        (Enablement, KINDS),
        (Limits, ("zone", "address", "claim")),
        (Offerings, ("named", "default", "unnamed", "doubled", "domain")),
    )
    for kind in kinds
    for demand in suite.demands(kind, ())
    for case in cases(suite.suite, demand)
    if case.driver in ("raw", "cloudstack")
}
ROLES = {
    "user": "alice",
    "users.administrator": "admin",
    "users.teammate": "anna",
    "users.subdomain_user": "nora",
}
PROFILE = """
name = "restarted"
kind = "live"
[endpoint]
ec2 = "{deployment.ec2_url}"
s3 = "{deployment.s3_url}"
signature_versions = ["2", "4"]
[cloudstack]
url = "{deployment.cloudstack_url}"
api_key = "{me.access_key}"
secret_key = "{me.secret_key}"
[observer]
kind = "api-log"
path = "{log}"
quiet = 0
[capabilities]
query = true
s3 = true
enablement = true
offerings = true
zones = true
elastic_ip = true
administrator = true
teammate = true
subdomain_user = true
"""


class Restarted:
    """A deployment in this process that a command restarts, with the profiles of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        options = DeploymentOptions(integration_port=None, api_log=folder / "api.log")
        self.deployment = Deployment(options)
        self.restarts = 0

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve it; yields the command that restarts it."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.deployment.restart()
                outer.restarts += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        with self.deployment, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}/"
            program = f"from urllib.request import urlopen; urlopen({url!r})"
            yield f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}"
            server.shutdown()

    def profile(self, table: str) -> profile.Profile:
        """The profile of the deployment, with that table `[deployment]`."""
        users = {user.name: user for user in self.deployment.users}
        text = PROFILE.format(
            deployment=self.deployment, me=users["alice"], log=self.folder / "api.log"
        )
        for role, name in ROLES.items():
            keys = users[name]
            text += f'[{role}]\naccess_key = "{keys.access_key}"\n'
            text += f'secret_key = "{keys.secret_key}"\n'
        file = self.folder / "live.toml"
        file.write_text(text + table, "utf-8")
        return profile.load(str(file))


@pytest.fixture
def restarted(tmp_path: Path) -> Restarted:
    """A deployment that is not served yet."""
    return Restarted(tmp_path)


def run(described: profile.Profile, *chosen: Case, allowed: bool = True) -> dict[str, Verdict]:
    """The verdicts on these cases by their ids."""
    with (
        Target(described, run="live") as target,
        Session(target, allow_destructive=allowed) as session,
    ):
        session.expect(chosen)
        verdicts = {case.id: run_case(case, session).verdict for case in chosen}
    assert target.leftovers == []
    return verdicts


def statuses(verdicts: dict[str, Verdict], *but: str) -> set[Status]:
    """The statuses of all but some cases."""
    return {verdict.status for case, verdict in verdicts.items() if case not in but}


def test_all_cases_of_settings(restarted: Restarted) -> None:
    """Every case passes that the deployment lets see; its settings are restored in the end."""
    hidden = "enablement/integration.api.port/port/zero[cloudstack]"
    with restarted.serve() as command:
        url = f"http://127.0.0.1:{free_port()}/client/api"
        table = f"[deployment]\nrestart = '''{command}'''\nintegration = '{url}'\n"
        chosen = [case for case in PLAN.values() if case.suite == "enablement"]
        verdicts = run(restarted.profile(table), *chosen)
        unclaimed = [case for case in verdicts if "/integration.api.port/value/" in case]
        unclaimed.append("enablement/EC2/disabled/set-certificate[raw]")  # the profile names none
        assert statuses(verdicts, hidden, *unclaimed) == {Status.PASSED}, {
            case: each.because for case, each in verdicts.items() if each.because
        }
        assert verdicts[hidden].status is Status.INCONCLUSIVE
        assert {verdicts[case].status for case in unclaimed} == {Status.NOT_CLAIMED}
        management = restarted.deployment.management
        assert management.setting("enable.ec2.api") == management.setting("enable.s3.api") == "true"
        assert management.setting("integration.api.port") is None
        with closing(Ec2TestClient(restarted.deployment)) as client:
            client.call("DescribeInstances")
        assert restarted.restarts < len(chosen) / 3


def test_other_cases_find_the_service_enabled(restarted: Restarted) -> None:
    """Between two cases of settings the deployment is as it was for the others; zones that it does
    not have are not claimed."""
    with restarted.serve() as command:
        names = (
            "enablement/EC2/disabled/list[raw]",
            "limits/AllocateAddress/address/netscaler[raw]",
            "limits/zone/claim/elastic-ip[cloudstack]",
            "limits/RunInstances/zone/advanced[raw]",
        )
        table = f"[deployment]\nrestart = '''{command}'''\n"
        verdicts = run(restarted.profile(table), *(PLAN[name] for name in names))
    assert [verdicts[name].status for name in names] == [
        *(Status.PASSED, Status.PASSED, Status.PASSED),
        Status.NOT_CLAIMED,
    ]
    assert "needs a zone with advanced networks" in verdicts[names[-1]].because


def test_all_cases_of_offerings(restarted: Restarted) -> None:
    """Every case passes without a table of its own; then the offerings have their names back, also
    those that a run before was ended too early to give back."""
    management = restarted.deployment.management

    def names() -> list[str]:
        rows = management.execute("listServiceOfferings", {}, "admin")["serviceoffering"]
        return sorted(row["name"] for row in rows)

    with restarted.serve():
        before = names()
        for row in management.execute("listServiceOfferings", {}, "admin")["serviceoffering"][:2]:
            left = {"id": row["id"], "name": f"{SET_ASIDE}{row['name'][::-1]}"}
            management.execute("updateServiceOffering", left, "admin")
        chosen = [case for case in PLAN.values() if case.suite == "offerings"]
        described = restarted.profile("")
        target = msgspec.structs.replace(described.world, instance_type="t1.micro")
        target = msgspec.structs.replace(target, other_instance_type="c1.medium")
        described = msgspec.structs.replace(described, world=target)
        verdicts = run(described, *chosen)
        assert statuses(verdicts) == {Status.PASSED}, {
            case: each.because for case, each in verdicts.items() if each.because
        }
        assert names() == before
    assert restarted.restarts == 0


@pytest.mark.parametrize(
    ("table", "allowed", "text"),
    [
        ("", True, "has no [deployment], which names the command that restarts the server"),
        ("[deployment]\nrestart = 'true'\n", False, "users of the deployment have: needs --allow-"),
    ],
)
def test_what_is_needed(restarted: Restarted, table: str, allowed: bool, text: str) -> None:
    """Without the table, or without permission, nothing is changed, and the reason is named."""
    case = PLAN["enablement/EC2/disabled/list[raw]"]
    with restarted.serve():
        verdict = run(restarted.profile(table), case, allowed=allowed)[case.id]
    assert (verdict.status, text in verdict.because) == (Status.NOT_CLAIMED, True)
    assert restarted.restarts == 0


def test_a_target_without_s3(restarted: Restarted) -> None:
    """The settings are changed and restored all the same."""
    case = PLAN["enablement/EC2/disabled/list[raw]"]
    with restarted.serve() as command:
        described = restarted.profile(f"[deployment]\nrestart = '''{command}'''\n")
        assert described.endpoint is not None
        endpoint = msgspec.structs.replace(described.endpoint, s3=None)
        alone = msgspec.structs.replace(
            described, endpoint=endpoint, capabilities=described.capabilities | {"s3": False}
        )
        verdicts = run(alone, case)
        assert restarted.deployment.management.setting("enable.ec2.api") == "true"
    assert verdicts[case.id].status is Status.PASSED, verdicts[case.id].because


def test_a_cloudstack_without_the_service(
    restarted: Restarted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the settings are true and nothing serves them, the finding says that."""
    monkeypatch.setattr(live, "SERVICE_SECONDS", 0.2)
    case = PLAN["enablement/EC2/enabled/administrator[raw]"]
    with (
        restarted.serve() as command,
        find_mutation("lacks-the-service").apply(restarted.deployment),
    ):
        table = f"[deployment]\nrestart = '''{command}'''\n"
        verdict = run(restarted.profile(table), case)[case.id]
    assert verdict.status is Status.FAILED
    assert "enable.ec2.api is 'true', and nothing serves it: no connection to" in verdict.because
    assert "CloudStack 4.6 to 4.23 keeps the setting" in verdict.because


def test_a_user_who_may_change_settings(restarted: Restarted) -> None:
    """An account of root administrators is not expected to be refused."""
    case = PLAN["enablement/enable.ec2.api/rights/teammate[cloudstack]"]
    with restarted.serve() as command:
        described = restarted.profile(f"[deployment]\nrestart = '''{command}'''\n")
        users = {**described.users, "teammate": described.users["administrator"]}
        verdict = run(msgspec.structs.replace(described, users=users), case)[case.id]
    assert verdict.status is Status.NOT_CLAIMED
    assert "teammate is a root administrator of this deployment, admin" in verdict.because


def test_settings_that_are_gone(restarted: Restarted) -> None:
    """A CloudStack without the settings says so, and nothing has to be restored."""
    case = PLAN["enablement/EC2/enabled/administrator[raw]"]
    with restarted.serve() as command:
        with restarted.deployment.management.processor.writing() as rows:
            rows.remove(settings, name="enable.s3.api")
        described = restarted.profile(f"[deployment]\nrestart = '''{command}'''\n")
        verdict = run(described, case)[case.id]
    assert verdict.status is Status.FAILED
    assert "Config parameter with name enable.s3.api doesn't exist" in verdict.because


def test_no_unsigned_api(restarted: Restarted) -> None:
    """Cases of the integration port need its URL."""
    case = PLAN["enablement/integration.api.port/port/set[cloudstack]"]
    with restarted.serve() as command:
        table = f"[deployment]\nrestart = '''{command}'''\n"
        verdict = run(restarted.profile(table), case)[case.id]
    assert verdict.status is Status.NOT_CLAIMED
    assert "has no [deployment] integration, the URL of the unsigned API" in verdict.because


def test_a_restart_that_fails(restarted: Restarted) -> None:
    """The command's error is the case's, and the run's, whose settings cannot be restored."""
    case = PLAN["enablement/EC2/disabled/list[raw]"]
    with restarted.serve():
        described = restarted.profile("[deployment]\nrestart = 'echo no such service; exit 5'\n")
        with pytest.raises(HarnessError, match=r"\[deployment\] restart: exit 5: no such service"):
            run(described, case)
