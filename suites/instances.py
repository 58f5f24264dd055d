"""Table 5: instances."""

from suites.contract.dsl import (
    NO_NAMES,
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

BOTH = ["{instance.id}", "{second.id}"]
EACH = ({"id": "{instance.id}"}, {"id": "{second.id}"})
INSTANCES = "Reservations[].Instances[]"
DESCRIBE = DescribeAction("DescribeInstances", INSTANCES, "InstanceId", "{instance.id}")
FIRST = "Reservations[0].Instances[0]"
RUNNING = {"instance": "instance:running"}
CHANGES = ("RebootInstances", "StartInstances", "StopInstances", "TerminateInstances")

# Properties that CloudStack's virtual machines do not have, or that bridges may map differently.
UNSUPPORTED_FILTERS = dict.fromkeys(
    (
        "architecture",
        "block-device-mapping.attach-time",
        "block-device-mapping.delete-on-termination",
        "block-device-mapping.device-name",
        "block-device-mapping.status",
        "block-device-mapping.volume-id",
        "client-token",
        "dns-name",
        "hypervisor",
        "instance-lifecycle",
        "ip-address",
        "kernel-id",
        "launch-index",
        "launch-time",
        "monitoring-state",
        "owner-id",
        "placement-group-name",
        "platform",
        "private-dns-name",
        "product-code",
        "ramdisk-id",
        "reason",
        "requester-id",
        "reservation-id",
        "root-device-name",
        "root-device-type",
        "spot-instance-request-id",
        "state-reason-code",
        "state-reason-message",
        "subnet-id",
        "virtualization-type",
        "vpc-id",
    )
)


def _both(state: str) -> dict[str, object]:
    """Two instances in one request: one CloudStack call for each."""
    return {
        "needs": {"instance": f"instance:{state}", "second": f"instance:{state}"},
        "arguments": {"InstanceIds": BOTH},
        "each": EACH,
    }


class TestInstances(TableSuite):
    """Describe, run, reboot, start, stop and terminate."""

    suite = "instances"
    replies = (
        DESCRIBE.lists_all(RUNNING),
        DESCRIBE.hides_foreign("instance:running", "InstanceId", INSTANCES),
        answers(
            "DescribeInstances",
            "stopped",
            "A stopped instance is shown as stopped.",
            needs={"instance": "instance:stopped"},
            fields={f"{FIRST}.State.Name": "stopped", f"{FIRST}.State.Code": 80},
        ),
        answers(
            "DescribeInstances",
            "key-name",
            "An instance is shown with the key pair that it was launched with.",
            needs={"instance": "instance:keyed"},
            fields={f"{FIRST}.KeyName": "{instance.keypair}"},
        ),
        answers(
            "DescribeInstances",
            "groups",
            "A reservation is shown with the security groups of its instance.",
            needs={"instance": "instance:grouped"},
            fields={
                "Reservations[0].Groups[].[GroupId,GroupName][]": {
                    "includes": ["{instance.groupname}"]
                }
            },
        ),
        answers(
            "DescribeInstances",
            "tags",
            "An instance is shown with its tags.",
            needs={"instance": "instance:tagged"},
            fields={f"{FIRST}.Tags[?Key=='purpose'] | [0].Value": "conform"},
        ),
        answers(
            "StartInstances",
            "already-running",
            "Starting a running instance succeeds and changes nothing.",
            needs=RUNNING,
            call_optional=True,
            fields={
                "StartingInstances[0].InstanceId": "{instance.id}",
                "StartingInstances[0].CurrentState.Name": "running",
                "StartingInstances[0].PreviousState.Name": "running",
            },
        ),
        answers(
            "StopInstances",
            "already-stopped",
            "Stopping a stopped instance succeeds and changes nothing.",
            needs={"instance": "instance:stopped"},
            call_optional=True,
            fields={
                "StoppingInstances[0].InstanceId": "{instance.id}",
                "StoppingInstances[0].CurrentState.Name": "stopped",
                "StoppingInstances[0].PreviousState.Name": "stopped",
            },
        ),
    )
    parameters = (
        passes(
            "DescribeInstances",
            "two-instances",
            "Several instances are described by one request.",
            needs={"second": "instance:stopped"},
            arguments={"InstanceIds": BOTH},
            harmless={"id": BOTH, "ids": {"any": True}},
            fields={f"{INSTANCES}.InstanceId": {"set": BOTH}},
        ),
        passes(
            "RebootInstances",
            "two-instances",
            "Each of two instances is rebooted.",
            **_both("running"),
        ),
        passes(
            "StartInstances",
            "two-instances",
            "Each of two instances is started.",
            **_both("stopped"),
        ),
        passes(
            "StopInstances",
            "two-instances",
            "Each of two instances is stopped.",
            **_both("running"),
        ),
        passes(
            "TerminateInstances",
            "two-instances",
            "Each of two instances is destroyed.",
            **_both("running"),
        ),
        passes(
            "TerminateInstances",
            "stopped-instance",
            "A stopped instance can be terminated.",
            needs={"instance": "instance:stopped"},
            state={"instance.exists": False},
        ),
        passes(
            "StopInstances",
            "force",
            "Force reaches CloudStack as a forced stop.",
            arguments={"Force": True},
            parameters={"forced": True},
        ),
        passes(
            "RunInstances",
            "instance-type",
            "The instance type selects the service offering of that name.",
            arguments={"InstanceType": "{other-offering.name}"},
            parameters={"serviceofferingid": "{other-offering.id}"},
        ),
        passes(
            "RunInstances",
            "default-instance-type",
            "Without an instance type, the offering m1.small is used.",
            drivers=("boto3",),
            arguments={"InstanceType": None},
            parameters={"serviceofferingid": "{small-offering.id}"},
        ),
        passes(
            "RunInstances",
            "availability-zone",
            "The availability zone selects the CloudStack zone of that name.",
            arguments={"Placement": {"AvailabilityZone": "{zone.name}"}},
        ),
        passes(
            "RunInstances",
            "key-name",
            "The virtual machine gets the key pair.",
            needs={"keypair": "keypair"},
            arguments={"KeyName": "{keypair.name}"},
            either=({"keypair": "{keypair.name}"}, {"sshkeypair": "{keypair.name}"}),
            fields={"Instances[0].KeyName": "{keypair.name}"},
        ),
        passes(
            "RunInstances",
            "security-group",
            "The virtual machine is in the security group.",
            needs={"group": "group"},
            arguments={"SecurityGroups": ["{group.name}"]},
            either=(
                {"securitygroupnames": {"set": ["{group.name}"]}},
                {"securitygroupids": {"set": ["{group.id}"]}},
            ),
            fields={
                "Groups[].[GroupId,GroupName][] | [?@=='{group.name}' || @=='{group.id}'] | [0]": {
                    "present": True
                }
            },
        ),
        passes(
            "RunInstances",
            "two-security-groups",
            "The virtual machine is in both security groups.",
            needs={"group": "group", "second": "group:rule"},
            arguments={"SecurityGroups": ["{group.name}", "{second.name}"]},
            either=(
                {"securitygroupnames": {"set": ["{group.name}", "{second.name}"]}},
                {"securitygroupids": {"set": ["{group.id}", "{second.id}"]}},
            ),
        ),
        passes(
            "RunInstances",
            "user-data",
            "The virtual machine gets the user data, in base64.",
            arguments={"UserData": "#!/bin/sh\necho conform\n"},
            parameters={"userdata": "IyEvYmluL3NoCmVjaG8gY29uZm9ybQo="},
        ),
        passes(
            "RunInstances",
            "two-instances",
            "As many virtual machines are deployed as the request asks for.",
            arguments={"MinCount": 2, "MaxCount": 2},
            each=({}, {}),
            fields={"Instances": {"count": 2}},
        ),
        passes(
            "RunInstances",
            "up-to-two-instances",
            "Of MinCount to MaxCount, as many virtual machines are deployed as there is room for.",
            arguments={"MinCount": 1, "MaxCount": 2},
            each=({}, {}),
            fields={"Instances": {"count": 2}},
        ),
    )
    filters = (
        *DESCRIBE.filters(
            RUNNING,
            {
                "availability-zone": "{zone.name}",
                "image-id": "{image.id}",
                "instance-id": "{instance.id}",
                "instance-state-code": ("16", "80"),
                "instance-state-name": ("running", "stopped"),
                "instance-type": ("{offering.name}", "{other-offering.name}"),
                "private-ip-address": "{instance.ipaddress}",
            },
        ),
        *DESCRIBE.filters({"instance": "instance:keyed"}, {"key-name": "{instance.keypair}"}),
        *DESCRIBE.filters(
            {"instance": "instance:grouped"},
            {"group-id": ["{instance.groupname}", "{instance.groupid}"]},
        ),
        *DESCRIBE.filters(
            {"instance": "instance:tagged"},
            {"tag-key": "purpose", "tag-value": "conform", "tag:purpose": "conform"},
        ),
        *DESCRIBE.filters(RUNNING, UNSUPPORTED_FILTERS),
        *DESCRIBE.filter_syntax(RUNNING, "private-ip-address", "{instance.ipaddress}"),
    )
    rejections = (
        *rejects_unknown_ids("DescribeInstances", "InstanceIds", "instance"),
        *(
            requirement
            for action in CHANGES
            for requirement in (
                *rejects_unknown_ids(action, "InstanceIds", "instance", "instance:running"),
                *requires(action, "InstanceIds", codes={"InvalidParameterCombination"}),
            )
        ),
        *(
            rejects(
                action,
                "one-unknown-of-two",
                f"{action} with one unknown id of two changes neither instance.",
                NOT_FOUND_CODES["instance"],
                arguments={"InstanceIds": ["{instance.id}", "{unique.id}"]},
            )
            for action in CHANGES
        ),
        *rejects_unknown_ids("RunInstances", "ImageId", "image"),
        *requires("RunInstances", "ImageId", "MinCount", "MaxCount"),
        rejects(
            "RunInstances",
            "unknown-key-pair",
            "A key pair that does not exist is refused.",
            {"InvalidKeyPair.NotFound"},
            arguments={"KeyName": "{unique.name}"},
        ),
        rejects(
            "RunInstances",
            "unknown-group",
            "A security group that does not exist is refused.",
            {"InvalidGroup.NotFound"},
            arguments={"SecurityGroups": ["{unique.name}"]},
        ),
        rejects(
            "RunInstances",
            "unknown-instance-type",
            "An instance type for which there is no service offering is refused.",
            {"InvalidParameterValue"},
            arguments={"InstanceType": "x9.enormous"},
        ),
        rejects(
            "RunInstances",
            "unknown-zone",
            "A zone that does not exist is refused.",
            {"InvalidParameterValue", "InvalidZone.NotFound"},
            arguments={"Placement": {"AvailabilityZone": "no-such-zone"}},
        ),
        rejects(
            "RunInstances",
            "least-above-most",
            "A MinCount above MaxCount is refused.",
            {"InvalidParameterValue", "InvalidParameterCombination"},
            arguments={"MinCount": 2, "MaxCount": 1},
        ),
        rejects(
            "RunInstances",
            "none",
            "A MinCount and MaxCount of 0 are refused.",
            {"InvalidParameterValue"},
            arguments={"MinCount": 0, "MaxCount": 0},
        ),
        translates_error(
            "RunInstances",
            "deployVirtualMachine",
            533,
            "Unable to create a deployment for VM",
            {"InsufficientInstanceCapacity"},
        ),
        translates_error(
            "RunInstances",
            "deployVirtualMachine",
            535,
            "Maximum number of resources of type 'user_vm' for account has been exceeded",
            {"InstanceLimitExceeded"},
        ),
        rejects(
            "DescribeInstances",
            "unknown-beside-known",
            "One unknown id of two makes the whole request fail.",
            NOT_FOUND_CODES["instance"],
            arguments={**NO_NAMES, "InstanceIds": ["{instance.id}", "{unique.id}"]},
        ),
    )
