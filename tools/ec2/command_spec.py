"""A command: its parameters, in the order of its SOAP message, and the records that it prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from tools.ec2.printing import Record

# The content of a message as plain data: a dict becomes child elements, a list becomes repeated
# <item> elements, a name with @ becomes an attribute.
Elements = dict[str, Any]
Arguments = Mapping[str, Sequence[str]]  # name of a parameter → its values
Encoder = Callable[[Sequence[str]], Elements]


class UsageError(Exception):
    """The command line is wrong: one line that names the word at fault (exit status 2)."""


class CommandError(Exception):
    """The command failed: `code` such as `Client.InvalidAMIID.NotFound`, and its exit status."""

    def __init__(self, code: str, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def no_elements(values: Sequence[str]) -> Elements:
    """For a parameter without an element of its own."""
    del values
    return {}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One option or positional parameter, and its elements in the message.

    `name` is the long option, or the metavar of a positional parameter. `encode` gets all values,
    in order, also when there are none, and raises ValueError on an invalid one.
    """

    name: str
    help: str
    encode: Encoder = no_elements
    short: str = ""
    metavar: str = ""  # of an option's value; empty for a flag
    positional: bool = False
    required: bool = False
    repeatable: bool = False

    @property
    def label(self) -> str:
        """The parameter in help and errors: `-z, --availability-zone ZONE`."""
        if self.positional:
            return self.name
        short = f"-{self.short}, " if self.short else ""
        return f"{short}--{self.name} {self.metavar}".rstrip()


def positional(
    name: str, encode: Encoder, help_text: str, *, repeatable: bool = False
) -> Parameter:
    """A required positional parameter."""
    return Parameter(name, help_text, encode, positional=True, required=True, repeatable=repeatable)


def optional(name: str, encode: Encoder, help_text: str, *, repeatable: bool = True) -> Parameter:
    """An optional positional parameter."""
    return Parameter(name, help_text, encode, positional=True, repeatable=repeatable)


class OptionSettings(TypedDict, total=False):
    """`short`: the one-letter name."""

    short: str
    required: bool
    repeatable: bool


def option(
    name: str, metavar: str, help_text: str, encode: Encoder, **settings: Unpack[OptionSettings]
) -> Parameter:
    """An option with a value."""
    return Parameter(name, help_text, encode, metavar=metavar, **settings)


def flag(name: str, help_text: str, encode: Encoder = no_elements, *, short: str = "") -> Parameter:
    """An option without a value."""
    return Parameter(name, help_text, encode, short=short)


@dataclass(frozen=True, slots=True)
class Choice:
    """At least `least` and at most `most` of some parameters must be arguments."""

    names: tuple[str, ...]
    least: int = 0
    most: int = 1


@dataclass(frozen=True, slots=True)
class Command:
    """One command: a row of the tables.

    `parameters` are in the order of the message's elements; `encode_together` encodes those that
    make elements together, at the end. `response_records` are printed from the answer, or, where
    that contains no more than `true`, `request_records` from the request. `expand`: the arguments
    of each request that a command line stands for, where it is not exactly one.
    """

    name: str
    action: str
    summary: str
    parameters: tuple[Parameter, ...]
    response_records: tuple[Record, ...] = ()
    request_records: tuple[Record, ...] = ()
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    encode_together: Callable[[Arguments], Elements] | None = None
    expand: Callable[[Arguments], Sequence[Arguments]] = field(
        default=lambda arguments: (arguments,)
    )

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name."""
        return next(parameter for parameter in self.parameters if parameter.name == name)


def own_and_shared(named: str, permitted: str) -> Callable[[Arguments], Sequence[Arguments]]:
    """Expands a listing without arguments to two requests: for the user's own resources, and for
    those that other accounts share with him explicitly.

    `named`: the parameter that names resources; `permitted`: the one for who may use them.
    """

    def expand(arguments: Arguments) -> Sequence[Arguments]:
        if arguments.keys() & {named, "all", "owner", permitted, "filter"}:
            return (arguments,)
        return {**arguments, "owner": ["self"]}, {**arguments, permitted: ["self"]}

    return expand


def encode_message(command: Command, arguments: Arguments) -> Elements:
    """The request's elements, in the order of the schema; `WrongUsage` names a bad value."""
    elements: Elements = {}
    for parameter in command.parameters:
        values = arguments.get(parameter.name, ())
        try:
            _merge(elements, parameter.encode(values))
        except ValueError as error:
            raise UsageError(
                f"Invalid argument for option '{parameter.label}': {error} (-h for usage)"
            ) from error
    if command.encode_together is not None:
        _merge(elements, command.encode_together(arguments))
    return elements


def usage_errors(command: Command, arguments: Arguments) -> Iterator[str]:
    """The parameters that are missing or exclude each other, one line each."""
    for parameter in command.parameters:
        if parameter.required and parameter.name not in arguments:
            kind = "parameter" if parameter.positional else "option"
            yield f"Required {kind} '{parameter.label}' missing (-h for usage)"
    for choice in command.choices:
        count = sum(name in arguments for name in choice.names)
        names = ", ".join(command.parameter(name).label for name in choice.names)
        if count < choice.least:
            yield f"Required: one of {names} (-h for usage)"
        if count > choice.most:
            yield f"Only one of {names} can be given (-h for usage)"


def _merge(elements: Elements, other: Elements) -> None:
    for name, value in other.items():
        if isinstance(value, dict) and isinstance(elements.get(name), dict):
            _merge(elements[name], value)
        elif isinstance(value, list) and isinstance(elements.get(name), list):
            elements[name].extend(value)
        else:
            elements[name] = value
