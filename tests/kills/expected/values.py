"""Which cases must notice that a value is altered, or taken for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from suites.values.catalogue import IDS, NO_NUMBERS
from suites.values.existing_names import PARAMETERS
from suites.values.filter_values import TEXT_FILTERS
from suites.values.shown_texts import SHOWN_TEXTS
from tests.kills.expected.expectation import Expected, fails

ANSWERED = "answered as if all were well"
RULE, RUN = "AuthorizeSecurityGroupIngress", "RunInstances"
_BEYOND_ASCII = ("accent", "combining", "chinese", "emoji")


def _texts(**names: Iterable[str]) -> tuple[str, ...]:
    """Cases of texts: argument → the names of its values."""
    return tuple(
        f"values/*/parameters/{argument}-{name}[*]"
        for argument, values in names.items()
        for name in values
    )


def _existing(*names: str) -> tuple[str, ...]:
    """Cases of each parameter that names what exists, with these names."""
    return tuple(
        f"values/{parameter.action}/parameters/{parameter.label}-{name}[*]"
        for parameter in PARAMETERS
        for name in names
        if name in parameter.names
    )


def _described(*names: str) -> tuple[str, ...]:
    """Cases of lists by names of what exists, which show these names."""
    return tuple(case for case in _existing(*names) if case.startswith("values/Describe"))


def _shown(*names: str) -> tuple[str, ...]:
    """Cases of replies that show texts, with these texts."""
    return tuple(
        f"values/{shown.action}/reply/*-{name}[*]"
        for shown in SHOWN_TEXTS
        for name in names
        if name in shown.names
    )


def filters(*names: str) -> tuple[str, ...]:
    """Cases of each filter on a text, with these texts."""
    return tuple(
        f"values/{each.action}/filters/{each.filter.replace(':{}', '')}-{name}[*]"
        for each in TEXT_FILTERS
        for name in names
        if name in each.texts
    )


def value_cases(place: str, *names: str) -> tuple[str, ...]:
    return tuple(f"values/{place}{name}[*]" for name in names)


SIGNS = (
    *("ampersand", "asterisk", "brackets", "dollar", "hash"),
    *("markup", "percent", "percent-encoded", "plus", "slashes", "tilde"),
)
_BLANKS = ("blanks", "newline", "tab", "trailing-blank")
_LONG = ("255-characters", "256-characters")
_CONTROL = ("control", "newline", "null", "tab")

VALUES: Mapping[str, Expected] = {
    "decodes-texts-twice": fails(
        _texts(
            Description=("percent-encoded", "plus"),
            KeyName=("percent-encoded", "plus"),
            GroupName=("percent-encoded", "plus"),
        ),
        _existing("percent-encoded", "plus"),
        filters("percent-encoded", "plus"),
    ),
    "unescapes-texts": fails(
        _texts(Description=("markup",), KeyName=("markup",), GroupName=("markup",)),
        _existing("markup"),
        filters("markup"),
    ),
    "lower-cases-texts": fails(
        _texts(
            Description=("accent", "percent-encoded", "upper-case"),
            KeyName=("percent-encoded", "upper-case"),
            GroupName=("percent-encoded", "upper-case"),
            Name=("upper-case",),
        ),
        _existing("accent", "percent-encoded", "upper-case"),
        filters("accent", "percent-encoded", "upper-case"),
    ),
    "trims-texts": fails(
        _texts(
            Description=("leading-blank", "trailing-blank"),
            KeyName=("trailing-blank",),
            GroupName=("trailing-blank",),
            Name=("trailing-blank",),
        ),
        _existing("trailing-blank"),
        filters("trailing-blank"),
    ),
    "joins-blanks": fails(
        _texts(
            Description=(*_BLANKS, "leading-blank"),
            KeyName=_BLANKS,
            GroupName=_BLANKS,
            Name=_BLANKS,
        ),
        _existing("blanks", "trailing-blank"),
        filters("blanks", "trailing-blank"),
    ),
    "cuts-texts": fails(_texts(Description=_LONG, KeyName=_LONG, GroupName=_LONG)),
    "reads-texts-as-latin-1": fails(
        _texts(Description=_BEYOND_ASCII),
        _existing("accent", "combining", "chinese"),
        filters("accent", "combining", "chinese"),
    ),
    "composes-texts": fails(
        _texts(Description=("combining",)), _existing("combining"), filters("combining")
    ),
    "drops-signs": fails(
        _texts(
            Description=(*SIGNS, "combining", "emoji", "comma"),
            KeyName=(*SIGNS, "combining", "emoji", "comma"),
            GroupName=(*SIGNS, "combining", "emoji", "comma"),
            Name=(*SIGNS, "comma-and-dash", "parentheses"),
        ),
        _existing(*SIGNS, "combining", "comma"),
    ),
    "drops-letters": fails(
        _texts(
            Description=_BEYOND_ASCII,
            KeyName=_BEYOND_ASCII,
            GroupName=_BEYOND_ASCII,
            Name=_BEYOND_ASCII,
        ),
        _existing("accent", "combining", "chinese"),
        filters("accent", "combining", "chinese"),
    ),
    "cuts-texts-at-null": fails(
        _texts(Description=("null",), KeyName=("null",), GroupName=("null",), Name=("null",))
    ),
    "drops-control-characters": fails(
        _texts(Description=_CONTROL, KeyName=_CONTROL, GroupName=_CONTROL, Name=_CONTROL)
    ),
    "cuts-image-names": fails(_texts(Name=("96-more-characters",)), text="name is"),
    "cuts-names": fails(_existing("90-characters")),
    "changes-image-names": fails(_texts(Name=("slash", "underscore")), text="name is"),
    "numbers-texts": fails(_texts(Description=("digits", "word")), filters("digits", "word")),
    "shows-texts-as-latin-1": fails(
        value_cases("*/reply/", "odd-text"),
        _shown("accent", "chinese"),
        _described("accent", "chinese", "combining"),
    ),
    "escapes-texts-twice": fails(
        value_cases("*/reply/", "odd-text"),
        _shown("ampersand", "markup"),
        _described("ampersand", "markup"),
    ),
    "shows-texts-decoded": fails(
        value_cases("*/reply/", "odd-text"),
        _shown("percent-encoded", "plus"),
        _described("percent-encoded", "plus"),
    ),
    "shows-joined-blanks": fails(_shown("blanks"), _described("blanks", "trailing-blank")),
    "fails-on-odd-ids": fails(
        tuple(
            f"values/{action}/rejections/{parameter}-*[*]"
            for parameter, (_, actions) in IDS.items()
            for action in actions
        ),
        text="InternalError",
    ),
    "takes-texts-for-numbers": fails(
        value_cases("*/rejections/MinCount-", *NO_NUMBERS),
        value_cases("*/rejections/MaxCount-", *NO_NUMBERS),
        value_cases("*/rejections/Size-", *NO_NUMBERS),
        text=ANSWERED,
    ),
    "takes-texts-for-ports": fails(
        value_cases(f"{RULE}/rejections/IpPermissions.1.*Port-", *NO_NUMBERS),
        value_cases(f"{RULE}/rejections/ports-", "65536", "minus-1", "minus-2"),
        value_cases(f"{RULE}/parameters/", "icmp-all"),
    ),
    "shifts-last-ports": fails(
        value_cases(f"{RULE}/parameters/ports-", "65535", "all", "1-to-65534"),
        value_cases(f"{RULE}/parameters/range-", "one-address", "everyone", "half"),
    ),
    "shifts-first-ports": fails(value_cases(f"{RULE}/parameters/ports-", "0", "all")),
    "narrows-icmp": fails(value_cases(f"{RULE}/parameters/", "icmp-all"), text="icmptype is '0'"),
    "opens-everything-for-no-range": fails(
        value_cases(f"{RULE}/parameters/range-", "blank-before", "no-length"),
        value_cases(f"{RULE}/rejections/range-", "33-bits", "empty", "minus", "no-byte"),
        value_cases(f"{RULE}/rejections/range-", "no-number", "three-bytes"),
    ),
    "widens-ranges": fails(
        value_cases(f"{RULE}/parameters/ports-", "0", "65535", "all", "1-to-65534"),
        value_cases(f"{RULE}/parameters/range-", "host-bits", "no-length", "one-address"),
        value_cases(f"{RULE}/parameters/", "icmp-all"),
        text="cidrlist is",
    ),
    "reads-user-data-as-text": fails(
        value_cases(f"{RUN}/parameters/UserData-", "binary"), text="userdata is"
    ),
    "reads-user-data-as-latin-1": fails(
        value_cases(f"{RUN}/parameters/UserData-", "binary", "utf-8"), text="userdata is"
    ),
    "drops-user-data": fails(
        value_cases(f"{RUN}/rejections/UserData-", "no-base64"), text=ANSWERED
    ),
    "cuts-user-data": fails(
        value_cases(f"{RUN}/parameters/UserData-", "9000-bytes", "16384-bytes"),
        value_cases(f"{RUN}/rejections/UserData-", "16385-bytes"),
    ),
    "changes-line-ends": fails(
        value_cases(f"{RUN}/parameters/UserData-", "newlines"), text="userdata is"
    ),
}
