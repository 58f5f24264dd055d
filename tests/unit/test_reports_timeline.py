"""The picture of a history: positions, figures, and its description for screen readers."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest

from fixtures.model import History, OpResult, Phase, Status, unavailability
from reports.record.recorded_run import RecordedRun
from reports.render.page import html_page
from reports.render.timeline import LETTER_WIDTH, RATES_HEIGHT, ROW_HEIGHT, Timeline
from tests.support.example_history import example_history
from tests.support.made_runs import made_run, outcome

HISTORY = example_history()
BARE = replace(HISTORY, operations=(), phases=(), lags=(), missing=None)


@pytest.mark.parametrize("after", [0.1, 2.0, 60.0])
def test_labels_never_overlap(after: float) -> None:
    """However close together the steps are, no label touches another one, or the line from another
    label to its step."""
    bands = Timeline(example_history(after=after)).bands
    assert [band.phase for band in bands] == list(example_history(after=after).phases)
    for band, other in combinations(bands, 2):
        begins, ends = band.x, band.x + LETTER_WIDTH * len(band.label)
        if abs(band.y - other.y) < ROW_HEIGHT:
            assert ends < other.x or other.x + LETTER_WIDTH * len(other.label) < begins
        if other.y < band.y:  # its line comes down beside this label
            assert not begins < other.x < ends


def test_bars_show_operations_per_second() -> None:
    """The bars' heights, read against the axis, add up to the operations of each outcome."""
    timeline = Timeline(HISTORY)
    rates = timeline.rates
    highest = float(rates.ticks[-1].text)
    for kind, path in rates.paths:
        heights = [float(tall) for tall in re.findall(r"v-([\d.]+)h", path)]
        shown = sum(heights) / RATES_HEIGHT * highest * timeline.slot_width
        number = sum(call.result == kind for call in HISTORY.operations)
        assert number > 0
        assert shown == pytest.approx(number, rel=0.01)


def test_lost_writes_are_marked_at_the_time_of_their_acknowledgement() -> None:
    """Each acknowledged write that the new primary never had is in the picture, at its time, and in
    the table."""
    timeline = Timeline(HISTORY)
    assert timeline.lost_writes is not None
    assert [call.result for call in timeline.lost_writes] == [OpResult.OK, OpResult.OK]
    assert timeline.lost_marks == tuple(timeline.x(call.ended) for call in timeline.lost_writes)
    text = _page(HISTORY)
    assert "2 lost</text>" in text
    assert all(f"volume {call.name}</td>" in text for call in timeline.lost_writes)


def test_of_the_writes_of_an_item_the_latest_are_lost() -> None:
    """Of an item that the new primary has, only the later changes are lost; but none that the new
    primary has acknowledged itself."""
    first = next(call for call in HISTORY.operations if call.result is OpResult.OK)
    later = replace(first, began=first.ended, ended=first.ended + 0.1)
    history = replace(HISTORY, operations=(first, later), missing=((first.name,),))
    assert Timeline(history).lost_writes == (later,)
    after = replace(first, began=HISTORY.phases[-1].ended, ended=HISTORY.phases[-1].ended + 0.1)
    history = replace(HISTORY, operations=(first, after), missing=((first.name,),))
    assert Timeline(history).lost_writes == (first,)


def test_the_figures_are_those_of_the_history() -> None:
    """The figures beside the picture are the numbers of calls by result, and the time without
    writes."""
    figures = Timeline(HISTORY).figures
    results = [call.result for call in HISTORY.operations]
    assert figures["operations"] == str(len(results))
    assert figures["refused"] == str(results.count(OpResult.REFUSED))
    seconds = unavailability(HISTORY, reads=False)
    assert seconds is not None
    assert figures["no writes for"] == f"{seconds * 1000:.0f} ms"
    assert figures["lost"] == "2"
    assert Timeline(BARE).figures["lost"] == "not observed"


def test_the_table_holds_every_operation() -> None:
    """The table, which replaces the picture for a reader, has every operation."""
    lines = Timeline(HISTORY).table
    assert sum(line.slot.ok + line.slot.refused + line.slot.unknown for line in lines) == len(
        HISTORY.operations
    )
    assert lines[0].lag.isdigit()
    assert lines[-1].lag == "–"


def test_a_picture_says_what_it_shows() -> None:
    """The picture and each step have a title and a description, and colours are not the only
    difference."""
    text = _page(HISTORY)
    (labelled,) = re.findall(r'aria-labelledby="(\S+-title) (\S+-desc)"', text)
    assert all(f'id="{name}"' in text for name in labelled)
    assert "no writes for: " in text
    for phase in HISTORY.phases:
        assert f"<title>{phase.name}: {phase.text}" in text
    assert 'id="refused-fill"' in text
    assert 'id="unknown-fill"' in text


@pytest.mark.parametrize(
    "history",
    [
        BARE,
        replace(BARE, operations=HISTORY.operations[:1], missing=()),
        replace(HISTORY, phases=(Phase("kill -9", 0.0, 0.0),)),
        replace(HISTORY, lags=()),
    ],
    ids=["nothing", "one call", "no failover", "no lag"],
)
def test_incomplete_histories_are_rendered(history: History) -> None:
    """A history that broke off, or without observations, still makes a picture."""
    text = _page(history)
    assert "<figure" in text
    assert not re.search(r"\bnan\b|\binf\b", text)


def test_a_step_with_findings_is_marked() -> None:
    """A step with findings is marked, and its title has them."""
    phases = (
        *HISTORY.phases[:-1],
        replace(HISTORY.phases[-1], findings="F6: two-writers: both grow"),
    )
    text = _page(replace(HISTORY, phases=phases))
    assert re.findall(r"(✗ \w+) \d+ ms</text>", text) == ["✗ F6"]
    assert text.count("F6: two-writers: both grow") == 2


def test_hostile_names_stay_text() -> None:
    """A name with markup, which a target could send, stays text in the picture."""
    text = _page(replace(HISTORY, phases=(Phase('"><script>x', 0.1, 0.2, "</title><script>"),)))
    assert "<script>x" not in text
    assert "<script>" not in text


def test_of_many_histories_the_slowest_and_the_failed_are_shown() -> None:
    """Of fifty histories those that failed and the one with the longest time without writes are
    pictures; all of them are lines of a table, and the page stays small."""
    cases = [outcome(kind=f"history/{number}") for number in range(50)]
    cases[7] = replace(cases[7], status=Status.FAILED)
    histories = {case.case: example_history(seed=number) for number, case in enumerate(cases)}
    text = html_page(RecordedRun(made_run(cases), histories)).decode()
    slowest = max(histories, key=lambda case: Timeline(histories[case]).write_outage)
    pictures = re.findall(r"<title id=\"[^\"]*\">Time line of ([^<]+)</title>", text)
    assert pictures == [cases[7].case, slowest]
    section = text[text.index('id="histories"') : text.index('id="cases"')]
    assert all(f">{case.case}</a></th>" in section for case in cases)
    assert len(text) < 200_000


def _page(history: History) -> str:
    case = outcome(kind="history")
    return html_page(RecordedRun(made_run([case]), {case.case: history})).decode()


def test_the_page_says_how_much_stands_behind_nothing_lost() -> None:
    """Beside what was lost stands how many acknowledged changes were looked for; where nothing was
    observed, that proves nothing; each step is explained."""
    text = _page(HISTORY)
    changes = Timeline(HISTORY).acknowledged_changes
    assert changes > 2
    assert f"{changes} acknowledged changes in 1 failover were looked for afterwards, 2" in text
    none_lost = _page(replace(HISTORY, missing=()))
    assert f"0 were lost: with 95 % confidence, fewer than {300 / changes:.2g} % are" in none_lost
    assert "“0 lost” proves nothing" in _page(BARE)
    assert "<dt>F4</dt><dd>db.properties of every management server" in text
