"""Table 3: images."""

from fixtures.model import CallPattern, Pattern
from suites.contract.dsl import (
    FOREIGN_CODES,
    NO_NAMES,
    NOT_FOUND_CODES,
    DescribeAction,
    answers,
    passes,
    rejects,
    rejects_unknown_ids,
    requires,
)
from suites.contract.table_suite import TableSuite

OWN = {"image": "image:own"}
TAGGED = {"image": "image:tagged"}
DESCRIBE = DescribeAction("DescribeImages", "Images", "ImageId", "{image.id}")
INSTANCE = {"id": Pattern.of("{instance.id}")}
# A root volume can only be copied while its instance is stopped (CloudStack API, createTemplate).
STOP_AND_START = (
    CallPattern("stopVirtualMachine", INSTANCE, harmless={"forced": Pattern.of({"any": True})}),
    CallPattern("startVirtualMachine", INSTANCE),
)
# Properties that CloudStack's templates do not have: no value can match.
UNSUPPORTED_FILTERS = dict.fromkeys(
    (
        "block-device-mapping.delete-on-termination",
        "block-device-mapping.device-name",
        "block-device-mapping.snapshot-id",
        "block-device-mapping.volume-size",
        "kernel-id",
        "manifest-location",
        "owner-alias",
        "owner-id",
        "platform",
        "product-code",
        "ramdisk-id",
        "root-device-name",
        "root-device-type",
        "state",
        "state-reason-code",
        "state-reason-message",
        "virtualization-type",
        "architecture",
        "hypervisor",
    )
)


class TestImages(TableSuite):
    """Create, deregister, describe and register."""

    suite = "images"
    replies = (
        DESCRIBE.lists_all(OWN),
        DESCRIBE.hides_foreign("image:own", "ImageId", "Images"),
        answers(
            "DescribeImages",
            "public",
            "A public image of another account is listed as public.",
            needs={"own": "image:own"},
            arguments={**NO_NAMES, "ImageIds": ["{launchable.id}"]},
            harmless={"id": "{launchable.id}"},
            fields={"Images[].ImageId": {"set": ["{launchable.id}"]}, "Images[0].Public": True},
        ),
        answers(
            "DescribeImages",
            "state",
            "A ready image is shown as available.",
            arguments={**NO_NAMES, "ImageIds": ["{launchable.id}"]},
            harmless={"id": "{launchable.id}"},
            fields={"Images[0].State": "available"},
        ),
        answers(
            "DescribeImages",
            "owner-self",
            "The owner self selects the images of the account.",
            arguments={**NO_NAMES, "Owners": ["self"]},
            fields={
                DESCRIBE.own_count: 1,
                "length(Images[?ImageId=='{launchable.id}'] || `[]`)": 0,
            },
            listed={"length(Images[?ImageId=='{launchable.id}'] || `[]`)": 1},
            listed_by=NO_NAMES,
        ),
    )
    parameters = (
        passes(
            "CreateImage",
            "description",
            "The description becomes the template's display text.",
            arguments={"Description": "what it is for"},
            parameters={"displaytext": "what it is for"},
        ),
        passes(
            "CreateImage",
            "running-instance",
            "An image of a running instance is created, and the instance runs again afterwards.",
            needs={"instance": "instance:running"},
            around=STOP_AND_START,
            state={"new-image.name": "{unique.name}", "instance.state": ["Running", "Starting"]},
        ),
        passes(
            "RegisterImage",
            "location",
            "The image's location becomes the template's URL.",
            arguments={"ImageLocation": "{world.url}?copy=2"},
            parameters={"url": "{world.url}?copy=2"},
        ),
        passes(
            "RegisterImage",
            "description",
            "The description becomes the template's display text.",
            arguments={"Description": "another text"},
            parameters={"displaytext": "another text"},
        ),
        passes(
            "DescribeImages",
            "two-images",
            "Several images are described by one request.",
            arguments={"ImageIds": ["{image.id}", "{launchable.id}"]},
            parameters={},
            harmless={"id": ["{image.id}", "{launchable.id}"]},
            fields={"Images[].ImageId": {"set": ["{image.id}", "{launchable.id}"]}},
        ),
    )
    filters = (
        *DESCRIBE.filters(
            OWN,
            {
                "image-id": "{image.id}",
                "image-type": ("machine", "kernel"),
                "is-public": ("false", "true"),
                "name": "{image.name}",
                "description": "{image.displaytext}",
            },
        ),
        *DESCRIBE.filters(
            TAGGED, {"tag-key": "purpose", "tag-value": "conform", "tag:purpose": "conform"}
        ),
        *DESCRIBE.filters(OWN, UNSUPPORTED_FILTERS),
        *DESCRIBE.filter_syntax(OWN, "name", "{image.name}"),
    )
    rejections = (
        *rejects_unknown_ids("CreateImage", "InstanceId", "instance", "instance:stopped"),
        *requires("CreateImage", "InstanceId", "Name"),
        rejects(
            "CreateImage",
            "name-too-short",
            "A name of fewer than three characters is refused.",
            {"InvalidAMIName.Malformed", "InvalidParameterValue"},
            drivers=("boto", "raw"),  # boto3 refuses it itself
            arguments={"Name": "ab"},
        ),
        *rejects_unknown_ids("DeregisterImage", "ImageId", "image", "image:own"),
        *requires("DeregisterImage", "ImageId"),
        rejects(
            "DeregisterImage",
            "public-image-of-another",
            "A public image of another account cannot be deregistered.",
            FOREIGN_CODES | NOT_FOUND_CODES["image"],
            arguments={"ImageId": "{launchable.id}"},
        ),
        *rejects_unknown_ids("DescribeImages", "ImageIds", "image"),
        *requires("RegisterImage", "Name"),
        *requires("RegisterImage", "ImageLocation", codes={"InvalidParameterCombination"}),
    )
