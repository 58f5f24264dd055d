"""A target without any connection: an error of the network, and soon the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Self

import msgspec
import pytest

from fixtures import profile
from fixtures.clients import DRIVERS, Driver, Ec2Endpoint
from fixtures.faults import accepts_nothing, hangs_up_at_once, refuses
from fixtures.faults.server import FaultyEndpoint
from fixtures.model import Status, Unreachable
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.targets.clients import Clients, Interfaces
from fixtures.targets.target import MAX_UNCONNECTED, Target
from tests.support.planned_suites import table_cases

CASES = [case for case in table_cases("documented-call") if case.driver == "boto3"][
    : MAX_UNCONNECTED + 1
]


@contextmanager
def _unknown() -> Iterator[FaultyEndpoint]:
    """A host name that does not exist."""
    yield FaultyEndpoint("http://no-such-host.invalid/awsapi")


class _OtherEndpoint(Clients):
    """Clients that send their requests to another endpoint."""

    url = ""

    def driver(self, name: str, user: str = "me") -> Driver:
        """A driver that sends its requests there."""
        del user
        return DRIVERS[name](Ec2Endpoint(self.url, "AK", "SECRET-KEY"))


class _Redirected(Target):
    """A simulated deployment whose bridge is somewhere else."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.other = self.clients = _OtherEndpoint(self.profile, Interfaces({}), self.mask)
        return self


@pytest.fixture(scope="module")
def redirected_target() -> Iterator[_Redirected]:
    """The deployment, with short timeouts."""
    plain = profile.load("simulated")
    patience = profile.TimeoutSettings(connect=0.2, request=0.5)
    with _Redirected(
        msgspec.structs.replace(plain, timeouts=patience), run="unreachable"
    ) as running:
        yield running


@pytest.mark.parametrize("endpoint", [refuses, accepts_nothing, _unknown])
def test_no_connection(
    redirected_target: _Redirected, endpoint: type[AbstractContextManager[FaultyEndpoint]]
) -> None:
    """Cases without any connection are errors, not failures; after a few in a row the run ends."""
    with endpoint() as gone:
        redirected_target.other.url = gone.url
        for case in CASES[: MAX_UNCONNECTED - 1]:
            verdict = run_case(case, Session(redirected_target)).verdict
            assert verdict.status is Status.ERROR
            assert verdict.because.startswith("no connection to the target: no connection to http")
        with pytest.raises(Unreachable, match="no connection to http://"):
            run_case(CASES[MAX_UNCONNECTED - 1], Session(redirected_target))
    redirected_target._unconnected.clear()


def test_a_connection_now_and_then(redirected_target: _Redirected) -> None:
    """A target that is connected to now and then gets every case; what it does then can fail it."""
    statuses = []
    for _ in range(MAX_UNCONNECTED):
        for there in (refuses, refuses, hangs_up_at_once):
            with there() as found:
                redirected_target.other.url = found.url
                statuses.append(run_case(CASES[0], Session(redirected_target)).verdict.status)
    assert statuses == [Status.ERROR, Status.ERROR, Status.FAILED] * MAX_UNCONNECTED
