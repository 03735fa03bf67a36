"""`before_send`: a team's rules, before anything is locked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from chat import hooks, wire
from chat.drafts import Draft
from chat.events import Event
from chat.exceptions import ChatError, Refused
from chat.models import AbstractMessage
from chat.services import sending
from chat.services.conversations import create_conversation
from planb.accounts.models import User
from tests.chat.conversing import draft, head, send, start
from tests.stored import Conversation

Answers = Sequence[Draft | ChatError]


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    return start(awa, koffi)


def no_numbers(drafts: Sequence[Draft]) -> Answers:
    return [Refused("No phone numbers.") if any(map(str.isdigit, draft.text)) else draft for draft in drafts]


def louder(drafts: Sequence[Draft]) -> Answers:
    return [replace(draft, text=draft.text.upper(), metadata={"louder": True}) for draft in drafts]


def test_a_hook_refuses_and_nothing_is_written(awa: User, talk: UUID, untold: Callable[[], list[Event]]) -> None:
    untold()
    with hooks.register_temporarily("before_send", no_numbers), pytest.raises(Refused, match="phone"):
        send(awa, talk, "call 0707")
    assert head(talk) == 0
    assert untold() == []
    assert send(awa, talk, "call 0707").seq == 1, "and only inside the `with`"


def test_a_hook_changes_what_is_stored_but_not_what_counts_as_the_same(awa: User, talk: UUID) -> None:
    first = draft(awa, talk, "bonjour")
    with hooks.register_temporarily("before_send", louder):
        sent = sending.send_messages([first])[0].message
    assert (sent.text, sent.metadata) == ("BONJOUR", {"louder": True})
    again = sending.send_messages([first])[0]
    assert (again.repeated, again.message) == (True, sent)


def test_hooks_run_in_order_and_later_ones_do_not_see_what_was_refused(awa: User, talk: UUID) -> None:
    seen: list[str] = []

    def note(drafts: Sequence[Draft]) -> Answers:
        seen.extend(draft.text for draft in drafts)
        return drafts

    with (
        hooks.register_temporarily("before_send", note, order=300),
        hooks.register_temporarily("before_send", louder, order=200),
        hooks.register_temporarily("before_send", no_numbers, order=100),
    ):
        prepared = sending.run_hooks([draft(awa, talk, "a1"), draft(awa, talk, "b")])
    assert seen == ["B"]
    assert isinstance(prepared[0], Refused)


def test_a_hook_that_loses_a_draft_is_an_error_not_a_lost_message(awa: User, talk: UUID) -> None:
    with (
        hooks.register_temporarily("before_send", lambda drafts: drafts[1:]),
        pytest.raises(ValueError, match="argument"),
    ):
        sending.send_messages([draft(awa, talk, "a"), draft(awa, talk, "b")])
    assert head(talk) == 0


def test_no_hook_sees_the_repeat_of_a_message(awa: User, talk: UUID) -> None:
    calls: list[int] = []

    def counting(drafts: Sequence[Draft]) -> Answers:
        calls.append(len(drafts))
        return [Refused() if len(calls) > 1 else draft for draft in drafts]

    with hooks.register_temporarily("before_send", counting):
        first = draft(awa, talk)
        sent = sending.write_one(first, lambda draft: None)
        again = sending.write_one(first, lambda draft: None)
    assert again == replace(sent, repeated=True)
    assert calls == [1]


def test_a_repeated_creation_is_not_refused_by_a_hook_that_has_changed_its_mind(awa: User, koffi: User) -> None:
    command = wire.CreateConversation(
        client_id=uuid4(),
        kind="direct",
        users=[str(koffi.pk)],
        message=wire.FirstMessage(client_id=uuid4(), text="call 0707"),
    )
    first = create_conversation(user=awa, command=command)
    with hooks.register_temporarily("before_send", no_numbers):
        again = create_conversation(user=awa, command=command)
    assert (again.view.conversation, again.created) == (first.view.conversation, False)


def test_a_refused_first_message_leaves_no_conversation(
    awa: User, koffi: User, untold: Callable[[], list[Event]]
) -> None:
    with hooks.register_temporarily("before_send", no_numbers), pytest.raises(Refused):
        start(awa, koffi, message=wire.FirstMessage(client_id=uuid4(), text="call 0707"))
    assert Conversation.objects.count() == 0
    assert untold() == []


def test_a_hook_fills_ext_for_every_message_at_once(awa: User, talk: UUID) -> None:
    send(awa, talk)
    calls: list[int] = []

    def lengths(rows: Sequence[AbstractMessage]) -> list[wire.Json]:
        calls.append(len(rows))
        return [{"length": len(row.text)} for row in rows]

    with hooks.register_temporarily("message_ext", lengths):
        sent = sending.send_messages([draft(awa, talk, "abc"), draft(awa, talk, "de")])
    assert [item.message.ext["length"] for item in sent] == [3, 2]
    assert calls == [2]
