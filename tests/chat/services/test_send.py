"""Sending one message: what is taken, what is refused, and what a repeat gets."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from chat import render, wire
from chat.conf import conf
from chat.drafts import Draft, digest
from chat.events import Event, NewMessage
from chat.exceptions import ChatError, Closed, Conflict, NotFound, RateLimited, Unsupported
from chat.models import Participant
from chat.services import sending
from planb.accounts.models import User
from tests.chat.conversing import draft, head, send, start
from tests.stored import Conversation, Message

Untold = Callable[[], list[Event]]


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    return start(awa, koffi)


def refused(code: str, user: User, conversation: UUID, text: str = "Bonjour", **fields: Any) -> ChatError:
    """It raises an error of this code, and nothing has changed."""
    before = head(conversation), Message.objects.count()
    with pytest.raises(ChatError) as caught:
        send(user, conversation, text, **fields)
    assert caught.value.code == code
    assert (head(conversation), Message.objects.count()) == before
    return caught.value


# --- the sequence ---------------------------------------------------------------------------------
def test_messages_of_a_conversation_are_numbered_from_one_without_gaps(awa: User, koffi: User, talk: UUID) -> None:
    sent = [send(sender, talk, f"{number}") for number, sender in enumerate([awa, koffi, awa, awa, koffi])]
    assert [message.seq for message in sent] == [1, 2, 3, 4, 5]
    assert [message.changed_seq for message in sent] == [1, 2, 3, 4, 5]
    row = Conversation.objects.get(pk=talk)
    assert (row.seq, row.last_message_seq) == (5, 5)
    assert row.last_message_at == Message.objects.get(conversation=talk, seq=5).created_at


def test_each_conversation_counts_for_itself(awa: User, koffi: User, yao: User, talk: UUID) -> None:
    other = start(awa, yao)
    assert [send(awa, where).seq for where in (talk, other, talk, other)] == [1, 1, 2, 2]


def test_time_does_not_run_backwards_within_a_conversation_when_the_clock_does(awa: User, talk: UUID) -> None:
    first = send(awa, talk)
    later = "2099-01-01T00:00:00Z"
    Conversation.objects.filter(pk=talk).update(last_message_at=later)
    second = send(awa, talk)
    assert second.created_at == "2099-01-01T00:00:00.000Z" > first.created_at


# --- repeats --------------------------------------------------------------------------------------
def test_a_repeat_is_answered_with_the_stored_message_and_tells_nothing(awa: User, talk: UUID, untold: Untold) -> None:
    first = draft(awa, talk, "Bonjour", metadata={"price": 100})
    sent = sending.send_messages([first])[0]
    untold()
    again = sending.send_messages([draft(awa, talk, "Bonjour", metadata={"price": 100}, client_id=first.client_id)])[0]
    assert (sent.repeated, again.repeated) == (False, True)
    assert again.message == sent.message
    assert head(talk) == 1
    assert untold() == []


@pytest.mark.parametrize(
    "other", [{"text": "Bonsoir"}, {"metadata": {"price": 2}}, {"mentions": True}, {"reply_to": True}]
)
def test_the_same_client_id_with_other_content_is_a_conflict(
    awa: User, koffi: User, talk: UUID, untold: Untold, other: dict[str, Any]
) -> None:
    quoted = send(awa, talk)
    first = draft(awa, talk, "Bonjour", metadata={"price": 1})
    sending.send_messages([first])
    untold()
    fields = {"text": "Bonjour", "metadata": {"price": 1}} | other
    if "mentions" in other:
        fields["mentions"] = [str(koffi.pk)]
    if "reply_to" in other:
        fields["reply_to"] = UUID(quoted.id)
    refused("conflict", awa, talk, client_id=first.client_id, **fields)
    assert untold() == []


def test_the_same_client_id_of_two_people_or_in_two_conversations_is_two_messages(
    awa: User, koffi: User, yao: User, talk: UUID
) -> None:
    key, other = uuid4(), start(awa, yao)
    send(awa, talk, client_id=key)
    send(koffi, talk, client_id=key)
    send(awa, other, client_id=key)
    assert Message.objects.filter(client_id=key).count() == 3


def test_what_is_compared_is_the_draft_as_it_came_not_as_it_was_cleaned(awa: User, talk: UUID) -> None:
    key = uuid4()
    assert send(awa, talk, "a\r\nb", client_id=key).text == "a\nb"
    refused("conflict", awa, talk, "a\nb", client_id=key)


def test_mentions_in_another_order_are_the_same_draft(awa: User, koffi: User, talk: UUID) -> None:
    key, names = uuid4(), [str(awa.pk), str(koffi.pk)]
    first = send(awa, talk, client_id=key, mentions=names)
    assert send(awa, talk, client_id=key, mentions=names[::-1]) == first


# --- text -----------------------------------------------------------------------------------------
def test_text_is_stored_in_composed_form_with_plain_line_ends(awa: User, talk: UUID) -> None:
    decomposed = unicodedata.normalize("NFD", "Où ça ?\r\nÀ l’hôtel\rVoilà")
    assert send(awa, talk, decomposed).text == "Où ça ?\nÀ l’hôtel\nVoilà"
    assert Message.objects.get(conversation=talk).text == "Où ça ?\nÀ l’hôtel\nVoilà"


def test_the_limit_counts_code_points_after_composing(awa: User, talk: UUID) -> None:
    limit = conf().text_limit
    assert len(send(awa, talk, "e\u0301" * limit).text) == limit
    assert len(send(awa, talk, "😀" * limit).text) == limit
    assert len(send(awa, talk, "\r\n" * (limit - 1) + "x").text) == limit
    refused("too_large", awa, talk, "e\u0301" * (limit + 1))
    refused("too_large", awa, talk, "😀" * (limit + 1))
    # Some characters grow when they are composed.
    refused("too_large", awa, talk, "\u0958" * limit)


def test_the_longest_text_that_composes_to_the_limit_is_taken(awa: User, talk: UUID) -> None:
    letter = "\u03b1\u0313\u0300\u0345"
    assert len(unicodedata.normalize("NFC", letter)) == 1, "four code points that become one"
    assert len(send(awa, talk, letter * conf().text_limit).text) == conf().text_limit


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u00a0\u2003\u3000", "\u2028"])
def test_a_text_of_white_space_is_refused(awa: User, talk: UUID, text: str) -> None:
    assert refused("bad_request", awa, talk, text).fields == {"text": "is empty"}


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "x\udfffy", "\udc00\ud800"])
def test_a_text_that_the_database_cannot_hold_is_refused(awa: User, talk: UUID, text: str) -> None:
    refused("bad_request", awa, talk, text)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "%s {} \\u0000 \\", "'; DROP TABLE x; --", "\x07\x1b"])
def test_a_text_that_means_something_elsewhere_is_only_text_here(awa: User, talk: UUID, text: str) -> None:
    assert send(awa, talk, text).text == text
    assert Message.objects.get(conversation=talk).text == text


# --- what goes with it ----------------------------------------------------------------------------
def test_metadata_comes_back_as_it_went(awa: User, talk: UUID) -> None:
    metadata = {"order": {"lines": [1, 2.5, None, True, "\\u0000"]}, "": "", "ключ": "é"}
    assert send(awa, talk, metadata=metadata).metadata == metadata
    assert Message.objects.get(conversation=talk).metadata == metadata


def test_the_limit_of_metadata_counts_its_bytes_as_json(awa: User, talk: UUID) -> None:
    room = conf().metadata_limit - len('{"k":""}')
    assert send(awa, talk, metadata={"k": "x" * room}).metadata
    assert send(awa, talk, metadata={"k": "é" * (room // 2)}).metadata
    refused("too_large", awa, talk, metadata={"k": "x" * (room + 1)})
    refused("too_large", awa, talk, metadata={"k": "é" * (room // 2 + 1)})


@pytest.mark.parametrize("metadata", [{"a": "\x00"}, {"\x00": 1}, {"a": [{"b": ["c\x00"]}]}])
def test_metadata_with_a_nul_anywhere_is_refused(awa: User, talk: UUID, metadata: dict[str, Any]) -> None:
    refused("bad_request", awa, talk, metadata=metadata)


def test_huge_numbers_in_metadata_can_be_read_again(awa: User, talk: UUID) -> None:
    numbers = {"n": [1e300, -1e300, 5e-324, 2**63 - 1, -(2**63), 1e16]}
    sent = send(awa, talk, metadata=numbers)
    stored = render.messages([Message.objects.get(pk=sent.id)])[0]
    assert wire.loads(wire.encode(stored))["metadata"] == numbers


def test_attachments_are_not_taken_yet(awa: User, talk: UUID) -> None:
    with pytest.raises(Unsupported):
        send(awa, talk, attachments=[uuid4()])


def test_a_reply_names_a_message_of_the_same_conversation(awa: User, koffi: User, talk: UUID, untold: Untold) -> None:
    quoted = send(awa, talk, "Combien ?")
    untold()
    sent = send(awa, talk, "Trop", reply_to=UUID(quoted.id))
    assert sent.reply_to == quoted.id
    (event,) = untold()
    assert isinstance(event, NewMessage)
    assert list(event.referenced) == [quoted], "who hears of it can show what it quotes"


def test_a_reply_to_a_message_elsewhere_or_nowhere_is_refused(awa: User, koffi: User, yao: User, talk: UUID) -> None:
    mine = send(awa, start(awa, yao))
    foreign = send(koffi, start(koffi, yao))
    for target in (mine.id, foreign.id, str(uuid4()), str(talk)):
        error = refused("bad_request", awa, talk, reply_to=UUID(target))
        assert error.fields == {"reply_to": "not in this conversation"}, "all alike, so that nothing can be probed"


def test_people_of_the_conversation_can_be_mentioned(awa: User, koffi: User, talk: UUID) -> None:
    key = str(koffi.pk)
    assert send(awa, talk, mentions=[key, key, key.upper(), f"{{{key}}}"]).mentions == [key], "in one spelling, once"
    assert send(awa, talk, mentions=[str(awa.pk)]).mentions == [str(awa.pk)]


@pytest.mark.parametrize("who", ["stranger", "nobody", "nonsense", "\x00"])
def test_a_mention_of_somebody_else_is_refused(awa: User, yao: User, talk: UUID, who: str) -> None:
    raw = {"stranger": str(yao.pk), "nobody": str(uuid4())}.get(who, who)
    assert refused("bad_request", awa, talk, mentions=[raw]).fields == {"mentions": "not in this conversation"}


# --- who may --------------------------------------------------------------------------------------
def test_a_stranger_and_a_conversation_that_is_not_there_look_the_same(
    yao: User, awa: User, talk: UUID, untold: Untold
) -> None:
    untold()
    foreign = refused("not_found", yao, talk)
    with pytest.raises(NotFound) as nowhere:
        send(awa, uuid4())
    assert foreign.as_data() == nowhere.value.as_data()
    assert untold() == []


def test_the_other_side_of_a_direct_conversation_cannot_write_before_it_is_written_to(
    awa: User, koffi: User, talk: UUID
) -> None:
    refused("not_found", koffi, talk)
    send(awa, talk)
    assert send(koffi, talk).seq == 2


def test_a_sender_who_left_is_a_stranger_even_for_repeats(awa: User, koffi: User, yao: User) -> None:
    group = start(awa, koffi, yao)
    first = draft(koffi, group)
    sending.send_messages([first])
    Participant.objects.filter(conversation=group, user=koffi).update(
        removed_at="2026-01-01T00:00:00Z", removed_seq=1, removal="left"
    )
    refused("not_found", koffi, group)
    refused("not_found", koffi, group, client_id=first.client_id)
    assert sending.find_repeat(first) is None


def test_nobody_writes_in_a_closed_conversation_but_repeats_are_still_answered(awa: User, talk: UUID) -> None:
    first = draft(awa, talk)
    sent = sending.send_messages([first])[0]
    Conversation.objects.filter(pk=talk).update(closed_at="2026-01-01T00:00:00Z")
    with pytest.raises(Closed):
        send(awa, talk)
    assert sending.send_messages([first])[0].message == sent.message


def test_a_refused_send_is_not_remembered(awa: User, koffi: User, talk: UUID) -> None:
    key = uuid4()
    refused("bad_request", awa, talk, "first", client_id=key, mentions=["nobody"])
    assert send(awa, talk, "other", client_id=key).seq == 1


# --- through a door -------------------------------------------------------------------------------
def limit_reached(draft: Draft) -> None:
    raise RateLimited(retry_after=1)


def test_limits_refuse_what_is_new_and_never_a_repeat(awa: User, talk: UUID) -> None:
    known, fresh = draft(awa, talk), draft(awa, talk)
    sent = sending.write_one(known, lambda draft: None)
    again = sending.write_one(known, limit_reached)
    assert (again.message, again.repeated) == (sent.message, True)
    with pytest.raises(ChatError, match="slow down"):
        sending.write_one(fresh, limit_reached)
    assert head(talk) == 1


def test_a_repeat_with_other_content_is_a_conflict_even_beyond_the_limit(awa: User, talk: UUID) -> None:
    known = draft(awa, talk, "one")
    sending.write_one(known, lambda draft: None)
    with pytest.raises(Conflict):
        sending.write_one(draft(awa, talk, "two", client_id=known.client_id), limit_reached)


def test_a_draft_made_by_code_is_held_to_the_same_database(awa: User, talk: UUID) -> None:
    made = Draft(sender=awa, conversation=talk, client_id=uuid4(), text="From code", digest=digest("From code"))
    assert sending.send_messages([made])[0].message.text == "From code"
