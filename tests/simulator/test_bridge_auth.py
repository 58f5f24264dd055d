"""Authentication of Query requests: signatures of real clients, and every way to be wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from fixtures.simulator.bridge.ec2.auth import Authenticator, parse_time
from fixtures.simulator.bridge.ec2.errors import Ec2Error
from fixtures.simulator.bridge.ec2.query_request import QueryRequest
from tests.support.bridge_requests import KEY, NOW, TIMESTAMP, Key, RequestStyle, lookup

AUTHENTICATOR = Authenticator(lookup, clock=lambda: NOW)

CLIENTS = {
    "boto before 2.35": RequestStyle(host="localhost", path="/awsapi/"),
    "boto rebooting": RequestStyle("GET", host="localhost", path="/awsapi/", digest="sha1"),
    "boto3 and aws-cli": RequestStyle(common={"Version": "2016-11-15"}),
    "libcloud": RequestStyle("GET", common={"Version": "2016-11-15"}),
    "txAWS": RequestStyle("GET", common={"Version": "2012-08-15"}),
    "ruby-amazon-ec2": RequestStyle(signed_host="localhost", common={"Version": "2010-08-31"}),
    "Net::Amazon::EC2": RequestStyle(path="/awsapi", signed_host="localhost", signed_path="/"),
    "VM::EC2": RequestStyle(path="/awsapi/", common={"Version": "2014-05-01"}),
    "host in capitals": RequestStyle(host="LOCALHOST:7080", signed_host="localhost:7080"),
}


def parsed_request(wire: RequestStyle, parameters: dict[str, str]) -> QueryRequest:
    """The request as the bridge reads it."""
    return QueryRequest.read(*wire.scope(urlencode(parameters)))


def identify(wire: RequestStyle, arguments: dict[str, str] | None = None) -> Key:
    """The caller of a request in that style."""
    request = parsed_request(wire, wire.parameters("DescribeInstances", arguments))
    caller = AUTHENTICATOR.identify(request)
    assert isinstance(caller, Key)
    return caller


def refusal(parameters: dict[str, str], wire: RequestStyle | None = None) -> str:
    """The code with which a request is refused."""
    with pytest.raises(Ec2Error) as error:
        AUTHENTICATOR.identify(parsed_request(wire or RequestStyle(), parameters))
    return error.value.code


def without(parameters: dict[str, str], *names: str) -> dict[str, str]:
    """The parameters without the named ones."""
    return {name: value for name, value in parameters.items() if name not in names}


@pytest.mark.parametrize("wire", CLIENTS.values(), ids=CLIENTS)
def test_real_clients_are_accepted(wire: RequestStyle) -> None:
    """The clients in use sign in different ways, all of which are accepted."""
    assert identify(wire, {"Filter.1.Value.1": "a b*~/+é", "InstanceId.1": "x"}) == KEY


@pytest.mark.parametrize(
    ("path", "method", "signature"),
    [
        ("/awsapi", "HmacSHA256", "VO2gTJOiPLcdIUBVtj8McyoGw9RksN5LptqTRoG8dTs="),
        ("/awsapi/", "HmacSHA1", "iuMVFFxpEpInx/ruWBxIm3NNbgI="),
    ],
)
def test_published_vectors(path: str, method: str, signature: str) -> None:
    """The signatures that CloudStack's own classes computed are the ones that are accepted."""
    query = (
        "AWSAccessKeyId=AK&Action=DescribeInstances&InstanceId.1=a%20b"
        f"&SignatureMethod={method}&SignatureVersion=2"
        "&Timestamp=2014-05-21T10%3A00%3A00Z&Version=2012-08-15"
    )
    scope, body = RequestStyle("GET", path=path).scope(
        f"{query}&{urlencode({'Signature': signature})}"
    )
    then = parse_time("2014-05-21T10:00:00Z")
    authenticator = Authenticator(lookup, clock=lambda: then, old_clients=False)
    assert authenticator.identify(QueryRequest.read(scope, body)) is KEY


def test_a_query_signed_as_it_was_sent() -> None:
    """A client with an encoding of its own is accepted if it signs the query that it sends."""
    wire = RequestStyle("GET")
    unsorted = "Action=DescribeInstances&AWSAccessKeyId=AK&InstanceId.1=a%20b%2a&SignatureMethod="
    unsorted += f"HmacSHA256&SignatureVersion=2&Timestamp={TIMESTAMP}&Version=2010-11-15"
    ordered = "&".join(sorted(unsorted.split("&"), key=lambda piece: piece.partition("=")[0]))
    text = f"GET\n{wire.host}\n{wire.path}\n{ordered}"
    mac = base64.b64encode(hmac.digest(b"SK", text.encode(), "sha256"))
    form = f"{unsorted}&{urlencode({'Signature': mac})}"
    assert AUTHENTICATOR.identify(QueryRequest.read(*wire.scope(form))) is KEY


@pytest.mark.parametrize(
    "name", ["AWSAccessKeyId", "Signature", "SignatureVersion", "SignatureMethod", "Timestamp"]
)
def test_a_missing_element_is_named(name: str) -> None:
    """A request that lacks a parameter of authentication is refused; the error names it."""
    parameters = without(RequestStyle().parameters("DescribeInstances"), name)
    with pytest.raises(Ec2Error, match=name) as error:
        AUTHENTICATOR.identify(parsed_request(RequestStyle(), parameters))
    assert error.value.code == "MissingParameter"


def test_unknown_key() -> None:
    """An unknown key is an authentication failure."""
    wire = RequestStyle(common={"AWSAccessKeyId": "unknown"})
    assert refusal(wire.parameters("DescribeInstances"), wire) == "AuthFailure"


@pytest.mark.parametrize(
    "change",
    [
        {"Signature": "AAAA"},
        {"Signature": "ÿ"},
        {"InstanceId.1": "another"},
        {"Extra": "1"},
        {"Action": "TerminateInstances"},
        {"SignatureMethod": "HmacSHA1"},
    ],
)
def test_changes_after_signing(change: dict[str, str]) -> None:
    """A signature covers every parameter: if one is changed or added, the request is refused."""
    parameters = RequestStyle().parameters("DescribeInstances", {"InstanceId.1": "one"})
    assert refusal(parameters | change) == "SignatureDoesNotMatch"


def test_a_query_cannot_be_smuggled_into_a_signed_post() -> None:
    """Parameters added to the URL of a signed form are covered by its signature as well."""
    scope, body = RequestStyle().scope(urlencode(RequestStyle().parameters("DescribeInstances")))
    scope["query_string"] = b"Action=TerminateInstances"
    with pytest.raises(Ec2Error) as error:
        AUTHENTICATOR.identify(QueryRequest.read(scope, body))
    assert error.value.code == "SignatureDoesNotMatch"


def test_another_host_method_or_path_was_signed() -> None:
    """A signature covers method, host and path."""
    signed = RequestStyle(signed_host="other:7080").parameters("DescribeInstances")
    assert refusal(signed) == "SignatureDoesNotMatch"
    assert refusal(RequestStyle("GET").parameters("DescribeInstances")) == "SignatureDoesNotMatch"
    signed = RequestStyle(signed_path="/other").parameters("DescribeInstances")
    assert refusal(signed) == "SignatureDoesNotMatch"


def test_old_clients_can_be_switched_off() -> None:
    """Without the extension, the host must be signed as it was sent."""
    wire = CLIENTS["ruby-amazon-ec2"]
    strict = replace(AUTHENTICATOR, old_clients=False)
    with pytest.raises(Ec2Error):
        strict.identify(parsed_request(wire, wire.parameters("DescribeInstances")))


@pytest.mark.parametrize("offset", [-899, 0, 899])
def test_timestamps_within_a_quarter_of_an_hour(offset: int) -> None:
    """Clocks may differ by 15 minutes in both directions."""
    authenticator = replace(AUTHENTICATOR, clock=lambda: NOW + offset)
    request = parsed_request(RequestStyle(), RequestStyle().parameters("DescribeInstances"))
    assert authenticator.identify(request) is KEY


@pytest.mark.parametrize("offset", [-901, 901, 10_000_000])
def test_timestamps_out_of_bounds(offset: int) -> None:
    """A timestamp that is more than 15 minutes off is refused, so that a request cannot be replayed
    later."""
    authenticator = replace(AUTHENTICATOR, clock=lambda: NOW + offset)
    with pytest.raises(Ec2Error) as error:
        authenticator.identify(
            parsed_request(RequestStyle(), RequestStyle().parameters("DescribeInstances"))
        )
    assert error.value.code == "RequestExpired"


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"Timestamp": "", "Expires": "2014-05-13T16:53:19Z"}, "RequestExpired"),
        ({"Timestamp": "", "Expires": ""}, "MissingParameter"),
        ({"Expires": "2014-05-13T17:53:20Z"}, "InvalidParameterCombination"),
        ({"Timestamp": "yesterday"}, "InvalidParameterValue"),
        ({"Timestamp": "2014-05-13"}, "InvalidParameterValue"),
        ({"Timestamp": "", "Expires": "soon"}, "InvalidParameterValue"),
    ],
)
def test_times_that_are_refused(times: dict[str, str], code: str) -> None:
    """Exactly one of Timestamp and Expires is required, with a valid time that is not past."""
    wire = RequestStyle(common=times)
    assert refusal(wire.parameters("DescribeInstances"), wire) == code


@pytest.mark.parametrize(
    "times",
    [
        {"Timestamp": "", "Expires": "2014-05-13T16:53:21Z"},
        {"Timestamp": "2014-05-13T18:53:20+0200"},
        {"Timestamp": "2014-05-13T16:53:20.000Z"},
        {"Timestamp": "2014-05-13T16:53:20"},
    ],
)
def test_forms_of_times(times: dict[str, str]) -> None:
    """Times may have fractions and offsets; without an offset they are GMT."""
    assert identify(RequestStyle(common=times)) == KEY


@pytest.mark.parametrize(
    "common", [{"SignatureVersion": "3"}, {"SignatureVersion": "0"}, {"SignatureMethod": "HmacMD5"}]
)
def test_unknown_signature_versions_and_methods(common: dict[str, str]) -> None:
    """Other signature versions and methods are invalid values."""
    wire = RequestStyle(common=common)
    assert refusal(wire.parameters("DescribeInstances"), wire) == "InvalidParameterValue"


def test_signature_version_1() -> None:
    """Clients of 2009 sign the concatenated names and values; that can be switched off."""
    parameters = without(
        RequestStyle().parameters("DescribeInstances"), "Signature", "SignatureMethod"
    )
    parameters["SignatureVersion"] = "1"
    text = "".join(name + parameters[name] for name in sorted(parameters, key=str.lower))
    mac = base64.b64encode(hmac.digest(b"SK", text.encode(), "sha1")).decode()
    request = parsed_request(RequestStyle(), parameters | {"Signature": mac})
    assert AUTHENTICATOR.identify(request) is KEY
    with pytest.raises(Ec2Error, match="SignatureVersion"):
        replace(AUTHENTICATOR, version_1=False).identify(request)


def signed_v4(body: str, stamp: str = "20140513T165320Z", region: str = "0/127") -> QueryRequest:
    """A request of newer SDKs, signed step by step as Amazon describes Signature Version 4."""
    wire, scope_text = RequestStyle(path="/awsapi/"), f"{stamp[:8]}/{region}/aws4_request"
    canonical = (
        f"POST\n/awsapi/\n\nhost:{wire.host}\nx-amz-date:{stamp}\n\nhost;x-amz-date\n"
        + hashlib.sha256(body.encode()).hexdigest()
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = b"AWS4SK"
    for part in scope_text.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope_text}\n{digest}"
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AK/{scope_text}, SignedHeaders=host;x-amz-date,"
        f" Signature={signature}"
    )
    scope, raw = wire.scope(body)
    scope["headers"] += [
        (b"x-amz-date", stamp.encode()),
        (b"authorization", authorization.encode()),
    ]
    return QueryRequest.read(scope, raw)


@pytest.mark.parametrize("region", ["0/127", "localhost/localhost", "us-east-1/ec2"])
def test_signature_version_4(region: str) -> None:
    """boto since 2.35 signs with version 4, for a region and service guessed from the host."""
    assert AUTHENTICATOR.identify(signed_v4("Action=DescribeInstances", region=region)) is KEY


def test_signature_version_4_refused() -> None:
    """Version 4 covers the body and the time, and can be switched off."""
    honest = signed_v4("Action=DescribeInstances")
    with pytest.raises(Ec2Error) as error:
        AUTHENTICATOR.identify(replace(honest, body=b"Action=TerminateInstances"))
    assert error.value.code == "SignatureDoesNotMatch"
    with pytest.raises(Ec2Error) as error:
        AUTHENTICATOR.identify(signed_v4("Action=DescribeInstances", stamp="20140513T160000Z"))
    assert error.value.code == "RequestExpired"
    with pytest.raises(Ec2Error) as error:
        replace(AUTHENTICATOR, version_4=False).identify(honest)
    assert error.value.code == "MissingParameter"
