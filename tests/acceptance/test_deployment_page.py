"""The commands of docs/deployment.md, run in their order as a new user would."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from fixtures.database.server import free_port
from tests.support.conform_processes import PROJECT, environment

PAGE = (PROJECT / "docs/deployment.md").read_text("utf-8")
COMMANDS = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
PORTS = ("7080", "8080", "8096", "7081", "6443")
INIT = "conform init management"


def test_a_new_user_follows_the_page(tmp_path: Path) -> None:
    """From the files to the usage records, every command succeeds, and three instances are billed:
    one run as installed, one on another port, one over TLS."""
    for name, words in (("python", ""), ("conform", "-m tools.conform")):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        program.chmod(0o755)
    free = {port: str(free_port()) for port in PORTS}
    script = COMMANDS.replace(INIT, f"{INIT} --ec2-port 7080 --api-port 8080\nTLS_PORT")
    for port, other in free.items():
        script = script.replace(port, other)
    tls_port = f"sed -i s/6443/{free['6443']}/ management/server-ssl.xml"
    script = script.replace("TLS_PORT", tls_port)
    path = f"{tmp_path / 'bin'}:{environment()['PATH']}"
    done = subprocess.run(
        ["bash", "-eu", "-c", f"trap 'kill $(cat server.pid) 2>/dev/null || true' EXIT\n{script}"],
        cwd=tmp_path,
        env=environment(PATH=path, no_proxy="localhost"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Reservation:") == 3
    answer = json.loads((tmp_path / "usage.json").read_text())["listusagerecordsresponse"]
    running = {each["usageid"] for each in answer["usagerecord"] if each["usagetype"] == 1}
    assert len(running) == 3
