"""Numbers: texts that are none, and other ways to write one."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import Requirement
from suites.contract.dsl import passes, rejects
from suites.values.catalogue import NO_NUMBERS, NUMBERS, SPELT_NUMBERS
from suites.values.value_suite import BAD_VALUE, CLIENTS, RAW, ValueSuite

NO_NUMBER_CODES = BAD_VALUE | {
    *("InstanceLimitExceeded", "VolumeLimitExceeded", "InvalidPermission.Malformed"),
    *("InvalidParameterRange", "InsufficientInstanceCapacity", "MaxIOPSLimitExceeded"),
}


BY_PLAIN_TEXT = ("boto", "boto3")  # the SOAP schema and the commands know 32 bits


def _numbers() -> Iterator[Requirement]:
    for action, parameters in NUMBERS.items():
        for parameter in parameters:
            for name, text in NO_NUMBERS.items():
                yield rejects(
                    action,
                    f"{parameter}-{name}",
                    f"{action} refuses a {parameter} that is no number of such things ({name}).",
                    NO_NUMBER_CODES,
                    drivers=RAW,
                    tampering={"parameters": f"{parameter}={text}"},
                )


def _by_clients() -> Iterator[Requirement]:
    for action, parameter in (("RunInstances", "MaxCount"), ("CreateVolume", "Size")):
        for name, clients in (("negative", CLIENTS), ("above-32-bits", BY_PLAIN_TEXT)):
            yield rejects(
                action,
                f"{parameter}-{name}",
                f"{action} refuses a {parameter} that is no number of such things ({name}).",
                NO_NUMBER_CODES,
                drivers=clients,
                arguments={parameter: int(NO_NUMBERS[name])},
            )


def _spelt() -> Iterator[Requirement]:
    for name, text in SPELT_NUMBERS.items():
        for parameter in ("MinCount", "MaxCount"):
            yield passes(
                "RunInstances",
                f"{parameter}-{name}",
                f"{parameter} is 1, however it is written, or is refused ({name}).",
                drivers=RAW,
                tampering={"parameters": f"{parameter}={text.format(1)}"},
                fields={"Instances": {"count": 1}},
                or_refused=True,
            )
        yield passes(
            "CreateVolume",
            f"Size-{name}",
            f"The size is 10, however it is written, or is refused ({name}).",
            drivers=RAW,
            tampering={"parameters": f"Size={text.format(10)}"},
            parameters={"size": 10},
            fields={"Size": 10},
            or_refused=True,
        )
        for parameter, number in (("FromPort", 22), ("ToPort", 2222)):
            yield passes(
                "AuthorizeSecurityGroupIngress",
                f"IpPermissions.1.{parameter}-{name}",
                f"{parameter} is {number}, however it is written, or is refused ({name}).",
                drivers=RAW,
                tampering={"parameters": f"IpPermissions.1.{parameter}={text.format(number)}"},
                or_refused=True,
            )


class TestNumbers(ValueSuite):
    """Numbers of things, sizes and ports."""

    requirements = (*_numbers(), *_by_clients(), *_spelt())
