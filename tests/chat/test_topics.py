"""The order in which a process tells a conversation to its sockets: pure, so that every order can be tried."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.realtime.topics import Step, Topic


class Listener:
    """Stands for a connection: what was said to it."""

    def __init__(self, user_id: str = "awa") -> None:
        self.user_id = user_id
        self.heard: list[str] = []
        self.topics: set[str] = {"c.1"}

    def send(self, text: str) -> None:
        self.heard.append(text)


def topic(cursor: int | None, *listeners: Any) -> Topic:
    return Topic("c.1", connections=set(listeners), cursor=cursor)


def test_what_follows_the_cursor_is_told_at_once() -> None:
    one, two = Listener(), Listener("koffi")
    here = topic(4, one, two)
    assert [here.take(5, "five"), here.take(6, "six")] == [Step.TOLD, Step.TOLD]
    assert one.heard == two.heard == ["five", "six"]
    assert (here.cursor, here.waiting) == (6, {})


@pytest.mark.parametrize("seq", [-1, 0, 1, 4])
def test_what_was_told_is_not_told_again(seq: int) -> None:
    one = Listener()
    here = topic(4, one)
    assert here.take(seq, "old") is Step.OLD
    assert (one.heard, here.cursor, here.waiting) == ([], 4, {})


def test_what_is_beyond_a_hole_waits_for_it() -> None:
    one = Listener()
    here = topic(4, one)
    assert [here.take(6, "six"), here.take(8, "eight"), here.take(6, "six again")] == [Step.HOLE] * 3
    assert one.heard == []
    assert here.take(5, "five") is Step.HOLE
    assert one.heard == ["five", "six again"]
    assert here.take(7, "seven") is Step.TOLD
    assert one.heard[2:] == ["seven", "eight"]
    assert here.waiting == {}


@pytest.mark.parametrize("order", [*permutations([1, 2, 3, 4])])
def test_in_whatever_order_they_come_they_are_told_in_theirs(order: tuple[int, ...]) -> None:
    one = Listener()
    here = topic(0, one)
    for seq in order:
        here.take(seq, str(seq))
        here.take(order[0], "again")
    assert [*dict.fromkeys(item for item in one.heard if item != "again")] == [
        str(seq) for seq in (1, 2, 3, 4) if str(seq) in one.heard
    ]
    assert (len(one.heard), here.cursor, here.waiting) == (4, 4, {})


def test_before_the_cursor_is_known_everything_waits() -> None:
    one = Listener()
    here = topic(None, one)
    assert [here.take(seq, str(seq)) for seq in (7, 9, 8, 3)] == [Step.HOLE] * 4
    assert here.advance(7) is Step.TOLD
    assert one.heard == ["8", "9"]
    assert (here.cursor, here.waiting) == (9, {})


def test_an_advance_forgets_what_it_passed_and_goes_on_behind_it() -> None:
    one = Listener()
    here = topic(1, one)
    for seq in (3, 4, 6, 8):
        here.take(seq, str(seq))
    assert here.advance(5) is Step.HOLE
    assert one.heard == ["6"]
    assert (here.cursor, set(here.waiting)) == (6, {8})


def test_an_advance_never_goes_back() -> None:
    here = topic(9, Listener())
    here.advance(4)
    assert here.cursor == 9


def test_who_is_removed_hears_the_change_that_removes_them_and_nothing_after() -> None:
    kept, gone = Listener("awa"), Listener("koffi")
    here = topic(4, kept, gone)
    here.take(6, "six")
    here.take(7, "seven", drop=["koffi"])
    here.take(8, "eight")
    here.take(5, "five")
    assert kept.heard == ["five", "six", "seven", "eight"]
    assert gone.heard == ["five", "six", "seven"]
    assert gone.topics == set()


@given(st.lists(st.integers(1, 12) | st.tuples(st.just("advance"), st.integers(0, 12)), max_size=40))
def test_nobody_hears_anything_twice_out_of_order_or_beyond_a_hole(steps: list[Any]) -> None:
    one = Listener()
    here = topic(0, one)
    known = 0
    for step in steps:
        if isinstance(step, tuple):
            here.advance(step[1])
        else:
            here.take(step, str(step))
        told = [int(item) for item in one.heard]
        assert told == sorted(set(told))
        assert here.cursor is not None
        assert here.cursor >= known
        assert here.cursor + 1 not in here.waiting
        assert all(seq > here.cursor for seq in here.waiting)
        known = here.cursor
