"""The cases of a run as the page holds them: an index of all that is searched and counted, and
blocks with the details of some cases each, compressed one by one, which the page inflates when a
case of theirs is opened.

`templates/records.js` reads both. The index has columns: lists with an entry for each case, in the
order in which the page shows them, most of them numbers of entries of other lists.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fixtures.model import Level, Outcome, Run, Status
from reports.record.findings import RunFindings, case_kind
from reports.record.reasons import one_line_reason
from reports.render.marks import mark_differences
from reports.render.matrix import SEVERITY, Matrix
from reports.sanitize import encode_json, sanitize

BLOCK_CASES = 128  # cases of a block: a few ms to inflate
# Characters of all blocks from which on the rest has no wire exchange, and then nothing but texts:
# the page has at most 15 MB, of which half a MB is for anything else, and cases come by importance.
EXCHANGE_ROOM, DETAIL_ROOM = 8_000_000, 10_000_000
_LEVEL = 6  # of the compression
_Column = list[Any]
# The bytes with which JSON can hold what `sanitize` replaces: an escape, or the first bytes of the
# characters in UTF-8.
_HARMFUL = re.compile(
    rb"\\[ru]|\xc2[\x80-\x9f]|\xe2(?:\x80[\x8b-\x8f\xa8-\xae]|\x81)|\xef[\xbb\xbf]"
)


@dataclass(frozen=True, slots=True)
class PageData:
    """The data of a page, each text deflated and in base64."""

    index: str
    blocks: tuple[str, ...]
    without_exchange: int  # cases whose wire exchange is left out


def build_page_data(run: Run, found: RunFindings, matrices: Sequence[Matrix]) -> PageData:
    """The index and the blocks of a run. The blocks begin with the examples of the findings."""
    order = _Order(run.outcomes, found)
    blocks, without = [], 0
    size = 0
    cases = iter(order.for_blocks())
    while chunk := list(islice(cases, BLOCK_CASES)):
        has_exchange, has_details = size < EXCHANGE_ROOM, size < DETAIL_ROOM
        details = [_details(o, exchange=has_exchange, texts=has_details) for o in chunk]
        without += 0 if has_exchange else sum(bool(outcome.exchange) for outcome in chunk)
        blocks.append(_deflate(_encode_clean(details)))
        size += len(blocks[-1])
    index = _deflate(_encode_clean(_index(order, found, matrices)))
    return PageData(index, tuple(blocks), without)


class _Order:
    """The cases in the order of the page: those of each finding, then the others by severity."""

    def __init__(self, outcomes: Iterable[Outcome], found: RunFindings) -> None:
        self.findings: dict[int, int] = {}  # of a case of a finding, by identity
        self.examples: list[Outcome] = []
        self.cases: list[Outcome] = []
        for number, finding in enumerate(found.all_findings):
            self.examples.append(finding.example)
            self.cases += finding.outcomes
            self.findings.update((id(outcome), number) for outcome in finding.outcomes)
        rest: dict[Status, list[Outcome]] = {status: [] for status in SEVERITY}
        for outcome in outcomes:
            if id(outcome) not in self.findings:
                rest[outcome.status].append(outcome)
        for status in SEVERITY:
            self.cases += rest[status]

    def for_blocks(self) -> Iterator[Outcome]:
        """The examples of the findings, then the others."""
        yield from self.examples
        examples = set(map(id, self.examples))
        yield from (outcome for outcome in self.cases if id(outcome) not in examples)


class _Numbers(dict[Any, int]):
    """The distinct values of a column, each with its number."""

    def __missing__(self, value: Any) -> int:
        number = self[value] = len(self)
        return number


def _index(order: _Order, found: RunFindings, matrices: Sequence[Matrix]) -> dict[str, Any]:
    cases, findings = order.cases, order.findings
    suites, kinds, drivers = _Numbers(), _Numbers(), _Numbers()
    requirements, reasons = _Numbers({"": 0}), _Numbers({"": 0})
    severity = {status: number for number, status in enumerate(SEVERITY)}
    lines, texts = _lines(matrices)
    return {
        "cases": [outcome.case for outcome in cases],
        "status": [severity[outcome.status] for outcome in cases],
        "level": [int(outcome.level != Level.MUST) for outcome in cases],
        "security": [int(outcome.security) for outcome in cases],
        "suite": [suites[outcome.suite] for outcome in cases],
        "kind": [kinds[case_kind(outcome)] for outcome in cases],
        "client": [drivers[outcome.driver] for outcome in cases],
        "line": [lines[id(outcome)] for outcome in cases],
        "finding": [findings.get(id(outcome), -1) for outcome in cases],
        "requirement": [requirements[outcome.requirement] for outcome in cases],
        "reason": [reasons[_reason(outcome)] for outcome in cases],
        "ms": [round(outcome.seconds * 1000) for outcome in cases],
        "statuses": list(SEVERITY),
        "levels": [Level.MUST, Level.SHOULD],
        "suites": list(suites),
        "kinds": list(kinds),
        "clients": list(drivers),
        "requirements": list(requirements),
        "reasons": list(reasons),
        "lines": texts,
        "findings": [finding.id for finding in found.all_findings],
    }


def _reason(outcome: Outcome) -> str:
    """The reason in one line; empty if the case passed."""
    return "" if outcome.status is Status.PASSED else one_line_reason(outcome)


def _lines(matrices: Sequence[Matrix]) -> tuple[dict[int, int], list[str]]:
    """The number of the matrices' row that each case is of, by identity, and what each row is
    found by."""
    numbers: dict[int, int] = {}
    texts: list[str] = []
    for matrix in matrices:
        for table in matrix.tables:
            for row in table.rows:
                for cell in row.cells:
                    numbers.update((id(outcome), len(texts)) for outcome in cell.outcomes)
                names = (row.name, row.ec2_command, row.soap_call, row.cloudstack_call, table.title)
                texts.append(" ".join(dict.fromkeys(names)))
    return numbers, texts


def _details(outcome: Outcome, *, exchange: bool, texts: bool) -> dict[str, Any]:
    """What the page shows of an opened case besides the index."""
    if not texts:
        return {"source": outcome.source, "repeat": outcome.repeat, "short": 2}
    details: dict[str, Any] = {"source": outcome.source, "repeat": outcome.repeat}
    if outcome.status is Status.PASSED:
        details |= {"expected": [outcome.expected], "observed": [outcome.observed]}
    else:
        details["expected"], details["observed"] = mark_differences(outcome)
        details["because"] = outcome.because
    if outcome.measured:
        details["measured"] = outcome.measured
    if not exchange:
        return details | {"short": int(bool(outcome.exchange))}
    return details | {"calls": outcome.calls, "exchange": outcome.exchange}


def _encode_clean(value: Any) -> bytes:
    """The value as JSON, all its texts sanitized."""
    encoded = encode_json(value)
    return encode_json(_sanitized(value)) if _HARMFUL.search(encoded) else encoded


def _sanitized(value: Any) -> Any:
    if isinstance(value, str):
        return sanitize(value)
    if isinstance(value, Mapping):
        return {sanitize(name): _sanitized(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_sanitized(item) for item in value]
    return value


def _deflate(data: bytes) -> str:
    """The data deflated, without a header, in base64."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(compressor.compress(data) + compressor.flush()).decode("ascii")
