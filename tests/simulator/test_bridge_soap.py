"""SOAP in the bridge: the 38 actions as messages, and what is no message."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from lxml import etree

from fixtures import profile
from fixtures.model import Case, Ec2Reply, Ec2Request, ReplyKind, Status, Timeouts
from fixtures.plan.mapping import rows
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.soap.messages import Envelope, parameters
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.management.faults import ApiFault
from fixtures.targets.target import Target
from fixtures.wsdl import VERSIONS, messages, namespace
from fixtures.wsdl.document import schema_error, wsdl_document
from tests.support.planned_suites import planned, scenario
from tests.support.soap_messages import ENV, ZONES, post, signer_of

KINDS = ("documented-call", "reply", "parameters", "filters", "rejections")
CASES = [case for case in planned(*KINDS, driver="soap") if not scenario(case).tampering]


@pytest.fixture(scope="module", params=VERSIONS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A simulated deployment, spoken to in one version."""
    asked = msgspec.structs.replace(profile.load("simulated"), api_version=request.param)
    with Target(asked, run=f"soap-{request.param}") as running:
        yield running


@pytest.fixture(scope="module")
def later_target() -> Iterator[Target]:
    """A simulated deployment, spoken to in the version that no built-in profile names."""
    asked = msgspec.structs.replace(profile.load("simulated"), api_version=VERSIONS[1])
    with Target(asked, run="soap-later") as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_every_case_that_soap_can_say_holds(later_target: Target, case: Case) -> None:
    """What the Query API does, SOAP does, in 2012-08-15 as well: the same calls and the same
    replies, by the schema."""
    target = later_target
    verdict = run_case(case, Session(target)).verdict
    assert verdict.status is Status.PASSED, verdict.because


def test_every_row_has_its_case() -> None:
    """None of the 38 documented calls is one that SOAP has no words for."""
    said = {case.row for case in CASES if case.kind == "documented-call"}
    assert said == {row.action for row in rows()}


@dataclass
class Listener:
    """Keeps the documents that go by a driver's line."""

    line: Any
    documents: list[bytes] = field(default_factory=list)

    def exchange(self, outgoing: Any) -> Any:
        """The line's own, listened to."""
        received = self.line.exchange(outgoing)
        self.documents += [outgoing.body, received.body]
        return received

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


def test_messages_are_valid_on_both_sides(target: Target) -> None:
    """Each of the 38 requests and replies is valid by the schema, as it stands on the wire."""
    driver: Any = target.clients.driver("soap")
    line = driver._carrier.line
    listener = driver._carrier.line = Listener(line)
    version = target.profile.api_version
    seen = set()
    try:
        for case in CASES:
            if case.kind == "documented-call":
                assert run_case(case, Session(target)).verdict.status is Status.PASSED
                for document in listener.documents[-2:]:
                    message = etree.fromstring(document).find(f"{{{ENV}}}Body/*")
                    assert message is not None
                    assert schema_error(version, message) is None, document
                    seen.add(etree.QName(message).localname)
    finally:
        driver._carrier.line = line
    assert len(seen) == 2 * len(rows())


def _stripped(reply: Ec2Reply) -> Any:
    assert reply.kind is ReplyKind.ANSWERED, reply.message
    return reply.body


@pytest.mark.parametrize(
    "action",
    [
        *("DescribeAddresses", "DescribeAvailabilityZones", "DescribeImages", "DescribeInstances"),
        *("DescribeKeyPairs", "DescribeSecurityGroups", "DescribeSnapshots", "DescribeVolumes"),
        *("DescribeTags",),
    ],
)
def test_soap_and_query_tell_the_same(target: Target, action: str) -> None:
    """The same listing over SOAP and over the Query API reads the same, field by field."""
    attached = next(case for case in CASES if case.row == "AttachVolume")
    with target.resources.for_case(scenario(attached)):
        asked = Ec2Request(action)
        over_query = target.clients.driver("boto3").call(asked, Timeouts())
        over_soap = target.clients.driver("soap").call(asked, Timeouts())
    assert _stripped(over_soap) == _stripped(over_query)


# --- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/awsapi", "/awsapi/services/AmazonEC2"])
def test_the_wsdl_is_served(deployment: Deployment, path: str) -> None:
    """`?wsdl` describes the service where it was asked, in the version that is named."""
    base = deployment.ec2_url.removesuffix("/awsapi") + path
    for query, version in (("wsdl", VERSIONS[0]), ("WSDL&Version=2012-08-15", VERSIONS[1])):
        with urllib.request.urlopen(f"{base}?{query}", timeout=5) as answer:
            assert answer.headers["Content-Type"].startswith("text/xml")
            assert answer.read().decode() == wsdl_document(version, base)


OTHER = ZONES.replace("2010-11-15", "2009-04-04")
FAULTS: list[tuple[str, bytes, str]] = [
    ("nothing", b" ", "Client.MalformedMessage"),
    ("no XML", b"<e:Envelope", "Client.MalformedMessage"),
    ("no Envelope", b"<DescribeInstances/>", "Client.MalformedMessage"),
    (
        "SOAP 1.2",
        b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body/></Envelope>',
        "soap:VersionMismatch",
    ),
    ("no Body", f'<Envelope xmlns="{ENV}"/>'.encode(), "Client.MalformedMessage"),
    (
        "empty Body",
        f'<Envelope xmlns="{ENV}"><Body/></Envelope>'.encode(),
        "Client.MalformedMessage",
    ),
    (
        "unsigned",
        f'<Envelope xmlns="{ENV}"><Body>{ZONES}</Body></Envelope>'.encode(),
        "Client.InvalidSecurity",
    ),
    (
        "strange header",
        f'<e:Envelope xmlns:e="{ENV}"><e:Header><x xmlns="urn:x" e:mustUnderstand="1"/></e:Header>'
        f"<e:Body>{ZONES}</e:Body></e:Envelope>".encode(),
        "soap:MustUnderstand",
    ),
]


@pytest.mark.parametrize(
    ("document", "code"), [row[1:] for row in FAULTS], ids=[r[0] for r in FAULTS]
)
def test_what_is_no_message_is_a_fault(deployment: Deployment, document: bytes, code: str) -> None:
    """Whatever is posted to the service gets a SOAP fault, and CloudStack hears nothing."""
    heard = post(deployment, document, "/awsapi/services/AmazonEC2")
    assert (heard.status, heard.code, heard.reached_cloudstack) == (500, code, False)
    assert heard.text


def _asked(deployment: Deployment, content: str) -> str:
    heard = post(deployment, signer_of(deployment).message(content))
    return heard.code if heard.status == 500 else "answered"


def _said(action: str, content: str, version: str = VERSIONS[0]) -> str:
    return f'<{action} xmlns="{namespace(version)}">{content}</{action}>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (OTHER, "Client.NoSuchVersion"),
        (
            ZONES.replace(' xmlns="http://ec2.amazonaws.com/doc/2010-11-15/"', ""),
            "Client.NoSuchVersion",
        ),
        (_said("DescribeZones", ""), "Client.InvalidAction"),
        (_said("ReleaseAddress", ""), "Client.MissingParameter"),
        (_said("ReleaseAddress", "<instanceId>i</instanceId>"), "Client.UnknownParameter"),
        (
            _said("ReleaseAddress", '<publicIp xmlns="urn:x">1</publicIp>'),
            "Client.UnknownParameter",
        ),
        (
            _said("ReleaseAddress", "<publicIp>1</publicIp><publicIp>2</publicIp>"),
            "Client.MalformedMessage",
        ),
        (_said("ReleaseAddress", "<publicIp><x/></publicIp>"), "Client.MalformedMessage"),
        (
            _said("DescribeVolumes", "<volumeSet><volumeId>v</volumeId></volumeSet>"),
            "Client.UnknownParameter",
        ),
        (
            _said("DescribeImageAttribute", "<imageId>a</imageId><kernel/><ramdisk/>"),
            "Client.InvalidParameterCombination",
        ),
        (
            _said("StopInstances", "<instancesSet/><force> maybe </force>"),
            "Client.InvalidParameterValue",
        ),
        (_said("DescribeVolumes", "<volumeSet>\n</volumeSet>"), "answered"),
        (_said("DescribeVolumes", ""), "answered"),
    ],
)
def test_messages_that_ask_for_nonsense_are_told_so(
    deployment: Deployment, content: str, code: str
) -> None:
    """A signed message is read strictly: unknown, doubled or foreign elements are refused."""
    assert _asked(deployment, content) == code


def test_failures_behind_are_the_server_s(deployment: Deployment) -> None:
    """What goes wrong in CloudStack is a Server fault, what the client did a Client fault."""
    deployment.management.faults.add(ApiFault("listZones", 530, "broken"), "alice")
    assert _asked(deployment, ZONES) == "Server.InternalError"
    assert _asked(deployment, ZONES) == "answered"


def test_a_reply_s_namespace_is_the_request_s(deployment: Deployment) -> None:
    """Whoever asks in 2012-08-15 is answered in it."""
    for version in VERSIONS:
        asked = _said("DescribeVolumes", "<volumeSet/>", version)
        heard = post(deployment, signer_of(deployment).message(asked))
        assert heard.body.tag == f"{{{namespace(version)}}}DescribeVolumesResponse"


def test_query_requests_are_not_taken_for_messages(deployment: Deployment) -> None:
    """A form is a Query request, and its error the Query API's document."""
    request = urllib.request.Request(deployment.ec2_url, b"Action=DescribeVolumes&Version=x")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=5)
    assert b"<Response><Errors>" in refusal.value.read()
    refusal.value.close()


def test_messages_name_what_the_actions_read() -> None:
    """Every element of every request of the mapped actions is one that can be flattened."""

    def sample(content: Any) -> str:
        text = ""
        for particle in content.particles:
            one = getattr(particle, "options", (particle,))[0]
            inside = sample(one.content) if one.content is not None else "1"
            text += f"<{one.name}>{inside}</{one.name}>"
        return text

    for version in VERSIONS:
        for action, message in messages(version).items():
            if version == VERSIONS[1] and action.endswith("Attribute"):
                continue  # there, all attributes may stand side by side, which makes no sense
            root = etree.fromstring(_said(action, sample(message.request), version))
            values = parameters(Envelope(root, None, root, root))
            assert values["Action"] == action
            assert all("Set." not in name and name[0].isupper() for name in values), values
