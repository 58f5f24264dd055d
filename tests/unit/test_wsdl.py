"""Amazon's messages as data: the notation, the schema and the WSDL that are built from it."""

from __future__ import annotations

import importlib
import io
from typing import Any

import pytest
from lxml import etree

from fixtures.plan.mapping import rows
from fixtures.wsdl import VERSIONS, Choice, Element, messages, namespace
from fixtures.wsdl.document import schema_error, schema_validator, wsdl_document
from fixtures.wsdl.notation import Notation

XS = "{http://www.w3.org/2001/XMLSchema}"
FIRST = VERSIONS[0]


def _message(name: str, content: str = "", version: str = FIRST) -> etree._Element:
    return etree.fromstring(f'<{name} xmlns="{namespace(version)}">{content}</{name}>')


@pytest.mark.parametrize("version", VERSIONS)
def test_all_mapped_actions_have_messages(version: str) -> None:
    """Each of the 38 documented SOAP calls has a request and a reply, in both versions."""
    known = messages(version)
    assert {row.action for row in rows()} <= known.keys()
    assert all(message.reply.elements[0].name == "requestId" for message in known.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_zeep_reads_the_wsdl(version: str) -> None:
    """A SOAP client finds every operation, document/literal, with the action as soapAction."""
    text = wsdl_document(version, "http://127.0.0.1/awsapi")
    document: Any = importlib.import_module("zeep.wsdl").Document(io.BytesIO(text.encode()), None)
    (binding,) = document.bindings.values()
    operations = binding.all()
    assert operations.keys() == messages(version).keys()
    assert {
        (name, operation.soapaction, operation.style) for name, operation in operations.items()
    } == {(name, name, "document") for name in operations}
    (service,) = document.services.values()
    (port,) = service.ports.values()
    assert port.binding_options == {"address": "http://127.0.0.1/awsapi"}


def test_elements_are_qualified_and_in_the_version_s_namespace() -> None:
    """A message is in the namespace of its version, down to the last element."""
    for version in VERSIONS:
        root = etree.fromstring(wsdl_document(version, "http://x/").encode())
        schema = root.find(f".//{XS}schema")
        assert schema is not None
        assert schema.get("targetNamespace") == namespace(version)
        assert schema.get("elementFormDefault") == "qualified"
    bare = etree.fromstring(
        f'<r:ReleaseAddress xmlns:r="{namespace(FIRST)}"><publicIp>1</publicIp></r:ReleaseAddress>'
    )
    assert schema_error(FIRST, bare)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("ReleaseAddress", "<publicIp>1</publicIp>", None),
        ("ReleaseAddress", "", "publicIp"),
        ("ReleaseAddress", "<publicIp>1</publicIp><publicIp>2</publicIp>", "publicIp"),
        ("AllocateAddress", "", None),
        ("AllocateAddress", "<domain>vpc</domain>", "AllocateAddress"),
        ("AssociateAddress", "<instanceId>i</instanceId><publicIp>1</publicIp>", "instanceId"),
        ("RebootInstances", "<instancesSet/>", "instancesSet"),
        ("StartInstances", "<instancesSet/>", None),
        ("StopInstances", "<instancesSet/><force>perhaps</force>", "force"),
        ("DescribeImageAttribute", "<imageId>a</imageId><kernel/>", None),
        ("DescribeImageAttribute", "<imageId>a</imageId><kernel/><ramdisk/>", "ramdisk"),
        ("DescribeImageAttribute", "<imageId>a</imageId>", "launchPermission"),
        ("DeleteVolumeResponse", "<requestId>r</requestId><return>true</return>", None),
        ("DeleteVolumeResponse", "<return>true</return>", "return"),
        ("DeleteVolumeResponse", "<requestId>r</requestId><return>yes</return>", "return"),
        ("NoSuchMessage", "", "NoSuchMessage"),
    ],
)
def test_the_schema_names_what_is_missing_or_misplaced(
    name: str, content: str, fault: str | None
) -> None:
    """Occurrence, order, choice and type are checked; the error names the element at fault."""
    reason = schema_error(FIRST, _message(name, content))
    assert (reason is None) if fault is None else (fault in (reason or ""))
    assert namespace(FIRST) not in (reason or "")


def test_user_data_has_its_encoding() -> None:
    """Amazon's schema requires the attributes version 1.0 and encoding base64 of userData."""
    head = "<imageId>a</imageId><minCount>1</minCount><maxCount>1</maxCount><groupSet/>"
    tail = "<instanceType>m1.small</instanceType>"
    data = "<data>eA==</data>"
    good = f'{head}<userData version="1.0" encoding="base64">{data}</userData>{tail}'
    assert schema_error(FIRST, _message("RunInstances", good)) is None
    for bad in ("<userData>", '<userData version="1.0" encoding="hex">'):
        content = f"{head}{bad}{data}</userData>{tail}"
        assert schema_error(FIRST, _message("RunInstances", content))


def test_versions_differ_where_amazon_s_do() -> None:
    """2012-08-15 has ids of groups and types of volumes; 2010-11-15 has not."""
    old, new = messages(VERSIONS[0]), messages(VERSIONS[1])
    for action, name in (
        ("DescribeSecurityGroups", "securityGroupIdSet"),
        ("CreateVolume", "volumeType"),
        ("AllocateAddress", "domain"),
    ):
        assert name not in {element.name for element in old[action].request.elements}
        assert name in {element.name for element in new[action].request.elements}
    assert old["DeleteVolume"] == new["DeleteVolume"]
    with pytest.raises(KeyError):
        messages("2009-04-04")


def test_validators_are_cached() -> None:
    """A schema is compiled once a process."""
    assert schema_validator(FIRST) is schema_validator(FIRST)


def test_the_notation() -> None:
    """Every sign of the notation is parsed."""
    notation = Notation()
    notation.add(
        "# words\nPair = key, value?\n\nDo\n> a, b?:int, (c{} | d:Pair), e[:Pair], f[g]+,\n"
        "    h{#text, @i=1.0}\n< return:boolean\n"
    )
    message = notation.messages()["Do"]
    a, b, choice, e, f, h = message.request.particles
    assert a == Element("a")
    assert b == Element("b", "int", optional=True, least=0)
    assert isinstance(choice, Choice)
    assert [option.name for option in choice.options] == ["c", "d"]
    assert choice.options[1].content is not None
    assert choice.options[1].content.name == "Pair"
    for element, least, names in ((e, 0, ["key", "value"]), (f, 1, ["g"])):
        assert isinstance(element, Element)
        assert element.content is not None
        item = element.content.item
        assert item is not None
        assert item.content is not None
        assert (item.least, [inside.name for inside in item.content.elements]) == (least, names)
    assert isinstance(h, Element)
    assert h.content is not None
    assert (h.content.mixed, h.content.attributes) == (True, (("i", "1.0"),))
    assert [element.name for element in message.reply.elements] == ["requestId", "return"]


@pytest.mark.parametrize(
    "text",
    [
        "> a\n",
        "Do\n> a b\n< c\n",
        "Do\n> a{b\n< c\n",
        "Do\n> a:number\n< c\n",
        "Do\n> (a | b\n< c\n",
        "Do it\n",
    ],
)
def test_errors_in_the_notation(text: str) -> None:
    """A line that is not of the notation, or is incomplete, is an error."""
    with pytest.raises(ValueError, match=r"expected|not a line|no type"):
        _parse(text)


def _parse(text: str) -> None:
    notation = Notation()
    notation.add(text)
    notation.messages()
