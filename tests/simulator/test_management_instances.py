"""Simulated instances: their states, changes and refusals."""

from __future__ import annotations

import base64
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.support.management_client import Cloud

VMS = "listVirtualMachines"


def test_deployment_passes_through_starting(slow: Cloud) -> None:
    """An instance shows Starting, with its pending job, until it is Running."""
    vm = slow.deploy()
    shown = slow.list(VMS, id=vm)[0]
    assert (shown["state"], shown["jobstatus"]) == ("Starting", 0)
    job = slow.job(shown["jobid"])
    assert (job["jobstatus"], job["jobresultcode"]) == (0, 0)
    assert not {"jobresult", "jobresulttype"} & job.keys()
    slow.clock.advance(9)
    assert slow.state(VMS, vm) == "Starting"
    slow.clock.advance(1)
    assert slow.state(VMS, vm) == "Running"
    assert "jobid" not in slow.list(VMS, id=vm)[0]
    job = slow.job(shown["jobid"])
    assert (job["jobstatus"], job["jobinstanceid"]) == (1, vm)
    assert job["jobresult"]["virtualmachine"]["state"] == "Running"
    assert job["cmd"] == "org.apache.cloudstack.api.command.user.vm.DeployVMCmd"


def test_stop_start_reboot_and_destroy(slow: Cloud) -> None:
    """During each change an instance has the documented intermediate state, then the final one."""
    vm = slow.deploy()
    slow.clock.advance(10)
    for command, between, after in (
        ("stopVirtualMachine", "Stopping", "Stopped"),
        ("startVirtualMachine", "Starting", "Running"),
        ("rebootVirtualMachine", "Running", "Running"),
        ("destroyVirtualMachine", "Stopping", "Destroyed"),
    ):
        job = slow.call(command, id=vm)["jobid"]
        assert slow.state(VMS, vm, by="admin") == between
        slow.clock.advance(10)
        assert slow.state(VMS, vm, by="admin") == after
        assert slow.job(job)["jobresult"]["virtualmachine"]["state"] == after


def test_jobs_on_one_instance_wait_for_each_other(slow: Cloud) -> None:
    """A stop that comes while the instance starts is carried out afterwards, not refused."""
    vm = slow.deploy()
    stop = slow.call("stopVirtualMachine", id=vm)["jobid"]
    start = slow.call("startVirtualMachine", id=vm)["jobid"]
    slow.clock.advance(10)
    assert slow.state(VMS, vm) == "Stopping"
    slow.clock.advance(10)
    assert (slow.job(stop)["jobstatus"], slow.state(VMS, vm)) == (1, "Starting")
    slow.clock.advance(10)
    assert (slow.job(start)["jobstatus"], slow.state(VMS, vm)) == (1, "Running")


def test_queued_jobs_are_carried_out_in_order(slow: Cloud) -> None:
    """Queued jobs that are all due are carried out in order, each at its own time."""
    vm = slow.deploy()
    for command in ("stopVirtualMachine", "startVirtualMachine", "stopVirtualMachine"):
        slow.call(command, id=vm)
    slow.clock.advance(1000)
    assert slow.state(VMS, vm) == "Stopped"
    times = [
        e["created"] for e in slow.list("listEvents", type="VM.STOP") if e["state"] == "Completed"
    ]
    assert len(set(times)) == 2


def test_a_listed_instance_has_all_fields(cloud: Cloud) -> None:
    """A listed instance has every field that bridges read."""
    cloud.call("createSSHKeyPair", name="key")
    cloud.call("createSecurityGroup", name="web")
    vm = cloud.deploy(
        keypair="key", securitygroupnames="web,default", group="farm", name="host1", size="0"
    )
    shown = cloud.list(VMS, id=vm, listall="true")[0]
    assert shown["name"] == "host1"
    assert shown["zonename"] == cloud.world.zone_name
    assert shown["templateid"] == cloud.world.template_id
    assert shown["serviceofferingname"] == "m1.small"
    assert (shown["account"], shown["domainid"]) == ("alice", cloud.world.domain_id)
    assert (shown["keypair"], shown["group"], shown["hypervisor"]) == ("key", "farm", "XenServer")
    assert (shown["rootdeviceid"], shown["rootdevicetype"]) == (0, "ROOT")
    assert {group["name"] for group in shown["securitygroup"]} == {"web", "default"}
    assert [nic["isdefault"] for nic in shown["nic"]] == [True]
    assert shown["nic"][0]["ipaddress"].startswith("10.")
    assert shown["tags"] == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", shown["created"])


def test_every_instance_has_its_own_address(cloud: Cloud) -> None:
    """No two instances share an IP or a MAC address."""
    for _ in range(20):
        cloud.deploy()
    nics = [vm["nic"][0] for vm in cloud.list(VMS)]
    assert len({nic["ipaddress"] for nic in nics}) == 20
    assert len({nic["macaddress"] for nic in nics}) == 20


def test_repeated_changes_succeed(cloud: Cloud) -> None:
    """Stopping a stopped instance, starting a running one, destroying a destroyed one succeed."""
    vm = cloud.deploy()
    assert cloud.job_result("startVirtualMachine", id=vm)["virtualmachine"]["state"] == "Running"
    cloud.job_result("stopVirtualMachine", id=vm)
    assert cloud.job_result("stopVirtualMachine", id=vm)["virtualmachine"]["state"] == "Stopped"
    cloud.job_result("destroyVirtualMachine", id=vm)
    assert (
        cloud.job_result("destroyVirtualMachine", id=vm)["virtualmachine"]["state"] == "Destroyed"
    )


def test_impossible_changes_fail_in_the_job(cloud: Cloud) -> None:
    """Rebooting a stopped instance and starting a destroyed one fail with 530."""
    vm = cloud.deploy()
    cloud.job_result("stopVirtualMachine", id=vm)
    assert cloud.job_error("rebootVirtualMachine", id=vm) == (530, "Failed to reboot vm instance")
    cloud.job_result("destroyVirtualMachine", id=vm)
    assert cloud.job_error("startVirtualMachine", id=vm)[0] == 530


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"keypair": "none"}, "A key pair with name 'none' was not found."),
        ({"securitygroupnames": "none"}, "Unable to find group by name none"),
        ({"userdata": "no base64!"}, "User data is not base64 encoded"),
        ({"userdata": "A" * 4096}, "User data is too long"),
        ({"name": "-bad-"}, "Invalid name"),
        ({"ipaddress": "192.0.2.1"}, "Invalid ip address"),
        ({"templateid": "0"}, "Invalid parameter templateid"),
    ],
)
def test_impossible_deployments_are_refused_at_once(
    cloud: Cloud, parameters: dict[str, str], text: str
) -> None:
    """An impossible deployment is refused with 431 and leaves nothing behind."""
    image = {"zoneid": cloud.world.zone_id, "templateid": cloud.world.template_id}
    image["serviceofferingid"] = cloud.world.service_offerings["m1.small"]
    code, error = cloud.refusal("deployVirtualMachine", **image | parameters)
    assert code == 431
    assert text in error
    assert cloud.list(VMS) == []
    assert cloud.list("listVolumes") == []


def test_names_and_ids_of_groups_exclude_each_other(cloud: Cloud) -> None:
    """Groups are given by name or by id, not by both."""
    group = cloud.list("listSecurityGroups")[0]["id"]
    image = {"zoneid": cloud.world.zone_id, "templateid": cloud.world.template_id}
    image["serviceofferingid"] = cloud.world.service_offerings["m1.small"]
    both = {"securitygroupids": group, "securitygroupnames": "default"}
    assert cloud.refusal("deployVirtualMachine", **image | both)[0] == 431
    assert cloud.deploy(securitygroupids=group)


def test_template_must_be_ready_and_permitted(cloud: Cloud) -> None:
    """No instance is deployed from another account's private template, nor before it is ready."""
    template = cloud.call(
        "registerTemplate",
        by="bob",
        name="mine",
        displaytext="mine",
        format="VHD",
        hypervisor="XenServer",
        ostypeid=next(iter(cloud.world.os_types.values())),
        url="http://example.com/t.vhd",
        zoneid=cloud.world.zone_id,
    )["template"][0]["id"]
    image = {"zoneid": cloud.world.zone_id, "templateid": template}
    image["serviceofferingid"] = cloud.world.service_offerings["m1.small"]
    code, text = cloud.refusal("deployVirtualMachine", **image)
    assert code == 531
    assert "does not have permission to launch instances from Tmpl" in text
    cloud.call("updateTemplatePermissions", by="bob", id=template, op="add", accounts="alice")
    assert cloud.deploy(templateid=template)


def test_limit_refuses_one_too_many(cloud: Cloud) -> None:
    """An account cannot have more instances than its limit; destroyed ones do not count."""
    limit = {"account": "alice", "domainid": cloud.world.domain_id, "resourcetype": "0"}
    cloud.call("updateResourceLimit", by="admin", max="1", **limit)
    vm = cloud.deploy()
    image = {"zoneid": cloud.world.zone_id, "templateid": cloud.world.template_id}
    image["serviceofferingid"] = cloud.world.service_offerings["m1.small"]
    code, text = cloud.refusal("deployVirtualMachine", **image)
    assert code == 535
    assert "Maximum number of resources of type 'user_vm' for account" in text
    cloud.job_result("destroyVirtualMachine", id=vm)
    assert cloud.deploy()


def test_destroyed_instances_are_hidden_and_expunged(cloud: Cloud) -> None:
    """Users do not see destroyed instances, administrators do until they are expunged."""
    vm = cloud.deploy()
    disk = cloud.volume()
    cloud.job_result("attachVolume", id=disk, virtualmachineid=vm)
    root = cloud.root(vm)
    cloud.job_result("destroyVirtualMachine", id=vm)
    assert cloud.list(VMS) == []
    assert cloud.list(VMS, id=vm) == []
    assert cloud.state(VMS, vm, by="admin") == "Destroyed"
    assert cloud.list("listVolumes", id=root) == []
    cloud.clock.advance(2 * 86_400)
    assert cloud.list(VMS, by="admin", id=vm) == []
    assert cloud.list("listVolumes", id=root) == []
    assert "virtualmachineid" not in cloud.list("listVolumes", id=disk)[0]
    assert cloud.job_error("startVirtualMachine", id=vm)[0] == 530


def test_only_administrators_expunge_at_once(cloud: Cloud) -> None:
    """`expunge` is refused to users with 531 and carried out for administrators."""
    vm = cloud.deploy()
    assert cloud.refusal("destroyVirtualMachine", id=vm, expunge="true")[0] == 531
    cloud.job_result("destroyVirtualMachine", by="admin", id=vm, expunge="true")
    assert cloud.list(VMS, by="admin", id=vm) == []


def test_password_is_readable_with_the_private_key_only(cloud: Cloud) -> None:
    """The password of a password-enabled template is encrypted with the public key."""
    pem = cloud.call("createSSHKeyPair", name="key")["keypair"]["privatekey"]
    with_password = {"templateid": cloud.world.password_template_id}
    vm = cloud.deploy(keypair="key", **with_password)
    job = cloud.management.journal.since(0)[-1]
    plain = job.answer["virtualmachine"]["password"]
    secret = cloud.call("getVMPassword", id=vm)["password"]["encryptedpassword"]
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    assert key.decrypt(base64.b64decode(secret), PKCS1v15()).decode() == plain
    for other in (cloud.deploy(), cloud.deploy(**with_password)):
        code, text = cloud.refusal("getVMPassword", id=other)
        assert code == 431
        assert "No password for VM with specified id found" in text


def test_offering_changes_while_stopped_only(cloud: Cloud) -> None:
    """The offering of a stopped instance can be changed, that of a running one cannot."""
    vm = cloud.deploy()
    large = {"id": vm, "serviceofferingid": cloud.world.service_offerings["m1.large"]}
    code, text = cloud.refusal("changeServiceForVirtualMachine", **large)
    assert code == 431
    assert "make sure the virtual machine is stopped" in text
    cloud.job_result("stopVirtualMachine", id=vm)
    changed = cloud.call("changeServiceForVirtualMachine", **large)["virtualmachine"]
    assert (changed["serviceofferingname"], changed["memory"]) == ("m1.large", 2048)
    assert (
        "it already has the requested"
        in cloud.refusal("changeServiceForVirtualMachine", **large)[1]
    )


def test_filters_of_instances(cloud: Cloud) -> None:
    """State, name, group, tag and list of ids select instances; `details` selects fields."""
    first, second = cloud.deploy(name="first", group="farm"), cloud.deploy(name="second")
    cloud.job_result("stopVirtualMachine", id=second)
    tag = {"tags[0].key": "role", "tags[0].value": "web"}
    cloud.job_result("createTags", resourcetype="UserVm", resourceids=first, **tag)
    assert [vm["id"] for vm in cloud.list(VMS, state="Stopped")] == [second]
    assert [vm["id"] for vm in cloud.list(VMS, name="first")] == [first]
    assert [vm["id"] for vm in cloud.list(VMS, **tag)] == [first]
    assert [vm["id"] for vm in cloud.list(VMS, ids=f"{first},{second}")] == [first, second]
    group = cloud.list(VMS, id=first)[0]["groupid"]
    assert [vm["id"] for vm in cloud.list(VMS, groupid=group)] == [first]
    assert "nic" not in cloud.list(VMS, id=first, details="min")[0]
    assert cloud.refusal(VMS, details="everything")[0] == 431
