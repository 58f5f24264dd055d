"""The form of the requests: which API version, and which attribute the Security header has.

The original tools have one form. Bridges differ: some reject a Security header that they must
understand, and some accept the messages of another API version only.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.ec2.command_spec import Elements, UsageError

GROUPS_BY_NAME = "2010-11-15"  # the version in which RunInstances' groupId is a group's name
API_VERSIONS = (GROUPS_BY_NAME, "2012-08-15")


@dataclass(frozen=True, slots=True)
class MessageFormat:
    """`must_understand`: the value of the attribute of that name on the Security header."""

    api_version: str = GROUPS_BY_NAME
    must_understand: bool = True

    @property
    def namespace(self) -> str:
        """The XML namespace of the API version's messages."""
        return f"http://ec2.amazonaws.com/doc/{self.api_version}/"

    def adapt(self, action: str, elements: Elements) -> Elements:
        """The elements of a message of 2010-11-15 as those of this version, in its order.

        Two messages of the commands differ: later, RunInstances names a group in `groupName`, and
        DescribeAddresses requires a list of allocation ids.

        Raises:
            UsageError: the version has no element for what the command line says.
        """
        if self.api_version == GROUPS_BY_NAME:
            return elements
        if action == "RunInstances":
            if "addressingType" in elements:
                raise UsageError(f"API version {self.api_version} has no --addressing")
            groups = [{"groupName": group["groupId"]} for group in elements["groupSet"]]
            return {**elements, "groupSet": groups}
        if action == "DescribeAddresses":
            ids = {"publicIpsSet": elements["publicIpsSet"], "allocationIdsSet": []}
            return {**ids, **elements}
        return elements
