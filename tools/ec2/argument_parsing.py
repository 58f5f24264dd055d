"""From the words of a command line to what is given; and each command's own help."""

from __future__ import annotations

import getopt
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.ec2.command_spec import (
    Command,
    Given,
    Parameter,
    WrongUsage,
    flag,
    missing,
    nothing,
    option,
)
from tools.ec2.http import Limits
from tools.ec2.printing import Printing

LONGEST = 2_147_483  # seconds: more milliseconds than that the old tools could not count either
DEFAULTS = Limits()

GENERAL = (
    option("K/private-key", "KEY", "your private key, a PEM file (EC2_PRIVATE_KEY)", nothing),
    option("C/cert", "CERT", "your X.509 certificate, a PEM file (EC2_CERT)", nothing),
    option("U/url", "URL", "the endpoint (EC2_URL)", nothing),
    option("region", "REGION", "a region of Amazon's; goes before any URL", nothing),
    option(
        "connection-timeout",
        "SECONDS",
        f"give up if there is no connection by then ({DEFAULTS.connection}; 0: never)",
        nothing,
    ),
    option(
        "request-timeout",
        "SECONDS",
        f"give up if there is no complete answer by then ({DEFAULTS.request}; 0: never)",
        nothing,
    ),
    flag("H/headers", "print the names of the columns"),
    flag("show-empty-fields", "print (nil) for an empty column"),
    flag("hide-tags", "print no TAG records"),
    flag("v/verbose", "print request and answer too"),
    flag("debug", "tell on stderr what is being done"),
    flag("version", "print the version and end"),
    flag("?/help", "print this and end; so does -h"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command needs besides its parameters."""

    url: str
    certificate: str
    key: str
    limits: Limits


def read(command: Command, words: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """What is given, by the names of parameters (general ones too), and what is too much of it.

    Errors: `WrongUsage` in one line.
    """
    options = [one for one in (*command.parameters, *GENERAL) if not one.positional]
    short = {one.short: one for one in options if one.short}
    short["h"] = short["?"]
    long = {one.name: one for one in options}
    try:
        found, rest = getopt.gnu_getopt(
            list(words),
            "".join(letter + (":" if one.metavar else "") for letter, one in short.items()),
            [one.name + ("=" if one.metavar else "") for one in options],
        )
    except getopt.GetoptError as bad:
        raise WrongUsage(f"{bad.msg} (-h for usage)") from bad
    given: dict[str, list[str]] = {}
    for spelling, value in found:
        parameter = short[spelling[1:]] if spelling[1] != "-" else long[spelling[2:]]
        _put(given, parameter, [value])
    return given, _positional(command, rest, given)


def check(command: Command, given: Given) -> None:
    """`WrongUsage` if something is missing or given beside what it excludes."""
    for complaint in missing(command, given):
        raise WrongUsage(complaint)


def settings(given: Given) -> Settings:
    """The general options, or the environment's; `WrongUsage` names what is missing."""
    if "region" in given:
        region = given["region"][0]
        if re.fullmatch(r"[a-z0-9-]{1,63}", region) is None:
            raise WrongUsage(f"Invalid argument for option '--region REGION': '{region}'")
        url = f"https://ec2.{region}.amazonaws.com"
    else:
        url = _setting(given, "url", "EC2_URL")
    return Settings(
        url=url,
        certificate=_setting(given, "cert", "EC2_CERT"),
        key=_setting(given, "private-key", "EC2_PRIVATE_KEY"),
        limits=limits(given),
    )


def limits(given: Given) -> Limits:
    """The timeouts in seconds; `WrongUsage` on what is no number of seconds."""
    return Limits(
        _seconds(given, "connection-timeout", DEFAULTS.connection),
        _seconds(given, "request-timeout", DEFAULTS.request),
    )


def printing(given: Given) -> Printing:
    """How records are wanted."""
    return Printing("headers" in given, "show-empty-fields" in given, "hide-tags" in given)


def explain(command: Command) -> Iterator[str]:
    """The command's help, line by line."""
    options = [one for one in command.parameters if not one.positional]
    usage = [command.name, "[OPTIONS]" if options else "[GENERAL OPTIONS]"]
    yield " ".join([*usage, *(_synopsis(one) for one in command.parameters if one.positional)])
    yield ""
    yield command.summary
    also = ", ".join(command.aliases)
    yield f"Carries out {command.action}." + (f" Also installed as {also}." if also else "")
    for title, parameters in (
        ("parameters", [one for one in command.parameters if one.positional]),
        ("options", options),
        ("general options", list(GENERAL)),
    ):
        if parameters:
            yield ""
            yield f"{title}:"
            yield from map(_explained, parameters)
    yield ""
    yield "A value of - is read from standard input, one a line."
    yield "Exit status: 0 done, 1 refused by the service, 2 wrong usage, 3 no usable answer."


def _explained(one: Parameter) -> str:
    manner = [
        word for word, true in (("required", one.required), ("repeatable", one.repeats)) if true
    ]
    told = one.help + (f" [{', '.join(manner)}]" if manner and not one.positional else "")
    return f"  {one.spelled:<34} {told}"


def _synopsis(one: Parameter) -> str:
    text = f"{one.name} [{one.name} ...]" if one.repeats else one.name
    return text if one.required else f"[{one.name} ...]" if one.repeats else f"[{one.name}]"


def _put(given: dict[str, list[str]], parameter: Parameter, values: list[str]) -> None:
    if parameter.metavar or parameter.positional:
        values = [word for value in values for word in (_from_stdin() if value == "-" else [value])]
    held = given.setdefault(parameter.name, [])
    held.extend(values)
    if len(held) > 1 and parameter.metavar and not parameter.repeats:
        raise WrongUsage(f"'{parameter.spelled}' can be given once only (-h for usage)")


def _positional(command: Command, rest: list[str], given: dict[str, list[str]]) -> list[str]:
    """Hands the other words to the positional parameters; returns those that are too many."""
    for parameter in command.parameters:
        if parameter.positional and rest:
            taken = rest if parameter.repeats else rest[:1]
            rest = rest[len(taken) :]
            _put(given, parameter, taken)
    return rest


def _from_stdin() -> list[str]:
    try:
        lines = sys.stdin.read().splitlines()
    except UnicodeDecodeError as bad:
        raise WrongUsage(f"standard input is no text: {bad}") from bad
    return [line.strip() for line in lines if line.strip()]


def _setting(given: Given, name: str, variable: str) -> str:
    value = given[name][0] if name in given else os.environ.get(variable, "")
    if not value:
        spelled = next(one.spelled for one in GENERAL if one.name == name)
        raise WrongUsage(
            f"Required option '{spelled}' missing, and {variable} is not set (-h for usage)"
        )
    return value


def _seconds(given: Given, name: str, default: int) -> int:
    if name not in given:
        return default
    value = given[name][0]
    if re.fullmatch(r"[0-9]{1,10}", value) is None or int(value) > LONGEST:
        raise WrongUsage(
            f"Invalid argument for option '--{name} SECONDS': '{value}' is not a whole number of"
            f" seconds from 0 (no limit) to {LONGEST} (-h for usage)"
        )
    return int(value)
