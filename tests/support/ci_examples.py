"""The examples of docs/ci.md, run as the CI systems would: each step by the shell, artifacts passed
on between jobs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.conform_processes import PROJECT

PAGE = PROJECT / "docs" / "ci.md"
SHARDS = 4
# Stands in for `conform certify`, which takes long: it records a share of a made plan.
CONFORM = f"""#!/bin/sh
if [ "$1" = certify ]; then exec "{sys.executable}" -m tests.support.made_shards "$@"; fi
exec "{sys.executable}" -m tools.conform "$@"
"""


@dataclass(slots=True)
class Machines:
    """The machines of a CI system: a folder for each job, `conform` on the path, artifacts."""

    folder: Path
    environment: Mapping[str, str]  # what the shards are like, see `made_shards`
    artifacts: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put `conform` and a `pip` that does nothing on the path."""
        tools = self.folder / "bin"
        tools.mkdir()
        for name, text in (("conform", CONFORM), ("pip", "#!/bin/sh\n")):
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)

    def job(self, name: str) -> Path:
        """The folder of a job."""
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path

    def run(self, job: Path, script: str, **variables: str) -> bool:
        """Whether a step succeeds."""
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT),
            **self.environment,
            **variables,
        }
        words = ["bash", "-e", "-o", "pipefail", "-c", script]
        done = subprocess.run(
            words, cwd=job, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode == 0


def blocks(language: str) -> list[str]:
    """The fenced blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def run_github(machines: Machines, lost: int = 0) -> bool:
    """Whether the gate of the GitHub example is green. `lost`: the shard whose artifact is lost."""
    jobs = yaml.safe_load(blocks("yaml")[0])["jobs"]
    for shard in jobs["shard"]["strategy"]["matrix"]["shard"]:
        job = machines.job(f"github-{shard}")
        _github_job(machines, job, jobs["shard"]["steps"], {"matrix.shard": str(shard)})
    machines.artifacts.pop(f"shard-{lost}", None)
    assert jobs["gate"]["needs"] == "shard"
    assert jobs["gate"]["if"] == "always()"
    return _github_job(machines, machines.job("github-gate"), jobs["gate"]["steps"], {})


def _github_job(
    machines: Machines, job: Path, steps: Sequence[Mapping[str, Any]], values: Mapping[str, str]
) -> bool:
    green = True
    for step in steps:
        condition = step.get("if", "success()")
        if not (green or condition == "always()"):
            continue
        uses = step.get("uses", "").partition("@")[0]
        options = {key: _filled(str(text), values) for key, text in step.get("with", {}).items()}
        if uses == "actions/upload-artifact":
            _keep_artifact(machines, job, options["name"], options["path"])
        elif uses == "actions/download-artifact":
            prefix = options["pattern"].removesuffix("*")
            for name, kept in machines.artifacts.items():
                if name.startswith(prefix):
                    shutil.copytree(kept, job / options["path"] / name)
        elif "run" in step:
            summary = str(job / "summary.md")
            done = machines.run(job, _filled(step["run"], values), GITHUB_STEP_SUMMARY=summary)
            green = green and done
    return green


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda match: values.get(match[1], match[1]), text)


def _keep_artifact(machines: Machines, job: Path, name: str, pattern: str) -> None:
    kept = machines.folder / "artifacts" / name
    kept.mkdir(parents=True, exist_ok=True)
    for path in job.glob(pattern):
        shutil.copytree(path, kept / path.name)
    machines.artifacts[name] = kept


def run_gitlab(machines: Machines, lost: int = 0) -> bool:
    """Whether the gate of the GitLab example is green."""
    jobs = yaml.safe_load(blocks("yaml")[1])
    gate = machines.job("gitlab-gate")
    for number in range(1, jobs["shard"]["parallel"] + 1):
        job = machines.job(f"gitlab-{number}")
        variables = {"CI_NODE_INDEX": str(number), "CI_NODE_TOTAL": str(SHARDS)}
        machines.run(job, "\n".join(jobs["shard"]["script"]), **variables)
        if number != lost and (job / "runs").exists():
            shutil.copytree(job / "runs", gate / "runs", dirs_exist_ok=True, symlinks=True)
    assert jobs["gate"]["when"] == "always"
    return machines.run(gate, "\n".join(jobs["gate"]["script"]))


def run_jenkins(machines: Machines, lost: int = 0) -> bool:
    """Whether the build of the Jenkins example is green."""
    (text,) = blocks("groovy")
    job = machines.job("jenkins")
    steps = [script.replace(".venv/bin/", "") for script in re.findall(r"sh '(.*)'", text)]
    certify = next(script for script in steps if "certify" in script)
    values = re.search(r"values ((?:'\d+'(?:, )?)+)", text)
    assert values is not None
    green = True
    for number in re.findall(r"\d+", values[1]):
        green = machines.run(job, certify, SHARD=number) and green
        if int(number) == lost:
            shutil.rmtree(job / "runs" / number)
    for script in steps[steps.index(certify) + 1 :]:
        green = machines.run(job, script) and green
    return green
