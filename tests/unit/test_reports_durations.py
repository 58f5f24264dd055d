"""Which families of cases are slower than in another run, on made pairs of runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import permutations, product
from math import exp
from random import Random

import pytest

from fixtures.model import Outcome, Status
from reports.record.durations import slower_families
from tests.support.made_runs import outcome

# As in the whole plan, some suites are much larger than others.
SUITES = {"s3": 2000, "values": 400, "instances": 300, "volumes": 180, "accounts": 160}
SUITES |= {f"suite{number}": 36 + 8 * number for number in range(12)} | {"ports": 30}
CLIENTS = ("boto", "boto3", "soap", "command")
RUNS = 15  # 210 pairs of an old and a new run


@cache
def plan() -> tuple[Outcome, ...]:
    return tuple(
        replace(
            outcome(),
            case=f"{suite}/Row{number % 12}/kind/{number}[{CLIENTS[number % 4]}]",
            suite=suite,
            row=f"Row{number % 12}",
            driver=CLIENTS[number % 4],
        )
        for suite, count in SUITES.items()
        for number in range(count)
    )


def durations(random: Random, slow: str = "", by: float = 1.0) -> Iterator[Outcome]:
    """A run on a machine of some speed, whose cases take now this, now that, and some far more."""
    speed = random.uniform(0.7, 1.4)
    for number, case in enumerate(plan()):
        noise = random.gauss(0, 0.15) + (random.expovariate(3) if random.random() < 0.1 else 0)
        seconds = speed * 0.005 * (1 + number % 7) * exp(noise)
        slower = by if case.suite == slow else 1
        yield replace(case, seconds=round(seconds * slower, 4))


def test_runs_of_the_same_thing_show_nothing() -> None:
    """Of 210 pairs of runs of the same thing, none names a family, whatever the machine's speed."""
    runs = [list(durations(Random(seed))) for seed in range(RUNS)]
    for old, new in permutations(runs, 2):
        assert slower_families(zip(old, new, strict=True)) == ()


def test_a_family_that_is_slower_by_a_tenth_is_found() -> None:
    """A suite that takes 10 % longer is found in 95 of 100 pairs, and no other is named."""
    before = [list(durations(Random(seed))) for seed in range(10)]
    after = [list(durations(Random(seed), "s3", 1.1)) for seed in range(100, 110)]
    found = 0
    for old, new in product(before, after):
        names = [family.family for family in slower_families(zip(old, new, strict=True))]
        assert all(name.startswith("s3") for name in names)
        found += "s3" in names
    assert found >= 95


@pytest.mark.parametrize("suite", ["accounts", "suite11", "suite0"])
def test_small_families_are_found_if_they_are_much_slower(suite: str) -> None:
    """The fewer cases there are, the slower they must be to be told from noise."""
    pair = zip(durations(Random(3)), durations(Random(4), suite, 2.0), strict=True)
    (family,) = slower_families(pair)
    assert family.family == suite
    assert family.cases == SUITES[suite]
    assert family.ratio == pytest.approx(2, rel=0.1)


def test_an_unsteady_machine_names_nothing() -> None:
    """Where the machine was busy at times, no family is called slower for it."""
    random = Random(5)
    before = list(durations(random))
    after = [
        replace(case, seconds=case.seconds * (1 + (number // 150) % 3))
        for number, case in enumerate(durations(random))
    ]
    assert slower_families(zip(before, after, strict=True)) == ()


def test_only_cases_that_passed_twice_count() -> None:
    """A case that fails may take any time, and a duration of 0 was not measured."""
    before = [replace(case, seconds=0.01) for case in plan()]
    failed = [replace(case, seconds=1.0, status=Status.FAILED) for case in plan()]
    unmeasured = [replace(case, seconds=0.0) for case in plan()]
    assert slower_families(zip(before, failed, strict=True)) == ()
    assert slower_families(zip(unmeasured, before, strict=True)) == ()
