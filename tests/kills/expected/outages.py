"""Which cases must notice each mutation of a bridge whose CloudStack is away or slow."""

from __future__ import annotations

from collections.abc import Mapping

from tests.kills.expected.expectation import Expected, fails

_READ, _CHANGE = "DescribeVolumes", "CreateVolume"
_KINDS = ("refused", "silent", "cut")


def _away(*actions: str, kinds: tuple[str, ...] = _KINDS, text: str) -> Expected:
    patterns = (
        f"outages/{action}/rejections/cloudstack-{kind}[*]" for action in actions for kind in kinds
    )
    return fails(tuple(patterns), text=text)


_TOGETHER = "outages/DescribeKeyPairs/concurrency"

OUTAGES: Mapping[str, Expected] = {
    "answers-outages-with-html": _away(_READ, _CHANGE, text="reply: not an EC2 answer"),
    "lists-nothing-in-outages": _away(_READ, text="answered as if all were well"),
    "blames-clients-for-outages": _away(
        _READ, _CHANGE, text="reply: error code InvalidParameterValue"
    ),
    "repeats-unanswered-calls": _away(
        _CHANGE, kinds=("cut",), text="createVolume: unexpected state-changing call"
    ),
    "waits-for-cloudstack": _away(_READ, kinds=("silent",), text="reply: none in time"),
    "serves-clients-in-turn": fails(
        (f"{_TOGETHER}/slow-and-quick[*]",), text="the quick client waited"
    ),
    "refuses-clients-while-busy": fails(
        (f"{_TOGETHER}/*[*]",), text="the quick client: refused with RequestLimitExceeded"
    ),
    "mixes-up-answers": fails((f"{_TOGETHER}/own-answers[*]",), text="of the other account"),
}
