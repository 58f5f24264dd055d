"""What there is in an account of CloudStack."""

from __future__ import annotations

from fixtures.cloud.cloudstack import Cloud

LISTINGS = (
    ("listVirtualMachines", "virtualmachine"),
    ("listVolumes", "volume"),
    ("listSnapshots", "snapshot"),
    ("listPublicIpAddresses", "publicipaddress"),
    ("listSSHKeyPairs", "sshkeypair"),
    ("listSecurityGroups", "securitygroup"),
)


def resource_ids(cloud: Cloud) -> list[str]:
    """The ids (of key pairs the names) of all resources of the account, sorted; without what
    every account has, and without root volumes, which are removed with their instances."""
    identifiers = [
        str(resource.get("id") or resource["name"])
        for command, item in LISTINGS
        for resource in cloud.list(command, item)
        if resource.get("name") != "default" and resource.get("type") != "ROOT"
    ]
    images = cloud.list("listTemplates", "template", templatefilter="self")
    return sorted(identifiers + [str(image["id"]) for image in images])
