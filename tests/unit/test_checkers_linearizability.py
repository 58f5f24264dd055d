"""Linearizability of the calls on one item, against a search of every possible order."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.checkers.linearizability import Explanation, explain
from fixtures.checkers.search import ItemHistory
from fixtures.model import FailoverWindow, Operation, OpKind, OpResult

WINDOW = FailoverWindow(4, 6)


def call(
    op_kind: OpKind,
    span: tuple[float, float],
    value: str = "",
    result: OpResult = OpResult.OK,
    client: str = "c1",
) -> Operation:
    """A call on the item."""
    action = f"{op_kind.title()}Object"
    return Operation(client, action, op_kind, "object", "o1", *span, result, value)


CALLS = st.builds(
    call,
    st.sampled_from((OpKind.CREATE, OpKind.CHANGE, OpKind.DESTROY, OpKind.READ, OpKind.READ)),
    st.tuples(st.integers(0, 9), st.integers(0, 4)).map(lambda pair: (pair[0], sum(pair))),
    st.sampled_from(("", "a", "b")),
    st.sampled_from((OpResult.OK, OpResult.OK, OpResult.UNKNOWN, OpResult.REFUSED)),
)


def possible(
    calls: Sequence[Operation], final_values: tuple[str, ...] | None, window: FailoverWindow
) -> bool:
    """Whether any order of the calls explains all replies, by trying them all."""

    def tried(left: Sequence[Operation], value: str | None, before: Sequence[Operation]) -> bool:
        if all(c.result is not OpResult.OK for c in left) and fits(value, final_values):
            return True
        return any(
            tried([c for c in left if c is not call], after(value, call), [*before, call])
            for call in left
            if not any(c.result is OpResult.OK and c.ended < call.began for c in left)
            and (call.result is OpResult.OK or not any(overtakes(c, call) for c in before))
            and (call.op_kind is not OpKind.READ or fits(value, returned_values(call)))
        )

    def overtakes(write: Operation, unsure: Operation) -> bool:
        acknowledged = write.result is OpResult.OK and write.op_kind is not OpKind.READ
        return acknowledged and unsure.began < window.ended <= write.began

    return tried([call for call in calls if may_take_effect(call)], None, [])


def may_take_effect(call: Operation) -> bool:
    """Whether a call must be explained: it was answered, or is a write of unknown outcome."""
    unknown_write = call.result is OpResult.UNKNOWN and call.op_kind is not OpKind.READ
    return call.result is OpResult.OK or unknown_write


def after(value: str | None, call: Operation) -> str | None:
    """The item's value after a call."""
    if call.op_kind is OpKind.READ:
        return value
    return None if call.op_kind is OpKind.DESTROY else call.value


def returned_values(read: Operation) -> tuple[str, ...]:
    """The values that a read returned."""
    return (read.value,) if read.value else ()


def fits(value: str | None, observed: tuple[str, ...] | None) -> bool:
    """Whether an item with this value may be observed so; an unknown value fits any."""
    if observed is None:
        return True
    if value is None:
        return not observed
    return any(not seen or not value or seen == value for seen in observed)


@settings(max_examples=300, deadline=None)
@given(
    calls=st.lists(CALLS, max_size=6),
    final_values=st.sampled_from((None, (), ("a",), ("b",), ("",), ("a", "b"))),
)
def test_an_explanation_is_empty_if_the_calls_are_linearizable(
    calls: list[Operation], final_values: tuple[str, ...] | None
) -> None:
    """There is no anomaly if and only if some order of the calls explains all replies."""
    found = explain(ItemHistory("object", "o1", tuple(calls), final_values), WINDOW)
    assert (found == Explanation()) is possible(calls, final_values, WINDOW)
