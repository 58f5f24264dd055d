"""The record of the run in progress: begun with the plan, appended to, and ended in any case."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from fixtures.model import (
    Case,
    CloudStackCall,
    Exchange,
    ExcludedCase,
    Footer,
    HarnessError,
    Header,
    History,
    KeptJudgement,
    Observation,
    Outcome,
    Row,
    UsageError,
    Verdict,
)
from reports.record import histories, run_directory
from reports.record.canonical import header_difference
from reports.record.claim import Assessment, assess, make_footer
from reports.record.judgements import append_judgement
from reports.record.run_file import FILE, RunWriter, count_attempts, is_finished, load_run

Evidence: TypeAlias = tuple[History | None, KeptJudgement | None]  # what a case was judged by

PACKAGE = "awsapi-conformance"


class RunListener(Protocol):
    """An object that follows a run, such as a progress bar."""

    def on_start(self, header: Header, total: int) -> None:
        """The header is written; `total` cases are to be run."""

    def on_outcome(self, outcome: Outcome) -> None:
        """A case ended."""

    def on_finish(self, footer: Footer) -> None:
        """The footer is written, and the reports are rendered."""


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
        """Write the header: `target` without secrets, `plan` as `selection.plan_header` has it.

        Raises:
            UsageError: the record cannot be written.
        """
        header = self._new_header(target, plan, seed)
        self._writer = RunWriter(self.directory / FILE)
        self._writer.write(header)
        self._notify_start(header)

    def resume(self, target: Mapping[str, Any], plan: Mapping[str, Any], seed: int) -> None:
        """Continue the record in the directory; that of a finished run is not changed.

        Raises:
            UsageError: it is of another target, plan, seed or harness, or cannot be continued.
        """
        path = self.directory / FILE
        run = load_run(path)
        if difference := header_difference(run.header, self._new_header(target, plan, seed)):
            raise UsageError(f"{path}: cannot be resumed, {difference}")
        if not is_finished(run):
            self._attempt = 1 + count_attempts(path)
            self._writer, run = RunWriter.resume(path)
        self._outcomes = list(run.outcomes)
        self._notify_start(run.header)

    def _new_header(self, target: Mapping[str, Any], plan: Mapping[str, Any], seed: int) -> Header:
        return Header(
            run=self.directory.name,
            harness=harness_version(),
            target=target,
            plan=plan,
            seed=seed,
            started=_now(),
        )

    def _notify_start(self, header: Header) -> None:
        self._header = header
        if self._listener is not None:
            self._listener.on_start(header, header.plan["cases"] - len(self._outcomes))

    def append(
        self,
        outcome: Outcome,
        history: History | None = None,
        judgement: KeptJudgement | None = None,
    ) -> None:
        """Write a case's outcome, and before it what it was judged by, if anything is kept."""
        if judgement is not None:
            line = append_judgement(self.directory, outcome.case, judgement)
            outcome = replace(outcome, judgement=line)
        if history is not None:
            outcome = replace(
                outcome, evidence=histories.save_history(self.directory, outcome.case, history)
            )
        if self._writer is None:
            raise HarnessError(f"{self.directory}: the record is closed to {outcome.case}")
        self._outcomes.append(outcome)
        self._writer.write(outcome)
        if self._listener is not None:
            self._listener.on_outcome(outcome)

    def end(self, interrupted: str) -> Assessment:
        """Write the footer and render the reports; returns the assessment of the run.

        `interrupted`: why the run ended before its end; empty if it did not.
        """
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
    path: Path, cases: Iterable[Case], here: Container[str], excluded: Iterable[ExcludedCase]
) -> None:
    """Write a JSON object a line for each planned case, and for each that its client cannot send.

    The former have id, suite, level, security, text, source and needs (capabilities), and whether
    the case is to be run `here`; the latter id and `because`.
    """
    planned = (
        {
            "id": case.id,
            "suite": case.suite,
            "level": case.level,
            "security": case.security,
            "text": case.text,
            "source": case.source,
            "needs": sorted(case.capabilities),
            "here": case.id in here,
        }
        for case in cases
    )
    unsendable = ({"id": case.case, "because": case.because} for case in excluded)
    lines = (json.dumps(line, ensure_ascii=False) for line in (*planned, *unsendable))
    run_directory.write_atomically(path, "".join(f"{line}\n" for line in lines).encode())


def row_facts(row: Row) -> dict[str, Any]:
    """A documented row as the header of a record has it."""
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
    """A case's line of the record, without `repeat`, `evidence` and `judgement`."""
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
        exchange=tuple(map(_recorded_exchange, exchange)),
        measured=verdict.measured,
        security=case.security,
    )


def _recorded_call(call: CloudStackCall) -> dict[str, Any]:
    fields: dict[str, Any] = {"command": call.command, "status": call.status}
    if call.at:
        fields["at"] = round(call.at, 4)
    return fields if call.parameters is None else {**fields, "params": dict(call.parameters)}


def _recorded_exchange(part: Exchange) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "method": part.method,
        "url": part.url,
        "request": part.request,
        "status": part.status,
        "response": part.response,
    }
    if not part.at:
        return fields
    return {**fields, "at": round(part.at, 4), "seconds": round(part.seconds, 4)}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def harness_version() -> dict[str, str]:
    """The version and commit of this harness."""
    return {"version": _version(), "commit": _commit()}


def _version() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """The commit of the checkout that contains this file, ending in `-dirty` if tracked files were
    changed since; empty if there is none."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():  # installed, perhaps inside another project's checkout
        return ""
    describe = ("describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    command = ["git", "-C", str(root), *describe]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
