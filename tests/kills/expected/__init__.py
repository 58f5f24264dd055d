"""What must notice each mutation of the simulated deployment, by the mutation's name."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.accounts import ACCOUNTS
from tests.kills.expected.enablement import ENABLEMENT
from tests.kills.expected.expectation import Expected
from tests.kills.expected.failover import FAILOVER
from tests.kills.expected.filter_values import FILTER_VALUES
from tests.kills.expected.limits import LIMITS
from tests.kills.expected.offerings import OFFERINGS
from tests.kills.expected.outages import OUTAGES
from tests.kills.expected.ports import PORTS
from tests.kills.expected.reply_form import FORM
from tests.kills.expected.reported_bugs import REPORTED
from tests.kills.expected.s3_checks import CHECKS
from tests.kills.expected.s3_lists import LISTS
from tests.kills.expected.s3_literals import LITERALS
from tests.kills.expected.s3_objects import OBJECTS
from tests.kills.expected.s3_refusals import REFUSALS
from tests.kills.expected.s3_rights import RIGHTS
from tests.kills.expected.s3_signatures import SIGNATURES
from tests.kills.expected.s3_uploads import UPLOADS
from tests.kills.expected.security import MESSAGES, REGISTRATIONS
from tests.kills.expected.translation import TRANSLATION
from tests.kills.expected.typed_values import TYPED_VALUES
from tests.kills.expected.usage import USAGE
from tests.kills.expected.value_forms import VALUE_FORMS
from tests.kills.expected.values import VALUES as TEXT_VALUES

__all__ = [
    "ACCOUNTS",
    "ENABLEMENT",
    "EQUIVALENT",
    "EXPECTED",
    "FAILOVER",
    "FORM",
    "LIMITS",
    "OFFERINGS",
    "OUTAGES",
    "PORTS",
    "REPORTED",
    "S3",
    "SECURITY",
    "TABLES",
    "TRANSLATION",
    "USAGE",
    "VALUES",
    "VALUE_FORMS",
    "Expected",
]

_S3_TABLES = (OBJECTS, LISTS, UPLOADS, RIGHTS, SIGNATURES, REFUSALS, CHECKS, LITERALS)
_DEPLOYMENT = (ACCOUNTS, ENABLEMENT, OFFERINGS, LIMITS, PORTS, FAILOVER, USAGE)
_VALUES_TABLES = (TEXT_VALUES, FILTER_VALUES, TYPED_VALUES)
TABLES = (
    TRANSLATION,
    MESSAGES,
    REGISTRATIONS,
    REPORTED,
    FORM,
    VALUE_FORMS,
    OUTAGES,
    *_VALUES_TABLES,
    *_S3_TABLES,
    *_DEPLOYMENT,
)


def _join(*tables: Mapping[str, Expected]) -> Mapping[str, Expected]:
    return {name: expected for table in tables for name, expected in table.items()}


VALUES = _join(*_VALUES_TABLES)
SECURITY = _join(MESSAGES, REGISTRATIONS)
S3 = _join(*_S3_TABLES)
# What must notice each mutation that is a defect.
EXPECTED = _join(*TABLES)
# What a right deployment may do differently: no case may fail (but of reply_form, which demands the
# namespace itself).
EQUIVALENT = frozenset(
    {
        *("looks-around", "respells-parameters", "lists-all", "sends-defaults"),
        *("names-groups-by-id", "caches-its-account"),
        *("spacious-xml", "bare-xml", "prefixed-xml", "commented-xml", "other-namespace"),
        *("post-only", "get-only", "one-version", "hmac-sha1-only", "signature-2-only"),
        "signature-4-only",
        *("turns-lists-around", "commits-slowly", "connects-again"),
    }
)
