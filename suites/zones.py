"""Table 2: availability zones."""

from suites.contract import Contract, Listing, refuses

LISTING = Listing("DescribeAvailabilityZones", "AvailabilityZones", "ZoneName", "{zone.name}")


class TestZones(Contract):
    """Describe."""

    suite = "zones"
    replies = (LISTING.unnamed({}),)
    filters = (
        *LISTING.filters({}, {"zone-name": "{zone.name}", "state": "available"}),
        *LISTING.filters({}, {"region-name": None, "message": None}),
        *LISTING.language({}, "zone-name", "{zone.name}"),
    )
    rejections = (
        refuses(
            "DescribeAvailabilityZones",
            "unknown-zone",
            "A zone that does not exist is refused.",
            {"InvalidParameterValue", "InvalidZone.NotFound"},
            arguments={"ZoneNames": ["no-such-zone"]},
        ),
    )
