"""`conform certify`: the whole plan against a target."""

from __future__ import annotations

import argparse

from tools.conform import arguments, sign


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    arguments.add_plan_arguments(parser)
    arguments.add_session_arguments(parser)
    sign.add_key_arguments(parser)
    parser.set_defaults(
        suite=[], case=[], level=None, repeat=None, rerun_failed=None, draft_deviations=None
    )


def execute(options: argparse.Namespace) -> int:
    """Run the plan, or a shard of it; with a key, sign the result, whatever it is."""
    from reports.certificate.signing import load_signer
    from reports.record.run_directory import LATEST, ROOT
    from tools.conform.run_session import start_run

    if options.key is None:
        return start_run(options)
    load_signer(options.key, options.public_key)  # a wrong key is found before the run
    status = start_run(options)
    print(f"certificate: {sign.write(options, ((options.out or ROOT) / LATEST).resolve())}")
    return status
