"""Table 1: elastic IP addresses."""

from fixtures.model import CallPattern, Pattern
from suites.contract.dsl import (
    FOREIGN_CODES,
    DescribeAction,
    answers,
    passes,
    rejects,
    rejects_unknown_ids,
    requires,
    translates_error,
)
from suites.contract.table_suite import TableSuite

NOT_OWNED = FOREIGN_CODES | {"InvalidAddress.NotFound"}
UNKNOWN_ADDRESS = "192.0.2.1"  # reserved for documentation
ASSOCIATED = {"address": "address:associated"}
DESCRIBE = DescribeAction("DescribeAddresses", "Addresses", "PublicIp", "{address.ipaddress}")
DISASSOCIATION = CallPattern("disableStaticNat", {"ipaddressid": Pattern.of("{address.id}")})

UNKNOWN = tuple(
    rejects(
        action,
        "unknown-address",
        f"{action} on an address that the account does not have is refused.",
        NOT_OWNED,
        arguments={"PublicIp": UNKNOWN_ADDRESS},
    )
    for action in ("AssociateAddress", "DisassociateAddress", "ReleaseAddress")
)
MALFORMED = tuple(
    rejects(
        action,
        "malformed-address",
        f"{action} with a malformed address is refused.",
        NOT_OWNED | {"InvalidParameterValue", "InvalidAddress.Malformed"},
        arguments={"PublicIp": "not-an-address"},
    )
    for action in ("AssociateAddress", "DisassociateAddress", "ReleaseAddress")
)
FOREIGN_ADDRESS = tuple(
    rejects(
        action,
        "foreign-address",
        f"{action} on another account's address is refused.",
        NOT_OWNED,
        needs={"foreign": "address@other"},
        arguments={"PublicIp": "{foreign.ipaddress}"},
        capabilities=frozenset({"second_account"}),
        security=True,
    )
    for action in ("AssociateAddress", "DisassociateAddress", "ReleaseAddress")
)


class TestAddresses(TableSuite):
    """Allocate, associate, describe, disassociate and release."""

    suite = "addresses"
    replies = (
        answers(
            "DescribeAddresses",
            "associated",
            "An associated address is shown with its instance.",
            needs=ASSOCIATED,
            fields={
                "Addresses[].PublicIp": {"set": ["{address.ipaddress}"]},
                "Addresses[0].InstanceId": "{address.virtualmachineid}",
            },
        ),
        DESCRIBE.lists_all({}),
        DESCRIBE.hides_foreign("address", "PublicIp", "Addresses", "{foreign.ipaddress}"),
        answers(
            "DisassociateAddress",
            "not-associated",
            "Disassociating an address that is not associated is no error.",
            needs={"address": "address"},
            call_optional=True,
            fields={"Return": True},
        ),
    )
    parameters = (
        passes(
            "AssociateAddress",
            "moves-the-address",
            "Associating an address that another instance has moves it to the requested instance.",
            needs=ASSOCIATED,
            around=(DISASSOCIATION,),
            state={"address.virtualmachineid": "{instance.id}"},
        ),
        passes(
            "ReleaseAddress",
            "associated-address",
            "Releasing an associated address disassociates it first.",
            needs=ASSOCIATED,
            around=(DISASSOCIATION,),
            state={"address.exists": False},
        ),
    )
    filters = (
        *DESCRIBE.filters(ASSOCIATED, {"public-ip": "{address.ipaddress}"}),
        *DESCRIBE.filters(ASSOCIATED, {"instance-id": "{address.virtualmachineid}"}),
        *DESCRIBE.filter_syntax({}, "public-ip", "{address.ipaddress}"),
    )
    rejections = (
        *UNKNOWN,
        *MALFORMED,
        *FOREIGN_ADDRESS,
        rejects(
            "DescribeAddresses",
            "unknown-address",
            "Describing an address that the account does not have is refused.",
            {"InvalidAddress.NotFound", "AuthFailure"},
            arguments={"PublicIps": [UNKNOWN_ADDRESS]},
        ),
        *rejects_unknown_ids("AssociateAddress", "InstanceId", "instance", "instance:running"),
        *requires(
            "AssociateAddress", "PublicIp", "InstanceId", codes={"InvalidParameterCombination"}
        ),
        *requires("DisassociateAddress", "PublicIp", codes={"InvalidParameterCombination"}),
        *requires("ReleaseAddress", "PublicIp", codes={"InvalidParameterCombination"}),
        translates_error(
            "AllocateAddress",
            "associateIpAddress",
            533,
            "Insufficient address capacity",
            {"InsufficientAddressCapacity"},
        ),
        translates_error(
            "AllocateAddress",
            "associateIpAddress",
            535,
            "Maximum number of resources of type 'public_ip' for account has been exceeded",
            {"AddressLimitExceeded"},
        ),
    )
