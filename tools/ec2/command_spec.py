"""What a command is: its parameters in the order of its SOAP message, and the records it prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.ec2.printing import Record

# A message as plain data: a dict becomes children, a list becomes repeated <item> elements,
# a name with @ becomes an attribute.
Tree = dict[str, Any]
Given = Mapping[str, Sequence[str]]  # parameter's name → its values
Lays = Callable[[Sequence[str]], Tree]


class WrongUsage(Exception):
    """The command line cannot be carried out: one line that names the word at fault (status 2)."""


class Failure(Exception):
    """The command failed: `code` as in `Client.InvalidAMIID.NotFound`, and its exit status."""

    def __init__(self, code: str, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def nothing(values: Sequence[str]) -> Tree:
    """Lays nothing into the message."""
    del values
    return {}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One option or positional parameter, and what it lays into the message.

    `name` is the long option, or the metavar of a positional parameter. `lays` gets all values, in
    order, also when there are none; it raises ValueError on a value that is none.
    """

    name: str
    help: str
    lays: Lays = nothing
    short: str = ""
    metavar: str = ""  # of an option's value; a flag has none
    positional: bool = False
    required: bool = False
    repeats: bool = False

    @property
    def spelled(self) -> str:
        """As messages name it: `-z, --availability-zone ZONE`."""
        if self.positional:
            return self.name
        short = f"-{self.short}, " if self.short else ""
        return f"{short}--{self.name} {self.metavar}".rstrip()


def positional(name: str, lays: Lays, text: str, *, repeats: bool = False) -> Parameter:
    """A positional parameter that must be given."""
    return Parameter(name, text, lays, positional=True, required=True, repeats=repeats)


def optional(name: str, lays: Lays, text: str, *, repeats: bool = True) -> Parameter:
    """A positional parameter that may be left out."""
    return Parameter(name, text, lays, positional=True, repeats=repeats)


def option(spelling: str, metavar: str, text: str, lays: Lays, **manner: bool) -> Parameter:
    """An option with a value: `option("z/availability-zone", "ZONE", …, required=True)`."""
    short, _, name = spelling.rpartition("/")
    return Parameter(name, text, lays, short=short, metavar=metavar, **manner)


def flag(spelling: str, text: str, lays: Lays = nothing) -> Parameter:
    """An option without a value."""
    short, _, name = spelling.rpartition("/")
    return Parameter(name, text, lays, short=short)


@dataclass(frozen=True, slots=True)
class Choice:
    """How many of some parameters a command line may, and must, give."""

    names: tuple[str, ...]
    least: int = 0
    most: int = 1


@dataclass(frozen=True, slots=True)
class Command:
    """One command: a row of the tables.

    `parameters` stand in the order of the message's elements; `combines` lays what several of them
    make together, at the end. `prints` are read from the answer, or, where that says no more than
    `true`, `echoes` from the request. `asks` tells the requests that a bare command line stands
    for, where it is not one.
    """

    name: str
    action: str
    summary: str
    parameters: tuple[Parameter, ...]
    prints: tuple[Record, ...] = ()
    echoes: tuple[Record, ...] = ()
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    combines: Callable[[Given], Tree] | None = None
    asks: Callable[[Given], Sequence[Given]] = field(default=lambda given: (given,))

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name."""
        return next(one for one in self.parameters if one.name == name)


def mine_and_shared(named: str, permitted: str) -> Callable[[Given], Sequence[Given]]:
    """How a listing without any word asks twice: for what is mine, and for what others explicitly
    share with me. `named`: the parameter for the things; `permitted`: for whoever may use them."""

    def asks(given: Given) -> Sequence[Given]:
        if given.keys() & {named, "all", "owner", permitted, "filter"}:
            return (given,)
        return {**given, "owner": ["self"]}, {**given, permitted: ["self"]}

    return asks


def message(command: Command, given: Given) -> Tree:
    """The request's elements, in the order of the schema; `WrongUsage` names a bad value."""
    tree: Tree = {}
    for parameter in command.parameters:
        values = given.get(parameter.name, ())
        try:
            _merge(tree, parameter.lays(values))
        except ValueError as bad:
            raise WrongUsage(
                f"Invalid argument for option '{parameter.spelled}': {bad} (-h for usage)"
            ) from bad
    if command.combines is not None:
        _merge(tree, command.combines(given))
    return tree


def missing(command: Command, given: Given) -> Iterator[str]:
    """What a command line lacks or says too much, one line each."""
    for one in command.parameters:
        if one.required and one.name not in given:
            kind = "parameter" if one.positional else "option"
            yield f"Required {kind} '{one.spelled}' missing (-h for usage)"
    for choice in command.choices:
        count = sum(name in given for name in choice.names)
        names = ", ".join(command.parameter(name).spelled for name in choice.names)
        if count < choice.least:
            yield f"Required: one of {names} (-h for usage)"
        if count > choice.most:
            yield f"Only one of {names} can be given (-h for usage)"


def _merge(tree: Tree, further: Tree) -> None:
    for name, value in further.items():
        if isinstance(value, dict) and isinstance(tree.get(name), dict):
            _merge(tree[name], value)
        elif isinstance(value, list) and isinstance(tree.get(name), list):
            tree[name].extend(value)
        else:
            tree[name] = value
