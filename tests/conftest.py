"""Fixtures that the tests of several folders share.

Deployments and targets live as long as the tests of one module, so that modules do not influence
each other. A module that needs others defines `deployment_options`, `target_profile` or
`extra_profile` itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.failover import PairPool
from fixtures.failover.load import LoadRunner
from fixtures.resources.ledger import Ledger
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.targets.target import Target
from tests.support import property_limits  # noqa: F401  # registers a profile
from tests.support.command_runs import Commands, recorded_commands
from tests.support.databases import installation
from tests.support.served_deployments import ServedDeployment, serve_deployment

RUN = "20261121T000000Z-ab12cd"  # the id of the run that creates resources in `target`


@pytest.fixture(scope="module")
def deployment_options() -> DeploymentOptions:
    """The options of `deployment`: the defaults."""
    return DeploymentOptions()


@pytest.fixture(scope="module")
def deployment(deployment_options: DeploymentOptions) -> Iterator[Deployment]:
    """A simulated deployment in this process."""
    with Deployment(deployment_options) as running:
        yield running


@pytest.fixture(scope="module")
def target_profile() -> profile.Profile:
    """The profile of `target`: the simulated deployment's."""
    return profile.load("simulated")


@pytest.fixture(scope="module")
def target(
    tmp_path_factory: pytest.TempPathFactory, target_profile: profile.Profile
) -> Iterator[Target]:
    """A target that cases can be run against, with a ledger."""
    ledger = Ledger(tmp_path_factory.mktemp("target") / "ledger.jsonl")
    with closing(ledger), Target(target_profile, run=RUN, ledger=ledger) as running:
        yield running


@pytest.fixture(scope="module")
def extra_profile() -> str:
    """TOML to append to the profile of `served`: nothing."""
    return ""


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, extra_profile: str
) -> Iterator[ServedDeployment]:
    """A simulated deployment in a process of its own."""
    with serve_deployment(tmp_path_factory.mktemp("served")) as running:
        with running.profile.open("a", encoding="utf-8") as file:
            file.write(extra_profile)
        yield running


@pytest.fixture
def commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    """The classic commands, and a server that records their requests."""
    with recorded_commands(tmp_path, capsys) as commands:
        yield commands


@pytest.fixture(scope="module")
def pair_pool() -> Iterator[PairPool]:
    """The pairs of database servers; skips the tests where there is no MariaDB."""
    installation()
    pool = PairPool()
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def load_runner(pair_pool: PairPool) -> LoadRunner:
    """Runs failovers under load."""
    return LoadRunner(pair_pool)
