"""pytest as a silent engine: what stops it comes back as one of our own errors."""

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

ECHO_SECONDS = 2.0  # seconds in which a second signal is taken for an echo of the first

_OPTIONS = ("--assert=plain", "-p", "no:cacheprovider", "-p", "no:warnings", "-p", "no:logging")


class SilentReporter:
    """A pytest plugin: no reporter of pytest's own, and what stopped pytest is kept as a value."""

    def __init__(self) -> None:
        self.trouble: HarnessError | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """pytest's reporter stays known, since options belong to it, but hears nothing."""
        config.pluginmanager.unregister(name="terminalreporter")

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self) -> Generator[None, object, object]:
        """Wrong usage is ours to tell."""
        try:
            return (yield)
        except pytest.UsageError as unusable:
            self.trouble = UsageError("; ".join(map(str, unusable.args)))
            return pytest.ExitCode.USAGE_ERROR

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be imported stops everything."""
        if report.failed and self.trouble is None:
            last = str(report.longrepr).strip().splitlines()[-1]
            self.trouble = HarnessError(f"{report.nodeid or 'suites'}: cannot be collected: {last}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Our own errors keep their type; of a defect of ours the place is told."""
        error = excinfo.value
        if isinstance(error, HarnessError):
            self.trouble = error
        else:
            place = excinfo.traceback[-1]
            where = f"{Path(str(place.path)).name}:{place.lineno + 1}"
            self.trouble = HarnessError(f"internal error at {where}: {excinfo.exconly()}")
        return True


def run_pytest(arguments: Sequence[str], listener: object | None = None) -> HarnessError | None:
    """Run pytest on the project's suites in this process; returns what stopped it, if anything did.

    SIGINT, SIGTERM and SIGHUP end it as Ctrl-C does, with tear-down.
    """
    silence = SilentReporter()
    plugins = [silence, *([listener] if listener else [])]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    chatter = io.StringIO()
    with _interruptible() as interrupted, contextlib.redirect_stderr(chatter):
        try:
            code = pytest.main([*_OPTIONS, *arguments, str(suites_directory())], plugins=plugins)
        except KeyboardInterrupt:
            return HarnessError("interrupted before the first case")
    if silence.trouble is None and code == pytest.ExitCode.USAGE_ERROR:
        return UsageError(_usage_error(chatter.getvalue()))
    # Plug-ins that were interrupted half-way may stumble over it; that is no trouble of its own.
    return None if interrupted.is_set() else silence.trouble


def suites_directory() -> Path:
    """The directory of the suites, wherever the project is installed; nothing of it is imported."""
    spec = find_spec("suites")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("the suites are not installed")
    return Path(spec.submodule_search_locations[0])


def _usage_error(chatter: str) -> str:
    """The line of pytest's usage message that tells what is wrong."""
    lines = [line.strip() for line in chatter.splitlines() if line.strip()]
    errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
    return f"pytest: {errors[0] if errors else ' '.join(lines)}"


@contextlib.contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """SIGTERM and SIGHUP are Ctrl-C; a second signal soon after does not disturb tear-down."""
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
