"""Calls that real bridges were observed to send, in order: the server supports all of them."""

from __future__ import annotations

import pytest

from tests.support.management_client import Cloud


@pytest.fixture
def vm(cloud: Cloud) -> str:
    """A running instance."""
    return cloud.deploy()


def test_addresses(cloud: Cloud, vm: str) -> None:
    """AllocateAddress to ReleaseAddress, as three bridges send them."""
    zone = cloud.list("listZones", available="true")[0]["id"]
    domain = cloud.world.domain_id
    cloud.call("associateIpAddress", account="alice", domainid=domain, zoneid=zone)
    networks = cloud.list(
        "listNetworks", account="alice", domainid=domain, isdefault="true", zoneid=zone
    )
    for availability in ("Required", "Optional"):
        settings = {"availability": availability, "isdefault": "true", "zoneid": zone}
        assert cloud.list("listNetworkOfferings", **settings) == []
    cloud.call("associateIpAddress", networkid=networks[0]["id"], zoneid=zone)
    public = cloud.list("listPublicIpAddresses")[0]
    assert cloud.list("listPublicIpAddresses", ipaddress=public["ipaddress"]) == [public]
    assert cloud.list("listVirtualMachines", id=vm, listall="true")
    cloud.call("enableStaticNat", ipaddressid=public["id"], virtualmachineid=vm)
    job = cloud.call("disableStaticNat", ipaddressid=public["id"])["jobid"]
    assert cloud.call("queryAsyncJobResult", jobId=job)["jobresult"] == {"success": True}
    assert cloud.job_result("disassociateIpAddress", id=public["id"]) == {"success": True}


def test_images(cloud: Cloud, vm: str) -> None:
    """CreateImage stops the instance, creates a template of its root volume and starts it; then the
    other calls about images."""
    volume = cloud.list("listVolumes", virtualmachineid=vm)[0]
    assert volume["type"] == "ROOT"
    cloud.job_result("stopVirtualMachine", forced="true", id=vm)
    instance = cloud.list("listVirtualMachines", id=vm, listall="true")[0]
    origin = cloud.list("listTemplates", id=instance["templateid"], templatefilter="executable")[0]
    settings = {"displaytext": "d", "name": "n", "ostypeid": origin["ostypeid"]}
    template = cloud.job_result("createTemplate", volumeid=volume["id"], **settings)["template"][
        "id"
    ]
    cloud.job_result("startVirtualMachine", id=vm)
    for template_filter in ("selfexecutable", "featured", "sharedexecutable", "community"):
        cloud.call("listTemplates", templatefilter=template_filter)
    assert (
        cloud.call("listTemplatePermissions", id=template)["templatepermission"]["id"] == template
    )
    change = {"accounts": "bob", "id": template}
    cloud.call("updateTemplatePermissions", ispublic="false", op="add", **change)
    cloud.call("updateTemplatePermissions", op="remove", **change)
    cloud.call("updateTemplatePermissions", id=template, op="reset", accounts="")
    assert cloud.job_result("deleteTemplate", id=template) == {"success": True}


def test_registered_image(cloud: Cloud) -> None:
    """RegisterImage looks up operating system and zone, and registers in one call."""
    os_type = cloud.list("listOsTypes")[0]
    zone = cloud.list("listZones", available="true")[0]
    (template,) = cloud.list(
        "registerTemplate",
        displaytext="d",
        format="VHD",
        hypervisor="XenServer",
        name="n",
        ostypeid=os_type["id"],
        url="http://example.com/t.vhd",
        zoneid=zone["id"],
    )
    assert template["id"]
    for field in ("isready", "hypervisor", "ostypeid", "tags", "account", "domainid", "ispublic"):
        assert field in template


def test_instances(cloud: Cloud) -> None:
    """RunInstances lists account, limit, instances, offering and zone before it deploys."""
    account = cloud.list("listAccounts")[0]
    assert account["user"][0]["secretkey"] == cloud.users["alice"].secret_key
    assert cloud.list("listResourceLimits", resourcetype="0")[0]["max"] == -1
    assert cloud.list("listVirtualMachines", listAll="true") == []
    offering = cloud.list("listServiceOfferings", issystem="false", name="m1.small")[0]["id"]
    zone = cloud.list("listZones", available="true")[0]["id"]
    assert cloud.list("listZones", id=zone)
    settings = {"serviceofferingid": offering, "size": "0", "zoneid": zone}
    started = cloud.call("deployVirtualMachine", templateid=cloud.world.template_id, **settings)
    job = cloud.call("queryAsyncJobResult", jobId=started["jobid"])
    vm = job["jobresult"]["virtualmachine"]["id"]
    assert vm == started["id"]
    for command, more in (
        ("rebootVirtualMachine", {}),
        ("stopVirtualMachine", {"forced": "false"}),
        ("startVirtualMachine", {}),
        ("destroyVirtualMachine", {}),
    ):
        assert cloud.list("listVirtualMachines", id=vm, listall="true")
        assert cloud.job_result(command, id=vm, **more)["virtualmachine"]["id"] == vm


def test_what_bridges_read_of_an_instance(cloud: Cloud, vm: str) -> None:
    """A listed instance has every field whose absence crashes a real bridge."""
    shown = cloud.list("listVirtualMachines", id=vm)[0]
    needed = (
        "id name zonename templateid state created account domainid hypervisor rootdeviceid"
        " serviceofferingid nic tags"
    )
    assert set(needed.split()) <= shown.keys()
    volume = cloud.list("listVolumes")[0]
    needed = "id created state size type zonename tags vmstate deviceid"
    assert set(needed.split()) <= volume.keys()


def test_key_pairs_and_passwords(cloud: Cloud) -> None:
    """CreateKeyPair to GetPasswordData, each one call."""
    assert cloud.call("createSSHKeyPair", name="k")["keypair"]["privatekey"]
    assert cloud.list("listSSHKeyPairs")[0]["name"] == "k"
    vm = cloud.deploy(templateid=cloud.world.password_template_id, keypair="k")
    assert cloud.call("getVMPassword", id=vm)["password"]["encryptedpassword"]
    cloud.call("deleteSSHKeyPair", name="k")
    key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7"
    assert cloud.refusal("registerSSHKeyPair", name="k", publickey=key)[0] == 431


def test_security_groups(cloud: Cloud) -> None:
    """A group is created, gets a rule, is listed, loses the rule and is deleted, by name."""
    created = cloud.call("createSecurityGroup", description="d", name="web")["securitygroup"]
    rule = {"cidrlist": "0.0.0.0/0", "endport": "80", "protocol": "tcp", "startport": "80"}
    cloud.job_result("authorizeSecurityGroupIngress", securitygroupname="web", **rule)
    groups = cloud.list("listSecurityGroups", listall="true")
    web = next(group for group in groups if group["id"] == created["id"])
    needed = "id name description account domainid ingressrule tags"
    assert set(needed.split()) <= web.keys()
    cloud.job_result("revokeSecurityGroupIngress", id=web["ingressrule"][0]["ruleid"])
    assert cloud.call("deleteSecurityGroup", name="web") == {"success": "true"}


def test_volumes_and_snapshots(cloud: Cloud, vm: str) -> None:
    """CreateVolume to DeleteSnapshot; the disk offering is the customized one without tags."""
    offerings = cloud.list("listDiskOfferings")
    custom = next(o for o in offerings if o["iscustomized"] and not o.get("tags"))["id"]
    zone = cloud.list("listZones", available="true")[0]["id"]
    settings = {"diskofferingid": custom, "name": "v", "size": "1", "zoneid": zone}
    volume = cloud.job_result("createVolume", **settings)["volume"]["id"]
    cloud.job_result("attachVolume", deviceid="1", id=volume, virtualmachineid=vm)
    snapshot = cloud.job_result("createSnapshot", volumeid=volume)["snapshot"]
    needed = "id name volumeid snapshottype state created account domainid tags"
    assert set(needed.split()) <= snapshot.keys()
    assert cloud.list("listVolumes", id=volume)[0]["size"] == 2**30
    assert cloud.list("listSnapshots")[0]["volumeid"] == volume
    cloud.job_result("deleteSnapshot", id=snapshot["id"])
    cloud.job_result("detachVolume", id=volume)
    assert cloud.call("deleteVolume", id=volume) == {"success": "true"}


def test_tags_and_attributes(cloud: Cloud, vm: str) -> None:
    """Calls of bridges outside the documented tables: tags and changes of an instance."""
    tags = {"tags[0].key": "a", "tags[0].value": "b"}
    cloud.job_result("createTags", resourcetype="userVm", resourceIds=vm, **tags)
    assert cloud.list("listTags", listall="true")[0]["resourcetype"] == "UserVm"
    cloud.job_result("deleteTags", resourcetype="userVm", resourceIds=vm, **tags)
    cloud.job_result("stopVirtualMachine", id=vm)
    cloud.call("updateVirtualMachine", id=vm, userdata="aGVsbG8=")
    offering = cloud.list("listServiceOfferings", name="m1.large")[0]["id"]
    cloud.call("changeServiceForVirtualMachine", id=vm, serviceofferingid=offering)
