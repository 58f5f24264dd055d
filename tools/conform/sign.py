"""`conform sign`: a certificate of a run."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.conform.arguments import number_up_to, path

MOST_DAYS = 3650


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    """Of commands that sign: the key, and how long the certificate is valid."""
    parser.add_argument(
        "--key",
        metavar="FILE-or-URI",
        help="private key (conform keygen), or a URI of securesystemslib's signers for KMS or HSM",
    )
    parser.add_argument(
        "--public-key", type=path, metavar="FILE", help="the public key of a URI's key"
    )
    parser.add_argument(
        "--valid-days",
        type=number_up_to(MOST_DAYS),
        default=90,
        metavar="N",
        help="how long the certificate is valid (default: 90)",
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    parser.add_argument("directory", metavar="DIR", help="run directory, or a run's name")
    add_key_arguments(parser)


def execute(options: argparse.Namespace) -> int:
    """Write the certificate."""
    from fixtures.model import UsageError
    from tools.conform.recorded_runs import locate_run

    if options.key is None:
        raise UsageError("--key: the private key is missing (conform keygen FILE makes one)")
    print(f"certificate: {write(options, locate_run(options.directory))}")
    return 0


def write(options: argparse.Namespace, directory: Path) -> Path:
    """Write the certificate of a run directory with the key of the options."""
    from reports.certificate.certificate import write_certificate
    from reports.certificate.signing import load_signer

    signer = load_signer(options.key, options.public_key)
    validity = timedelta(days=options.valid_days)
    return write_certificate(directory, signer, datetime.now(UTC), validity)
