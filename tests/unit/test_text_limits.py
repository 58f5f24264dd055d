"""Texts of a target are cut where they enter, and where they are written down."""

from __future__ import annotations

import pytest

from fixtures.clients.transport.documents import LONGEST_TEXT, parse_document
from fixtures.clients.transport.messages import HttpResponse
from fixtures.model import Ec2Reply, ReplyKind, S3Reply, Status, Verdict
from fixtures.model.text_limits import MAX_ENTERING, MAX_LINE, MAX_VERDICT, cut_text
from fixtures.redaction.results import redact_verdict
from fixtures.redaction.secrets import MASK, Mask

SECRET = "sJ8x-Zp_4Tq/9+vB2nM7cL1kD5hG3fW0yR6uE8iO4aS"
LONG = 1_000_000


@pytest.mark.parametrize("reply_type", [Ec2Reply, S3Reply])
def test_replies_cut_what_they_quote(reply_type: type[Ec2Reply]) -> None:
    """Code, message and defects of a reply are a few kilobytes long at most, and say what is
    missing."""
    text = "x" * LONG
    reply = reply_type(ReplyKind.FAULT, code=text, message=text, defects=(text,))
    expected = "x" * MAX_ENTERING + f" [cut: {LONG} characters in all]"
    assert (reply.code, reply.message, reply.defects) == (expected, expected, (expected,))
    assert cut_text(reply.code, MAX_ENTERING) == reply.code


@pytest.mark.parametrize("text", ["x" * LONG, "x y\n" * (LONG // 4), "\n" * LONG])
def test_verdicts_are_cut(text: str) -> None:
    """Lines and texts of a verdict are cut, with a note of how much there was."""
    verdict = redact_verdict(
        Mask(), Verdict(Status.FAILED, "r", text, text, text, {"list": [text]})
    )
    for cut in (verdict.expected, verdict.observed, verdict.because, verdict.measured["list"][0]):
        assert len(cut) < MAX_VERDICT + 100
        assert (
            f"[cut: {LONG} characters in all]" in cut or len(cut.split("\n")[0]) <= MAX_LINE + 100
        )
        assert "[cut: " in cut


@pytest.mark.parametrize("place", range(MAX_LINE - 50, MAX_LINE + 10, 3))
def test_a_secret_at_the_cut(place: int) -> None:
    """A secret across the place where a text is cut is masked."""
    text = " " * place + SECRET + "w" * LONG
    because = redact_verdict(Mask([SECRET]), Verdict(Status.FAILED, "r", "", "", text)).because
    shown = because.partition("[cut")[0].strip().rstrip("w").strip()
    assert shown in ("", "*", "**", MASK)


@pytest.mark.parametrize(
    "document",
    [
        f"<a><b>{'x' * LONG}</b></a>",
        f"<a><b/>{'x' * LONG}</a>",
        f"<a b='{'x' * LONG}'/>",
        f"<a><!--{'x' * LONG}--></a>",
        f"<a>{'&amp;#38;' * LONG}</a>",
    ],
)
def test_documents_with_a_long_text(document: str) -> None:
    """A document with a text that no answer has is not parsed further, by any client."""
    read = parse_document(HttpResponse(200, "OK", {}, document.encode()))
    assert isinstance(read, str)
    assert len(read) < 1000


def test_documents_with_many_texts() -> None:
    """A long answer is read as long as each of its texts is short."""
    document = f"<a>{'<b>x</b>' * 2}{'<c>' + 'x' * LONGEST_TEXT + '</c>'}</a>"
    assert not isinstance(parse_document(HttpResponse(200, "OK", {}, document.encode())), str)
