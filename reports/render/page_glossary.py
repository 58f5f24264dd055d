"""What the words of the report mean, one line each, for a reader who sees them first."""

from __future__ import annotations

from collections.abc import Mapping

from fixtures.model import Claim, Level, Status
from reports.record.claim import HOLDS

CLAIMS: Mapping[str, str] = {
    HOLDS: "all cases of this part of the plan hold; of the whole plan nothing is claimed",
    Claim.CONFORMANT: "the whole plan was run, and every claimed case passed",
    Claim.WITH_DEVIATIONS: "every claimed case passed or deviates exactly as listed",
    Claim.NOT_CONFORMANT: "at least one case shows that the target is wrong",
    Claim.INCOMPLETE: "the run proves nothing: parts are missing or could not be judged",
}
LEVELS: Mapping[str, str] = {
    Level.MUST: "CloudStack's documentation demands it",
    Level.SHOULD: "Amazon's API demands it (EC2 of 2010-11-15, S3 of 2006-03-01)",
    "security": "where it fails, callers do or see what they have no right to",
}
STATUSES: Mapping[str, str] = {
    Status.PASSED: "the target did what is demanded, and it was seen",
    Status.FAILED: "the target was wrong",
    Status.STALE_DEVIATION: "a listed deviation has expired, passes, or fails otherwise: it counts "
    "as failed",
    Status.ERROR: "the harness or the network broke: nothing is said of the target",
    Status.INCONCLUSIVE: "what decides the case could not be seen",
    Status.KNOWN_DEVIATION: "fails as the list of known deviations says",
    Status.NOT_CLAIMED: "the profile of the target does not claim what the case needs",
}
CLIENTS: Mapping[str, str] = {
    "boto": "boto 2.49, the Python library that CloudStack's documentation uses",
    "boto3": "boto3, Amazon's present Python library",
    "soap": "SOAP with WS-Security: messages signed with an X.509 certificate",
    "command": "the classic ec2-* commands, as processes",
    "raw": "requests written by the harness, also such as no library sends",
    "sql": "statements and commands on the database servers",
    "cloudstack": "CloudStack's own API, without the bridge",
    "ec2": "several EC2 clients at a time, under load",
}
OBSERVERS: Mapping[str, str] = {
    "proxy": "a proxy between bridge and CloudStack, which sees every call and its answer",
    "api-log": "CloudStack's apilog.log, which has every call",
    "events": "CloudStack's events, which show what was carried out and no look-ups",
    "journal": "the simulated deployment's own journal of calls",
    "none": "nothing: what is called behind the bridge is not seen",
}
STEPS: Mapping[str, str] = {  # of a failover by hand, as CloudStack's documentation describes it
    "F1": "all management and usage servers are stopped",
    "F2": "the replica applies the rest of its relay log and becomes a writable primary",
    "F3": "the new primary's port is opened to the management servers",
    "F4": "db.properties of every management server names the new primary",
    "F5": "the management servers start again, on the new primary",
    "F6": "the old primary is kept from being written to when it is back",
}
