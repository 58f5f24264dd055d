"""Parses command lines, and writes the help of each command."""

from __future__ import annotations

import getopt
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.ec2.command_spec import (
    Arguments,
    Command,
    Parameter,
    UsageError,
    flag,
    no_elements,
    option,
    usage_errors,
)
from tools.ec2.http import Timeouts
from tools.ec2.message_format import API_VERSIONS, MessageFormat
from tools.ec2.printing import PrintOptions

MAX_SECONDS = 2_147_483  # the limit of the old tools, too: 2 ** 31 milliseconds
DEFAULT_TIMEOUTS = Timeouts()
# Of ours, since the original tools have nothing alike.
API_VERSION_VARIABLE = "CONFORM_EC2_API_VERSION"
MUST_UNDERSTAND_VARIABLE = "CONFORM_EC2_MUST_UNDERSTAND"

GENERAL_OPTIONS = (
    option(
        "private-key",
        "KEY",
        "your private key, a PEM file (EC2_PRIVATE_KEY)",
        no_elements,
        short="K",
    ),
    option("cert", "CERT", "your X.509 certificate, a PEM file (EC2_CERT)", no_elements, short="C"),
    option("url", "URL", "the endpoint (EC2_URL)", no_elements, short="U"),
    option("region", "REGION", "a region of Amazon's; goes before any URL", no_elements),
    option(
        "connection-timeout",
        "SECONDS",
        f"give up if there is no connection by then ({DEFAULT_TIMEOUTS.connection}; 0: never)",
        no_elements,
    ),
    option(
        "request-timeout",
        "SECONDS",
        f"give up if there is no complete answer by then ({DEFAULT_TIMEOUTS.request}; 0: never)",
        no_elements,
    ),
    option(
        "api-version",
        "VERSION",
        f"of the messages: {' or '.join(API_VERSIONS)} ({API_VERSION_VARIABLE}; {API_VERSIONS[0]})",
        no_elements,
    ),
    option(
        "must-understand",
        "0|1",
        "whether a service that does not know WS-Security must reject the request"
        f" ({MUST_UNDERSTAND_VARIABLE}; 1)",
        no_elements,
    ),
    flag("headers", "print the names of the columns", short="H"),
    flag("show-empty-fields", "print (nil) for an empty column"),
    flag("hide-tags", "print no TAG records"),
    flag("verbose", "print request and answer too", short="v"),
    flag("debug", "print on stderr what is being done"),
    flag("version", "print the version and end"),
    flag("help", "print this and end; so does -h", short="?"),
)


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Endpoint, files of the user's certificate and key, timeouts, and the messages' form."""

    url: str
    certificate: str
    key: str
    timeouts: Timeouts
    message_format: MessageFormat


def parse_arguments(
    command: Command, words: Sequence[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """The arguments by name of parameter (general options, too), and the superfluous words.

    Raises:
        UsageError: one line that names the word at fault.
    """
    options = [
        parameter
        for parameter in (*command.parameters, *GENERAL_OPTIONS)
        if not parameter.positional
    ]
    short = {option.short: option for option in options if option.short}
    short["h"] = short["?"]
    long = {option.name: option for option in options}
    try:
        given, rest = getopt.gnu_getopt(
            list(words),
            "".join(letter + (":" if option.metavar else "") for letter, option in short.items()),
            [option.name + ("=" if option.metavar else "") for option in options],
        )
    except getopt.GetoptError as error:
        raise UsageError(f"{error.msg} (-h for usage)") from error
    arguments: dict[str, list[str]] = {}
    for spelling, value in given:
        parameter = short[spelling[1:]] if spelling[1] != "-" else long[spelling[2:]]
        _add_values(arguments, parameter, [value])
    return arguments, _add_positional(command, rest, arguments)


def check_arguments(command: Command, arguments: Arguments) -> None:
    """`UsageError` if a parameter is missing, or given besides one that it excludes."""
    for error in usage_errors(command, arguments):
        raise UsageError(error)


def connection_settings(arguments: Arguments) -> ConnectionSettings:
    """The settings of the general options or the environment; `UsageError` names a missing one."""
    if "region" in arguments:
        region = arguments["region"][0]
        if re.fullmatch(r"[a-z0-9-]{1,63}", region) is None:
            raise UsageError(f"Invalid argument for option '--region REGION': '{region}'")
        url = f"https://ec2.{region}.amazonaws.com"
    else:
        url = _setting(arguments, "url", "EC2_URL")
    return ConnectionSettings(
        url=url,
        certificate=_setting(arguments, "cert", "EC2_CERT"),
        key=_setting(arguments, "private-key", "EC2_PRIVATE_KEY"),
        timeouts=timeouts(arguments),
        message_format=_message_format(arguments),
    )


def timeouts(arguments: Arguments) -> Timeouts:
    """The timeouts in seconds; `UsageError` on what is not a number of seconds."""
    return Timeouts(
        _seconds(arguments, "connection-timeout", DEFAULT_TIMEOUTS.connection),
        _seconds(arguments, "request-timeout", DEFAULT_TIMEOUTS.request),
    )


def print_options(arguments: Arguments) -> PrintOptions:
    """The options for printing records."""
    return PrintOptions(
        "headers" in arguments, "show-empty-fields" in arguments, "hide-tags" in arguments
    )


def help_lines(command: Command) -> Iterator[str]:
    """The command's help, line by line."""
    options = [parameter for parameter in command.parameters if not parameter.positional]
    usage = [command.name, "[OPTIONS]" if options else "[GENERAL OPTIONS]"]
    yield " ".join(
        [
            *usage,
            *(_synopsis(parameter) for parameter in command.parameters if parameter.positional),
        ]
    )
    yield ""
    yield command.summary
    also = ", ".join(command.aliases)
    yield f"Carries out {command.action}." + (f" Also installed as {also}." if also else "")
    for title, parameters in (
        ("parameters", [parameter for parameter in command.parameters if parameter.positional]),
        ("options", options),
        ("general options", list(GENERAL_OPTIONS)),
    ):
        if parameters:
            yield ""
            yield f"{title}:"
            yield from map(_help_line, parameters)
    yield ""
    yield "A value of - is read from standard input, one a line."
    yield "Exit status: 0 done, 1 refused by the service, 2 wrong usage, 3 no usable answer."


def _help_line(parameter: Parameter) -> str:
    notes = ["required"] * parameter.required + ["repeatable"] * parameter.repeatable
    suffix = f" [{', '.join(notes)}]" if notes and not parameter.positional else ""
    return f"  {parameter.label:<34} {parameter.help}{suffix}"


def _synopsis(parameter: Parameter) -> str:
    name, repeatable = parameter.name, parameter.repeatable
    if parameter.required:
        return f"{name} [{name} ...]" if repeatable else name
    return f"[{name} ...]" if repeatable else f"[{name}]"


def _add_values(arguments: dict[str, list[str]], parameter: Parameter, values: list[str]) -> None:
    if parameter.metavar or parameter.positional:
        values = [word for value in values for word in (_from_stdin() if value == "-" else [value])]
    all_values = arguments.setdefault(parameter.name, [])
    all_values.extend(values)
    if len(all_values) > 1 and parameter.metavar and not parameter.repeatable:
        raise UsageError(f"'{parameter.label}' can be given once only (-h for usage)")


def _add_positional(
    command: Command, rest: list[str], arguments: dict[str, list[str]]
) -> list[str]:
    """Adds the other words to the positional parameters; returns those that are too many."""
    for parameter in command.parameters:
        if parameter.positional and rest:
            taken = rest if parameter.repeatable else rest[:1]
            rest = rest[len(taken) :]
            _add_values(arguments, parameter, taken)
    return rest


def _from_stdin() -> list[str]:
    try:
        lines = sys.stdin.read().splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input is no text: {error}") from error
    return [line.strip() for line in lines if line.strip()]


def _setting(arguments: Arguments, name: str, variable: str) -> str:
    value = arguments[name][0] if name in arguments else os.environ.get(variable, "")
    if not value:
        label = next(option.label for option in GENERAL_OPTIONS if option.name == name)
        raise UsageError(
            f"Required option '{label}' missing, and {variable} is not set (-h for usage)"
        )
    return value


def _message_format(arguments: Arguments) -> MessageFormat:
    version = _choice(arguments, "api-version", API_VERSION_VARIABLE, API_VERSIONS)
    return MessageFormat(
        version, _choice(arguments, "must-understand", MUST_UNDERSTAND_VARIABLE, ("1", "0")) == "1"
    )


def _choice(arguments: Arguments, name: str, variable: str, values: Sequence[str]) -> str:
    """The value of an option or its variable; the first of `values` if neither is set."""
    value = arguments[name][0] if name in arguments else os.environ.get(variable) or values[0]
    if value not in values:
        where = f"option '--{name}'" if name in arguments else variable
        expected = " or ".join(values)
        raise UsageError(
            f"Invalid argument for {where}: '{value}' is not {expected} (-h for usage)"
        )
    return value


def _seconds(arguments: Arguments, name: str, default: int) -> int:
    if name not in arguments:
        return default
    value = arguments[name][0]
    if re.fullmatch(r"[0-9]{1,10}", value) is None or int(value) > MAX_SECONDS:
        raise UsageError(
            f"Invalid argument for option '--{name} SECONDS': '{value}' is not a whole number of"
            f" seconds from 0 (no limit) to {MAX_SECONDS} (-h for usage)"
        )
    return int(value)
