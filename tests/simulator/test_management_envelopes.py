"""The replies of the simulated management server, in JSON and in XML."""

from __future__ import annotations

import msgspec
from lxml import etree

from tests.support.management_client import Cloud, query_of, send_request


def xml(cloud: Cloud, command: str, by: str = "alice", **parameters: str) -> etree._Element:
    """The XML reply to a signed call."""
    reply = cloud.reply(command, by, response="xml", **parameters)
    assert reply.headers["content-type"] == "text/xml; charset=UTF-8"
    assert reply.text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    return etree.fromstring(reply.text.encode())


def test_json_list(shared_cloud: Cloud) -> None:
    """A list has count and items under the command's name, with CloudStack's blanks."""
    text = shared_cloud.reply("listZones").text
    assert text.startswith('{ "listzonesresponse" : { "count":1 ,"zone" : [  {"id":')
    assert text.endswith("} ] } }")


def test_json_empty_list(shared_cloud: Cloud) -> None:
    """An empty list has neither count nor array."""
    assert shared_cloud.reply("listSnapshots").text == '{ "listsnapshotsresponse" : { } }'


def test_json_single_object(shared_cloud: Cloud) -> None:
    """A single object is under the name of its type."""
    text = shared_cloud.reply("createSecurityGroup", name="single").text
    assert text.startswith('{ "createsecuritygroupresponse" :  { "securitygroup" : {"id":')
    assert text.endswith("} }  }")


def test_json_success(shared_cloud: Cloud) -> None:
    """The success of a synchronous command is the text "true"."""
    shared_cloud.call("createSecurityGroup", name="gone")
    text = shared_cloud.reply("deleteSecurityGroup", name="gone").text
    assert text == '{ "deletesecuritygroupresponse" : { "success" : "true"}  }'


def test_json_jobs(shared_cloud: Cloud) -> None:
    """An asynchronous command returns the id of the resource that it creates, and then a job."""
    created = msgspec.json.decode(
        shared_cloud.reply("associateIpAddress", zoneid=shared_cloud.world.zone_id).text
    )
    assert list(created["associateipaddressresponse"]) == ["id", "jobid"]
    address = created["associateipaddressresponse"]["id"]
    released = shared_cloud.call("disassociateIpAddress", id=address)
    assert list(released) == ["jobid"]
    assert shared_cloud.job(released["jobid"])["jobresult"] == {"success": True}


def test_json_error(shared_cloud: Cloud) -> None:
    """An error names its code and text in the command's envelope; the HTTP status is the code."""
    reply = shared_cloud.reply("listVirtualMachines", id="0")
    assert reply.status == 431
    assert reply.text.startswith('{ "listvirtualmachinesresponse" : {"uuidList":[],"errorcode":431')
    assert reply.body["cserrorcode"] == 4350
    assert reply.headers["x-description"] == reply.body["errortext"]
    assert reply.headers["content-type"] == "text/javascript; charset=UTF-8"


def test_xml_list_repeats_elements(shared_cloud: Cloud) -> None:
    """In XML a list is the item's element repeated, and a boolean is lower-case."""
    root = xml(shared_cloud, "listServiceOfferings")
    assert (root.tag, root.get("cloud-stack-version")) == ("listserviceofferingsresponse", "4.4.0")
    assert root.findtext("count") == str(len(root.findall("serviceoffering")))
    assert root.findtext("serviceoffering/issystem") == "false"


def test_xml_is_the_default(shared_cloud: Cloud) -> None:
    """The reply is XML unless the request's `response` is JSON, in lower or upper case."""
    assert shared_cloud.reply("listZones", response="JSON").text.startswith("{")
    assert shared_cloud.reply("listZones", response="yaml").text.startswith("<?xml")
    sent = shared_cloud.signed_parameters("listZones", {})
    unsigned = {"command": sent["command"]}
    assert send_request(shared_cloud.management.api, query_of(unsigned)).text.startswith("<?xml")


def test_xml_escapes(shared_cloud: Cloud) -> None:
    """Special characters of XML are escaped."""
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
    """The result of a finished job has elements for its fields."""
    instance = shared_cloud.deploy()
    job = shared_cloud.call("stopVirtualMachine", id=instance)["jobid"]
    root = xml(shared_cloud, "queryAsyncJobResult", jobid=job)
    assert root.findtext("jobresult/virtualmachine/state") == "Stopped"
    assert root.findtext("jobstatus") == "1"


def test_xml_error_lists_uuids(shared_cloud: Cloud) -> None:
    """An XML error has code and text, and the UUIDs of the objects concerned, if any."""
    root = xml(shared_cloud, "deleteSSHKeyPair", name="none")
    assert root.findtext("errorcode") == "431"
    assert root.findtext("uuid") == shared_cloud.world.domain_id
    assert root.findtext("uuidProperty") == "domainId"
    assert xml(shared_cloud, "stopVirtualMachine").find("uuid") is None
    assert xml(shared_cloud, "stopVirtualMachine").find("uuidList") is None


def test_every_envelope_is_the_command_in_lower_case(shared_cloud: Cloud) -> None:
    """The reply to each command is under the command's name in lower case."""
    for api in shared_cloud.list("listApis"):
        text = shared_cloud.reply(api["name"]).text
        assert text.startswith(f'{{ "{api["name"].lower()}response"'), text
