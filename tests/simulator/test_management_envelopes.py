"""How the simulated management server writes its answers, in JSON and in XML."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from lxml import etree

from tests.support.management_client import Cloud, ask, opened, query_of


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A server that no test here changes for the others."""
    with opened() as cloud:
        yield cloud


def xml(cloud: Cloud, command: str, by: str = "alice", **parameters: str) -> etree._Element:
    """A signed call's XML answer."""
    answered = cloud.http(command, by, response="xml", **parameters)
    assert answered.headers["content-type"] == "text/xml; charset=UTF-8"
    assert answered.text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    return etree.fromstring(answered.text.encode())


def test_json_list(cloud: Cloud) -> None:
    """A list holds count and items under the command's name, spaced as CloudStack spaces it."""
    text = cloud.http("listZones").text
    assert text.startswith('{ "listzonesresponse" : { "count":1 ,"zone" : [  {"id":')
    assert text.endswith("} ] } }")


def test_json_empty_list(cloud: Cloud) -> None:
    """A list of nothing has neither count nor array."""
    assert cloud.http("listSnapshots").text == '{ "listsnapshotsresponse" : { } }'


def test_json_single_object(cloud: Cloud) -> None:
    """One object stands under its name."""
    text = cloud.http("createSecurityGroup", name="single").text
    assert text.startswith('{ "createsecuritygroupresponse" :  { "securitygroup" : {"id":')
    assert text.endswith("} }  }")


def test_json_success(cloud: Cloud) -> None:
    """A synchronous success says "true" as a text."""
    cloud.call("createSecurityGroup", name="gone")
    text = cloud.http("deleteSecurityGroup", name="gone").text
    assert text == '{ "deletesecuritygroupresponse" : { "success" : "true"}  }'


def test_json_jobs(cloud: Cloud) -> None:
    """An asynchronous command answers with a job, and first with the id of what it creates."""
    created = msgspec.json.decode(cloud.http("associateIpAddress", zoneid=cloud.world.zone_id).text)
    assert list(created["associateipaddressresponse"]) == ["id", "jobid"]
    address = created["associateipaddressresponse"]["id"]
    released = cloud.call("disassociateIpAddress", id=address)
    assert list(released) == ["jobid"]
    assert cloud.job(released["jobid"])["jobresult"] == {"success": True}


def test_json_error(cloud: Cloud) -> None:
    """An error names its code and text in the command's envelope; the HTTP status is the code."""
    answered = cloud.http("listVirtualMachines", id="0")
    assert answered.status == 431
    assert answered.text.startswith(
        '{ "listvirtualmachinesresponse" : {"uuidList":[],"errorcode":431'
    )
    assert answered.body["cserrorcode"] == 4350
    assert answered.headers["x-description"] == answered.body["errortext"]
    assert answered.headers["content-type"] == "text/javascript; charset=UTF-8"


def test_xml_list_repeats_elements(cloud: Cloud) -> None:
    """In XML a list is the item's element repeated, and a boolean is lower-case."""
    root = xml(cloud, "listServiceOfferings")
    assert (root.tag, root.get("cloud-stack-version")) == ("listserviceofferingsresponse", "4.4.0")
    assert root.findtext("count") == str(len(root.findall("serviceoffering")))
    assert root.findtext("serviceoffering/issystem") == "false"


def test_xml_is_the_default(cloud: Cloud) -> None:
    """Whoever does not ask for JSON, in whatever case, gets XML."""
    assert cloud.http("listZones", response="JSON").text.startswith("{")
    assert cloud.http("listZones", response="yaml").text.startswith("<?xml")
    sent = cloud.sent("listZones", {})
    unsigned = {"command": sent["command"]}
    assert ask(cloud.management.api, query_of(unsigned)).text.startswith("<?xml")


def test_xml_escapes(cloud: Cloud) -> None:
    """Characters that mean something in XML come back as they were given."""
    text = "a<b>&\"c\"'d'"
    root = xml(cloud, "createSecurityGroup", name="escapes", description=text)
    assert root.findtext("securitygroup/description") == text


def test_xml_nested_collections(cloud: Cloud) -> None:
    """Network cards and groups of an instance are repeated elements inside it."""
    instance = cloud.deploy()
    root = xml(cloud, "listVirtualMachines", id=instance)
    assert root.findtext("virtualmachine/nic/isdefault") == "true"
    assert root.findtext("virtualmachine/securitygroup/name") == "default"
    assert root.find("virtualmachine/tags") is None


def test_xml_job_result(cloud: Cloud) -> None:
    """A finished job shows its result as elements."""
    instance = cloud.deploy()
    job = cloud.call("stopVirtualMachine", id=instance)["jobid"]
    root = xml(cloud, "queryAsyncJobResult", jobid=job)
    assert root.findtext("jobresult/virtualmachine/state") == "Stopped"
    assert root.findtext("jobstatus") == "1"


def test_xml_error_lists_uuids(cloud: Cloud) -> None:
    """An XML error has code and text, and the objects at fault if there are any."""
    root = xml(cloud, "deleteSSHKeyPair", name="none")
    assert root.findtext("errorcode") == "431"
    assert root.findtext("uuid") == cloud.world.domain_id
    assert root.findtext("uuidProperty") == "domainId"
    assert xml(cloud, "stopVirtualMachine").find("uuid") is None
    assert xml(cloud, "stopVirtualMachine").find("uuidList") is None


def test_every_envelope_is_the_command_in_lower_case(cloud: Cloud) -> None:
    """Whatever is asked, the answer stands under the command's name in lower case."""
    for api in cloud.list("listApis"):
        text = cloud.http(api["name"]).text
        assert text.startswith(f'{{ "{api["name"].lower()}response"'), text
