"""Empty texts: where something is required, they are nothing; else they are as good as none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Requirement
from suites.contract.dsl import passes, rejects
from suites.values.value_suite import BAD_VALUE, RAW, ValueSuite

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "CreateKeyPair": ("KeyName",),
    "DeleteKeyPair": ("KeyName",),
    "ImportKeyPair": ("KeyName", "PublicKeyMaterial"),
    "CreateSecurityGroup": ("GroupName", "GroupDescription"),
    "DeleteSecurityGroup": ("GroupName",),
    "AuthorizeSecurityGroupIngress": ("GroupName", "IpPermissions.1.IpProtocol"),
    "RevokeSecurityGroupIngress": ("GroupName", "IpPermissions.1.IpProtocol"),
    "CreateImage": ("Name",),
    "RegisterImage": ("Name", "ImageLocation"),
    "DescribeImageAttribute": ("Attribute",),
    "ResetImageAttribute": ("Attribute",),
    "DescribeInstanceAttribute": ("Attribute",),
    "AssociateAddress": ("PublicIp",),
    "DisassociateAddress": ("PublicIp",),
    "ReleaseAddress": ("PublicIp",),
    "AttachVolume": ("Device",),
    "CreateVolume": ("AvailabilityZone", "Size"),
    "RunInstances": ("MinCount", "MaxCount"),
}
NOTHING = BAD_VALUE | {
    *("InvalidAMIName.Malformed", "InvalidManifest", "InvalidKey.Format", "InvalidKeyPair.Format"),
    *("InvalidRequest", "InvalidPermission.Malformed", "InvalidZone.NotFound"),
    *("InvalidAddress.Malformed", "InvalidAddress.NotFound", "AuthFailure"),
}
# Descriptions: a bridge may put the name in the place of an empty one.
DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "CreateImage": ("Description", "displaytext"),
    "RegisterImage": ("Description", "displaytext"),
}
OPTIONAL = ("KeyName", "UserData", "ClientToken")  # of a launch


def _empty() -> Iterator[Requirement]:
    for action, parameters in REQUIRED.items():
        for parameter in parameters:
            yield rejects(
                action,
                f"{parameter}-empty",
                f"{action} with an empty {parameter} is refused.",
                NOTHING,
                drivers=RAW,
                tampering={"parameters": f"{parameter}="},
            )
    for action, (parameter, sent) in DESCRIPTIONS.items():
        yield passes(
            action,
            f"{parameter}-empty",
            f"An empty {parameter} is none: the image has no other text but its name.",
            drivers=RAW,
            tampering={"parameters": f"{parameter}="},
            parameters={sent: {"optional": ["{unique.name}"]}},
            or_refused=True,
        )
    for parameter in OPTIONAL:
        yield passes(
            "RunInstances",
            f"{parameter}-empty",
            f"An empty {parameter} is none, or is refused.",
            drivers=RAW,
            tampering={"parameters": f"{parameter}="},
            or_refused=True,
        )


class TestEmptyTexts(ValueSuite):
    """Empty texts."""

    requirements = tuple(_empty())
