"""Table 7: key pairs."""

from suites.contract.dsl import DescribeAction, answers, rejects, requires
from suites.contract.table_suite import TableSuite

KEYPAIR = {"keypair": "keypair"}
DESCRIBE = DescribeAction("DescribeKeyPairs", "KeyPairs", "KeyName", "{keypair.name}")
DUPLICATE = {"InvalidKeyPair.Duplicate"}


class TestKeyPairs(TableSuite):
    """Create, delete, describe and import."""

    suite = "keypairs"
    replies = (
        DESCRIBE.lists_all({}),
        DESCRIBE.hides_foreign("keypair", "KeyName", "KeyPairs", "{foreign.name}"),
        answers(
            "CreateKeyPair",
            "private-key",
            "The reply has the private key, in PEM.",
            fields={
                "KeyMaterial": {
                    "matches": r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s[A-Za-z0-9+/=\s]+"
                    r"-----END [A-Z ]*PRIVATE KEY-----\s*"
                }
            },
        ),
        answers(
            "DeleteKeyPair",
            "unknown-key-pair",
            "Deleting a key pair that does not exist succeeds.",
            arguments={"KeyName": "{unique.name}"},
            call_optional=True,
            fields={"Return": True},
        ),
    )
    filters = (
        *DESCRIBE.filters(
            {}, {"key-name": "{keypair.name}", "fingerprint": "{keypair.fingerprint}"}
        ),
        *DESCRIBE.filter_syntax({}, "key-name", "{keypair.name}"),
    )
    rejections = (
        rejects(
            "CreateKeyPair",
            "duplicate",
            "A name that another key pair of the account has is refused.",
            DUPLICATE,
            needs=KEYPAIR,
            arguments={"KeyName": "{keypair.name}"},
        ),
        rejects(
            "ImportKeyPair",
            "duplicate",
            "A name that another key pair of the account has is refused.",
            DUPLICATE,
            needs=KEYPAIR,
            arguments={"KeyName": "{keypair.name}"},
        ),
        rejects(
            "ImportKeyPair",
            "not-a-key",
            "A malformed public key is refused.",
            {"InvalidKey.Format", "InvalidKeyPair.Format"},
            arguments={"PublicKeyMaterial": "not a public key"},
        ),
        rejects(
            "DescribeKeyPairs",
            "unknown-key-pair",
            "A key pair that does not exist is refused.",
            {"InvalidKeyPair.NotFound"},
            arguments={"KeyNames": ["{unique.name}"]},
        ),
        *requires("CreateKeyPair", "KeyName"),
        *requires("DeleteKeyPair", "KeyName"),
        *requires("ImportKeyPair", "KeyName", "PublicKeyMaterial"),
    )
