"""The catalogue of values that S3's cases lay over the parameters of operations, by their types.

Names are parts of ids of cases: they say what is odd about the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KEYS: Mapping[str, str] = {
    "blank": "a b c",
    "plus": "a+b",
    "percent": "100%",
    "percent-encoded": "a%20b",
    "percent-slash": "a%2Fb",
    "encoded-dots": "%2e%2e/letter",
    "ampersand": "a&b=c",
    "question-mark": "what?",
    "hash": "a#b",
    "semicolon": "a;b=c",
    "colon": "a:b",
    "comma": "a,b",
    "quotes": "a'b\"c",
    "angle-brackets": "<a>&lt;b",
    "square-brackets": "a[0]",
    "backslash": "a\\b",
    "tilde": "~user/a~b",
    "at-and-dollar": "a@b$c!",
    "asterisk": "a*b(c)",
    "pipe-and-caret": "a|b^c`d",
    "umlauts": "Grüße/äöü",
    "chinese": "文档/测试",
    "emoji": "😀/🎉",
    "combining": "e\u0301",
    "composed": "\u00e9",
    "dot": "./a",
    "dots-inside": "a/../b",
    "dots-first": "../../letter",
    "dot-segment-inside": "a/./b",
    "only-dots": "...",
    "double-slash": "a//b",
    "slash-first": "/a",
    "slashes-last": "a//",
    "absolute": "/etc/conform",
    "hidden": ".hidden",
    "subresource-name": "acl",
    "long-ascii": "k" * 1024,
    "long-unicode": "ü" * 512,
    "long-segments": "/".join(["s" * 127] * 8),
    "leading-blank": " a",
    "trailing-blank": "a ",
    "underscore": "a_b",
    "tab": "a\tb",
    "newline": "a\nb",
    "carriage-return": "a\rb",
    "delete": "a\x7fb",
    "control": "a\x07b",
    "non-character": "a\ufffeb",
    "upper-and-digits": "README.2014.TXT",
}
# Keys that XML 1.0 cannot represent: lists have to be asked for percent-encoded.
NOT_IN_XML = frozenset({"control", "non-character"})
# Lines end alike for a reader of XML, and boto sends no line ends in a path.
NOT_BY_BOTO = frozenset({"newline", "carriage-return", "tab", "delete", "control", "non-character"})


@dataclass(frozen=True, slots=True)
class Sign:
    """A text in keys and prefixes, and others that a store may take for the same: as a pattern, by
    decoding it, or in another case, or composition, of letters."""

    text: str
    others: tuple[str, ...] = ("x",)


SIGNS: Mapping[str, Sign] = {
    "underscore": Sign("_", ("x", "__")),
    "percent": Sign("%", ("x", "xx")),
    "asterisk": Sign("*", ("x", "")),
    "question-mark": Sign("?"),
    "dot": Sign("."),
    "brackets": Sign("[a-z]", ("b", "[b]")),
    "backslash": Sign("\\", ("x", "/")),
    "escaped-percent": Sign("\\%", ("%", "x")),
    "plus": Sign("+", (" ", "x")),
    "blank": Sign(" ", ("+", "")),
    "quote": Sign("'", ("", "x")),
    "ampersand": Sign("&amp;", ("&",)),
    "angle-bracket": Sign("<", ("&lt;",)),
    "percent-encoded": Sign("%20", (" ", "+")),
    "encoded-slash": Sign("%2F", ("/",)),
    "double-slash": Sign("//", ("/",)),
    "dot-segments": Sign("/../", ("/", "/./")),
    "accent": Sign("é", ("e", "É", "e\u0301")),
    "combining": Sign("e\u0301", ("é", "e")),
    "chinese": Sign("日", ("本",)),
    "emoji": Sign("😀", ("😁",)),
    "sharp-s": Sign("ß", ("ss",)),
    "capital": Sign("A", ("a",)),
    "tab": Sign("\t", (" ",)),
    "control": Sign("\x07", ("\x08",)),
}

METADATA: Mapping[str, Mapping[str, str]] = {
    "one": {"colour": "blue"},
    "many": {f"name-{number}": f"value {number}" for number in range(20)},
    "inner-blanks": {"text": "a b  c"},
    "punctuation": {"text": 'a=b; c,d "e" <f> & 100%'},
    "empty": {"text": ""},
    "number": {"text": "007"},
    "base64": {"text": "//8gZGVhciBjbG91ZA=="},
    "two-kilobytes": {"k": "x" * 2047},
    "long-value": {"text": "x" * 1500},
    "digits-and-dashes": {"a-1-b": "1"},
}
