"""Stands in for `conform certify --shard I/N --out DIR` in tests of CI examples: records a share of
a made plan and exits as a run does.

`MADE_RED`: the number of the shard that has a failing case; `MADE_KILLED`: of the one that is
killed before its end.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from fixtures.model import Run, Status
from reports.record.claim import assess_run, exit_status, make_footer
from reports.record.run_file import FILE, write_run
from reports.record.selection import RunOptions, RunScope, Shard, plan_header
from tests.support.made_runs import FINISHED, ROWS, header, outcome

CASES = [outcome(kind=f"case-{number}") for number in range(12)]


def main() -> int:
    """Record the share; returns the exit status of the run."""
    words = sys.argv[1:]
    shard = Shard.parse(words[words.index("--shard") + 1])
    directory = Path(words[words.index("--out") + 1]) / f"20261121T2215{shard.index:02}Z-ab12cd"
    part = RunScope(shard)
    chosen = part.select([case.case for case in CASES])
    mine = [case for case in CASES if case.case in chosen.selected]
    if os.environ.get("MADE_RED") == str(shard.index):
        mine[0] = replace(mine[0], status=Status.FAILED, because="reply: empty")
    head = header(CASES)
    head = replace(head, plan=plan_header(chosen, part, RunOptions(), "", ROWS), run=directory.name)
    footer = make_footer(head, mine, FINISHED)
    directory.mkdir(parents=True)
    if os.environ.get("MADE_KILLED") == str(shard.index):
        write_run(Run(head, tuple(mine[:1]), None), directory / FILE)
        return 137
    run = Run(head, tuple(mine), footer)
    write_run(run, directory / FILE)
    return exit_status(assess_run(run))


if __name__ == "__main__":
    sys.exit(main())
