"""The samples that fuzzing begins with: requests and a record that are accepted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import run
from tempfile import TemporaryDirectory

from reports.record.run_file import FILE
from tools.fuzz.mutation import Sample

_FILTER = {"Filter.1.Name": "tag:role", "Filter.1.Value.1": "w*b", "Filter.2.Name": "tag-key"}
_RULE = {
    "GroupName": "default",
    "IpPermissions.1.IpProtocol": "tcp",
    "IpPermissions.1.FromPort": "22",
    "IpPermissions.1.ToPort": "22",
    "IpPermissions.1.IpRanges.1.CidrIp": "10.0.0.0/8",
    "IpPermissions.2.Groups.1.GroupName": "default",
}

QUERY: Sequence[Sample] = (
    *({"Action": f"Describe{name}", **_FILTER} for name in ("Instances", "Volumes", "Images")),
    *({"Action": f"Describe{name}"} for name in ("Snapshots", "Addresses", "Tags", "KeyPairs")),
    {"Action": "DescribeSecurityGroups", "GroupName.1": "default"},
    {"Action": "CreateVolume", "AvailabilityZone": "conform", "Size": "3"},
    {"Action": "CreateSecurityGroup", "GroupName": "web", "GroupDescription": "d"},
    {"Action": "AuthorizeSecurityGroupIngress", **_RULE},
    {"Action": "RevokeSecurityGroupIngress", **_RULE},
    {"Action": "CreateKeyPair", "KeyName": "key"},
    {"Action": "ImportKeyPair", "KeyName": "key", "PublicKeyMaterial": "c3NoLXJzYSBBQUFB"},
    {"Action": "CreateTags", "ResourceId.1": "1", "Tag.1.Key": "role", "Tag.1.Value": "web"},
    {"Action": "DeleteTags", "ResourceId.1": "1", "Tag.1.Key": "role"},
    {
        "Action": "RunInstances",
        "ImageId": "1",
        "MinCount": "1",
        "MaxCount": "1",
        "InstanceType": "m1.small",
        "UserData": "YQ==",
        "BlockDeviceMapping.1.DeviceName": "/dev/sdb",
        "ClientToken": "token",
    },
    {"Action": "AttachVolume", "VolumeId": "1", "InstanceId": "1", "Device": "/dev/sdb"},
    {"Action": "ModifyImageAttribute", "ImageId": "1", "LaunchPermission.Add.1.UserId": "bob"},
)

_EC2 = 'xmlns="http://ec2.amazonaws.com/doc/2010-11-15/"'
SOAP_BODIES: Sequence[str] = (
    f"<DescribeAvailabilityZones {_EC2}><availabilityZoneSet/></DescribeAvailabilityZones>",
    f"<DescribeInstances {_EC2}><instancesSet><item><instanceId>1</instanceId></item>"
    "</instancesSet></DescribeInstances>",
    f"<CreateVolume {_EC2}><size>3</size><availabilityZone>conform</availabilityZone>"
    "</CreateVolume>",
    f"<CreateTags {_EC2}><resourcesSet><item><resourceId>1</resourceId></item></resourcesSet>"
    "<tagSet><item><key>a</key><value>b</value></item></tagSet></CreateTags>",
    f"<DescribeVolumes {_EC2}><volumeSet/><filterSet><item><name>size</name><valueSet><item>"
    "<value>1</value></item></valueSet></item></filterSet></DescribeVolumes>",
)

_KEY = "/bucket/key"
_CORS = (
    "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET"
    "</AllowedMethod><MaxAgeSeconds>3</MaxAgeSeconds></CORSRule></CORSConfiguration>"
)
_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
    '"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*","Condition":{"NumericLessThan":{"s3:max-keys":"5"}}}]}'
)
_PARTS = (
    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>"
    "</CompleteMultipartUpload>"
)
_TAGS = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
_ATTRIBUTES = "header:x-amz-object-attributes"
_DELETE = "<Delete><Object><Key>key</Key></Object></Delete>"

S3: Sequence[Sample] = (
    {"method": "PUT", "path": "/bucket"},
    {"method": "PUT", "path": _KEY, "body": "content", "header:x-amz-meta-a": "b"},
    {"method": "PUT", "path": _KEY, "body": "a", "header:x-amz-checksum-crc32": "6Le+Qw=="},
    {
        "method": "PUT",
        "path": _KEY,
        "header:x-amz-copy-source": _KEY,
        "header:x-amz-acl": "private",
    },
    {"method": "GET", "path": _KEY, "header:range": "bytes=0-3", "header:if-match": '"x"'},
    {"method": "GET", "path": _KEY, "query:response-content-type": "a/b", "query:partNumber": "1"},
    {
        "method": "GET",
        "path": _KEY,
        "query:attributes": "",
        "header:x-amz-object-attributes": "ETag",
    },
    {"method": "HEAD", "path": _KEY},
    {"method": "GET", "path": "/bucket", "query:max-keys": "5", "query:prefix": "k"},
    {"method": "GET", "path": "/bucket", "query:list-type": "2", "query:delimiter": "/"},
    {"method": "GET", "path": "/bucket", "query:versions": "", "query:key-marker": "a"},
    {"method": "POST", "path": _KEY, "query:uploads": ""},
    {"method": "POST", "path": _KEY, "query:uploadId": "x", "body": _PARTS},
    {"method": "PUT", "path": "/bucket", "query:cors": "", "body": _CORS},
    {"method": "OPTIONS", "path": _KEY, "header:origin": "http://a"},
    {"method": "PUT", "path": "/bucket", "query:policy": "", "body": _POLICY},
    {"method": "PUT", "path": _KEY, "query:tagging": "", "body": _TAGS},
    {"method": "POST", "path": "/bucket", "query:delete": "", "body": _DELETE},
    {"method": "DELETE", "path": _KEY},
)

CLOUD: Sequence[Sample] = (
    *(
        {"command": f"list{name}", "response": "json", "page": "1", "pagesize": "5", "keyword": "a"}
        for name in ("VirtualMachines", "Volumes", "Snapshots", "SecurityGroups", "Zones", "Tags")
    ),
    {"command": "listTemplates", "templatefilter": "executable", "tags[0].key": "a"},
    {"command": "listEvents", "startdate": "2014-01-01", "enddate": "2014-01-01 10:00:00"},
    {"command": "createSecurityGroup", "name": "web", "description": "d"},
    {"command": "createVolume", "name": "v", "size": "3", "zoneid": "1", "diskofferingid": "1"},
    {
        "command": "authorizeSecurityGroupIngress",
        "securitygroupname": "default",
        "protocol": "tcp",
        "startport": "22",
        "endport": "22",
        "cidrlist": "10.0.0.0/8",
        "usersecuritygrouplist[0].account": "bob",
        "usersecuritygrouplist[0].group": "default",
    },
    {"command": "registerSSHKeyPair", "name": "k", "publickey": "ssh-rsa AAAA"},
    {"command": "deployVirtualMachine", "zoneid": "1", "templateid": "1", "serviceofferingid": "1"},
    {"command": "createTags", "resourcetype": "Volume", "resourceids": "1", "tags[0].key": "a"},
    {"command": "queryAsyncJobResult", "jobid": "1"},
)


def record_sample() -> Sample:
    """The lines of a record of a short run."""
    with TemporaryDirectory(prefix="fuzz") as out:
        command = ("-m", "tools.conform", "run", "-n", "1", "--suite", "zones", "--out", out)
        run((sys.executable, *command), capture_output=True, check=True)
        file = next(Path(out).glob(f"2*/{FILE}"))
        lines = file.read_text().splitlines()
    few = (*lines[:4], lines[-1])
    return {f"{number:03}": line for number, line in enumerate(few)}
