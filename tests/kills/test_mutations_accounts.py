"""Every check of whose resources a user sees can fail: put to a bridge that mixes users up."""

from __future__ import annotations

import pytest

from fixtures.plan.mapping import rows
from fixtures.simulator.mutations import accounts
from fixtures.targets.target import Target
from suites.accounts import TestAccounts as Accounts
from tests.kills.expected import ACCOUNTS
from tests.kills.mutated_runs import assert_noticed, run_mutated
from tests.support.planned_suites import cases

KINDS = ("teammate", "hidden", "unknown", "disabled")
EVERY = [
    case
    for kind in KINDS
    for demand in Accounts.demands(kind, rows())
    for case in cases(Accounts.suite, demand)
]
CASES = [case for case in EVERY if case.driver == "boto3"]


@pytest.mark.parametrize("name", [mutation.name for mutation in accounts.MUTATIONS])
def test_strangers_are_noticed(target: Target, name: str) -> None:
    """A bridge that mixes accounts up fails the cases about that, and no other."""
    assert_noticed(run_mutated(target, name, CASES), ACCOUNTS[name])


def test_every_client_asks_for_another_account_s_resources() -> None:
    """Lists and requests by id are sent by all clients."""
    for kind in ("hidden", "unknown"):
        asking = {case.driver for case in EVERY if case.kind == kind and "other[" in case.id}
        assert asking == {"boto", "boto3", "soap", "command", "raw"}
