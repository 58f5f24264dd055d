"""Table 10: snapshots."""

from suites.contract import (
    UNNAMED,
    Contract,
    Listing,
    answers,
    cloud_refuses,
    names_nothing,
    wants,
)

SNAPSHOT = {"snapshot": "snapshot"}
TAGGED = {"snapshot": "snapshot:tagged"}
LISTING = Listing("DescribeSnapshots", "Snapshots", "SnapshotId", "{snapshot.id}")


class TestSnapshots(Contract):
    """Create, delete and describe."""

    suite = "snapshots"
    replies = (
        LISTING.unnamed({}),
        LISTING.hides("snapshot", "SnapshotId", "Snapshots"),
        answers(
            "DescribeSnapshots",
            "owner-self",
            "Owner self lists the account's own snapshots.",
            arguments={**UNNAMED, "OwnerIds": ["self"]},
            fields={LISTING.shown: 1},
        ),
        answers(
            "DescribeSnapshots",
            "tags",
            "A snapshot shows its tags.",
            needs=TAGGED,
            fields={"Snapshots[0].Tags[?Key=='purpose'] | [0].Value": "conform"},
        ),
    )
    filters = (
        *LISTING.filters(
            SNAPSHOT,
            {
                "progress": ("100%", "33%"),
                "snapshot-id": "{snapshot.id}",
                "status": ("completed", "pending"),
                "volume-id": "{snapshot.volumeid}",
                "volume-size": ("{snapshot.gigabytes}", "1023"),
            },
        ),
        *LISTING.filters(
            TAGGED, {"tag-key": "purpose", "tag-value": "conform", "tag:purpose": "conform"}
        ),
        *LISTING.filters(SNAPSHOT, {"description": None, "owner-alias": None, "owner-id": None}),
        *LISTING.filters(SNAPSHOT, {"start-time": ("20*", "1999-01-01T00:00:00.000Z")}),
        *LISTING.language(SNAPSHOT, "snapshot-id", "{snapshot.id}"),
    )
    rejections = (
        *names_nothing("CreateSnapshot", "VolumeId", "volume", "volume:root"),
        *wants("CreateSnapshot", "VolumeId"),
        *names_nothing("DeleteSnapshot", "SnapshotId", "snapshot", "snapshot"),
        *wants("DeleteSnapshot", "SnapshotId"),
        *names_nothing("DescribeSnapshots", "SnapshotIds", "snapshot"),
        cloud_refuses(
            "CreateSnapshot",
            "createSnapshot",
            535,
            "Maximum number of resources of type 'snapshot' for account has been exceeded",
            {"SnapshotLimitExceeded"},
        ),
    )
