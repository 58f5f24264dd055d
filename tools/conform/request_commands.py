"""The last request of a recorded case as a command of a shell: `curl` with a fresh signature for
EC2 Query and S3, the `ec2-*` line for the commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from fixtures import profile
from fixtures.clients.ec2 import signature_v2
from fixtures.clients.s3 import signing
from fixtures.model import ANONYMOUS, Outcome, UsageError
from fixtures.profile import Profile
from fixtures.targets.connections import all_user_keys

_EXECUTED = "exec"  # the method of an exchange that is a command
_SIGNATURE_PARAMETERS = frozenset(
    {
        *("AWSAccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "Timestamp"),
        *("Expires", "X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Date", "X-Amz-Credential"),
        *("X-Amz-Expires", "X-Amz-SignedHeaders"),
    }
)
_OWN_HEADERS = frozenset(  # that curl or the new signature brings
    {
        *("host", "date", "x-amz-date", "x-amz-content-sha256", "authorization", "expect"),
        *("content-length", "transfer-encoding", "connection", "accept-encoding"),
    }
)
_CALLER = re.compile(r"^(?:[\w-]+: )?[A-Z]\w+ by (\w+): ")


def profile_of_case(outcome: Outcome) -> Profile:
    """The profile that the case was run with; `UsageError` if it cannot be found or used."""
    words = shlex.split(outcome.repeat)
    if "--target" not in words[:-1]:
        raise UsageError(f"{outcome.case}: the record does not name the target of the run")
    return profile.load(words[words.index("--target") + 1])


def request_command(outcome: Outcome, target: Profile) -> str:
    """One line for a shell that sends the last request of the case again.

    Its ids are those of the recorded run, whose resources may be gone.

    Raises:
        UsageError: there is no request, or it has no such line.
    """
    if not outcome.exchange:
        raise UsageError(f"{outcome.case}: no request was recorded")
    entry = outcome.exchange[-1]
    if entry.get("method") == _EXECUTED:
        return command_line(outcome, target)
    body = str(entry.get("request", ""))
    if body.lstrip().startswith("<") or outcome.driver == "soap":
        raise UsageError(f"{outcome.case}: a SOAP message is signed as a whole; {outcome.repeat}")
    if target.kind != "live":
        text = "its deployment has ended; repeat the run with `conform serve` and its profile"
        raise UsageError(f"{outcome.case}: {text}")
    if outcome.suite == "s3" or "Action=" not in f"{body}{entry.get('url', '')}":
        return _s3_line(outcome, entry, target)
    return _query_line(entry, target)


def command_line(outcome: Outcome, target: Profile) -> str:
    """The last command of a case, with the environment that it needs."""
    entry = outcome.exchange[-1]
    variables = {"EC2_URL": str(entry.get("url", ""))}
    if target.user is not None and target.user.certificate and target.user.private_key:
        variables["EC2_CERT"] = str(Path(target.user.certificate).resolve())
        variables["EC2_PRIVATE_KEY"] = str(Path(target.user.private_key).resolve())
    words = (f"{name}={shlex.quote(value)}" for name, value in variables.items())
    return f"{' '.join(words)} {entry.get('request', '')}".strip()


def _query_line(entry: Mapping[str, Any], target: Profile) -> str:
    """A request of EC2 Query, signed by version 2."""
    endpoint = target.endpoint
    if endpoint is not None and "2" not in endpoint.signature_versions:
        raise UsageError("the endpoint accepts no signature of version 2, and no other is made")
    url = urlsplit(str(entry.get("url", "")))
    method = str(entry.get("method", "POST"))
    sent = parse_qsl(url.query if method == "GET" else str(entry.get("request", "")), True)
    access_key = dict(sent).get("AWSAccessKeyId", "")
    keys = dict(all_user_keys(target).values())
    if access_key not in keys:
        access_key = all_user_keys(target)["me"][0]
    parameters = {name: value for name, value in sent if name not in _SIGNATURE_PARAMETERS}
    parameters |= {
        "AWSAccessKeyId": access_key,
        "SignatureVersion": "2",
        "SignatureMethod": endpoint.signature_methods[0] if endpoint else "HmacSHA256",
        "Timestamp": signature_v2.timestamp(),
    }
    text = signature_v2.string_to_sign(method, url.netloc, url.path, parameters)
    signature = signature_v2.signature(keys[access_key], text, parameters["SignatureMethod"])
    form = urlencode({**parameters, "Signature": signature})
    place = f"{url.scheme}://{url.netloc}{url.path}"
    if method == "GET":
        return f"curl -sS {shlex.quote(f'{place}?{form}')}"
    return f"curl -sS {shlex.quote(place)} --data-raw {shlex.quote(form)}"


def _s3_line(outcome: Outcome, entry: Mapping[str, Any], target: Profile) -> str:
    """A request of S3, signed by version 2 as the user who sent it."""
    head, _, body = str(entry.get("request", "")).partition("\n\n")
    pairs = (line.partition(": ")[::2] for line in head.splitlines() if ": " in line)
    headers = {name: value for name, value in pairs if name.lower() not in _OWN_HEADERS}
    url, method = urlsplit(str(entry.get("url", ""))), str(entry.get("method", "GET"))
    callers = _CALLER.findall("\n".join(outcome.observed.splitlines()[-1:]))
    caller = callers[0] if callers else "me"
    if caller != ANONYMOUS:
        headers |= _s3_signature(method, headers, url, target, caller)
    words = ["curl", "-sS", "-i", "-X", method, f"{url.scheme}://{url.netloc}{url.path}"]
    if url.query:
        words[-1] += f"?{url.query}"
    if method == "HEAD":
        words[3:5] = ["-I"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    if body or method in ("PUT", "POST"):
        if "content-type" not in {name.lower() for name in headers}:
            words += ["-H", "Content-Type:"]  # else curl adds one, which is not signed
        words += ["--data-binary", body]
    return " ".join(map(shlex.quote, words))


def _s3_signature(
    method: str, headers: Mapping[str, str], url: SplitResult, target: Profile, caller: str
) -> dict[str, str]:
    """The headers Date and Authorization."""
    users = all_user_keys(target)
    if caller not in users:
        raise UsageError(f"the profile has no keys of {caller}, who sent the request")
    key, secret = users[caller]
    endpoint, path = target.endpoint, url.path
    if endpoint is not None and endpoint.s3 and "full" not in endpoint.s3_signed_paths:
        path = path.removeprefix(urlsplit(endpoint.s3).path.rstrip("/"))
    parts = [pair.partition("=") for pair in url.query.split("&") if pair]
    pairs = [(name, value if equals else None) for name, equals, value in parts]
    date = signing.http_date(signing.moment())
    resource = signing.canonical_resource(path, pairs)
    text = signing.string_to_sign(method, headers, date, resource)
    return {"Date": date, "Authorization": f"AWS {key}:{signing.signature(secret, text)}"}
