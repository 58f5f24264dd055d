"""pytest without output of its own: what stops it is returned as one of our errors."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import pytest

from fixtures.model import HarnessError, UsageError

ECHO_SECONDS = 2.0  # a second signal within these is ignored, as a repetition of the first
TEARDOWN_SECONDS = 30.0  # after an interruption, in which a target that hangs may not clean up
NEXT_SECONDS = 3.0  # for each further part of the teardown after that

_OPTIONS = ("--assert=plain", "-p", "no:cacheprovider", "-p", "no:warnings", "-p", "no:logging")
# Options whose values are paths, or may be taken for one.
_VALUED = frozenset(
    {
        *("--conform-out", "--target", "--suite", "--case", "--level", "--repeat"),
        *("--shard", "--seed", "--rerun-failed", "--resume", "--conform-plan"),
    }
)


class Interrupted(HarnessError):
    """A signal ended pytest, and none of its hooks reported that."""


class SilentReporter:
    """A pytest plugin: pytest reports nothing, and what stops it is kept in `error`."""

    def __init__(self) -> None:
        self.error: HarnessError | None = None
        self.interrupted = threading.Event()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Unregister pytest's reporter, which has defined its options by now."""
        config.pluginmanager.unregister(name="terminalreporter")

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self) -> Generator[None, object, object]:
        """Keep a usage error, which pytest would print."""
        try:
            return (yield)
        except pytest.UsageError as unusable:
            self.error = UsageError("; ".join(map(str, unusable.args)))
            return pytest.ExitCode.USAGE_ERROR

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the error of a suite that cannot be imported: pytest stops then."""
        if report.failed and self.error is None:
            last = str(report.longrepr).strip().splitlines()[-1]
            self.error = HarnessError(f"{report.nodeid or 'suites'}: cannot be collected: {last}")

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self) -> None:
        """End the run if a case swallowed the interruption, as a library's `except:` does."""
        if self.interrupted.is_set():
            raise KeyboardInterrupt

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep our own errors; for a defect of ours, one with its place."""
        error = excinfo.value
        if isinstance(error, HarnessError):
            self.error = error
        else:
            place = excinfo.traceback[-1]
            where = f"{Path(str(place.path)).name}:{place.lineno + 1}"
            self.error = HarnessError(f"internal error at {where}: {excinfo.exconly()}")
        return True


def run_pytest(arguments: Sequence[str], listener: object | None = None) -> HarnessError | None:
    """Run pytest on the project's suites in this process; return the error that stopped it.

    SIGINT, SIGTERM and SIGHUP end it as Ctrl-C does, with teardown, which a second signal ends, or
    its time limit.
    """
    reporter = SilentReporter()
    plugins = [reporter, *([listener] if listener else [])]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    chatter = io.StringIO()
    with _interruptible(reporter.interrupted), contextlib.redirect_stderr(chatter):
        try:
            suites = suites_directory()
            # Ours, whatever project the working directory belongs to.
            file = suites.parent / "tox.ini"
            settings = ("-c", str(file)) if file.exists() else ()
            words = [*settings, *_OPTIONS, *_single_words(arguments), str(suites)]
            code = pytest.main(words, plugins=plugins)
        except KeyboardInterrupt:
            return Interrupted("interrupted before the first case")
    if reporter.error is None and code == pytest.ExitCode.USAGE_ERROR:
        return UsageError(_usage_error(chatter.getvalue()))
    if reporter.error is None and code == pytest.ExitCode.NO_TESTS_COLLECTED:
        return UsageError("no case matches these options")
    # A plugin that is interrupted may raise an error for that reason: it is not reported.
    return None if reporter.interrupted.is_set() else reporter.error


def _single_words(arguments: Sequence[str]) -> Iterator[str]:
    """The arguments with each long option and its value as one word: pytest looks for a conftest.py
    beside every separate word that is a path, whichever project that belongs to."""
    words = iter(arguments)
    for word in words:
        yield f"{word}={next(words)}" if word in _VALUED else word


def suites_directory() -> Path:
    """The directory of the suites, without importing any of them."""
    spec = find_spec("suites")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("the suites are not installed")
    return Path(spec.submodule_search_locations[0])


def _usage_error(chatter: str) -> str:
    """The line of pytest's usage message that names the error."""
    lines = [line.strip() for line in chatter.splitlines() if line.strip()]
    errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
    return f"pytest: {errors[0] if errors else ' '.join(lines)}"


@contextlib.contextmanager
def _interruptible(interrupted: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGHUP act as Ctrl-C; a second signal soon after does not interrupt teardown, but
    a later one does, and so does a timer."""
    last = -ECHO_SECONDS

    def interrupt(number: int, frame: FrameType | None) -> None:
        del frame
        nonlocal last
        now, before = time.monotonic(), last
        last = now if number != signal.SIGALRM else last
        if number != signal.SIGALRM and now - before < ECHO_SECONDS:
            return
        if number != signal.SIGALRM:
            limit = NEXT_SECONDS if interrupted.is_set() else TEARDOWN_SECONDS
            signal.setitimer(signal.ITIMER_REAL, limit, NEXT_SECONDS)
        interrupted.set()
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    kept = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in kept.items():
            signal.signal(number, handler)
