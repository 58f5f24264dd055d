"""The picture of a history: what stands where, and what is told to those who do not see it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest

from fixtures.model import History, OpResult, Phase, Status, unavailability
from reports.record.recorded_run import RecordedRun
from reports.render.page import html_page
from reports.render.timeline import LETTER, RATES, ROW, Timeline
from tests.support.drawn_histories import made_history
from tests.support.made_runs import made_run, outcome

TOLD = made_history()
BARE = replace(TOLD, operations=(), phases=(), lags=(), missing=None)


@pytest.mark.parametrize("after", [0.1, 2.0, 60.0])
def test_labels_never_overlap(after: float) -> None:
    """However close together the steps are, no label touches another one, or the line that leads
    from one to its step."""
    bands = Timeline(made_history(after=after)).bands
    assert [band.moment for band in bands] == list(made_history(after=after).phases)
    for one, other in combinations(bands, 2):
        begins, ends = one.x, one.x + LETTER * len(one.label)
        if abs(one.y - other.y) < ROW:
            assert ends < other.x or other.x + LETTER * len(other.label) < begins
        if other.y < one.y:  # its line comes down beside this label
            assert not begins < other.x < ends


def test_bars_tell_operations_a_second() -> None:
    """The bars' heights, read against the axis, add up to the operations of each outcome."""
    timeline = Timeline(TOLD)
    rates = timeline.rates
    highest = float(rates.ticks[-1].text)
    for kind, path in rates.paths:
        heights = [float(tall) for tall in re.findall(r"v-([\d.]+)h", path)]
        told = sum(heights) / RATES * highest * timeline.slot
        number = sum(one.result == kind for one in TOLD.operations)
        assert number > 0
        assert told == pytest.approx(number, rel=0.01)


def test_what_was_lost_is_marked_where_it_was_acknowledged() -> None:
    """Each acknowledged write that the new primary never had is in the picture, at its time, and in
    the table."""
    timeline = Timeline(TOLD)
    assert timeline.lost is not None
    assert [one.result for one in timeline.lost] == [OpResult.OK, OpResult.OK]
    assert timeline.losses == tuple(timeline.x(one.ended) for one in timeline.lost)
    text = _page(TOLD)
    assert "2 lost</text>" in text
    assert all(f"volume {one.name}</td>" in text for one in timeline.lost)


def test_what_happened_later_is_what_is_lost() -> None:
    """Of a thing that the new primary knows, only the later changes are lost; but none that the new
    primary has acknowledged itself."""
    first = next(one for one in TOLD.operations if one.result is OpResult.OK)
    later = replace(first, began=first.ended, ended=first.ended + 0.1)
    told = replace(TOLD, operations=(first, later), missing=((first.name,),))
    assert Timeline(told).lost == (later,)
    after = replace(first, began=TOLD.phases[-1].ended, ended=TOLD.phases[-1].ended + 0.1)
    told = replace(TOLD, operations=(first, after), missing=((first.name,),))
    assert Timeline(told).lost == (first,)


def test_the_figures_are_those_of_the_history() -> None:
    """How many calls came to what, and how long nothing could be written, stands beside the
    picture."""
    figures = Timeline(TOLD).figures
    came = [one.result for one in TOLD.operations]
    assert figures["operations"] == str(len(came))
    assert figures["refused"] == str(came.count(OpResult.REFUSED))
    silence = unavailability(TOLD, reads=False)
    assert silence is not None
    assert figures["no writes for"] == f"{silence * 1000:.0f} ms"
    assert figures["lost"] == "2"
    assert Timeline(BARE).figures["lost"] == "not seen"


def test_the_table_holds_every_operation() -> None:
    """Who reads the table in place of the picture misses nothing."""
    lines = Timeline(TOLD).lines
    assert sum(line.slot.ok + line.slot.refused + line.slot.unknown for line in lines) == len(
        TOLD.operations
    )
    assert lines[0].lag.isdigit()
    assert lines[-1].lag == "–"


def test_a_picture_says_what_it_shows() -> None:
    """The picture has a title and a description in words, each step has its own, and colours are
    not the only difference."""
    text = _page(TOLD)
    (labelled,) = re.findall(r'aria-labelledby="(\S+-title) (\S+-desc)"', text)
    assert all(f'id="{name}"' in text for name in labelled)
    assert "no writes for: " in text
    for moment in TOLD.phases:
        assert f"<title>{moment.name}: {moment.text}" in text
    assert 'id="refused-fill"' in text
    assert 'id="unknown-fill"' in text


@pytest.mark.parametrize(
    "told",
    [
        BARE,
        replace(BARE, operations=TOLD.operations[:1], missing=()),
        replace(TOLD, phases=(Phase("kill -9", 0.0, 0.0),)),
        replace(TOLD, lags=()),
    ],
    ids=["nothing", "one call", "no failover", "no lag"],
)
def test_poor_histories_render_too(told: History) -> None:
    """A history that broke off, or that nobody watched, still makes a picture."""
    text = _page(told)
    assert "<figure" in text
    assert not re.search(r"\bnan\b|\binf\b", text)


def test_a_step_that_went_wrong_says_so() -> None:
    """A step that somebody found something wrong with is marked, and says what it was."""
    moments = (*TOLD.phases[:-1], replace(TOLD.phases[-1], findings="F6: two-writers: both grow"))
    text = _page(replace(TOLD, phases=moments))
    assert re.findall(r"(✗ \w+) \d+ ms</text>", text) == ["✗ F6"]
    assert text.count("F6: two-writers: both grow") == 2


def test_hostile_names_stay_text() -> None:
    """What a target made of names is text in the picture, too."""
    text = _page(replace(TOLD, phases=(Phase('"><script>x', 0.1, 0.2, "</title><script>"),)))
    assert "<script>x" not in text
    assert text.count("<script>") == 1


def test_of_many_histories_the_slowest_and_the_failed_are_shown() -> None:
    """Of fifty histories those that failed and the one with the longest silence are pictures; all
    of them are lines of a table, and the page stays small."""
    cases = [outcome(kind=f"history/{number}") for number in range(50)]
    cases[7] = replace(cases[7], status=Status.FAILED)
    told = {case.case: made_history(seed=number) for number, case in enumerate(cases)}
    text = html_page(RecordedRun(made_run(cases), told)).decode()
    slowest = max(told, key=lambda case: Timeline(told[case]).silence)
    pictures = re.findall(r"<title id=\"[^\"]*\">Time line of ([^<]+)</title>", text)
    assert pictures == [cases[7].case, slowest]
    section = text[text.index('id="histories"') : text.index('id="matrix"')]
    assert all(f">{case.case}</a></th>" in section for case in cases)
    assert len(text) < 200_000


def _page(told: History) -> str:
    case = outcome(kind="history")
    return html_page(RecordedRun(made_run([case]), {case.case: told})).decode()
