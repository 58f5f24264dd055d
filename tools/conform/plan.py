"""`conform plan`: the cases that a run would take, and the digest that identifies them."""

from __future__ import annotations

import argparse

from fixtures.model import UsageError
from tools.conform import arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    arguments.add_plan_arguments(parser)
    arguments.add_selection_arguments(parser)


def execute(options: argparse.Namespace) -> int:
    """Print the cases, those that a client has no way to send, the suites, and the digest."""
    from collections import Counter

    from rich.text import Text

    from reports.record.claim import plan_digest
    from reports.sanitize import first_line
    from tools.conform.planned_cases import read_plan
    from tools.conform.progress import open_terminal
    from tools.conform.run_session import selection_arguments, target_arguments

    planned = read_plan([*target_arguments(options), *selection_arguments(options)])
    whole = [case for case in planned if not case.because]
    cases = [case for case in whole if case.here]
    if not cases:
        raise UsageError("no case matches these options")
    console = open_terminal()
    for case in cases:
        line = Text(f"{case.id}  ").append(f"{case.level}  {first_line(case.text, 100)}", "dim")
        console.print(line, soft_wrap=True)
    for case in planned:
        if case.because:
            console.print(Text(f"{case.id}  excused: {case.because}", "dim"), soft_wrap=True)
    for suite, number in Counter(case.suite for case in cases).items():
        console.print(Text(f"{number:6} {suite}"))
    excluded = f" ({len(planned) - len(whole)} excused)" if len(planned) > len(whole) else ""
    digest = plan_digest(case.id for case in cases)
    console.print(Text(f"{len(cases):6} cases{excluded}, digest {digest}"), soft_wrap=True)
    if options.shard:
        digest = plan_digest(case.id for case in whole)
        line = Text(f"shard {options.shard} of {len(whole)} cases, digest {digest}")
        console.print(line, soft_wrap=True)
    return 0
