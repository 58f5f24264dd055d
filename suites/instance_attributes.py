"""Table 6: attributes of instances."""

from suites.contract import Contract, names_nothing, refuses, wants


class TestInstanceAttributes(Contract):
    """Describe."""

    suite = "instance_attributes"
    rejections = (
        *names_nothing("DescribeInstanceAttribute", "InstanceId", "instance", "instance:running"),
        *wants("DescribeInstanceAttribute", "InstanceId", "Attribute"),
        refuses(
            "DescribeInstanceAttribute",
            "unknown-attribute",
            "An attribute that instances do not have is refused.",
            {"InvalidParameterValue", "InvalidRequest"},
            arguments={"Attribute": "colour"},
        ),
    )
