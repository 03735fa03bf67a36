"""Starting a conversation: one per pair and subject, found again by whoever asks again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from chat import wire
from chat.events import ConversationAdded, Event, NewMessage
from chat.exceptions import BadRequest, ChatError, Conflict, Forbidden, NotFound, RateLimited, TooLarge
from chat.models import Participant
from chat.services.conversations import Opened, create_conversation, get_conversation
from planb.accounts.models import User
from tests.chat.conversing import row_of, send, start
from tests.stored import Conversation, Message

Untold = Callable[[], list[Event]]


def create(user: User, *others: Any, **fields: Any) -> Opened:
    given: dict[str, Any] = {"kind": "direct", "client_id": uuid4()} | fields
    users = [other if isinstance(other, str) else str(other.pk) for other in others]
    return create_conversation(user=user, command=wire.CreateConversation(users=users, **given))


def nothing_there() -> bool:
    return not (Conversation.objects.exists() or Participant.objects.exists() or Message.objects.exists())


# --- direct ---------------------------------------------------------------------------------------
def test_a_direct_conversation_is_its_starters_alone_until_the_first_message(
    awa: User, koffi: User, untold: Untold
) -> None:
    opened = create(awa, koffi)
    conversation = opened.view.conversation
    assert opened.created
    assert (conversation.kind, conversation.title, conversation.seq, conversation.last_message) == (
        "direct",
        "",
        0,
        None,
    )
    assert conversation.participant_count == 2
    assert {entry.user for entry in conversation.participants} == {str(awa.pk), str(koffi.pk)}
    assert {person.display_name for person in opened.users} == {"Awa", "Koffi"}
    assert [event.user for event in untold() if isinstance(event, ConversationAdded)] == [str(awa.pk)]
    with pytest.raises(NotFound):
        get_conversation(user=koffi, conversation=UUID(conversation.id))

    sent = send(awa, UUID(conversation.id))
    first, added = untold()
    assert isinstance(first, NewMessage)
    assert isinstance(added, ConversationAdded)
    assert (added.user, added.inbox_seq, added.mine.unread) == (str(koffi.pk), 1, 1)
    assert added.state.last_message == sent
    assert get_conversation(user=koffi, conversation=UUID(conversation.id)).view.mine == added.mine


def test_it_comes_with_its_first_message(awa: User, koffi: User, untold: Untold) -> None:
    opened = create(awa, koffi, message=wire.FirstMessage(client_id=uuid4(), text="  Bonjour\r\n!", metadata={"a": 1}))
    last = opened.view.conversation.last_message
    assert last is not None
    assert (last.text, last.metadata, last.seq) == ("  Bonjour\n!", {"a": 1}, 1)
    assert {event.user for event in untold() if isinstance(event, ConversationAdded)} == {str(awa.pk), str(koffi.pk)}


def test_the_pair_has_one_whoever_starts_it(awa: User, koffi: User) -> None:
    first = create(awa, koffi)
    for again in (create(awa, koffi), create(koffi, awa), create(awa, koffi, awa)):
        assert (again.view.conversation.id, again.created) == (first.view.conversation.id, False)
    assert Conversation.objects.count() == 1
    assert Participant.objects.count() == 2


def test_the_other_who_starts_it_too_sees_it_from_then_on(awa: User, koffi: User, untold: Untold) -> None:
    conversation = start(awa, koffi)
    untold()
    create(koffi, awa)
    (added,) = untold()
    assert isinstance(added, ConversationAdded)
    assert (added.user, added.inbox_seq) == (str(koffi.pk), 1)
    assert row_of(koffi, conversation).listed
    create(koffi, awa)
    assert untold() == [], "and hears of it once"


def test_somebody_who_is_named_in_another_spelling_is_the_same_person(awa: User, koffi: User) -> None:
    first = create(awa, koffi)
    again = create(awa, str(koffi.pk).upper(), f"{{{koffi.pk}}}")
    assert again.view.conversation.id == first.view.conversation.id


def test_the_same_pair_about_something_else_is_another_conversation(awa: User, koffi: User) -> None:
    about = [None, ("listing", "velo-ville"), ("listing", "frigo-200l")]
    made = [
        create(awa, koffi, subject=wire.SubjectRef(type=ref[0], id=ref[1]) if ref else None).view.conversation.id
        for ref in about
    ]
    assert len(set(made)) == 3
    again = create(koffi, awa, subject=wire.SubjectRef(type="listing", id="velo-ville"))
    assert (again.view.conversation.id, again.created) == (made[1], False)


# --- repeats --------------------------------------------------------------------------------------
def test_a_repeated_client_id_finds_the_group_that_it_made(awa: User, koffi: User, yao: User, untold: Untold) -> None:
    key = uuid4()
    message = wire.FirstMessage(client_id=uuid4(), text="Salut")
    first = create(awa, koffi, yao, kind="group", title="Vélo", client_id=key, message=message)
    untold()
    again = create(awa, yao, koffi, kind="group", title="Vélo", client_id=key, message=message)
    assert (again.view, again.created) == (first.view, False)
    assert untold() == []
    assert Message.objects.count() == 1


@pytest.mark.parametrize("other", [{"title": "Moto"}, {"users": "more"}, {"kind": "direct"}, {"subject": True}])
def test_a_repeated_client_id_with_other_content_is_a_conflict(
    awa: User, koffi: User, yao: User, make_user: Callable[..., User], untold: Untold, other: dict[str, Any]
) -> None:
    key = uuid4()
    create(awa, koffi, yao, kind="group", title="Vélo", client_id=key)
    untold()
    people = [koffi, yao]
    fields: dict[str, Any] = {"kind": "group", "title": "Vélo"} | other
    if fields.pop("users", None):
        people.append(make_user("fatou"))
    if fields["kind"] == "direct":
        people, fields = [koffi], {"kind": "direct"}
    if fields.get("subject"):
        fields["subject"] = wire.SubjectRef(type="listing", id="velo-ville")
    with pytest.raises(Conflict):
        create(awa, *people, client_id=key, **fields)
    assert (Conversation.objects.count(), untold()) == (1, [])


def test_two_people_may_use_the_same_client_id(awa: User, koffi: User, yao: User) -> None:
    key = uuid4()
    one = create(awa, yao, client_id=key)
    other = create(koffi, yao, client_id=key)
    assert one.view.conversation.id != other.view.conversation.id


def test_a_first_message_beyond_the_limit_leaves_nothing_but_its_repeat_is_answered(awa: User, koffi: User) -> None:
    def limit_reached(draft: object) -> None:
        raise RateLimited(retry_after=1)

    command = wire.CreateConversation(
        client_id=uuid4(),
        kind="direct",
        users=[str(koffi.pk)],
        message=wire.FirstMessage(client_id=uuid4(), text="Bonjour"),
    )
    with pytest.raises(RateLimited):
        create_conversation(user=awa, command=command, admit=limit_reached)
    assert nothing_there()
    made = create_conversation(user=awa, command=command, admit=lambda draft: None)
    again = create_conversation(user=awa, command=command, admit=limit_reached)
    assert again.view == made.view


# --- groups ---------------------------------------------------------------------------------------
def test_everybody_in_a_group_hears_of_it_and_its_maker_owns_it(
    awa: User, koffi: User, yao: User, untold: Untold
) -> None:
    opened = create(awa, koffi, yao, kind="group", title="  Ve\u0301lo ")
    conversation = opened.view.conversation
    assert (conversation.title, conversation.participant_count) == ("Vélo", 3)
    assert {entry.user: entry.role for entry in conversation.participants} == {
        str(awa.pk): "owner",
        str(koffi.pk): "member",
        str(yao.pk): "member",
    }
    assert {event.user for event in untold() if isinstance(event, ConversationAdded)} == {
        str(person.pk) for person in (awa, koffi, yao)
    }


@pytest.mark.parametrize(
    ("title", "error"), [("", BadRequest), (" \n", BadRequest), ("a\x00b", BadRequest), ("x" * 121, TooLarge)]
)
def test_a_group_needs_a_title_that_can_be_shown(
    awa: User, koffi: User, yao: User, title: str, error: type[ChatError]
) -> None:
    with pytest.raises(error) as caught:
        create(awa, koffi, yao, kind="group", title=title)
    assert caught.value.fields is not None
    assert "title" in caught.value.fields
    assert nothing_there()


def test_a_direct_conversation_has_no_title(awa: User, koffi: User) -> None:
    with pytest.raises(BadRequest):
        create(awa, koffi, title="Mine")
    assert nothing_there()


def test_a_group_has_a_limit(awa: User, koffi: User, yao: User, settings: Any) -> None:
    settings.CHAT_GROUP_LIMIT = 2
    with pytest.raises(BadRequest):
        create(awa, koffi, yao, kind="group", title="Three")
    assert nothing_there()


# --- people ---------------------------------------------------------------------------------------
def test_nobody_talks_to_themselves(awa: User) -> None:
    with pytest.raises(BadRequest):
        create(awa, awa)
    assert nothing_there()


def test_a_direct_conversation_has_exactly_one_other(awa: User, koffi: User, yao: User) -> None:
    with pytest.raises(BadRequest):
        create(awa, koffi, yao)
    assert nothing_there()


@pytest.mark.parametrize("raw", [str(uuid4()), "nobody", "1", "\x00", "🙂" * 64])
def test_people_who_are_not_there_are_not_found(awa: User, koffi: User, raw: str) -> None:
    with pytest.raises(NotFound):
        create(awa, raw)
    with pytest.raises(NotFound):
        create(awa, str(koffi.pk), raw, kind="group", title="Half")
    assert nothing_there()


def test_a_closed_account_cannot_be_written_to(awa: User, make_user: Callable[..., User], untold: Untold) -> None:
    gone = make_user("gone", is_active=False)
    with pytest.raises(Forbidden):
        create(awa, gone)
    assert nothing_there()
    assert untold() == []


# --- subjects -------------------------------------------------------------------------------------
def test_the_resolver_says_what_a_subject_looks_like(awa: User, koffi: User) -> None:
    # What a client claims beside type and id is not even read.
    raw = {
        "client_id": str(uuid4()),
        "kind": "direct",
        "users": [str(koffi.pk)],
        "subject": {"type": "listing", "id": "velo-ville", "title": "Free money", "url": "https://evil.example"},
    }
    opened = create_conversation(user=awa, command=wire.convert(raw, wire.CreateConversation))
    subject = opened.view.conversation.subject
    assert subject is not None
    assert (subject.title, subject.url) == ("Vélo de ville, très bon état", None)


@pytest.mark.parametrize(
    ("ref", "error"),
    [
        (("listing", "not-there"), NotFound),
        (("listing", "velo-ville\x00"), BadRequest),
        (("order", "velo-ville"), BadRequest),
        (("__class__", "x"), BadRequest),
        (("listing", "../velo-ville"), NotFound),
    ],
)
def test_a_subject_that_the_deployment_does_not_know_is_refused(
    awa: User, koffi: User, ref: tuple[str, str], error: type[ChatError]
) -> None:
    with pytest.raises(error):
        create(awa, koffi, subject=wire.SubjectRef(type=ref[0], id=ref[1]))
    assert nothing_there()
