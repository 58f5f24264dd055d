"""Table 7: key pairs."""

from suites.contract import Contract, Listing, answers, refuses, wants

KEYPAIR = {"keypair": "keypair"}
LISTING = Listing("DescribeKeyPairs", "KeyPairs", "KeyName", "{keypair.name}")
DUPLICATE = {"InvalidKeyPair.Duplicate"}


class TestKeyPairs(Contract):
    """Create, delete, describe and import."""

    suite = "keypairs"
    replies = (
        LISTING.unnamed({}),
        LISTING.hides("keypair", "KeyName", "KeyPairs", "{foreign.name}"),
        answers(
            "CreateKeyPair",
            "private-key",
            "The new key's private half is handed over, in PEM.",
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
            "Deleting a key pair that does not exist is no error.",
            arguments={"KeyName": "{unique.name}"},
            uncalled=True,
            fields={"Return": True},
        ),
    )
    filters = (
        *LISTING.filters(
            {}, {"key-name": "{keypair.name}", "fingerprint": "{keypair.fingerprint}"}
        ),
        *LISTING.language({}, "key-name", "{keypair.name}"),
    )
    rejections = (
        refuses(
            "CreateKeyPair",
            "duplicate",
            "A name that is taken is refused.",
            DUPLICATE,
            needs=KEYPAIR,
            arguments={"KeyName": "{keypair.name}"},
        ),
        refuses(
            "ImportKeyPair",
            "duplicate",
            "A name that is taken is refused.",
            DUPLICATE,
            needs=KEYPAIR,
            arguments={"KeyName": "{keypair.name}"},
        ),
        refuses(
            "ImportKeyPair",
            "not-a-key",
            "What is no public key is refused.",
            {"InvalidKey.Format", "InvalidKeyPair.Format"},
            arguments={"PublicKeyMaterial": "not a public key"},
        ),
        refuses(
            "DescribeKeyPairs",
            "unknown-key-pair",
            "A key pair that does not exist is refused.",
            {"InvalidKeyPair.NotFound"},
            arguments={"KeyNames": ["{unique.name}"]},
        ),
        *wants("CreateKeyPair", "KeyName"),
        *wants("DeleteKeyPair", "KeyName"),
        *wants("ImportKeyPair", "KeyName", "PublicKeyMaterial"),
    )
