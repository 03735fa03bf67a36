"""Everything runs beside itself: real threads on real connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any, TypeVar
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from chat import database, wire
from chat.events import Event, MineChanged
from chat.exceptions import ChatError, NotFound
from chat.models import Inbox, Participant
from chat.services import inbox, sending
from chat.services.conversations import Opened, create_conversation
from chat.services.participants import add_participants, remove_participant
from chat.services.receipts import mark_delivered, mark_read
from planb.accounts.models import User
from tests.chat.conversing import draft, head, row_of, send, send_many, start
from tests.stored import Conversation, Message

T = TypeVar("T")


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What was published, after commits; nobody listens."""
    events: list[Event] = []
    monkeypatch.setattr("chat.broadcast.send", events.extend)
    return events


def at_once(*works: Callable[[], T]) -> list[T]:
    """Each in a thread of its own, all let go together."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


def test_sixteen_writers_leave_no_gap_and_keep_each_ones_order(awa: User, koffi: User, yao: User) -> None:
    group = start(awa, koffi, yao)
    people = [awa, koffi, yao]

    def writer(number: int) -> Callable[[], list[int]]:
        return lambda: [send(people[number % 3], group, f"{number}/{turn}").seq for turn in range(5)]

    written = at_once(*(writer(number) for number in range(16)))
    assert sorted(seq for own in written for seq in own) == list(range(1, 81))
    assert all(own == sorted(own) for own in written)
    stored = Message.objects.filter(conversation=group).order_by("seq")
    assert [row.seq for row in stored] == list(range(1, 81))
    moments = [row.created_at for row in stored]
    assert moments == sorted(moments)
    assert head(group) == 80


def test_one_client_id_in_sixteen_threads_is_one_message(awa: User, koffi: User, told: list[Event]) -> None:
    talk = start(awa, koffi, kind="group")
    told.clear()
    wanted = draft(awa, talk)
    sent = at_once(*[lambda: sending.write_one(wanted, lambda draft: None)] * 16)
    assert len({item.message.id for item in sent}) == 1
    assert [item.repeated for item in sent].count(False) == 1
    assert Message.objects.filter(conversation=talk).count() == head(talk) == 1
    assert len(told) == 1


def test_two_batches_that_name_conversations_in_opposite_order_do_not_block_each_other(
    awa: User, koffi: User, yao: User
) -> None:
    one, other = start(awa, koffi, kind="group"), start(awa, yao, kind="group")

    def batches(order: Sequence[UUID]) -> Callable[[], int]:
        def write() -> int:
            for _ in range(15):
                sending.send_messages([draft(awa, conversation) for conversation in order])
            return 1

        return write

    assert sum(at_once(*[batches([one, other]), batches([other, one])] * 3)) == 6
    assert (head(one), head(other)) == (90, 90)


def test_two_people_who_start_with_each_other_at_once_get_one_conversation(awa: User, koffi: User) -> None:
    def starting(user: User, other: User, text: str) -> Callable[[], Opened]:
        command = wire.CreateConversation(
            client_id=uuid4(),
            kind="direct",
            users=[str(other.pk)],
            message=wire.FirstMessage(client_id=uuid4(), text=text),
        )
        return lambda: create_conversation(user=user, command=command)

    opened = at_once(*[starting(awa, koffi, "a"), starting(koffi, awa, "k")] * 4)
    assert len({item.view.conversation.id for item in opened}) == 1
    assert [item.created for item in opened].count(True) == 1
    assert Conversation.objects.count() == 1
    assert Participant.objects.filter(listed=True).count() == 2
    assert [row.seq for row in Inbox.objects.all()] == [1, 1], "each heard of it once"
    assert Message.objects.count() == 2, "and each client_id is one message"


def test_one_creation_repeated_at_once_is_one_group(awa: User, koffi: User, yao: User) -> None:
    command = wire.CreateConversation(client_id=uuid4(), kind="group", title="Vélo", users=[str(koffi.pk), str(yao.pk)])
    opened = at_once(*[lambda: create_conversation(user=awa, command=command)] * 8)
    assert len({item.view.conversation.id for item in opened}) == 1
    assert Participant.objects.count() == 3
    assert {row.seq for row in Inbox.objects.all()} == {1}


def test_marks_from_many_devices_at_once_end_at_the_furthest(awa: User, koffi: User, told: list[Event]) -> None:
    talk = start(awa, koffi, kind="group")
    send_many(awa, talk, 20)
    before = inbox.head(koffi)

    def marking(seq: int) -> Callable[[], Any]:
        if seq % 2:
            return lambda: mark_read(user=koffi, conversation=talk, seq=seq)
        return lambda: mark_delivered(user=koffi, marks={talk: seq})

    at_once(*(marking(seq) for seq in range(5, 21)))
    row = row_of(koffi, talk)
    assert (row.read_seq, row.delivered_seq) == (19, 20)
    numbers = sorted(
        event.inbox_seq for event in told if isinstance(event, MineChanged) and event.user == str(koffi.pk)
    )
    assert numbers == list(range(before + 1, inbox.head(koffi) + 1)), "each number of the inbox is told once"


def test_reading_beside_being_removed_blocks_nobody(awa: User, koffi: User, yao: User) -> None:
    group = start(awa, koffi, yao)
    send_many(awa, group, 3)

    def removing() -> str:
        for _ in range(25):
            remove_participant(user=awa, conversation=group, other=str(koffi.pk))
            add_participants(user=awa, conversation=group, users=[str(koffi.pk)])
        return "done"

    def reading() -> str:
        for _ in range(60):
            send(awa, group)
            with suppress(NotFound):
                mark_read(user=koffi, conversation=group, seq=2**40)
        return "done"

    assert at_once(removing, reading, reading) == ["done"] * 3
    numbers = Message.objects.filter(conversation=group).order_by("seq").values_list("seq", flat=True)
    assert list(numbers) == list(range(1, head(group) + 1))


# --- one transaction with the caller's own rows --------------------------------------------------
def test_a_message_commits_with_the_callers_rows_and_is_told_only_then(
    awa: User, koffi: User, told: list[Event]
) -> None:
    talk = start(awa, koffi, kind="group")
    told.clear()
    with transaction.atomic():
        User.objects.filter(pk=awa.pk).update(display_name="Awa, seller")
        send(awa, talk, "Your order is on its way")
        assert told == []
    assert len(told) == 1
    assert (head(talk), Message.objects.count()) == (1, 1)


def test_a_message_vanishes_with_the_callers_rollback_and_its_number_is_used_again(
    awa: User, koffi: User, told: list[Event]
) -> None:
    talk = start(awa, koffi, kind="group")
    told.clear()
    wanted = draft(awa, talk, "never")

    class PaymentFailed(Exception):
        pass

    with pytest.raises(PaymentFailed), transaction.atomic():
        sending.send_messages([wanted])
        raise PaymentFailed
    assert (head(talk), Message.objects.count(), told) == (0, 0, [])
    assert sending.send_messages([wanted])[0].message.seq == 1


def test_a_refusal_inside_the_callers_transaction_leaves_it_usable(awa: User, koffi: User, told: list[Event]) -> None:
    talk = start(awa, koffi, kind="group")
    told.clear()
    with transaction.atomic():
        send(awa, talk, "kept")
        with pytest.raises(NotFound):
            sending.send_messages([draft(awa, talk, "undone"), draft(awa, uuid4())])
        send(awa, talk, "kept too")
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["kept", "kept too"]
    assert len(told) == 2


def test_a_layer_that_fails_does_not_undo_what_is_committed(awa: User, koffi: User) -> None:
    talk = start(awa, koffi, kind="group")
    with patch("chat.broadcast.send", side_effect=ConnectionError("no layer")):
        assert send(awa, talk).seq == 1
    assert head(talk) == 1


def test_a_conversation_that_is_locked_for_long_is_unavailable_and_not_for_ever(
    awa: User, koffi: User, settings: Any
) -> None:
    settings.CHAT_LOCK_TIMEOUT = 0.2
    talk = start(awa, koffi, kind="group")

    def blocked() -> str:
        try:
            database._guarded(sending.write_one, draft(awa, talk), lambda draft: None)
        except ChatError as error:
            return error.code
        return "sent"

    with transaction.atomic():
        Conversation.objects.select_for_update().get(pk=talk)
        assert at_once(blocked) == ["unavailable"]
    assert at_once(blocked) == ["sent"]
    assert head(talk) == 1
