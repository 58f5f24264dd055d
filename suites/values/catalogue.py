"""The catalogue of values that EC2's cases lay over parameters, by types, and the parameters.

Names are parts of ids of cases: they say what is odd about the value.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "blanks": "two  blanks",
    "plus": "a+b",
    "percent": "100%",
    "percent-encoded": "a%20b%2Bc",
    "ampersand": "a&b=c",
    "markup": '<a>&lt;"quoted"\'',
    "brackets": "a[0].b",
    "tilde": "~a-b_c.d",
    "asterisk": "a*b?c!",
    "slashes": "a/b\\c",
    "comma": "a,b;c:d",
    "hash": "a#b",
    "dollar": "$a@b",
    "upper-case": "ABC abc",
    "digits": "007",
    "word": "true",
}

BEYOND_ASCII: Mapping[str, str] = {
    "accent": "Grüße é",
    "combining": "e\u0301",
    "chinese": "文档日",
    "emoji": "😀",
}

UNSETTLED: Mapping[str, str] = {  # texts of which the sources say nothing
    "leading-blank": " a",
    "trailing-blank": "a ",
    "tab": "a\tb",
    "newline": "a\nb",
    "255-characters": "d" * 255,
    "256-characters": "d" * 256,
    "null": "a\0b",
    "control": "a\x1bb",
}
ALL_TEXTS: Mapping[str, str] = {**TEXTS, **BEYOND_ASCII, **UNSETTLED}

# The signs that Amazon allows in the name of an image besides letters and digits.
IMAGE_NAMES: Mapping[str, str] = {
    "parentheses": "(a)",
    "comma-and-dash": "a,b-c",
    "slash": "a/b",
    "underscore": "a_b",
    "96-more-characters": "n" * 96,  # behind a name of 32 characters: 128
}

ODD_IDS: Mapping[str, str] = {
    "empty": "",
    "blank": "%20",
    "quote": "%27",
    "percent": "%25",
    "markup": "%3C%26%3E",
    "unicode": "%E6%97%A5",
    "no-utf-8": "%FF%FE",
    "null": "a%00b",
    "newline": "a%0Ab",
    "comma": "a%2Cb",
    "dots": "..%2F..%2Fetc",
    "sql": "%27%20OR%20%271%27%3D%271",
    "long": "x" * 300,
}

# Parameters that may be left out, so that an empty one may be none.
OPTIONAL_IDS = frozenset({("DetachVolume", "InstanceId"), ("CreateVolume", "SnapshotId")})
# Parameter as the Query API has it → the kind of the resource, and the actions that take it.
IDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "InstanceId.1": (
        "instance",
        (
            *("DescribeInstances", "RebootInstances", "StartInstances", "StopInstances"),
            "TerminateInstances",
        ),
    ),
    "InstanceId": (
        "instance",
        (
            *("DescribeInstanceAttribute", "GetPasswordData", "CreateImage"),
            *("AssociateAddress", "AttachVolume", "DetachVolume"),
        ),
    ),
    "VolumeId": ("volume", ("AttachVolume", "DetachVolume", "DeleteVolume", "CreateSnapshot")),
    "VolumeId.1": ("volume", ("DescribeVolumes",)),
    "SnapshotId": ("snapshot", ("DeleteSnapshot", "CreateVolume")),
    "SnapshotId.1": ("snapshot", ("DescribeSnapshots",)),
    "ImageId": (
        "image",
        (
            *("DeregisterImage", "RunInstances", "DescribeImageAttribute"),
            *("ModifyImageAttribute", "ResetImageAttribute"),
        ),
    ),
    "ImageId.1": ("image", ("DescribeImages",)),
}

NO_TIMES: Mapping[str, str] = {
    "text": "yesterday",
    "no-date": "2014-13-45T00:00:00.000Z",
    "no-such-day": "2014-02-30T00:00:00.000Z",
    "date-only": "2014-05-21",
    "trailing-junk": "2014-05-21T10:00:00.000Zjunk",
    "seconds": "1400666400",
    "empty": "",
}

NO_NUMBERS: Mapping[str, str] = {
    "negative": "-1",
    "text": "ten",
    "fraction": "1.5",
    "above-32-bits": str(2**32 + 1),
    "above-64-bits": str(2**64 + 1),
    "huge": "9" * 20,
    "more-digits": "9" * 4400,
    "hexadecimal": "0x1",
    "exponent": "1e1",
}

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "RunInstances": ("MinCount", "MaxCount"),
    "CreateVolume": ("Size",),
    "AuthorizeSecurityGroupIngress": ("IpPermissions.1.FromPort", "IpPermissions.1.ToPort"),
}

# Ways to write a number, percent-encoded, of which the sources say nothing.
SPELT_NUMBERS: Mapping[str, str] = {
    "plus-sign": "%2B{}",
    "blank-before": "%20{}",
    "blank-after": "{}%20",
    "leading-zeros": "00{}",
    "point": "{}.0",
    "newline": "{}%0A",
}

# Texts that are no truth values, percent-encoded.
NO_BOOLEANS: Mapping[str, str] = {
    "yes": "yes",
    "number": "2",
    "misspelt": "ture",
    "trailing-junk": "truex",
    "two-values": "true%2Cfalse",
}
# Ways to write a truth value besides `true` and `false`.
SPELT_TRUE: Mapping[str, str] = {"upper-case": "TRUE", "capital": "True", "number": "1"}
SPELT_FALSE: Mapping[str, str] = {"upper-case": "FALSE", "capital": "False", "number": "0"}

PROTOCOLS: Mapping[str, tuple[str, list[str]]] = {  # as it is written → as CloudStack has it
    "tcp-upper-case": ("TCP", ["tcp", "TCP", "6"]),
    "tcp-number": ("6", ["tcp", "TCP", "6"]),
    "udp-upper-case": ("UDP", ["udp", "UDP", "17"]),
    "udp-number": ("17", ["udp", "UDP", "17"]),
}
NO_PROTOCOLS: Mapping[str, str] = {
    "prefix": "xtcp",
    "suffix": "tcpx",
    "two-names": "tcp,udp",
    "null": "tcp\0x",
    "percent": "%",
    "star": "*",
    "above-255": "256",
    "fraction": "6.5",
}

NO_DEVICES: Mapping[str, str] = {
    "blank": " ",
    "directory": "/dev/",
    "no-letter": "/dev/sd",
    "sign": "/dev/sd%",
    "accent": "/dev/sdé",
    "two-names": "/dev/sdg,/dev/sdh",
    "trailing-junk": "/dev/sdg;x",
    "path": "/dev/../sdg",
    "null": "/dev/sdg\0",
    "newline": "/dev/sdg\n",
    "long": "/dev/sdg" + "g" * 300,
}
# Other ways to write /dev/sdf.
SPELT_DEVICES: Mapping[str, str] = {
    "upper-case": "/dev/SDF",
    "bare": "sdf",
    "bare-xvd": "xvdf",
    "blank-after": "/dev/sdf ",
}

# Texts that contain a name (`{}`), and are none.
NO_NAMES_OF_IT: Mapping[str, str] = {
    "prefix": "x{}",
    "suffix": "{}x",
    "two-names": "{},{}",
    "null": "{}\0x",
    "quote": "{}' OR '1'='1",
    "percent": "%",
    "star": "*",
    "accent": "{}é",
}
NO_ADDRESSES: Mapping[str, str] = {
    **{name: text for name, text in NO_NAMES_OF_IT.items() if name != "accent"},
    "fullwidth": "\uff11\uff19\uff12.0.2.1",
    "range": "{}/32",
    "five-bytes": "{}.1",
    "three-bytes": "192.0.2",
    "no-byte": "192.0.2.256",
    "number": "3221225985",
    "version-6": "::1",
}

USER_DATA: Mapping[str, bytes] = {
    "binary": b"\x1f\x8b\x08\x00\xff\xfe\x80\x00",
    "newlines": b"a\r\nb\n\n",
    "utf-8": "Grüße 日".encode(),
    "9000-bytes": b"0123456789" * 900,
    "16384-bytes": b"0123456789abcdef" * 1024,
}
