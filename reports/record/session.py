"""The record of the run that is going on: begun when the plan stands, appended to, ended whatever
happens."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from fixtures.model import (
    Case,
    CloudStackCall,
    ExcludedCase,
    Footer,
    Header,
    History,
    Observation,
    Outcome,
    Row,
    UsageError,
    Verdict,
)
from reports.record import histories, run_directory
from reports.record.canonical import header_difference
from reports.record.claim import Assessment, assess, make_footer
from reports.record.run_file import FILE, RunWriter, count_attempts, is_finished, load_run

PACKAGE = "awsapi-conformance"


class RunListener(Protocol):
    """Somebody who wants to know how a run gets on, such as a progress bar."""

    def on_start(self, header: Header, total: int) -> None:
        """The plan stands."""

    def on_outcome(self, outcome: Outcome) -> None:
        """A case ended."""

    def on_finish(self, footer: Footer) -> None:
        """The record has its last line."""


class Recording:
    """One run's directory and record."""

    def __init__(
        self,
        directory: str | None,
        listener: RunListener | None,
        render: Callable[[Path], object],
    ) -> None:
        """Use the run directory that was made, or make one; `render` writes the reports into it.

        Raises:
            UsageError: no directory can be made.
        """
        self.directory = Path(directory).resolve() if directory else run_directory.create()
        self._listener = listener
        self._render = render
        self._outcomes: list[Outcome] = []
        self._attempt = 1
        self._writer: RunWriter | None = None

    def begin(self, target: Mapping[str, Any], plan: Mapping[str, Any], seed: int) -> None:
        """Write the header: the target without secrets and the plan (see `selection`).

        `UsageError` if nothing can be written.
        """
        header = self._new_header(target, plan, seed)
        self._writer = RunWriter(self.directory / FILE)
        self._writer.write(header)
        self._started(header)

    def resume(self, target: Mapping[str, Any], plan: Mapping[str, Any], seed: int) -> None:
        """Go on with the record that is there, if it is about the same; one that has come to its
        end stays as it is.

        Raises:
            UsageError: it was another target, plan, seed or harness, or cannot be gone on with.
        """
        path = self.directory / FILE
        run = load_run(path)
        if difference := header_difference(run.header, self._new_header(target, plan, seed)):
            raise UsageError(f"{path}: cannot be resumed, {difference}")
        if not is_finished(run):
            self._attempt = 1 + count_attempts(path)
            self._writer, run = RunWriter.resume(path)
        self._outcomes = list(run.outcomes)
        self._started(run.header)

    def _new_header(self, target: Mapping[str, Any], plan: Mapping[str, Any], seed: int) -> Header:
        return Header(
            run=self.directory.name,
            harness=harness_version(),
            target=target,
            plan=plan,
            seed=seed,
            started=_now(),
        )

    def _started(self, header: Header) -> None:
        self._header = header
        if self._listener is not None:
            self._listener.on_start(header, header.plan["cases"] - len(self._outcomes))

    def append(self, outcome: Outcome, told: History | None = None) -> None:
        """Write one case's outcome, and before it the history that it was judged by."""
        if told is not None:
            outcome = replace(
                outcome, evidence=histories.save_history(self.directory, outcome.case, told)
            )
        self._outcomes.append(outcome)
        if self._writer is not None:
            self._writer.write(outcome)
        if self._listener is not None:
            self._listener.on_outcome(outcome)

    def end(self, interrupted: str) -> Assessment:
        """Write the footer and everything that people read; `interrupted` says why it ended before
        its time. Returns what the run earned."""
        last = make_footer(self._header, self._outcomes, _now(), interrupted)
        last = replace(last, attempts=self._attempt)
        if self._writer is not None:
            self._writer.write(last)
            self._writer.close()
        self._render(self.directory)
        run_directory.publish(self.directory)
        if self._listener is not None:
            self._listener.on_finish(last)
        return assess(self._header, self._outcomes, interrupted)


def write_plan(
    path: Path, cases: Iterable[Case], here: Container[str], excuses: Iterable[ExcludedCase]
) -> None:
    """One JSON object a line: id, suite, level, text, source and needs of each planned case, and
    whether it is among those that are to be run `here`; id and `because` of each that a client
    cannot say.
    """
    planned = (
        {
            "id": case.id,
            "suite": case.suite,
            "level": case.level,
            "text": case.text,
            "source": case.source,
            "needs": sorted(case.capabilities),
            "here": case.id in here,
        }
        for case in cases
    )
    excused = ({"id": excuse.case, "because": excuse.because} for excuse in excuses)
    lines = (json.dumps(one, ensure_ascii=False) for one in (*planned, *excused))
    run_directory.write_atomically(path, "".join(f"{line}\n" for line in lines).encode())


def row_facts(row: Row) -> dict[str, Any]:
    """A documented row as the reports show it."""
    return {
        "table": row.table,
        "suite": row.suite,
        "title": row.title,
        "row": row.action,
        "ec2_command": row.ec2_command.real,
        "soap_call": row.soap_call.real,
        "cloudstack_call": row.cloudstack_call.real,
    }


def make_outcome(
    case: Case, verdict: Verdict, observation: Observation | None, seconds: float
) -> Outcome:
    """A case's line of the record, but for how it is repeated."""
    calls = observation.calls if observation is not None else None
    exchange = observation.reply.exchange if observation is not None else ()
    return Outcome(
        case=case.id,
        suite=case.suite,
        table=case.table,
        row=case.row,
        driver=case.driver,
        level=case.level,
        status=verdict.status,
        seconds=round(seconds, 4),
        requirement=case.text,
        source=case.source,
        because=verdict.because,
        expected=verdict.expected,
        observed=verdict.observed,
        calls=tuple(map(_recorded_call, calls or ())),
        exchange=tuple(
            {
                "method": part.method,
                "url": part.url,
                "request": part.request,
                "status": part.status,
                "response": part.response,
            }
            for part in exchange
        ),
        measured=verdict.measured,
    )


def _recorded_call(call: CloudStackCall) -> dict[str, Any]:
    told = {"command": call.command, "status": call.status}
    return told if call.parameters is None else {**told, "params": dict(call.parameters)}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def harness_version() -> dict[str, str]:
    """What is running: its version and commit."""
    return {"version": _version(), "commit": _commit()}


def _version() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """The commit of the checkout that runs, or nothing outside of one."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
