"""What changed since a place: state, not a log, and never half of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from chat import wire
from chat.exceptions import NotFound
from chat.services.messages import list_changes, sync
from chat.services.receipts import mark_read
from planb.accounts.models import User
from tests.chat.conversing import send, send_many, start
from tests.stored import Conversation, Message


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    """Ten messages."""
    conversation = start(awa, koffi)
    send_many(awa, conversation, 10)
    return conversation


def change(conversation: UUID, seq: int) -> int:
    """What an edit will do: the message takes the next number as its last change."""
    row = Conversation.objects.get(pk=conversation)
    row.seq += 1
    row.save()
    Message.objects.filter(conversation=conversation, seq=seq).update(
        changed_seq=row.seq, text="edited", edited_at=timezone.now()
    )
    return int(row.seq)


def changed(found: wire.Changes) -> list[tuple[int, int]]:
    assert isinstance(found.messages, list)
    return [(message.seq, message.changed_seq) for message in found.messages]


def test_everything_after_a_place_in_order_of_its_last_change(awa: User, talk: UUID) -> None:
    change(talk, 2)
    change(talk, 9)
    change(talk, 2)
    found = list_changes(user=awa, conversation=talk, after=8)
    assert changed(found) == [(10, 10), (9, 12), (2, 13)], "what changed thrice comes once, as it is now"
    assert (found.after, found.seq, found.more, found.state) == (8, 13, False, None)


@pytest.mark.parametrize("after", [10, 11, 2**53 - 1])
def test_nothing_after_the_head(awa: User, talk: UUID, after: int) -> None:
    found = list_changes(user=awa, conversation=talk, after=after)
    assert (found.messages, found.seq, found.more) == ([], 10, False)
    assert "reset" not in wire.builtins(found)


def test_a_limit_cuts_and_says_how_far_it_came(awa: User, talk: UUID) -> None:
    seen: list[tuple[int, int]] = []
    after = 0
    for _ in range(10):
        found = list_changes(user=awa, conversation=talk, after=after, limit=3)
        seen += changed(found)
        after = found.seq
        if not found.more:
            break
    assert seen == [(place, place) for place in range(1, 11)]
    assert after == 10


def test_too_much_is_a_reset_and_nothing_else(awa: User, talk: UUID, settings: Any) -> None:
    settings.CHAT_CHANGES_LIMIT = 9
    found = list_changes(user=awa, conversation=talk, after=0, limit=3)
    assert wire.builtins(found) == {"conversation": str(talk), "seq": 10, "reset": True}
    assert len(changed(list_changes(user=awa, conversation=talk, after=1))) == 9, "exactly the limit is not too much"


def test_a_change_of_the_conversation_brings_it_whole(awa: User, talk: UUID) -> None:
    Conversation.objects.filter(pk=talk).update(seq=11, changed_seq=11)
    found = list_changes(user=awa, conversation=talk, after=10)
    assert isinstance(found.state, wire.Conversation)
    assert (found.state.seq, found.state.changed_seq, found.seq) == (11, 11, 11)
    assert list_changes(user=awa, conversation=talk, after=11).state is None


def test_it_brings_the_marks_of_all_and_the_people_and_quotes(awa: User, koffi: User, talk: UUID) -> None:
    first = list_changes(user=awa, conversation=talk, after=0).messages
    assert isinstance(first, list)
    send(koffi, talk, "quote", reply_to=UUID(first[0].id))
    mark_read(user=koffi, conversation=talk, seq=7)
    found = list_changes(user=awa, conversation=talk, after=10)
    assert found.receipts == {
        str(awa.pk): wire.Receipt(read_seq=0, delivered_seq=0),
        str(koffi.pk): wire.Receipt(read_seq=7, delivered_seq=7),
    }
    assert found.referenced == [first[0]]
    assert isinstance(found.users, list)
    assert {user.display_name for user in found.users} == {"Awa", "Koffi"}


def test_a_stranger_gets_no_changes(yao: User, talk: UUID) -> None:
    for conversation in (talk, uuid4()):
        with pytest.raises(NotFound):
            list_changes(user=yao, conversation=conversation, after=0)


def test_sync_answers_for_those_that_are_ones_own_and_is_silent_on_the_rest(
    awa: User, koffi: User, yao: User, talk: UUID
) -> None:
    foreign = start(koffi, yao)
    send(koffi, foreign)
    other = start(awa, yao)
    send(awa, other)
    found = sync(user=awa, cursors={talk: 9, foreign: 0, uuid4(): 0, other: 0})
    assert [(UUID(item.conversation), item.seq) for item in found] == [(talk, 10), (other, 1)]
    assert changed(found[0]) == [(10, 10)]
    assert sync(user=yao, cursors={talk: 0}) == []
