"""How a target went, as text and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from reports.history.pictures import cases_picture, durations_picture
from reports.history.trends import FindingTrend, FlakyCase, SuiteTotal, Trend, TrendRun
from reports.record.claim import case_count
from reports.render.page import render_template

_COMMIT = 12  # characters


def trend_page(trend: Trend, flaky: Sequence[FlakyCase]) -> str:
    """A page that needs no network."""
    return render_template(
        "history.html.j2",
        trend=trend,
        flaky=flaky,
        # Our own pictures, in which names are escaped.
        cases_picture=Markup(cases_picture(trend)),
        durations_picture=Markup(durations_picture(trend)),
        suites=sorted({name for run in trend.runs for name in run.suites}),
        version=run_version,
        total=total_text,
        share=share_text,
        since=since_text,
    )


def trend_lines(trend: Trend) -> Iterator[str]:
    """For a terminal: a line for each run, then the findings of the latest."""
    yield f"{trend.target}: {len(trend.runs)} run{'s' * (len(trend.runs) != 1)}"
    for run in trend.runs:
        part = "" if run.is_whole else " (a part)"
        facts = f"{total_text(run.total)}, {run.total.seconds:.1f} s"
        yield f"  {run.started[:19]}  {run.name}  {run_version(run)}  {run.claim}{part}, {facts}"
    if trend.findings:
        yield f"findings of {trend.runs[-1].name}:"
    for finding in trend.findings:
        about = f"{'security, ' * finding.is_security}{finding.level}, {case_count(finding.cases)}"
        yield f"  {about}: {finding.title}"
        yield f"    {since_text(finding)}"


def flaky_lines(flaky: Sequence[FlakyCase]) -> Iterator[str]:
    """For a terminal: a line for each case."""
    for case in flaky:
        commit = f" of commit {case.commit[:_COMMIT]}" if case.commit else ""
        times = f"failed in {case.failures} of {case.runs} runs{commit}"
        yield f"{case.case}: {times}; {share_text(case)}"
    yield f"{case_count(len(flaky))} changed their mind" if flaky else "no case changed its mind"


def run_version(run: TrendRun) -> str:
    """`0.1.0 (0123456789ab)`."""
    return f"{run.version} ({run.commit[:_COMMIT]})" if run.commit else run.version


def total_text(total: SuiteTotal) -> str:
    """`109 of 122 passed`."""
    return f"{total.passed:,} of {total.claimed:,} passed"


def share_text(case: FlakyCase) -> str:
    """`with 95 % confidence it fails in 9 to 53 % of runs`."""
    low, high = (round(100 * share) for share in (case.low, case.high))
    return f"with 95 % confidence it fails in {low} to {high} % of runs"


def since_text(finding: FindingTrend) -> str:
    """Since when a finding is there."""
    if finding.last_good:
        return f"since {finding.first_bad}; {finding.last_good} did not have it"
    return f"since {finding.first_bad}, the first run that looked"
