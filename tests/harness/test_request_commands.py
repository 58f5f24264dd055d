"""`conform show DIR CASE --curl`: the last request of a case again, freshly signed."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from fixtures import profile
from fixtures.model import UsageError
from tests.support.made_runs import keep, made_run, outcome
from tests.support.served_deployments import ServedDeployment
from tools.conform.main import main
from tools.conform.request_commands import command_line, request_command

QUERY = "zones/DescribeAvailabilityZones/documented-call[{}]"


def sent_reply(line: str) -> requests.Response:
    """What a line for curl would get."""
    words = shlex.split(line)
    assert words[:2] == ["curl", "-sS"]
    values = dict(pairwise(words))
    headers = [words[n + 1] for n, word in enumerate(words) if word == "-H"]
    pairs = (header.partition(":")[::2] for header in headers)
    (url,) = (word for word in words if word.startswith("http"))
    data = values.get("--data-raw", values.get("--data-binary"))
    with requests.Session() as session:
        session.trust_env = False
        form: dict[str, str | None] = {}
        if "--data-raw" in words:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
        method = values.get("-X", "POST" if data else "GET")
        own = {name: value.strip() or None for name, value in pairs}
        return session.request(method, url, headers=form | own, data=data, timeout=30)


@pytest.fixture(scope="module")
def run_directory(served: ServedDeployment) -> Path:
    """A run of the served deployment with cases of Query."""
    words = [word for client in ("boto", "boto3") for word in ("--case", QUERY.format(client))]
    done = served.conform("run", "--target", str(served.profile), *words, "--out", "curl")
    assert "2 cases" in done.stdout, done.stderr
    return (served.folder / "curl" / "latest").resolve()


@pytest.mark.parametrize("client", ["boto", "boto3"])
def test_a_query_request_is_sent_again(
    run_directory: Path, client: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line is signed now, with the profile's key, and is answered; no secret is in it."""
    assert main(["show", str(run_directory), QUERY.format(client), "--curl"]) == 0
    line = capsys.readouterr().out
    reply = sent_reply(line)
    assert reply.status_code == 200, reply.text
    assert "<zoneName>zone1</zoneName>" in reply.text
    loaded = profile.load(str(run_directory.parents[1] / "served.toml"))
    assert loaded.user is not None
    assert str(loaded.user.secret_key) not in line


def s3_case(
    served: ServedDeployment, method: str, path: str, request: str, observed: str = ""
) -> str:
    """The line for a recorded request of S3."""
    exchange = {"method": method, "url": served.announcement["s3"] + path, "request": request}
    parts = ({**exchange, "status": 200, "response": ""},)
    made = outcome(suite="s3", exchange=parts, observed=observed)
    return request_command(made, profile.load(str(served.profile)))


def test_s3_requests_are_sent_again(served: ServedDeployment) -> None:
    """A bucket is created, an object stored with its headers, and a part of it read, by lines
    whose signatures cover what is sent; as another user it is refused."""
    bucket = "/cf-curl-lines"
    stale = "Host: x\nDate: Sat, 05 May 2012 10:00:00 GMT\nAuthorization: ***\n"
    assert sent_reply(s3_case(served, "PUT", bucket, stale)).status_code == 200
    typed = f"{stale}Content-Type: text/plain\nx-amz-meta-colour: blue\n\nsome text"
    assert sent_reply(s3_case(served, "PUT", f"{bucket}/a%20b", typed)).status_code == 200
    read = sent_reply(s3_case(served, "GET", f"{bucket}/a%20b", "Range: bytes=0-3\n"))
    assert (read.status_code, read.text, read.headers["x-amz-meta-colour"]) == (206, "some", "blue")
    acl = sent_reply(s3_case(served, "GET", f"{bucket}?acl", stale))
    assert "FULL_CONTROL" in acl.text
    other = s3_case(served, "GET", f"{bucket}/a%20b", "", observed="GetObject by other: refused")
    assert sent_reply(other).status_code == 403
    for path in (f"{bucket}/a%20b", bucket):
        assert sent_reply(s3_case(served, "DELETE", path, "")).status_code == 204


def test_a_command_is_a_line_with_its_environment(served: ServedDeployment) -> None:
    """A classic command is repeated by itself, with the endpoint and the certificate."""
    exchange = {"method": "exec", "url": "http://h/awsapi", "request": "ec2-describe-zones -v"}
    line = command_line(outcome(exchange=(exchange,)), profile.load(str(served.profile)))
    words = shlex.split(line)
    assert words[0] == "EC2_URL=http://h/awsapi"
    assert Path(words[1].removeprefix("EC2_CERT=")).is_file()
    assert Path(words[2].removeprefix("EC2_PRIVATE_KEY=")).is_file()
    assert words[3:] == ["ec2-describe-zones", "-v"]


def test_what_has_no_line_says_why(
    tmp_path: Path, served: ServedDeployment, capsys: pytest.CaptureFixture[str]
) -> None:
    """A SOAP message, a case without a request, and a run whose deployment has ended are one line
    that says what to do instead."""
    loaded = profile.load(str(served.profile))
    soap = {"method": "POST", "url": "http://h/awsapi", "request": "<Envelope/>", "status": 200}
    with pytest.raises(UsageError, match="SOAP message is signed as a whole; conform run"):
        request_command(outcome(driver="soap", exchange=(soap,)), loaded)
    with pytest.raises(UsageError, match="no request was recorded"):
        request_command(outcome(exchange=()), loaded)
    keep(made_run([outcome()]), tmp_path)
    assert main(["show", str(tmp_path), "AttachVolume", "--curl"]) == 2
    assert "its deployment has ended" in capsys.readouterr().err
    assert main(["show", str(tmp_path), "--curl"]) == 2
    assert capsys.readouterr().err == "conform: --curl needs a CASE\n"


def test_a_get_request_has_its_query(served: ServedDeployment) -> None:
    """A request by GET is sent with its query, of which only the signature is new."""
    url = f"{served.announcement['ec2']}?Action=DescribeAvailabilityZones&Version=2010-11-15"
    exchange = {"method": "GET", "url": f"{url}&Signature=***&Timestamp=old", "request": ""}
    line = request_command(outcome(exchange=(exchange,)), profile.load(str(served.profile)))
    (address,) = (word for word in shlex.split(line) if word.startswith("http"))
    query = parse_qs(urlsplit(address).query)
    assert query["Action"] == ["DescribeAvailabilityZones"]
    assert query["Timestamp"] != ["old"]
    assert sent_reply(line).status_code == 200
