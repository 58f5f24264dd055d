"""Table 10: snapshots."""

from suites.contract.dsl import (
    NO_NAMES,
    DescribeAction,
    answers,
    rejects_unknown_ids,
    requires,
    translates_error,
)
from suites.contract.table_suite import TableSuite

SNAPSHOT = {"snapshot": "snapshot"}
TAGGED = {"snapshot": "snapshot:tagged"}
DESCRIBE = DescribeAction("DescribeSnapshots", "Snapshots", "SnapshotId", "{snapshot.id}")


class TestSnapshots(TableSuite):
    """Create, delete and describe."""

    suite = "snapshots"
    replies = (
        DESCRIBE.lists_all({}),
        DESCRIBE.hides_foreign("snapshot", "SnapshotId", "Snapshots"),
        answers(
            "DescribeSnapshots",
            "owner-self",
            "The owner self selects the snapshots of the account.",
            arguments={**NO_NAMES, "OwnerIds": ["self"]},
            fields={DESCRIBE.own_count: 1},
        ),
        answers(
            "DescribeSnapshots",
            "tags",
            "A snapshot is shown with its tags.",
            needs=TAGGED,
            fields={"Snapshots[0].Tags[?Key=='purpose'] | [0].Value": "conform"},
        ),
    )
    filters = (
        *DESCRIBE.filters(
            SNAPSHOT,
            {
                "progress": ("100%", "33%"),
                "snapshot-id": "{snapshot.id}",
                "status": ("completed", "pending"),
                "volume-id": "{snapshot.volumeid}",
                "volume-size": ("{snapshot.gigabytes}", "1023"),
            },
        ),
        *DESCRIBE.filters(
            TAGGED, {"tag-key": "purpose", "tag-value": "conform", "tag:purpose": "conform"}
        ),
        *DESCRIBE.filters(SNAPSHOT, {"description": None, "owner-alias": None, "owner-id": None}),
        *DESCRIBE.filters(SNAPSHOT, {"start-time": ("20*", "1999-01-01T00:00:00.000Z")}),
        *DESCRIBE.filter_syntax(SNAPSHOT, "snapshot-id", "{snapshot.id}"),
    )
    rejections = (
        *rejects_unknown_ids("CreateSnapshot", "VolumeId", "volume", "volume:root"),
        *requires("CreateSnapshot", "VolumeId"),
        *rejects_unknown_ids("DeleteSnapshot", "SnapshotId", "snapshot", "snapshot"),
        *requires("DeleteSnapshot", "SnapshotId"),
        *rejects_unknown_ids("DescribeSnapshots", "SnapshotIds", "snapshot"),
        translates_error(
            "CreateSnapshot",
            "createSnapshot",
            535,
            "Maximum number of resources of type 'snapshot' for account has been exceeded",
            {"SnapshotLimitExceeded"},
        ),
    )
