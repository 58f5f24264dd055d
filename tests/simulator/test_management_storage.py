"""Simulated volumes, snapshots and templates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.management_client import Cloud

GIB = 2**30


def snapshot(cloud: Cloud, volume: str) -> str:
    """A new snapshot's id."""
    return str(cloud.call("createSnapshot", volumeid=volume)["id"])


def registered(cloud: Cloud, **parameters: str) -> dict[str, Any]:
    """A template registered from a URL, as it was answered."""
    given = {
        "name": "t",
        "displaytext": "a template",
        "format": "VHD",
        "hypervisor": "XenServer",
        "ostypeid": next(iter(cloud.world.os_types.values())),
        "url": "http://example.com/t.vhd",
        "zoneid": cloud.world.zone_id,
    }
    answer: dict[str, Any] = cloud.call("registerTemplate", **given | parameters)["template"][0]
    return answer


def test_new_volume_is_allocated_until_it_is_attached(cloud: Cloud) -> None:
    """A volume of a custom size is Allocated, has its size in bytes, and is Ready once attached."""
    volume, vm = cloud.volume(size="7"), cloud.deploy()
    shown = cloud.list("listVolumes", id=volume)[0]
    assert (shown["state"], shown["size"], shown["type"]) == ("Allocated", 7 * GIB, "DATADISK")
    assert "virtualmachineid" not in shown
    attached = cloud.done("attachVolume", id=volume, virtualmachineid=vm)["volume"]
    assert (attached["state"], attached["deviceid"]) == ("Ready", 1)
    assert (attached["virtualmachineid"], attached["vmstate"]) == (vm, "Running")
    detached = cloud.done("detachVolume", id=volume)["volume"]
    assert not {"virtualmachineid", "deviceid", "attached", "vmstate"} & detached.keys()


def test_attaching_shows_creating_first(slow: Cloud) -> None:
    """A volume that is attached for the first time is Creating in between."""
    volume, vm = slow.volume(), slow.deploy()
    slow.clock.advance(10)
    slow.call("attachVolume", id=volume, virtualmachineid=vm)
    assert slow.state("listVolumes", volume) == "Creating"
    slow.clock.advance(10)
    assert slow.state("listVolumes", volume) == "Ready"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"size": None}, "requires a custom size"),
        ({"size": "0"}, "out of allowed range"),
        ({"size": "1025"}, "out of allowed range"),
        ({"diskofferingid": None, "size": None}, "Either disk Offering Id or snapshot Id"),
        ({"zoneid": None}, "zone id must be specified"),
        ({"name": None}, "missing parameter name"),
    ],
)
def test_impossible_volumes_are_refused(
    cloud: Cloud, changed: dict[str, str | None], text: str
) -> None:
    """A volume needs a name, a zone, and either an offering with a size in range or a snapshot."""
    given: dict[str, str | None] = {
        "name": "v",
        "zoneid": cloud.world.zone_id,
        "diskofferingid": cloud.world.disk_offering_id,
        "size": "1",
    }
    asked = {name: value for name, value in (given | changed).items() if value is not None}
    code, said = cloud.refused("createVolume", **asked)
    assert code == 431
    assert text in said


def test_devices_are_given_out_once(cloud: Cloud) -> None:
    """Device numbers start at 1, leave out the CD-ROM's 3, and are not given out twice."""
    vm = cloud.deploy()
    numbers = []
    for _ in range(4):
        attached = cloud.done("attachVolume", id=cloud.volume(), virtualmachineid=vm)["volume"]
        numbers.append(attached["deviceid"])
    assert numbers == [1, 2, 4, 5]
    asked = {"id": cloud.volume(), "virtualmachineid": vm}
    code, text = cloud.failed("attachVolume", deviceid="4", **asked)
    assert code == 530
    assert text.startswith("deviceId 4 is used by VM")
    assert cloud.failed("attachVolume", deviceid="3", **asked)[0] == 530
    assert cloud.failed("attachVolume", deviceid="0", **asked)[0] == 530
    assert cloud.done("attachVolume", deviceid="9", **asked)["volume"]["deviceid"] == 9


def test_volumes_are_attached_once_and_to_living_instances(cloud: Cloud) -> None:
    """An attached volume, or an instance that is gone, makes the job fail with 530."""
    vm, volume = cloud.deploy(), cloud.volume()
    cloud.done("attachVolume", id=volume, virtualmachineid=vm)
    other = cloud.deploy()
    code, text = cloud.failed("attachVolume", id=volume, virtualmachineid=other)
    assert (code, "not attached to any VM" in text) == (530, True)
    cloud.done("destroyVirtualMachine", id=other)
    code, text = cloud.failed("attachVolume", id=cloud.volume(), virtualmachineid=other)
    assert (code, "either running or stopped" in text) == (530, True)
    root = cloud.root(vm)
    assert "valid data volume" in cloud.failed("attachVolume", id=root, virtualmachineid=vm)[1]


def test_detaching_needs_something_attached(cloud: Cloud) -> None:
    """What is detached is named by id or by instance and device, and must be attached."""
    vm, volume = cloud.deploy(), cloud.volume()
    code, text = cloud.failed("detachVolume", id=volume)
    assert (code, text) == (530, "The specified volume is not attached to a VM.")
    cloud.done("attachVolume", id=volume, virtualmachineid=vm, deviceid="2")
    assert cloud.failed("detachVolume", virtualmachineid=vm)[0] == 530
    assert cloud.failed("detachVolume", id=cloud.root(vm))[0] == 530
    assert cloud.done("detachVolume", virtualmachineid=vm, deviceid="2")["volume"]["id"] == volume


def test_attached_volumes_are_not_deleted(cloud: Cloud) -> None:
    """A volume is deleted at once, unless it is attached."""
    vm, volume = cloud.deploy(), cloud.volume()
    cloud.done("attachVolume", id=volume, virtualmachineid=vm)
    expected = (431, "Please specify a volume that is not attached to any VM.")
    assert cloud.refused("deleteVolume", id=volume) == expected
    cloud.done("detachVolume", id=volume)
    assert cloud.call("deleteVolume", id=volume) == {"success": "true"}
    assert cloud.list("listVolumes", id=volume) == []
    assert cloud.refused("deleteVolume", id=volume)[0] == 431


def test_snapshot_passes_through_its_states(slow: Cloud) -> None:
    """A snapshot is Creating, then BackingUp, then BackedUp; its volume cannot go meanwhile."""
    root = slow.root(slow.deploy())
    slow.clock.advance(10)
    taken = snapshot(slow, root)
    assert slow.state("listSnapshots", taken) == "Creating"
    slow.clock.advance(5)
    assert slow.state("listSnapshots", taken) == "BackingUp"
    slow.clock.advance(5)
    assert slow.state("listSnapshots", taken) == "BackedUp"
    slow.call("deleteSnapshot", id=taken)
    assert slow.state("listSnapshots", taken) == "Destroying"
    slow.clock.advance(10)
    assert slow.list("listSnapshots") == []


def test_snapshots_need_a_ready_volume(cloud: Cloud) -> None:
    """A volume that was never written cannot be snapshot."""
    code, text = cloud.refused("createSnapshot", volumeid=cloud.volume())
    assert code == 431
    assert "is not in Ready state, but  in state Allocated. Cannot take snapshot" in text


def test_unfinished_snapshots_cannot_be_used(slow: Cloud) -> None:
    """Volumes and templates are made from snapshots that are BackedUp only."""
    volume, vm = slow.volume(), slow.deploy()
    slow.clock.advance(10)
    slow.call("attachVolume", id=volume, virtualmachineid=vm)
    slow.clock.advance(10)
    taken = snapshot(slow, volume)
    code, text = slow.refused("createVolume", name="copy", snapshotid=taken)
    assert (code, "is not in BackedUp state yet" in text) == (431, True)
    slow.call("detachVolume", id=volume)
    slow.clock.advance(1)
    assert (
        slow.refused("createTemplate", name="t", displaytext="t", ostypeid="1", snapshotid=taken)[0]
        == 431
    )
    assert slow.job(slow.call("deleteSnapshot", id=taken)["jobid"])["jobstatus"] == 0


def test_volume_from_snapshot(slow: Cloud) -> None:
    """A volume made from a snapshot is Creating, then Ready, as large as the snapshot's."""
    root = slow.root(slow.deploy())
    slow.clock.advance(10)
    taken = snapshot(slow, root)
    slow.clock.advance(10)
    copy = slow.call("createVolume", name="copy", snapshotid=taken, zoneid=slow.world.zone_id)["id"]
    assert slow.state("listVolumes", copy) == "Creating"
    slow.clock.advance(10)
    shown = slow.list("listVolumes", id=copy)[0]
    assert (shown["state"], shown["size"], shown["snapshotid"]) == ("Ready", 8 * GIB, taken)


def test_template_from_a_stopped_instance_only(cloud: Cloud) -> None:
    """The root volume of a running instance makes no template, that of a stopped one does."""
    vm = cloud.deploy()
    wish = {"name": "image", "displaytext": "mine", "ostypeid": "1", "volumeid": cloud.root(vm)}
    code, text = cloud.refused("createTemplate", **wish)
    assert (code, text.startswith("Internal error executing command")) == (530, True)
    assert "is attached to a Running VM" in cloud.refused("createTemplate", by="admin", **wish)[1]
    cloud.done("stopVirtualMachine", id=vm)
    template = cloud.done("createTemplate", **wish)["template"]
    assert (template["isready"], template["ispublic"], template["account"]) == (
        True,
        False,
        "alice",
    )
    assert cloud.deploy(templateid=template["id"])


@pytest.mark.parametrize(
    "changed", [{"name": "n" * 33}, {"snapshotid": "1"}, {"volumeid": ""}, {"ostypeid": "99"}]
)
def test_impossible_templates_are_refused(cloud: Cloud, changed: dict[str, str]) -> None:
    """A template has a short name, one source and a known operating system."""
    vm = cloud.deploy()
    cloud.done("stopVirtualMachine", id=vm)
    snapshot(cloud, cloud.root(vm))
    wish = {"name": "image", "displaytext": "mine", "ostypeid": "1", "volumeid": cloud.root(vm)}
    assert cloud.refused("createTemplate", **wish | changed)[0] == 431


def test_registered_template_becomes_ready(slow: Cloud) -> None:
    """A registered template answers at once and is ready when it was downloaded."""
    template = registered(slow)
    assert (template["isready"], template["hypervisor"]) == (False, "XenServer")
    asked = {"templatefilter": "self", "id": template["id"]}
    slow.clock.advance(9)
    assert not slow.list("listTemplates", **asked)[0]["isready"]
    slow.clock.advance(1)
    assert slow.list("listTemplates", **asked)[0]["isready"]


@pytest.mark.parametrize(
    "changed", [{"format": "EXE"}, {"url": "file:///etc/passwd"}, {"zoneid": "-1"}]
)
def test_impossible_registrations_are_refused(cloud: Cloud, changed: dict[str, str]) -> None:
    """An unknown format, a local file and all zones at once are refused with 431."""
    given = {"name": "t", "displaytext": "t", "hypervisor": "XenServer", "ostypeid": "1"}
    given |= {"format": "VHD", "url": "http://example.com/t", "zoneid": cloud.world.zone_id}
    assert cloud.refused("registerTemplate", **given | changed)[0] == 431


def test_filters_tell_templates_apart(cloud: Cloud) -> None:
    """Each filter lists what it says: own, shared, featured, community, executable."""
    mine = registered(cloud, name="private")["id"]
    shared = registered(cloud, name="shared")["id"]
    public = registered(cloud, name="public", ispublic="true")["id"]
    seeded = {cloud.world.template_id, cloud.world.password_template_id}
    cloud.call("updateTemplatePermissions", id=shared, op="add", accounts="bob")

    def seen(by: str, wanted: str) -> set[str]:
        return {t["id"] for t in cloud.list("listTemplates", by, templatefilter=wanted)}

    assert seen("alice", "self") == {mine, shared, public}
    assert seen("bob", "self") == set()
    assert seen("bob", "shared") == seen("bob", "sharedexecutable") == {shared}
    assert seen("bob", "featured") == seeded
    assert seen("bob", "community") == {public}
    assert seen("bob", "executable") == {shared, public, *seeded}
    assert seen("admin", "all") == {mine, shared, public, *seeded}
    assert cloud.refused("listTemplates", templatefilter="all")[0] == 431
    assert cloud.refused("listTemplates", by="bob", templatefilter="self", id=mine)[0] == 531


def test_permissions_are_added_removed_and_reset(cloud: Cloud) -> None:
    """Launch permissions name accounts and may be public; only the owner sees and changes them."""
    template = registered(cloud)["id"]
    change = {"id": template, "accounts": "bob"}

    def told() -> tuple[bool, list[str]]:
        shown = cloud.call("listTemplatePermissions", id=template)["templatepermission"]
        return shown["ispublic"], shown.get("account", [])

    cloud.call("updateTemplatePermissions", op="add", **change)
    cloud.call("updateTemplatePermissions", op="ADD", **change)
    assert told() == (False, ["bob"])
    cloud.call("updateTemplatePermissions", op="remove", **change)
    assert told() == (False, [])
    cloud.call("updateTemplatePermissions", id=template, ispublic="true")
    cloud.call("updateTemplatePermissions", op="add", **change)
    assert told() == (True, ["bob"])
    cloud.call("updateTemplatePermissions", id=template, op="reset")
    assert told() == (False, [])
    assert cloud.refused("updateTemplatePermissions", id=template, op="give")[0] == 431
    assert cloud.refused("updateTemplatePermissions", id=template, op="add")[0] == 431
    assert cloud.refused("updateTemplatePermissions", **change)[0] == 431
    assert (
        cloud.refused("updateTemplatePermissions", id=template, op="add", accounts="eve")[0] == 431
    )
    assert cloud.refused("updateTemplatePermissions", id=template, isfeatured="true")[0] == 431
    assert cloud.refused("updateTemplatePermissions", by="bob", op="add", **change)[0] == 531
    assert cloud.refused("listTemplatePermissions", by="bob", id=template)[0] == 531


def test_deleted_templates_are_gone(cloud: Cloud) -> None:
    """A deleted template is not listed; others' templates cannot be deleted."""
    template = registered(cloud)["id"]
    assert cloud.refused("deleteTemplate", by="bob", id=template)[0] == 531
    assert cloud.done("deleteTemplate", id=template) == {"success": True}
    assert cloud.list("listTemplates", templatefilter="self") == []
    assert cloud.refused("listTemplates", templatefilter="self", id=template)[0] == 431
    assert cloud.failed("deleteTemplate", id=template)[0] == 530
