"""`conform`: the command line. The work of a subcommand is imported only when it is asked for."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn, TypeAlias, cast

from fixtures.model import HarnessError, UsageError

Work = Callable[[argparse.Namespace], int]

USAGE = 2
INCOMPLETE = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit status; what goes wrong is one line on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    own, passed_on = _split(words)
    try:
        options = _parser().parse_args(own)
        if passed_on and options.work != "tools.conform.run:run":
            raise UsageError("only `conform run` takes arguments after --")
        options.pytest_arguments = passed_on
        module, _, function = options.work.partition(":")
        work = cast(Work, getattr(import_module(module), function))
        status = work(options)
        sys.stdout.flush()  # what cannot be written must not be found out after the status was told
        return status
    except HarnessError as trouble:
        _complain(str(trouble))
        return USAGE if isinstance(trouble, UsageError) else INCOMPLETE
    except KeyboardInterrupt:
        _complain("interrupted")
        return INCOMPLETE
    except BrokenPipeError:  # whoever read our output has seen enough
        _stop_writing()
        return 0
    except Exception as defect:  # noqa: BLE001  # else Python exits 1: the target is wrong
        _stop_writing()
        place = traceback.extract_tb(defect.__traceback__)[-1]
        text = " ".join(str(defect).split()) or "no words"
        _complain(f"{type(defect).__name__}: {text} ({Path(place.filename).name}:{place.lineno})")
        return INCOMPLETE


def _stop_writing() -> None:
    """What is still to be written to stdout would only fail again when Python ends."""
    with suppress(OSError, ValueError, AttributeError):  # closed already, or never there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Our own words, and those after the first `--`."""
    if "--" not in words:
        return words, []
    place = words.index("--")
    return words[:place], words[place + 1 :]


def _complain(text: str) -> None:
    print("conform:", " ".join(text.split()), file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="conform",
        description="Certifies what answers Amazon EC2 calls in front of a CloudStack.",
        epilog="exit status: 0 the gate holds, 1 it does not, 2 usage, 3 incomplete",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_runs(commands)
    _add_serve(commands)
    _add_sweep(commands)
    _add_record(commands)
    _add_register(commands)
    _add_failover(commands)
    _add_readers(commands)
    return parser


_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"


def _add(commands: _Commands, name: str, work: str, text: str) -> _Parser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(work=work)
    return command


def _add_runs(commands: _Commands) -> None:
    run = _add(commands, "run", "tools.conform.run:run", "run suites against a target")
    run.usage = "conform run [options] [-- PYTEST ARGUMENTS]"
    certify = _add(commands, "certify", "tools.conform.run:certify", "run everything that there is")
    plan = _add(commands, "plan", "tools.conform.run:plan", "list the cases that a run would take")
    for command in (run, certify, plan):
        command.add_argument("--target", metavar="NAME-or-FILE", help="profile (simulated)")
        command.add_argument("--shard", metavar="I/N", help="only this share of the plan")
    for command in (run, plan):
        command.add_argument(
            "--suite", action="append", default=[], metavar="NAME", help="only this one; repeatable"
        )
        command.add_argument(
            "--level", choices=("must", "should"), help="must: only what the documentation promises"
        )
        command.add_argument(
            "--repeat",
            type=_up_to(9999),
            metavar="N",
            help="each failover under load so many times",
        )
    run.add_argument(
        "--check",
        action="store_true",
        help="only see whether the target can be used, and tell what would be run",
    )
    run.add_argument(
        "--draft-deviations", type=Path, metavar="FILE", help="write what fails as a list of these"
    )
    certify.set_defaults(draft_deviations=None, repeat=None)
    for command in (run, certify):
        _add_running(command)

    again = run.add_mutually_exclusive_group()
    again.add_argument("--resume", metavar="DIR", help="go on with a run that was broken off")
    again.add_argument("--rerun-failed", metavar="DIR", help="only what did not pass there")


def _add_running(command: _Parser) -> None:
    """What a command can be told that runs cases."""
    command.add_argument("--out", type=Path, metavar="DIR", help="where run directories are kept")
    command.add_argument("--seed", type=int, metavar="N", help="of what a run chooses freely")
    command.add_argument(
        "-n", dest="workers", type=_up_to(64), metavar="N", help="processes side by side"
    )
    command.add_argument(
        "--allow-destructive",
        action="store_true",
        help="a live target's [failover] may stop, kill and promote its machines",
    )


def _add_serve(commands: _Commands) -> None:
    serve = _add(commands, "serve", "tools.conform.serve:serve", "serve the simulated deployment")
    for name, what in (
        ("ec2", "EC2 and S3 interface"),
        ("api", "CloudStack API"),
        ("integration", "unsigned CloudStack API"),
    ):
        serve.add_argument(f"--{name}-port", type=_port, default=0, metavar="P", help=what)
    serve.add_argument(
        "--cloudstack-url", metavar="URL", help="where the bridge sends its calls (its own)"
    )
    where = serve.add_mutually_exclusive_group()
    where.add_argument("--db", metavar="URL", help="database (SQLite in memory)")
    where.add_argument(
        "--db-properties",
        type=Path,
        metavar="FILE",
        help="read the databases from a db.properties as CloudStack's",
    )
    serve.add_argument(
        "--storage",
        type=Path,
        metavar="DIR",
        help="where S3 keeps objects (beside the file of --db; else a directory that goes)",
    )
    serve.add_argument("--mutant", metavar="NAME", help="serve a deployment that tells this lie")
    _add_observing(serve)


def _add_observing(serve: _Parser) -> None:
    serve.add_argument(
        "--api-log",
        type=Path,
        metavar="FILE",
        help="log CloudStack calls as CloudStack does",
    )
    serve.add_argument(
        "--write-profile", type=Path, metavar="FILE", help="write a profile that leads here"
    )
    serve.add_argument(
        "--observer",
        choices=("proxy", "api-log", "events", "none"),
        help="who shall watch, in that profile (none)",
    )


def _add_record(commands: _Commands) -> None:
    record = _add(
        commands,
        "record",
        "tools.conform.record:record",
        "write down the CloudStack calls that pass between a bridge and its CloudStack",
    )
    for name, metavar, what in (
        ("--listen", "HOST:PORT", "where the bridge sends its calls"),
        ("--upstream", "URL", "the CloudStack where they go"),
    ):
        record.add_argument(name, required=True, metavar=metavar, help=what)
    record.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FILE",
        help="one JSON object a line",
    )


def _add_sweep(commands: _Commands) -> None:
    sweep = _add(
        commands,
        "sweep",
        "tools.conform.sweep:sweep",
        "remove from a live cloud what interrupted runs left there",
    )
    sweep.epilog = "exit status: 0 nothing is left, 1 something is, 2 usage, 3 unreachable"
    sweep.add_argument("--target", required=True, metavar="FILE", help="profile of the cloud")
    sweep.add_argument("--dry-run", action="store_true", help="only tell what would be removed")
    sweep.add_argument(
        "directories",
        nargs="*",
        type=Path,
        metavar="DIR",
        help="run directories, or what holds them (reports/out)",
    )


def _add_register(commands: _Commands) -> None:
    register = _add(
        commands,
        "register",
        "tools.conform.register:register",
        "register a user's keys and certificate with an endpoint",
    )
    register.epilog = "exit status: 0 registered, 1 refused or unreachable, 2 usage"
    for name, what in (
        ("--url", "the EC2 endpoint"),
        ("--access-key", "the user's CloudStack API key"),
        ("--secret-key", "the secret key that belongs to it"),
    ):
        register.add_argument(name, required=True, help=what)
    which = register.add_mutually_exclusive_group(required=True)
    which.add_argument("--cert", type=Path, metavar="FILE", help="the certificate, in PEM form")
    which.add_argument(
        "--new-cert",
        type=Path,
        metavar="DIR",
        help="make cert.pem and private_key.pem there, and register them",
    )
    register.add_argument(
        "--api-version", default="2012-08-15", metavar="V", help="Version to sign for (2012-08-15)"
    )
    register.add_argument("--ca-file", metavar="FILE", help="for https: who is to be trusted")


def _add_failover(commands: _Commands) -> None:
    failover = _add(
        commands,
        "failover",
        "tools.conform.failover:failover",
        "print the failover by hand with a profile's values, and what to check around each step",
    )
    failover.add_argument("--target", required=True, metavar="FILE", help="profile")
    failover.add_argument(
        "--dry-run", required=True, action="store_true", help="print it, which is all there is"
    )


def _add_readers(commands: _Commands) -> None:
    show = _add(commands, "show", "tools.conform.read:show", "show one case of a run")
    report = _add(commands, "report", "tools.conform.read:report", "render a run again")
    for command in (show, report):
        command.add_argument("directory", metavar="DIR", help="run directory, or a run's name")
    show.add_argument(
        "case", metavar="CASE", nargs="?", help="id of a case, or enough of it (the whole run)"
    )
    merge = _add(
        commands, "merge", "tools.conform.read:merge", "join the shards of a plan into one run"
    )
    merge.add_argument("directories", metavar="DIR", nargs="+", help="run directory of a shard")
    merge.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="run directory to be made"
    )
    rejudge = _add(
        commands,
        "rejudge",
        "tools.conform.read:rejudge",
        "judge again what a run saw, as far as it is kept, without the target",
    )
    rejudge.epilog = "exit status: as that of a run with these verdicts; 2 what is kept is unusable"
    rejudge.add_argument("directory", metavar="DIR", help="run directory, or a run's name")
    rejudge.add_argument(
        "--out", type=Path, metavar="DIR", help="also write it as a run, into this new directory"
    )
    compare = _add(
        commands, "compare", "tools.conform.read:compare", "tell what changed between two runs"
    )
    compare.add_argument("old", metavar="OLD", help="run directory, or a run's name")
    compare.add_argument("new", metavar="NEW", help="run directory, or a run's name")
    formats = ("text", "markdown", "html", "json")
    compare.add_argument("--format", choices=formats, default="text", help="of the report (text)")


def _up_to(most: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
        return int(text)

    return count


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"not a port: {text!r}")
    return int(text)
