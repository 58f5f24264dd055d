"""Bugs that users of EC2 translations and of their clients reported, each as a demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fixtures.model import Case, CloudFault, Level, Requirement
from fixtures.model.documentation import API_CALLS
from suites.contract.all_rows import INTERNAL
from suites.contract.dsl import NO_NAMES, answers, passes, rejects
from suites.contract.suite import Check, Suite

INSTANCES = "Reservations[].Instances[]"
RUNNING = {"instance": "instance:running"}
GROUPS = {"group": "group", "source": "group:rule"}
TAGGED = {"volume": "volume:two-tags"}
OWN_VOLUME = "length(Volumes[?VolumeId=='{volume.id}'] || `[]`)"
DEPLOYMENT_FAILED = CloudFault(
    "deployVirtualMachine", 533, "Unable to create a deployment for VM", in_job=True
)
# CloudStack's state → what it is to Amazon, in words and as DescribeInstances shows it.
STATES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Starting": ("pending", {"Name": "pending", "Code": 0}),
    "Migrating": ("running", {"Name": "running", "Code": 16}),
    "Stopping": ("stopping", {"Name": "stopping", "Code": 64}),
    # It could not be started. Amazon has six states; such an instance is terminated.
    "Error": (
        "terminated, or not at all",
        {"Name": {"optional": ["terminated", "shutting-down"]}, "Code": {"optional": [48, 32]}},
    ),
}
ATTRIBUTES: Mapping[str, Mapping[str, Any]] = {  # attribute → what DescribeInstanceAttribute shows
    "rootDeviceName": {"RootDeviceName.Value": {"matches": "/dev/.+"}},
    "blockDeviceMapping": {
        "BlockDeviceMappings[].Ebs.VolumeId": {"includes": ["{instance.rootvolume}"]}
    },
    # An instance that CloudStack destroys on request is not protected.
    "disableApiTermination": {"DisableApiTermination.Value": {"optional": [False]}},
    "userData": {"UserData.Value": {"optional": [""]}},
}


def _from_group(source: Mapping[str, str]) -> Mapping[str, Any]:
    """A rule for SSH whose source is a group."""
    return {
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [source]}
        ]
    }


def _of(identifier: str, field: str) -> str:
    """The JMESPath of one instance's field in DescribeInstances."""
    return f"{INSTANCES} | [?InstanceId=='{identifier}'] | [0].{field}"


def _reservation(identifier: str) -> str:
    """The JMESPath of the reservation of an instance in DescribeInstances."""
    return f"(Reservations[?contains(Instances[].InstanceId, '{identifier}')].ReservationId | [0])"


REPLIES = (
    answers(
        "DescribeInstances",
        "reservations",
        "Instances of two launches are in two reservations, each with an id of its own.",
        needs={**RUNNING, "other": "instance:other-type"},
        arguments={"InstanceIds": ["{instance.id}", "{other.id}"]},
        fields={
            f"{_reservation('{instance.id}')} == {_reservation('{other.id}')}": False,
            f"{INSTANCES}.InstanceId": {"set": ["{instance.id}", "{other.id}"]},
        },
    ),
    answers(
        "DescribeInstances",
        "two-types",
        "Two instances of different types are each shown with their own type.",
        needs={**RUNNING, "other": "instance:other-type"},
        arguments={"InstanceIds": ["{instance.id}", "{other.id}"]},
        fields={
            _of("{instance.id}", "InstanceType"): "{offering.name}",
            _of("{other.id}", "InstanceType"): "{other-offering.name}",
            f"{INSTANCES}.InstanceId": {"set": ["{instance.id}", "{other.id}"]},
        },
    ),
    answers(
        "DescribeInstances",
        "no-key-name",
        "An instance that was launched without a key pair is shown without one.",
        needs={**RUNNING, "keyed": "instance:keyed"},
        arguments={"InstanceIds": ["{instance.id}", "{keyed.id}"]},
        fields={
            _of("{instance.id}", "KeyName"): {"absent": True},
            _of("{keyed.id}", "KeyName"): "{keyed.keypair}",
        },
    ),
    answers(
        "DescribeInstances",
        "terminated",
        "A terminated instance is shown as terminated, or not at all, beside a running one.",
        needs={**RUNNING, "gone": "instance:destroyed"},
        arguments=NO_NAMES,
        fields={
            _of("{instance.id}", "State.Name"): "running",
            _of("{gone.id}", "State.Name"): {"optional": ["terminated", "shutting-down"]},
        },
    ),
    *(
        answers(
            "DescribeInstances",
            f"state-{state.lower()}",
            f"An instance that is {state} in CloudStack is shown as {what}, beside a running one.",
            needs={**RUNNING, "changed": "instance:keyed"},
            states={"changed": state},
            arguments=NO_NAMES,
            fields={
                _of("{instance.id}", "State.Name"): "running",
                **{_of("{changed.id}", f"State.{key}"): each for key, each in shown.items()},
            },
        )
        for state, (what, shown) in STATES.items()
    ),
    answers(
        "DescribeInstances",
        "public-address",
        "The public address of an instance is the one that is associated with it.",
        needs={"address": "address:associated"},
        arguments=NO_NAMES,
        capabilities=frozenset({"elastic_ip"}),
        fields={
            _of("{address.virtualmachineid}", "PublicIpAddress"): "{address.ipaddress}",
        },
    ),
    *(
        answers(
            "DescribeInstanceAttribute",
            attribute,
            f"The attribute {attribute} of an instance is shown.",
            needs=RUNNING,
            arguments={"Attribute": attribute},
            # The command prints user data as it is, which is no record that could be compared.
            drivers=("boto", "boto3", "soap") if attribute == "userData" else (),
            fields=fields,
        )
        for attribute, fields in ATTRIBUTES.items()
    ),
    *(
        answers(
            action,
            "owner-other",
            "The owner of another account leaves the account's own ones out.",
            needs={"mine": recipe},
            arguments={**NO_NAMES, argument: ["{other.account}"]},
            capabilities=frozenset({"second_account"}),
            fields={f"length({items}[?{key}=='{{mine.id}}'] || `[]`)": 0},
            listed={f"length({items}[?{key}=='{{mine.id}}'] || `[]`)": 1},
            listed_by=NO_NAMES,
        )
        for action, recipe, argument, items, key in (
            ("DescribeSnapshots", "snapshot", "OwnerIds", "Snapshots", "SnapshotId"),
            ("DescribeImages", "image:own", "Owners", "Images", "ImageId"),
        )
    ),
)
LONG_LISTS = tuple(
    answers(
        action,
        "longer-than-a-page",
        f"{action} lists all, also where there are more than CloudStack lists on a page.",
        needs={"first": recipe},
        copied="first",
        # Five hundred of a kind take a while to read: every client does it once.
        drivers=() if action == "DescribeSecurityGroups" else ("boto3",),
        arguments=NO_NAMES,
        fields={f"length({items}[?{key}=='{{{role}}}'])": 1 for role in roles},
    )
    for action, recipe, items, key, roles in (
        ("DescribeKeyPairs", "keypair", "KeyPairs", "KeyName", ("first.name", "unique.name")),
        (
            "DescribeSecurityGroups",
            "group",
            "SecurityGroups",
            "GroupName",
            ("first.name", "unique.name"),
        ),
        ("DescribeVolumes", "volume", "Volumes", "VolumeId", ("first.id", "unique.id")),
        ("DescribeSnapshots", "snapshot", "Snapshots", "SnapshotId", ("first.id", "unique.id")),
        ("DescribeImages", "image:own", "Images", "ImageId", ("first.id", "unique.id")),
        (
            "DescribeInstances",
            "instance:running",
            f"({INSTANCES})",
            "InstanceId",
            ("first.id", "unique.id"),
        ),
    )
)
PARAMETERS = (
    passes(
        "RunInstances",
        "reply-of-another-type",
        "The reply shows the instance type that was asked for.",
        arguments={"InstanceType": "{other-offering.name}"},
        parameters={"serviceofferingid": "{other-offering.id}"},
        fields={"Instances[0].InstanceType": "{other-offering.name}"},
    ),
    passes(
        "RunInstances",
        "launch-indices",
        "The instances of one launch are numbered from 0.",
        arguments={"MinCount": 2, "MaxCount": 2},
        each=({}, {}),
        fields={"Instances[].AmiLaunchIndex": {"set": [0, 1]}},
    ),
    passes(
        "RunInstances",
        "one-of-three-fails",
        "Of one to three instances, those that could be launched are returned.",
        arguments={"MinCount": 1, "MaxCount": 3},
        each=({}, {}, {}),
        fault=DEPLOYMENT_FAILED,
        fields={"Instances": {"count": 2}},
    ),
    passes(
        "AuthorizeSecurityGroupIngress",
        "source-group-opens-no-range",
        "A rule whose source is a group opens nothing to addresses; it may be refused.",
        level=Level.MUST,
        security=True,
        source=API_CALLS.cite("table 9", "表 9.安全组API对应表"),
        needs=GROUPS,
        arguments=_from_group({"UserId": "{me.account}", "GroupName": "{source.name}"}),
        parameters={"endport": 22, "cidrlist": None},
        harmless={"usersecuritygrouplist": {"any": True}},
        or_refused=True,
    ),
    passes(
        "AuthorizeSecurityGroupIngress",
        "source-group-without-user",
        "A source group without an account is one of the caller's, and opens nothing else.",
        security=True,
        needs=GROUPS,
        arguments=_from_group({"GroupName": "{source.name}"}),
        parameters={
            "endport": 22,
            "cidrlist": None,
            "usersecuritygrouplist[0].account": "{me.account}",
            "usersecuritygrouplist[0].group": "{source.name}",
        },
    ),
)


def _two_tags(name: str, text: str, filters: Mapping[str, str], count: int) -> Requirement:
    """DescribeVolumes with filters on a volume that has the tags purpose=conform, stage=test."""
    return Requirement(
        "DescribeVolumes",
        "filters",
        name,
        text,
        needs=TAGGED,
        capabilities=frozenset({"tags"}),
        arguments={
            **NO_NAMES,
            "Filters": [{"Name": key, "Values": [value]} for key, value in filters.items()],
        },
        harmless={name: {"any": True} for name in ("tags[0].key", "tags[0].value")},
        fields={OWN_VOLUME: count},
        listed={} if count else {OWN_VOLUME: 1},
        listed_by=NO_NAMES,
    )


FILTERS = (
    _two_tags(
        "two-tags",
        "Two filters on two tags of one volume list it.",
        {"tag:purpose": "conform", "tag:stage": "test"},
        1,
    ),
    _two_tags(
        "another-tag-s-value",
        "The value of another tag does not match tag:NAME.",
        {"tag:stage": "conform"},
        0,
    ),
    _two_tags(
        "tag-key-and-tag-value",
        "tag-key and tag-value match independently, as Amazon documents.",
        {"tag-key": "stage", "tag-value": "conform"},
        1,
    ),
    _two_tags(
        "one-tag-of-two",
        "Of two filters on tags, both must match.",
        {"tag:purpose": "conform", "tag:stage": "live"},
        0,
    ),
)
REJECTIONS = (
    rejects(
        "RunInstances",
        "one-of-two-fails",
        "Where fewer instances can be launched than MinCount, none is left running.",
        {*INTERNAL, "InsufficientInstanceCapacity"},
        arguments={"MinCount": 2, "MaxCount": 2},
        undone={"deployVirtualMachine": "destroyVirtualMachine"},
        fault=DEPLOYMENT_FAILED,
    ),
    *(
        rejects(
            "DescribeAvailabilityZones",
            name,
            f"{what} is refused with an EC2 error.",
            {"InvalidAction"},
            drivers=("raw",),
            tampering={"action": action},
        )
        for name, what, action in (
            ("unknown-action", "An action that Amazon does not have", "DescribeNothing"),
            ("markup-action", "An action of characters that XML must escape", "<&>\"'"),
            ("other-case-action", "An action in another case", "describeavailabilityzones"),
        )
    ),
    rejects(
        "ImportKeyPair",
        "not-base64",
        "A public key that is not base64 is refused.",
        {"InvalidKey.Format", "InvalidKeyPair.Format", "InvalidParameterValue"},
        drivers=("raw",),
        tampering={"parameters": "PublicKeyMaterial=%25%25%25"},
    ),
)


class TestReportedBugs(Suite):
    """Demands on actions of several tables."""

    suite = "reported_bugs"
    requirements = (*REPLIES, *LONG_LISTS, *PARAMETERS, *FILTERS, *REJECTIONS)

    def test_reply(self, case: Case, check: Check) -> None:
        """The reply shows each resource's own properties, and no others."""
        check(case)

    def test_parameters(self, case: Case, check: Check) -> None:
        """What a parameter says reaches CloudStack, and the reply says the same."""
        check(case)

    def test_filters(self, case: Case, check: Check) -> None:
        """A filter by tags selects exactly the resources that match it."""
        check(case)

    def test_rejections(self, case: Case, check: Check) -> None:
        """A request that cannot succeed fails with an EC2 error and changes nothing."""
        check(case)
