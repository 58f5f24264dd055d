"""Global settings that take effect when the deployment starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from fixtures.database.server import free_port
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.errors import ConfigurationError
from fixtures.simulator.management.errors import ApiError
from tests.support.simulated_deployments import Ec2TestClient


@pytest.fixture
def installed() -> Iterator[Deployment]:
    """A deployment as it is installed: no setting was changed."""
    with Deployment(DeploymentOptions(settings={}, integration_port=None)) as deployment:
        yield deployment


def update(deployment: Deployment, name: str, value: str) -> None:
    """Change a setting as the administrator."""
    deployment.management.execute("updateConfiguration", {"name": name, "value": value}, "admin")


def ec2_status(deployment: Deployment) -> int:
    """The status of a request to EC2."""
    with closing(Ec2TestClient(deployment)) as client:
        return client.attempt("DescribeAvailabilityZones").status


def s3_reply(deployment: Deployment) -> tuple[int, str]:
    """The status and text of an unsigned request to S3."""
    try:
        with urlopen(deployment.s3_url) as reply:
            return reply.status, ""
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def test_services_are_disabled_until_a_restart(installed: Deployment) -> None:
    """Both services are off at first; a setting changes its own service, and only at a restart."""
    assert ec2_status(installed) == 404
    assert s3_reply(installed)[0] == 404
    assert "S3 API is disabled" in s3_reply(installed)[1]
    update(installed, "enable.ec2.api", "true")
    assert ec2_status(installed) == 404
    before = installed.ec2_url, installed.cloudstack_url
    installed.restart()
    assert (installed.ec2_url, installed.cloudstack_url) == before
    assert ec2_status(installed) == 200
    assert s3_reply(installed)[0] == 404
    update(installed, "enable.ec2.api", "false")
    update(installed, "enable.s3.api", "true")
    assert ec2_status(installed) == 200
    installed.restart()
    assert ec2_status(installed) == 404
    assert s3_reply(installed)[0] == 200


def test_a_disabled_service_calls_nothing(installed: Deployment) -> None:
    """SetUserKeys, which is not signed, the WSDL and SOAP are refused as well."""
    base = installed.ec2_url
    soap = b"<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'/>"
    for target, body in (
        (f"{base}?Action=SetUserKeys&accesskey=a&secretkey=b", None),
        (f"{base}?wsdl", None),
        (f"{base}/rest/AmazonEC2?Action=DescribeImages", None),
        (f"{base}/services/AmazonEC2", soap),
    ):
        with pytest.raises(HTTPError) as refused:
            urlopen(target, data=body)
        assert "EC2 API is disabled" in refused.value.read().decode(), target
    assert not installed.management.journal.since(0)


def test_a_blank_after_true_enables(installed: Deployment) -> None:
    """A value that updateConfiguration accepts has its effect."""
    update(installed, "enable.ec2.api", "true ")
    installed.restart()
    assert ec2_status(installed) == 200


def test_what_was_made_outlives_a_restart(installed: Deployment) -> None:
    """Resources, hooks and the clock stay."""
    update(installed, "enable.ec2.api", "true")
    installed.restart()
    with closing(Ec2TestClient(installed)) as client:
        client.call("CreateSecurityGroup", GroupName="kept", GroupDescription="kept")
    installed.bridge.hooks = (hooks := Hooks(),)
    installed.clock.advance(10)
    moment = installed.clock.seconds()
    installed.restart()
    assert installed.bridge.hooks == (hooks,)
    assert installed.clock.seconds() >= moment
    with closing(Ec2TestClient(installed)) as client:
        assert "kept" in str(client.call("DescribeSecurityGroups").body)


def test_the_integration_port(installed: Deployment) -> None:
    """It is off by default and by 0, and on at the port that is set, from the next restart on."""
    port = free_port()
    for value, listening in (("0", False), (str(port), True), ("null", False)):
        update(installed, "integration.api.port", value)
        installed.restart()
        assert ("integration" in installed.listening_ports) is listening
        if listening:
            assert installed.listening_ports["integration"] == port
            assert b"zone1" in urlopen(f"http://127.0.0.1:{port}/?command=listZones").read()
    with pytest.raises(URLError):
        urlopen(f"http://127.0.0.1:{port}/?command=listZones")


def test_a_port_that_is_none(installed: Deployment) -> None:
    """Text is refused when it is set; a number beyond the last port, by name, at the restart."""
    for text in ("eight", "-1", "80.5"):
        with pytest.raises(ApiError, match="takes a number"):
            update(installed, "integration.api.port", text)
    update(installed, "integration.api.port", "70000")
    with pytest.raises(ConfigurationError, match=r"integration\.api\.port is '70000'"):
        installed.restart()
    assert installed.listening_ports == {}
