"""A command from its first word to its exit status: the front that all 38 share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tools.ec2 import argument_parsing, http, soap
from tools.ec2.command_spec import Command, Failure, Given, WrongUsage, message
from tools.ec2.own_signature import hushing
from tools.ec2.printing import Printer
from tools.ec2.tables import ALL, COMMANDS

VERSION = "1.3-62308 2010-11-15"  # of the tools that these stand in for, as they print it
USAGE = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit status.

    The command is the name under which this was started, or else the first argument.
    """
    words = list(sys.argv if arguments is None else arguments)
    try:
        _speak_utf8()
        return _run(*_named(words))
    except WrongUsage as wrong:
        _complain(str(wrong))
        return USAGE
    except Failure as failed:
        _complain(f"{failed.code}: {failed}")
        return failed.status
    except KeyboardInterrupt:
        _complain("interrupted; the request may have been carried out")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _named(words: list[str]) -> tuple[Command, list[str]]:
    name = Path(words[0]).name if words else ""
    if name in COMMANDS:
        return COMMANDS[name], words[1:]
    if len(words) > 1 and words[1] in COMMANDS:
        return COMMANDS[words[1]], words[2:]
    wanted = words[1] if len(words) > 1 else name
    raise WrongUsage(f"no command '{wanted}'; there are {', '.join(one.name for one in ALL)}")


def _run(command: Command, words: list[str]) -> int:
    given, extra = argument_parsing.read(command, words)
    if "help" in given:
        print("\n".join(argument_parsing.explain(command)))
        return 0
    if "version" in given:
        print(VERSION)
        return 0
    argument_parsing.check(command, given)
    settings = argument_parsing.settings(given)
    endpoint, signer = http.endpoint(settings.url), soap.signer(settings.certificate, settings.key)
    unlock = _unlocking(given)
    if extra:
        _complain(f"WARNING: Ignoring extra parameter(s): [ {', '.join(extra)} ]")
    printer = Printer(argument_parsing.printing(given))
    lines: list[str] = []
    for asked in command.asks(given):
        tree = message(command, asked)
        signed = soap.envelope(command.action, tree, signer)
        hush = hushing(signed)
        answer = _asked(command, signed, endpoint, given)
        try:
            root = soap.result(command.action, answer)
        except Failure as failed:
            raise Failure(hush(failed.code), hush(str(failed)), failed.status) from failed
        lines += map(hush, printer.lines(command.prints, root))
        lines += printer.lines(command.echoes, soap.plain(command.action, tree))
        lines += unlock(root.findtext("passwordData") or "")
    _print(lines if len(command.asks(given)) == 1 else _without_doubles(lines))
    return 0


def _asked(command: Command, body: bytes, to: http.Endpoint, given: Given) -> http.Answer:
    verbose, debug = "verbose" in given, "debug" in given

    def trace(text: str) -> None:
        if debug:
            _complain(f"DEBUG: {text}")

    trace(f"{command.action} to {to.url}, {len(body)} bytes")
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{command.action}"',
        "User-Agent": f"ec2-api-tools {VERSION}",
    }
    if verbose:
        _print([body.decode()])
    answer = http.post(to, body, headers, argument_parsing.limits(given), trace)
    if verbose:
        _print([answer.body.decode("utf-8", "replace")])
    return answer


def _unlocking(given: Given) -> Callable[[str], Iterator[str]]:
    """What prints the password of an answer, where the command is about one."""
    if "priv-launch-key" not in given:
        return lambda _: iter(())
    key = soap.private_key(given["priv-launch-key"][0])

    def unlock(locked: str) -> Iterator[str]:
        from tools.ec2.password import unlocked

        if locked.strip():
            yield unlocked(locked, key)

    return unlock


def _without_doubles(lines: list[str]) -> Iterator[str]:
    """Two answers may hold the same resource: each is printed once, with what stands below it."""
    seen: set[str] = set()
    fresh = True
    for text in lines:
        word, _, rest = text.partition("\t")
        if word in ("IMAGE", "SNAPSHOT"):
            fresh = (name := rest.partition("\t")[0]) not in seen
            seen.add(name)
        if fresh or word == "Type":
            yield text


def _print(lines: Sequence[str] | Iterator[str]) -> None:
    for text in lines:
        print(text)
    sys.stdout.flush()


def _complain(text: str) -> None:
    """One line, whatever a server put into it."""
    line = "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode()
        for one in " ".join(text.split())
    )
    print(line, file=sys.stderr, flush=True)


def _speak_utf8() -> None:
    """Names may hold any letter, whatever the terminal's encoding."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
