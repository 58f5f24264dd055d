"""Table 8: passwords."""

from suites.contract import Contract, answers, names_nothing, wants


class TestPasswords(Contract):
    """Get the password."""

    suite = "passwords"
    replies = (
        answers(
            "GetPasswordData",
            "no-password",
            "An instance without a password is answered with an empty one.",
            needs={"instance": "instance:running"},
            uncalled=True,
            fields={"InstanceId": "{instance.id}", "PasswordData": {"absent": True}},
        ),
    )
    rejections = (
        *names_nothing("GetPasswordData", "InstanceId", "instance", "instance:running"),
        *wants("GetPasswordData", "InstanceId"),
    )
