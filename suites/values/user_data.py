"""User data of instances."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote

from fixtures.model import Requirement
from suites.contract.dsl import passes, rejects
from suites.values.catalogue import USER_DATA
from suites.values.value_suite import BAD_VALUE, CLIENTS, RAW, ValueSuite


def _percent_encoded(data: bytes) -> str:
    return quote(base64.b64encode(data), safe="")


def _user_data() -> Iterator[Requirement]:
    for name, data in USER_DATA.items():
        yield passes(
            "RunInstances",
            f"UserData-{name}",
            f"User data reaches CloudStack whole ({name}).",
            drivers=RAW,
            tampering={"parameters": f"UserData={_percent_encoded(data)}"},
            parameters={"userdata": base64.b64encode(data).decode()},
        )
    for name, text in (
        ("no-base64", "%25%25%25"),
        ("16385-bytes", _percent_encoded(b"x" * 16385)),
    ):
        yield rejects(
            "RunInstances",
            f"UserData-{name}",
            f"User data that cannot be passed on whole is refused ({name}).",
            BAD_VALUE | {"InvalidUserData.Malformed"},
            drivers=RAW,
            tampering={"parameters": f"UserData={text}"},
        )


def _by_clients() -> Iterator[Requirement]:
    for name in ("newlines", "utf-8"):
        yield passes(
            "RunInstances",
            f"UserData-{name}",
            f"User data reaches CloudStack whole ({name}).",
            drivers=CLIENTS,
            arguments={"UserData": USER_DATA[name].decode()},
            parameters={"userdata": base64.b64encode(USER_DATA[name]).decode()},
        )
    lines = base64.encodebytes(USER_DATA["9000-bytes"])
    whole = base64.b64encode(USER_DATA["9000-bytes"]).decode()
    yield passes(
        "RunInstances",
        "UserData-in-lines",
        "Base64 in lines of 76 letters reaches CloudStack whole, or is refused.",
        drivers=RAW,
        tampering={"parameters": f"UserData={quote(lines)}"},
        parameters={"userdata": [whole, lines.decode(), lines.decode().rstrip()]},
        or_refused=True,
    )


class TestUserData(ValueSuite):
    """User data."""

    requirements = (*_user_data(), *_by_clients())
