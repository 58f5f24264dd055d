"""Volumes, snapshots, images, their attributes and tags over the simulated cloud: each action once,
and refusals."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from fixtures.simulator.management.faults import ApiFault
from tests.support.simulated_deployments import Ec2TestClient

NOBODY = str(uuid4())
URL = "http://images.example/disk.vhd.bz2"


@pytest.fixture
def instance(ec2: Ec2TestClient) -> str:
    """A running instance."""
    given = {"ImageId": ec2.deployment.world.template_id, "MinCount": "1", "MaxCount": "1"}
    return str(ec2.call("RunInstances", **given).body["instancesSet"][0]["instanceId"])


@pytest.fixture
def volume(ec2: Ec2TestClient) -> str:
    """A free volume of 2 GiB."""
    zone = ec2.deployment.world.zone_name
    return str(ec2.call("CreateVolume", AvailabilityZone=zone, Size="2").body["volumeId"])


def described(client: Ec2TestClient, volume: str) -> Any:
    """A volume as it is shown."""
    return client.call("DescribeVolumes", VolumeId__1=volume).body["volumeSet"][0]


def test_create_volume(ec2: Ec2TestClient) -> None:
    """A volume of the size and in the zone asked for, from the offering whose size can be
    chosen."""
    world = ec2.deployment.world
    called = ec2.call("CreateVolume", AvailabilityZone=world.zone_name, Size="7")
    given = called.only_change("createVolume")
    assert given.pop("name")
    assert given == {
        "zoneid": world.zone_id,
        "diskofferingid": world.disk_offering_id,
        "size": "7",
    }
    assert called.body["size"] == "7"
    assert called.body["status"] == "available"
    assert called.body["availabilityZone"] == world.zone_name
    assert "attachmentSet" not in called.body


def test_create_volume_refused(ec2: Ec2TestClient) -> None:
    """Without a zone, a size or a snapshot that exists there is no volume."""
    zone = ec2.deployment.world.zone_name
    assert ec2.refusal_code("CreateVolume", Size="1") == "MissingParameter"
    assert ec2.refusal_code("CreateVolume", AvailabilityZone=zone) == "MissingParameter"
    assert (
        ec2.refusal_code("CreateVolume", AvailabilityZone=zone, Size="0") == "InvalidParameterValue"
    )
    refused = ec2.refusal_code("CreateVolume", AvailabilityZone="nowhere", Size="1")
    assert refused == "InvalidZone.NotFound"
    refused = ec2.refusal_code("CreateVolume", AvailabilityZone=zone, SnapshotId=NOBODY)
    assert refused == "InvalidSnapshot.NotFound"


def test_attach_and_detach(ec2: Ec2TestClient, instance: str, volume: str) -> None:
    """A volume is attached as the device asked for, shown as in use, and taken off again."""
    given = {"VolumeId": volume, "InstanceId": instance, "Device": "/dev/sdh"}
    called = ec2.call("AttachVolume", **given)
    expected = {"id": volume, "virtualmachineid": instance, "deviceid": "7"}
    assert called.only_change("attachVolume") == expected
    assert called.body["device"] == "/dev/sdh"
    assert called.body["status"] == "attached"
    shown = described(ec2, volume)
    assert shown["status"] == "in-use"
    (attachment,) = shown["attachmentSet"]
    assert attachment["instanceId"] == instance
    assert attachment["device"] == "/dev/sdh"
    assert attachment["deleteOnTermination"] == "false"
    assert ec2.refusal_code("AttachVolume", **given) == "VolumeInUse"
    assert ec2.refusal_code("DeleteVolume", VolumeId=volume) == "VolumeInUse"
    wrong = {"VolumeId": volume, "InstanceId": NOBODY}
    assert ec2.refusal_code("DetachVolume", **wrong) == "InvalidAttachment.NotFound"
    wrong = {"VolumeId": volume, "Device": "/dev/sdi"}
    assert ec2.refusal_code("DetachVolume", **wrong) == "InvalidAttachment.NotFound"
    given["Device"] = "/dev/xvdh"
    called = ec2.call("DetachVolume", **given)
    assert called.only_change("detachVolume") == {"id": volume}
    assert called.body["status"] == "detached"
    assert called.body["instanceId"] == instance
    assert ec2.refusal_code("DetachVolume", VolumeId=volume) == "IncorrectState"
    assert described(ec2, volume)["status"] == "available"
    assert ec2.call("DeleteVolume", VolumeId=volume).only_change("deleteVolume") == {"id": volume}
    assert ec2.refusal_code("DeleteVolume", VolumeId=volume) == "InvalidVolume.NotFound"


def test_attach_refused(ec2: Ec2TestClient, bob: Ec2TestClient, instance: str, volume: str) -> None:
    """Devices that do not exist or are taken, unknown things and dead instances are refused."""
    given = {"VolumeId": volume, "InstanceId": instance}
    for device in ("/dev/sda", "/dev/sdd", "/dev/hda", "sdz"):
        assert ec2.refusal_code("AttachVolume", **given, Device=device) == "InvalidParameterValue"
    zone = ec2.deployment.world.zone_name
    other = ec2.call("CreateVolume", AvailabilityZone=zone, Size="1").body["volumeId"]
    ec2.call("AttachVolume", VolumeId=other, InstanceId=instance, Device="/dev/sdb")
    assert ec2.refusal_code("AttachVolume", **given, Device="/dev/sdb") == "InvalidDevice.InUse"
    assert bob.refusal_code("AttachVolume", **given, Device="/dev/sdc") == "InvalidVolume.NotFound"
    missing = {"VolumeId": volume, "InstanceId": NOBODY, "Device": "/dev/sdc"}
    assert ec2.refusal_code("AttachVolume", **missing) == "InvalidInstanceID.NotFound"
    ec2.call("TerminateInstances", InstanceId__1=instance)
    assert ec2.refusal_code("AttachVolume", **given, Device="/dev/sdc") == "IncorrectState"


def test_root_volumes(ec2: Ec2TestClient, instance: str) -> None:
    """An instance's root volume is listed, goes with it, and cannot be taken from a running
    instance."""
    given = {"Filter__1__Name": "attachment.instance-id", "Filter__1__Value__1": instance}
    (root,) = ec2.call("DescribeVolumes", **given).body["volumeSet"]
    (attachment,) = root["attachmentSet"]
    assert attachment["device"] == "/dev/sda1"
    assert attachment["deleteOnTermination"] == "true"
    refused = ec2.refusal_code("DetachVolume", VolumeId=root["volumeId"])
    assert refused == "OperationNotPermitted"


def test_snapshots(ec2: Ec2TestClient, bob: Ec2TestClient, instance: str, volume: str) -> None:
    """A snapshot of a volume with data, another volume from it, and its end."""
    assert ec2.refusal_code("CreateSnapshot", VolumeId=volume) == "IncorrectState"
    ec2.call("AttachVolume", VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    called = ec2.call("CreateSnapshot", VolumeId=volume, Description="before the change")
    assert called.only_change("createSnapshot") == {"volumeid": volume}
    snapshot = called.body["snapshotId"]
    assert called.body["volumeSize"] == "2"
    (shown,) = ec2.call("DescribeSnapshots", SnapshotId__1=snapshot).body["snapshotSet"]
    assert (shown["status"], shown["progress"], shown["volumeSize"]) == ("completed", "100%", "2")
    assert (shown["volumeId"], shown["ownerAlias"]) == (volume, "alice")
    listed = ec2.call("DescribeSnapshots", Owner__1="self").body["snapshotSet"]
    assert snapshot in [one["snapshotId"] for one in listed]
    assert ec2.call("DescribeSnapshots", Owner__1="amazon").body["snapshotSet"] == ""
    assert (
        bob.refusal_code("DescribeSnapshots", SnapshotId__1=snapshot) == "InvalidSnapshot.NotFound"
    )
    zone = ec2.deployment.world.zone_name
    made = ec2.call("CreateVolume", AvailabilityZone=zone, SnapshotId=snapshot)
    assert made.only_change("createVolume")["snapshotid"] == snapshot
    assert (made.body["snapshotId"], made.body["size"]) == (snapshot, "2")
    smaller = {"AvailabilityZone": zone, "SnapshotId": snapshot, "Size": "1"}
    assert ec2.refusal_code("CreateVolume", **smaller) == "InvalidParameterValue"
    called = ec2.call("DeleteSnapshot", SnapshotId=snapshot)
    assert called.only_change("deleteSnapshot") == {"id": snapshot}
    assert ec2.refusal_code("DeleteSnapshot", SnapshotId=snapshot) == "InvalidSnapshot.NotFound"


def test_images_of_instances(ec2: Ec2TestClient, instance: str) -> None:
    """An image of a running instance's root volume; the instance is stopped for it and started
    again."""
    wanted = {"InstanceId": instance, "Name": "my image", "Description": "a description"}
    refused = ec2.refusal_code("CreateImage", **wanted, NoReboot="true")
    assert refused == "UnsupportedOperation"
    called = ec2.call("CreateImage", **wanted)
    assert called.changes == ["stopVirtualMachine", "createTemplate", "startVirtualMachine"]
    made = next(call for call in called.calls if call.command == "createTemplate").parameters
    assert made is not None
    assert (made["name"], made["displaytext"]) == ("my image", "a description")
    image = called.body["imageId"]
    (shown,) = ec2.call("DescribeImages", ImageId__1=image).body["imagesSet"]
    assert (shown["name"], shown["description"]) == ("my image", "a description")
    assert (shown["imageState"], shown["isPublic"]) == ("available", "false")
    assert ec2.refusal_code("CreateImage", **wanted) == "InvalidAMIName.Duplicate"
    assert (
        ec2.refusal_code("CreateImage", InstanceId=instance, Name="x") == "InvalidAMIName.Malformed"
    )
    ec2.call("StopInstances", InstanceId__1=instance)
    called = ec2.call("CreateImage", InstanceId=instance, Name="second", NoReboot="true")
    assert called.changes == ["createTemplate"]


def test_an_image_that_cannot_be_made(ec2: Ec2TestClient, instance: str) -> None:
    """If the image cannot be made, the instance that was stopped for it is started again."""
    fault = ApiFault("createTemplate", 530, "no space", in_job=True)
    ec2.deployment.management.faults.add(fault, "alice")
    called = ec2.attempt("CreateImage", InstanceId=instance, Name="hopeless")
    assert (called.status, called.code) == (500, "InternalError")
    assert called.changes == ["stopVirtualMachine", "startVirtualMachine"]


def test_register_and_deregister(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """An image from a URL, described by the overloaded architecture or by what the URL says."""
    world = ec2.deployment.world
    os_type, os_id = next(iter(world.os_types.items()))
    called = ec2.call(
        "RegisterImage",
        Name="registered",
        ImageLocation=URL,
        Architecture=f"VHD:{world.zone_name}:{os_type}:XenServer",
    )
    assert called.only_change("registerTemplate") == {
        "name": "registered",
        "displaytext": "registered",
        "url": URL,
        "format": "VHD",
        "hypervisor": "XenServer",
        "ostypeid": os_id,
        "zoneid": world.zone_id,
    }
    image = called.body["imageId"]
    location = "https://images.example/a.qcow2"
    for architecture in ("i386", "x86_64"):
        given = {"ImageLocation": location, "Architecture": architecture}
        called = ec2.call("RegisterImage", Name=f"by {architecture}", **given)
        asked = called.only_change("registerTemplate")
        assert (asked["format"], asked["hypervisor"]) == ("QCOW2", "KVM")
    assert bob.refusal_code("DeregisterImage", ImageId=image) == "AuthFailure"
    called = ec2.call("DeregisterImage", ImageId=image)
    assert called.only_change("deleteTemplate") == {"id": image}
    assert ec2.refusal_code("DeregisterImage", ImageId=image) == "InvalidAMIID.Unavailable"
    assert ec2.refusal_code("DeregisterImage", ImageId=NOBODY) == "InvalidAMIID.NotFound"
    assert ec2.refusal_code("DeregisterImage", ImageId=world.template_id) == "AuthFailure"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ImageLocation": ""}, "MissingParameter"),
        ({"Name": ""}, "MissingParameter"),
        ({"Architecture": "a:b"}, "InvalidParameterValue"),
        ({"Architecture": "sparc"}, "InvalidParameterValue"),
        ({"Architecture": "VHD:nowhere:Other:KVM"}, "InvalidZone.NotFound"),
        ({"Architecture": "VHD:zone1:Amiga:KVM"}, "InvalidParameterValue"),
        ({"ImageLocation": "bucket/manifest.xml"}, "InvalidManifest"),
        ({"ImageLocation": "http://images.example/disk"}, "InvalidManifest"),
    ],
)
def test_register_refused(ec2: Ec2TestClient, given: dict[str, str], code: str) -> None:
    """What cannot be registered is refused before CloudStack is asked for it."""
    asked = {"Name": "refused", "ImageLocation": URL, **given}
    assert ec2.refusal_code("RegisterImage", **asked) == code


def test_image_attributes(ec2: Ec2TestClient, bob: Ec2TestClient, instance: str) -> None:
    """Launch permissions are given and taken, in the new form and the old, and an image described
    anew."""
    made = ec2.call("CreateImage", InstanceId=instance, Name="shared")
    image = made.body["imageId"]

    def modify(**given: str) -> dict[str, str]:
        called = ec2.call("ModifyImageAttribute", ImageId=image, **given)
        return called.only_change("updateTemplatePermissions")

    def permissions() -> Any:
        given = {"ImageId": image, "Attribute": "launchPermission"}
        return ec2.call("DescribeImageAttribute", **given).body["launchPermission"]

    assert permissions() == ""
    assert bob.refusal_code("DescribeImages", ImageId__1=image) == "AuthFailure"
    added = modify(LaunchPermission__Add__1__UserId="bob")
    assert added == {"id": image, "op": "add", "accounts": "bob"}
    assert permissions() == [{"userId": "bob"}]
    listed = bob.call("DescribeImages", ExecutableBy__1="self").body["imagesSet"]
    assert [one["imageId"] for one in listed] == [image]
    denied = {"ImageId": image, "Attribute": "launchPermission"}
    assert bob.refusal_code("DescribeImageAttribute", **denied) == "AuthFailure"
    assert bob.refusal_code("ResetImageAttribute", **denied) == "AuthFailure"
    old = {"Attribute": "launchPermission", "OperationType": "add", "UserGroup__1": "all"}
    assert modify(**old) == {"id": image, "ispublic": "true"}
    assert permissions() == [{"group": "all"}, {"userId": "bob"}]
    old = {"Attribute": "launchPermission", "OperationType": "remove", "UserId__1": "bob"}
    assert modify(**old) == {"id": image, "op": "remove", "accounts": "bob"}
    called = ec2.call("ResetImageAttribute", ImageId=image, Attribute="launchPermission")
    assert called.only_change("updateTemplatePermissions") == {"id": image, "op": "reset"}
    assert permissions() == ""
    called = ec2.call("ModifyImageAttribute", ImageId=image, Description__Value="anew")
    assert called.only_change("updateTemplate") == {"id": image, "displaytext": "anew"}
    body = ec2.call("DescribeImageAttribute", ImageId=image, Attribute="description").body
    assert body["description"] == {"value": "anew"}


@pytest.mark.parametrize(
    ("action", "given", "code"),
    [
        ("DescribeImageAttribute", {"Attribute": "colour"}, "InvalidRequest"),
        ("ResetImageAttribute", {"Attribute": "description"}, "InvalidRequest"),
        ("ModifyImageAttribute", {}, "InvalidParameterCombination"),
        ("ModifyImageAttribute", {"Attribute": "kernel", "Value": "x"}, "InvalidParameter"),
        ("ModifyImageAttribute", {"Attribute": "description"}, "MissingParameter"),
        (
            "ModifyImageAttribute",
            {"LaunchPermission__Add__1__Group": "friends"},
            "InvalidAMIAttributeItemValue",
        ),
        (
            "ModifyImageAttribute",
            {"LaunchPermission__Add__1__UserId": "1234-5678-9012"},
            "InvalidAMIAttributeItemValue",
        ),
    ],
)
def test_attributes_refused(
    ec2: Ec2TestClient, action: str, given: dict[str, str], code: str
) -> None:
    """Attributes that do not exist or cannot be set so are refused."""
    image = ec2.deployment.world.template_id
    assert ec2.refusal_code(action, ImageId=image, **given) == code


def test_all_images(ec2: Ec2TestClient) -> None:
    """Without ids every image that may be launched is listed once."""
    images = ec2.call("DescribeImages").body["imagesSet"]
    ids = [image["imageId"] for image in images]
    assert ec2.deployment.world.template_id in ids
    assert len(ids) == len(set(ids))
    public = ec2.call("DescribeImages", Filter__1__Name="is-public", Filter__1__Value__1="true")
    assert {image["isPublic"] for image in public.body["imagesSet"]} == {"true"}
    assert ec2.refusal_code("DescribeImages", ImageId__1=NOBODY) == "InvalidAMIID.NotFound"


def test_tags(ec2: Ec2TestClient, bob: Ec2TestClient, instance: str, volume: str) -> None:
    """Tags on any thing, by its plain id: set, replaced, shown, filtered by, and taken off."""
    given = {"ResourceId__1": instance, "Tag__1__Key": "role", "Tag__1__Value": "db"}
    called = ec2.call("CreateTags", **given, ResourceId__2=volume)
    assert called.changes == ["createTags", "createTags"]
    assert ec2.call("CreateTags", **given).changes == []
    given["Tag__1__Value"] = "web"
    assert ec2.call("CreateTags", **given).changes == ["deleteTags", "createTags"]
    body = ec2.call("DescribeInstances", Filter__1__Name="tag:role", Filter__1__Value__1="w*").body
    assert body["reservationSet"][0]["instancesSet"][0]["tagSet"] == [
        {"key": "role", "value": "web"}
    ]
    assert described(ec2, volume)["tagSet"] == [{"key": "role", "value": "db"}]
    given = {"Filter__1__Name": "resource-type", "Filter__1__Value__1": "volume"}
    (tag,) = ec2.call("DescribeTags", **given).body["tagSet"]
    expected = {"resourceId": volume, "resourceType": "volume", "key": "role", "value": "db"}
    assert tag == expected
    assert bob.call("DescribeTags").body["tagSet"] == ""
    wrong = {"ResourceId__1": volume, "Tag__1__Key": "role", "Tag__1__Value": "other"}
    assert ec2.call("DeleteTags", **wrong).changes == []
    assert ec2.call("DeleteTags", ResourceId__1=volume).changes == ["deleteTags"]
    tag_one = {"Tag__1__Key": "a", "Tag__1__Value": "b"}
    assert ec2.refusal_code("CreateTags", ResourceId__1=NOBODY, **tag_one) == "InvalidID"
    assert bob.refusal_code("CreateTags", ResourceId__1=instance, **tag_one) == "InvalidID"
