"""The simulated deployment as a whole: addresses, start, failures, end."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.errors import ConfigurationError
from tests.support.simulated_deployments import Ec2TestClient


def ports_of(deployment: Deployment) -> list[int]:
    """The ports that it listens on."""
    urls = (deployment.ec2_url, deployment.cloudstack_url, deployment.integration_url)
    return [urlsplit(url).port or 0 for url in urls]


def answers(port: int) -> bool:
    """Whether the port accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_listens_where_it_says() -> None:
    """The deployment serves the addresses that it names, on this machine only, until it ends."""
    with Deployment() as deployment:
        ports = ports_of(deployment)
        assert len(set(ports)) == 3
        assert all(answers(port) for port in ports)
        assert deployment.ec2_url == f"http://127.0.0.1:{ports[0]}/awsapi"
        assert deployment.s3_url == f"http://127.0.0.1:{ports[0]}/awsapi/rest/AmazonS3"
        assert deployment.cloudstack_url == f"http://127.0.0.1:{ports[1]}/client/api"
        with urlopen(f"{deployment.integration_url}?command=listZones&response=json") as reply:
            assert deployment.world.zone_name in reply.read().decode()
    assert not any(answers(port) for port in ports)
    assert [thread.name for thread in threading.enumerate() if thread.name == "deployment"] == []


def test_ports_can_be_chosen_again() -> None:
    """When a deployment has ended, the next can use its ports, and has the same users."""
    with Deployment() as first:
        ports, users = ports_of(first), first.users
        client = Ec2TestClient(first)
        client.call("DescribeRegions")
    options = DeploymentOptions(ec2_port=ports[0], api_port=ports[1], integration_port=ports[2])
    with Deployment(options) as second:
        assert ports_of(second) == ports
        assert second.users == users
    client.close()
    assert {"alice", "bob", "admin"} <= {user.name for user in users}


@pytest.mark.parametrize("which", ["ec2_port", "api_port", "integration_port"])
def test_a_port_in_use(which: str) -> None:
    """A port in use is an error in one line that names it, and nothing is left running."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        before = threading.active_count()
        with pytest.raises(ConfigurationError, match=rf"port {port} of 127\.0\.0\.1") as error:
            Deployment(DeploymentOptions(**{which: port})).start()
        assert "\n" not in str(error.value)
        assert threading.active_count() == before


def test_an_invalid_port() -> None:
    """An invalid port number is refused in the same way."""
    with pytest.raises(ConfigurationError, match="EC2 port 70000"):
        Deployment(DeploymentOptions(ec2_port=70000)).start()


def test_the_bridge_can_use_another_cloudstack() -> None:
    """With the URL of another CloudStack, the bridge sends its calls there, and not to the
    deployment's own management server."""
    with (
        Deployment() as other,
        Deployment(DeploymentOptions(cloudstack_url=other.cloudstack_url)) as deployment,
    ):
        client = Ec2TestClient(deployment)
        result = client.call("DescribeAvailabilityZones")
        client.close()
        assert result.calls == ()
        assert [call.command for call in other.management.journal.since(0)] == ["listZones"]


def test_cloudstack_that_is_not_there() -> None:
    """Without a CloudStack that answers, the service is promptly unavailable."""
    with Deployment(
        DeploymentOptions(cloudstack_url="http://127.0.0.1:1/client/api")
    ) as deployment:
        client = Ec2TestClient(deployment)
        began = time.perf_counter()
        result = client.attempt("DescribeInstances")
        client.close()
        assert (result.status, result.code) == (503, "Unavailable")
        assert time.perf_counter() - began < 2


def test_its_time_can_be_moved() -> None:
    """Requests expire by the deployment's own clock, which tests move instead of waiting."""
    with Deployment() as deployment:
        client = Ec2TestClient(deployment)
        client.call("DescribeRegions")
        deployment.clock.advance(16 * 60)
        assert client.refusal_code("DescribeRegions") == "RequestExpired"
        client.close()


def test_serving_until_stopped() -> None:
    """`run_until` returns when it is stopped, also with a client connected; no port stays open."""
    deployment, stop = Deployment().start(), threading.Event()
    server = threading.Thread(target=deployment.run_until, args=(stop.wait,))
    server.start()
    client = Ec2TestClient(deployment)
    client.call("DescribeRegions")
    port = ports_of(deployment)[0]
    stop.set()
    server.join(5)
    client.close()
    assert not server.is_alive()
    assert not answers(port)


def test_it_starts_at_once() -> None:
    """The first call is answered within a second and a half of the processor's time."""
    program = (
        "from fixtures.simulator.deployment import Deployment\n"
        "from urllib.request import urlopen\n"
        "with Deployment() as d: urlopen(d.integration_url + '?command=listZones').read()\n"
        "print('answered')"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.returncode) == ("answered\n", 0), done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.5
