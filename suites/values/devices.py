"""Names of the devices that volumes are attached as."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import Requirement
from suites.contract.dsl import passes, rejects
from suites.values.catalogue import NO_DEVICES, SPELT_DEVICES
from suites.values.value_suite import BAD_VALUE, CLIENTS, SDK, ValueSuite

ENCODED = ("sign",)
NO_ATTACHMENT = BAD_VALUE | {"InvalidAttachment.NotFound"}


def _devices() -> Iterator[Requirement]:
    for name, text in NO_DEVICES.items():
        yield rejects(
            "AttachVolume",
            f"Device-{name}",
            f"A volume is not attached as what is no device ({name}).",
            BAD_VALUE,
            drivers=CLIENTS if name in ENCODED else SDK,
            arguments={"Device": text},
        )
        yield rejects(
            "DetachVolume",
            f"Device-{name}",
            f"A volume is not detached from what is no device ({name}).",
            NO_ATTACHMENT,
            drivers=CLIENTS if name in ENCODED else SDK,
            arguments={"Device": text},
        )
    yield rejects(
        "DetachVolume",
        "Device-other",
        "A volume is not detached from a device that it is not attached as.",
        NO_ATTACHMENT,
        drivers=SDK,
        arguments={"Device": "/dev/sdg"},
    )
    for name, text in SPELT_DEVICES.items():
        yield passes(
            "AttachVolume",
            f"Device-{name}",
            f"A volume is attached as /dev/sdf, and shown as it was named, or refused ({name}).",
            drivers=SDK,
            arguments={"Device": text},
            parameters={"deviceid": 5},
            fields={"Device": text},
            or_refused=True,
        )


class TestDevices(ValueSuite):
    """Names of devices."""

    requirements = tuple(_devices())
