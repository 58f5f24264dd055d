"""The database of past runs: SQLite by default, or any that SQLAlchemy knows, for a team."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from fixtures.model import Outcome, Run, UsageError
from reports.record.canonical import whole_plan
from reports.record.causes import group_findings
from reports.record.claim import assess_run, took_whole_plan
from reports.sanitize import cut, sanitize

SCHEMA = 1
_TITLE = 2_000  # characters of a finding's title

METADATA = MetaData()
SCHEMAS = Table("conform_schema", METADATA, Column("version", Integer, primary_key=True))
RUNS = Table(
    "conform_run",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("target", String(200), nullable=False),
    Column("version", String(100), nullable=False),  # of the harness
    Column("commit_id", String(100), nullable=False),
    Column("plan", String(64), nullable=False),  # its digest
    Column("started", String(40), nullable=False),  # ISO 8601, UTC
    Column("finished", String(40), nullable=False),
    Column("claim", String(40), nullable=False),
    Column("because", Text, nullable=False),
    Column("is_whole", Boolean, nullable=False),
)
SUITES = Table(
    "conform_suite",
    METADATA,
    Column("run_id", ForeignKey(RUNS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("suite", String(100), primary_key=True),
    Column("level", String(20), primary_key=True),
    Column("status", String(40), primary_key=True),
    Column("cases", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)
CASES = Table(
    "conform_case",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", String(40), nullable=False, unique=True),  # of the name, which may be long
    Column("name", Text, nullable=False),
)
RESULTS = Table(
    "conform_result",
    METADATA,
    Column("run_id", ForeignKey(RUNS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("case_id", ForeignKey(CASES.c.id), primary_key=True),
    Column("status", String(40), nullable=False),
)
FINDINGS = Table(
    "conform_finding",
    METADATA,
    Column("run_id", ForeignKey(RUNS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("finding", String(40), primary_key=True),  # the same in every run
    Column("title", Text, nullable=False),
    Column("level", String(20), nullable=False),
    Column("is_security", Boolean, nullable=False),
    Column("cases", Integer, nullable=False),
)
Index("conform_run_target", RUNS.c.target, RUNS.c.started)


@contextmanager
def open_store(url: str) -> Iterator[Connection]:
    """A connection to the database, whose tables are made if it has none, in one transaction.

    Raises:
        UsageError: the URL is wrong, the database cannot be used, or its tables are of another
            schema; nothing is changed then.
    """
    try:
        engine = create_engine(make_url(url))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise UsageError(f"--database {url}: no database of SQLAlchemy: {error}") from error
    shown = engine.url.render_as_string(hide_password=True)
    try:
        with engine.begin() as connection:
            _prepare(connection, shown)
            yield connection
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise UsageError(f"{shown}: the database cannot be used: {reason}") from error
    finally:
        engine.dispose()


def _prepare(connection: Connection, shown: str) -> None:
    has_tables = inspect(connection).has_table(SCHEMAS.name)
    found = connection.scalar(select(SCHEMAS.c.version)) if has_tables else None
    if found not in (None, SCHEMA):
        raise UsageError(f"{shown}: schema {found}, this harness reads {SCHEMA}")
    METADATA.create_all(connection)
    if found is None:  # also where a first use was interrupted: tables stay without a version
        connection.execute(insert(SCHEMAS).values(version=SCHEMA))


def add_run(connection: Connection, run: Run) -> bool:
    """Add a finished run; False if the database has it.

    Raises:
        UsageError: the record has no end.
    """
    if run.footer is None:
        raise UsageError(f"{run.header.run}: the record has no end, so it is not added")
    name = sanitize(run.header.run)
    if connection.scalar(select(RUNS.c.id).where(RUNS.c.name == name)) is not None:
        return False
    try:
        number = connection.execute(insert(RUNS).values(_facts(run))).inserted_primary_key
    except IntegrityError:  # another process added it in between
        return False
    assert number is not None  # for mypy: the insert of one row returns its key
    connection.execute(insert(SUITES), [{"run_id": number[0], **each} for each in _suites(run)])
    numbers = _case_numbers(connection, [outcome.case for outcome in run.outcomes])
    results = {outcome.case: outcome.status.value for outcome in run.outcomes}
    connection.execute(
        insert(RESULTS),
        [
            {"run_id": number[0], "case_id": numbers[case], "status": status}
            for case, status in results.items()
        ],
    )
    if found := list(_findings(run.outcomes)):
        connection.execute(insert(FINDINGS), [{"run_id": number[0], **each} for each in found])
    return True


def _facts(run: Run) -> Mapping[str, Any]:
    header, assessment = run.header, assess_run(run)
    assert run.footer is not None  # for mypy: `add_run` has looked
    return {
        "name": sanitize(header.run),
        "target": sanitize(header.target.get("name", "")),
        "version": sanitize(header.harness.get("version", "")),
        "commit_id": sanitize(header.harness.get("commit", "")),
        "plan": str(whole_plan(header).get("digest", "")),
        "started": header.started,
        "finished": run.footer.finished,
        "claim": assessment.word,
        "because": cut(sanitize(assessment.because), _TITLE),
        "is_whole": took_whole_plan(run),
    }


def _suites(run: Run) -> Iterator[Mapping[str, Any]]:
    cases: Counter[tuple[str, str, str]] = Counter()
    seconds: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for outcome in run.outcomes:
        key = (outcome.suite, outcome.level, outcome.status.value)
        cases[key] += 1
        seconds[key] += outcome.seconds
    for key, count in cases.items():
        suite, level, status = key
        yield {
            "suite": sanitize(suite),
            "level": level,
            "status": status,
            "cases": count,
            "seconds": round(seconds[key], 3),
        }


def _case_numbers(connection: Connection, cases: Iterable[str]) -> Mapping[str, int]:
    """The numbers of cases, those that are new included."""
    digests = {hashlib.sha1(case.encode(errors="replace")).hexdigest(): case for case in cases}
    known = _known_cases(connection)
    new = [
        {"digest": key, "name": sanitize(name)} for key, name in digests.items() if key not in known
    ]
    if new:
        connection.execute(insert(CASES), new)
        known = _known_cases(connection)
    return {case: known[digest] for digest, case in digests.items()}


def _known_cases(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(CASES.c.digest, CASES.c.id))
    return {row.digest: row.id for row in rows}


def _findings(outcomes: Iterable[Outcome]) -> Iterator[Mapping[str, Any]]:
    """What a run found, each once; those that follow from another, too."""
    pending = list(group_findings(outcomes))
    seen = set()
    while pending:
        finding = pending.pop(0)
        pending += finding.consequences
        if finding.id in seen:
            continue
        seen.add(finding.id)
        yield {
            "finding": finding.id,
            "title": cut(sanitize(finding.title), _TITLE),
            "level": finding.level.value,
            "is_security": finding.is_security,
            "cases": len(finding.outcomes),
        }
