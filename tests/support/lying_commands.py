"""Classic commands that lie: ours, each with a defect, in a directory that is an `ec2_home`."""

from __future__ import annotations

import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from fixtures import profile
from tests.support.command_runs import ROOT

# Python, put between reading the words of the command line and carrying the command out.
HONEST = ""
IGNORES_THE_TIMEOUT = "del words[at:at + 2]"
GIVES_UP_EARLY = "words[at + 1] = '1'"
LEAVES_A_PROCESS = "subprocess.Popen(['sleep', '60'])"
NAMES_THE_OTHER_LIMIT = """
status, out, err = carried_out()
print(err.replace('RequestTimeout', 'ConnectionTimeout'), file=sys.stderr, end='')
sys.exit(status)
"""
REPORTS_SUCCESS = "carried_out(); sys.exit(0)"
COMPLAINS_AND_SUCCEEDS = "main(words); sys.exit(0)"
SWALLOWS_THE_ERROR = "sys.exit(carried_out()[0])"
PRINTS_RECORDS_AND_FAILS = "print('INSTANCE\\ti-1\\trunning\\tstopping', flush=True)"
WRONG_COLUMN = """
status, out, err = carried_out()
for line in out.splitlines():
    word, first, second, *rest = line.split('\\t')
    print(word, second, first, *rest, sep='\\t')
sys.exit(status)
"""

_SCRIPT = f"""#!{sys.executable}
import contextlib, io, subprocess, sys
sys.path.insert(0, {str(ROOT)!r})
from tools.ec2.main import main

words = list(sys.argv)
at = words.index('--request-timeout')


def carried_out():
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    return status, out.getvalue(), err.getvalue()


%s
sys.exit(main(words))
"""


def lying(home: Path, lies: Mapping[str, str]) -> profile.Profile:
    """The simulated deployment, asked with these commands, each with its lie."""
    (home / "bin").mkdir()
    for command, lie in lies.items():
        file = home / "bin" / command
        file.write_text(_SCRIPT % lie, "utf-8")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    endpoint = profile.Endpoint(ec2="http://127.0.0.1:9/", ec2_home=str(home))
    return msgspec.structs.replace(profile.load("simulated"), endpoint=endpoint)
