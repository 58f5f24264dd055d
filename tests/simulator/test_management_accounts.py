"""Simulated accounts: keys, visibility of resources, limits, settings and usage records."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from fixtures.simulator.management.management_server import Management
from fixtures.simulator.management.records import usage_events
from tests.support.management_client import Cloud, query_of, running_cloud, send_request

KEYS = "listSSHKeyPairs"


def create_key_pair(cloud: Cloud, name: str) -> dict[str, str]:
    """Create a key pair; its fields, with the private key."""
    pair: dict[str, str] = cloud.call("createSSHKeyPair", name=name)["keypair"]
    return pair


def public_of(pem: str) -> str:
    """The public key of a private key, in OpenSSH's form."""
    public = load_pem_private_key(pem.encode(), None).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def test_every_start_gives_the_same_credentials() -> None:
    """Ids and keys are the same in every simulated cloud, and have the shape of real ones."""
    with running_cloud() as first, running_cloud() as second:
        assert first.users == second.users
        assert first.list("listZones") == second.list("listZones")
        assert first.world == second.world
        for user in first.users.values():
            assert len(user.api_key) == len(user.secret_key) == 86
            assert base64.urlsafe_b64decode(user.api_key + "==")
        assert len({user.secret_key for user in first.users.values()}) == 4


def test_credentials_are_found_by_api_key(cloud: Cloud) -> None:
    """An API key identifies its account and secret key; an unknown key identifies none."""
    alice = cloud.users["alice"]
    credentials = cloud.management.credentials(alice.api_key)
    assert credentials is not None
    assert (credentials.secret_key, credentials.account, credentials.domain) == (
        alice.secret_key,
        "alice",
        "ROOT",
    )
    assert cloud.management.credentials("unknown") is None


def test_accounts_can_be_added_while_running(cloud: Cloud) -> None:
    """A new account can call at once and has its default group; adding it again changes nothing."""
    carol = cloud.users["carol"] = cloud.management.add_account("carol")
    assert cloud.management.add_account("carol") == carol
    assert [g["name"] for g in cloud.list("listSecurityGroups", by="carol")] == ["default"]
    assert cloud.refusal("listUsers", by="carol")[0] == 432
    cloud.users["root"] = cloud.management.add_account("root", admin=True)
    assert (
        cloud.call("listUsers", by="root", username="carol")["user"][0]["apikey"] == carol.api_key
    )


def test_administrators_create_accounts_and_users_renew_keys(cloud: Cloud) -> None:
    """createAccount creates an account without keys, registerUserKeys creates its keys."""
    account = cloud.call(
        "createAccount",
        by="admin",
        accounttype="0",
        username="dave",
        password="p",
        firstname="D",
        lastname="D",
        email="d@example.com",
    )["account"]
    user = account["user"][0]
    assert (account["name"], "apikey" in user) == ("dave", False)
    keys = cloud.call("registerUserKeys", by="admin", id=user["id"])["userkeys"]
    credentials = cloud.management.credentials(keys["apikey"])
    assert credentials is not None
    assert credentials.account == "dave"
    assert cloud.refusal("registerUserKeys", id=user["id"])[0] == 531
    assert cloud.refusal("createAccount", by="admin", **{"accounttype": "0"})[0] == 431


def test_an_account_shows_its_user_and_counts(cloud: Cloud) -> None:
    """An account shows its user's keys, its limits and the number of its instances."""
    cloud.deploy()
    (account,) = cloud.list("listAccounts")
    assert (account["name"], account["accounttype"]) == ("alice", 0)
    assert account["user"][0]["secretkey"] == cloud.users["alice"].secret_key
    assert (account["vmtotal"], account["vmrunning"], account["vmlimit"]) == (1, 1, "Unlimited")
    names = {row["name"] for row in cloud.list("listAccounts", by="admin", listall="true")}
    assert names == {"admin", "alice", "bob", "nora"}
    assert cloud.refusal("listAccounts", id=cloud.users["bob"].id)[0] == 531


@pytest.mark.parametrize(
    "command", ["listVirtualMachines", "listVolumes", "listSnapshots", "listPublicIpAddresses"]
)
def test_users_see_their_own_resources_only(cloud: Cloud, command: str) -> None:
    """Users neither list nor name another account's resources (531); administrators do both."""
    cloud.call("createSnapshot", volumeid=cloud.root(cloud.deploy()))
    cloud.call("associateIpAddress", zoneid=cloud.world.zone_id)
    identifier = cloud.list(command)[0]["id"]
    assert cloud.list(command, by="bob", listall="true") == []
    code, text = cloud.refusal(command, by="bob", id=identifier)
    assert code == 531
    assert "does not have permission to operate with resource" in text
    assert cloud.list(command, by="admin") == []
    assert [row["id"] for row in cloud.list(command, by="admin", listall="true")] == [identifier]
    domain = cloud.world.domain_id
    assert cloud.list(command, by="admin", account="alice", domainid=domain)[0]["id"] == identifier
    assert cloud.refusal(command, by="bob", account="alice", domainid=domain)[0] == 531


@pytest.mark.parametrize(
    "command", ["stopVirtualMachine", "destroyVirtualMachine", "rebootVirtualMachine"]
)
def test_users_change_their_own_resources_only(cloud: Cloud, command: str) -> None:
    """Changing another account's instance is refused with 531 and does nothing."""
    vm = cloud.deploy()
    assert cloud.refusal(command, by="bob", id=vm)[0] == 531
    assert cloud.state("listVirtualMachines", vm) == "Running"
    cloud.job_result(command, by="admin", id=vm)


def test_created_keys_are_distinct_rsa_keys(cloud: Cloud) -> None:
    """Every new pair has a private key of its own, and the fingerprint of its public one."""
    pairs = [create_key_pair(cloud, f"k{number}") for number in range(3)]
    publics = {public_of(pair["privatekey"]) for pair in pairs}
    assert len(publics) == 3
    assert pairs[0]["privatekey"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    blob = base64.b64decode(public_of(pairs[0]["privatekey"]).split()[1])
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    assert pairs[0]["fingerprint"].replace(":", "") == digest
    assert pairs[0]["fingerprint"].count(":") == 15
    listed = cloud.list(KEYS)
    assert [sorted(pair) for pair in listed] == [["fingerprint", "name"]] * 3


def test_public_keys_are_imported_as_text_and_as_base64(cloud: Cloud) -> None:
    """A public key may be sent as OpenSSH text or as the Base64 of it; another text is refused."""
    public = public_of(create_key_pair(cloud, "generated")["privatekey"])
    encoded = base64.b64encode(f"{public} me@home".encode()).decode()
    first = cloud.call("registerSSHKeyPair", name="text", publickey=f"{public} me@home")["keypair"]
    second = cloud.call("registerSSHKeyPair", name="base64", publickey=encoded)["keypair"]
    assert first["fingerprint"] == second["fingerprint"]
    assert "privatekey" not in first
    for rubbish in ("hello", "ssh-rsa AAAA", "c3NoLXJzYSBBQUFB", "ssh-rsa é"):
        refused = cloud.refusal("registerSSHKeyPair", name="bad", publickey=rubbish)
        assert refused == (431, "Public key is invalid")


def test_key_names_are_unique_and_known(cloud: Cloud) -> None:
    """A second pair of a name, and deleting an unknown pair, are refused with 431 and the name."""
    create_key_pair(cloud, "k")
    expected = (431, "A key pair with name 'k' already exists.")
    assert cloud.refusal("createSSHKeyPair", name="k") == expected
    assert cloud.call("createSSHKeyPair", by="bob", name="k")
    assert cloud.call("deleteSSHKeyPair", name="k") == {"success": "true"}
    code, text = cloud.refusal("deleteSSHKeyPair", name="k")
    assert code == 431
    assert text.startswith("A key pair with name 'k' does not exist")


def test_limits_are_listed_and_changed(cloud: Cloud) -> None:
    """There is a limit for each kind of resource, unlimited at first; administrators change it."""
    limits = cloud.list("listResourceLimits")
    assert [limit["resourcetype"] for limit in limits] == [str(n) for n in range(12)]
    assert {limit["max"] for limit in limits} == {-1}
    mine = {"account": "alice", "domainid": cloud.world.domain_id, "resourcetype": "1"}
    assert cloud.refusal("updateResourceLimit", max="1", **mine)[0] == 432
    cloud.call("updateResourceLimit", by="admin", max="1", **mine)
    assert cloud.list("listResourceLimits", resourcetype="1")[0]["max"] == 1
    cloud.call("associateIpAddress", zoneid=cloud.world.zone_id)
    assert cloud.refusal("associateIpAddress", zoneid=cloud.world.zone_id)[0] == 535
    assert cloud.list("listAccounts")[0]["ipavailable"] == "0"
    assert cloud.refusal("listResourceLimits", resourcetype="12")[0] == 431


def test_settings_are_set_as_documented(cloud: Cloud) -> None:
    """enable.ec2.api is a Boolean that root administrators set; the answer shows the new value."""
    integration = cloud.management.integration
    query = "command=updateConfiguration&name=enable.ec2.api&value=true&response=json"
    reply = send_request(integration, query, path="/")
    assert reply.text == (
        '{ "updateconfigurationresponse" :  { "configuration" : {"category":"Advanced",'
        '"name":"enable.ec2.api","value":"true","description":"enable EC2 API on CloudStack"} }  }'
    )
    row = cloud.list("listConfigurations", by="admin", name="enable.ec2.api")[0]
    assert row["value"] == "true"
    for value in ("yes", "TRUE", ""):
        assert cloud.refusal(
            "updateConfiguration", by="admin", name="enable.ec2.api", value=value
        ) == (431, "Please enter either 'true' or 'false'.")
    assert cloud.refusal("updateConfiguration", by="admin", name="enable.ec3.api")[0] == 431
    unset = cloud.call("updateConfiguration", by="admin", name="enable.s3.api")["configuration"]
    assert "value" not in unset
    port = {"by": "admin", "name": "integration.api.port"}
    assert (
        cloud.call("updateConfiguration", **port, value="8096")["configuration"]["value"] == "8096"
    )
    assert "value" not in cloud.call("updateConfiguration", **port, value="null")["configuration"]


def test_capabilities_and_apis(cloud: Cloud) -> None:
    """Capabilities name the version; listApis shows only what the caller may use."""
    capability = cloud.call("listCapabilities")["capability"]
    assert (capability["cloudstackversion"], capability["securitygroupsenabled"]) == ("4.4.0", True)
    apis = {api["name"]: api for api in cloud.list("listApis")}
    assert "updateConfiguration" not in apis
    assert not [name for name in apis if not name.isalnum()]
    attach = apis["attachVolume"]
    assert attach["isasync"]
    assert {p["name"]: (p["type"], p["required"]) for p in attach["params"]} == {
        "id": ("uuid", True),
        "virtualmachineid": ("uuid", True),
        "deviceid": ("long", False),
    }
    assert cloud.call("listApis", name="listZones")["count"] == 1
    assert cloud.refusal("listApis", name="updateConfiguration")[0] == 530


def usage(management: Management) -> list[str]:
    """The types of all usage events."""
    with management.engine.connect() as connection:
        rows = connection.execute(usage_events.select().order_by(usage_events.c.id))
        return [row.type for row in rows]


def test_changes_leave_usage_events(cloud: Cloud) -> None:
    """A usage event is stored with the change that causes it, and none for a refused change."""
    vm = cloud.deploy()
    start = ["VOLUME.CREATE", "VM.CREATE", "SG.ASSIGN", "NETWORK.OFFERING.ASSIGN", "VM.START"]
    assert usage(cloud.management) == start
    cloud.job_result("stopVirtualMachine", id=vm)
    cloud.job_result("stopVirtualMachine", id=vm)
    cloud.refusal("deployVirtualMachine", templateid="1")
    cloud.job_error("rebootVirtualMachine", id=vm)
    assert usage(cloud.management)[5:] == ["VM.STOP"]
    volume = cloud.volume()
    cloud.call("deleteVolume", id=volume)
    address = cloud.call("associateIpAddress", zoneid=cloud.world.zone_id)["id"]
    cloud.job_result("disassociateIpAddress", id=address)
    cloud.job_result("destroyVirtualMachine", id=vm)
    assert usage(cloud.management)[6:] == [
        "VOLUME.CREATE",
        "VOLUME.DELETE",
        "NET.IPASSIGN",
        "NET.IPRELEASE",
        "VM.DESTROY",
        "SG.REMOVE",
        "NETWORK.OFFERING.REMOVE",
        "VOLUME.DELETE",
    ]


def test_usage_is_listed_by_whole_days(cloud: Cloud) -> None:
    """Lists of usage records need two dates in order, and are for administrators."""
    days = {"startdate": "2014-05-21", "enddate": "2014-05-22"}
    assert cloud.refusal("listUsageRecords", **days)[0] == 432
    assert cloud.call("listUsageRecords", by="admin", **days) == {}
    late = days | {"enddate": "2014-05-20"}
    assert cloud.refusal("listUsageRecords", by="admin", **late)[0] == 431
    timed = days | {"enddate": "2014-05-22 10:00:00"}
    assert cloud.refusal("listUsageRecords", by="admin", **timed)[0] == 431
    assert cloud.call("generateUsageRecords", by="admin", **days) == {"success": "true"}
    types = {t["usagetypeid"]: t["description"] for t in cloud.list("listUsageTypes", by="admin")}
    assert (len(types), types[1]) == (19, "Running Vm Usage")


def test_disabled_users_are_shut_out(cloud: Cloud) -> None:
    """All calls with the key of a disabled user are refused."""
    sent = query_of(cloud.signed_parameters("listZones", {}))
    assert send_request(cloud.management.api, sent).status == 200
    with cloud.management.engine.begin() as connection:
        connection.exec_driver_sql("update user set state = 'disabled' where username = 'alice'")
    assert send_request(cloud.management.api, sent).status == 401


def test_names_of_key_pairs(cloud: Cloud) -> None:
    """Up to 255 characters as Java counts them, of those that CloudStack's tables can hold."""
    for name in ("k" * 255, "é" * 255, " ", "a b/c:d"):
        assert cloud.call("createSSHKeyPair", name=name)["keypair"]["name"] == name
    for name in ("k" * 256, "é" * 256, "\U0001f511" * 128):
        code, text = cloud.refusal("createSSHKeyPair", name=name)
        assert (code, text.endswith("max allowed length 255 for param: name")) == (431, True)
    hidden = "Internal error executing command, please contact your system administrator"
    assert cloud.refusal("createSSHKeyPair", name="\U0001f511") == (530, hidden)
    code, text = cloud.refusal("createSSHKeyPair", by="admin", name="\U0001f511")
    assert (code, "Incorrect string value" in text) == (530, True)
    assert cloud.call(KEYS, name="\U0001f511") == {}


def test_stored_texts(cloud: Cloud) -> None:
    """What holds for names holds for every text that is stored."""
    assert cloud.refusal("createSecurityGroup", name="g", description="\U0001f511")[0] == 530
    vm = cloud.deploy()
    tag = {"tags[0].key": "k", "tags[0].value": "\U0001f511"}
    assert cloud.refusal("createTags", resourcetype="userVm", resourceids=vm, **tag)[0] == 530
    assert cloud.refusal("updateVirtualMachine", id=vm, displayname="\U0001f511")[0] == 530


def test_an_account_of_a_subdomain_is_shown_with_it(cloud: Cloud) -> None:
    """What such an account owns says its domain; the account itself sees nothing of ROOT."""
    cloud.call("createSecurityGroup", by="nora", name="hers")
    groups = cloud.list("listSecurityGroups", by="nora")
    assert {group["name"] for group in groups} == {"default", "hers"}
    assert {group["domain"] for group in groups} == {"engineering"}
    assert {group["domain"] for group in cloud.list("listSecurityGroups")} == {"ROOT"}


def test_a_disabled_user_is_refused_and_a_teammate_is_not(cloud: Cloud) -> None:
    """A second user of an account sees its resources; a disabled one is refused with 401."""
    users = {user.user_id: user for user in cloud.management.users()}
    assert len(users) == len(cloud.world.users)
    cloud.users |= {
        seeded.name: user
        for seeded, user in zip(cloud.world.users, cloud.management.users(), strict=True)
    }
    instance = cloud.deploy()
    assert [row["id"] for row in cloud.list("listVirtualMachines", by="anna")] == [instance]
    assert cloud.refusal("listVirtualMachines", by="erin")[0] == 401
