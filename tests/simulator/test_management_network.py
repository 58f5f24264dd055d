"""Simulated public addresses, static NAT, security groups and tags."""

from __future__ import annotations

import pytest

from tests.support.management_client import Cloud

ADDRESSES = "listPublicIpAddresses"
AUTHORIZE = "authorizeSecurityGroupIngress"


def allocate_address(cloud: Cloud, by: str = "alice") -> str:
    """Allocate a public address; its id."""
    return str(cloud.call("associateIpAddress", by, zoneid=cloud.world.zone_id)["id"])


def test_address_is_allocated_released_and_free_again(slow: Cloud) -> None:
    """An address passes through Allocating and Releasing and returns to the pool."""
    identifier = allocate_address(slow)
    assert slow.state(ADDRESSES, identifier) == "Allocating"
    slow.clock.advance(10)
    shown = slow.list(ADDRESSES)[0]
    assert (shown["id"], shown["state"], shown["isstaticnat"]) == (identifier, "Allocated", False)
    slow.call("disassociateIpAddress", id=identifier)
    assert slow.state(ADDRESSES, identifier) == "Releasing"
    slow.clock.advance(10)
    assert slow.list(ADDRESSES) == []
    assert allocate_address(slow) == identifier


def test_addresses_need_a_zone(cloud: Cloud) -> None:
    """An address is allocated from a zone's pool, selected by the id of the zone or its network."""
    assert cloud.refusal("associateIpAddress")[0] == 431
    assert cloud.call("associateIpAddress", networkid=cloud.world.network_id)["id"]


def test_the_pool_is_large_but_finite(cloud: Cloud) -> None:
    """There are at least two thousand addresses; after the last one the error is 533."""
    everything = cloud.call(
        ADDRESSES, by="admin", listall="true", allocatedonly="false", page=1, pagesize=1
    )
    assert everything["count"] >= 2000
    for _ in range(everything["count"]):
        cloud.management.execute("associateIpAddress", {"zoneid": cloud.world.zone_id}, "bob")
    expected = (533, "Insufficient address capacity")
    assert cloud.refusal("associateIpAddress", zoneid=cloud.world.zone_id) == expected


def test_static_nat_binds_one_address_to_one_instance(cloud: Cloud) -> None:
    """An address serves one instance and an instance has one address; both show it."""
    first, second = allocate_address(cloud), allocate_address(cloud)
    vm, other = cloud.deploy(), cloud.deploy()
    bind = {"ipaddressid": first, "virtualmachineid": vm}
    assert cloud.call("enableStaticNat", **bind) == {"success": "true"}
    assert cloud.call("enableStaticNat", **bind) == {"success": "true"}
    shown = cloud.list(ADDRESSES, id=first)[0]
    assert (shown["virtualmachineid"], shown["isstaticnat"]) == (vm, True)
    assert cloud.list("listVirtualMachines", id=vm)[0]["publicip"] == shown["ipaddress"]
    assert cloud.refusal("enableStaticNat", ipaddressid=first, virtualmachineid=other)[0] == 537
    code, text = cloud.refusal("enableStaticNat", ipaddressid=second, virtualmachineid=vm)
    assert code == 431
    assert text.startswith("Failed to enable static nat for the ip address id=")
    assert " as vm id=" in text
    assert " is already associated with ip id=" in text
    assert cloud.job_result("disableStaticNat", ipaddressid=first) == {"success": True}
    assert "publicip" not in cloud.list("listVirtualMachines", id=vm)[0]
    code, text = cloud.job_error("disableStaticNat", ipaddressid=first)
    assert (code, text) == (530, "Specified IP address id is not associated with any vm Id")


def test_releasing_an_address_unbinds_it(cloud: Cloud) -> None:
    """A released address is no longer the instance's, and releasing it twice succeeds."""
    identifier, vm = allocate_address(cloud), cloud.deploy()
    cloud.call("enableStaticNat", ipaddressid=identifier, virtualmachineid=vm)
    cloud.job_result("disassociateIpAddress", id=identifier)
    assert "publicip" not in cloud.list("listVirtualMachines", id=vm)[0]
    assert cloud.job_result("disassociateIpAddress", id=identifier) == {"success": True}
    assert cloud.refusal("enableStaticNat", ipaddressid=identifier, virtualmachineid=vm)[0] == 431


def test_every_account_has_a_default_group(cloud: Cloud) -> None:
    """Each account has a group `default` from its creation, which cannot be deleted."""
    for name in ("alice", "bob", "admin"):
        groups = cloud.list("listSecurityGroups", by=name)
        assert [(g["name"], g["account"], g["ingressrule"]) for g in groups] == [
            ("default", name, [])
        ]
    assert cloud.refusal("deleteSecurityGroup", name="default")[0] == 431


def test_groups_have_unique_names(cloud: Cloud) -> None:
    """A second group of a name is refused within an account."""
    group = cloud.call("createSecurityGroup", name="web", description="for the web")[
        "securitygroup"
    ]
    assert (group["description"], group["account"]) == ("for the web", "alice")
    code, text = cloud.refusal("createSecurityGroup", name="web")
    assert code == 431
    assert text.endswith("a group with name web already exisits.")
    assert cloud.call("createSecurityGroup", by="bob", name="web")


def test_groups_in_use_are_not_deleted(cloud: Cloud) -> None:
    """A group of an instance, or that another group's rule names, cannot be deleted: 536."""
    cloud.call("createSecurityGroup", name="web")
    vm = cloud.deploy(securitygroupnames="web")
    expected = (536, "Cannot delete group when it's in use by virtual machines")
    assert cloud.refusal("deleteSecurityGroup", name="web") == expected
    cloud.job_result("destroyVirtualMachine", id=vm)
    source = {"usersecuritygrouplist[0].account": "alice", "usersecuritygrouplist[0].group": "web"}
    cloud.job_result(AUTHORIZE, securitygroupname="default", **source)
    assert cloud.refusal("deleteSecurityGroup", name="web")[0] == 536
    rule = cloud.list("listSecurityGroups", securitygroupname="default")[0]["ingressrule"][0]
    assert (rule["account"], rule["securitygroupname"]) == ("alice", "web")
    cloud.job_result("revokeSecurityGroupIngress", id=rule["ruleid"])
    assert cloud.call("deleteSecurityGroup", name="web") == {"success": "true"}
    assert cloud.refusal("deleteSecurityGroup", name="web")[0] == 431


def test_authorizing_returns_the_new_rules_only(cloud: Cloud) -> None:
    """There is one rule for each CIDR; rules that existed before are not returned again."""
    web = {"securitygroupname": "default", "protocol": "tcp", "startport": "80", "endport": "80"}
    first = cloud.job_result(AUTHORIZE, cidrlist="10.0.0.0/8", **web)["securitygroup"][
        "ingressrule"
    ]
    assert [(r["protocol"], r["startport"], r["endport"], r["cidr"]) for r in first] == [
        ("tcp", 80, 80, "10.0.0.0/8")
    ]
    both = "10.0.0.0/8,192.0.2.0/24,192.0.2.0/24"
    second = cloud.job_result(AUTHORIZE, cidrlist=both, **web)["securitygroup"]["ingressrule"]
    assert [rule["cidr"] for rule in second] == ["192.0.2.0/24"]
    assert cloud.job_error(AUTHORIZE, cidrlist=both, **web) == (
        530,
        "Failed to authorize security group ingress rule(s)",
    )


def test_icmp_rules_have_type_and_code(cloud: Cloud) -> None:
    """A rule for ICMP has type and code in place of ports."""
    icmp = {"protocol": "icmp", "icmptype": "8", "icmpcode": "-1", "cidrlist": "0.0.0.0/0"}
    group = cloud.job_result(AUTHORIZE, securitygroupname="default", **icmp)["securitygroup"]
    rule = group["ingressrule"][0]
    assert (rule["icmptype"], rule["icmpcode"]) == (8, -1)
    assert not {"startport", "endport"} & rule.keys()


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"startport": "90"}, "Invalid port range"),
        ({"endport": "65536"}, "Invalid port numbers"),
        ({"protocol": "tcpp"}, "Invalid protocol"),
        ({"protocol": "all"}, "without specifying protocol"),
        ({"protocol": "icmp"}, "icmpType"),
        ({"cidrlist": "10.0.0.0"}, "Invalid cidr 10.0.0.0"),
        ({"cidrlist": ""}, "Failed to authorize"),
        (
            {"usersecuritygrouplist[0].account": "eve", "usersecuritygrouplist[0].group": "g"},
            "Nonexistent account",
        ),
        (
            {"usersecuritygrouplist[0].account": "bob", "usersecuritygrouplist[0].group": "g"},
            "Nonexistent group",
        ),
        ({"usersecuritygrouplist[0].account": "bob"}, "cannot be null"),
    ],
)
def test_impossible_rules_fail_in_the_job(cloud: Cloud, changed: dict[str, str], text: str) -> None:
    """An impossible rule fails with 530 and the reason; nothing is added."""
    web = {"securitygroupname": "default", "protocol": "tcp", "startport": "80", "endport": "80"}
    code, error = cloud.job_error(AUTHORIZE, **web | {"cidrlist": "10.0.0.0/8"} | changed)
    assert code == 530
    assert text in error
    assert cloud.list("listSecurityGroups")[0]["ingressrule"] == []


def test_rules_of_other_accounts_stay(cloud: Cloud) -> None:
    """Revoking another account's rule is refused with 531, an unknown rule with 431."""
    web = {"protocol": "tcp", "startport": "80", "endport": "80", "cidrlist": "10.0.0.0/8"}
    group = cloud.job_result(AUTHORIZE, securitygroupname="default", **web)["securitygroup"]
    rule = group["ingressrule"][0]["ruleid"]
    assert cloud.refusal("revokeSecurityGroupIngress", by="bob", id=rule)[0] == 531
    cloud.job_result("revokeSecurityGroupIngress", id=rule)
    assert cloud.refusal("revokeSecurityGroupIngress", id=rule)[0] == 431


def test_unknown_group_is_refused_at_once(cloud: Cloud) -> None:
    """A group is named by name or id; an unknown group is refused with 431, without a job."""
    code, text = cloud.refusal(AUTHORIZE, securitygroupname="none", cidrlist="10.0.0.0/8")
    assert (code, text) == (431, "Unable to find security group by name none")
    assert cloud.refusal(AUTHORIZE, cidrlist="10.0.0.0/8")[0] == 431


def test_tags_are_created_listed_and_deleted(cloud: Cloud) -> None:
    """Tags are created on several resources, listed with them, and deleted by key or all."""
    first, second = cloud.deploy(), cloud.deploy()
    tags = {
        "tags[0].key": "role",
        "tags[0].value": "web",
        "tags[1].key": "env",
        "tags[1].value": "test",
    }
    cloud.job_result("createTags", resourcetype="uservm", resourceids=f"{first},{second}", **tags)
    shown = cloud.list("listVirtualMachines", id=first)[0]["tags"]
    assert [(t["key"], t["value"], t["resourcetype"], t["resourceid"]) for t in shown] == [
        ("role", "web", "UserVm", first),
        ("env", "test", "UserVm", first),
    ]
    assert len(cloud.list("listTags", resourcetype="UserVm", key="role")) == 2
    assert cloud.list("listTags", by="bob") == []
    role = {"resourcetype": "UserVm", "resourceids": first, "tags[0].key": "role"}
    cloud.job_result("deleteTags", **role)
    assert len(cloud.list("listTags")) == 3
    assert cloud.job_error("deleteTags", **role) == (
        530,
        "Unable to find tags by parameters specified",
    )
    cloud.job_result("deleteTags", resourcetype="UserVm", resourceids=second)
    assert [tag["key"] for tag in cloud.list("listTags")] == ["env"]


def test_impossible_tags_fail(cloud: Cloud) -> None:
    """Unknown types and resources, empty values and existing keys fail with 530."""
    vm = cloud.deploy()
    tag = {"tags[0].key": "k", "tags[0].value": "v"}
    known = {"resourcetype": "UserVm", "resourceids": vm}
    assert cloud.job_error("createTags", **known | {"resourcetype": "Moon"} | tag)[0] == 530
    assert cloud.job_error("createTags", **known | {"resourceids": "none"} | tag)[0] == 530
    assert cloud.job_error("createTags", **known | tag | {"tags[0].value": ""})[0] == 530
    assert cloud.job_error("createTags", by="bob", **known | tag)[0] == 530
    cloud.job_result("createTags", **known, **tag)
    assert "Entity already exists" in cloud.job_error("createTags", **known, **tag)[1]
    assert cloud.refusal("createTags", **known)[0] == 431


def offerings(cloud: Cloud, **parameters: str) -> list[str]:
    """The names of the network offerings that a call lists."""
    return [offering["name"] for offering in cloud.list("listNetworkOfferings", **parameters)]


def test_network_offerings(cloud: Cloud) -> None:
    """The offerings that every cloud has are listed, among them that of the guests' network."""
    network = cloud.list("listNetworks")[0]
    names = offerings(cloud)
    assert len(names) == len(set(names)) == 6
    (own,) = cloud.list("listNetworkOfferings", id=network["networkofferingid"])
    assert own["name"] == network["networkofferingname"]
    assert (own["guestiptype"], own["state"], own["traffictype"]) == ("Shared", "Enabled", "Guest")
    assert [service["name"] for service in own["service"]] == [
        service["name"] for service in network["service"]
    ]
    page = cloud.call("listNetworkOfferings", page="2", pagesize="4")
    assert (page["count"], len(page["networkoffering"])) == (6, 2)


def test_network_offerings_by_filter(cloud: Cloud) -> None:
    """What bridges filter by to find a network for an address, and what else may be asked."""
    required = "DefaultIsolatedNetworkOfferingWithSourceNatService"
    assert offerings(cloud, availability="Required") == [required]
    assert required not in offerings(cloud, availability="Optional", isdefault="true")
    assert offerings(cloud, guestiptype="isolated", forvpc="false") == [
        required,
        "DefaultIsolatedNetworkOffering",
    ]
    assert offerings(cloud, supportedservices="SecurityGroup,StaticNat") == [
        "DefaultSharedNetscalerEIPandELBNetworkOffering"
    ]
    assert required in offerings(cloud, sourcenatsupported="true")
    assert offerings(cloud, keyword="vpc") == ["DefaultIsolatedNetworkOfferingForVpcNetworks"]
    assert offerings(cloud, isdefault="false") == offerings(cloud, istagged="true") == []


def test_no_network_offerings_for_a_basic_zone(cloud: Cloud) -> None:
    """In a Basic zone no networks are made; unknown ids and values are refused."""
    assert cloud.call("listNetworkOfferings", zoneid=cloud.world.zone_id, isdefault="true") == {}
    assert cloud.refusal("listNetworkOfferings", id=cloud.world.zone_id)[0] == 431
    assert cloud.refusal("listNetworkOfferings", availability="often")[0] == 431
