"""The driver `command`: requests become command lines, records become botocore's bodies."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from fixtures import faults
from fixtures.clients import Ec2Endpoint
from fixtures.clients.cli.command_driver import CommandDriver
from fixtures.clients.cli.command_encoding import encode_command_line
from fixtures.clients.cli.command_records import parse_records
from fixtures.clients.cli.hidden_fields import hidden_field_reason
from fixtures.clients.cli.record_layouts import LAYOUTS
from fixtures.model import (
    Case,
    Ec2Reply,
    Ec2Request,
    HarnessError,
    ReplyKind,
    Requirement,
    Timeouts,
)
from fixtures.plan.mapping import rows
from tests.support.command_runs import answer, fault, write_identity
from tests.support.planned_suites import cases, scenario
from tests.support.recording_server import RecordingServer
from tools.ec2.tables import COMMANDS

RULE = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}
STOP = Ec2Request("StopInstances", {"InstanceIds": ["i-1"]})


@pytest.fixture
def driver(server: RecordingServer, tmp_path: Path) -> Iterator[CommandDriver]:
    """A driver that sends to it."""
    with closing(CommandDriver(endpoint(server.url, tmp_path))) as client:
        yield client


def endpoint(url: str, folder: Path, home: str | None = None) -> Ec2Endpoint:
    """An endpoint of a user with a certificate."""
    certificate, key = (Path(file).read_text("ascii") for file in write_identity(folder))
    return Ec2Endpoint(
        url, "access", "secret", certificate=certificate, private_key=key, ec2_home=home
    )


def tool(folder: Path, script: str) -> Ec2Endpoint:
    """An endpoint whose ec2_home contains one command, a Python script."""
    file = folder / "bin" / "ec2-stop-instances"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!{sys.executable}\nimport sys, time\n{script}\n", "utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return endpoint("http://127.0.0.1:9/awsapi", folder, str(folder))


def test_every_row_has_its_command() -> None:
    """Each documented action is sent by its documented command, whose records can be parsed."""
    for row in rows():
        command = encode_command_line(Ec2Request(row.action, row.scenario.arguments)).command
        assert command == row.ec2_command.real
        assert COMMANDS[command].action == row.action
        assert row.action in LAYOUTS


COMMAND_LINES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("DescribeImages", {}, ["ec2-describe-images", "--all"]),
    ("DescribeImages", {"Owners": ["self"]}, ["ec2-describe-images", "-o", "self"]),
    (
        "RunInstances",
        {"ImageId": "a", "MinCount": 1, "MaxCount": 2, "Placement": {"AvailabilityZone": "z"}},
        ["ec2-run-instances", "-z", "z", "-n", "1-2", "a"],
    ),
    (
        "AuthorizeSecurityGroupIngress",
        {"GroupName": "web", "IpPermissions": [{**RULE, "IpProtocol": "icmp", "ToPort": -1}]},
        ["ec2-authorize", "-P", "icmp", "-t", "1:-1", "-s", "192.0.2.0/24", "web"],
    ),
    (
        "DescribeVolumes",
        {"VolumeIds": ["v", "w"], "Filters": [{"Name": "size", "Values": ["1", "2"]}]},
        ["ec2-describe-volumes", "--filter", "size=1", "--filter", "size=2", "v", "w"],
    ),
    (
        "ModifyImageAttribute",
        {"ImageId": "a", "LaunchPermission": {"Remove": [{"Group": "all"}, {"UserId": "1"}]}},
        ["ec2-modify-image-attribute", "-l", "-r", "all", "-r", "1", "a"],
    ),
]


@pytest.mark.parametrize(("action", "arguments", "words"), COMMAND_LINES)
def test_command_lines(action: str, arguments: dict[str, Any], words: list[str]) -> None:
    """A request becomes the command line that a user would type."""
    line = encode_command_line(Ec2Request(action, arguments))
    assert [line.command, *line.options, *line.positional] == words
    assert CommandDriver.unsupported_reason(Ec2Request(action, arguments)) is None


UNSUPPORTED: list[tuple[str, dict[str, Any], str]] = [
    ("CreateTags", {}, "do not include one for CreateTags"),
    ("DeleteVolume", {}, "cannot leave out VolumeId"),
    ("AllocateAddress", {"Domain": "vpc"}, "have no option for Domain in AllocateAddress"),
    ("DescribeVolumes", {"VolumeIds": []}, "leave out an empty VolumeIds"),
    ("DescribeVolumes", {"VolumeIds": ["-"]}, "read a value of - from standard input"),
    ("CreateVolume", {"AvailabilityZone": "z"}, "cannot leave out both Size and SnapshotId"),
    (
        "StopInstances",
        {"InstanceIds": ["i"], "Force": False},
        "have no option for Force=false",
    ),
    (
        "DescribeVolumes",
        {"Filters": [{"Name": "a", "Values": ["x"]}, {"Name": "a", "Values": ["y"]}]},
        "filter by each name once, with a value",
    ),
    (
        "AuthorizeSecurityGroupIngress",
        {"GroupName": "g", "IpPermissions": [RULE, RULE]},
        "take exactly one permission a call",
    ),
    (
        "DescribeImageAttribute",
        {"ImageId": "a", "Attribute": "colour"},
        "have no option for the attribute 'colour'",
    ),
    ("ModifyImageAttribute", {"ImageId": "a"}, "cannot leave out what is changed"),
]


@pytest.mark.parametrize(("action", "arguments", "reason"), UNSUPPORTED)
def test_unsupported_requests(
    driver: CommandDriver, action: str, arguments: dict[str, Any], reason: str
) -> None:
    """A request that the commands cannot send is reported in advance, and refused by the driver."""
    request = Ec2Request(action, arguments)
    assert driver.unsupported_reason(request) == f"the commands {reason}"
    with pytest.raises(HarnessError, match=reason):
        driver.call(request, Timeouts(1, 5))
    tampered = Ec2Request("StopInstances", {"InstanceIds": ["i"]}, {"signature": "x"})
    assert "without tampering" in str(driver.unsupported_reason(tampered))
    with pytest.raises(HarnessError, match="no argument"):
        driver.unsupported_reason(Ec2Request("DeleteVolume", {"Volume": "v"}))


def test_answers(driver: CommandDriver, server: RecordingServer) -> None:
    """The body has botocore's shape, and the transcript contains the command line."""
    server.answers = [
        answer(
            "StopInstances",
            "<instancesSet><item><instanceId>i-1</instanceId><currentState><name>stopping</name>"
            "</currentState><previousState><name>running</name></previousState></item>"
            "</instancesSet>",
        )
    ]
    reply = driver.call(STOP, Timeouts(1, 5))
    assert reply.kind is ReplyKind.ANSWERED
    states = {"CurrentState": {"Name": "stopping"}, "PreviousState": {"Name": "running"}}
    assert reply.body == {"StoppingInstances": [{"InstanceId": "i-1", **states}]}
    (exchange,) = reply.exchange
    assert exchange.request.endswith(
        "ec2-stop-instances --connection-timeout 1 --request-timeout 5 i-1"
    )
    assert exchange.response == "INSTANCE\ti-1\trunning\tstopping\n"


def test_faults(driver: CommandDriver, server: RecordingServer) -> None:
    """A refusal is a fault with Amazon's code."""
    server.answers = [fault("Client.InvalidInstanceID.NotFound", "no such")]
    reply = driver.call(STOP, Timeouts(1, 5))
    assert (reply.kind, reply.code) == (ReplyKind.FAULT, "InvalidInstanceID.NotFound")
    assert reply.message == "no such"
    # A fault with the code of one of the command's own errors is a fault all the same.
    server.answers = [fault("Client.RequestTimeout", "says the target")]
    reply = driver.call(STOP, Timeouts(1, 5))
    assert (reply.kind, reply.code) == (ReplyKind.FAULT, "RequestTimeout")


@pytest.mark.parametrize(
    ("faultcode", "code"),
    [
        ("Error", "Error"),
        ("Server.InternalError", "InternalError"),
        ("Client.Error", "Error"),
        ("soap:Server", "Server"),
        ("AuthFailure", "AuthFailure"),
        ("InvalidParameter-2", "InvalidParameter-2"),
    ],
)
def test_a_code_of_the_target_is_its_refusal(
    driver: CommandDriver, server: RecordingServer, faultcode: str, code: str
) -> None:
    """Whatever the code, a fault is the target's refusal, and no complaint of the command."""
    server.answers = [fault(faultcode, "no such")]
    reply = driver.call(STOP, Timeouts(1, 5))
    assert (reply.kind, reply.code, reply.message) == (ReplyKind.FAULT, code, "no such")


def test_no_answer(tmp_path: Path) -> None:
    """No answer is a timeout, a closed port a refusal, an answer that is not XML is garbled."""

    def call(url: str) -> Ec2Reply:
        with closing(CommandDriver(endpoint(url, tmp_path))) as client:
            return client.call(STOP, Timeouts(1, 1))

    for start, kind in (
        (faults.stays_silent, ReplyKind.TIMED_OUT),
        (faults.refuses, ReplyKind.REFUSED),
        (faults.answers_babble, ReplyKind.GARBLED),
    ):
        with start() as misbehaving:
            reply = call(misbehaving.url)
        assert reply.kind is kind
        assert reply.message


BROKEN = [
    ("raise ValueError('broken')", "the command crashed"),
    ("print('Traceback (most recent call last):'); sys.exit(0)", "the command crashed"),
    ("print('INSTANCE\\ti-1\\trunning\\tstopping\\nNONSENSE\\tx')", "prints no record: 'NONSENSE"),
    ("pass", "prints no INSTANCE record"),
    ("print('Client.X: y', file=sys.stderr)", "complains, and reports success"),
    ("print('INSTANCE\\ti-1\\ta\\tb'); sys.exit('Client.X: y')", "prints records, and fails"),
    ("sys.exit('what is this?')", "refuses what it was given"),
    ("sys.stderr.write('Required option'); sys.exit(2)", "refuses what it was given"),
    ("import os; os.kill(os.getpid(), 9)", "the command crashed"),
]


@pytest.mark.parametrize(("script", "error"), BROKEN)
def test_broken_commands(tmp_path: Path, script: str, error: str) -> None:
    """A command that crashes, contradicts itself or prints an unknown record is an error of the
    harness, never a pass."""
    with pytest.raises(HarnessError, match=error):
        CommandDriver(tool(tmp_path, script)).call(STOP, Timeouts(1, 1))


def test_a_command_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that outlives its timeouts is killed with its child processes, and an error."""
    monkeypatch.setattr("fixtures.clients.cli.command_driver.START_SECONDS", 0.5)
    mark = tmp_path / "mark"
    script = (
        f"import subprocess; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3);"
        f'open("{mark}", "w")\'])\ntime.sleep(60)'  # the command under test does not end
    )
    with pytest.raises(HarnessError, match=r"did not end within 1\.5 s"):
        CommandDriver(tool(tmp_path, script)).call(STOP, Timeouts(0.5, 0.5))
    subprocess.run(["sleep", "3"], check=True)
    assert not mark.exists()


def test_real_tools(tmp_path: Path) -> None:
    """With an ec2_home, its commands are run, with the user's environment."""
    script = "import os\nprint('INSTANCE', *os.environ['EC2_URL'].split('/')[2:4], sep='\\t')"
    reply = CommandDriver(tool(tmp_path, script)).call(STOP, Timeouts(1, 1))
    assert reply.body["StoppingInstances"][0]["InstanceId"] == "127.0.0.1:9"


def test_secrets_are_masked(driver: CommandDriver, server: RecordingServer) -> None:
    """Neither a new private key nor a password reaches the transcript."""
    pem = "-----BEGIN RSA PRIVATE KEY-----\nCANARY\nCANARY\n-----END RSA PRIVATE KEY-----"
    server.answers = [
        answer(
            "CreateKeyPair",
            f"<keyName>k</keyName><keyFingerprint>1</keyFingerprint><keyMaterial>{pem}</keyMaterial>",
        )
    ]
    reply = driver.call(Ec2Request("CreateKeyPair", {"KeyName": "k"}), Timeouts(1, 5))
    assert reply.body == {"KeyName": "k", "KeyFingerprint": "1", "KeyMaterial": pem}
    assert "CANARY" not in reply.exchange[0].response
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encrypted = base64.b64encode(other.public_key().encrypt(b"CANARY", padding.PKCS1v15())).decode()
    server.answers = [answer("GetPasswordData", f"<passwordData>{encrypted}</passwordData>")]
    reply = driver.call(Ec2Request("GetPasswordData", {"InstanceId": "i"}), Timeouts(1, 5))
    assert reply.kind is ReplyKind.ANSWERED
    assert "CANARY" not in str(reply)


def test_later_layouts() -> None:
    """Columns that later tools add do not matter, since columns are counted from the left."""
    instance = ["INSTANCE", "i-1", "ami-1", "", "", "pending", "", "0", "", "m1.small"]
    later = [
        *instance,
        "2012-01-02T03:04:05+0000",
        "zone-a",
        *[""] * 14,
        "xen",
        "",
        "sg-1",
        "default",
    ]
    lines = ["\t".join(["RESERVATION", "r-1", "1", "default"]), "\t".join(later)]
    body = parse_records("RunInstances", "\n".join(lines) + "\n")
    (parsed,) = body["Instances"]
    assert parsed["LaunchTime"] == datetime(2012, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (parsed["AmiLaunchIndex"], parsed["State"]) == (0, {"Name": "pending"})
    assert parsed["Placement"] == {"AvailabilityZone": "zone-a"}
    assert "PublicDnsName" not in parsed
    rule = ["PERMISSION", "1", "web", "ALLOWS", "tcp", "1", "2", "FROM", "USER", "2"]
    lines = ["GROUP\tsg-1\t1\tweb\twords\t", "\t".join([*rule, "NAME db", "ID sg-2", "ingress"])]
    text = "\n".join(lines) + "\n"
    (group,) = parse_records("DescribeSecurityGroups", text)["SecurityGroups"]
    assert (group["GroupId"], group["GroupName"]) == ("sg-1", "web")
    assert group["IpPermissions"][0]["UserIdGroupPairs"] == [{"UserId": "2", "GroupName": "db"}]
    assert parse_records("DeleteSecurityGroup", "RETURN\ttrue\n") == {"Return": True}
    text = "IMAGE\tami-1\nBLOCKDEVICEMAPPING\tEBS\t/dev/sda1\tsnap-1\t10\tfalse\tstandard\n"
    (image,) = parse_records("DescribeImages", text)["Images"]
    assert image["BlockDeviceMappings"] == [
        {
            "DeviceName": "/dev/sda1",
            "Ebs": {"SnapshotId": "snap-1", "VolumeSize": 10, "DeleteOnTermination": False},
        }
    ]
    headed = "Type\tVolumeID\nVOLUME\tvol-1\t(nil)\n"
    assert parse_records("DescribeVolumes", headed) == {"Volumes": [{"VolumeId": "vol-1"}]}


def test_records_in_the_wrong_place() -> None:
    """A record outside any resource is an error of the command."""
    with pytest.raises(HarnessError, match="before any of Volumes"):
        parse_records("DescribeVolumes", "ATTACHMENT\tvol-1\ti-1\n")


def command_cases(action: str, kind: str) -> list[Case]:
    """The cases of the documented scenario with the driver `command`."""
    row = next(row for row in rows() if row.action == action)
    fields = {"documented-call": {}, "reply": row.scenario.expectation.fields}[kind]
    requirement = Requirement(action, kind, "", "text", drivers=("command",), fields=fields)
    return list(cases(row.suite, requirement))


def test_fields_without_a_column_are_not_checked() -> None:
    """A field without a column is left out; a case without any other field is excluded."""
    (case,) = command_cases("DescribeInstances", "reply")
    checked = {name.rpartition("].")[2] for name in scenario(case).expectation.fields}
    assert "State.Name" in checked
    assert "State.Code" not in checked
    assert command_cases("GetPasswordData", "reply") == []
    assert len(command_cases("GetPasswordData", "documented-call")) == 1


def test_hidden_fields_are_hidden() -> None:
    """Only fields that no record has a column for are listed as hidden."""
    for row in rows():
        hidden = [
            name
            for name, pattern in row.scenario.expectation.fields.items()
            if hidden_field_reason(row.action, name, pattern.kind)
        ]
        allowed = {"DescribeImages", "GetPasswordData", "DescribeImageAttribute"}
        codes = ("State.Code", "Architecture")
        assert row.action in allowed or all(name.endswith(codes) for name in hidden)
    assert hidden_field_reason("GetPasswordData", "PasswordData", "absent") is None
