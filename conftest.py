"""The harness as a pytest plugin: options, the plan, the target as a fixture, the record.

The life of a run: suites are collected into cases → the run directory and its header are written →
the target starts with the first case → every case's outcome is appended as it ends → footer, then
the reports.
"""

from __future__ import annotations

import shlex
import time
import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeGuard

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
    Level,
    Outcome,
    Parity,
    Procedure,
    RunCannotContinue,
    Status,
    TimeoutScenario,
    Unreachable,
    UsageError,
)
from fixtures.plan.deviations import apply_deviations, check_patterns, load_deviations
from fixtures.plan.mapping import rows
from fixtures.plan.offered_actions import check_not_offered
from fixtures.plan.planning import plan, repeat_case
from fixtures.plan.suite_files import suite_files
from fixtures.resources.ledger import LEDGER_FILE as LEDGER
from fixtures.resources.ledger import Ledger
from fixtures.resources.leftover_watch import LeftoverWatch
from reports.record.claim import UNUSABLE
from reports.record.pytest_writer import RecordWriter
from reports.record.selection import RunOptions, RunScope, check_cases, check_repeat, plan_header
from reports.record.session import Evidence, Recording, make_outcome, row_facts, write_plan
from reports.render.allure_option import renderer, take_allure_directory

if TYPE_CHECKING:
    from fixtures.runners.session import Session

SUITES = Path(__file__).parent / "suites"
FIRST: dict[type[Procedure], int] = {TimeoutScenario: 0, Parity: 1}  # procedures that run first
LISTENER = "conform-progress"  # the name of the plugin that follows the run, if there is one

EXCLUDED = pytest.StashKey[list[ExcludedCase]]()
RECORDING = pytest.StashKey[Recording]()
PROFILE = pytest.StashKey[profile.Profile]()
FULL_PLAN = pytest.StashKey[set[str]]()  # the ids of all cases, at any level
SUITES_AT_LEVEL = pytest.StashKey[set[str]]()  # the suites that have cases at the --level
INTERRUPTED = pytest.StashKey[str]()
OUTCOME = pytest.StashKey[Outcome]()
EVIDENCE = pytest.StashKey[Evidence]()
SCOPE = pytest.StashKey[RunScope]()
PLANNED = pytest.StashKey[list[Case]]()
SCOPE_INPUT = "conform_part"  # key of the input that xdist passes to a worker


class Mismatch(AssertionError):
    """A case that did not pass; the text is its whole verdict."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run; `conform run` passes the same."""
    group = parser.getgroup("conform", "certifying a target")
    group.addoption("--target", default="simulated", metavar="NAME-or-FILE", help="profile")
    group.addoption("--suite", action="append", default=[], metavar="NAME", help="only this suite")
    group.addoption("--case", action="append", default=[], metavar="ID", help="only this case")
    levels = [level.value for level in Level]
    group.addoption("--level", choices=levels, default="should", help="must: documentation only")
    group.addoption("--seed", type=int, default=0, help="of random choices")
    group.addoption("--repeat", type=int, default=1, metavar="N", help="run each failover N times")
    group.addoption("--shard", default="", metavar="I/N", help="only this part of the plan")
    group.addoption("--rerun-failed", default="", metavar="DIR", help="only what failed in DIR")
    group.addoption("--resume", default="", metavar="DIR", help="continue the run in DIR")
    group.addoption(
        "--allow-destructive", action="store_true", help="allow stopping machines of a live target"
    )
    group.addoption("--conform-out", metavar="DIR", help="run directory, which exists")
    group.addoption("--conform-plan", metavar="FILE", help="write the planned cases to FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Check options and profile before anything is collected or written."""
    take_allure_directory(config.option)
    if _worker_id(config):  # an interruption may hit any hook, which is no news in a worker
        warnings.simplefilter("ignore", PluggyTeardownRaisedWarning)
    if unknown := sorted(set(config.getoption("suite")) - _suites()):
        names = ", ".join(sorted(_suites()))
        raise pytest.UsageError(f"unknown suite {', '.join(unknown)}: there are {names}")
    try:
        check_repeat(RunOptions.from_namespace(config.option))
        name = config.getoption("target")
        config.stash[PROFILE] = load_deviations(profile.load(name), name)
        check_not_offered(config.stash[PROFILE])
        config.stash[SCOPE] = _scope(config)
    except UsageError as unusable:
        raise pytest.UsageError(str(unusable)) from unusable


def _scope(config: pytest.Config) -> RunScope:
    """The part of the plan to run; a worker gets it as input, as it may not see the directories."""
    if (given := getattr(config, "workerinput", {}).get(SCOPE_INPUT)) is not None:
        return msgspec.convert(given, RunScope)
    return RunScope.from_options(*map(config.getoption, ("shard", "rerun_failed", "resume")))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Pass the scope to a worker that is about to start."""
    node.workerinput[SCOPE_INPUT] = msgspec.to_builtins(node.config.stash[SCOPE])


# --- the plan ---------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a suite's contract becomes one test per case of its kind."""
    suite = getattr(metafunc.cls, "suite", None)
    if "case" not in metafunc.fixturenames or suite is None:
        return
    kind = metafunc.function.__name__.removeprefix("test_").replace("_", "-")
    must_only = metafunc.config.getoption("level") == Level.MUST
    demands = metafunc.cls.demands(kind, rows())
    planned = [entry for demand in demands for entry in plan(suite, demand, clients)]
    excluded = metafunc.config.stash.setdefault(EXCLUDED, [])
    excluded += [entry for entry in planned if isinstance(entry, ExcludedCase)]
    claimed = profile.claimed_capabilities(metafunc.config.stash[PROFILE])
    times = metafunc.config.getoption("repeat")
    cases = [
        case
        for entry in planned
        if isinstance(entry, Case)
        for case in repeat_case(entry, times if entry.capabilities <= claimed else 1)
    ]
    metafunc.config.stash.setdefault(FULL_PLAN, set()).update(case.id for case in cases)
    at_level = [case for case in cases if not must_only or case.level is Level.MUST]
    metafunc.config.stash.setdefault(SUITES_AT_LEVEL, set()).update(case.suite for case in at_level)
    metafunc.parametrize("case", at_level, ids=[case.id for case in at_level])


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """With workers, only they collect. If they run a part of the plan they report only its cases,
    so that the process that writes the record has to collect the whole plan itself."""
    config = session.config
    if config.getoption("dist", "no") != "no" and not config.stash[SCOPE].is_whole:
        session.perform_collect()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the suites that --suite does not name, tests without a case, and the cases of other
    shards or of earlier sessions."""
    options = RunOptions.from_namespace(config.option)
    deselected = [item for item in items if (case := _case(item)) and not options.takes(case.id)]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
    unwanted = set(map(id, deselected))
    items[:] = [item for item in items if id(item) not in unwanted and not _has_no_case(item)]
    items.sort(key=_position)
    config.stash[PLANNED] = planned = [case for item in items if (case := _case(item))]
    try:
        remaining = set(config.stash[SCOPE].select([case.id for case in planned]).remaining)
    except UsageError as unusable:
        raise pytest.UsageError(str(unusable)) from unusable
    items[:] = [item for item in items if (case := _case(item)) is None or case.id in remaining]


def _position(item: pytest.Item) -> int:
    """Sort key: cases that should share a process come first, in the first eighth of the plan,
    which xdist gives to one worker. Clients of timeouts wait side by side, and cases of parity
    share a moto server."""
    case = _case(item)
    return len(FIRST) if case is None else FIRST.get(type(case.scenario), len(FIRST))


def _suites() -> set[str]:
    """The names of all suites."""
    return set(suite_files(SUITES))


def _case(item: pytest.Item) -> Case | None:
    """The case that a suite's test runs; None for other tests, whatever their parameters are."""
    case = item.callspec.params.get("case") if _is_of_suite(item) else None
    return case if isinstance(case, Case) else None


def _has_no_case(item: pytest.Item) -> bool:
    """pytest keeps a skipped item for a test without cases (of a table without filters, say)."""
    return _is_of_suite(item) and "case" in item.callspec.params and _case(item) is None


def _is_of_suite(item: pytest.Item) -> TypeGuard[pytest.Function]:
    """Whether the item is a parametrized test of a suite's contract."""
    return hasattr(item, "callspec") and getattr(getattr(item, "cls", None), "suite", "") != ""


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the plan to a file, or begin the record."""
    config = session.config
    planned = config.stash.get(PLANNED, [])
    deviations = config.stash[PROFILE].known_deviation
    full_plan: set[str] = config.stash.get(FULL_PLAN, set())
    try:
        check_cases(config.getoption("case"), full_plan)
        check_patterns(deviations, full_plan, _suites())
        if (file := config.getoption("conform_plan")) is not None:
            here = {case.id for item in session.items if (case := _case(item))}
            excluded: list[ExcludedCase] = config.stash.get(EXCLUDED, [])
            write_plan(Path(file), planned, here, excluded)
        if planned and not config.option.collectonly and not _worker_id(config):
            _begin_record(config, [case.id for case in planned])
    except UsageError as unusable:
        raise pytest.UsageError(str(unusable)) from unusable


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """With workers, only they collect, and all of them the same: the first one's plan is taken."""
    planned = [
        nodeid.partition("[")[2].removesuffix("]")
        for nodeid in ids
        if nodeid.startswith(f"{SUITES.name}/")
    ]
    if planned and RECORDING not in node.config.stash:
        _begin_record(node.config, planned)


def _worker_id(config: pytest.Config) -> str:
    """The id of the xdist worker that this process is; empty in the one that writes the record."""
    return str(getattr(config, "workerinput", {}).get("workerid", ""))


def _begin_record(config: pytest.Config, planned: list[str]) -> None:
    from fixtures.runners.health_watch import HealthWatch  # takes long to load

    scope, options = config.stash[SCOPE], RunOptions.from_namespace(config.option)
    selection = scope.select(planned)
    actions = {tuple(case.split("/")[:2]) for case in selection.planned}
    facts = (row_facts(row) for row in rows() if (row.suite, row.action) in actions)
    # A suite that has no case at the --level does not count as left out.
    full_plan: set[str] = config.stash.get(FULL_PLAN, set())
    at_level: set[str] = config.stash.get(SUITES_AT_LEVEL, set())
    without_cases = {case.partition("/")[0] for case in full_plan} - at_level
    suites = {case.partition("/")[0] for case in planned}
    missing = sorted(_suites() - suites - without_cases)
    nodes = (argument for argument in config.args if "::" in argument)
    narrowed = options.narrowing(sorted(suites), missing, nodes, scope.rerun_of)
    resume = config.getoption("resume")
    recording = Recording(
        resume or config.getoption("conform_out"),
        config.pluginmanager.get_plugin(LISTENER),
        renderer(config.option),
    )
    target = profile.describe(config.stash[PROFILE])
    start = recording.resume if resume else recording.begin
    header = plan_header(selection, scope, options, narrowed, facts)
    start(target, header, config.getoption("seed"))
    config.stash[RECORDING] = recording
    config.pluginmanager.register(RecordWriter(recording, config.stash, INTERRUPTED))
    end, note = partial(_stop_run, config), partial(_add_interruption, config)
    config.pluginmanager.register(HealthWatch(end, note))
    if resume and config.stash[PROFILE].kind == "live":
        config.pluginmanager.register(LeftoverWatch(recording.directory / LEDGER, note))


# --- the cases --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """The running deployment under test; the run ends here if it cannot be reached or used."""
    from fixtures.resources.tracker import summarize_leftovers
    from fixtures.runners.session import Session  # much to load, and not every process runs cases
    from fixtures.targets.target import Target

    config = request.config
    described = config.stash[PROFILE]
    directory = _run_directory(config)
    ledger = Ledger(directory and directory / LEDGER, durable=described.kind == "live")
    run = f"{directory.name if directory else ''}{_worker_id(config)}"
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
            _report_leftovers(config, summarize_leftovers(target.leftovers))
    except HarnessError as broken:
        if used:
            _report_leftovers(config, str(broken))
        elif isinstance(broken, Unreachable):
            _stop_run(config, f"the target cannot be reached: {broken}")
        else:
            _stop_run(config, f"{UNUSABLE}: {broken}")
    except Exception as defect:
        from fixtures.runners.cases import defect_text

        if used:
            raise
        _stop_run(config, defect_text(defect))
    finally:
        ledger.close()


def _run_directory(config: pytest.Config) -> Path | None:
    """The run directory; None in a run without a record."""
    if (recording := config.stash.get(RECORDING, None)) is not None:
        return recording.directory
    path = config.getoption("conform_out")
    return Path(path) if path else None


def _report_leftovers(config: pytest.Config, leftovers: str) -> None:
    """Record that resources of the run stay in the target."""
    _add_interruption(config, f"something was left behind, see `conform sweep`: {leftovers}")


def _add_interruption(config: pytest.Config, text: str) -> None:
    """Add a reason why the run is incomplete."""
    before = config.stash.get(INTERRUPTED, "")
    config.stash[INTERRUPTED] = f"{before}; {text}" if before else text


def _stop_run(config: pytest.Config, why: str) -> NoReturn:
    config.stash[INTERRUPTED] = why
    pytest.exit(why, returncode=3)


@pytest.fixture(scope="session")  # made once: making it anew cost more than some cases take
def check(request: pytest.FixtureRequest, session: Session) -> Callable[[Case], None]:
    """Runs a case on the target; the test fails unless the verdict is a pass."""
    from fixtures.runners.cases import run_case  # as above

    target = session.target

    def run(case: Case) -> None:
        started = time.perf_counter()
        try:
            result = run_case(case, session)
        except Unreachable as gone:
            why = target.mask(str(gone))
            _stop_run(request.config, f"the target cannot be reached: {why}")
        except (AccountInUse, RunCannotContinue) as ended:
            _stop_run(request.config, str(ended))
        today = datetime.now(UTC).date()
        verdict = apply_deviations(case.id, result.verdict, target.profile.known_deviation, today)
        elapsed = time.perf_counter() - started
        seconds = elapsed if result.seconds is None else result.seconds
        request.config.stash[OUTCOME] = make_outcome(case, verdict, result.observation, seconds)
        request.config.stash[EVIDENCE] = result.history, result.kept
        if verdict.status is Status.NOT_CLAIMED:
            pytest.skip(verdict.because)
        if verdict.status not in (Status.PASSED, Status.KNOWN_DEVIATION):
            parts = (verdict.requirement, verdict.because, verdict.expected, verdict.observed)
            text = "{}\n{}\n\nexpected:\n{}\n\nobserved:\n{}".format(*parts)
            raise Mismatch(f"{case.id}: {verdict.status}: {text}")

    return run


# --- the record -------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the outcome to the report, which a worker sends to the process with the record."""
    report = yield
    stash = item.config.stash
    if call.when == "call" and (outcome := stash.get(OUTCOME, None)) is not None:
        del stash[OUTCOME]
        target = shlex.quote(profile.absolute_name(item.config.getoption("target")))
        repeat = f"conform run --case {shlex.quote(outcome.case)} --target {target}"
        report.__dict__["conform_outcome"] = msgspec.to_builtins(replace(outcome, repeat=repeat))
        report.__dict__["conform_evidence"] = msgspec.to_builtins(stash[EVIDENCE])
    return report
