"""What became of one thing: held against every order in which its calls could have happened."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.checkers.linearizability import Explanation, explain
from fixtures.checkers.search import ItemHistory
from fixtures.model import FailoverWindow, Operation, OpKind, OpResult

SWITCH = FailoverWindow(4, 6)


def call(
    act: OpKind,
    span: tuple[float, float],
    value: str = "",
    result: OpResult = OpResult.OK,
    client: str = "c1",
) -> Operation:
    """A call on the one thing that these tests are about."""
    return Operation(client, f"{act.title()}Object", act, "object", "o1", *span, result, value)


CALLS = st.builds(
    call,
    st.sampled_from((OpKind.CREATE, OpKind.CHANGE, OpKind.DESTROY, OpKind.READ, OpKind.READ)),
    st.tuples(st.integers(0, 9), st.integers(0, 4)).map(lambda two: (two[0], two[0] + two[1])),
    st.sampled_from(("", "a", "b")),
    st.sampled_from((OpResult.OK, OpResult.OK, OpResult.UNKNOWN, OpResult.REFUSED)),
)


def possible(
    calls: Sequence[Operation], stands: tuple[str, ...] | None, when: FailoverWindow
) -> bool:
    """Whether any order of the calls explains what they told, by trying them all."""

    def tried(left: Sequence[Operation], holds: str | None, before: Sequence[Operation]) -> bool:
        if all(c.result is not OpResult.OK for c in left) and fits(holds, stands):
            return True
        return any(
            tried([c for c in left if c is not one], after(holds, one), [*before, one])
            for one in left
            if not any(c.result is OpResult.OK and c.ended < one.began for c in left)
            and not (one.result is not OpResult.OK and any(overtaken(one, c) for c in before))
            and (one.op_kind is not OpKind.READ or fits(holds, (one.value,) if one.value else ()))
        )

    def overtaken(one: Operation, by: Operation) -> bool:
        written = by.result is OpResult.OK and by.op_kind is not OpKind.READ
        return written and one.began < when.ended <= by.began

    def after(holds: str | None, one: Operation) -> str | None:
        if one.op_kind is OpKind.READ:
            return holds
        return None if one.op_kind is OpKind.DESTROY else one.value

    def fits(holds: str | None, seen: tuple[str, ...] | None) -> bool:
        if seen is None:
            return True
        if holds is None:
            return not seen
        return any(not value or not holds or value == holds for value in seen)

    happened = (OpResult.OK, OpResult.UNKNOWN)
    told = [
        c
        for c in calls
        if c.result is OpResult.OK or (c.op_kind is not OpKind.READ and c.result in happened)
    ]
    return tried(told, None, [])


@settings(max_examples=300, deadline=None)
@given(
    calls=st.lists(CALLS, max_size=6),
    stands=st.sampled_from((None, (), ("a",), ("b",), ("",), ("a", "b"))),
)
def test_what_can_be_true_is_believed(
    calls: list[Operation], stands: tuple[str, ...] | None
) -> None:
    """There is no fault if and only if some order of the calls explains all that was told."""
    found = explain(ItemHistory("object", "o1", tuple(calls), stands), SWITCH)
    assert (found == Explanation()) is possible(calls, stands, SWITCH)
