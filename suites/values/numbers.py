"""Numbers: texts that are none."""

from __future__ import annotations

from collections.abc import Iterator

from fixtures.model import Requirement
from suites.contract.dsl import rejects
from suites.values.catalogue import NO_NUMBERS, NUMBERS
from suites.values.value_suite import BAD_VALUE, RAW, ValueSuite

NO_NUMBER_CODES = BAD_VALUE | {
    *("InstanceLimitExceeded", "VolumeLimitExceeded", "InvalidPermission.Malformed"),
    *("InvalidParameterRange", "InsufficientInstanceCapacity", "MaxIOPSLimitExceeded"),
}


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


class TestNumbers(ValueSuite):
    """Numbers of things, sizes and ports."""

    requirements = tuple(_numbers())
