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

_OPTIONS = ("--assert=plain", "-p", "no:cacheprovider", "-p", "no:warnings", "-p", "no:logging")


class SilentReporter:
    """A pytest plugin: pytest reports nothing, and what stops it is kept in `error`."""

    def __init__(self) -> None:
        self.error: HarnessError | None = None

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

    SIGINT, SIGTERM and SIGHUP end it as Ctrl-C does, with teardown.
    """
    reporter = SilentReporter()
    plugins = [reporter, *([listener] if listener else [])]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    chatter = io.StringIO()
    with _interruptible() as interrupted, contextlib.redirect_stderr(chatter):
        try:
            code = pytest.main([*_OPTIONS, *arguments, str(suites_directory())], plugins=plugins)
        except KeyboardInterrupt:
            return HarnessError("interrupted before the first case")
    if reporter.error is None and code == pytest.ExitCode.USAGE_ERROR:
        return UsageError(_usage_error(chatter.getvalue()))
    # A plugin that is interrupted may raise an error for that reason: it is not reported.
    return None if interrupted.is_set() else reporter.error


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
def _interruptible() -> Iterator[threading.Event]:
    """SIGTERM and SIGHUP act as Ctrl-C; a second signal soon after does not interrupt teardown."""
    last = -ECHO_SECONDS
    interrupted = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        interrupted.set()
        nonlocal last
        now, before = time.monotonic(), last
        last = now
        if now - before >= ECHO_SECONDS:
            raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    kept = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield interrupted
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
