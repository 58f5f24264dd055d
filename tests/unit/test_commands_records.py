"""What the ec2-* commands print: the classic records, column by column, and errors."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import padding

from tests.support.command_runs import Commands, answer, fault, private_key
from tests.support.recording_server import http_response

INSTANCE = """
<instanceId>i-1</instanceId><imageId>ami-1</imageId>
<instanceState><code>16</code><name>running</name></instanceState>
<privateDnsName>ip-10-0-0-9.internal</privateDnsName><dnsName>host.example.com</dnsName>
<keyName>mykey</keyName><amiLaunchIndex>0</amiLaunchIndex><instanceType>m1.small</instanceType>
<launchTime>2011-02-03T12:11:12.000+02:00</launchTime>
<placement><availabilityZone>zone-a</availabilityZone></placement><kernelId>aki-1</kernelId>
<monitoring><state>disabled</state></monitoring><privateIpAddress>10.0.0.9</privateIpAddress>
<ipAddress>203.0.113.9</ipAddress><rootDeviceType>ebs</rootDeviceType>
<blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-1</volumeId>
<status>attached</status><attachTime>2011-02-03T10:11:40.000Z</attachTime></ebs></item>
</blockDeviceMapping><virtualizationType>paravirtual</virtualizationType>
<tagSet><item><key>Name</key><value>web 1</value></item></tagSet><hypervisor>xen</hypervisor>
"""
RESERVATION = f"""<reservationId>r-1</reservationId><ownerId>111122223333</ownerId>
<groupSet><item><groupId>default</groupId></item><item><groupId>web</groupId></item></groupSet>
<instancesSet><item>{INSTANCE}</item></instancesSet>"""
RESERVATION_LINES = [
    "RESERVATION→r-1→111122223333→default, web",
    "INSTANCE→i-1→ami-1→host.example.com→ip-10-0-0-9.internal→running→mykey→0→→m1.small→"
    "2011-02-03T10:11:12+0000→zone-a→aki-1→→→monitoring-disabled→203.0.113.9→10.0.0.9→→→ebs→→→→→"
    "paravirtual→xen→",
    "BLOCKDEVICE→/dev/sda1→vol-1→2011-02-03T10:11:40.000Z→",
    "TAG→instance→i-1→Name→web 1",
]
VOLUME = """<volumeId>vol-1</volumeId><size>5</size><snapshotId/>
<availabilityZone>zone-a</availabilityZone><status>available</status>
<createTime>2011-02-03T09:00:00.000Z</createTime>"""
ATTACHMENT = """<volumeId>vol-1</volumeId><instanceId>i-1</instanceId><device>/dev/sdh</device>
<status>attached</status><attachTime>2011-02-03T09:30:00.000Z</attachTime>"""
ATTACHED = "ATTACHMENT→vol-1→i-1→/dev/sdh→attached→2011-02-03T09:30:00+0000"
SNAPSHOT = """<snapshotId>snap-1</snapshotId><volumeId>vol-1</volumeId><status>pending</status>
<startTime>2011-02-03T09:40:00.000Z</startTime><progress/><ownerId>111122223333</ownerId>
<volumeSize>5</volumeSize>"""
RULE = """<ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>23</toPort><groups><item>
<userId>444455556666</userId><groupName>db</groupName></item></groups><ipRanges><item>
<cidrIp>192.0.2.0/24</cidrIp></item><item><cidrIp>198.51.100.0/24</cidrIp></item></ipRanges>"""
RULE_LINES = [
    "PERMISSION→{0}→web→ALLOWS→tcp→22→23→FROM→CIDR→192.0.2.0/24",
    "PERMISSION→{0}→web→ALLOWS→tcp→22→23→FROM→CIDR→198.51.100.0/24",
    "PERMISSION→{0}→web→ALLOWS→tcp→22→23→FROM→USER→444455556666→GRPNAME→db",
]
IMAGE = """<imageId>ami-1</imageId><imageLocation>111122223333/web</imageLocation>
<imageState>available</imageState><imageOwnerId>111122223333</imageOwnerId>
<isPublic>false</isPublic><architecture>x86_64</architecture><imageType>machine</imageType>
<kernelId>aki-1</kernelId><name>web</name><rootDeviceType>ebs</rootDeviceType>
<blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs><snapshotId>snap-1</snapshotId>
<volumeSize>10</volumeSize></ebs></item></blockDeviceMapping>
<virtualizationType>paravirtual</virtualizationType><hypervisor>xen</hypervisor>"""
STATES = """<instancesSet><item><instanceId>i-1</instanceId><currentState><code>64</code>
<name>stopping</name></currentState><previousState><code>16</code><name>running</name>
</previousState></item></instancesSet>"""
DONE = "<return>true</return>"
OUTPUTS: list[tuple[str, str, str, list[str]]] = [
    ("ec2-run-instances ami-1", "RunInstances", RESERVATION, RESERVATION_LINES),
    (
        "ec2-describe-instances i-1",
        "DescribeInstances",
        f"<reservationSet><item>{RESERVATION}</item></reservationSet>",
        RESERVATION_LINES,
    ),
    (
        "ec2-describe-instances i-1 --hide-tags",
        "DescribeInstances",
        f"<reservationSet><item>{RESERVATION}</item></reservationSet>",
        RESERVATION_LINES[:3],
    ),
    ("ec2-stop-instances i-1", "StopInstances", STATES, ["INSTANCE→i-1→running→stopping"]),
    ("ec2-reboot-instances i-1", "RebootInstances", DONE, []),
    (
        "ec2-describe-volumes vol-1",
        "DescribeVolumes",
        f"<volumeSet><item>{VOLUME}<attachmentSet><item>{ATTACHMENT}</item></attachmentSet></item>"
        "</volumeSet>",
        ["VOLUME→vol-1→5→→zone-a→available→2011-02-03T09:00:00+0000", ATTACHED],
    ),
    (
        "ec2-create-volume -s 5 -z zone-a",
        "CreateVolume",
        VOLUME,
        ["VOLUME→vol-1→5→→zone-a→available→2011-02-03T09:00:00+0000"],
    ),
    ("ec2-attach-volume vol-1 -i i-1 -d /dev/sdh", "AttachVolume", ATTACHMENT, [ATTACHED]),
    ("ec2-delete-volume vol-1", "DeleteVolume", DONE, ["VOLUME→vol-1"]),
    (
        "ec2-create-snapshot vol-1",
        "CreateSnapshot",
        SNAPSHOT,
        ["SNAPSHOT→snap-1→vol-1→pending→2011-02-03T09:40:00+0000→→111122223333→5→"],
    ),
    ("ec2-delete-snapshot snap-1", "DeleteSnapshot", DONE, ["SNAPSHOT→snap-1"]),
    (
        "ec2-describe-images ami-1",
        "DescribeImages",
        f"<imagesSet><item>{IMAGE}</item></imagesSet>",
        [
            "IMAGE→ami-1→111122223333/web→111122223333→available→private→→x86_64→machine→aki-1→→→"
            "ebs→paravirtual→xen",
            "BLOCKDEVICEMAPPING→/dev/sda1→→snap-1→10→",
        ],
    ),
    ("ec2-deregister ami-1", "DeregisterImage", DONE, ["IMAGE→ami-1"]),
    ("ec2-create-image i-1 -n x", "CreateImage", "<imageId>ami-9</imageId>", ["IMAGE→ami-9"]),
    (
        "ec2-describe-image-attribute ami-1 -l",
        "DescribeImageAttribute",
        "<imageId>ami-1</imageId><launchPermission><item><group>all</group></item><item>"
        "<userId>1</userId></item></launchPermission>",
        ["launchPermission→ami-1→group→all", "launchPermission→ami-1→userId→1"],
    ),
    (
        "ec2-describe-image-attribute ami-1 --description",
        "DescribeImageAttribute",
        "<imageId>ami-1</imageId><description><value>words</value></description>",
        ["description→ami-1→→words"],
    ),
    (
        "ec2-modify-image-attribute ami-1 -l -r 1",
        "ModifyImageAttribute",
        DONE,
        ["launchPermission→ami-1→REMOVE→userId→1"],
    ),
    (
        "ec2-reset-image-attribute ami-1 -l",
        "ResetImageAttribute",
        DONE,
        ["launchPermission→ami-1→RESET"],
    ),
    (
        "ec2-describe-instance-attribute i-1 -t",
        "DescribeInstanceAttribute",
        "<instanceId>i-1</instanceId><instanceType><value>m1.small</value></instanceType>",
        ["instanceType→i-1→m1.small"],
    ),
    (
        "ec2-describe-instance-attribute i-1 --user-data",
        "DescribeInstanceAttribute",
        "<instanceId>i-1</instanceId><userData><value>YQpi</value></userData>",
        ["userData→i-1", "a", "b"],
    ),
    (
        "ec2-associate-address 203.0.113.9 -i i-1",
        "AssociateAddress",
        DONE,
        ["ADDRESS→203.0.113.9→i-1"],
    ),
    (
        "ec2-describe-addresses -F public-ip=*",
        "DescribeAddresses",
        "<addressesSet><item><publicIp>203.0.113.9</publicIp><instanceId>i-1</instanceId></item>"
        "<item><publicIp>203.0.113.10</publicIp><instanceId/></item></addressesSet>",
        ["ADDRESS→203.0.113.9→i-1", "ADDRESS→203.0.113.10"],
    ),
    ("ec2-release-address 203.0.113.9", "ReleaseAddress", DONE, ["ADDRESS→203.0.113.9"]),
    (
        "ec2-describe-availability-zones zone-a",
        "DescribeAvailabilityZones",
        "<availabilityZoneInfo><item><zoneName>zone-a</zoneName><zoneState>available</zoneState>"
        "<regionName>region-1</regionName><messageSet/></item></availabilityZoneInfo>",
        ["AVAILABILITYZONE→zone-a→available→region-1"],
    ),
    (
        "ec2-add-keypair key",
        "CreateKeyPair",
        "<keyName>key</keyName><keyFingerprint>1f:51</keyFingerprint><keyMaterial>-----BEGIN\nAA"
        "\n-----END</keyMaterial>",
        ["KEYPAIR→key→1f:51", "-----BEGIN", "AA", "-----END"],
    ),
    ("ec2-delete-keypair key", "DeleteKeyPair", DONE, ["KEYPAIR→key"]),
    ("ec2-add-group web -d words", "CreateSecurityGroup", DONE, ["GROUP→web→words"]),
    ("ec2-delete-group web", "DeleteSecurityGroup", DONE, ["GROUP→web"]),
    (
        "ec2-describe-group web",
        "DescribeSecurityGroups",
        "<securityGroupInfo><item><ownerId>1</ownerId><groupName>web</groupName>"
        f"<groupDescription>words</groupDescription><ipPermissions><item>{RULE}</item>"
        "</ipPermissions></item></securityGroupInfo>",
        ["GROUP→1→web→words", *(line.format("1") for line in RULE_LINES)],
    ),
    (
        "ec2-authorize web -p 22-23 -s 192.0.2.0/24 -s 198.51.100.0/24 -o db -u 444455556666",
        "AuthorizeSecurityGroupIngress",
        DONE,
        ["GROUP→→web→", *(line.format("") for line in RULE_LINES)],
    ),
]


@pytest.mark.parametrize(
    ("line", "action", "content", "lines"), OUTPUTS, ids=[case[0] for case in OUTPUTS]
)
def test_records(
    commands: Commands, line: str, action: str, content: str, lines: list[str]
) -> None:
    """Each command prints its records, columns separated by one tab, as of API 2010-11-15."""
    assert commands.output_lines(line, action, content) == [
        expected.replace("→", "\t") for expected in lines
    ]


def test_headers(commands: Commands) -> None:
    """A line of column names, which is no record, precedes the first record of its kind."""
    content = f"<volumeSet><item>{VOLUME}</item><item>{VOLUME}</item></volumeSet>"
    line = commands.output_lines("ec2-describe-volumes -H", "DescribeVolumes", content)
    assert line[0].split("\t") == [
        *("Type", "VolumeID", "Size", "SnapshotID", "AvailabilityZone", "State", "CreateTime")
    ]
    assert [record.partition("\t")[0] for record in line[1:]] == ["VOLUME", "VOLUME"]


def test_empty_fields(commands: Commands) -> None:
    """On request an empty column is printed as (nil)."""
    content = f"<volumeSet><item>{VOLUME}</item></volumeSet>"
    (line,) = commands.output_lines(
        "ec2-describe-volumes --show-empty-fields", "DescribeVolumes", content
    )
    assert line.split("\t")[3] == "(nil)"
    content = "<addressesSet><item><publicIp>203.0.113.10</publicIp></item></addressesSet>"
    (line,) = commands.output_lines(
        "ec2-describe-addresses --show-empty-fields", "DescribeAddresses", content
    )
    assert line == "ADDRESS\t203.0.113.10\t(nil)"


def test_a_record_is_one_line(commands: Commands) -> None:
    """A tab or line end inside a value cannot make a column or a record."""
    content = SNAPSHOT + "<description>a\tb\nSNAPSHOT\tc</description>"
    (line,) = commands.output_lines("ec2-create-snapshot vol-1", "CreateSnapshot", content)
    assert line.endswith("\t5\ta b SNAPSHOT c")


def test_verbose_and_debug(commands: Commands) -> None:
    """Verbose prints request and answer besides the records; debug prints steps on stderr."""
    done = answer("DeleteVolume", DONE)
    status, out, err = commands.run("ec2-delete-volume vol-1 -v --debug", done)
    assert status == 0
    assert "<volumeId>vol-1</volumeId>" in out
    assert "<return>true</return>" in out
    assert out.endswith("\nVOLUME\tvol-1\n")
    assert "DEBUG: connected to 127.0.0.1" in err


def test_password(commands: Commands) -> None:
    """The password is printed decrypted; nothing without one; a wrong key is an error."""
    key = commands.environment["EC2_PRIVATE_KEY"]
    secret = private_key().public_key().encrypt(b"s3cret", padding.PKCS1v15())
    encrypted = base64.b64encode(secret).decode()
    line = ["ec2-get-password", "i-1", "-k", key]
    content = "<instanceId>i-1</instanceId><passwordData>{}</passwordData>"
    assert commands.output_lines(line, "GetPasswordData", content.format(encrypted)) == ["s3cret"]
    assert commands.output_lines(line, "GetPasswordData", content.format("")) == []
    wrong = answer("GetPasswordData", content.format("bm9uc2Vuc2U="))
    status, out, err = commands.run(line, wrong)
    assert (status, out) == (1, "")
    assert err.startswith("Client.PasswordNotDecrypted: ")


def test_fault(commands: Commands) -> None:
    """A refusal is one line on stderr with Amazon's code, status 1, and no record."""
    refusal = fault("Client.InvalidAMIID.NotFound", "The image id '[ami-1]'\n does not exist")
    assert commands.run("ec2-run-instances ami-1", refusal) == (
        1,
        "",
        "Client.InvalidAMIID.NotFound: The image id '[ami-1]' does not exist\n",
    )


def test_not_done(commands: Commands) -> None:
    """An answer whose `return` is false is an error."""
    status, out, err = commands.run(
        "ec2-delete-volume vol-1", answer("DeleteVolume", "<return>false</return>")
    )
    assert (status, out) == (1, "")
    assert err == "Server: DeleteVolume was not carried out (the answer's return is false)\n"


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (http_response("no", "400 Bad Request"), "Server returned error code = 400"),
        (http_response("<html/>", "302 Found"), "Server returned error code = 302"),
        (http_response("<html/>"), "the answer is no SOAP message"),
        (http_response(""), "the answer is no SOAP message"),
        (answer("DeleteSnapshot", DONE), "<DeleteSnapshotResponse> for <DeleteVolumeResponse>"),
    ],
)
def test_unusable_answers(commands: Commands, sent: bytes, error: str) -> None:
    """What is no answer to the request is one line on stderr, and status 3."""
    status, out, err = commands.run("ec2-delete-volume vol-1", sent)
    assert (status, out) == (3, "")
    assert err == f"Client.UnreadableAnswer: {error}\n"
