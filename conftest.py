"""pytest glue: options, the plan, the target as a fixture, one line in the record per case.

The life of a session: suites are collected into cases → the run directory and its header are
written → the target starts with the first case → every case's outcome is appended as it ends →
footer, then everything that people read.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from pluggy import PluggyTeardownRaisedWarning

from fixtures import profile
from fixtures.clients import support as clients
from fixtures.model import (
    AccountInUse,
    Case,
    ExcludedCase,
    HarnessError,
    History,
    Level,
    Outcome,
    Parity,
    Procedure,
    Status,
    TimeoutScenario,
    Unreachable,
    UsageError,
)
from fixtures.plan.deviations import apply_deviations, check_patterns, load_deviations
from fixtures.plan.mapping import rows
from fixtures.plan.planning import plan, repeat_case
from fixtures.resources.ledger import LEDGER_FILE as LEDGER
from fixtures.resources.ledger import Ledger
from reports.record.claim import exit_status
from reports.record.selection import RunOptions, RunScope, plan_header
from reports.record.session import Recording, make_outcome, row_facts, write_plan

if TYPE_CHECKING:
    from fixtures.runners.session import Session

SUITES = Path(__file__).parent / "suites"
TURNS: dict[type[Procedure], int] = {TimeoutScenario: 0, Parity: 1}
LISTENER = (
    "conform-progress"  # the name under which a plugin that wants to follow the run is registered
)

EXCUSES = pytest.StashKey[list[ExcludedCase]]()
RECORDING = pytest.StashKey[Recording]()
PROFILE = pytest.StashKey[profile.Profile]()
WHOLE = pytest.StashKey[set[str]]()  # the ids of the full plan, at any level
ASKED = pytest.StashKey[set[str]]()  # the suites that have cases at the level asked for
INTERRUPTED = pytest.StashKey[str]()
OUTCOME = pytest.StashKey[Outcome]()
HISTORY = pytest.StashKey[History | None]()
PART = pytest.StashKey[RunScope]()
PLANNED = pytest.StashKey[list[Case]]()
PART_TOLD = "conform_part"  # in what xdist tells a worker


class Mismatch(AssertionError):
    """A case that did not pass; the text is its whole verdict."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run can be told; `conform run` passes the same."""
    group = parser.getgroup("conform", "certifying a target")
    group.addoption("--target", default="simulated", metavar="NAME-or-FILE", help="profile")
    group.addoption("--suite", action="append", default=[], metavar="NAME", help="only this one")
    levels = [level.value for level in Level]
    group.addoption("--level", choices=levels, default="should", help="must: only these")
    group.addoption("--seed", type=int, default=0, help="of what a run chooses freely")
    group.addoption("--repeat", type=int, default=1, metavar="N", help="each history so often")
    group.addoption("--shard", default="", metavar="I/N", help="only this share of the plan")
    group.addoption("--rerun-failed", default="", metavar="DIR", help="only what failed there")
    group.addoption("--resume", default="", metavar="DIR", help="go on with that run")
    group.addoption(
        "--allow-destructive", action="store_true", help="machines of a live target may be stopped"
    )
    group.addoption("--conform-out", metavar="DIR", help="run directory, already made")
    group.addoption("--conform-plan", metavar="FILE", help="write the planned cases there")


def pytest_configure(config: pytest.Config) -> None:
    """What cannot be used is told before anything is collected or written."""
    if _worker(config):  # an interruption may fall into anybody's hook, which nobody need hear of
        warnings.simplefilter("ignore", PluggyTeardownRaisedWarning)
    if unknown := sorted(set(config.getoption("suite")) - _suites()):
        names = ", ".join(sorted(_suites()))
        raise pytest.UsageError(f"unknown suite {', '.join(unknown)}: there are {names}")
    if config.getoption("repeat") < 1:
        raise pytest.UsageError("--repeat: nothing can be done less than once")
    try:
        name = config.getoption("target")
        config.stash[PROFILE] = load_deviations(profile.load(name), name)
        config.stash[PART] = _part(config)
    except UsageError as unusable:
        raise pytest.UsageError(str(unusable)) from unusable


def _part(config: pytest.Config) -> RunScope:
    """What the run leaves out of the plan; a worker is told, as it may not see the directories."""
    if (told := getattr(config, "workerinput", {}).get(PART_TOLD)) is not None:
        return msgspec.convert(told, RunScope)
    return RunScope.from_options(*map(config.getoption, ("shard", "rerun_failed", "resume")))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker is about to start."""
    node.workerinput[PART_TOLD] = msgspec.to_builtins(node.config.stash[PART])


# --- the plan ---------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a suite's contract becomes one test per case of its kind."""
    suite = getattr(metafunc.cls, "suite", None)
    if "case" not in metafunc.fixturenames or suite is None:
        return
    kind = metafunc.function.__name__.removeprefix("test_").replace("_", "-")
    must_only = metafunc.config.getoption("level") == Level.MUST
    demands = metafunc.cls.demands(kind, rows())
    planned = [one for demanded in demands for one in plan(suite, demanded, clients)]
    excuses = metafunc.config.stash.setdefault(EXCUSES, [])
    excuses += [one for one in planned if isinstance(one, ExcludedCase)]
    claimed = profile.claimed_capabilities(metafunc.config.stash[PROFILE])
    times = metafunc.config.getoption("repeat")
    cases = [
        again
        for one in planned
        if isinstance(one, Case)
        for again in repeat_case(one, times if one.capabilities <= claimed else 1)
    ]
    metafunc.config.stash.setdefault(WHOLE, set()).update(case.id for case in cases)
    found = [case for case in cases if not must_only or case.level is Level.MUST]
    metafunc.config.stash.setdefault(ASKED, set()).update(case.suite for case in found)
    metafunc.parametrize("case", found, ids=[case.id for case in found])


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """With workers, they collect. Of a part they tell only their own cases, so that the process
    that writes the record has to see the whole plan by itself."""
    config = session.config
    if config.getoption("dist", "no") != "no" and not config.stash[PART].is_whole:
        session.perform_collect()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the suites that were not asked for, tests for which no case is planned, and what
    other shards or earlier sessions do."""
    wanted = set(config.getoption("suite"))
    left_out = [
        item for item in items if wanted and (case := _case(item)) and case.suite not in wanted
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    gone = set(map(id, left_out))
    items[:] = [item for item in items if id(item) not in gone and not _unplanned(item)]
    items.sort(key=_turn)
    config.stash[PLANNED] = planned = [case for item in items if (case := _case(item))]
    try:
        left = set(config.stash[PART].select([case.id for case in planned]).remaining)
    except UsageError as unusable:
        raise pytest.UsageError(str(unusable)) from unusable
    items[:] = [item for item in items if (case := _case(item)) is None or case.id in left]


def _turn(item: pytest.Item) -> int:
    """What one process is to have together comes first: it is in the first share that xdist hands
    out, an eighth of the whole plan. Clients that wait do so side by side, and what is compared
    with another implementation needs one of those."""
    case = _case(item)
    return len(TURNS) if case is None else TURNS.get(type(case.scenario), len(TURNS))


def _suites() -> set[str]:
    """Every suite by the name of its module, or of its package."""
    packages = {path.parent.name for path in SUITES.glob("*/__init__.py")}
    return {path.stem for path in SUITES.glob("[!_]*.py")} | packages - {"contract"}


def _case(item: pytest.Item) -> Case | None:
    callspec = getattr(item, "callspec", None)
    case = callspec.params.get("case") if callspec is not None else None
    return case if isinstance(case, Case) else None


def _unplanned(item: pytest.Item) -> bool:
    """pytest keeps a skipped stand-in for a test without cases: a table without filters, say."""
    return hasattr(item, "callspec") and "case" in item.callspec.params and _case(item) is None


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """The plan stands: write it down, or begin the record."""
    config = session.config
    planned = config.stash.get(PLANNED, [])
    listed = config.stash[PROFILE].known_deviation
    whole: set[str] = config.stash.get(WHOLE, set())
    try:
        check_patterns(listed, whole, _suites())
        if (file := config.getoption("conform_plan")) is not None:
            here = {case.id for item in session.items if (case := _case(item))}
            excuses: list[ExcludedCase] = config.stash.get(EXCUSES, [])
            write_plan(Path(file), planned, here, excuses)
        if planned and not config.option.collectonly and not _worker(config):
            _begin(config, [case.id for case in planned])
    except UsageError as unusable:
        raise pytest.UsageError(str(unusable)) from unusable


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """With workers, they collect; the first one to tell its plan tells everybody's."""
    planned = [
        nodeid.partition("[")[2].removesuffix("]")
        for nodeid in ids
        if nodeid.startswith(f"{SUITES.name}/")
    ]
    if planned and RECORDING not in node.config.stash:
        _begin(node.config, planned)


def _worker(config: pytest.Config) -> str:
    """Which of several workers this process is; empty in the one that writes the record."""
    return str(getattr(config, "workerinput", {}).get("workerid", ""))


def _begin(config: pytest.Config, planned: list[str]) -> None:
    from reports.render.renderers import render  # takes long to load; workers do without

    part, asked = config.stash[PART], RunOptions.from_namespace(config.option)
    chosen = part.select(planned)
    actions = {tuple(case.split("/")[:2]) for case in chosen.planned}
    about = (row_facts(row) for row in rows() if (row.suite, row.action) in actions)
    # A suite that has no case at the level is not missed there.
    whole: set[str] = config.stash.get(WHOLE, set())
    asked_for: set[str] = config.stash.get(ASKED, set())
    beside = {case.partition("/")[0] for case in whole} - asked_for
    missing = sorted(_suites() - {case.partition("/")[0] for case in planned} - beside)
    nodes = (argument for argument in config.args if "::" in argument)
    narrowed = asked.narrowing(missing, nodes, part.rerun_of)
    resume = config.getoption("resume")
    recording = Recording(
        resume or config.getoption("conform_out"),
        config.pluginmanager.get_plugin(LISTENER),
        render,
    )
    target = profile.describe(config.stash[PROFILE])
    start = recording.resume if resume else recording.begin
    start(target, plan_header(chosen, part, asked, narrowed, about), config.getoption("seed"))
    config.stash[RECORDING] = recording
    config.pluginmanager.register(_Writer(recording, config.stash))


# --- the cases --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """The deployment under test, running, with what runners share; a run whose target cannot be
    reached ends here."""
    from fixtures.runners.session import Session  # much to load, and not every process runs cases
    from fixtures.targets.target import Target

    config = request.config
    described = config.stash[PROFILE]
    directory = _directory(config)
    ledger = Ledger(directory and directory / LEDGER, durable=described.kind == "live")
    run = f"{directory.name if directory else ''}{_worker(config)}"
    used = False
    try:
        with (
            Target(described, run=run, ledger=ledger, seed=config.getoption("seed")) as target,
            Session(target, allow_destructive=config.getoption("allow_destructive")) as session,
        ):
            session.expect(case for item in request.session.items if (case := _case(item)))
            yield session
            used = True
        if target.leftovers:
            _left(config, "; ".join(target.leftovers))
    except HarnessError as broken:
        if used:
            _left(config, str(broken))
        elif isinstance(broken, Unreachable):
            _stop(config, f"the target cannot be reached: {broken}")
        else:
            _stop(config, f"the target cannot be used: {broken}")
    finally:
        ledger.close()


def _directory(config: pytest.Config) -> Path | None:
    """The run directory, as far as this process knows."""
    if (recording := config.stash.get(RECORDING, None)) is not None:
        return recording.directory
    given = config.getoption("conform_out")
    return Path(given) if given else None


def _left(config: pytest.Config, what: str) -> None:
    """The run ends, and something of it stays in the target."""
    so_far = config.stash.get(INTERRUPTED, "")
    left = f"something was left behind, see `conform sweep`: {what}"
    config.stash[INTERRUPTED] = f"{so_far}; {left}" if so_far else left


def _stop(config: pytest.Config, why: str) -> None:
    config.stash[INTERRUPTED] = why
    pytest.exit(why, returncode=3)


@pytest.fixture(scope="session")  # made once: making it anew cost more than some cases take
def check(request: pytest.FixtureRequest, session: Session) -> Callable[[Case], None]:
    """Puts a case to the target and fails unless the verdict is a pass."""
    from fixtures.runners.cases import run_case  # as above

    target = session.target

    def put(case: Case) -> None:
        started = time.perf_counter()
        try:
            exercised = run_case(case, session)
        except Unreachable as gone:
            why = target.mask(str(gone))
            _stop(request.config, f"the target cannot be reached: {why}")
        except AccountInUse as disturbed:
            _stop(request.config, str(disturbed))
        today = datetime.now(UTC).date()
        verdict = apply_deviations(
            case.id, exercised.verdict, target.profile.known_deviation, today
        )
        lasted = time.perf_counter() - started
        seconds = lasted if exercised.seconds is None else exercised.seconds
        request.config.stash[OUTCOME] = make_outcome(case, verdict, exercised.observation, seconds)
        request.config.stash[HISTORY] = exercised.history
        if verdict.status is Status.NOT_CLAIMED:
            pytest.skip(verdict.because)
        if verdict.status not in (Status.PASSED, Status.KNOWN_DEVIATION):
            told = (verdict.requirement, verdict.because, verdict.expected, verdict.observed)
            text = "{}\n{}\n\nexpected:\n{}\n\nobserved:\n{}".format(*told)
            raise Mismatch(f"{case.id}: {verdict.status}: {text}")

    return put


# --- the record -------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The outcome travels with the report, from another process too."""
    report = yield
    stash = item.config.stash
    if call.when == "call" and (outcome := stash.get(OUTCOME, None)) is not None:
        del stash[OUTCOME]
        repeat = f"pytest '{item.nodeid}' --target {item.config.getoption('target')}"
        report.__dict__["conform_outcome"] = msgspec.to_builtins(replace(outcome, repeat=repeat))
        if (told := stash.get(HISTORY, None)) is not None:
            report.__dict__["conform_history"] = msgspec.to_builtins(told)
    return report


class _Writer:
    """Appends what the reports bring to the record; registered only in the process that has it."""

    def __init__(self, recording: Recording, stash: pytest.Stash) -> None:
        self._recording, self._stash = recording, stash

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A case ended."""
        if (outcome := report.__dict__.get("conform_outcome")) is not None:
            told = msgspec.convert(report.__dict__.pop("conform_history", None), History | None)
            self._recording.append(msgspec.convert(outcome, Outcome), told)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C, a signal that was made one, or pytest itself, which says why."""
        self._stash.setdefault(INTERRUPTED, str(excinfo.value) or "by the user")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """The last line, and everything that people read; the exit status is the claim's."""
        earned = self._recording.end(self._stash.get(INTERRUPTED, ""))
        session.exitstatus = exit_status(earned)
