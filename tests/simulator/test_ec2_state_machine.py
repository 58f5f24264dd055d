"""EC2's signatures and filters as a state machine: a list by filters has exactly what matches, and
a request that was changed after it was signed is refused without any effect."""

from __future__ import annotations

import time
from contextlib import ExitStack
from urllib.parse import urlencode

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)
from lxml import etree

from fixtures.simulator.deployment import Deployment
from tests.simulator.test_bridge_filters import oracle
from tests.support.bridge_requests import RequestStyle
from tests.support.property_limits import bounded
from tests.support.simulated_deployments import Ec2TestClient

WORDS = st.sampled_from(["web", "db", "w*b", "?b", "*", "\\*", "W\u00e9b"])
SIZES = st.integers(1, 3)


class Ec2Machine(RuleBasedStateMachine):
    """Volumes with sizes and tags, beside a model of them."""

    volumes = Bundle("volumes")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.sizes: dict[str, str] = {}
        self.tags: dict[str, dict[str, str]] = {}

    @initialize()
    def start(self) -> None:
        """Serve an empty cloud."""
        self.client = Ec2TestClient(self.stack.enter_context(Deployment()))
        self.stack.callback(self.client.close)
        zone = self.client.call("DescribeAvailabilityZones").body["availabilityZoneInfo"][0]
        self.zone = zone["zoneName"]

    def teardown(self) -> None:
        """Stop the deployment."""
        self.stack.close()

    @rule(target=volumes, size=SIZES)
    def create(self, size: int) -> str:
        """A volume has the size that was asked for."""
        body = self.client.call("CreateVolume", AvailabilityZone=self.zone, Size=str(size)).body
        identity = str(body["volumeId"])
        self.sizes[identity], self.tags[identity] = str(size), {}
        return identity

    @rule(volume=volumes, key=WORDS, value=WORDS)
    def tag(self, volume: str, key: str, value: str) -> None:
        """A tag is set, or replaced."""
        pair = {"ResourceId.1": volume, "Tag.1.Key": key, "Tag.1.Value": value}
        assert self.client.send("CreateTags", pair)[0] == 200
        self.tags[volume][key] = value

    @rule(volume=consumes(volumes))
    def delete(self, volume: str) -> None:
        """A deleted volume is listed no more."""
        self.client.call("DeleteVolume", VolumeId=volume)
        del self.sizes[volume], self.tags[volume]

    @rule(
        sizes=st.lists(st.one_of(SIZES.map(str), WORDS), max_size=2),
        keys=st.lists(WORDS, max_size=2),
        value=st.tuples(WORDS, WORDS),
    )
    def filtered(self, sizes: list[str], keys: list[str], value: tuple[str, str]) -> None:
        """Several values of a filter are alternatives, several filters must all match."""
        filters = {"size": sizes, "tag-key": keys, f"tag:{value[0]}": [value[1]]}
        used = {name: values for name, values in filters.items() if values}
        parameters = {}
        for number, (name, values) in enumerate(used.items(), 1):
            parameters[f"Filter.{number}.Name"] = name
            for place, each in enumerate(values, 1):
                parameters[f"Filter.{number}.Value.{place}"] = each
        expected = {
            volume
            for volume, size in self.sizes.items()
            if (not sizes or any(oracle(pattern, size) for pattern in sizes))
            and (not keys or any(oracle(p, key) for p in keys for key in self.tags[volume]))
            and value[0] in self.tags[volume]
            and oracle(value[1], self.tags[volume][value[0]])
        }
        assert self.listed(parameters) == expected

    @rule(
        digest=st.sampled_from(["sha1", "sha256"]),
        change=st.sampled_from(["add", "drop", "signature", "date", "key", "path", "none"]),
    )
    def forge(self, digest: str, change: str) -> None:
        """Only a request that is as it was signed creates a volume."""
        url, user = self.client.url, self.client.user
        moment = time.time() - (3600 if change == "date" else 0)
        common = {
            "AWSAccessKeyId": user.access_key,
            "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)),
            "Version": "2010-11-15",
        }
        style = RequestStyle(
            host=url.netloc,
            path=url.path,
            digest=digest,
            signed_path="/other" if change == "path" else "",
            common=common,
        )
        sent = dict(
            style.parameters(
                "CreateVolume", {"AvailabilityZone": self.zone, "Size": "1"}, user.secret_key
            )
        )
        if change == "add":
            sent["Size"] = "2"
        elif change == "drop":
            del sent["Size"]
        elif change == "signature":
            sent["Signature"] = sent["Signature"][::-1]
        elif change == "key":
            sent["AWSAccessKeyId"] = user.access_key.swapcase()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.client.connection.request("POST", url.path, urlencode(sent), headers)
        reply = self.client.connection.getresponse()
        document = etree.fromstring(reply.read())
        assert (reply.status == 200) == (change == "none"), etree.tostring(document)
        if change == "none":
            identity = document.findtext("{*}volumeId") or ""
            self.sizes[identity], self.tags[identity] = "1", {}

    def listed(self, parameters: dict[str, str]) -> set[str]:
        """The ids that DescribeVolumes has for these filters."""
        status, text = self.client.send("DescribeVolumes", parameters)
        assert status == 200, text
        return {element.text or "" for element in etree.fromstring(text).iter("{*}volumeId")}

    @invariant()
    def everything_is_listed(self) -> None:
        """Without filters every volume is listed."""
        assert self.listed({}) == set(self.sizes)


TestEc2 = Ec2Machine.TestCase
TestEc2.settings = bounded(8, 25)
