"""`conform sweep` removes what interrupted runs left behind, and nothing else."""

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
from tests.support.conform_processes import conform_command, environment
from tests.support.made_runs import keep, made_run, outcome
from tests.support.served_deployments import ServedDeployment
from tools.conform.main import main

RUN = "20261121T000000Z-abc123"
UNNAMED = ("RunInstances", "CreateVolume", "AllocateAddress")
Sweeping = Callable[..., "_Done"]
KIND = {"RunInstances": "instance", "CreateVolume": "volume", "AllocateAddress": "address"}


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The directory of a test's runs."""
    return tmp_path / "out"


def _context(served: ServedDeployment, ledger: Ledger, run: str = RUN) -> TrackerContext:
    ledger.write(RunStarted(run, "served", (served.announcement["ec2"],)))
    return TrackerContext({"me": served.cloud}, ledger, run_prefix(run), create_timeout=1.0)


def _ledger(runs: Path, run: str = RUN) -> Ledger:
    (runs / run).mkdir(parents=True)
    return Ledger(runs / run / "ledger.jsonl")


def _send(served: ServedDeployment, action: str) -> str:
    """Sends the request of a case to the bridge; returns the id of the created resource."""
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
    """The result of `conform sweep` in this process, which is quicker than a new one."""

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
    """Runs `conform sweep` on the runs of a test."""
    monkeypatch.setenv("COLUMNS", "200")

    def go(*words: str, target: object = served.profile) -> _Done:
        status = main(["sweep", "--target", str(target), *(words or (str(runs),))])
        return _Done(status, *capsys.readouterr())

    return go


def _group(served: ServedDeployment, name: str) -> str:
    answer = served.cloud.call("createSecurityGroup", name=name, description="a bystander's")
    return str(answer["securitygroup"]["id"])


@pytest.fixture
def bystander(served: ServedDeployment) -> Iterator[list[str]]:
    """Resources that are not the run's, in the same account and with similar names: all must
    stay."""
    key = served.cloud.call("createSSHKeyPair", name=f"cf-{RUN.lower()}")["keypair"]["name"]
    names = (f"cf-{RUN.lower()}-1x", "cf-20261121t000000z-abc124-1", f"x{run_prefix(RUN)}-1")
    groups = [_group(served, name) for name in names]
    before = served.resource_ids()
    assert {key, *groups} <= {*before}
    yield before
    after = served.resource_ids()
    for group in groups:
        served.cloud.call("deleteSecurityGroup", id=group)
    served.cloud.call("deleteSSHKeyPair", name=key)
    assert after == before


def test_only_what_is_in_the_ledger_is_removed(
    served: ServedDeployment, sweep: Sweeping, runs: Path, bystander: list[str]
) -> None:
    """Resources in the ledger by id, or by the exact name in an intent, are listed by --dry-run and
    removed without it; then nothing is left. Resources with similar names stay."""
    del bystander
    with closing(_ledger(runs)) as ledger:
        tracker = ResourceTracker(_context(served, ledger))
        name = f"{run_prefix(RUN)}-1"
        known = _group(served, name)
        intent = tracker.record_intent(Intent("group", "me", (name,)))
        tracker.add(intent, Resource(RESOURCE_KINDS["group"], served.cloud, {"id": known}))
        unanswered = tracker.record_intent(Intent("group", "me", (f"{run_prefix(RUN)}-2",)))
        group = _group(served, unanswered.texts[0])
    for words, expected in (
        (("--dry-run",), {f"group {known}: would be removed", f"group {group}: would be removed"}),
        ((), {f"group {known}: removed", f"group {group}: removed"}),
    ):
        done = sweep(str(runs), *words)
        assert (done.returncode, done.stderr) == (0, "")
        assert {line.removeprefix(f"{RUN}  ") for line in done.stdout.splitlines()} == expected
    assert sweep().stdout == "nothing was left behind by 1 run of this target\n"


@pytest.mark.parametrize("action", UNNAMED)
def test_unnamed_resources_of_the_bridge_are_removed(
    served: ServedDeployment, sweep: Sweeping, runs: Path, action: str
) -> None:
    """What the bridge created when the run was killed has no name given by the run: it is
    recognised since it did not exist before; what existed before stays."""
    before = _send(served, action)
    with closing(_ledger(runs)) as ledger:
        tracker = ResourceTracker(_context(served, ledger))
        tracker.record_intent(Intent(KIND[action], "me", _texts(served)), by_bridge=True)
        created = _send(served, action)
    done = sweep()
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{KIND[action]} {created}: removed" in done.stdout
    assert before not in done.stdout
    assert created not in served.resource_ids()
    kind = RESOURCE_KINDS[KIND[action]]
    served.cloud.job(kind.remove_command, id=before)


def test_resources_in_doubt_stay(served: ServedDeployment, sweep: Sweeping, runs: Path) -> None:
    """If more resources appeared than were requested, it is unknown which are the run's: they stay,
    are reported, and the exit status is 1."""
    with closing(_ledger(runs)) as ledger:
        tracker = ResourceTracker(_context(served, ledger))
        tracker.record_intent(Intent("volume", "me", _texts(served)), by_bridge=True)
        created = [_send(served, "CreateVolume") for _ in range(2)]
    done = sweep()
    assert done.returncode == 1
    for volume in created:
        assert f"volume {volume}: possibly of this run, not removed" in done.stdout
        served.cloud.call("deleteVolume", id=volume)


@pytest.mark.parametrize(
    "named", [{"name": "database"}, {"name": "cf-20261121t000000z-abc124-7"}, {"keypair": "theirs"}]
)
def test_named_resources_are_not_taken_for_the_runs(
    served: ServedDeployment, sweep: Sweeping, runs: Path, named: dict[str, str]
) -> None:
    """An instance created at that time with a name or a key pair is not the one that the bridge
    created."""
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
        tracker = ResourceTracker(_context(served, ledger))
        tracker.record_intent(Intent("instance", "me", _texts(served)), by_bridge=True)
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


def test_a_running_run_is_not_swept(served: ServedDeployment, sweep: Sweeping, runs: Path) -> None:
    """The ledger of a run that still goes on is not touched, and its new resources are not taken
    for another run's."""
    other = "20261121T000001Z-def456"
    with closing(_ledger(runs)) as running, closing(_ledger(runs, other)) as killed:
        volumes = [
            ResourceTracker(_context(served, ledger, run)).record_intent(
                Intent("volume", "me", _texts(served)), by_bridge=True
            )
            for ledger, run in ((running, RUN), (killed, other))
        ]
        assert len(volumes) == 2
        killed.close()
        created = _send(served, "CreateVolume")
        done = sweep()
        assert f"{RUN}  still going on, not swept" in done.stdout
        assert created in served.resource_ids()
    served.cloud.call("deleteVolume", id=created)


def test_another_targets_ledger_is_not_swept(
    served: ServedDeployment, sweep: Sweeping, runs: Path
) -> None:
    """Runs against another deployment are not swept."""
    name = f"{run_prefix(RUN)}-3"
    group = _group(served, name)
    with closing(_ledger(runs)) as ledger:
        ledger.write(RunStarted(RUN, "elsewhere", ("http://127.0.0.1:1/awsapi",)))
        ledger.record_intent(Intent("group", "me", (name,)))
    assert sweep().stdout == "nothing was left behind by 0 runs of this target\n"
    assert group in served.resource_ids()
    served.cloud.call("deleteSecurityGroup", id=group)


def test_what_cannot_be_removed_is_reported(
    served: ServedDeployment, sweep: Sweeping, runs: Path
) -> None:
    """A resource whose removal CloudStack rejects is reported with its error, status 1."""
    with closing(_ledger(runs)) as ledger:
        _context(served, ledger)
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
        ("simulated", "", 2, "only live clouds are swept, and this profile is simulated"),
        ("moon", "", 2, "unknown target 'moon'"),
        ("{right}", "/nowhere", 2, "/nowhere: neither a run directory"),
        ("{gone}", "", 3, "gave no answer"),
        ("{wrong}", "", 3, "CloudStack refuses to list resources: "),
    ],
)
def test_bad_input_is_one_line(
    served: ServedDeployment, sweep: Sweeping, runs: Path, bad: tuple[str, str, int, str]
) -> None:
    """Unusable input and an unreachable target are errors of one line."""
    target, word, status, error = bad
    with closing(_ledger(runs)) as ledger:
        _context(served, ledger)
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
    assert error in done.stderr


@pytest.mark.parametrize("moment", [1, 6, 13])
def test_nothing_is_left_after_kill_9(
    served: ServedDeployment, sweep: Sweeping, runs: Path, bystander: list[str], moment: int
) -> None:
    """After a run was killed at any moment, a sweep removes all that it left; a bystander's
    resources stay."""
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
    again = "may still appear: sweep again" in done.stdout  # of a request that was being sent
    assert (done.returncode, done.stderr) == (int(again), ""), done.stdout
    assert served.resource_ids() == bystander, done.stdout


def _await_intents(runs: Path, number: int) -> None:
    """Waits until a ledger has so many intents."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for ledger in runs.glob("*/ledger.jsonl"):
            if ledger.read_bytes().count(b'"line":"will"') >= number:
                return
        time.sleep(0.005)  # another process writes the file, without notification
    pytest.fail("the run did not begin")


def test_a_run_that_created_nothing_needs_no_ledger(sweep: Sweeping, runs: Path) -> None:
    """Of a run that ended before it created anything there is nothing to sweep: exit 0."""
    keep(made_run([outcome()]), runs / RUN)
    done = sweep(str(runs / RUN))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "nothing was left behind by 0 runs of this target\n"
