"""`conform sweep`: what interrupted runs left behind goes, and nothing else does."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.clients import Ec2Endpoint
from fixtures.clients.ec2.raw_driver import RawDriver
from fixtures.model import Ec2Request, ReplyKind, Timeouts
from fixtures.resources.kinds import RESOURCE_KINDS, Resource
from fixtures.resources.ledger import Created, Intent, Ledger, RunStarted
from fixtures.resources.names import run_prefix
from fixtures.resources.tracker import ResourceTracker, TrackerContext
from tests.support.served_deployments import (
    ServedDeployment,
    conform_command,
    environment,
    serve_deployment,
)
from tools.conform.main import main

RUN = "20261121T000000Z-abc123"
NAMELESS = ("RunInstances", "CreateVolume", "AllocateAddress")
Sweeping = Callable[..., "_Done"]
KIND = {"RunInstances": "instance", "CreateVolume": "volume", "AllocateAddress": "address"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDeployment]:
    """A deployment of ours in another process; nobody is patient with it but who has to be."""
    with serve_deployment(tmp_path_factory.mktemp("sweep")) as running:
        running.profile.write_text(running.profile.read_text() + "\n[timeouts]\nappear = 1\n")
        yield running


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Where the runs of a test are kept."""
    return tmp_path / "out"


def _keeper(served: ServedDeployment, ledger: Ledger, run: str = RUN) -> TrackerContext:
    ledger.write(RunStarted(run, "served", (served.announcement["ec2"],)))
    return TrackerContext({"me": served.cloud}, ledger, run_prefix(run), create_timeout=1.0)


def _ledger(runs: Path, run: str = RUN) -> Ledger:
    (runs / run).mkdir(parents=True)
    return Ledger(runs / run / "ledger.jsonl")


def _ask(served: ServedDeployment, action: str) -> str:
    """What a case asks of the bridge; the id of what was made."""
    me, world = served.announcement["users"][0], served.announcement["world"]
    arguments = {
        "RunInstances": {"ImageId": world["image"], "MinCount": 1, "MaxCount": 1},
        "CreateVolume": {"AvailabilityZone": world["zone"], "Size": 1},
        "AllocateAddress": {},
    }[action]
    with closing(
        RawDriver(Ec2Endpoint(served.announcement["ec2"], me["access_key"], me["secret_key"]))
    ) as driver:
        reply = driver.call(Ec2Request(action, arguments), Timeouts())
    assert reply.kind is ReplyKind.ANSWERED, reply
    if action == "AllocateAddress":
        listed = served.cloud.list(
            "listPublicIpAddresses", "publicipaddress", ipaddress=reply.body["PublicIp"]
        )
        return str(listed[0]["id"])
    return str(reply.body.get("VolumeId") or reply.body["Instances"][0]["InstanceId"])


def _texts(served: ServedDeployment) -> tuple[str, ...]:
    return (served.announcement["world"]["image"], served.announcement["world"]["zone"], "1")


@dataclass(frozen=True)
class _Done:
    """How `conform sweep` ended in this process, which starts quicker than another one."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def sweep(
    served: ServedDeployment,
    runs: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., _Done]:
    """Sweeps the runs of a test."""
    monkeypatch.setenv("COLUMNS", "200")

    def go(*words: str, target: object = served.profile) -> _Done:
        status = main(["sweep", "--target", str(target), *(words or (str(runs),))])
        return _Done(status, *capsys.readouterr())

    return go


def _group(served: ServedDeployment, name: str) -> str:
    made = served.cloud.call("createSecurityGroup", name=name, description="a bystander's")
    return str(made["securitygroup"]["id"])


@pytest.fixture
def bystander(served: ServedDeployment) -> Iterator[list[str]]:
    """Somebody else's things in the same account, with names like ours; they must all stay."""
    key = served.cloud.call("createSSHKeyPair", name=f"cf-{RUN.lower()}")["keypair"]["name"]
    names = (f"cf-{RUN.lower()}-1x", "cf-20261121t000000z-abc124-1", f"x{run_prefix(RUN)}-1")
    groups = [_group(served, name) for name in names]
    before = served.resource_ids()
    assert {key, *groups} <= {*before}
    yield before
    left = served.resource_ids()
    for group in groups:
        served.cloud.call("deleteSecurityGroup", id=group)
    served.cloud.call("deleteSSHKeyPair", name=key)
    assert left == before


def test_what_is_named_goes_and_similar_names_stay(
    served: ServedDeployment, sweep: Sweeping, runs: Path, bystander: list[str]
) -> None:
    """What the ledger names by its id, and what it only meant to make but has its exact name, is
    told by --dry-run, removed without it, and then nothing is left to tell."""
    del bystander
    with closing(_ledger(runs)) as ledger:
        holding = ResourceTracker(_keeper(served, ledger))
        name = f"{run_prefix(RUN)}-1"
        known = _group(served, name)
        intent = holding.record_intent(Intent("group", "me", (name,)))
        holding.add(intent, Resource(RESOURCE_KINDS["group"], served.cloud, {"id": known}))
        unheard = holding.record_intent(Intent("group", "me", (f"{run_prefix(RUN)}-2",)))
        group = _group(served, unheard.texts[0])
    for words, says in (
        (("--dry-run",), {f"group {known}: would be removed", f"group {group}: would be removed"}),
        ((), {f"group {known}: removed", f"group {group}: removed"}),
    ):
        done = sweep(str(runs), *words)
        assert (done.returncode, done.stderr) == (0, "")
        assert {line.removeprefix(f"{RUN}  ") for line in done.stdout.splitlines()} == says
    assert sweep().stdout == "nothing was left behind by 1 runs\n"


@pytest.mark.parametrize("action", NAMELESS)
def test_what_a_bridge_made_without_a_name_goes(
    served: ServedDeployment, sweep: Sweeping, runs: Path, action: str
) -> None:
    """What the bridge had made when the run was killed has no name of ours: it is known by what was
    there before, and what was there before stays."""
    before = _ask(served, action)
    with closing(_ledger(runs)) as ledger:
        holding = ResourceTracker(_keeper(served, ledger))
        holding.record_intent(Intent(KIND[action], "me", _texts(served)), by_bridge=True)
        made = _ask(served, action)
    done = sweep()
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{KIND[action]} {made}: removed" in done.stdout
    assert before not in done.stdout
    assert made not in served.resource_ids()
    kind = RESOURCE_KINDS[KIND[action]]
    served.cloud.job(kind.remove_command, id=before)


def test_what_may_be_somebody_elses_stays(
    served: ServedDeployment, sweep: Sweeping, runs: Path
) -> None:
    """Where more came to be than was asked for nobody can tell which is ours: it is named, stays,
    and the status says that something is left."""
    with closing(_ledger(runs)) as ledger:
        holding = ResourceTracker(_keeper(served, ledger))
        holding.record_intent(Intent("volume", "me", _texts(served)), by_bridge=True)
        made = [_ask(served, "CreateVolume") for _ in range(2)]
    done = sweep()
    assert done.returncode == 1
    for volume in made:
        assert f"volume {volume}: perhaps of this run, perhaps not" in done.stdout
        served.cloud.call("deleteVolume", id=volume)


@pytest.mark.parametrize(
    "named", [{"name": "database"}, {"name": "cf-20261121t000000z-abc124-7"}, {"keypair": "theirs"}]
)
def test_what_somebody_named_is_not_taken_for_ours(
    served: ServedDeployment, sweep: Sweeping, runs: Path, named: dict[str, str]
) -> None:
    """An instance that came to be at that time but was given a name or a key is not the one that
    the bridge had made."""
    world = served.announcement["world"]
    cloud = served.cloud
    ids = {
        item: cloud.list(command, item, name=name)[0]["id"]
        for command, item, name in (
            ("listZones", "zone", world["zone"]),
            ("listServiceOfferings", "serviceoffering", world["instance_type"]),
        )
    }
    if "keypair" in named:
        cloud.call("createSSHKeyPair", name="theirs")
    with closing(_ledger(runs)) as ledger:
        holding = ResourceTracker(_keeper(served, ledger))
        holding.record_intent(Intent("instance", "me", _texts(served)), by_bridge=True)
        theirs = cloud.job(
            "deployVirtualMachine",
            templateid=world["image"],
            zoneid=ids["zone"],
            serviceofferingid=ids["serviceoffering"],
            **named,
        )["virtualmachine"]["id"]
    sweep()
    assert theirs in served.resource_ids()
    cloud.job("destroyVirtualMachine", id=theirs)
    if "keypair" in named:
        cloud.call("deleteSSHKeyPair", name="theirs")


def test_a_run_that_goes_on_is_left_alone(
    served: ServedDeployment, sweep: Sweeping, runs: Path
) -> None:
    """The ledger of a run that is still being written is not touched, and what is new because of
    it is not taken for another run's."""
    other = "20261121T000001Z-def456"
    with closing(_ledger(runs)) as going, closing(_ledger(runs, other)) as killed:
        volumes = [
            ResourceTracker(_keeper(served, ledger, run)).record_intent(
                Intent("volume", "me", _texts(served)), by_bridge=True
            )
            for ledger, run in ((going, RUN), (killed, other))
        ]
        assert len(volumes) == 2
        killed.close()
        made = _ask(served, "CreateVolume")
        done = sweep()
        assert f"{RUN}  is still going on, and is left alone" in done.stdout
        assert made in served.resource_ids()
    served.cloud.call("deleteVolume", id=made)


def test_another_targets_ledger_is_left_alone(
    served: ServedDeployment, sweep: Sweeping, runs: Path
) -> None:
    """Runs against another deployment are not swept here."""
    name = f"{run_prefix(RUN)}-3"
    group = _group(served, name)
    with closing(_ledger(runs)) as ledger:
        ledger.write(RunStarted(RUN, "elsewhere", ("http://127.0.0.1:1/awsapi",)))
        ledger.record_intent(Intent("group", "me", (name,)))
    assert sweep().stdout == "nothing was left behind by 1 runs\n"
    assert group in served.resource_ids()
    served.cloud.call("deleteSecurityGroup", id=group)


def test_what_does_not_go_is_told(served: ServedDeployment, sweep: Sweeping, runs: Path) -> None:
    """A thing that CloudStack does not let go of is told with its words, status 1."""
    with closing(_ledger(runs)) as ledger:
        _keeper(served, ledger)
        default = served.cloud.list(
            "listSecurityGroups", "securitygroup", securitygroupname="default"
        )
        ledger.write(Created("group", "me", default[0]["id"], ""))
    done = sweep()
    assert done.returncode == 1
    assert f"group {default[0]['id']}: deleteSecurityGroup: " in done.stdout


@pytest.mark.parametrize(
    "bad",
    [
        ("simulated", "", 2, "nothing to sweep, a target of kind simulated ends with its run"),
        ("moon", "", 2, "unknown target 'moon'"),
        ("{right}", "/nowhere", 2, "/nowhere: neither a run directory nor"),
        ("{gone}", "", 3, "gave no answer"),
        ("{wrong}", "", 3, "CloudStack refuses to list resources: "),
    ],
)
def test_bad_input_is_one_line(
    served: ServedDeployment, sweep: Sweeping, runs: Path, bad: tuple[str, str, int, str]
) -> None:
    """What cannot be used, or be reached, is one clear line."""
    target, word, status, says = bad
    with closing(_ledger(runs)) as ledger:
        _keeper(served, ledger)
        ledger.record_intent(Intent("group", "me", ("cf-x",)))
    text = served.profile.read_text()
    api = served.announcement["cloudstack"]
    variants = {
        "right": text,
        "gone": text.replace(api, "http://127.0.0.1:1/client/api"),
        "wrong": text.replace(served.announcement["users"][0]["secret_key"], "another"),
    }
    files = {name: runs / f"{name}.toml" for name in variants}
    for name, variant in variants.items():
        files[name].write_text(variant)
    done = sweep(*filter(None, [word]), target=target.format(**files))
    assert (done.returncode, done.stderr.count("\n")) == (status, 1), done.stderr
    assert says in done.stderr


@pytest.mark.parametrize("moment", [1, 6, 13])
def test_after_kill_9_nothing_is_left(
    served: ServedDeployment, sweep: Sweeping, runs: Path, bystander: list[str], moment: int
) -> None:
    """A run that is killed without a word, at any moment, leaves nothing that a sweep does not
    find; a bystander's things stay."""
    words = ("run", "--target", str(served.profile), "--suite", "volumes", "--suite", "instances")
    process = subprocess.Popen(
        conform_command(*words, "--out", str(runs), "--", "-k", "AttachVolume or RunInstances"),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _await_intents(runs, moment)
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    done = sweep()
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert served.resource_ids() == bystander, done.stdout


def _await_intents(runs: Path, number: int) -> None:
    """Wait until a ledger knows of so many creates."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for ledger in runs.glob("*/ledger.jsonl"):
            if ledger.read_bytes().count(b'"line":"will"') >= number:
                return
        time.sleep(0.005)  # another process writes the file; nothing tells us when
    pytest.fail("the run did not begin")
