"""Simulated volumes, snapshots and templates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.management_client import Cloud

GIB = 2**30


def snapshot(cloud: Cloud, volume: str) -> str:
    """Create a snapshot; its id."""
    return str(cloud.call("createSnapshot", volumeid=volume)["id"])


def register_template(cloud: Cloud, **parameters: str) -> dict[str, Any]:
    """Register a template from a URL; the fields of the reply."""
    settings = {
        "name": "t",
        "displaytext": "a template",
        "format": "VHD",
        "hypervisor": "XenServer",
        "ostypeid": next(iter(cloud.world.os_types.values())),
        "url": "http://example.com/t.vhd",
        "zoneid": cloud.world.zone_id,
    }
    answer: dict[str, Any] = cloud.call("registerTemplate", **settings | parameters)["template"][0]
    return answer


def test_new_volume_is_allocated_until_it_is_attached(cloud: Cloud) -> None:
    """A volume of a custom size is Allocated, has its size in bytes, and is Ready once attached."""
    volume, vm = cloud.volume(size="7"), cloud.deploy()
    shown = cloud.list("listVolumes", id=volume)[0]
    assert (shown["state"], shown["size"], shown["type"]) == ("Allocated", 7 * GIB, "DATADISK")
    assert "virtualmachineid" not in shown
    attached = cloud.job_result("attachVolume", id=volume, virtualmachineid=vm)["volume"]
    assert (attached["state"], attached["deviceid"]) == ("Ready", 1)
    assert (attached["virtualmachineid"], attached["vmstate"]) == (vm, "Running")
    detached = cloud.job_result("detachVolume", id=volume)["volume"]
    assert not {"virtualmachineid", "deviceid", "attached", "vmstate"} & detached.keys()


def test_attaching_shows_creating_first(slow: Cloud) -> None:
    """A volume is Creating while it is attached for the first time."""
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
        ({"size": "0"}, "Disk size must be larger than 0"),
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
    settings: dict[str, str | None] = {
        "name": "v",
        "zoneid": cloud.world.zone_id,
        "diskofferingid": cloud.world.disk_offering_id,
        "size": "1",
    }
    parameters = {name: value for name, value in (settings | changed).items() if value is not None}
    code, error = cloud.refusal("createVolume", **parameters)
    assert code == 431
    assert text in error


def test_device_numbers_are_assigned_once(cloud: Cloud) -> None:
    """Device numbers start at 1, leave out the CD-ROM's 3, and are not assigned twice."""
    vm = cloud.deploy()
    numbers = []
    for _ in range(4):
        attached = cloud.job_result("attachVolume", id=cloud.volume(), virtualmachineid=vm)[
            "volume"
        ]
        numbers.append(attached["deviceid"])
    assert numbers == [1, 2, 4, 5]
    new = {"id": cloud.volume(), "virtualmachineid": vm}
    code, text = cloud.job_error("attachVolume", deviceid="4", **new)
    assert code == 530
    assert text.startswith("deviceId 4 is used by vm")
    assert cloud.job_error("attachVolume", deviceid="3", **new)[0] == 530
    assert cloud.job_error("attachVolume", deviceid="0", **new)[0] == 530
    assert cloud.job_result("attachVolume", deviceid="9", **new)["volume"]["deviceid"] == 9


def test_volumes_are_attached_once_and_to_living_instances(cloud: Cloud) -> None:
    """For an attached volume, or a destroyed instance, the job fails with 530."""
    vm, volume = cloud.deploy(), cloud.volume()
    cloud.job_result("attachVolume", id=volume, virtualmachineid=vm)
    other = cloud.deploy()
    code, text = cloud.job_error("attachVolume", id=volume, virtualmachineid=other)
    assert (code, "not attached to any VM" in text) == (530, True)
    cloud.job_result("destroyVirtualMachine", id=other)
    code, text = cloud.job_error("attachVolume", id=cloud.volume(), virtualmachineid=other)
    assert (code, "either running or stopped" in text) == (530, True)
    root = cloud.root(vm)
    assert (
        "not attached to any VM" in cloud.job_error("attachVolume", id=root, virtualmachineid=vm)[1]
    )


def test_detaching_needs_an_attached_volume(cloud: Cloud) -> None:
    """The volume is named by id or by instance and device, and must be attached."""
    vm, volume = cloud.deploy(), cloud.volume()
    code, text = cloud.job_error("detachVolume", id=volume)
    assert (code, text) == (530, "The specified volume is not attached to a VM.")
    cloud.job_result("attachVolume", id=volume, virtualmachineid=vm, deviceid="2")
    assert cloud.job_error("detachVolume", virtualmachineid=vm)[0] == 530
    assert cloud.job_error("detachVolume", id=cloud.root(vm))[0] == 530
    assert (
        cloud.job_result("detachVolume", virtualmachineid=vm, deviceid="2")["volume"]["id"]
        == volume
    )


def test_attached_volumes_are_not_deleted(cloud: Cloud) -> None:
    """A volume is deleted immediately, unless it is attached."""
    vm, volume = cloud.deploy(), cloud.volume()
    cloud.job_result("attachVolume", id=volume, virtualmachineid=vm)
    expected = (431, "Please specify a volume that is not attached to any VM.")
    assert cloud.refusal("deleteVolume", id=volume) == expected
    cloud.job_result("detachVolume", id=volume)
    assert cloud.call("deleteVolume", id=volume) == {"success": "true"}
    assert cloud.list("listVolumes", id=volume) == []
    assert cloud.refusal("deleteVolume", id=volume)[0] == 431


def test_snapshot_passes_through_its_states(slow: Cloud) -> None:
    """A snapshot is Creating, then BackingUp, then BackedUp; its volume cannot be
    deleted meanwhile."""
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
    """Of a volume that was never attached no snapshot can be created."""
    code, text = cloud.refusal("createSnapshot", volumeid=cloud.volume())
    assert code == 431
    assert "is not in Ready state but Allocated. Cannot take snapshot." in text


def test_unfinished_snapshots_cannot_be_used(slow: Cloud) -> None:
    """Volumes and templates are created only from snapshots in state BackedUp."""
    volume, vm = slow.volume(), slow.deploy()
    slow.clock.advance(10)
    slow.call("attachVolume", id=volume, virtualmachineid=vm)
    slow.clock.advance(10)
    taken = snapshot(slow, volume)
    code, text = slow.refusal("createVolume", name="copy", snapshotid=taken)
    assert (code, "is not in BackedUp state yet" in text) == (431, True)
    slow.call("detachVolume", id=volume)
    slow.clock.advance(1)
    assert (
        slow.refusal("createTemplate", name="t", displaytext="t", ostypeid="1", snapshotid=taken)[0]
        == 431
    )
    assert slow.job(slow.call("deleteSnapshot", id=taken)["jobid"])["jobstatus"] == 0


def test_volume_from_snapshot(slow: Cloud) -> None:
    """A volume created from a snapshot is Creating, then Ready, and has the snapshot's size."""
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
    """A template is created from the root volume of a stopped instance, not of a running one."""
    vm = cloud.deploy()
    settings = {"name": "image", "displaytext": "mine", "ostypeid": "1", "volumeid": cloud.root(vm)}
    code, text = cloud.refusal("createTemplate", **settings)
    assert (code, text.startswith("Internal error executing command")) == (530, True)
    assert (
        "volume is attached to a non-stopped VM"
        in cloud.refusal("createTemplate", by="admin", **settings)[1]
    )
    cloud.job_result("stopVirtualMachine", id=vm)
    template = cloud.job_result("createTemplate", **settings)["template"]
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
    cloud.job_result("stopVirtualMachine", id=vm)
    snapshot(cloud, cloud.root(vm))
    settings = {"name": "image", "displaytext": "mine", "ostypeid": "1", "volumeid": cloud.root(vm)}
    assert cloud.refusal("createTemplate", **settings | changed)[0] == 431


def test_registered_template_becomes_ready(slow: Cloud) -> None:
    """Registration returns immediately; the template is ready when it was downloaded."""
    template = register_template(slow)
    assert (template["isready"], template["hypervisor"]) == (False, "XenServer")
    query = {"templatefilter": "self", "id": template["id"]}
    slow.clock.advance(9)
    assert not slow.list("listTemplates", **query)[0]["isready"]
    slow.clock.advance(1)
    assert slow.list("listTemplates", **query)[0]["isready"]


@pytest.mark.parametrize(
    "changed", [{"format": "EXE"}, {"url": "file:///etc/passwd"}, {"zoneid": "-1"}]
)
def test_impossible_registrations_are_refused(cloud: Cloud, changed: dict[str, str]) -> None:
    """An unknown format, a local file and all zones at once are refused with 431."""
    settings = {"name": "t", "displaytext": "t", "hypervisor": "XenServer", "ostypeid": "1"}
    settings |= {"format": "VHD", "url": "http://example.com/t", "zoneid": cloud.world.zone_id}
    assert cloud.refusal("registerTemplate", **settings | changed)[0] == 431


def test_template_filters(cloud: Cloud) -> None:
    """Each filter lists its templates: own, shared, featured, community, executable."""
    mine = register_template(cloud, name="private")["id"]
    shared = register_template(cloud, name="shared")["id"]
    public = register_template(cloud, name="public", ispublic="true")["id"]
    seeded = {cloud.world.template_id, cloud.world.password_template_id}
    cloud.call("updateTemplatePermissions", id=shared, op="add", accounts="bob")

    def listed(by: str, template_filter: str) -> set[str]:
        return {t["id"] for t in cloud.list("listTemplates", by, templatefilter=template_filter)}

    assert listed("alice", "self") == {mine, shared, public}
    assert listed("bob", "self") == set()
    assert listed("bob", "shared") == listed("bob", "sharedexecutable") == {shared}
    assert listed("bob", "featured") == seeded
    assert listed("bob", "community") == {public}
    assert listed("bob", "executable") == {shared, public, *seeded}
    assert listed("admin", "all") == {mine, shared, public, *seeded}
    assert cloud.refusal("listTemplates", templatefilter="all")[0] == 431
    assert cloud.refusal("listTemplates", by="bob", templatefilter="self", id=mine)[0] == 531


def test_permissions_are_added_removed_and_reset(cloud: Cloud) -> None:
    """Launch permissions name accounts, the owner too, or are public; only the owner changes them,
    and sees them unless the template is public."""
    template = register_template(cloud)["id"]
    change = {"id": template, "accounts": "bob"}

    def permissions() -> tuple[bool, list[str]]:
        shown = cloud.call("listTemplatePermissions", id=template)["templatepermission"]
        return shown["ispublic"], shown.get("account", [])

    cloud.call("updateTemplatePermissions", op="add", **change)
    cloud.call("updateTemplatePermissions", op="ADD", **change)
    assert permissions() == (False, ["bob", "alice"])
    cloud.call("updateTemplatePermissions", op="remove", **change)
    assert permissions() == (False, ["alice"])
    cloud.call("updateTemplatePermissions", id=template, ispublic="true")
    cloud.call("updateTemplatePermissions", op="add", **change)
    assert permissions() == (True, ["bob"])
    shown = cloud.call("listTemplatePermissions", by="bob", id=template)["templatepermission"]
    assert (shown["ispublic"], shown["account"]) == (True, ["bob"])
    cloud.call("updateTemplatePermissions", id=template, op="reset")
    assert permissions() == (False, ["alice"])
    assert cloud.refusal("updateTemplatePermissions", id=template, op="give")[0] == 431
    assert cloud.refusal("updateTemplatePermissions", id=template, op="add")[0] == 431
    assert cloud.refusal("updateTemplatePermissions", **change)[0] == 431
    assert (
        cloud.refusal("updateTemplatePermissions", id=template, op="add", accounts="eve")[0] == 431
    )
    assert cloud.refusal("updateTemplatePermissions", id=template, isfeatured="true")[0] == 431
    assert cloud.refusal("updateTemplatePermissions", by="bob", op="add", **change)[0] == 531
    assert cloud.refusal("listTemplatePermissions", by="bob", id=template)[0] == 531


def test_deleted_templates_are_gone(cloud: Cloud) -> None:
    """A deleted template is not listed; the templates of other accounts cannot be deleted."""
    template = register_template(cloud)["id"]
    assert cloud.refusal("deleteTemplate", by="bob", id=template)[0] == 531
    assert cloud.job_result("deleteTemplate", id=template) == {"success": True}
    assert cloud.list("listTemplates", templatefilter="self") == []
    assert cloud.refusal("listTemplates", templatefilter="self", id=template)[0] == 431
    assert cloud.job_error("deleteTemplate", id=template)[0] == 530
