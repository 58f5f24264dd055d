"""The messages of the ec2-* commands: in the order of Amazon's schema, and signed."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_der_x509_certificate
from lxml import etree

from fixtures.wsdl.document import schema_error
from tests.support.command_runs import Commands, answer, fault
from tools.ec2.tables import ALL, COMMANDS

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"
NAMES = {
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "wsse": f"{_OASIS}secext-1.0.xsd",
    "wsu": f"{_OASIS}utility-1.0.xsd",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
ID = f"{{{NAMES['wsu']}}}Id"


def only_element(node: etree._Element, path: str) -> etree._Element:
    """The only element at a path."""
    nodes = node.xpath(path, namespaces=NAMES)
    assert isinstance(nodes, list)
    assert len(nodes) == 1
    assert isinstance(nodes[0], etree._Element)
    return nodes[0]


def canonical(node: etree._Element) -> bytes:
    """Exclusive canonicalisation."""
    return etree.tostring(node, method="c14n", exclusive=True, with_tail=False)


def verify(message: bytes) -> set[str]:
    """Check digests and signature of a message; returns the local names of what is signed."""
    root = etree.fromstring(message)
    security = only_element(root, "s:Header/wsse:Security")
    token = only_element(security, "wsse:BinarySecurityToken")
    key = load_der_x509_certificate(base64.b64decode(token.text or "")).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    info = only_element(security, "ds:Signature/ds:SignedInfo")
    value = only_element(security, "ds:Signature/ds:SignatureValue")
    signature = base64.b64decode(value.text or "")
    key.verify(signature, canonical(info), padding.PKCS1v15(), hashes.SHA1())
    reference = only_element(security, "ds:Signature/ds:KeyInfo//wsse:Reference")
    assert reference.get("URI") == f"#{token.get(ID)}"
    signed = set()
    for part in info.iterfind("ds:Reference", NAMES):
        node = only_element(root, f"//*[@wsu:Id='{part.get('URI', '')[1:]}']")
        digest = hashlib.sha1(canonical(node), usedforsecurity=False).digest()
        assert base64.b64decode(part.findtext("ds:DigestValue", "", NAMES)) == digest
        signed.add(etree.QName(node).localname)
    return signed


def test_signature(commands: Commands) -> None:
    """Body and Timestamp are signed with the user's key, for five minutes from now."""
    commands.run("ec2-describe-volumes vol-1", fault("Client.Enough", "enough"))
    sent = commands.server.requests[-1]
    message = sent.body.encode()
    assert verify(message) == {"Body", "Timestamp"}
    timestamp = only_element(etree.fromstring(message), "//wsu:Timestamp")
    created, expires = (datetime.fromisoformat(part.text or "") for part in timestamp)
    assert abs(datetime.now(UTC) - created) < timedelta(seconds=30)
    assert expires - created == timedelta(minutes=5)
    assert sent.headers["soapaction"] == '"DescribeVolumes"'
    assert sent.headers["content-type"] == "text/xml; charset=utf-8"
    for old, new in ((b"vol-1", b"vol-2"), (b"Z</wsu:Expires>", b"1Z</wsu:Expires>")):
        with pytest.raises((AssertionError, InvalidSignature)):
            verify(message.replace(old, new))


def test_messages_differ(commands: Commands) -> None:
    """The same command twice sends different messages, so that the second is no replay."""
    commands.server.answers = [answer("DescribeVolumes", "<volumeSet/>")]
    for _ in range(2):
        commands.run("ec2-describe-volumes", answer("DescribeVolumes", "<volumeSet/>"))
    first, second = (
        only_element(etree.fromstring(r.body.encode()), "//ds:SignatureValue").text
        for r in commands.server.requests
    )
    assert first != second


MESSAGES = [
    (
        "ec2-run-instances ami-1 -n 1-3 -k key -g web -g db -t m1.large -z zone -d hello -m"
        " --disable-api-termination --client-token once --placement-group near"
        " -b /dev/sdb=snap-1:20:false -b /dev/sdc=none -b /dev/sdd=ephemeral0",
        "<RunInstances><imageId>ami-1</imageId><minCount>1</minCount><maxCount>3</maxCount>"
        "<keyName>key</keyName><groupSet><item><groupId>web</groupId></item><item><groupId>db"
        '</groupId></item></groupSet><userData encoding="base64" version="1.0"><data>aGVsbG8='
        "</data></userData><instanceType>m1.large</instanceType><placement><availabilityZone>zone"
        "</availabilityZone><groupName>near</groupName></placement><blockDeviceMapping><item>"
        "<deviceName>/dev/sdb</deviceName><ebs><snapshotId>snap-1</snapshotId><volumeSize>20"
        "</volumeSize><deleteOnTermination>false</deleteOnTermination></ebs></item><item>"
        "<deviceName>/dev/sdc</deviceName><noDevice/></item><item><deviceName>/dev/sdd"
        "</deviceName><virtualName>ephemeral0</virtualName></item></blockDeviceMapping>"
        "<monitoring><enabled>true</enabled></monitoring><disableApiTermination>true"
        "</disableApiTermination><clientToken>once</clientToken></RunInstances>",
    ),
    (
        "ec2-run-instances ami-1",
        "<RunInstances><imageId>ami-1</imageId><minCount>1</minCount><maxCount>1</maxCount>"
        "<groupSet/><instanceType>m1.small</instanceType></RunInstances>",
    ),
    (
        "ec2-describe-volumes vol-1 -F status=available -F status=in-use vol-2 -F tag:a=b=c",
        "<DescribeVolumes><volumeSet><item><volumeId>vol-1</volumeId></item><item><volumeId>vol-2"
        "</volumeId></item></volumeSet><filterSet><item><name>status</name><valueSet><item><value>"
        "available</value></item><item><value>in-use</value></item></valueSet></item><item><name>"
        "tag:a</name><valueSet><item><value>b=c</value></item></valueSet></item></filterSet>"
        "</DescribeVolumes>",
    ),
    (
        "ec2-authorize web -Ptcp -p22 -s 192.0.2.0/24 -s 198.51.100.0/24",
        "<AuthorizeSecurityGroupIngress><userId/><groupName>web</groupName><ipPermissions><item>"
        "<ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><groups/><ipRanges>"
        "<item><cidrIp>192.0.2.0/24</cidrIp></item><item><cidrIp>198.51.100.0/24</cidrIp></item>"
        "</ipRanges></item></ipPermissions></AuthorizeSecurityGroupIngress>",
    ),
    (
        "ec2-revoke web -t -1:-1",
        "<RevokeSecurityGroupIngress><userId/><groupName>web</groupName><ipPermissions><item>"
        "<ipProtocol>icmp</ipProtocol><fromPort>-1</fromPort><toPort>-1</toPort><groups/><ipRanges>"
        "<item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item></ipPermissions>"
        "</RevokeSecurityGroupIngress>",
    ),
    (
        "ec2-authorize web -p 1-99 -o a -u x -o b -u y",
        "<AuthorizeSecurityGroupIngress><userId/><groupName>web</groupName><ipPermissions><item>"
        "<ipProtocol>tcp</ipProtocol><fromPort>1</fromPort><toPort>99</toPort><groups><item>"
        "<userId>x</userId><groupName>a</groupName></item><item><userId>y</userId><groupName>b"
        "</groupName></item></groups><ipRanges/></item></ipPermissions>"
        "</AuthorizeSecurityGroupIngress>",
    ),
    (
        "ec2-modify-image-attribute ami-1 -l -a 111122223333 -a all",
        "<ModifyImageAttribute><imageId>ami-1</imageId><launchPermission><add><item><userId>"
        "111122223333</userId></item><item><group>all</group></item></add></launchPermission>"
        "</ModifyImageAttribute>",
    ),
    (
        "ec2-modify-image-attribute ami-1 --description words",
        "<ModifyImageAttribute><imageId>ami-1</imageId><description><value>words</value>"
        "</description></ModifyImageAttribute>",
    ),
    (
        "ec2-describe-image-attribute ami-1 -l",
        "<DescribeImageAttribute><imageId>ami-1</imageId><launchPermission/>"
        "</DescribeImageAttribute>",
    ),
    (
        "ec2-describe-images -x self ami-1 -o self",
        "<DescribeImages><executableBySet><item><user>self</user></item></executableBySet>"
        "<imagesSet><item><imageId>ami-1</imageId></item></imagesSet><ownersSet><item><owner>self"
        "</owner></item></ownersSet></DescribeImages>",
    ),
    ("ec2-describe-images -a", "<DescribeImages><imagesSet/></DescribeImages>"),
    (
        "ec2-diassociate-address 203.0.113.9",
        "<DisassociateAddress><publicIp>203.0.113.9</publicIp></DisassociateAddress>",
    ),
    (
        "ec2-detach-volume vol-1 -i i-1 -d /dev/sdh --force",
        "<DetachVolume><volumeId>vol-1</volumeId><instanceId>i-1</instanceId><device>/dev/sdh"
        "</device><force>true</force></DetachVolume>",
    ),
    (
        "ec2-register s3/manifest.xml -n name -a i386",
        "<RegisterImage><imageLocation>s3/manifest.xml</imageLocation><name>name</name>"
        "<architecture>i386</architecture></RegisterImage>",
    ),
    (
        "ec2-register -s snap-1 -n name",
        "<RegisterImage><name>name</name><blockDeviceMapping><item><deviceName>/dev/sda1"
        "</deviceName><ebs><snapshotId>snap-1</snapshotId></ebs></item></blockDeviceMapping>"
        "</RegisterImage>",
    ),
    (
        "ec2-create-volume --snap snap-1 -z zone",
        "<CreateVolume><snapshotId>snap-1</snapshotId><availabilityZone>zone</availabilityZone>"
        "</CreateVolume>",
    ),
    ("ec2-allocate-address", "<AllocateAddress/>"),
]


# Checked by the schema only.
SCHEMA_ONLY = [
    "ec2-associate-address 203.0.113.9 -i i-1",
    "ec2-describe-addresses 203.0.113.9 -F instance-id=i-1",
    "ec2-release-address 203.0.113.9",
    "ec2-describe-availability-zones zone",
    "ec2-create-image i-1 -n name -d words --no-reboot",
    "ec2-deregister ami-1",
    "ec2-describe-image-attribute ami-1 -B",
    "ec2-modify-image-attribute ami-1 -p code",
    "ec2-reset-image-attribute ami-1 -l",
    "ec2-describe-instances i-1 -F key-name=*",
    "ec2-run-instances ami-1 --addressing public --kernel aki-1 --ramdisk ari-1 -s subnet-1"
    " --instance-initiated-shutdown-behavior stop --license-pool pool --private-ip-address 10.0.0.9"
    " --client-token once",
    "ec2-reboot-instances i-1 i-2",
    "ec2-start-instances i-1",
    "ec2-stop-instances i-1 --force",
    "ec2-terminate-instances i-1",
    "ec2-describe-instance-attribute i-1 --user-data",
    "ec2-get-password i-1 -k {key}",
    "ec2-add-keypair key",
    "ec2-delete-keypair key",
    "ec2-describe-keypairs key",
    "ec2-import-keypair key -f {key}",
    "ec2-add-group web -d words",
    "ec2-delete-group web",
    "ec2-describe-group web -F description=*",
    "ec2-create-snapshot vol-1 -d words",
    "ec2-delete-snapshot snap-1",
    "ec2-describe-snapshots -o self -r all -a",
    "ec2-attach-volume vol-1 -i i-1 -d /dev/sdh",
    "ec2-delete-volume vol-1",
]


@pytest.mark.parametrize(("line", "message"), MESSAGES, ids=[line for line, _ in MESSAGES])
def test_message(commands: Commands, line: str, message: str) -> None:
    """Arguments and options become the elements of Amazon's message, in its order."""
    assert commands.sent_message(["python", line] if " " not in line else line) == message


@pytest.mark.parametrize("line", [line for line, _ in MESSAGES] + SCHEMA_ONLY)
def test_schema(commands: Commands, line: str) -> None:
    """Every message is valid against Amazon's published schema."""
    words = line.format(key=commands.environment["EC2_PRIVATE_KEY"])
    commands.sent_message(["python", words] if " " not in words else words)
    content = only_element(etree.fromstring(commands.server.requests[-1].body.encode()), "s:Body/*")
    assert schema_error("2010-11-15", content) is None


@pytest.mark.parametrize("line", [line for line, _ in MESSAGES] + SCHEMA_ONLY)
def test_schema_of_the_later_version(commands: Commands, line: str) -> None:
    """Every message can be sent in 2012-08-15, too, by an option or a variable of ours."""
    commands.environment["CONFORM_EC2_API_VERSION"] = "2012-08-15"
    words = line.format(key=commands.environment["EC2_PRIVATE_KEY"])
    words = words.replace("--addressing public ", "")  # which that version does not have
    commands.run(["python", words] if " " not in words else words, fault("Client.Enough", ""))
    content = only_element(etree.fromstring(commands.server.requests[-1].body.encode()), "s:Body/*")
    assert schema_error("2012-08-15", content) is None


@pytest.mark.parametrize(
    ("version", "element"), [("2010-11-15", "groupId"), ("2012-08-15", "groupName")]
)
def test_groups_are_named_as_the_version_names_them(
    commands: Commands, version: str, element: str
) -> None:
    """In 2010-11-15 the name of a group is its id; later it has an id, too."""
    line = f"ec2-run-instances ami-1 -g web --api-version {version}"
    commands.run(line, fault("Client.Enough", ""))
    assert f"<item><{element}>web</{element}></item>" in commands.server.requests[-1].body
    groups = f"<groupSet><item><{element}>web</{element}></item></groupSet>"
    content = f"<reservationId>r-1</reservationId><ownerId>me</ownerId>{groups}<instancesSet/>"
    printed = commands.run(line, answer("RunInstances", content))[1]
    assert printed == "RESERVATION\tr-1\tme\tweb\n"


@pytest.mark.parametrize(
    ("words", "variable", "sent"),
    [
        ("", "", "1"),
        ("", "0", "0"),
        ("--must-understand 0", "", "0"),
        ("--must-understand 1", "0", "1"),
    ],
)
def test_must_understand(commands: Commands, words: str, variable: str, sent: str) -> None:
    """Whether the Security header must be understood: the option goes before the variable."""
    commands.environment["CONFORM_EC2_MUST_UNDERSTAND"] = variable
    commands.run(f"ec2-describe-volumes vol-1 {words}", fault("Client.Enough", ""))
    message = commands.server.requests[-1].body.encode()
    security = only_element(etree.fromstring(message), "s:Header/wsse:Security")
    assert security.get(f"{{{NAMES['s']}}}mustUnderstand") == sent
    assert verify(message) == {"Body", "Timestamp"}


def test_every_command_is_checked_by_the_schema() -> None:
    """The message of every command is checked."""
    names = {line.partition(" ")[0] for line in [line for line, _ in MESSAGES] + SCHEMA_ONLY}
    assert {COMMANDS[name].action for name in names} == {command.action for command in ALL}


def test_files(commands: Commands, tmp_path: Path) -> None:
    """A file's bytes are sent in base64."""
    file = tmp_path / "file"
    file.write_bytes(b"ssh-rsa AAAA\n\xff")
    assert "c3NoLXJzYSBBQUFBCv8=" in commands.sent_message(
        ["ec2-import-keypair", "key", "-f", str(file)]
    )
    assert "c3NoLXJzYSBBQUFBCv8=" in commands.sent_message(
        ["ec2-run-instances", "ami-1", "-f", str(file)]
    )


def test_any_text(commands: Commands) -> None:
    """Text is sent as it was typed; characters that XML cannot contain are refused."""
    message = commands.sent_message(["ec2-create-snapshot", "vol-1", "-d", "<&\"' é \n 木"])
    assert etree.fromstring(message).findtext("description") == "<&\"' é \n 木"
    status, _, err = commands.run(["ec2-create-snapshot", "vol-1", "-d", "bell\a"])
    assert (status, err) == (2, "'bell\\x07' has a character that no message can carry\n")


def test_a_listing_without_arguments_sends_two_requests(commands: Commands) -> None:
    """Without arguments, the user's images and those that he may launch are listed, each once."""
    image = "<item><imageId>ami-{}</imageId></item>"
    mine, both = image.format(1), image.format(1) + image.format(2)
    answers = [
        answer("DescribeImages", f"<imagesSet>{content}</imagesSet>") for content in (mine, both)
    ]
    status, out, _ = commands.run(["python", "ec2-describe-images"], *answers)
    assert status == 0
    assert [line.split("\t")[1] for line in out.splitlines()] == ["ami-1", "ami-2"]
    sent = [request.body for request in commands.server.requests]
    assert "<owner>self</owner>" in sent[0]
    assert "<user>self</user>" in sent[1]
