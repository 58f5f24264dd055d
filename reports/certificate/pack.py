"""One archive of a run's evidence, the same whenever it is made."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from pathlib import Path

from fixtures.model import UsageError
from reports.certificate.certificate import FILE
from reports.certificate.statements import evidence_files
from reports.record.run_directory import write_atomically
from reports.record.run_file import load_run


def pack(directory: Path, out: Path) -> list[str]:
    """Write the certificate, the record and what it rests on into a `.tar.gz`; returns the names.

    Reports are not in it: `conform report` makes them again from the record.

    Raises:
        UsageError: there is no record, `out` exists, or cannot be written.
    """
    name = load_run(directory).header.run
    folder = name if re.fullmatch(r"\w[\w.-]*", name) else "run"  # a record may say anything
    if out.exists():
        raise UsageError(f"{out}: exists already, and is not overwritten")
    certificate = directory / FILE
    files = [*([certificate] if certificate.is_file() else []), *evidence_files(directory)]
    content = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=content, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for file in files:
            entry = tarfile.TarInfo(f"{folder}/{file.relative_to(directory)}")
            data = file.read_bytes()
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    write_atomically(out, content.getvalue())
    return [str(file.relative_to(directory)) for file in files]
