"""No secret gets into a file or onto the terminal, however the target leaks it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from fixtures.clients import DRIVERS, Ec2Endpoint
from fixtures.faults.secret_leaks import ENCODINGS, PLACES, leaks_secrets
from fixtures.model import Ec2Request, HarnessError, Status, Timeouts
from fixtures.simulator.deployment import Deployment, DeploymentOptions
from fixtures.simulator.identities import identity
from reports.record.run_file import load_run
from tests.support.hostile_runs import run, write_profile
from tests.support.page_contents import page_texts
from tests.support.seeded_users import seeded_user

PASSWORD = "canary-Of-the-VM-password-1q2w3e4r5t"
SECRET = "canary-Of-The-Secret-Key+6y7u8i9o0p/azsxdcfvgbhnjmkl=="
SOME = ("plain", "url", "base64", "xml-numbers")
OTHERS = tuple(name for name in ENCODINGS if name not in SOME)
REQUEST = Ec2Request("DescribeKeyPairs", {"KeyNames": ["k"]})


def _leaks(texts: dict[str, str], secrets: Iterable[str]) -> list[tuple[str, str, str]]:
    """The texts in which secrets are found, and in which encoding."""
    spellings = [
        (secret, name, encode(secret)) for secret in secrets for name, encode in ENCODINGS.items()
    ]
    return [
        (place, secret, name)
        for place, text in texts.items()
        for squeezed in (_squeezed(text),)
        for secret, name, spelling in spellings
        if spelling in text or _squeezed(spelling) in squeezed
    ]


def _squeezed(text: str) -> str:
    """Letters and digits alone, in lower case, without the escapes of JSON for what is none."""
    return re.sub(r"\\u00[01].|\\[nrt]|[^A-Za-z0-9]", "", text).lower()


def _canaries(secret_key: str, private_key: str) -> list[str]:
    """The texts that must be found nowhere; of the private key, a line."""
    return [secret_key, PASSWORD, private_key.splitlines()[5]]


@pytest.mark.parametrize("name", ["boto", "boto3", "raw", "soap", "command"])
def test_no_driver_shows_a_secret(name: str) -> None:
    """Transcript and message of each call are free of secrets, in whatever place and encoding a
    target leaks them."""
    alice = identity("alice")
    known = (PASSWORD, SECRET, alice.private_key)
    # The command takes a process for each call.
    encodings, others = (("plain",), ()) if name == "command" else (SOME, OTHERS)
    texts = {}
    with leaks_secrets(known, encodings, others) as target:
        endpoint = Ec2Endpoint(
            target.url,
            "AK",
            SECRET,
            certificate=alice.certificate,
            private_key=alice.private_key,
        )
        endpoint.mask.add(PASSWORD)
        driver = DRIVERS[name](endpoint)
        for number in range(len(PLACES) * len(encodings) + len(others)):
            try:
                reply = driver.call(REQUEST, Timeouts(5, 5))
            except HarnessError as broken:
                texts[f"{number} broken"] = endpoint.mask(str(broken))
                continue
            texts[f"{number} exchange"] = repr(reply.exchange)
            texts[f"{number} message"] = endpoint.mask(f"{reply.code} {reply.message}")
        driver.close()
    assert len([key for key in texts if key.endswith("message")]) >= 0.9 * len(PLACES)
    assert not _leaks(texts, _canaries(SECRET, alice.private_key))


def test_canaries(tmp_path: Path) -> None:
    """A target leaks the secret key, the signature, the password and the private key in every place
    and several encodings: none of them gets into the run's directory or onto the terminal."""
    with Deployment(DeploymentOptions()) as deployment:
        alice = seeded_user(deployment)
        known = (PASSWORD, alice.secret_key, alice.private_key)
        with leaks_secrets(known, SOME, OTHERS) as target:
            write_profile(tmp_path, deployment, target.url)
            done = run(tmp_path, "--suite", "passwords", "--suite", "zones")
    outcomes = load_run(tmp_path / "out" / "latest").outcomes
    drivers = {outcome.driver for outcome in outcomes if outcome.exchange}
    assert drivers == {"boto", "boto3", "raw", "soap", "command"}
    assert sum(1 for outcome in outcomes if outcome.exchange) >= (
        len(PLACES) * len(SOME) + len(OTHERS)
    )
    assert not [
        outcome.because for outcome in outcomes if outcome.status in (Status.PASSED, Status.ERROR)
    ]
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert len(files) > len(outcomes)  # the reports, the ledger, and Allure's results
    texts = {str(file): file.read_text("utf-8") for file in files}
    (page,) = (text for name, text in texts.items() if name.endswith("report.html"))
    data = page_texts(page)
    assert "passwords/GetPasswordData/" in data["index"]
    texts |= data | {"stdout": done.stdout, "stderr": done.stderr}
    assert not _leaks(texts, _canaries(alice.secret_key, alice.private_key))
