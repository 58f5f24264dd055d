"""Parameters that are lists: an empty list is a value, and empty items are none."""

from __future__ import annotations

import pytest

from tests.support.management_client import Cloud

PERMISSIONS = "updateTemplatePermissions"


@pytest.fixture
def template(cloud: Cloud) -> str:
    """The id of a private template of alice's."""
    vm = cloud.deploy()
    cloud.job_result("stopVirtualMachine", id=vm)
    settings = {
        "displaytext": "d",
        "name": "n",
        "ostypeid": next(iter(cloud.world.os_types.values())),
    }
    created = cloud.job_result("createTemplate", volumeid=cloud.root(vm), **settings)
    return str(created["template"]["id"])


def permissions(cloud: Cloud, template: str) -> tuple[bool, list[str]]:
    """Whether a template is public, and the accounts that may launch it besides its owner."""
    shown = cloud.call("listTemplatePermissions", id=template)["templatepermission"]
    return shown["ispublic"], [name for name in shown.get("account", []) if name != "alice"]


def test_publishing_with_an_empty_list_of_accounts(cloud: Cloud, template: str) -> None:
    """Bridges publish an image with `op=add`, no accounts and `ispublic`; and take that back."""
    cloud.call(PERMISSIONS, id=template, op="add", accounts="", ispublic="true")
    assert permissions(cloud, template) == (True, [])
    cloud.call(PERMISSIONS, id=template, op="remove", accounts="", ispublic="false")
    assert permissions(cloud, template) == (False, [])


def test_empty_items_are_skipped(cloud: Cloud, template: str) -> None:
    """`,bob` and `bob,` are lists of one account; a blank is part of a name."""
    cloud.call(PERMISSIONS, id=template, op="add", accounts=",bob")
    assert permissions(cloud, template) == (False, ["bob"])
    cloud.call(PERMISSIONS, id=template, op="remove", accounts="bob,,")
    assert permissions(cloud, template) == (False, [])
    assert cloud.refusal(PERMISSIONS, id=template, op="add", accounts=" bob")[0] == 431


def test_a_list_needs_an_operation(cloud: Cloud, template: str) -> None:
    """Also the empty one; an operation needs a list, if only an empty one."""
    code, text = cloud.refusal(PERMISSIONS, id=template, accounts="")
    assert (code, text.startswith("Invalid operation on accounts")) == (431, True)
    code, text = cloud.refusal(PERMISSIONS, id=template, op="add", ispublic="true")
    assert (code, text) == (431, "Operation add requires accounts or projectIds to be passed in")


def test_revoking_from_an_unknown_account(cloud: Cloud, template: str) -> None:
    """Only granting looks for the account; the text names it and its domain."""
    cloud.call(PERMISSIONS, id=template, op="remove", accounts="eve,bob")
    code, text = cloud.refusal(PERMISSIONS, id=template, op="add", accounts="bob,eve")
    assert code == 431
    assert text.startswith("Unable to grant a launch permission to account eve in domain id=")
    assert permissions(cloud, template) == (False, [])


def test_empty_lists_of_other_commands(cloud: Cloud) -> None:
    """They restrict nothing, choose the default, or leave nothing to do."""
    vm = cloud.deploy(securitygroupids="", networkids="")
    assert [shown["id"] for shown in cloud.list("listVirtualMachines", ids="")] == [vm]
    (shown,) = cloud.list("listVirtualMachines", details="")
    assert [group["name"] for group in shown["securitygroup"]] == ["default"]
    tag = {"tags[0].key": "a", "tags[0].value": "b"}
    failure = cloud.job_error("createTags", resourcetype="userVm", resourceids="", **tag)
    assert failure == (530, "Failed to create tags")
    group = cloud.call("createSecurityGroup", name="web")["securitygroup"]["id"]
    rule = {"securitygroupid": group, "protocol": "tcp", "startport": "1", "endport": "2"}
    failure = cloud.job_error("authorizeSecurityGroupIngress", cidrlist="", **rule)
    assert failure == (530, "Failed to authorize security group ingress rule(s)")
    assert "At least one cidr" in cloud.job_error("authorizeSecurityGroupIngress", **rule)[1]
    both = {"securitygroupids": "", "securitygroupnames": "web"}
    image = {"zoneid": cloud.world.zone_id, "templateid": cloud.world.template_id, **both}
    image["serviceofferingid"] = cloud.world.service_offerings["m1.small"]
    assert "mutually exclusive" in cloud.refusal("deployVirtualMachine", **image)[1]
