"""A served deployment under many clients at once, with its memory and descriptors over time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote, urlsplit

from fixtures.clients.ec2.signature_v2 import (
    canonical_query,
    signature,
    string_to_sign,
    timestamp,
)
from fixtures.simulator.management.signing import sign

CLIENTS = 64
_WARM = 0.2  # of the time, after which memory should not grow any more
_APIS = ("ec2", "s3", "cloudstack")
_KEPT = 32.0  # seconds after which the bridge has closed its own connections to CloudStack
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_Request = Callable[[], None]


@dataclass(slots=True)
class LoadFigures:
    """Latencies in seconds, errors, and (seconds, KiB, descriptors) of the deployment."""

    latencies: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    samples: list[tuple[float, int, int]] = field(default_factory=list)
    descriptors_at_start: int = 0
    idle_descriptors: int = 0  # after the clients have disconnected

    def percentile(self, share: float) -> float:
        """The latency that this share of the requests keeps below."""
        ordered = sorted(self.latencies) or [0.0]
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@dataclass(frozen=True, slots=True)
class _Deployment:
    process: subprocess.Popen[str]
    announcement: dict[str, object]

    def sizes(self) -> tuple[int, int]:
        """KiB of memory, and descriptors."""
        proc = Path(f"/proc/{self.process.pid}")
        status = (proc / "status").read_text()
        memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return int(memory), len(list((proc / "fd").iterdir()))


def load_deployment(seconds: float, clients: int = CLIENTS) -> LoadFigures:
    """Send requests of all kinds from so many clients for so many seconds."""
    figures = LoadFigures()
    with _served() as deployment:
        figures.descriptors_at_start = deployment.sizes()[1]
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=_client, args=(deployment, number, end, figures))
            for number in range(clients)
        ]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        while (now := time.monotonic()) < end:
            figures.samples.append((now - began, *deployment.sizes()))
            time.sleep(min(1.0, seconds / 20))  # between two looks
        for thread in threads:
            thread.join()
        time.sleep(min(seconds, _KEPT))  # the deployment announces no connection that it closes
        figures.idle_descriptors = deployment.sizes()[1]
    return figures


def _client(deployment: _Deployment, number: int, end: float, figures: LoadFigures) -> None:
    """Send requests one after the other, over connections that are kept."""
    with closing(_Client(deployment.announcement, number)) as client:
        requests = client.requests()
        while time.monotonic() < end:
            for request in requests:
                began = time.monotonic()
                try:
                    request()
                except (OSError, HTTPException, ValueError) as error:
                    figures.errors.append(f"{type(error).__name__}: {error}")
                figures.latencies.append(time.monotonic() - began)


class _Client:
    """One client of the three APIs; whatever it makes, it removes."""

    def __init__(self, announcement: dict[str, object], number: int) -> None:
        users = announcement["users"]
        assert isinstance(users, list)
        self._access_key, self._secret_key = users[0]["access_key"], users[0]["secret_key"]
        self._urls = {
            name: urlsplit(str(announcement[name])) for name in ("ec2", "s3", "cloudstack")
        }
        self._connections = {
            name: HTTPConnection(url.hostname or "", url.port, timeout=60)
            for name, url in self._urls.items()
        }
        self._name = f"soak-{number}"
        self._send("s3", "PUT", f"/{self._name}", b"", {})

    def close(self) -> None:
        """Remove the bucket and disconnect."""
        self._send("s3", "DELETE", f"/{self._name}", b"", {})
        for connection in self._connections.values():
            connection.close()

    def requests(self) -> list[_Request]:
        """The requests of one round, in order."""
        key, group = f"/{self._name}/key", self._name
        return [
            lambda: self._ec2(Action="CreateSecurityGroup", GroupName=group, GroupDescription="d"),
            lambda: self._ec2(Action="DescribeInstances"),
            lambda: self._ec2(Action="DescribeSecurityGroups"),
            lambda: self._ec2(Action="DeleteSecurityGroup", GroupName=group),
            lambda: self._send("s3", "PUT", key, b"x" * 10_000, {}),
            lambda: self._send("s3", "GET", key, b"", {}),
            lambda: self._send("s3", "GET", f"/{self._name}", b"", {}),
            lambda: self._send("s3", "DELETE", key, b"", {}),
            lambda: self._cloudstack(command="listZones", response="json"),
        ]

    def _ec2(self, **values: str) -> None:
        url = self._urls["ec2"]
        values |= {
            "AWSAccessKeyId": self._access_key,
            "SignatureMethod": "HmacSHA256",
            "SignatureVersion": "2",
            "Timestamp": timestamp(),
            "Version": "2010-11-15",
        }
        text = string_to_sign("POST", url.netloc, url.path, values)
        values["Signature"] = signature(self._secret_key, text)
        self._send("ec2", "POST", "", canonical_query(values).encode(), _FORM)

    def _cloudstack(self, **values: str) -> None:
        values["apiKey"] = self._access_key
        values["signature"] = sign(values, self._secret_key)
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
        self._send("cloudstack", "GET", f"?{query}", b"", {})

    def _send(self, api: str, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        """Send one request; a ValueError if it is refused."""
        target, connection = f"{self._urls[api].path}{path}", self._connections[api]
        if api == "s3":
            date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
            signed = signature(self._secret_key, f"{method}\n\n\n{date}\n{target}", "HmacSHA1")
            headers = {"Date": date, "Authorization": f"AWS {self._access_key}:{signed}"}
        connection.request(method, target, body, headers)
        reply = connection.getresponse()
        text = reply.read()
        if reply.status >= 400:
            raise ValueError(f"{method} {path[:40]}: {reply.status} {text[:300]!r}")


@contextmanager
def _served() -> Iterator[_Deployment]:
    command = (sys.executable, "-m", "tools.conform", "serve")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield _Deployment(process, json.loads(process.stdout.readline()))
        finally:
            process.send_signal(signal.SIGTERM)


def growth(figures: LoadFigures) -> tuple[int, int]:
    """KiB of memory: once the deployment is warm, and at the end."""
    warm = figures.samples[int(len(figures.samples) * _WARM)]
    return warm[1], figures.samples[-1][1]
