"""Table 4: attributes of images."""

from fixtures.model import CallPattern, Pattern
from suites.contract.dsl import answers, passes, rejects, rejects_unknown_ids, requires
from suites.contract.table_suite import TableSuite

UNKNOWN_ATTRIBUTE = {"InvalidRequest", "InvalidParameterValue", "InvalidParameterCombination"}
TWO_ACCOUNTS = frozenset({"second_account"})


class TestImageAttributes(TableSuite):
    """Describe, modify and reset launch permissions and descriptions."""

    suite = "image_attributes"
    replies = (
        answers(
            "DescribeImageAttribute",
            "shared",
            "The launch permissions of a shared image name the account.",
            needs={"image": "image:shared"},
            capabilities=TWO_ACCOUNTS,
            fields={
                "ImageId": "{image.id}",
                # The owner may be named, too, as CloudStack does.
                "LaunchPermissions[].UserId": {"includes": ["{other.account}"]},
            },
        ),
        answers(
            "DescribeImageAttribute",
            "public",
            "The launch permissions of a public image name the group all.",
            needs={"image": "image:public"},
            fields={"LaunchPermissions[].Group": {"set": ["all"]}},
        ),
        answers(
            "DescribeImageAttribute",
            "description",
            "The description attribute is the template's display text.",
            arguments={"Attribute": "description"},
            call_optional=True,
            fields={"ImageId": "{image.id}", "Description.Value": "{image.displaytext}"},
        ),
    )
    parameters = (
        passes(
            "ModifyImageAttribute",
            "remove-user",
            "Removing an account's launch permission removes it from the template's permissions.",
            needs={"image": "image:shared"},
            arguments={"LaunchPermission": {"Remove": [{"UserId": "{other.account}"}]}},
            parameters={"op": "remove"},
            state={"image.permissions": {"absent": True}},
        ),
        passes(
            "ModifyImageAttribute",
            "add-all",
            "Adding the group all makes the template public.",
            arguments={"LaunchPermission": {"Add": [{"Group": "all"}]}},
            parameters={"accounts": None, "op": None, "ispublic": True},
            harmless={"accounts": "", "op": "add"},
            state={"image.ispublic": True},
        ),
        passes(
            "ModifyImageAttribute",
            "remove-all",
            "Removing the group all makes the template private.",
            needs={"image": "image:public"},
            arguments={"LaunchPermission": {"Remove": [{"Group": "all"}]}},
            parameters={"accounts": None, "op": None, "ispublic": False},
            harmless={"accounts": "", "op": "remove"},
            state={"image.ispublic": False},
        ),
        passes(
            "ModifyImageAttribute",
            "description",
            "A new description becomes the template's display text.",
            arguments={"LaunchPermission": None, "Description": {"Value": "a new text"}},
            call_optional=True,
            around=(
                CallPattern(
                    "updateTemplate",
                    {"id": Pattern.of("{image.id}"), "displaytext": Pattern.of("a new text")},
                ),
            ),
            state={"image.displaytext": "a new text"},
        ),
    )
    rejections = (
        *rejects_unknown_ids("DescribeImageAttribute", "ImageId", "image", "image:own"),
        *rejects_unknown_ids("ModifyImageAttribute", "ImageId", "image", "image:own"),
        *rejects_unknown_ids("ResetImageAttribute", "ImageId", "image", "image:own"),
        *requires("DescribeImageAttribute", "ImageId", "Attribute"),
        *requires("ModifyImageAttribute", "ImageId"),
        *requires("ResetImageAttribute", "ImageId", "Attribute"),
        rejects(
            "DescribeImageAttribute",
            "unknown-attribute",
            "An attribute that images do not have is refused.",
            UNKNOWN_ATTRIBUTE,
            arguments={"Attribute": "colour"},
        ),
        rejects(
            "ResetImageAttribute",
            "unknown-attribute",
            "Only launch permissions can be reset.",
            UNKNOWN_ATTRIBUTE,
            arguments={"Attribute": "description"},
        ),
        rejects(
            "ModifyImageAttribute",
            "no-change",
            "A modification that changes nothing is refused.",
            {"InvalidParameterCombination", "MissingParameter"},
            drivers=("raw",),
            arguments={"LaunchPermission": None},
        ),
    )
