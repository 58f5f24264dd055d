"""All observers of the same calls: the bridge's calls pass the proxy, and CloudStack logs them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.cloud.cloudstack import CloudStackClient, CloudStackError
from fixtures.model import CloudStackCall
from fixtures.observers import Observer
from fixtures.observers.factory import ObserverContext, create_observer
from fixtures.observers.journal import JournalObserver
from fixtures.observers.proxy import ProxyObserver
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.management.management_server import Management, ManagementOptions
from tests.support.seeded_users import seeded_user
from tests.support.simulated_deployments import Ec2TestClient


@dataclass
class Observed:
    """A deployment with all observers."""

    client: Ec2TestClient
    cloud: CloudStackClient
    observers: dict[str, Observer]

    def call(self, action: str, **arguments: str) -> dict[str, tuple[CloudStackCall, ...]]:
        """The CloudStack calls behind an EC2 request, by observer."""
        started = {name: observer.mark() for name, observer in self.observers.items()}
        self.client.call(action, **arguments)
        # in this order, since the journal has the calls of observers that call CloudStack
        ended = {name: observer.mark() for name, observer in self.observers.items()}
        return {
            name: observer.calls_between(started[name], ended[name]) or ()
            for name, observer in self.observers.items()
        }


@pytest.fixture(scope="module")
def observed_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """A deployment with a proxy between bridge and CloudStack, log, events and journal."""
    log = tmp_path_factory.mktemp("log") / "apilog.log"
    with ExitStack() as stack:
        management = Management(options=ManagementOptions(api_log=log))
        behind = stack.enter_context(Deployment(management=management))
        user = seeded_user(behind)
        cloud = stack.enter_context(
            closing(CloudStackClient(behind.cloudstack_url, user.access_key, user.secret_key))
        )
        context = ObserverContext({"me": cloud}, {user.access_key: user.name}, user.name, "run")
        upstream = behind.cloudstack_url
        kinds = {
            "events": profile.Observer(kind="events"),
            "api-log": profile.Observer(kind="api-log", path=str(log)),
            "proxy": profile.Observer(kind="proxy", listen="127.0.0.1:0", upstream=upstream),
        }
        observers = {
            kind: stack.enter_context(create_observer(settings, context))
            for kind, settings in kinds.items()
        }
        proxy = observers["proxy"]
        assert isinstance(proxy, ProxyObserver)
        url = f"{proxy.url}/client/api"
        front = stack.enter_context(
            Deployment(DeploymentOptions(cloudstack_url=url), management=management)
        )
        client = stack.enter_context(closing(Ec2TestClient(front)))
        yield Observed(client, cloud, {**observers, "journal": JournalObserver(management.journal)})


def comparable_calls(calls: tuple[CloudStackCall, ...]) -> Counter[tuple[object, ...]]:
    """Calls without times and observers; polling of jobs, which varies, is left out."""
    return Counter(
        (call.command, str(sorted((call.parameters or {}).items())), call.status, call.account)
        for call in calls
        if call.command not in ("queryAsyncJobResult", "listCapabilities", "listEvents")
    )


def test_observers_agree(observed_deployment: Observed) -> None:
    """Proxy, log and journal show the same calls, parameters, results and accounts for the same
    requests; events show the same changes."""
    run = observed_deployment.call("RunInstances", **run_arguments(observed_deployment))
    (deployed,) = [call for call in run["proxy"] if not call.is_lookup]
    instance = deployed.answer["virtualmachine"]["id"]
    requests = {
        "run": run,
        "describe": observed_deployment.call("DescribeInstances"),
        "stop": observed_deployment.call("StopInstances", InstanceId__1=instance),
        "group": observed_deployment.call(
            "CreateSecurityGroup", GroupName="g", GroupDescription="a b&c=*~%"
        ),
        "key": observed_deployment.call("CreateKeyPair", KeyName="k"),
        "terminate": observed_deployment.call("TerminateInstances", InstanceId__1=instance),
    }
    for name, by in requests.items():
        assert comparable_calls(by["proxy"]), name
        assert (
            comparable_calls(by["proxy"])
            == comparable_calls(by["api-log"])
            == comparable_calls(by["journal"])
        ), name
        visibility = observed_deployment.observers["events"].visibility
        changes = [
            c.command for c in by["proxy"] if not c.is_lookup and visibility.includes(c.command)
        ]
        assert [c.command for c in by["events"]] == changes, name


def run_arguments(observed: Observed) -> dict[str, str]:
    """Arguments of RunInstances."""
    image = observed.client.deployment.world.template_id
    return {"ImageId": image, "InstanceType": "m1.small", "MinCount": "1", "MaxCount": "1"}


def test_own_calls_are_no_strays(observed_deployment: Observed) -> None:
    """The harness's own calls between two cases are no strays; those of another party in the same
    account are."""
    kinds = ("events", "api-log", "proxy")
    started = {kind: observed_deployment.observers[kind].mark() for kind in kinds}
    observed_deployment.cloud.call("createSecurityGroup", name="scene", description="the harness's")
    between = {kind: observed_deployment.observers[kind].mark() for kind in kinds}
    user = observed_deployment.client.user
    with closing(
        CloudStackClient(observed_deployment.cloud.url, user.access_key, user.secret_key)
    ) as stranger:
        stranger.call("createSecurityGroup", name="strange", description="another party's")
    for kind in ("events", "api-log"):
        observer = observed_deployment.observers[kind]
        assert observer.stray_calls(started[kind], between[kind]) == ()
        (stray,) = observer.stray_calls(between[kind], observer.mark())
        assert stray.command == "createSecurityGroup"
    assert (
        observed_deployment.observers["proxy"].stray_calls(started["proxy"], between["proxy"]) == ()
    )


def test_log_of_the_simulated_server(tmp_path: Path) -> None:
    """The simulated management server logs as CloudStack does: the query with its signature, but no
    form, no new key pair, and no account of unknown callers."""
    path = tmp_path / "log"
    management = Management(options=ManagementOptions(api_log=path))
    with Deployment(management=management) as deployment:
        user, url = deployment.users[0], deployment.cloudstack_url
        with (
            closing(CloudStackClient(url, user.access_key, "wrong")) as stranger,
            pytest.raises(CloudStackError, match="unable to verify"),
        ):
            stranger.call("listZones")
        with closing(CloudStackClient(url, user.access_key, user.secret_key)) as cloud:
            cloud.marker = "s1"
            cloud.call("createSSHKeyPair", name="k")
    rejected, created = path.read_text().splitlines()
    assert re.search(
        r" INFO +\[a\.c\.c\.a\.ApiServer\] \(\S+ \S+\)  127\.0\.0\.1 -- POST ", rejected
    )
    assert rejected.endswith(
        "-- POST null 401 unable to verify user credentials and/or request signature"
    )
    assert re.search(r"\(userId=\d+ accountId=\d+ sessionId=null\) 127\.0\.0\.1 -- POST ", created)
    assert "conform=s1 200 This result was not logged" in created
