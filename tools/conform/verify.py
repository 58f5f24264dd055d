"""`conform verify`: whether a certificate is valid, and what it claims."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.conform.arguments import number_up_to, path

CLAIMS_NOTHING = 1
MOST_DAYS = 36500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.epilog = (
        "exit status: 0 valid, and it claims conformance; 1 valid, but it claims nothing; 2 refused"
    )
    parser.add_argument(
        "certificate", type=Path, metavar="CERTIFICATE", help="the file, or its run directory"
    )
    parser.add_argument(
        "--key", type=path, metavar="FILE", required=True, help="public key of who signed"
    )
    parser.add_argument(
        "--max-age",
        type=number_up_to(MOST_DAYS),
        metavar="DAYS",
        help="refuse what was signed before",
    )


def execute(options: argparse.Namespace) -> int:
    """Verify, and print what is claimed."""
    from reports.certificate.certificate import FILE, verify_certificate
    from reports.certificate.signing import load_public_key
    from reports.record.session import harness_version
    from reports.sanitize import sanitize

    file = options.certificate
    found = verify_certificate(
        file / FILE if file.is_dir() else file,
        load_public_key(options.key),
        datetime.now(UTC),
        None if options.max_age is None else timedelta(days=options.max_age),
        harness_version()["version"],
    )
    print(f"valid until {found.valid_until.isoformat()}, signed {found.created.isoformat()}")
    print(f"{found.claim}: {sanitize(found.because)}")
    for limit in found.limitations:
        print(f"claims nothing for a live product: {sanitize(limit)}")
    return 0 if found.claims else CLAIMS_NOTHING
