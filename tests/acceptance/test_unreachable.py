"""A target without any connection: an error of the network, and soon the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import msgspec
import pytest

from fixtures import profile
from fixtures.clients import DRIVERS, Driver, Endpoint
from fixtures.faults import Fault, accepts_nothing, hangs_up_at_once, refuses
from fixtures.model import Status, Unreachable
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.target import HOPELESS, Target
from tests.support.planned_suites import planned

CASES = [case for case in planned("documented-call") if case.driver == "boto3"][: HOPELESS + 1]


@contextmanager
def _unknown() -> Iterator[Fault]:
    """A name that no machine has."""
    yield Fault("http://no-such-host.invalid/awsapi")


class _Elsewhere(Target):
    """A simulated deployment whose bridge is somewhere else."""

    url = ""

    def driver(self, name: str) -> Driver:
        """A driver that speaks to the other endpoint."""
        return DRIVERS[name](Endpoint(self.url, "AK", "SECRET-KEY"))


@pytest.fixture(scope="module")
def target() -> Iterator[_Elsewhere]:
    """The deployment, with little patience."""
    plain = profile.load("simulated")
    patience = profile.TimeoutSettings(connect=0.2, request=0.5)
    with _Elsewhere(msgspec.structs.replace(plain, timeouts=patience), run="nobody") as running:
        yield running


@pytest.mark.parametrize("nobody", [refuses, accepts_nothing, _unknown])
def test_no_connection(target: _Elsewhere, nobody: type[AbstractContextManager[Fault]]) -> None:
    """Cases without any connection are errors, not failures; after a few in a row the run ends."""
    with nobody() as gone:
        target.url = gone.url
        for case in CASES[: HOPELESS - 1]:
            verdict = run_case(case, Session(target)).verdict
            assert verdict.status is Status.ERROR
            assert verdict.because.startswith("no connection to the target: no connection to http")
        with pytest.raises(Unreachable, match="no connection to http://"):
            run_case(CASES[HOPELESS - 1], Session(target))
    target._unanswered.clear()


def test_a_connection_now_and_then(target: _Elsewhere) -> None:
    """A target that is there at times is put every case: what it does then is its failure."""
    statuses = []
    for _ in range(HOPELESS):
        for there in (refuses, refuses, hangs_up_at_once):
            with there() as found:
                target.url = found.url
                statuses.append(run_case(CASES[0], Session(target)).verdict.status)
    assert statuses == [Status.ERROR, Status.ERROR, Status.FAILED] * HOPELESS
