"""Table 11: volumes."""

from suites.contract.dsl import (
    NOT_FOUND_CODES,
    DescribeAction,
    answers,
    passes,
    rejects,
    rejects_unknown_ids,
    requires,
    translates_error,
)
from suites.contract.table_suite import TableSuite

VOLUME = {"volume": "volume"}
ATTACHED = {"volume": "volume:attached"}
TAGGED = {"volume": "volume:tagged"}
DESCRIBE = DescribeAction("DescribeVolumes", "Volumes", "VolumeId", "{volume.id}")

# The device numbers of CloudStack's attachVolume; 0 is the root disk, 3 the CD-ROM drive.
DEVICES = {"b": 1, "c": 2, "e": 4, "g": 6, "h": 7, "i": 8, "j": 9}


class TestVolumes(TableSuite):
    """Attach, create, delete, describe and detach."""

    suite = "volumes"
    replies = (
        DESCRIBE.lists_all({}),
        DESCRIBE.hides_foreign("volume", "VolumeId", "Volumes"),
        answers(
            "DescribeVolumes",
            "attached",
            "An attached volume is shown as in use, with its attachment.",
            needs=ATTACHED,
            fields={
                "Volumes[0].State": "in-use",
                "Volumes[0].Attachments[].VolumeId": {"set": ["{volume.id}"]},
                "Volumes[0].Attachments[].InstanceId": {"set": ["{volume.virtualmachineid}"]},
                "Volumes[0].Attachments[].State": {"set": ["attached"]},
                "Volumes[0].Attachments[].Device": {"set": ["/dev/sdf"]},
                "Volumes[0].Attachments[0].AttachTime": {"between": ["{run.start}", "{run.now}"]},
                "Volumes[0].Attachments[0].DeleteOnTermination": [True, False],
            },
        ),
        answers(
            "DescribeVolumes",
            "tags",
            "A volume is shown with its tags.",
            needs=TAGGED,
            fields={"Volumes[0].Tags[?Key=='purpose'] | [0].Value": "conform"},
        ),
    )
    parameters = (
        *(
            passes(
                "AttachVolume",
                f"device-sd{letter}",
                f"The device /dev/sd{letter} is CloudStack's device {number}.",
                arguments={"Device": f"/dev/sd{letter}"},
                parameters={"deviceid": number},
                fields={"Device": f"/dev/sd{letter}"},
            )
            for letter, number in DEVICES.items()
        ),
        passes(
            "AttachVolume",
            "device-sdf",
            "The device /dev/sdf is CloudStack's device 5.",
            parameters={"deviceid": 5},
        ),
        passes(
            "AttachVolume",
            "device-xvdf",
            "The device /dev/xvdf is the same as /dev/sdf.",
            arguments={"Device": "/dev/xvdf"},
            parameters={"deviceid": 5},
        ),
        passes(
            "AttachVolume",
            "stopped-instance",
            "A volume can be attached to a stopped instance.",
            needs={"instance": "instance:stopped"},
            state={"volume.virtualmachineid": "{instance.id}"},
        ),
        passes(
            "CreateVolume",
            "size",
            "The size reaches CloudStack, in GiB.",
            arguments={"Size": 7},
            parameters={"size": 7},
            fields={"Size": 7},
            state={"new-volume.gigabytes": 7},
        ),
        passes(
            "CreateVolume",
            "from-snapshot",
            "A volume can be created from a snapshot.",
            needs={"snapshot": "snapshot"},
            arguments={"Size": None, "SnapshotId": "{snapshot.id}"},
            parameters={
                "snapshotid": "{snapshot.id}",
                "size": None,
                "diskofferingid": None,
                "zoneid": None,
            },
            harmless={"zoneid": "{zone.id}"},
            fields={"SnapshotId": "{snapshot.id}", "VolumeId": {"present": True}},
        ),
        passes(
            "DescribeVolumes",
            "two-volumes",
            "Several volumes are described by one request.",
            needs={"second": "volume:attached"},
            arguments={"VolumeIds": ["{volume.id}", "{second.id}"]},
            harmless={"id": ["{volume.id}", "{second.id}"], "ids": {"any": True}},
            fields={"Volumes[].VolumeId": {"set": ["{volume.id}", "{second.id}"]}},
        ),
        passes(
            "DetachVolume",
            "volume-alone",
            "A volume can be detached by a request that does not name its instance.",
            arguments={"InstanceId": None},
            state={"volume.virtualmachineid": {"absent": True}},
        ),
        passes(
            "DetachVolume",
            "device",
            "A volume can be detached by a request that names its instance and device.",
            arguments={"Device": "/dev/sdf"},
            state={"volume.virtualmachineid": {"absent": True}},
        ),
    )
    filters = (
        *DESCRIBE.filters(
            VOLUME,
            {
                "availability-zone": "{zone.name}",
                "size": ("{volume.gigabytes}", "1023"),
                "status": ("available", "in-use"),
                "volume-id": "{volume.id}",
            },
        ),
        *DESCRIBE.filters(VOLUME, {"create-time": ("20*", "1999-01-01T00:00:00.000Z")}),
        *DESCRIBE.filters(
            ATTACHED,
            {
                "attachment.device": ("/dev/sdf", "/dev/sdg"),
                "attachment.instance-id": "{volume.virtualmachineid}",
                "attachment.status": ("attached", "detaching"),
            },
        ),
        *DESCRIBE.filters(
            ATTACHED, {"attachment.attach-time": ("20*", "1999-01-01T00:00:00.000Z")}
        ),
        *DESCRIBE.filters(ATTACHED, {"attachment.delete-on-termination": ("false", "true")}),
        *DESCRIBE.filters(
            TAGGED, {"tag-key": "purpose", "tag-value": "conform", "tag:purpose": "conform"}
        ),
        *DESCRIBE.filters(VOLUME, {"snapshot-id": None}),
        *DESCRIBE.filter_syntax(VOLUME, "volume-id", "{volume.id}"),
    )
    rejections = (
        *rejects_unknown_ids("AttachVolume", "VolumeId", "volume", "volume"),
        *rejects_unknown_ids("AttachVolume", "InstanceId", "instance", "instance:running"),
        *requires("AttachVolume", "VolumeId", "InstanceId", "Device"),
        rejects(
            "AttachVolume",
            "attached-already",
            "A volume that is attached cannot be attached again.",
            {"VolumeInUse"},
            needs=ATTACHED,
        ),
        rejects(
            "AttachVolume",
            "bad-device",
            "A device that does not exist is refused.",
            {"InvalidParameterValue"},
            arguments={"Device": "/dev/null"},
        ),
        *requires("CreateVolume", "AvailabilityZone"),
        *requires("CreateVolume", "Size", codes={"InvalidParameterCombination"}),
        rejects(
            "CreateVolume",
            "size-zero",
            "A size of 0 is refused.",
            {"InvalidParameterValue"},
            drivers=("boto3", "raw"),  # boto treats 0 as no size
            arguments={"Size": 0},
        ),
        rejects(
            "CreateVolume",
            "unknown-zone",
            "A zone that does not exist is refused.",
            {"InvalidZone.NotFound", "InvalidParameterValue"},
            arguments={"AvailabilityZone": "no-such-zone"},
        ),
        rejects(
            "CreateVolume",
            "unknown-snapshot",
            "A snapshot that does not exist is refused.",
            NOT_FOUND_CODES["snapshot"],
            arguments={"Size": None, "SnapshotId": "{unique.id}"},
        ),
        translates_error(
            "CreateVolume",
            "createVolume",
            535,
            "Maximum number of resources of type 'volume' for account has been exceeded",
            {"VolumeLimitExceeded"},
        ),
        *rejects_unknown_ids("DeleteVolume", "VolumeId", "volume", "volume"),
        *requires("DeleteVolume", "VolumeId"),
        rejects(
            "DeleteVolume",
            "attached",
            "A volume that is attached cannot be deleted.",
            {"VolumeInUse"},
            needs=ATTACHED,
        ),
        *rejects_unknown_ids("DescribeVolumes", "VolumeIds", "volume"),
        *rejects_unknown_ids("DetachVolume", "VolumeId", "volume", "volume:attached"),
        *requires("DetachVolume", "VolumeId"),
        rejects(
            "DetachVolume",
            "not-attached",
            "A volume that is not attached cannot be detached.",
            {"IncorrectState"},
            needs=VOLUME,
            arguments={"InstanceId": None},
        ),
        rejects(
            "DetachVolume",
            "other-instance",
            "Detaching a volume from an instance that does not have it is refused.",
            {"InvalidAttachment.NotFound", "IncorrectState"},
            needs={"other-one": "instance:running"},
            arguments={"InstanceId": "{other-one.id}"},
        ),
    )
