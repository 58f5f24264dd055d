"""The judge of failovers, on histories that are made up: what is wrong with them is known."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fixtures.judge.history import judge_history
from fixtures.model import (
    Promise,
    Status,
    Verdict,
)
from tests.made_histories import made
from tests.planted_faults import PLANTED, Planting

QUICK = settings(max_examples=25, deadline=None)
SEEDS = st.integers(0, 10**9)


def faults(verdict: Verdict) -> set[str]:
    """The names with which the findings begin."""
    return {line.partition(":")[0] for line in verdict.because.splitlines()}


@settings(QUICK, max_examples=60)
@given(
    seed=SEEDS,
    promise=st.sampled_from(Promise),
    clients=st.integers(2, 5),
    trouble=st.sampled_from((0.0, 0.1, 0.4)),
)
def test_kept_promises_pass(seed: int, promise: Promise, clients: int, trouble: float) -> None:
    """A failover that kept what was promised passes, whatever its clients never heard of."""
    told = made(seed, promise, clients, trouble=trouble)
    verdict = judge_history("", told)
    assert verdict.status is Status.PASSED, verdict.because
    assert len(verdict.measured["lost"]) <= len(told.missing or ())


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize("promise", Promise)
@QUICK
@given(seed=SEEDS)
def test_a_planted_fault_is_named(promise: Promise, plant: Planting, seed: int) -> None:
    """Each kind of fault is found by its name, and nothing else is."""
    told = plant(made(seed, promise, 3), Random(seed))
    assume(told is not None)
    assert told is not None  # for mypy
    verdict = judge_history("", told)
    assert verdict.status is Status.FAILED
    assert faults(verdict) == {PLANTED[plant]}, verdict.because
