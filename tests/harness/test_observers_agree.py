"""All observers on the same traffic: a bridge whose calls pass the proxy on their way to a
CloudStack that logs them."""

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
from fixtures.simulator.management import Management
from tests.support.simulated_deployments import Ec2TestClient


@dataclass
class Observed:
    """A deployment with every observer that there is."""

    client: Ec2TestClient
    cloud: CloudStackClient
    observers: dict[str, Observer]

    def ask(self, action: str, **given: str) -> dict[str, tuple[CloudStackCall, ...]]:
        """What each observer tells of one EC2 call."""
        started = {name: observer.mark() for name, observer in self.observers.items()}
        self.client.call(action, **given)
        # in this order, since an observer that asks CloudStack is seen by the journal
        ended = {name: observer.mark() for name, observer in self.observers.items()}
        return {
            name: observer.calls_between(started[name], ended[name]) or ()
            for name, observer in self.observers.items()
        }


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """Deployment, proxy between its two halves, log, events and journal."""
    log = tmp_path_factory.mktemp("log") / "apilog.log"
    with ExitStack() as stack:
        management = Management(api_log=log)
        behind = stack.enter_context(Deployment(management=management))
        user = next(user for user in behind.users if user.name == "alice")
        cloud = stack.enter_context(
            closing(CloudStackClient(behind.cloudstack_url, user.access_key, user.secret_key))
        )
        watched = ObserverContext({"me": cloud}, {user.access_key: user.name}, user.name, "run")
        upstream = behind.cloudstack_url
        kinds = {
            "events": profile.Observer(kind="events"),
            "api-log": profile.Observer(kind="api-log", path=str(log)),
            "proxy": profile.Observer(kind="proxy", listen="127.0.0.1:0", upstream=upstream),
        }
        observers = {
            kind: stack.enter_context(create_observer(wanted, watched))
            for kind, wanted in kinds.items()
        }
        proxy = observers["proxy"]
        assert isinstance(proxy, ProxyObserver)
        url = f"{proxy.url}/client/api"
        front = stack.enter_context(
            Deployment(DeploymentOptions(cloudstack_url=url), management=management)
        )
        client = stack.enter_context(closing(Ec2TestClient(front)))
        yield Observed(client, cloud, {**observers, "journal": JournalObserver(management.journal)})


def told(calls: tuple[CloudStackCall, ...]) -> Counter[tuple[object, ...]]:
    """Calls as what they say; without those by which jobs are followed, which come as they may."""
    return Counter(
        (call.command, str(sorted((call.parameters or {}).items())), call.status, call.account)
        for call in calls
        if call.command not in ("queryAsyncJobResult", "listCapabilities", "listEvents")
    )


def test_observers_agree(observed: Observed) -> None:
    """Proxy, log and journal tell the same calls, parameters, ends and accounts of the same
    requests; events tell the same changes."""
    ran = observed.ask("RunInstances", **order(observed))
    (made,) = [call for call in ran["proxy"] if not call.is_lookup]
    instance = made.answer["virtualmachine"]["id"]
    asked = {
        "run": ran,
        "describe": observed.ask("DescribeInstances"),
        "stop": observed.ask("StopInstances", InstanceId__1=instance),
        "group": observed.ask("CreateSecurityGroup", GroupName="g", GroupDescription="a b&c=*~%"),
        "key": observed.ask("CreateKeyPair", KeyName="k"),
        "terminate": observed.ask("TerminateInstances", InstanceId__1=instance),
    }
    for name, by in asked.items():
        assert told(by["proxy"]), name
        assert told(by["proxy"]) == told(by["api-log"]) == told(by["journal"]), name
        shown = observed.observers["events"].visibility
        changes = [c.command for c in by["proxy"] if not c.is_lookup and shown.includes(c.command)]
        assert [c.command for c in by["events"]] == changes, name


def order(observed: Observed) -> dict[str, str]:
    """What RunInstances is told."""
    image = observed.client.deployment.world.template_id
    return {"ImageId": image, "InstanceType": "m1.small", "MinCount": "1", "MaxCount": "1"}


def test_scene_is_nobodys_disturbance(observed: Observed) -> None:
    """What we do ourselves between two cases is not taken for somebody else's doing; what
    somebody else does in our account is."""
    kinds = ("events", "api-log", "proxy")
    started = {kind: observed.observers[kind].mark() for kind in kinds}
    observed.cloud.call("createSecurityGroup", name="scene", description="made by us")
    between = {kind: observed.observers[kind].mark() for kind in kinds}
    user = observed.client.user
    with closing(
        CloudStackClient(observed.cloud.url, user.access_key, user.secret_key)
    ) as stranger:
        stranger.call("createSecurityGroup", name="strange", description="made by another")
    for kind in ("events", "api-log"):
        observer = observed.observers[kind]
        assert observer.stray_calls(started[kind], between[kind]) == ()
        (stray,) = observer.stray_calls(between[kind], observer.mark())
        assert stray.command == "createSecurityGroup"
    assert observed.observers["proxy"].stray_calls(started["proxy"], between["proxy"]) == ()


def test_log_of_the_simulated_server(tmp_path: Path) -> None:
    """The simulated management server logs as CloudStack does: a query with its signature, no form,
    no new key pair, no account for those it does not know."""
    path = tmp_path / "log"
    management = Management(api_log=path)
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
    refused, made = path.read_text().splitlines()
    assert re.search(
        r" INFO +\[a\.c\.c\.a\.ApiServer\] \(\S+ \S+\)  127\.0\.0\.1 -- POST ", refused
    )
    assert refused.endswith(
        "-- POST null 401 unable to verify user credentials and/or request signature"
    )
    assert re.search(r"\(userId=\d+ accountId=\d+ sessionId=null\) 127\.0\.0\.1 -- POST ", made)
    assert "conform=s1 200 This result was not logged" in made
