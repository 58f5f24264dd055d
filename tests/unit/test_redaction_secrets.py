"""The mask: known secrets are recognised in texts in any encoding."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
import tracemalloc
from itertools import count

import pytest

from fixtures.faults.secret_leaks import ENCODINGS
from fixtures.redaction.places import signatures
from fixtures.redaction.secrets import MASK, RECENT, WINDOW, Mask
from fixtures.redaction.spellings import usual_spellings
from fixtures.simulator.identities import identity

KEY = "sJ8x-Zp_4Tq/9+vB2nM7cL1kD5hG3fW0yR6uE8iO4aS"
PASSWORD = "p<4&s's w\u00f6rd"
SIGNATURE = "qgJ3l3gB5m0Yp2Q4v6w8z+A/c0e2g4i6k8m0o2q4s6U="


@pytest.mark.parametrize(
    ("secret", "spelling"),
    [
        (secret, spelling)
        for secret in (KEY, PASSWORD, SIGNATURE)
        for spelling in ENCODINGS
        # docs/packages/safety.md: separators within a short secret are out of reach.
        if not (secret == PASSWORD and spelling == "split-spaces")
    ],
)
def test_every_encoding_is_recognised(secret: str, spelling: str) -> None:
    """A secret in a text is replaced, plain or in any usual encoding."""
    mask = Mask([secret])
    spelled = ENCODINGS[spelling](secret)
    masked = mask(f"before {spelled} after")
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert MASK in masked
    assert spelled not in masked
    assert secret not in masked


@pytest.mark.parametrize("spelling", ENCODINGS)
def test_a_private_key_in_any_form(spelling: str) -> None:
    """A private key is recognised as a file, as one line, and with other line breaks."""
    key = identity("alice").private_key
    mask = Mask([key])
    bare = "".join(key.splitlines()[1:-1])
    wrapped = "\n".join(bare[n : n + 50] for n in range(0, len(bare), 50))
    for form in (key, bare, wrapped, json.dumps(key)):
        masked = mask(ENCODINGS[spelling](form))
        assert MASK in masked
        left = masked.replace(MASK, "")
        # Of a wrapped key the ends of lines remain, which are too short to be recognised.
        assert not [line for line in left.split() if len(line) >= 30 and line in form]


def test_a_part_of_a_secret() -> None:
    """A part of a long secret is recognised."""
    assert Mask([KEY])(f"key={KEY[:30]}") == f"key={MASK}"
    assert Mask([KEY])(f"{'w' * 40}{KEY[5:35]}{'z' * 9}") == f"{'w' * 40}{MASK}{'z' * 9}"


def test_forms_that_begin_alike_are_all_recognised() -> None:
    """A part that only one of several forms has is recognised, whatever they have in common."""
    secret = "k" * 12 + "?>" * 9 + "KEY-of-the-user/and+more" * 2
    mask = Mask([secret])
    for form in usual_spellings(secret):
        characters = re.sub("[^A-Za-z0-9]", "", form)
        for place in range(len(characters) - WINDOW + 1):
            assert mask(f" {characters[place : place + WINDOW]} ") == f" {MASK} "


def test_texts_without_secrets_stay() -> None:
    """A text without secrets is unchanged, whatever encodings are in it."""
    text = "a%20b &lt;i-7f3a2c1e-0000-4000-8000-0123456789ab&gt; \\u0041 100% {}".format("z" * 60)
    assert Mask([KEY, PASSWORD])(text) == text


@pytest.mark.parametrize("word", ["", "a", "true"])
def test_words_are_no_secrets(word: str) -> None:
    """A common word is not masked, even if a target issues it as a password."""
    assert Mask([word])(f"it is {word}") == f"it is {word}"


def test_transient_secrets_are_dropped() -> None:
    """A signature is masked while its answer may come, but not for ever."""
    mask = Mask()
    mask.add_transient(SIGNATURE)
    for number in range(RECENT):
        mask.add_transient(f"another-signature-{number:030}")
    assert mask(SIGNATURE).startswith(MASK)
    for number in range(2 * RECENT):
        mask.add_transient(f"one-more-signature-{number:030}")
    assert mask(SIGNATURE) == SIGNATURE


def test_threads_share_a_mask() -> None:
    """Threads may add secrets and mask texts at the same time."""
    mask, over = Mask([KEY, PASSWORD]), threading.Event()

    def add_secrets() -> None:
        for number in count():
            mask.add_transient(f"sig {number} =")
            if over.is_set():
                return

    thread = threading.Thread(target=add_secrets)
    thread.start()
    try:
        texts = {mask(f"{KEY} and {PASSWORD}") for _ in range(2000)}
    finally:
        over.set()
        thread.join()
    assert texts == {f"{MASK} and {MASK}"}


@pytest.mark.parametrize(
    "request_text",
    [
        "Action=A&Signature=ab%2Bc%3D&Version=1",
        "/awsapi?Action=A&Signature=ab%2Bc%3D",
        b"<ds:SignatureValue>ab\n+c=</ds:SignatureValue>",
    ],
)
def test_signatures_of_requests(request_text: str | bytes) -> None:
    """Signatures are found in a query, a form or a message."""
    assert signatures(request_text) == ["ab+c="]


def test_masking_is_quick() -> None:
    """A transcript of ordinary size takes less than a few milliseconds."""
    mask = Mask([KEY, PASSWORD, identity("alice").private_key])
    for number in range(RECENT):
        mask.add_transient(f"{SIGNATURE}{number}")
    text = "<item><instanceId>7f3a2c1e-0000-4000-8000-0123456789ab</instanceId>é%20</item>" * 100
    started = time.process_time()
    for _ in range(10):
        mask(text)
    assert (time.process_time() - started) / 10 < 0.02


@pytest.mark.parametrize(
    "part",
    [
        *("a", "0", "01", "01100001", "x-", "ab/", KEY, f"{KEY} ", "sJ8xZp4Tq9vB2nM7cL1kD5"),
        *("&amp;#38;", "%25", "%41", "\\u0061", "\\x61", "\\141", "=3D", "&#97"),
    ],
)
def test_masking_takes_linear_time_and_memory(part: str) -> None:
    """However long and however full of secrets a text is, masking a megabyte takes a moment, and at
    most 64 bytes for each character."""
    others = [hashlib.sha256(bytes([number])).hexdigest() for number in range(20)]
    mask = Mask([KEY, PASSWORD, "a" * 1000 + "b", *others])
    for number in range(RECENT):
        mask.add_transient(f"{SIGNATURE}{number}")
    text = part * (1_000_000 // len(part))
    started = time.process_time()
    assert KEY not in mask(text)
    assert time.process_time() - started < 3
    size = 50_000
    tracemalloc.start()
    mask(text[:size])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * size
