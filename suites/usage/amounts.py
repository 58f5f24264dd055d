"""Usage records: what was done through EC2 is what is billed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fixtures.model import (
    Case,
    GenerateUsage,
    ProcedureRequirement,
    ReadUsage,
    Row,
    UsageRequest,
    UsageScenario,
    Wait,
)
from suites.contract.suite import Check, Suite
from suites.usage.dsl import (
    ALLOCATE,
    CREATE,
    DAY,
    DELETE,
    DELETE_IMAGE,
    DELETE_SNAPSHOT,
    DEREGISTER,
    EXECUTION,
    FIRST,
    FOURTH,
    HOUR,
    IMAGE,
    MINUTE,
    RANGE,
    REGISTER,
    RELEASE,
    RUN,
    SANITY,
    SECOND,
    SNAPSHOT,
    START,
    STOP,
    TERMINATE,
    THIRD,
    USED,
    ZONE,
    Steps,
    days_read,
    midnight,
    stories,
    usage_case,
)

# What is used, the requests that begin it and those that end it.
USES: Mapping[str, tuple[str, Steps, Steps]] = {
    "instance": ("A running instance", (RUN,), (TERMINATE,)),
    "stopped": ("An instance that is stopped", (RUN,), (STOP,)),
    "restarted": (
        "An instance that is stopped and started again",
        (RUN, Wait(100.5), STOP, Wait(3217.25), START),
        (TERMINATE,),
    ),
    "address": ("An address", (ALLOCATE,), (RELEASE,)),
    "volume": ("A volume", (CREATE,), (DELETE,)),
    "snapshot": ("A snapshot", (RUN, SNAPSHOT), (DELETE_SNAPSHOT, TERMINATE)),
    "registered-image": ("A registered image", (REGISTER,), (DEREGISTER,)),
    "created-image": (
        "An image of an instance",
        (RUN, STOP, Wait(60), IMAGE),
        (DELETE_IMAGE, TERMINATE),
    ),
    "everything": (
        "Everything at once",
        (RUN, Wait(1), ALLOCATE, Wait(1), CREATE, Wait(1), SNAPSHOT, Wait(1), REGISTER),
        (DEREGISTER, Wait(7), DELETE_SNAPSHOT, DELETE, Wait(3), RELEASE, TERMINATE),
    ),
}
# How long it is used, and which days are read.
SPANS: Mapping[str, tuple[str, float, str]] = {
    "within-a-day": ("used within a day", 3 * HOUR + 25 * MINUTE + 17.437, SECOND),
    "over-midnight": ("used over midnight", 20 * HOUR + 1.001, THIRD),
    "for-days": ("used for more than two days", 2 * DAY + 0.5, FOURTH),
}


def _bills() -> Iterator[ProcedureRequirement]:
    for name, (what, begin, end) in USES.items():
        for span, (how, seconds, last) in SPANS.items():
            steps: Steps = (*begin, Wait(seconds), *end, Wait(DAY), days_read(last))
            yield usage_case(
                "bill", f"{name}-{span}", f"{what} {how} is billed exactly.", UsageScenario(steps)
            )
        steps = (*begin, Wait(1.5 * DAY), days_read(SECOND), *end)
        yield usage_case(
            "bill", f"{name}-in-use", f"{what} is billed while it is in use.", UsageScenario(steps)
        )
    story = UsageScenario((RUN, Wait(1.5 * DAY), days_read(SECOND)), settings={SANITY: "1"})
    text = "The check of records raises no alert about what disks read and wrote."
    yield usage_case("bill", "sanity-check", text, story)


MIXED = (
    *(RUN, Wait(977.25), CREATE, Wait(2 * HOUR), STOP, Wait(5 * HOUR + 0.125), START),
    *(Wait(11 * HOUR), ALLOCATE, Wait(HOUR), DELETE, Wait(17 * HOUR), TERMINATE, RELEASE),
)
SHORT = (RUN, Wait(977.25), CREATE, Wait(2 * HOUR), STOP, Wait(3723.5), START, Wait(4 * HOUR))
RANGES = {
    "hours": ("60", "by the hour"),
    "ten-minutes": ("10", "by ten minutes"),
    "seven-minutes": ("7", "by less than the least range"),
    "half-days": ("720", "by half a day"),
    "odd": ("100", "by a range that does not divide a day"),
    "two-days": ("2880", "by two days"),
    "week": ("10080", "by the week"),
}


def _splits() -> Iterator[ProcedureRequirement]:
    for name, (minutes, how) in RANGES.items():
        if int(minutes) < 60:  # there are many slices: a few hours show as much
            steps: Steps = (*SHORT, ReadUsage(FIRST, FIRST, "2026-03-10T14:00:00+00:00"))
            text = f"What is aggregated {how} has the same total."
            yield usage_case("ranges", name, text, UsageScenario(steps, settings={RANGE: minutes}))
            continue
        long = int(minutes) > 1440
        last = {"2880": "2026-03-13", "10080": "2026-03-22"}.get(minutes, THIRD)
        wait = 14 * DAY if minutes == "10080" else 2 * DAY
        first = "2026-03-08" if long else FIRST
        text = f"What is aggregated {how} has the same total."
        steps = (*MIXED, Wait(wait), ReadUsage(first, last, midnight(THIRD)))
        yield usage_case("ranges", name, text, UsageScenario(steps, settings={RANGE: minutes}))
    for name, zone in {"east": "Asia/Tokyo", "west": "America/New_York"}.items():
        text = f"Days that begin at midnight of {zone} have the same total."
        steps = (*MIXED, Wait(2 * DAY), ReadUsage("2026-03-09", THIRD, midnight(THIRD)))
        yield usage_case("ranges", name, text, UsageScenario(steps, settings={ZONE: zone}))
    text = "The days of which clocks are changed are billed with their hours."
    for name, start, first, last in (
        ("summer-time", "2026-03-28T10:00:00+00:00", "2026-03-28", "2026-03-30"),
        ("winter-time", "2026-10-24T10:00:00+00:00", "2026-10-24", "2026-10-26"),
    ):
        steps = (CREATE, Wait(3 * DAY), ReadUsage(first, last, f"{last}T12:00:00+00:00"))
        yield usage_case(
            "ranges", name, text, UsageScenario(steps, start, settings={ZONE: "Europe/Berlin"})
        )


def _by_other(step: UsageRequest) -> UsageRequest:
    return UsageRequest(step.action, step.arguments, step.name, user="other")


def _owners() -> Iterator[ProcedureRequirement]:
    for name, use in {"instances": RUN, "volumes": CREATE, "addresses": ALLOCATE}.items():
        steps = (use, Wait(HOUR), _by_other(use), Wait(DAY), days_read(SECOND))
        yield usage_case(
            "owners", name, f"The {name} of two accounts are billed to each.", UsageScenario(steps)
        )


NOON = "2026-03-10T12:00:00+00:00"
GENERATED: Mapping[str, tuple[str, Steps]] = {
    "today": (
        "Records that are asked for during a day bill it up to then.",
        (*USED, Wait(3 * HOUR), GenerateUsage(), Wait(MINUTE), ReadUsage(FIRST, FIRST, NOON)),
    ),
    "rest-of-day": (
        "What is used after records were asked for is billed with its day.",
        (*USED, Wait(3 * HOUR), GenerateUsage(), Wait(1.5 * DAY), days_read(SECOND)),
    ),
    "twice": (
        "Records that are asked for twice on a day bill it up to the second time.",
        (
            *(*USED, Wait(HOUR), GenerateUsage(), Wait(2 * HOUR), GenerateUsage(), Wait(MINUTE)),
            *(ReadUsage(FIRST, FIRST, NOON), Wait(1.5 * DAY), days_read(SECOND)),
        ),
    ),
    "at-once": (
        "Records that are asked for twice at a moment bill nothing twice.",
        (*USED, Wait(HOUR), GenerateUsage(), GenerateUsage(), Wait(1.5 * DAY), days_read(SECOND)),
    ),
    "empty": (
        "Records that are asked for before there is any use do no harm.",
        (GenerateUsage(), Wait(HOUR), *USED, Wait(1.5 * DAY), days_read(SECOND)),
    ),
    "idle": (
        "Days without any use bill nothing, and the job does not run for nothing.",
        (Wait(2 * DAY), CREATE, Wait(HOUR), DELETE, Wait(2 * DAY), days_read("2026-03-14")),
    ),
}
CALENDAR: Mapping[str, tuple[str, str, str, str]] = {
    "new-year": ("of a year", "2026-12-31T10:00:00+00:00", "2026-12-31", "2027-01-02"),
    "first-of-january": ("of a year", "2027-01-01T00:05:00+00:00", "2027-01-01", "2027-01-03"),
    "leap-day": (
        "of a leap year's February",
        "2028-02-28T10:00:00+00:00",
        "2028-02-28",
        "2028-03-01",
    ),
    "month": ("of a month", "2026-04-30T10:00:00+00:00", "2026-04-30", "2026-05-02"),
}


def _calendar() -> Iterator[ProcedureRequirement]:
    for name, (what, start, first, last) in CALENDAR.items():
        steps = (CREATE, Wait(2.2 * DAY), ReadUsage(first, last, midnight(last)))
        for servers in (1, 2):
            text = f"At the end {what} the job goes on with {servers} servers."
            yield usage_case(
                "calendar", f"{name}-{servers}", text, UsageScenario(steps, start, servers)
            )
    hourly = {RANGE: "60"}
    start, last = "2026-12-31T20:30:00+00:00", "2027-01-01"
    steps = (CREATE, Wait(6 * HOUR), ReadUsage("2026-12-31", last, f"{last}T02:00:00+00:00"))
    text = "At the end of a year the hourly job goes on."
    yield usage_case("calendar", "hourly", text, UsageScenario(steps, start, settings=hourly))
    steps = (CREATE, Wait(1.8 * DAY), ReadUsage(FIRST, SECOND, midnight(SECOND)))
    for time in ("06:30", "23:59"):
        text = f"A job that runs at {time} bills the day before."
        yield usage_case(
            "calendar", f"at-{time[:2]}", text, UsageScenario(steps, settings={EXECUTION: time})
        )


def _switched_off() -> Iterator[ProcedureRequirement]:
    steps = (*USED, Wait(DAY), GenerateUsage(), Wait(HOUR), days_read(SECOND))
    text = "With enable.usage.server=false no usage server bills anything."
    yield usage_case(
        "switched-off",
        "false",
        text,
        UsageScenario(steps, settings={"enable.usage.server": "false"}),
    )


_STORIES = {
    "bill": _bills,
    "ranges": _splits,
    "owners": _owners,
    "generated": lambda: stories("generated", GENERATED),
    "calendar": _calendar,
    "switched-off": _switched_off,
}


class TestAmounts(Suite):
    """Usage records, read as an administrator does, of what was done through EC2."""

    suite = "usage"

    def test_bill(self, case: Case, check: Check) -> None:
        """What is used through EC2 is billed, to the second."""
        check(case)

    def test_ranges(self, case: Case, check: Check) -> None:
        """Totals do not depend on how time is divided."""
        check(case)

    def test_owners(self, case: Case, check: Check) -> None:
        """Each account is billed what it used."""
        check(case)

    def test_generated(self, case: Case, check: Check) -> None:
        """Records can be asked for at any time."""
        check(case)

    def test_calendar(self, case: Case, check: Check) -> None:
        """The job runs on every day of the calendar."""
        check(case)

    def test_switched_off(self, case: Case, check: Check) -> None:
        """Nothing is billed while usage is switched off."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The stories of one kind."""
        del rows
        if kind in _STORIES:
            yield from _STORIES[kind]()
