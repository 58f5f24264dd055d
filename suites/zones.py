"""Table 2: availability zones."""

from suites.contract.dsl import DescribeAction, rejects
from suites.contract.table_suite import TableSuite

DESCRIBE = DescribeAction(
    "DescribeAvailabilityZones", "AvailabilityZones", "ZoneName", "{zone.name}"
)


class TestZones(TableSuite):
    """Describe."""

    suite = "zones"
    replies = (DESCRIBE.lists_all({}),)
    filters = (
        *DESCRIBE.filters({}, {"zone-name": "{zone.name}", "state": "available"}),
        *DESCRIBE.filters({}, {"region-name": None, "message": None}),
        *DESCRIBE.filter_syntax({}, "zone-name", "{zone.name}"),
    )
    rejections = (
        rejects(
            "DescribeAvailabilityZones",
            "unknown-zone",
            "A zone that does not exist is refused.",
            {"InvalidParameterValue", "InvalidZone.NotFound"},
            arguments={"ZoneNames": ["no-such-zone"]},
        ),
    )
