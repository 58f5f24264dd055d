"""Bridges that translate nothing: their lists are empty, or they give every request one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from fixtures.simulator.bridge.ec2.cloud import Cloud
from fixtures.simulator.bridge.ec2.errors import Ec2Error
from fixtures.simulator.bridge.hooks import Hooks, NextAction
from fixtures.simulator.bridge.xml import Tree
from fixtures.simulator.deployment import Deployment
from fixtures.simulator.mutations.mutation import Application, bridge_hooks

_NOT_IMPLEMENTED = "not implemented"


async def _empty_lists(cloud: Cloud, values: Mapping[str, str], call_next: NextAction) -> Tree:
    tree = await call_next(values)
    if not cloud.action.startswith("Describe"):
        return tree
    return {name: [] if isinstance(value, list) else value for name, value in tree.items()}


async def _refuse_changes(cloud: Cloud, values: Mapping[str, str], call_next: NextAction) -> Tree:
    if cloud.action.startswith("Describe"):
        return await call_next(values)
    raise Ec2Error("InvalidParameterValue", _NOT_IMPLEMENTED)


async def _no_content(cloud: Cloud, values: Mapping[str, str], call_next: NextAction) -> Tree:
    del cloud, values, call_next
    return {}


def _yesterday(recorded: dict[str, Tree]) -> Callable[[Deployment], Hooks]:
    async def hook(cloud: Cloud, values: Mapping[str, str], call_next: NextAction) -> Tree:
        if cloud.action in recorded:
            return recorded[cloud.action]
        return await call_next(values)

    return lambda _: Hooks(action=hook)


EMPTY_LISTS = bridge_hooks(lambda _: Hooks(action=_empty_lists))
ONE_REFUSAL = bridge_hooks(
    lambda _: Hooks(
        rejection=lambda _: _NOT_IMPLEMENTED,
        soap_rejection=lambda _: Ec2Error("InvalidParameterValue", _NOT_IMPLEMENTED),
    )
)
REFUSED_CHANGES = bridge_hooks(lambda _: Hooks(action=_refuse_changes))
NO_CONTENT = bridge_hooks(lambda _: Hooks(action=_no_content))


def repeat_answers(recorded: dict[str, Tree]) -> Application:
    """Every action is answered as it was when `record_answers` saw it."""
    return bridge_hooks(_yesterday(recorded))


@contextmanager
def record_answers(deployment: Deployment) -> Iterator[dict[str, Tree]]:
    """The last answer to each action inside the block."""
    recorded: dict[str, Tree] = {}

    async def hook(cloud: Cloud, values: Mapping[str, str], call_next: NextAction) -> Tree:
        recorded[cloud.action] = tree = await call_next(values)
        return tree

    with bridge_hooks(lambda _: Hooks(action=hook))(deployment):
        yield recorded
