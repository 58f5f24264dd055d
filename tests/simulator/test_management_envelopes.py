"""How the simulated management server writes its answers, in JSON and in XML."""

from __future__ import annotations

import msgspec
from lxml import etree

from tests.support.management_client import Cloud, ask, query_of


def xml(cloud: Cloud, command: str, by: str = "alice", **parameters: str) -> etree._Element:
    """A signed call's XML answer."""
    answered = cloud.http(command, by, response="xml", **parameters)
    assert answered.headers["content-type"] == "text/xml; charset=UTF-8"
    assert answered.text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    return etree.fromstring(answered.text.encode())


def test_json_list(shared_cloud: Cloud) -> None:
    """A list holds count and items under the command's name, spaced as CloudStack spaces it."""
    text = shared_cloud.http("listZones").text
    assert text.startswith('{ "listzonesresponse" : { "count":1 ,"zone" : [  {"id":')
    assert text.endswith("} ] } }")


def test_json_empty_list(shared_cloud: Cloud) -> None:
    """A list of nothing has neither count nor array."""
    assert shared_cloud.http("listSnapshots").text == '{ "listsnapshotsresponse" : { } }'


def test_json_single_object(shared_cloud: Cloud) -> None:
    """One object stands under its name."""
    text = shared_cloud.http("createSecurityGroup", name="single").text
    assert text.startswith('{ "createsecuritygroupresponse" :  { "securitygroup" : {"id":')
    assert text.endswith("} }  }")


def test_json_success(shared_cloud: Cloud) -> None:
    """A synchronous success says "true" as a text."""
    shared_cloud.call("createSecurityGroup", name="gone")
    text = shared_cloud.http("deleteSecurityGroup", name="gone").text
    assert text == '{ "deletesecuritygroupresponse" : { "success" : "true"}  }'


def test_json_jobs(shared_cloud: Cloud) -> None:
    """An asynchronous command answers with a job, and first with the id of what it creates."""
    created = msgspec.json.decode(
        shared_cloud.http("associateIpAddress", zoneid=shared_cloud.world.zone_id).text
    )
    assert list(created["associateipaddressresponse"]) == ["id", "jobid"]
    address = created["associateipaddressresponse"]["id"]
    released = shared_cloud.call("disassociateIpAddress", id=address)
    assert list(released) == ["jobid"]
    assert shared_cloud.job(released["jobid"])["jobresult"] == {"success": True}


def test_json_error(shared_cloud: Cloud) -> None:
    """An error names its code and text in the command's envelope; the HTTP status is the code."""
    answered = shared_cloud.http("listVirtualMachines", id="0")
    assert answered.status == 431
    assert answered.text.startswith(
        '{ "listvirtualmachinesresponse" : {"uuidList":[],"errorcode":431'
    )
    assert answered.body["cserrorcode"] == 4350
    assert answered.headers["x-description"] == answered.body["errortext"]
    assert answered.headers["content-type"] == "text/javascript; charset=UTF-8"


def test_xml_list_repeats_elements(shared_cloud: Cloud) -> None:
    """In XML a list is the item's element repeated, and a boolean is lower-case."""
    root = xml(shared_cloud, "listServiceOfferings")
    assert (root.tag, root.get("cloud-stack-version")) == ("listserviceofferingsresponse", "4.4.0")
    assert root.findtext("count") == str(len(root.findall("serviceoffering")))
    assert root.findtext("serviceoffering/issystem") == "false"


def test_xml_is_the_default(shared_cloud: Cloud) -> None:
    """Whoever does not ask for JSON, in whatever case, gets XML."""
    assert shared_cloud.http("listZones", response="JSON").text.startswith("{")
    assert shared_cloud.http("listZones", response="yaml").text.startswith("<?xml")
    sent = shared_cloud.sent("listZones", {})
    unsigned = {"command": sent["command"]}
    assert ask(shared_cloud.management.api, query_of(unsigned)).text.startswith("<?xml")


def test_xml_escapes(shared_cloud: Cloud) -> None:
    """Characters that mean something in XML come back as they were given."""
    text = "a<b>&\"c\"'d'"
    root = xml(shared_cloud, "createSecurityGroup", name="escapes", description=text)
    assert root.findtext("securitygroup/description") == text


def test_xml_nested_collections(shared_cloud: Cloud) -> None:
    """Network cards and groups of an instance are repeated elements inside it."""
    instance = shared_cloud.deploy()
    root = xml(shared_cloud, "listVirtualMachines", id=instance)
    assert root.findtext("virtualmachine/nic/isdefault") == "true"
    assert root.findtext("virtualmachine/securitygroup/name") == "default"
    assert root.find("virtualmachine/tags") is None


def test_xml_job_result(shared_cloud: Cloud) -> None:
    """A finished job shows its result as elements."""
    instance = shared_cloud.deploy()
    job = shared_cloud.call("stopVirtualMachine", id=instance)["jobid"]
    root = xml(shared_cloud, "queryAsyncJobResult", jobid=job)
    assert root.findtext("jobresult/virtualmachine/state") == "Stopped"
    assert root.findtext("jobstatus") == "1"


def test_xml_error_lists_uuids(shared_cloud: Cloud) -> None:
    """An XML error has code and text, and the objects at fault if there are any."""
    root = xml(shared_cloud, "deleteSSHKeyPair", name="none")
    assert root.findtext("errorcode") == "431"
    assert root.findtext("uuid") == shared_cloud.world.domain_id
    assert root.findtext("uuidProperty") == "domainId"
    assert xml(shared_cloud, "stopVirtualMachine").find("uuid") is None
    assert xml(shared_cloud, "stopVirtualMachine").find("uuidList") is None


def test_every_envelope_is_the_command_in_lower_case(shared_cloud: Cloud) -> None:
    """Whatever is asked, the answer stands under the command's name in lower case."""
    for api in shared_cloud.list("listApis"):
        text = shared_cloud.http(api["name"]).text
        assert text.startswith(f'{{ "{api["name"].lower()}response"'), text
