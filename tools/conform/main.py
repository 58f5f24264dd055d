"""`conform`: the command line.

A subcommand is a module of this package with `add_arguments` and `execute`, and a line in
`COMMANDS`. So that every command starts quickly, only the module of the one that is run is
imported, and such a module imports what takes long to load within `execute`.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn, Protocol, cast

from fixtures.model import HarnessError, UsageError
from tools.conform.examples import EXAMPLES

COMMANDS: Mapping[str, str] = {  # name, which is that of its module → summary
    "run": "run suites against a target",
    "certify": "run the whole plan against a target",
    "plan": "list the cases that a run would take",
    "init": "make a configuration directory for conform serve --config",
    "serve": "serve the simulated deployment",
    "ports": "check or change the Amazon interface's port in a configuration directory",
    "sweep": "remove from a live cloud what interrupted runs left there",
    "record": "record the CloudStack calls between a bridge and its CloudStack, as a proxy",
    "register": "register a user's keys and certificate with an endpoint",
    "failover": "print the manual failover with a profile's values, and the checks of each step",
    "show": "show one case of a run, or the whole run",
    "report": "render the reports of a run again",
    "keygen": "make a key pair for certificates",
    "sign": "certify a run by a signature",
    "verify": "verify a certificate, and all that it says, by the record beside it",
    "pack": "pack a run's evidence into one archive",
    "merge": "merge the shards of a plan into one run",
    "rejudge": "judge the cases of a run again, without the target",
    "compare": "compare two runs",
    "history": "runs over releases: add them, how they went, cases that change their mind",
    "badge": "write the claim of a run as a badge",
    "mutants": "list the defects that `conform serve --mutant` imitates",
    "suites": "list the suites that --suite takes",
    "capabilities": "list what a profile's [capabilities] may claim",
}
TAKES_PYTEST_ARGUMENTS = "run"

USAGE = 2
INCOMPLETE = 3


class Subcommand(Protocol):
    """The module of a subcommand."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Define the command's options and, where it has its own, usage and epilog."""

    def execute(self, options: argparse.Namespace) -> int:
        """Carry the command out and return its exit status."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit status; an error is one line on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    own, pytest_arguments = _split(words)
    try:
        if own and own[0] == "--version":
            return _print_version()
        name = next((word for word in own if not word.startswith("-")), "")
        command = _load(name) if name in COMMANDS else None
        options = _parser(name, command).parse_args(own)
        assert command is not None  # for mypy: argparse has refused the others
        if pytest_arguments and name != TAKES_PYTEST_ARGUMENTS:
            raise UsageError("only `conform run` takes arguments after --")
        options.pytest_arguments = pytest_arguments
        status = command.execute(options)
        sys.stdout.flush()  # so that a failure to write is found before the status is returned
        return status
    except HarnessError as error:
        _complain(str(error))
        return USAGE if isinstance(error, UsageError) else INCOMPLETE
    except KeyboardInterrupt:
        _complain("interrupted")
        return INCOMPLETE
    except BrokenPipeError:  # the reader of our output has ended
        _discard_output()
        return 0
    except Exception as defect:  # noqa: BLE001  # else Python exits 1: the target is wrong
        _discard_output()
        place = traceback.extract_tb(defect.__traceback__)[-1]
        text = " ".join(str(defect).split()) or "no message"
        _complain(f"{type(defect).__name__}: {text} ({Path(place.filename).name}:{place.lineno})")
        return INCOMPLETE


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def _load(name: str) -> Subcommand:
    return cast(Subcommand, import_module(f"tools.conform.{name}"))


def command_parser(name: str) -> OneLineParser:
    """The parser of the command line, with the options of the command of this name."""
    return _parser(name, _load(name))


def _parser(name: str, command: Subcommand | None) -> OneLineParser:
    """The parser of the command line, with the options of this command."""
    parser = OneLineParser(
        prog="conform",
        description="Certifies services that translate Amazon EC2 and S3 calls for CloudStack.",
        epilog="exit status: 0 the gate holds, 1 it does not, 2 wrong usage, 3 incomplete",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and the commit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for each, summary in COMMANDS.items():
        description = f"{summary[0].upper()}{summary[1:]}."
        subparser = commands.add_parser(
            each,
            help=summary,
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if command is not None and each == name:
            command.add_arguments(subparser)
            examples = "\n".join(f"  {line}" for line in EXAMPLES[each])
            parts = (f"examples:\n{examples}", subparser.epilog)
            subparser.epilog = "\n\n".join(filter(None, parts))
    return parser


def _print_version() -> int:
    from reports.record.session import harness_version

    version = harness_version()
    commit = f" ({version['commit']})" if version["commit"] else ""
    print(f"conform {version['version']}{commit}")
    return 0


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Our own arguments, and those after the first `--`."""
    if "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]


def _complain(text: str) -> None:
    print("conform:", " ".join(text.split()), file=sys.stderr)


def _discard_output() -> None:
    """Discard what is still buffered for stdout: it would fail again when Python ends."""
    with suppress(OSError, ValueError, AttributeError):  # closed already, or never there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
