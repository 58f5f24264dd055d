"""What destroyed instances leave behind, and when the server expunges it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.simulator.management.commands import Durations
from fixtures.simulator.management.faults import ApiFault
from tests.support.management_client import Cloud, running_cloud

VMS = "listVirtualMachines"


def test_destroyed_volumes_are_not_listed(cloud: Cloud) -> None:
    """The root volume of a destroyed instance is not listed, for any account or query."""
    vm = cloud.deploy()
    root = cloud.root(vm)
    cloud.job_result("destroyVirtualMachine", id=vm)
    for by in ("alice", "admin"):
        assert cloud.list("listVolumes", by, id=root) == []
        assert cloud.call("listVolumes", by, listall="true") == {}
    assert cloud.list("listVolumes", by="admin", virtualmachineid=vm) == []


def test_history_does_not_fill_the_first_page(cloud: Cloud) -> None:
    """A volume is on the first page after more instances have come and gone than a page holds."""
    ended = [cloud.deploy() for _ in range(3)]
    for vm in ended:
        cloud.job_result("destroyVirtualMachine", id=vm)
    volume = cloud.volume()
    page = cloud.call("listVolumes", page="1", pagesize="1")
    assert page["count"] == 1
    assert [shown["id"] for shown in page["volume"]] == [volume]


def test_data_volume_of_a_destroyed_instance(cloud: Cloud) -> None:
    """It stays attached until the instance is expunged; before, it can be detached and deleted."""
    vm, kept, freed = cloud.deploy(), cloud.volume(), cloud.volume()
    for volume in (kept, freed):
        cloud.job_result("attachVolume", id=volume, virtualmachineid=vm)
    cloud.job_result("destroyVirtualMachine", id=vm)
    shown = cloud.list("listVolumes", id=freed)[0]
    assert (shown["virtualmachineid"], shown["vmstate"]) == (vm, "Destroyed")
    assert "not attached to any VM" in cloud.refusal("deleteVolume", id=freed)[1]
    detached = cloud.job_result("detachVolume", id=freed)["volume"]
    assert (detached["state"], detached.get("virtualmachineid")) == ("Ready", None)
    cloud.call("deleteVolume", id=freed)
    cloud.clock.advance(2 * 86_400)
    (shown,) = cloud.list("listVolumes")
    assert (shown["id"], shown["state"], shown.get("virtualmachineid")) == (kept, "Ready", None)


def test_expunging_waits_for_delay_and_round(cloud: Cloud) -> None:
    """An instance is expunged in the first round after its delay; rounds count from the start."""
    cloud.clock.advance(3_600)
    vm = cloud.deploy()
    cloud.job_result("destroyVirtualMachine", id=vm)
    cloud.clock.advance(86_400)  # the delay is over, the round of the second day is not due
    assert cloud.state(VMS, vm, by="admin") == "Destroyed"
    cloud.clock.advance(86_400 - 3_610)
    assert cloud.state(VMS, vm, by="admin") == "Destroyed"
    cloud.clock.advance(11)
    assert cloud.list(VMS, by="admin", id=vm) == []


def test_delay_and_interval_are_settings(tmp_path: Path) -> None:
    """Both are read when the server starts."""
    database = f"sqlite:///{tmp_path / 'cloud.db'}"
    with running_cloud(database=database) as cloud:
        for name, value in (("expunge.delay", "100"), ("expunge.interval", "60")):
            cloud.call("updateConfiguration", by="admin", name=name, value=value)
    with running_cloud(database=database) as cloud:
        vm = cloud.deploy()
        cloud.job_result("destroyVirtualMachine", id=vm)
        cloud.clock.advance(110)
        assert cloud.state(VMS, vm, by="admin") == "Destroyed"
        cloud.clock.advance(15)
        assert cloud.list(VMS, by="admin", id=vm) == []


def test_failed_deployment_leaves_no_volume(cloud: Cloud) -> None:
    """The root volume of an instance in state Error is destroyed, its data disk is freed later."""
    fault = ApiFault("deployVirtualMachine", 533, "Unable to create a deployment", in_job=True)
    cloud.management.faults.add(fault, "alice")
    vm = cloud.deploy(diskofferingid=cloud.world.fixed_disk_offering_id)
    assert cloud.state(VMS, vm) == "Error"
    (disk,) = cloud.list("listVolumes")
    assert (disk["type"], disk["vmstate"]) == ("DATADISK", "Error")
    cloud.clock.advance(2 * 86_400)
    (disk,) = cloud.list("listVolumes")
    assert "virtualmachineid" not in disk
    cloud.call("deleteVolume", id=disk["id"])
    assert cloud.list("listVolumes") == []


def test_tags_are_removed_with_their_resources(cloud: Cloud) -> None:
    """Tags of resources that are removed are removed, so that lists of tags do not grow."""
    vm, volume = cloud.deploy(), cloud.volume()
    cloud.job_result("attachVolume", id=volume, virtualmachineid=vm)
    cloud.job_result("detachVolume", id=volume)
    snapshot = cloud.call("createSnapshot", volumeid=volume)["id"]
    group = cloud.call("createSecurityGroup", name="tagged")["securitygroup"]["id"]
    settings = {
        "displaytext": "d",
        "name": "n",
        "ostypeid": next(iter(cloud.world.os_types.values())),
    }
    template = cloud.job_result("createTemplate", snapshotid=snapshot, **settings)["template"]["id"]
    tagged = {
        "userVm": vm,
        "volume": volume,
        "snapshot": snapshot,
        "securityGroup": group,
        "template": template,
    }
    pair = {"tags[0].key": "a", "tags[0].value": "b"}
    for kind, resource in tagged.items():
        cloud.job_result("createTags", resourcetype=kind, resourceids=resource, **pair)
    root = {"resourcetype": "volume", "resourceids": cloud.root(vm)}
    cloud.job_result("createTags", **root, **pair)
    assert len(cloud.list("listTags")) == len(tagged) + 1
    cloud.job_result("deleteTemplate", id=template)
    cloud.job_result("deleteSnapshot", id=snapshot)
    cloud.call("deleteVolume", id=volume)
    cloud.call("deleteSecurityGroup", id=group)
    assert {tag["resourceid"] for tag in cloud.list("listTags")} == {vm, root["resourceids"]}
    cloud.job_result("destroyVirtualMachine", id=vm)
    cloud.clock.advance(2 * 86_400)
    assert cloud.list("listTags") == []


@pytest.mark.parametrize("kind", ["volume", "snapshot", "template"])
def test_tags_of_what_could_not_be_created(kind: str) -> None:
    """Tags that something got while it was being created are removed when its creation fails."""
    tag = {"tags[0].key": "a", "tags[0].value": "b"}
    with running_cloud(Durations(volumes=10, snapshots=10, templates=10)) as cloud:
        snapshot = {"volumeid": cloud.root(cloud.deploy())}
        source = cloud.call("createSnapshot", **snapshot)["id"]
        cloud.clock.advance(20)
        system = next(iter(cloud.world.os_types.values()))
        template = {"displaytext": "d", "name": "n", "ostypeid": system, "snapshotid": source}
        volume = {"name": "v", "snapshotid": source}
        parameters = {"volume": volume, "snapshot": snapshot, "template": template}[kind]
        command = f"create{kind.title()}"
        cloud.management.faults.add(ApiFault(command, 530, "no storage", in_job=True), "alice")
        created = cloud.call(command, **parameters)["id"]
        cloud.job_result("createTags", resourcetype=kind, resourceids=created, **tag)
        cloud.clock.advance(20)
        assert cloud.list("listTags", resourceid=created) == []
