"""Table 8: passwords."""

from suites.contract.dsl import answers, rejects_unknown_ids, requires
from suites.contract.table_suite import TableSuite


class TestPasswords(TableSuite):
    """Get the password."""

    suite = "passwords"
    replies = (
        answers(
            "GetPasswordData",
            "no-password",
            "For an instance without a password, the reply has an empty one.",
            needs={"instance": "instance:running"},
            call_optional=True,
            fields={"InstanceId": "{instance.id}", "PasswordData": {"absent": True}},
        ),
    )
    rejections = (
        *rejects_unknown_ids("GetPasswordData", "InstanceId", "instance", "instance:running"),
        *requires("GetPasswordData", "InstanceId"),
    )
