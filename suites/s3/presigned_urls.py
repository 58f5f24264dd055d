"""S3: links that were signed beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fixtures.model import ProcedureRequirement
from suites.s3 import (
    DESK,
    LETTER,
    RAW,
    Stories,
    ask,
    delete,
    get,
    head,
    keys,
    put,
    refused,
    signs,
    tells,
)

NEEDED = {"s3-presigned"}
FORGED = "SignatureDoesNotMatch"


def _links(signing: str, needed: set[str]) -> Iterator[ProcedureRequirement]:
    version = signing.partition("-")[0]
    needed = NEEDED | needed
    yield tells(
        "GetObject",
        f"link-{version}",
        "Who has a link reads the object.",
        get().signed(signing).gives(LETTER),
        shelf=DESK,
        capabilities=needed,
    )
    yield tells(
        "HeadObject",
        f"link-{version}",
        "A link may be for HEAD.",
        head().signed(signing).gives(ContentLength=len(LETTER)),
        shelf=DESK,
        capabilities=needed,
    )
    yield tells(
        "PutObject",
        f"link-{version}",
        "Who has a link for it writes the object.",
        put().signed(signing),
        then=(get().gives(LETTER),),
        capabilities=needed,
    )
    yield tells(
        "DeleteObject",
        f"link-{version}",
        "Who has a link for it removes the object.",
        delete().signed(signing).status(204),
        given=(put(),),
        then=(keys(),),
        capabilities=needed,
    )


def _further_links(signing: str, needed: set[str]) -> Iterator[ProcedureRequirement]:
    version = signing.partition("-")[0]
    needed = NEEDED | needed
    yield tells(
        "ListObjects",
        f"link-{version}",
        "A link may be for a list.",
        keys("letter").signed(signing),
        shelf=DESK,
        capabilities=needed,
    )
    yield tells(
        "GetObject",
        f"link-{version}-odd-key",
        "A link may be for a key of any spelling.",
        get("Grüße & mehr/100%+1?").signed(signing).gives("hi"),
        given=(put("Grüße & mehr/100%+1?", "hi"),),
        capabilities=needed,
    )
    yield tells(
        "GetObject",
        f"link-{version}-override",
        "A link may say what type the object is answered with.",
        get(ResponseContentType="text/x-other")
        .signed(signing)
        .headed({"Content-Type": "text/x-other"}),
        shelf=DESK,
        capabilities=needed,
    )


BROKEN: Mapping[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "expired": ("has expired", {"expires": "-60"}, ("AccessDenied",)),
    "wrong-secret": ("was signed with another key", {"secret_key": "wrong"}, (FORGED,)),
    "unknown-access-key": (
        "is of an access key that nobody has",
        {"access_key": "AKNOBODY"},
        ("InvalidAccessKeyId",),
    ),
    "other-key": ("was made for another key", {"late_query": "versionId=null"}, (FORGED,)),
    "other-method": ("was made for another method", {"late_query": "acl"}, (FORGED,)),
}


def _broken() -> Iterator[ProcedureRequirement]:
    for name, (what, tampering, codes) in BROKEN.items():
        yield signs(
            "GetObject",
            f"link-v2-{name}",
            f"A link that {what} opens nothing.",
            refused(get().signed("v2-query").tampered(**tampering), *codes),
            shelf=DESK,
            capabilities=NEEDED,
            drivers=RAW,
        )


def _broken_v4() -> Iterator[ProcedureRequirement]:
    for name in ("wrong-secret", "unknown-access-key", "other-method"):
        what, tampering, codes = BROKEN[name]
        yield signs(
            "GetObject",
            f"link-v4-{name}",
            f"A version 4 link that {what} opens nothing.",
            refused(get().signed("v4-query").tampered(**tampering), *codes),
            shelf=DESK,
            capabilities=NEEDED | {"s3-v4"},
            drivers=RAW,
        )
    odd: Mapping[str, tuple[str, dict[str, str]]] = {
        "expired": ("has expired", {"date": "-1200", "expires": "600"}),
        "not-yet": ("is from the future", {"date": "3600"}),
    }
    for name, (what, tampering) in odd.items():
        yield signs(
            "GetObject",
            f"link-v4-{name}",
            f"A version 4 link that {what} opens nothing.",
            refused(get().signed("v4-query").tampered(**tampering), "AccessDenied"),
            shelf=DESK,
            capabilities=NEEDED | {"s3-v4"},
            drivers=RAW,
        )
    for name, seconds in {"eight-days": "691200", "negative": "-1", "no-number": "soon"}.items():
        yield signs(
            "GetObject",
            f"link-v4-{name}",
            "A version 4 link holds for a week at most, and for some seconds at least.",
            refused(
                get().signed("v4-query").tampered(expires=seconds),
                *("AuthorizationQueryParametersError", "AccessDenied"),
            ),
            shelf=DESK,
            capabilities=NEEDED | {"s3-v4"},
            drivers=RAW,
        )


PUTS = (
    signs(
        "PutObject",
        "link-v2-expired",
        "A link that has expired writes nothing.",
        refused(put("letter", "new").signed("v2-query").tampered(expires="-60"), "AccessDenied"),
        given=(put(),),
        then=(get().gives(LETTER),),
        capabilities=NEEDED,
        drivers=RAW,
    ),
    signs(
        "PutObject",
        "link-v2-of-a-get",
        "A link for reading writes nothing.",
        refused(
            ask("PutObject", Key="letter", Body="new")
            .by("nobody")
            .tampered(late_query="AWSAccessKeyId=x&Expires=1&Signature=x"),
            *("AccessDenied", "InvalidAccessKeyId", FORGED),
        ),
        given=(put(),),
        then=(get().gives(LETTER),),
        capabilities=NEEDED,
        drivers=RAW,
    ),
    signs(
        "GetObject",
        "link-v2-half",
        "A link that lacks its signature is none.",
        refused(
            get().by("nobody").tampered(late_query="AWSAccessKeyId=x&Expires=4000000000"),
            *("AccessDenied", "InvalidArgument"),
        ),
        shelf=DESK,
        capabilities=NEEDED,
        drivers=RAW,
    ),
)


class TestLinks(Stories):
    """Signed beforehand."""

    told = (
        *_links("v2-query", set()),
        *_further_links("v2-query", set()),
        *_links("v4-query", {"s3-v4"}),
        *_further_links("v4-query", {"s3-v4"}),
        *_broken(),
        *_broken_v4(),
        *PUTS,
    )
