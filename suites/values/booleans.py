"""Truth values: other ways to write one, and texts that are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import Requirement
from suites.contract.dsl import passes, rejects
from suites.values.catalogue import NO_BOOLEANS, SPELT_FALSE, SPELT_TRUE
from suites.values.value_suite import BAD_VALUE, RAW, ValueSuite

BOOLEANS: Mapping[str, str] = {
    "CreateImage": "NoReboot",
    "StopInstances": "Force",
    "DetachVolume": "Force",
}


def _nonsense() -> Iterator[Requirement]:
    for action, parameter in BOOLEANS.items():
        for name, text in NO_BOOLEANS.items():
            yield rejects(
                action,
                f"{parameter}-{name}",
                f"{action} refuses a {parameter} that is neither true nor false ({name}).",
                BAD_VALUE,
                drivers=RAW,
                tampering={"parameters": f"{parameter}={text}"},
            )


def _spelt() -> Iterator[Requirement]:
    for value, spelt in ((True, SPELT_TRUE), (False, SPELT_FALSE)):
        for name, text in spelt.items():
            yield passes(
                "StopInstances",
                f"Force-{str(value).lower()}-{name}",
                f"Force={text} is a forced stop, or none, as it says, or is refused.",
                drivers=RAW,
                tampering={"parameters": f"Force={text}"},
                parameters={"forced": True if value else {"optional": [False]}},
                or_refused=True,
            )
    for name, text in {"true": "true", **SPELT_TRUE}.items():
        yield passes(
            "CreateImage",
            f"NoReboot-{name}",
            f"With NoReboot={text}, a running instance is not stopped.",
            drivers=RAW,
            needs={"instance": "instance:running"},
            tampering={"parameters": f"NoReboot={text}"},
            or_refused=True,
        )


class TestBooleans(ValueSuite):
    """Truth values."""

    requirements = (*_nonsense(), *_spelt())
