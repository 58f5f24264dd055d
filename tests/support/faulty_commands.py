"""Classic commands with defects: ours, in a directory that serves as `ec2_home`."""

from __future__ import annotations

import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from fixtures import profile
from tests.support.command_runs import ROOT

# Python code, inserted between reading the command line and running the command.
NO_DEFECT = ""
IGNORES_THE_TIMEOUT = "del words[at:at + 2]"
GIVES_UP_EARLY = "words[at + 1] = '1'"
LEAVES_A_PROCESS = "subprocess.Popen(['sleep', '60'])"
NAMES_THE_OTHER_LIMIT = """
status, out, err = run_captured()
print(err.replace('RequestTimeout', 'ConnectionTimeout'), file=sys.stderr, end='')
sys.exit(status)
"""
REPORTS_SUCCESS = "run_captured(); sys.exit(0)"
PRINTS_ERROR_AND_SUCCEEDS = "main(words); sys.exit(0)"
SWALLOWS_THE_ERROR = "sys.exit(run_captured()[0])"
PRINTS_RECORDS_AND_FAILS = "print('INSTANCE\\ti-1\\trunning\\tstopping', flush=True)"
WRONG_COLUMN = """
status, out, err = run_captured()
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


def run_captured():
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    return status, out.getvalue(), err.getvalue()


%s
sys.exit(main(words))
"""


def write_faulty_commands(home: Path, defects: Mapping[str, str]) -> profile.Profile:
    """The simulated deployment with these commands, each with its defect."""
    (home / "bin").mkdir()
    for command, defect in defects.items():
        file = home / "bin" / command
        file.write_text(_SCRIPT % defect, "utf-8")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    endpoint = profile.Endpoint(ec2="http://127.0.0.1:9/", ec2_home=str(home))
    return msgspec.structs.replace(profile.load("simulated"), endpoint=endpoint)
