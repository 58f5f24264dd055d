"""What is fuzzed: the parsers of Query, SOAP, S3 and CloudStack requests, and that of records."""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeAlias
from urllib.parse import quote, urlsplit

from fixtures.clients.ec2.signature_v2 import signature, string_to_sign, timestamp
from fixtures.model import UsageError
from fixtures.simulator.management.signing import sign
from reports.record.run_file import FILE, load_run
from tools.fuzz.mutation import Sample
from tools.fuzz.seeds import CLOUD, QUERY, S3, SOAP_BODIES, record_sample
from tools.fuzz.served import Answer, Served, served_deployment

_FORM = "application/x-www-form-urlencoded"


class FuzzTarget(Protocol):
    """A parser with samples that it takes."""

    @property
    def seeds(self) -> Sequence[Sample]:
        """Samples to begin with."""

    def try_sample(self, sample: Sample) -> Answer:
        """What comes of a sample."""


Opened: TypeAlias = AbstractContextManager[FuzzTarget]


class QueryTarget:
    """EC2's Query API; every request is signed after it was changed."""

    def __init__(self, served: Served) -> None:
        self._served, self._user = served, served.deployment.users[0]
        self.seeds = QUERY

    def try_sample(self, sample: Sample) -> Answer:
        """Send a signed POST."""
        url = self._served.deployment.ec2_url
        values = {
            "AWSAccessKeyId": self._user.access_key,
            "SignatureMethod": "HmacSHA256",
            "SignatureVersion": "2",
            "Timestamp": timestamp(),
            "Version": "2010-11-15",
            **sample,
        }
        place = urlsplit(url)
        text = string_to_sign("POST", place.netloc, place.path, values)
        values["Signature"] = signature(self._user.secret_key, text)
        headers = {"content-type": _FORM}
        return self._served.exchange(url, _http("POST", url, _encoded(values), headers))


class SoapTarget:
    """EC2's SOAP API; messages need no signature."""

    def __init__(self, served: Served) -> None:
        self._served = served
        certificate = ssl.PEM_cert_to_DER_cert(served.deployment.users[0].certificate)
        token = base64.b64encode(certificate).decode()
        self.seeds = [
            {"head": _SOAP_HEAD.format(token), "body": body, "end": _SOAP_END}
            for body in SOAP_BODIES
        ]

    def try_sample(self, sample: Sample) -> Answer:
        """Send a message."""
        url = self._served.deployment.ec2_url
        parts = (sample.get(name, "") for name in ("head", "body", "end"))
        headers = {"content-type": "text/xml", "soapaction": '""'}
        return self._served.exchange(url, _http("POST", url, "".join(parts), headers))


class S3Target:
    """S3's REST API; requests name the caller, and their signatures are not checked."""

    def __init__(self, served: Served) -> None:
        self._served, self._user = served, served.deployment.users[0]
        self.seeds = S3

    def try_sample(self, sample: Sample) -> Answer:
        """Send a request: `path`, `method`, `body`, and one text for each header and parameter."""
        url = self._served.deployment.s3_url
        query = _encoded(_named(sample, "query:"))
        path = quote(sample.get("path", ""), safe="/%")
        headers = {
            "authorization": f"AWS {self._user.access_key}:x",
            "date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()),
        } | _named(sample, "header:")
        method = sample.get("method", "GET")
        target = f"{url}{path}?{query}" if query else f"{url}{path}"
        return self._served.exchange(url, _http(method, target, sample.get("body", ""), headers))


class CloudStackTarget:
    """CloudStack's API; every request is signed after it was changed."""

    def __init__(self, served: Served) -> None:
        self._served, self._user = served, served.deployment.users[0]
        self.seeds = CLOUD

    def try_sample(self, sample: Sample) -> Answer:
        """Send a signed GET."""
        url = self._served.deployment.cloudstack_url
        values = dict(sample)
        values |= {"apiKey": self._user.access_key}
        values["signature"] = sign(values, self._user.secret_key)
        return self._served.exchange(url, _http("GET", f"{url}?{_encoded(values)}", "", {}))


class RecordTarget:
    """The reader of a run's record."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / FILE
        self.seeds = [record_sample()]

    def try_sample(self, sample: Sample) -> Answer:
        """Read a record with these lines."""
        lines = (sample[name] for name in sorted(sample))
        self._file.write_bytes("\n".join((*lines, "")).encode("utf-8"))
        try:
            load_run(self._file)
        except UsageError as refusal:
            text = str(refusal).replace(str(self._file), "")
            problem = "" if text.isprintable() else f"a refusal of several lines: {text!r}"
            return Answer("".join(filter(str.isalpha, text))[:80], problem)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a finding
            return Answer("raised", f"{type(error).__name__}: {error}")
        return Answer("read")


@contextmanager
def _served(kind: Callable[[Served], FuzzTarget]) -> Iterator[FuzzTarget]:
    with served_deployment() as served:
        yield kind(served)


@contextmanager
def _record() -> Iterator[FuzzTarget]:
    with TemporaryDirectory(prefix="fuzz") as directory:
        yield RecordTarget(Path(directory))


def open_target(name: str) -> Opened:
    """The target of one of `TARGETS`, as a context."""
    return _record() if name == "record" else _served(_SERVED[name])


_SERVED: Mapping[str, Callable[[Served], FuzzTarget]] = {
    "query": QueryTarget,
    "soap": SoapTarget,
    "s3": S3Target,
    "cloudstack": CloudStackTarget,
}
TARGETS = (*_SERVED, "record")

_SOAP_HEAD = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header>'
    '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity'
    '-secext-1.0.xsd"><wsse:BinarySecurityToken ValueType="http://docs.oasis-open.org/wss/2004/01/'
    'oasis-200401-wss-x509-token-profile-1.0#X509v3">{}</wsse:BinarySecurityToken></wsse:Security>'
    "</soapenv:Header><soapenv:Body>"
)
_SOAP_END = "</soapenv:Body></soapenv:Envelope>"


def _named(sample: Sample, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value
        for name, value in sample.items()
        if name.startswith(prefix)
    }


def _encoded(values: Mapping[str, str]) -> str:
    return "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in values.items()
    )


def _http(method: str, url: str, body: str, headers: Mapping[str, str]) -> bytes:
    """A request: what would end a line or a request in a head is left out."""
    place, content = urlsplit(url), body.encode()
    target = url[url.index(place.netloc) + len(place.netloc) :]
    method = "".join(filter(str.isalpha, method)).upper() or "GET"
    lines = [f"{method} {target} HTTP/1.1".encode("latin-1", "replace")]
    sent = {
        "host": place.netloc,
        "connection": "close",
        **headers,
        "content-length": str(len(content)),
    }
    for name, value in sent.items():
        known = "".join(c for c in name.lower() if c.isascii() and (c.isalnum() or c == "-"))
        if known and (known == name or known not in sent):
            raw = value.encode()
            lines.append(known.encode() + b": " + bytes(b for b in raw if b >= 32 and b != 127))
    return b"\r\n".join((*lines, b"", content))
