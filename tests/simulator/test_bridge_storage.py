"""Actions on volumes, snapshots, images, their attributes and tags, against the simulated cloud."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from fixtures.simulator.management.faults import ApiFault
from tests.support.simulated_deployments import Ec2TestClient

UNKNOWN_ID = str(uuid4())
URL = "http://images.example/disk.vhd.bz2"


@pytest.fixture
def instance(ec2: Ec2TestClient) -> str:
    """A running instance."""
    return run(ec2)


@pytest.fixture
def volume(ec2: Ec2TestClient) -> str:
    """An available volume of 2 GiB."""
    zone = ec2.deployment.world.zone_name
    return str(ec2.call("CreateVolume", AvailabilityZone=zone, Size="2").body["volumeId"])


def run(client: Ec2TestClient) -> str:
    """The id of a new running instance."""
    parameters = {"ImageId": client.deployment.world.template_id, "MinCount": "1", "MaxCount": "1"}
    return str(client.call("RunInstances", **parameters).body["instancesSet"][0]["instanceId"])


def describe(client: Ec2TestClient, volume: str) -> Any:
    """A volume as DescribeVolumes shows it."""
    return client.call("DescribeVolumes", VolumeId__1=volume).body["volumeSet"][0]


def test_create_volume(ec2: Ec2TestClient) -> None:
    """A volume has the request's size and zone, and CloudStack's offering with a custom size."""
    world = ec2.deployment.world
    result = ec2.call("CreateVolume", AvailabilityZone=world.zone_name, Size="7")
    parameters = result.only_change("createVolume")
    assert parameters.pop("name")
    assert parameters == {
        "zoneid": world.zone_id,
        "diskofferingid": world.disk_offering_id,
        "size": "7",
    }
    assert result.body["size"] == "7"
    assert result.body["status"] == "available"
    assert result.body["availabilityZone"] == world.zone_name
    assert "attachmentSet" not in result.body


def test_create_volume_refused(ec2: Ec2TestClient) -> None:
    """A request without a zone, a valid size or an existing snapshot is refused."""
    zone = ec2.deployment.world.zone_name
    assert ec2.refusal_code("CreateVolume", Size="1") == "MissingParameter"
    assert ec2.refusal_code("CreateVolume", AvailabilityZone=zone) == "MissingParameter"
    assert (
        ec2.refusal_code("CreateVolume", AvailabilityZone=zone, Size="0") == "InvalidParameterValue"
    )
    code = ec2.refusal_code("CreateVolume", AvailabilityZone="nowhere", Size="1")
    assert code == "InvalidZone.NotFound"
    code = ec2.refusal_code("CreateVolume", AvailabilityZone=zone, SnapshotId=UNKNOWN_ID)
    assert code == "InvalidSnapshot.NotFound"


def test_attach_and_detach(ec2: Ec2TestClient, instance: str, volume: str) -> None:
    """A volume is attached as the request's device, shown as in use, and detached again."""
    parameters = {"VolumeId": volume, "InstanceId": instance, "Device": "/dev/sdh"}
    result = ec2.call("AttachVolume", **parameters)
    expected = {"id": volume, "virtualmachineid": instance, "deviceid": "7"}
    assert result.only_change("attachVolume") == expected
    assert result.body["device"] == "/dev/sdh"
    assert result.body["status"] == "attached"
    item = describe(ec2, volume)
    assert item["status"] == "in-use"
    (attachment,) = item["attachmentSet"]
    assert attachment["instanceId"] == instance
    assert attachment["device"] == "/dev/sdh"
    assert attachment["deleteOnTermination"] == "false"
    assert ec2.refusal_code("AttachVolume", **parameters) == "VolumeInUse"
    assert ec2.refusal_code("DeleteVolume", VolumeId=volume) == "VolumeInUse"
    wrong = {"VolumeId": volume, "InstanceId": UNKNOWN_ID}
    assert ec2.refusal_code("DetachVolume", **wrong) == "InvalidAttachment.NotFound"
    wrong = {"VolumeId": volume, "Device": "/dev/sdi"}
    assert ec2.refusal_code("DetachVolume", **wrong) == "InvalidAttachment.NotFound"
    parameters["Device"] = "/dev/xvdh"
    assert ec2.refusal_code("DetachVolume", **parameters, Force="yes") == "InvalidParameterValue"
    result = ec2.call("DetachVolume", **parameters, Force="true")
    assert result.only_change("detachVolume") == {"id": volume}
    assert result.body["status"] == "detached"
    assert result.body["instanceId"] == instance
    assert ec2.refusal_code("DetachVolume", VolumeId=volume) == "IncorrectState"
    assert describe(ec2, volume)["status"] == "available"
    assert ec2.call("DeleteVolume", VolumeId=volume).only_change("deleteVolume") == {"id": volume}
    assert ec2.refusal_code("DeleteVolume", VolumeId=volume) == "InvalidVolume.NotFound"


def test_attach_refused(ec2: Ec2TestClient, bob: Ec2TestClient, instance: str, volume: str) -> None:
    """Invalid devices, devices in use, unknown ids and terminated instances are refused."""
    parameters = {"VolumeId": volume, "InstanceId": instance}
    for device in ("/dev/sda", "/dev/sdd", "/dev/hda", "sdz"):
        assert (
            ec2.refusal_code("AttachVolume", **parameters, Device=device) == "InvalidParameterValue"
        )
    zone = ec2.deployment.world.zone_name
    other = ec2.call("CreateVolume", AvailabilityZone=zone, Size="1").body["volumeId"]
    ec2.call("AttachVolume", VolumeId=other, InstanceId=instance, Device="/dev/sdb")
    assert (
        ec2.refusal_code("AttachVolume", **parameters, Device="/dev/sdb") == "InvalidDevice.InUse"
    )
    assert (
        bob.refusal_code("AttachVolume", **parameters, Device="/dev/sdc")
        == "InvalidVolume.NotFound"
    )
    missing = {"VolumeId": volume, "InstanceId": UNKNOWN_ID, "Device": "/dev/sdc"}
    assert ec2.refusal_code("AttachVolume", **missing) == "InvalidInstanceID.NotFound"
    ec2.call("TerminateInstances", InstanceId__1=instance)
    assert ec2.refusal_code("AttachVolume", **parameters, Device="/dev/sdc") == "IncorrectState"


def test_root_volumes(ec2: Ec2TestClient, instance: str) -> None:
    """A root volume is listed, goes with its instance, and cannot be detached while that runs."""
    parameters = {"Filter__1__Name": "attachment.instance-id", "Filter__1__Value__1": instance}
    (root,) = ec2.call("DescribeVolumes", **parameters).body["volumeSet"]
    (attachment,) = root["attachmentSet"]
    assert attachment["device"] == "/dev/sda1"
    assert attachment["deleteOnTermination"] == "true"
    code = ec2.refusal_code("DetachVolume", VolumeId=root["volumeId"])
    assert code == "OperationNotPermitted"
    ec2.call("TerminateInstances", InstanceId__1=instance)
    code = ec2.refusal_code("DescribeVolumes", VolumeId__1=root["volumeId"])
    assert code == "InvalidVolume.NotFound"
    assert ec2.call("DescribeVolumes", **parameters).body["volumeSet"] == ""


def test_volumes_of_terminated_instances(ec2: Ec2TestClient, instance: str) -> None:
    """They are available at once: they can be attached to another instance, and deleted."""
    zone = ec2.deployment.world.zone_name
    volumes = []
    for device in ("/dev/sdf", "/dev/sdg"):
        volume = ec2.call("CreateVolume", AvailabilityZone=zone, Size="1").body["volumeId"]
        ec2.call("AttachVolume", VolumeId=volume, InstanceId=instance, Device=device)
        volumes.append(volume)
    other = run(ec2)
    ec2.call("TerminateInstances", InstanceId__1=instance)
    for volume in volumes:
        item = describe(ec2, volume)
        assert (item["status"], item["attachmentSet"]) == ("available", "")
        assert ec2.refusal_code("DetachVolume", VolumeId=volume) == "IncorrectState"
    attach = {"VolumeId": volumes[0], "InstanceId": other, "Device": "/dev/sdh"}
    assert ec2.call("AttachVolume", **attach).changes == ["detachVolume", "attachVolume"]
    assert describe(ec2, volumes[0])["status"] == "in-use"
    deleted = ec2.call("DeleteVolume", VolumeId=volumes[1])
    assert deleted.changes == ["detachVolume", "deleteVolume"]


def test_snapshots_outlive_their_volumes(ec2: Ec2TestClient, instance: str, volume: str) -> None:
    """A snapshot of a deleted volume is listed, and a volume of a given size is created from it."""
    ec2.call("AttachVolume", VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    snapshot = ec2.call("CreateSnapshot", VolumeId=volume).body["snapshotId"]
    ec2.call("DetachVolume", VolumeId=volume)
    ec2.call("DeleteVolume", VolumeId=volume)
    (item,) = ec2.call("DescribeSnapshots", SnapshotId__1=snapshot).body["snapshotSet"]
    assert item["volumeId"] == volume
    settings = {"AvailabilityZone": ec2.deployment.world.zone_name, "SnapshotId": snapshot}
    assert ec2.call("CreateVolume", **settings, Size="2").body["size"] == "2"


def test_snapshots(ec2: Ec2TestClient, bob: Ec2TestClient, instance: str, volume: str) -> None:
    """A snapshot is created of a volume with data, another volume is created from it, and it is
    deleted."""
    assert ec2.refusal_code("CreateSnapshot", VolumeId=volume) == "IncorrectState"
    ec2.call("AttachVolume", VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    result = ec2.call("CreateSnapshot", VolumeId=volume, Description="before the change")
    assert result.only_change("createSnapshot") == {"volumeid": volume}
    snapshot = result.body["snapshotId"]
    assert result.body["volumeSize"] == "2"
    (item,) = ec2.call("DescribeSnapshots", SnapshotId__1=snapshot).body["snapshotSet"]
    assert (item["status"], item["progress"], item["volumeSize"]) == ("completed", "100%", "2")
    assert (item["volumeId"], item["ownerAlias"]) == (volume, "alice")
    listed = ec2.call("DescribeSnapshots", Owner__1="self").body["snapshotSet"]
    assert snapshot in [entry["snapshotId"] for entry in listed]
    assert ec2.call("DescribeSnapshots", Owner__1="amazon").body["snapshotSet"] == ""
    assert (
        bob.refusal_code("DescribeSnapshots", SnapshotId__1=snapshot) == "InvalidSnapshot.NotFound"
    )
    zone = ec2.deployment.world.zone_name
    result = ec2.call("CreateVolume", AvailabilityZone=zone, SnapshotId=snapshot)
    assert result.only_change("createVolume")["snapshotid"] == snapshot
    assert (result.body["snapshotId"], result.body["size"]) == (snapshot, "2")
    smaller = {"AvailabilityZone": zone, "SnapshotId": snapshot, "Size": "1"}
    assert ec2.refusal_code("CreateVolume", **smaller) == "InvalidParameterValue"
    result = ec2.call("DeleteSnapshot", SnapshotId=snapshot)
    assert result.only_change("deleteSnapshot") == {"id": snapshot}
    assert ec2.refusal_code("DeleteSnapshot", SnapshotId=snapshot) == "InvalidSnapshot.NotFound"


def test_images_of_instances(ec2: Ec2TestClient, instance: str) -> None:
    """An image is created from an instance's root volume; a running instance is stopped and started
    again."""
    parameters = {"InstanceId": instance, "Name": "my image", "Description": "a description"}
    code = ec2.refusal_code("CreateImage", **parameters, NoReboot="true")
    assert code == "UnsupportedOperation"
    result = ec2.call("CreateImage", **parameters)
    assert result.changes == ["stopVirtualMachine", "createTemplate", "startVirtualMachine"]
    template = next(call for call in result.calls if call.command == "createTemplate").parameters
    assert (template["name"], template["displaytext"]) == ("my image", "a description")
    image = result.body["imageId"]
    (item,) = ec2.call("DescribeImages", ImageId__1=image).body["imagesSet"]
    assert (item["name"], item["description"]) == ("my image", "a description")
    assert (item["imageState"], item["isPublic"]) == ("available", "false")
    assert ec2.refusal_code("CreateImage", **parameters) == "InvalidAMIName.Duplicate"
    assert (
        ec2.refusal_code("CreateImage", InstanceId=instance, Name="x") == "InvalidAMIName.Malformed"
    )
    ec2.call("StopInstances", InstanceId__1=instance)
    result = ec2.call("CreateImage", InstanceId=instance, Name="second", NoReboot="true")
    assert result.changes == ["createTemplate"]


def test_an_image_that_cannot_be_made(ec2: Ec2TestClient, instance: str) -> None:
    """If the image cannot be created, the instance that was stopped for it is started again."""
    fault = ApiFault("createTemplate", 530, "no space", in_job=True)
    ec2.deployment.management.faults.add(fault, "alice")
    result = ec2.attempt("CreateImage", InstanceId=instance, Name="hopeless")
    assert (result.status, result.code) == (500, "InternalError")
    assert result.changes == ["stopVirtualMachine", "startVirtualMachine"]


def test_register_and_deregister(ec2: Ec2TestClient, bob: Ec2TestClient) -> None:
    """An image is registered from a URL, by the overloaded architecture or the URL's suffix."""
    world = ec2.deployment.world
    os_type, os_id = next(iter(world.os_types.items()))
    result = ec2.call(
        "RegisterImage",
        Name="registered",
        ImageLocation=URL,
        Architecture=f"VHD:{world.zone_name}:{os_type}:XenServer",
    )
    assert result.only_change("registerTemplate") == {
        "name": "registered",
        "displaytext": "registered",
        "url": URL,
        "format": "VHD",
        "hypervisor": "XenServer",
        "ostypeid": os_id,
        "zoneid": world.zone_id,
    }
    image = result.body["imageId"]
    location = "https://images.example/a.qcow2"
    for architecture in ("i386", "x86_64"):
        parameters = {"ImageLocation": location, "Architecture": architecture}
        result = ec2.call("RegisterImage", Name=f"by {architecture}", **parameters)
        request = result.only_change("registerTemplate")
        assert (request["format"], request["hypervisor"]) == ("QCOW2", "KVM")
    assert bob.refusal_code("DeregisterImage", ImageId=image) == "InvalidAMIID.NotFound"
    result = ec2.call("DeregisterImage", ImageId=image)
    assert result.only_change("deleteTemplate") == {"id": image}
    assert ec2.refusal_code("DeregisterImage", ImageId=image) == "InvalidAMIID.Unavailable"
    assert ec2.refusal_code("DeregisterImage", ImageId=UNKNOWN_ID) == "InvalidAMIID.NotFound"
    assert ec2.refusal_code("DeregisterImage", ImageId=world.template_id) == "AuthFailure"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"ImageLocation": ""}, "MissingParameter"),
        ({"Name": ""}, "MissingParameter"),
        ({"Name": "n" * 129}, "InvalidAMIName.Malformed"),
        ({"Architecture": "a:b"}, "InvalidParameterValue"),
        ({"Architecture": "sparc"}, "InvalidParameterValue"),
        ({"Architecture": "VHD:nowhere:Other:KVM"}, "InvalidZone.NotFound"),
        ({"Architecture": "VHD:zone1:Amiga:KVM"}, "InvalidParameterValue"),
        ({"ImageLocation": "bucket/manifest.xml"}, "InvalidManifest"),
        ({"ImageLocation": "http://images.example/disk"}, "InvalidManifest"),
    ],
)
def test_register_refused(ec2: Ec2TestClient, parameters: dict[str, str], code: str) -> None:
    """Invalid parameters are refused before registerTemplate is sent."""
    request = {"Name": "refused", "ImageLocation": URL, **parameters}
    assert ec2.refusal_code("RegisterImage", **request) == code


def test_long_names_of_images(ec2: Ec2TestClient, instance: str) -> None:
    """An image that is registered may have Amazon's 128 characters, of which CloudStack allows 32
    for one that it makes itself."""
    longest = "n" * 128
    image = ec2.call("RegisterImage", Name=longest, ImageLocation=URL).body["imageId"]
    (item,) = ec2.call("DescribeImages", ImageId__1=image).body["imagesSet"]
    assert item["name"] == longest
    code = ec2.refusal_code("CreateImage", InstanceId=instance, Name="n" * 33)
    assert code == "InvalidAMIName.Malformed"


def test_image_attributes(ec2: Ec2TestClient, bob: Ec2TestClient, instance: str) -> None:
    """Launch permissions are added and removed, in the new form and the old; the description can be
    changed."""
    image = ec2.call("CreateImage", InstanceId=instance, Name="shared").body["imageId"]

    def modify(**parameters: str) -> dict[str, str]:
        result = ec2.call("ModifyImageAttribute", ImageId=image, **parameters)
        return result.only_change("updateTemplatePermissions")

    def permissions() -> Any:
        parameters = {"ImageId": image, "Attribute": "launchPermission"}
        return ec2.call("DescribeImageAttribute", **parameters).body["launchPermission"]

    assert permissions() == ""
    assert bob.refusal_code("DescribeImages", ImageId__1=image) == "InvalidAMIID.NotFound"
    added = modify(LaunchPermission__Add__1__UserId="bob")
    assert added == {"id": image, "op": "add", "accounts": "bob"}
    assert permissions() == [{"userId": "bob"}]
    listed = bob.call("DescribeImages", ExecutableBy__1="self").body["imagesSet"]
    assert [entry["imageId"] for entry in listed] == [image]
    denied = {"ImageId": image, "Attribute": "launchPermission"}
    assert bob.refusal_code("DescribeImageAttribute", **denied) == "AuthFailure"
    assert bob.refusal_code("ResetImageAttribute", **denied) == "AuthFailure"
    old = {"Attribute": "launchPermission", "OperationType": "add", "UserGroup__1": "all"}
    assert modify(**old) == {"id": image, "ispublic": "true"}
    assert permissions() == [{"group": "all"}, {"userId": "bob"}]
    old = {"Attribute": "launchPermission", "OperationType": "remove", "UserId__1": "bob"}
    assert modify(**old) == {"id": image, "op": "remove", "accounts": "bob"}
    result = ec2.call("ResetImageAttribute", ImageId=image, Attribute="launchPermission")
    assert result.only_change("updateTemplatePermissions") == {"id": image, "op": "reset"}
    assert permissions() == ""
    result = ec2.call("ModifyImageAttribute", ImageId=image, Description__Value="anew")
    assert result.only_change("updateTemplate") == {"id": image, "displaytext": "anew"}
    body = ec2.call("DescribeImageAttribute", ImageId=image, Attribute="description").body
    assert body["description"] == {"value": "anew"}


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
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
    ec2: Ec2TestClient, action: str, parameters: dict[str, str], code: str
) -> None:
    """Unknown and read-only attributes and invalid values are refused."""
    image = ec2.deployment.world.template_id
    assert ec2.refusal_code(action, ImageId=image, **parameters) == code


def test_all_images(ec2: Ec2TestClient) -> None:
    """Without ids, every image that the caller may launch is listed once."""
    images = ec2.call("DescribeImages").body["imagesSet"]
    ids = [image["imageId"] for image in images]
    assert ec2.deployment.world.template_id in ids
    assert len(ids) == len(set(ids))
    public = ec2.call("DescribeImages", Filter__1__Name="is-public", Filter__1__Value__1="true")
    assert {image["isPublic"] for image in public.body["imagesSet"]} == {"true"}
    assert ec2.refusal_code("DescribeImages", ImageId__1=UNKNOWN_ID) == "InvalidAMIID.NotFound"


def test_tags(ec2: Ec2TestClient, bob: Ec2TestClient, instance: str, volume: str) -> None:
    """Tags on a resource, by its id alone, are set, replaced, listed, filtered by, and removed."""
    parameters = {"ResourceId__1": instance, "Tag__1__Key": "role", "Tag__1__Value": "db"}
    result = ec2.call("CreateTags", **parameters, ResourceId__2=volume)
    assert result.changes == ["createTags", "createTags"]
    assert ec2.call("CreateTags", **parameters).changes == []
    parameters["Tag__1__Value"] = "web"
    assert ec2.call("CreateTags", **parameters).changes == ["deleteTags", "createTags"]
    body = ec2.call("DescribeInstances", Filter__1__Name="tag:role", Filter__1__Value__1="w*").body
    assert body["reservationSet"][0]["instancesSet"][0]["tagSet"] == [
        {"key": "role", "value": "web"}
    ]
    assert describe(ec2, volume)["tagSet"] == [{"key": "role", "value": "db"}]
    parameters = {"Filter__1__Name": "resource-type", "Filter__1__Value__1": "volume"}
    (tag,) = ec2.call("DescribeTags", **parameters).body["tagSet"]
    expected = {"resourceId": volume, "resourceType": "volume", "key": "role", "value": "db"}
    assert tag == expected
    assert bob.call("DescribeTags").body["tagSet"] == ""
    wrong = {"ResourceId__1": volume, "Tag__1__Key": "role", "Tag__1__Value": "other"}
    assert ec2.call("DeleteTags", **wrong).changes == []
    assert ec2.call("DeleteTags", ResourceId__1=volume).changes == ["deleteTags"]
    tag_one = {"Tag__1__Key": "a", "Tag__1__Value": "b"}
    assert ec2.refusal_code("CreateTags", ResourceId__1=UNKNOWN_ID, **tag_one) == "InvalidID"
    assert bob.refusal_code("CreateTags", ResourceId__1=instance, **tag_one) == "InvalidID"
