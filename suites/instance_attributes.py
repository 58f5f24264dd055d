"""Table 6: attributes of instances."""

from suites.contract.dsl import rejects, rejects_unknown_ids, requires
from suites.contract.table_suite import TableSuite


class TestInstanceAttributes(TableSuite):
    """Describe."""

    suite = "instance_attributes"
    rejections = (
        *rejects_unknown_ids(
            "DescribeInstanceAttribute", "InstanceId", "instance", "instance:running"
        ),
        *requires("DescribeInstanceAttribute", "InstanceId", "Attribute"),
        rejects(
            "DescribeInstanceAttribute",
            "unknown-attribute",
            "An attribute that instances do not have is refused.",
            {"InvalidParameterValue", "InvalidRequest"},
            arguments={"Attribute": "colour"},
        ),
    )
