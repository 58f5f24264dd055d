"""Times of requests: other ways to write one, and texts that are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Requirement
from suites.contract.dsl import answers, rejects
from suites.values.catalogue import NO_TIMES
from suites.values.value_suite import RAW, ValueSuite

NOW = "%Y-%m-%dT%H:%M:%S"
# Ways to write a time that SDKs use, and ways of which the sources say nothing.
SPELT: Mapping[str, str] = {"milliseconds": f"{NOW}.123Z", "zero-milliseconds": f"{NOW}.000Z"}
UNSETTLED: Mapping[str, str] = {
    "microseconds": f"{NOW}.123456Z",
    "offset": f"{NOW}+00:00",
    "no-zone": NOW,
    "small-letters": "%Y-%m-%dt%H:%M:%Sz",
}
JUNK: Mapping[str, str] = {
    **{name: text for name, text in NO_TIMES.items() if text},
    "junk-behind-now": f"{NOW}Zjunk",
    "two-times": f"{NOW}Z,{NOW}Z",
    "year-only": "%Y",
    "no-hour": "%Y-%m-%dT25:61:61Z",
}


def _times() -> Iterator[Requirement]:
    for name, text in {**SPELT, **UNSETTLED}.items():
        yield answers(
            "DescribeAvailabilityZones",
            f"Timestamp-{name}",
            f"A request whose Timestamp is now is carried out, or refused ({name}).",
            drivers=RAW,
            tampering={"signing_version": "2", "timestamp": text},
            fields={"AvailabilityZones[].ZoneName": {"set": ["{zone.name}"]}},
            or_refused=name in UNSETTLED,
        )
    for parameter in ("Timestamp", "Expires"):
        for name, text in JUNK.items():
            yield rejects(
                "DescribeAvailabilityZones",
                f"{parameter}-{name}",
                f"A request with a {parameter} that is no time is refused ({name}).",
                frozenset(),
                drivers=RAW,
                tampering={"signing_version": "2", parameter.lower(): text},
                refused=True,
                no_calls=True,
            )


class TestTimes(ValueSuite):
    """Times of requests."""

    requirements = tuple(_times())
