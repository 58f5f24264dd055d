"""SOAP in the bridge: the 38 actions as messages, and faults for invalid messages."""

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
from tests.support.planned_suites import scenario, table_cases
from tests.support.soap_messages import ENV, ZONES, post, signer_of

KINDS = ("documented-call", "reply", "parameters", "filters", "rejections")
CASES = [case for case in table_cases(*KINDS, driver="soap") if not scenario(case).tampering]


def _profile(version: str) -> profile.Profile:
    return msgspec.structs.replace(profile.load("simulated"), api_version=version)


@pytest.fixture(scope="module", params=VERSIONS)
def target_profile(request: pytest.FixtureRequest) -> profile.Profile:
    """The profile of the simulated deployment with each API version."""
    return _profile(request.param)


@pytest.fixture(scope="module")
def later_target() -> Iterator[Target]:
    """A simulated deployment, called in the version that no built-in profile has."""
    with Target(_profile(VERSIONS[1]), run="soap-later") as running:
        yield running


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_every_case_passes_over_soap(later_target: Target, case: Case) -> None:
    """SOAP sends the same CloudStack calls and replies as the Query API, in 2012-08-15 as well."""
    target = later_target
    verdict = run_case(case, Session(target)).verdict
    assert verdict.status is Status.PASSED, verdict.because


def test_every_row_has_its_case() -> None:
    """All of the 38 documented calls can be made over SOAP."""
    actions = {case.row for case in CASES if case.kind == "documented-call"}
    assert actions == {row.action for row in rows()}


@dataclass
class Recorder:
    """Records the documents that pass a driver's connection."""

    connection: Any
    documents: list[bytes] = field(default_factory=list)

    def exchange(self, request: Any) -> Any:
        """Pass a request on, and record it with its reply."""
        response = self.connection.exchange(request)
        self.documents += [request.body, response.body]
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


def test_messages_are_valid_on_both_sides(target: Target) -> None:
    """Each of the 38 requests and replies is valid by the schema, as it is sent."""
    driver: Any = target.clients.driver("soap")
    connection = driver._transport.connection
    recorder = driver._transport.connection = Recorder(connection)
    version = target.profile.api_version
    seen = set()
    try:
        for case in CASES:
            if case.kind == "documented-call":
                assert run_case(case, Session(target)).verdict.status is Status.PASSED
                for document in recorder.documents[-2:]:
                    message = etree.fromstring(document).find(f"{{{ENV}}}Body/*")
                    assert message is not None
                    assert schema_error(version, message) is None, document
                    seen.add(etree.QName(message).localname)
    finally:
        driver._transport.connection = connection
    assert len(seen) == 2 * len(rows())


def _body(reply: Ec2Reply) -> Any:
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
def test_soap_and_query_return_the_same(target: Target, action: str) -> None:
    """The same listing over SOAP and over the Query API has the same fields and values."""
    attached = next(case for case in CASES if case.row == "AttachVolume")
    with target.resources.for_case(scenario(attached)):
        listing = Ec2Request(action)
        over_query = target.clients.driver("boto3").call(listing, Timeouts())
        over_soap = target.clients.driver("soap").call(listing, Timeouts())
    assert _body(over_soap) == _body(over_query)


# --- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/awsapi", "/awsapi/services/AmazonEC2"])
def test_the_wsdl_is_served(deployment: Deployment, path: str) -> None:
    """`?wsdl` returns the WSDL of the query's version, with the address of the request."""
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
def test_invalid_messages_are_faults(deployment: Deployment, document: bytes, code: str) -> None:
    """An invalid document gets a SOAP fault, without a CloudStack call."""
    reply = post(deployment, document, "/awsapi/services/AmazonEC2")
    assert (reply.status, reply.code, reply.reached_cloudstack) == (500, code, False)
    assert reply.text


def _outcome(deployment: Deployment, content: str) -> str:
    reply = post(deployment, signer_of(deployment).message(content))
    return reply.code if reply.status == 500 else "answered"


def _message(action: str, content: str, version: str = VERSIONS[0]) -> str:
    return f'<{action} xmlns="{namespace(version)}">{content}</{action}>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (OTHER, "Client.NoSuchVersion"),
        (
            ZONES.replace(' xmlns="http://ec2.amazonaws.com/doc/2010-11-15/"', ""),
            "Client.NoSuchVersion",
        ),
        (_message("DescribeZones", ""), "Client.InvalidAction"),
        (_message("ReleaseAddress", ""), "Client.MissingParameter"),
        (_message("ReleaseAddress", "<instanceId>i</instanceId>"), "Client.UnknownParameter"),
        (
            _message("ReleaseAddress", '<publicIp xmlns="urn:x">1</publicIp>'),
            "Client.UnknownParameter",
        ),
        (
            _message("ReleaseAddress", "<publicIp>1</publicIp><publicIp>2</publicIp>"),
            "Client.MalformedMessage",
        ),
        (_message("ReleaseAddress", "<publicIp><x/></publicIp>"), "Client.MalformedMessage"),
        (
            _message("DescribeVolumes", "<volumeSet><volumeId>v</volumeId></volumeSet>"),
            "Client.UnknownParameter",
        ),
        (
            _message("DescribeImageAttribute", "<imageId>a</imageId><kernel/><ramdisk/>"),
            "Client.InvalidParameterCombination",
        ),
        (
            _message("StopInstances", "<instancesSet/><force> maybe </force>"),
            "Client.InvalidParameterValue",
        ),
        (_message("DescribeVolumes", "<volumeSet>\n</volumeSet>"), "answered"),
        (_message("DescribeVolumes", ""), "answered"),
    ],
)
def test_invalid_parameters_are_faults(deployment: Deployment, content: str, code: str) -> None:
    """A signed message is read strictly: unknown, repeated or foreign elements are refused."""
    assert _outcome(deployment, content) == code


def test_cloudstack_errors_are_server_faults(deployment: Deployment) -> None:
    """An error in CloudStack is a Server fault, not a Client fault."""
    deployment.management.faults.add(ApiFault("listZones", 530, "broken"), "alice")
    assert _outcome(deployment, ZONES) == "Server.InternalError"
    assert _outcome(deployment, ZONES) == "answered"


def test_a_reply_s_namespace_is_the_request_s(deployment: Deployment) -> None:
    """The reply has the namespace of the message's version."""
    for version in VERSIONS:
        content = _message("DescribeVolumes", "<volumeSet/>", version)
        reply = post(deployment, signer_of(deployment).message(content))
        assert reply.body.tag == f"{{{namespace(version)}}}DescribeVolumesResponse"


def test_query_requests_are_not_taken_for_messages(deployment: Deployment) -> None:
    """A form is a Query request; its error is the Query API's document."""
    request = urllib.request.Request(deployment.ec2_url, b"Action=DescribeVolumes&Version=x")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=5)
    assert b"<Response><Errors>" in refusal.value.read()
    refusal.value.close()


def test_every_element_becomes_a_parameter() -> None:
    """Every element of every request of the mapped actions can be converted to a parameter."""

    def sample(content: Any) -> str:
        text = ""
        for particle in content.particles:
            element = getattr(particle, "options", (particle,))[0]
            inside = sample(element.content) if element.content is not None else "1"
            text += f"<{element.name}>{inside}</{element.name}>"
        return text

    for version in VERSIONS:
        for action, message in messages(version).items():
            if version == VERSIONS[1] and action.endswith("Attribute"):
                continue  # its schema allows all attributes at once, which no request has
            root = etree.fromstring(_message(action, sample(message.request), version))
            values = parameters(Envelope(root, None, root, root))
            assert values["Action"] == action
            assert all("Set." not in name and name[0].isupper() for name in values), values
