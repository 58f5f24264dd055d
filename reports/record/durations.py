"""Which families of cases take longer than in another run, beyond noise.

The durations of single cases say nothing: between two runs of the same thing, half of them differ
by more than 15 %, and a busy moment of the machine slows the cases of that moment. A family (the
cases of a suite, of an action of a suite, or of a client of a suite) is slower if the mean of its
logarithmic ratios, trimmed, differs from that of the other families by more than chance and moments
explain. Chance is the spread inside the family; moments are the spread between families that is
left beyond chance. That all cases together are slower says something of the machine at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import median

from fixtures.model import Outcome, Status

SMALLEST = 36  # cases of a family
LIMIT = 5.0  # standard errors; of 40,000 families, fewer than one is beyond it by chance
STEADY = 1.5  # up to which stretches of a family may differ, 1 being chance
LEAST = 0.05  # a family that is slower by less is not worth telling
_TRIMMED = 0.2  # the share of a family's ratios that is left out at either end
_STRETCHES = 12  # of a family, in the order of the run
_SYMMETRY = 2.0  # how much farther than any family is quicker one must be slower
_TINY = 1e-12
_MIDDLE = 0.91  # twice the median of the square of a standard normal variable


@dataclass(frozen=True, slots=True)
class SlowerFamily:
    """Cases that take longer than before. `ratio`: new by old duration, relative to all cases."""

    family: str  # `s3`, `s3/GetObject`, `s3 boto`
    cases: int
    ratio: float
    before: float  # the median of a case, seconds
    after: float


@dataclass(frozen=True, slots=True)
class _Shift:
    """The trimmed mean of a family's logarithmic ratios, its variance, and how steady they are."""

    mean: float
    variance: float
    stretches: float  # the squared deviations of its stretches, in variances of a stretch
    freedom: int  # what that is if chance explains them


def slower_families(pairs: Iterable[tuple[Outcome, Outcome]]) -> tuple[SlowerFamily, ...]:
    """The families that are slower, the widest first; of nested ones that say the same, the widest.

    `pairs`: each case's outcomes in the old and in the new run, in the order of the new one; those
    that passed in both count. None is named if the runs are unsteady: where the cases of a family
    differ more from one stretch of the run to the next than from case to case, the machine was
    busy at times, and what a family's time was, or the machine's, cannot be told.
    """
    passed = [
        (before, after)
        for before, after in pairs
        if before.status is after.status is Status.PASSED and before.seconds > 0 < after.seconds
    ]
    levels = [
        (families, {name: _shift(list(map(_ratio, each))) for name, each in families.items()})
        for families in _groupings(passed)
        if families
    ]
    if _unsteadiness(shift for _, shifts in levels for shift in shifts.values()) > STEADY:
        return ()
    slower: dict[str, SlowerFamily] = {}
    for families, shifts in levels:
        for name in _outliers(shifts):
            if name.replace("/", " ").split()[0] not in slower:
                ratio = exp(shifts[name].mean - median(each.mean for each in shifts.values()))
                slower[name] = _slower_family(name, families[name], ratio)
    return tuple(slower.values())


def _ratio(pair: tuple[Outcome, Outcome]) -> float:
    before, after = pair
    return log(after.seconds / before.seconds)


def _outliers(shifts: Mapping[str, _Shift]) -> list[str]:
    """The families that are slower than chance and the spread of all families explain."""
    usual = median(shift.mean for shift in shifts.values())
    moments = _variance_between(list(shifts.values()), usual)
    scores = {
        name: (shift.mean - usual) / sqrt(shift.variance + moments + _TINY)
        for name, shift in shifts.items()
    }
    # Noise makes families quicker as often as slower: what is quicker shows how far it goes.
    limit = max(LIMIT, -_SYMMETRY * min(scores.values()))
    return [
        name
        for name, score in scores.items()
        if score > limit and shifts[name].mean - usual > log(1 + LEAST)
    ]


def _unsteadiness(shifts: Iterable[_Shift]) -> float:
    """How many times as much as chance explains the stretches of families differ."""
    found = list(shifts)
    return sum(each.stretches for each in found) / max(1, sum(each.freedom for each in found))


def _groupings(
    pairs: Iterable[tuple[Outcome, Outcome]],
) -> Iterable[Mapping[str, list[tuple[Outcome, Outcome]]]]:
    """The cases by suite, by action, and by client; without families that are too small."""
    by_suite, by_action, by_client = (
        defaultdict[str, list[tuple[Outcome, Outcome]]](list) for _ in range(3)
    )
    for pair in pairs:
        outcome = pair[1]
        by_suite[outcome.suite].append(pair)
        by_action[f"{outcome.suite}/{outcome.row}"].append(pair)
        by_client[f"{outcome.suite} {outcome.driver}"].append(pair)
    for families in (by_suite, by_action, by_client):
        yield {name: found for name, found in families.items() if len(found) >= SMALLEST}


def _shift(ratios: Sequence[float]) -> _Shift:
    """Of ratios in the order of the run: the trimmed mean, with the larger of two variances: what
    the spread of cases gives it, and what the spread of stretches of cases gives it, in which a
    busy moment of the machine shows."""
    mean, variance = _trimmed_mean(ratios)
    length = max(1, len(ratios) // _STRETCHES)
    stretches = [ratios[start : start + length] for start in range(0, len(ratios), length)]
    means = [_trimmed_mean(each)[0] for each in stretches if len(each) == length]
    squares = sum((each - mean) ** 2 for each in means)
    between = squares / (len(means) * (len(means) - 1))
    stretch = variance * len(ratios) / length + _TINY
    return _Shift(mean, max(variance, between), squares / stretch, len(means) - 1)


def _trimmed_mean(ratios: Sequence[float]) -> tuple[float, float]:
    """The mean without the extremes, and the variance that Tukey and McLaughlin give it."""
    count, ordered = len(ratios), sorted(ratios)
    cut = int(_TRIMMED * count)
    kept = ordered[cut : count - cut]
    mean = sum(kept) / len(kept)
    winsorized = [kept[0]] * cut + kept + [kept[-1]] * cut
    center = sum(winsorized) / count
    spread = sum((ratio - center) ** 2 for ratio in winsorized) / max(1, count - 1)
    return mean, spread / ((1 - 2 * _TRIMMED) ** 2 * count)


def _variance_between(shifts: Sequence[_Shift], usual: float) -> float:
    """The variance of families around the usual ratio that is more than chance: with it, the median
    of their squared deviations is what a few families may have by chance."""
    low, high = 0.0, 1.0
    if _excess(shifts, usual, low) <= _MIDDLE:
        return 0.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if _excess(shifts, usual, middle) > _MIDDLE else (low, middle)
    return high


def _excess(shifts: Sequence[_Shift], usual: float, more: float) -> float:
    """The median of the families' squared deviations, in variances with so much more."""
    return median((each.mean - usual) ** 2 / (each.variance + more + _TINY) for each in shifts)


def _slower_family(
    name: str, pairs: Sequence[tuple[Outcome, Outcome]], ratio: float
) -> SlowerFamily:
    return SlowerFamily(
        name,
        len(pairs),
        round(ratio, 3),
        median(before.seconds for before, _ in pairs),
        median(after.seconds for _, after in pairs),
    )
