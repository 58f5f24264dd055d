"""User data of instances."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from fixtures.model import Requirement
from suites.contract.dsl import passes, rejects
from suites.values.catalogue import USER_DATA
from suites.values.value_suite import BAD_VALUE, RAW, ValueSuite


def _percent_encoded(data: bytes) -> str:
    text = base64.b64encode(data).decode()
    return text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


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


class TestUserData(ValueSuite):
    """User data."""

    requirements = tuple(_user_data())
