"""Runs a command, from the command line to the exit status; the entry point of all 38."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tools.ec2 import argument_parsing, http, soap
from tools.ec2.command_spec import Arguments, Command, CommandError, UsageError, encode_message
from tools.ec2.own_signature import signature_redactor
from tools.ec2.printing import Printer
from tools.ec2.tables import ALL, COMMANDS

VERSION = "1.3-62308 2010-11-15"  # as the original tools print it
USAGE_STATUS = 2
INTERRUPTED_STATUS = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    The command is the name under which the program was started, or else the first argument.
    """
    words = list(sys.argv if arguments is None else arguments)
    try:
        _escape_unencodable()
        return _run(*_find_command(words))
    except UsageError as error:
        _print_error(str(error))
        return USAGE_STATUS
    except CommandError as error:
        _print_error(f"{error.code}: {error}")
        return error.status
    except KeyboardInterrupt:
        _print_error("interrupted; the request may have been carried out")
        return INTERRUPTED_STATUS
    except BrokenPipeError:  # the reader of our output has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _find_command(words: list[str]) -> tuple[Command, list[str]]:
    name = Path(words[0]).name if words else ""
    if name in COMMANDS:
        return COMMANDS[name], words[1:]
    if len(words) > 1 and words[1] in COMMANDS:
        return COMMANDS[words[1]], words[2:]
    unknown = words[1] if len(words) > 1 else name
    known = ", ".join(command.name for command in ALL)
    raise UsageError(f"no command '{unknown}'; there are {known}")


def _run(command: Command, words: list[str]) -> int:
    arguments, extra = argument_parsing.parse_arguments(command, words)
    if "help" in arguments:
        print("\n".join(argument_parsing.help_lines(command)))
        return 0
    if "version" in arguments:
        print(VERSION)
        return 0
    argument_parsing.check_arguments(command, arguments)
    settings = argument_parsing.connection_settings(arguments)
    endpoint, signer = (
        http.parse_url(settings.url),
        soap.load_signer(settings.certificate, settings.key),
    )
    password_lines = _password_printer(arguments)
    if extra:
        _print_error(f"WARNING: Ignoring extra parameter(s): [ {', '.join(extra)} ]")
    printer = Printer(argument_parsing.print_options(arguments))
    lines: list[str] = []
    requests = command.expand(arguments)
    for request in requests:
        elements = encode_message(command, request)
        signed = soap.signed_envelope(command.action, elements, signer, settings.message_format)
        redact = signature_redactor(signed)
        answer = _send(command, signed, endpoint, arguments)
        try:
            root = soap.read_answer(command.action, answer)
        except CommandError as error:
            raise CommandError(redact(error.code), redact(str(error)), error.status) from error
        lines += map(redact, printer.lines(command.response_records, root))
        lines += printer.lines(
            command.request_records, soap.request_elements(command.action, elements)
        )
        lines += password_lines(root.findtext("passwordData") or "")
    _print(lines if len(requests) == 1 else _without_duplicates(lines))
    return 0


def _send(
    command: Command, body: bytes, endpoint: http.Endpoint, arguments: Arguments
) -> http.HttpResponse:
    verbose, debug = "verbose" in arguments, "debug" in arguments

    def trace(text: str) -> None:
        if debug:
            _print_error(f"DEBUG: {text}")

    trace(f"{command.action} to {endpoint.url}, {len(body)} bytes")
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{command.action}"',
        "User-Agent": f"ec2-api-tools {VERSION}",
    }
    if verbose:
        _print([body.decode()])
    answer = http.post(endpoint, body, headers, argument_parsing.timeouts(arguments), trace)
    if verbose:
        _print([answer.body.decode("utf-8", "replace")])
    return answer


def _password_printer(arguments: Arguments) -> Callable[[str], Iterator[str]]:
    """A function from the encrypted password of an answer to the lines to print."""
    if "priv-launch-key" not in arguments:
        return lambda _: iter(())
    key = soap.load_private_key(arguments["priv-launch-key"][0])

    def decrypt(data: str) -> Iterator[str]:
        from tools.ec2.password import decrypt_password

        if data.strip():
            yield decrypt_password(data, key)

    return decrypt


def _without_duplicates(lines: list[str]) -> Iterator[str]:
    """The lines without resources that were in an earlier answer, and the records below them."""
    seen: set[str] = set()
    new = True
    for text in lines:
        word, _, rest = text.partition("\t")
        if word in ("IMAGE", "SNAPSHOT"):
            new = (name := rest.partition("\t")[0]) not in seen
            seen.add(name)
        if new or word == "Type":
            yield text


def _print(lines: Sequence[str] | Iterator[str]) -> None:
    for text in lines:
        print(text)
    sys.stdout.flush()


def _print_error(text: str) -> None:
    """Print one line to stderr; what is not printable in the text is escaped."""
    line = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in " ".join(text.split())
    )
    print(line, file=sys.stderr, flush=True)


def _escape_unencodable() -> None:
    """Escape what the terminal's encoding cannot represent: names may contain any character."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
