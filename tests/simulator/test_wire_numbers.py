"""Numbers in requests: any text is answered with the service's own refusal, never with a defect."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.simulator.deployment import Deployment
from fixtures.simulator.wire_numbers import LARGEST, capped_number, whole_number
from tests.support.management_client import Cloud
from tests.support.s3_clients import RawClient
from tests.support.simulated_deployments import Ec2TestClient

NO_NUMBERS = ("9" * 5000, "٣", "²", "1_0", " 1", "1\u2007", "-1", "0x1", "1e1", "NaN", "1.5")
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="0123456789", min_size=1),
    st.integers().map(str),
    st.integers(1, 9000).map(lambda count: "0" * count + "1"),
    st.integers(1, 9000).map(lambda count: "-" + "7" * count),
    st.text(alphabet="+-0_ 19٣²\n", max_size=6),
)


@pytest.fixture(scope="module")
def number_deployment() -> Iterator[Deployment]:
    """A deployment that the tests of the module share."""
    with Deployment() as deployment:
        yield deployment


@pytest.fixture(scope="module")
def s3(number_deployment: Deployment) -> Iterator[RawClient]:
    """Alice's client, with a bucket and an object."""
    client = RawClient(number_deployment)
    client.send_signed("PUT", "/numbers")
    client.send_signed("PUT", "/numbers/key", b"content")
    yield client
    client.close()


@given(TEXTS, st.booleans())
def test_whole_numbers(text: str, signed: bool) -> None:
    """A text is a number if and only if it is ASCII digits, with a sign where signs are allowed,
    and what it writes is within the limits; its length does not matter."""
    digits = text[1:] if signed and text[:1] in ("+", "-") else text
    is_number = bool(digits) and set(digits) <= set("0123456789")
    number = whole_number(text, -LARGEST, LARGEST, signed=signed)
    expected = int(Decimal(text)) if is_number and abs(Decimal(text)) <= LARGEST else None
    assert number == expected


@given(st.text(alphabet="0123456789", min_size=1), st.integers(0, LARGEST))
def test_capped_numbers(digits: str, most: int) -> None:
    """A number beyond the cap counts as the cap."""
    assert capped_number(digits, most) == min(Decimal(digits), most)


@pytest.mark.parametrize("text", NO_NUMBERS, ids=lambda text: ascii(text[:9]))
@pytest.mark.parametrize(
    "query",
    [
        *("?max-keys=", "?versions&max-keys=", "?uploads&max-uploads=", "/key?partNumber="),
        *("/key?uploadId=x&max-parts=", "/key?uploadId=x&part-number-marker="),
    ],
)
def test_numbers_in_s3_queries(s3: RawClient, query: str, text: str) -> None:
    """What is no number within the range is InvalidArgument, or about what the request names."""
    reply = s3.send_signed("GET", f"/numbers{query}{quote(text, safe='')}")
    assert 400 <= reply.status < 500, reply.body
    assert b"<Code>InvalidArgument</Code>" in reply.body or b"<Code>NoSuchUpload" in reply.body


@pytest.mark.parametrize(
    ("query", "document", "code"),
    [
        (
            "?cors",
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>"
            "<AllowedMethod>GET</AllowedMethod><MaxAgeSeconds>{}</MaxAgeSeconds></CORSRule>"
            "</CORSConfiguration>",
            b"MalformedXML",
        ),
        (
            "/key?uploadId=x",
            "<CompleteMultipartUpload><Part><PartNumber>{}</PartNumber><ETag>x</ETag></Part>"
            "</CompleteMultipartUpload>",
            b"MalformedXML",
        ),
    ],
)
def test_numbers_in_s3_documents(s3: RawClient, query: str, document: str, code: bytes) -> None:
    """A number of a document that is none makes the document MalformedXML."""
    method = "PUT" if query == "?cors" else "POST"
    for text in ("9" * 5000, "٣", "²", "1_0", "-1", "0x1", "1.5"):
        body = document.format(text).encode()
        reply = s3.send_signed(method, f"/numbers{query}", body)
        assert (reply.status, code in reply.body) == (400, True), (ascii(text), reply.body)


def test_ranges_of_many_digits(s3: RawClient) -> None:
    """A range may end, but not begin, as far behind the object as it likes."""
    far = "9" * 5000
    whole = s3.send_signed("GET", "/numbers/key", headers={"Range": f"bytes=0-{far}"})
    assert (whole.status, whole.body) == (206, b"content")
    tail = s3.send_signed("GET", "/numbers/key", headers={"Range": f"bytes=-{far}"})
    assert (tail.status, tail.body) == (206, b"content")
    beyond = s3.send_signed("GET", "/numbers/key", headers={"Range": f"bytes={far}-"})
    assert beyond.status == 416
    copied = {"x-amz-copy-source": "/numbers/key", "x-amz-copy-source-range": f"bytes=0-{far}"}
    reply = s3.send_signed("PUT", "/numbers/key?partNumber=1&uploadId=x", headers=copied)
    assert 400 <= reply.status < 500, reply.body


@pytest.mark.parametrize("text", NO_NUMBERS, ids=lambda text: ascii(text[:9]))
def test_lifetimes_of_presigned_urls(s3: RawClient, text: str) -> None:
    """A lifetime that is no number, or beyond the limit, is refused as such, in either version."""
    value = quote(text, safe="")
    version_2 = f"/numbers/key?AWSAccessKeyId={s3.user.access_key}&Signature=x&Expires={value}"
    reply = s3.send("GET", s3.url.path + version_2)
    assert (reply.status, b"<Code>AccessDenied</Code>" in reply.body) == (403, True), reply.body
    version_4 = (
        "/numbers/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2f20140513%2fus-east-1"
        "%2fs3%2faws4_request&X-Amz-Date=20140513T165320Z&X-Amz-SignedHeaders=host"
        f"&X-Amz-Signature=x&X-Amz-Expires={value}"
    )
    reply = s3.send("GET", s3.url.path + version_4)
    assert b"<Code>AuthorizationQueryParametersError</Code>" in reply.body, reply.body


@pytest.mark.parametrize("text", NO_NUMBERS, ids=lambda text: ascii(text[:9]))
def test_numbers_of_ec2(number_deployment: Deployment, text: str) -> None:
    """A value that is no number within the range is InvalidParameterValue."""
    client = Ec2TestClient(number_deployment)
    code = client.refusal_code("CreateVolume", AvailabilityZone="x", Size=text)
    client.close()
    assert code == "InvalidParameterValue"


RULE = {"cidrlist": "0.0.0.0/0", "securitygroupname": "default"}


@pytest.mark.parametrize(
    ("action", "common", "name"),
    [
        ("DescribeInstances", {}, "InstanceId.{}"),
        ("AuthorizeSecurityGroupIngress", {"GroupName": "default"}, "IpPermissions.{}.IpProtocol"),
        ("DescribeVolumes", {}, "Filter.{}.Name"),
        ("DescribeVolumes", {"Filter.1.Name": "status"}, "Filter.1.Value.{}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_indices_of_ec2(
    number_deployment: Deployment, action: str, common: dict[str, str], name: str
) -> None:
    """An index that no list can have makes the parameter one that is not recognised."""
    client = Ec2TestClient(number_deployment)
    status, text = client.send(action, common | {name.format("9" * 4400): "x"})
    client.close()
    assert (status, b"<Code>UnknownParameter</Code>" in text) == (400, True), text[:300]


@pytest.mark.parametrize(
    "text", [text for text in NO_NUMBERS if text != "-1"], ids=lambda text: ascii(text[:9])
)
@pytest.mark.parametrize(
    ("command", "common", "name"),
    [
        ("listVirtualMachines", {"page": "1"}, "pagesize"),
        ("listVirtualMachines", {}, "id"),
        ("createVolume", {"name": "x"}, "size"),
        ("authorizeSecurityGroupIngress", RULE | {"protocol": "tcp", "endport": "22"}, "startport"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_numbers_of_cloudstack(
    shared_cloud: Cloud, command: str, common: dict[str, str], name: str, text: str
) -> None:
    """A value that is no number of its type is refused as a parameter error (431)."""
    reply = shared_cloud.reply(command, **{**common, name: text})
    assert reply.status == 431, reply.text


@pytest.mark.parametrize("protocol", ["9" * 30, "٣", "²", "1_0", "-2", "256", "tcp6"], ids=repr)
def test_protocols_of_cloudstack(shared_cloud: Cloud, protocol: str) -> None:
    """A protocol that is neither a name nor a number of IP is refused by name."""
    more = RULE | {"protocol": protocol}
    code, text = shared_cloud.job_error("authorizeSecurityGroupIngress", **more)
    assert text == f"Invalid protocol {protocol}", code


@settings(max_examples=50, deadline=None)
@given(text=TEXTS)
def test_any_number_of_cloudstack(shared_cloud: Cloud, text: str) -> None:
    """Whatever stands in place of a number, the answer is a list or a refusal."""
    for name in ("page", "id", "tags[0].key"):
        reply = shared_cloud.reply("listVirtualMachines", pagesize="1", **{name: text})
        assert reply.status in (200, 430, 431), (name, reply.text)
