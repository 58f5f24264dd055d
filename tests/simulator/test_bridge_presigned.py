"""EC2 requests with their signature in the query: presigned URLs, as botocore makes them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

import boto3  # type: ignore[import-untyped] # botocore has no types
import pytest
import requests
from botocore.config import Config  # type: ignore[import-untyped] # as above

from fixtures.simulator.deployment import Deployment
from tests.support.seeded_users import seeded_user


@pytest.fixture(scope="module")
def sdk(deployment: Deployment) -> Any:
    """Alice's boto3 client."""
    alice = seeded_user(deployment)
    return boto3.client(
        "ec2",
        endpoint_url=deployment.ec2_url,
        region_name="us-east-1",
        aws_access_key_id=alice.access_key,
        aws_secret_access_key=alice.secret_key,
        config=Config(signature_version="v4"),
    )


def presigned_url(sdk: Any, method: str = "GET", expires: int = 60, group: str = "") -> str:
    """A presigned URL of CreateSecurityGroup or, without a name, of DescribeRegions."""
    action, parameters = "describe_regions", {}
    if group:
        action, parameters = "create_security_group", {"GroupName": group, "Description": "d"}
    url: str = sdk.generate_presigned_url(
        action, Params=parameters, ExpiresIn=expires, HttpMethod=method
    )
    return url


def error_code(reply: requests.Response) -> str:
    """The code of an error document."""
    found = re.search("<Code>(.*)</Code>", reply.text)
    return found[1] if found else ""


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_presigned_url_is_carried_out(sdk: Any, method: str) -> None:
    """The URL is enough, by the method that it was signed for; parameters may be anything."""
    name = f"by {method} *~/+&"
    url = presigned_url(sdk, method, group=name)
    assert "X-Amz-Signature=" in url
    reply = requests.request(method, url, timeout=10)
    assert reply.status_code == 200, reply.text
    groups = sdk.describe_security_groups(GroupNames=[name])["SecurityGroups"]
    assert [group["GroupName"] for group in groups] == [name]
    other = "POST" if method == "GET" else "GET"
    assert error_code(requests.request(other, url, timeout=10)) == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Action": "DescribeInstances"}, "SignatureDoesNotMatch"),
        ({"InstanceId.1": "added"}, "SignatureDoesNotMatch"),
        ({"X-Amz-Expires": "61"}, "SignatureDoesNotMatch"),
        ({"X-Amz-Signature": "0" * 64}, "SignatureDoesNotMatch"),
        ({"X-Amz-SignedHeaders": "x-amz-date"}, "SignatureDoesNotMatch"),
        ({"X-Amz-Expires": "604801"}, "InvalidParameterValue"),
        ({"X-Amz-Expires": "soon"}, "InvalidParameterValue"),
        ({"X-Amz-Signature": ""}, "IncompleteSignature"),
        ({"X-Amz-Date": "20110203T101112Z"}, "IncompleteSignature"),
        ({"X-Amz-Credential": "AK/us-east-1/ec2/aws4_request"}, "IncompleteSignature"),
    ],
)
def test_a_changed_url_is_refused(sdk: Any, changed: dict[str, str], code: str) -> None:
    """Everything in the query is signed, and nothing may be missing."""
    address, _, query = presigned_url(sdk).partition("?")
    parameters = dict(parse_qsl(query)) | changed
    assert error_code(requests.get(f"{address}?{urlencode(parameters)}", timeout=10)) == code


def test_a_body_is_signed_too(sdk: Any) -> None:
    """A form that is added to a presigned POST is no part of what was signed."""
    reply = requests.post(presigned_url(sdk, "POST"), data={"DryRun": "true"}, timeout=10)
    assert error_code(reply) == "SignatureDoesNotMatch"


def test_an_unknown_key_is_refused(sdk: Any) -> None:
    """The credential is looked up as everywhere else."""
    address, _, query = presigned_url(sdk).partition("?")
    parameters = dict(parse_qsl(query))
    scope = parameters["X-Amz-Credential"].split("/")[1:]
    parameters["X-Amz-Credential"] = "/".join(["unknown", *scope])
    reply = requests.get(f"{address}?{urlencode(parameters)}", timeout=10)
    assert (reply.status_code, error_code(reply)) == (401, "AuthFailure")


def test_a_url_expires(sdk: Any, deployment: Deployment) -> None:
    """It is valid for as many seconds as it says, whatever the tolerance for clocks, and a URL from
    the future is not valid."""
    long, short = presigned_url(sdk, expires=3600), presigned_url(sdk, expires=60)
    deployment.clock.advance(1800)
    try:
        assert requests.get(long, timeout=10).status_code == 200
        assert error_code(requests.get(short, timeout=10)) == "RequestExpired"
        deployment.clock.advance(-3600)
        assert error_code(requests.get(long, timeout=10)) == "RequestExpired"
    finally:
        deployment.clock.advance(1800)
