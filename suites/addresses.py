"""Table 1: elastic IP addresses."""

from fixtures.model import CallPattern, Pattern
from suites.contract import (
    FOREIGN,
    Contract,
    Listing,
    answers,
    cloud_refuses,
    names_nothing,
    passes,
    refuses,
    wants,
)

NOT_YOURS = FOREIGN | {"InvalidAddress.NotFound"}
NEVER_HAD = "192.0.2.1"  # a documentation address: nobody has it
ASSOCIATED = {"address": "address:associated"}
LISTING = Listing("DescribeAddresses", "Addresses", "PublicIp", "{address.ipaddress}")
LET_GO = CallPattern("disableStaticNat", {"ipaddressid": Pattern.of("{address.id}")})

UNKNOWN = tuple(
    refuses(
        action,
        "unknown-address",
        f"{action} on an address that the account does not have is refused.",
        NOT_YOURS,
        arguments={"PublicIp": NEVER_HAD},
    )
    for action in ("AssociateAddress", "DisassociateAddress", "ReleaseAddress")
)
MALFORMED = tuple(
    refuses(
        action,
        "malformed-address",
        f"{action} on what is no address at all is refused.",
        NOT_YOURS | {"InvalidParameterValue", "InvalidAddress.Malformed"},
        arguments={"PublicIp": "not-an-address"},
    )
    for action in ("AssociateAddress", "DisassociateAddress", "ReleaseAddress")
)
FOREIGN_ADDRESS = tuple(
    refuses(
        action,
        "foreign-address",
        f"{action} on another account's address is refused.",
        NOT_YOURS,
        needs={"foreign": "address@other"},
        arguments={"PublicIp": "{foreign.ipaddress}"},
        capabilities=frozenset({"second_account"}),
    )
    for action in ("AssociateAddress", "DisassociateAddress", "ReleaseAddress")
)


class TestAddresses(Contract):
    """Allocate, associate, describe, disassociate and release."""

    suite = "addresses"
    replies = (
        answers(
            "DescribeAddresses",
            "associated",
            "An associated address shows its instance.",
            needs=ASSOCIATED,
            fields={
                "Addresses[].PublicIp": {"set": ["{address.ipaddress}"]},
                "Addresses[0].InstanceId": "{address.virtualmachineid}",
            },
        ),
        LISTING.unnamed({}),
        LISTING.hides("address", "PublicIp", "Addresses", "{foreign.ipaddress}"),
        answers(
            "DisassociateAddress",
            "not-associated",
            "Disassociating an address that is not associated is no error.",
            needs={"address": "address"},
            uncalled=True,
            fields={"Return": True},
        ),
    )
    parameters = (
        passes(
            "AssociateAddress",
            "moves-the-address",
            "An address that is associated with another instance moves to the one named.",
            needs=ASSOCIATED,
            around=(LET_GO,),
            state={"address.virtualmachineid": "{instance.id}"},
        ),
        passes(
            "ReleaseAddress",
            "associated-address",
            "Releasing an associated address disassociates it first.",
            needs=ASSOCIATED,
            around=(LET_GO,),
            state={"address.exists": False},
        ),
    )
    filters = (
        *LISTING.filters(ASSOCIATED, {"public-ip": "{address.ipaddress}"}),
        *LISTING.filters(ASSOCIATED, {"instance-id": "{address.virtualmachineid}"}),
        *LISTING.language({}, "public-ip", "{address.ipaddress}"),
    )
    rejections = (
        *UNKNOWN,
        *MALFORMED,
        *FOREIGN_ADDRESS,
        refuses(
            "DescribeAddresses",
            "unknown-address",
            "Describing an address that the account does not have is refused.",
            {"InvalidAddress.NotFound", "AuthFailure"},
            arguments={"PublicIps": [NEVER_HAD]},
        ),
        *names_nothing("AssociateAddress", "InstanceId", "instance", "instance:running"),
        *wants("AssociateAddress", "PublicIp", "InstanceId", codes={"InvalidParameterCombination"}),
        *wants("DisassociateAddress", "PublicIp", codes={"InvalidParameterCombination"}),
        *wants("ReleaseAddress", "PublicIp", codes={"InvalidParameterCombination"}),
        cloud_refuses(
            "AllocateAddress",
            "associateIpAddress",
            533,
            "Insufficient address capacity",
            {"InsufficientAddressCapacity"},
        ),
        cloud_refuses(
            "AllocateAddress",
            "associateIpAddress",
            535,
            "Maximum number of resources of type 'public_ip' for account has been exceeded",
            {"AddressLimitExceeded"},
        ),
    )
