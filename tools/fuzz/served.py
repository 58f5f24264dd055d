"""The simulated deployment that requests are sent to, and what must hold of its answers."""

from __future__ import annotations

import hashlib
import http.client
import io
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import msgspec
from lxml import etree

from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.deployment import Deployment, DeploymentOptions

_TIMEOUT = 15.0  # seconds after which a request hangs
# Messages need no signature, so that what is changed is carried out.
_UNSIGNED = frozenset({"unsigned-body", "no-timestamp", "replay", "signature", "date"})
# Tables that refusals may write to: what happened is kept there.
_LOGS = frozenset({"event", "async_job", "usage_event", "api_calls"})
_CODE = re.compile(rb"<(?:\w+:)?(?:Code|faultcode|errorcode)>([^<]*)<|\"errorcode\":(\d+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a sample: `kind` tells alike answers apart, `problem` is "" if all is well."""

    kind: str
    problem: str = ""


class Served:
    """A deployment whose database is a file, so that its state is seen from outside."""

    def __init__(self, deployment: Deployment, database: Path) -> None:
        self.deployment = deployment
        self._connection = sqlite3.connect(database)
        self._state = self._digest()

    def close(self) -> None:
        """Close the connection to the database."""
        self._connection.close()

    def exchange(self, url: str, request: bytes) -> Answer:
        """Send one request and check its answer, and the state if it is a refusal."""
        address = urlsplit(url)
        place = (address.hostname or "", address.port or 0)
        try:
            with socket.create_connection(place, timeout=_TIMEOUT) as connection:
                connection.sendall(request)
                method = request.partition(b" ")[0].decode("latin-1")
                reply = http.client.HTTPResponse(connection, method=method)
                reply.begin()
                status, body = reply.status, reply.read()
                kind = reply.getheader("content-type", "")
        except TimeoutError:
            return Answer("hang", f"no answer within {_TIMEOUT:g} seconds")
        except (http.client.HTTPException, OSError) as error:
            return Answer("broken", f"no answer: {type(error).__name__}: {error}")
        before, self._state = self._state, self._digest()
        problem = _ill_formed(body, kind)
        # SOAP's faults have status 500, too.
        if status == 500 and (not body.startswith(b"<") or b"InternalError" in body):
            problem = f"status 500: {body[:300].decode('utf-8', 'replace')}"
        elif status >= 400 and before != self._state:
            problem = f"a refusal with status {status} changed the state: {body[:200]!r}"
        code = _CODE.search(body)
        return Answer(f"{status} {code[0].decode('latin-1') if code else ''}", problem)

    def _digest(self) -> bytes:
        """A digest of the tables that refusals must not change."""
        names = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        digest = hashlib.sha256()
        for (name,) in sorted(names):
            if name not in _LOGS:
                rows = self._connection.execute(f'SELECT * FROM "{name}"')  # ours
                digest.update(repr((name, rows.fetchall())).encode())
        return digest.digest()


@contextmanager
def served_deployment() -> Iterator[Served]:
    """A deployment that carries out messages without signatures, until the end of the block."""
    with TemporaryDirectory(prefix="fuzz") as directory:
        database = Path(directory) / "cloud.db"
        options = DeploymentOptions(database_url=f"sqlite:///{database}")
        with Deployment(options) as deployment:
            deployment.bridge.hooks = (Hooks(skipped_checks=_UNSIGNED),)
            with closing(Served(deployment, database)) as served:
                yield served


def _ill_formed(body: bytes, kind: str) -> str:
    """Why a document is not well formed, "" if it is, or is none."""
    try:
        if "xml" in kind and body:
            etree.parse(io.BytesIO(body))
        elif "javascript" in kind or "json" in kind:
            msgspec.json.decode(body)
    except (etree.XMLSyntaxError, msgspec.DecodeError) as error:
        return f"an ill-formed document: {error}: {body[:300]!r}"
    return ""
