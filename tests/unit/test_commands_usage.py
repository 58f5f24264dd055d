"""The help of the ec2-* commands, and what they refuse without sending a request."""

from __future__ import annotations

import resource
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from fixtures.plan.mapping import rows
from tests.support.command_runs import ROOT, Commands, answer, pem, private_key
from tools.ec2.argument_parsing import GENERAL_OPTIONS
from tools.ec2.tables import ALL, COMMANDS

ALLOWED = 0.150  # seconds that a command may take besides the interpreter


def test_every_documented_command_is_there() -> None:
    """All 38 commands of the documentation exist, under the printed and the real name."""
    for row in rows():
        for name in (row.ec2_command.printed, row.ec2_command.real):
            assert COMMANDS[name].action == row.action
    assert len(ALL) == 38


def test_every_name_is_installed() -> None:
    """Installing the project installs each command under each of its names."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    scripts = tomllib.loads(text)["project"]["scripts"]
    installed = {name for name, where in scripts.items() if where == "awsapi_conformance:ec2"}
    assert installed == COMMANDS.keys()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help(commands: Commands, name: str) -> None:
    """The help of each command has its summary and all its options."""
    for word in ("--help", "-h", "-?"):
        status, out, err = commands.run([name, word])
        assert (status, err) == (0, "")
    command = COMMANDS[name]
    assert command.summary in out
    for parameter in (*command.parameters, *GENERAL_OPTIONS):
        assert parameter.label in out
        assert parameter.help in out


def test_version(commands: Commands) -> None:
    """The version is that of the original tools."""
    assert commands.run("ec2-register --version") == (0, "1.3-62308 2010-11-15\n", "")


MISUSES = [
    ("ec2-run-instances", "Required parameter 'AMI' missing (-h for usage)"),
    ("ec2-terminate-instances", "Required parameter 'INSTANCE' missing (-h for usage)"),
    ("ec2-create-image i-1", "Required option '-n, --name NAME' missing (-h for usage)"),
    ("ec2-describe-volumes --nonsense", "option --nonsense not recognized (-h for usage)"),
    ("ec2-attach-volume vol-1 -i", "option -i requires argument (-h for usage)"),
    (
        "ec2-create-volume -s ten -s 11 -z zone",
        "'-s, --size SIZE' can be given once only (-h for usage)",
    ),
    (
        "ec2-create-volume -z zone",
        "Required: one of -s, --size SIZE, --snapshot SNAPSHOT (-h for usage)",
    ),
    (
        "ec2-run-instances ami-1 -n two",
        "Invalid argument for option '-n, --instance-count MIN[-MAX]': 'two' is neither a number"
        " nor MIN-MAX (-h for usage)",
    ),
    (
        "ec2-run-instances ami-1 -b /dev/sda1",
        "Invalid argument for option '-b, --block-device-mapping MAPPING': '/dev/sda1'"
        " (-h for usage)",
    ),
    (
        "ec2-run-instances ami-1 -d data -f file",
        "Only one of -d, --user-data DATA, -f, --user-data-file FILE can be given (-h for usage)",
    ),
    (
        "ec2-run-instances ami-1 -f no-such-file",
        "Invalid argument for option '-f, --user-data-file FILE': cannot read 'no-such-file':"
        " No such file or directory (-h for usage)",
    ),
    (
        "ec2-describe-volumes -F size",
        "Invalid argument for option '-F, --filter NAME=VALUE': 'size' is not name=value"
        " (-h for usage)",
    ),
    (
        "ec2-authorize web -p http",
        "Invalid argument for option '-p, --port-range': 'http' (-h for usage)",
    ),
    (
        "ec2-authorize web -p 22 -u one",
        "-u, --source-group-user needs -o, --source-group (-h for usage)",
    ),
    (
        "ec2-authorize web",
        "Required: one of -p, --port-range PORTS, -t, --icmp-type-code TYPE:CODE (-h for usage)",
    ),
    (
        "ec2-reset-image-attribute ami-1",
        "Required: one of -l, --launch-permission (-h for usage)",
    ),
    ("ec2-describe-volumes -U nowhere", "not an http or https URL: 'nowhere'"),
    ("ec2-describe-volumes -U http://h:no/", "not a URL: 'http://h:no/' (Port could not be cast"),
    ("ec2-describe-volumes --region a.b/", "Invalid argument for option '--region REGION': 'a.b/'"),
    ("ec2-describe-volumes -K no-file", "cannot read 'no-file': No such file or directory"),
    (
        "ec2-describe-volumes --api-version 2014-02-01",
        "Invalid argument for option '--api-version': '2014-02-01' is not 2010-11-15 or 2012-08-15",
    ),
    (
        "ec2-describe-volumes --must-understand yes",
        "Invalid argument for option '--must-understand': 'yes' is not 1 or 0",
    ),
    ("ec2-do-everything", "no command 'ec2-do-everything'; there are ec2-allocate-address"),
]


@pytest.mark.parametrize(("words", "error"), MISUSES, ids=[words for words, _ in MISUSES])
def test_wrong_usage(commands: Commands, words: str, error: str) -> None:
    """Wrong usage is one line on stderr that names the word at fault, and status 2."""
    status, out, err = commands.run(words if " " in words else ["python", *words.split()])
    assert (status, out) == (2, "")
    assert err.startswith(error)
    assert err.count("\n") == 1
    assert commands.server.requests == []


@pytest.mark.parametrize("name", ["connection-timeout", "request-timeout"])
@pytest.mark.parametrize(
    "value", ["-1", "1.5", "soon", "", "1e3", "99999999999", "2147484", "٣", "0x10", "+3", " 3"]
)
def test_invalid_timeouts(commands: Commands, name: str, value: str) -> None:
    """A timeout that is negative, text, a fraction or too large is wrong usage; the error names the
    valid range."""
    status, out, err = commands.run(["ec2-describe-volumes", f"--{name}", value])
    assert (status, out) == (2, "")
    assert err == (
        f"Invalid argument for option '--{name} SECONDS': '{value}' is not a whole number of"
        " seconds from 0 (no limit) to 2147483 (-h for usage)\n"
    )


@pytest.mark.parametrize("variable", ["EC2_URL", "EC2_CERT", "EC2_PRIVATE_KEY"])
def test_environment(commands: Commands, variable: str) -> None:
    """If neither the option nor the variable is set, the error names both."""
    option = {"EC2_URL": "--url", "EC2_CERT": "--cert", "EC2_PRIVATE_KEY": "--private-key"}[
        variable
    ]
    value = commands.environment.pop(variable)
    status, _, err = commands.run("ec2-describe-volumes")
    assert status == 2
    assert option in err
    assert variable in err
    empty = answer("DescribeVolumes", "<volumeSet/>")
    assert commands.run(["ec2-describe-volumes", option, value], empty) == (0, "", "")


def test_unusable_identity(commands: Commands, tmp_path: Path) -> None:
    """A certificate or key that cannot be used is named, and nothing is sent."""
    other, locked, garbage = (tmp_path / name for name in ("other", "locked", "garbage"))
    other.write_bytes(pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    locked.write_bytes(pem(private_key(), b"secret"))
    garbage.write_bytes(b"-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
    for option, file, error in (
        ("-K", other, "does not belong to the certificate"),
        ("-K", locked, "is protected by a password"),
        ("-K", garbage, "holds no RSA private key in PEM"),
        ("-C", garbage, "holds no X.509 certificate in PEM"),
        ("-C", other, "holds no X.509 certificate in PEM"),
        ("-C", tmp_path, "Is a directory"),
    ):
        status, out, err = commands.run(["ec2-describe-volumes", option, str(file)])
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert error in err
    assert commands.server.requests == []


def test_too_many_words(commands: Commands) -> None:
    """A word too many is ignored with a warning, as the old tools do."""
    done = answer("DeleteVolume", "<return>true</return>")
    status, out, err = commands.run("ec2-delete-volume vol-1 vol-2", done)
    assert (status, out) == (0, "VOLUME\tvol-1\n")
    assert err == "WARNING: Ignoring extra parameter(s): [ vol-2 ]\n"


def test_values_from_standard_input(commands: Commands) -> None:
    """A value of - is read from standard input, one a line."""
    commands.server.answers = [answer("DescribeVolumes", "<volumeSet/>")]
    words = [sys.executable, "-m", "tools.ec2", "ec2-describe-volumes", "vol-0", "-"]
    subprocess.run(
        words,
        env={"PYTHONPATH": str(ROOT), **commands.environment},
        input=b"vol-1\nvol-2\n",
        check=True,
    )
    sent = commands.server.requests[-1].body
    assert all(f"<volumeId>vol-{n}</volumeId>" in sent for n in range(3))


def test_starts_fast(commands: Commands) -> None:
    """A command takes little longer than the interpreter alone, since scripts run many of them."""
    commands.server.answers = [answer("DescribeVolumes", "<volumeSet/>")]

    def cpu_seconds(*words: str) -> float:
        """Seconds of CPU time, which tests that run at the same time do not change."""
        seconds = []
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                [sys.executable, *words],
                env={"PYTHONPATH": str(ROOT), **commands.environment},
                check=True,
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return min(seconds)

    alone = cpu_seconds("-c", "pass")
    assert cpu_seconds("-m", "tools.ec2", "ec2-describe-volumes") - alone < ALLOWED


def test_stands_alone() -> None:
    """The commands are a client of their own: they load neither drivers nor simulator nor SDKs."""
    script = (
        "import sys, tools.ec2.main, tools.ec2.password\n"
        "forbidden = {'fixtures', 'zeep', 'requests', 'boto', 'botocore', 'argparse'}\n"
        "sys.exit(' '.join(sorted(forbidden & sys.modules.keys())) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
