"""Who may see whom: those who take part in a conversation together, now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.exceptions import NotFound
from chat.models import Participant
from chat.services.conversations import create_conversation
from chat.swap import conversation_model
from chat.wire import CreateConversation, FirstMessage
from planb.accounts.models import User
from presence import people


@pytest.fixture
def talk(awa: User, koffi: User) -> Participant:
    """Koffi's row in a conversation with Awa that has begun."""
    return begin(awa, koffi)


def begin(one: User, *others: User) -> Participant:
    """One writes to the others; returns the first other's row."""
    opened = create_conversation(
        user=one,
        command=CreateConversation(
            client_id=uuid4(),
            kind="direct" if len(others) == 1 else "group",
            users=[str(other.pk) for other in others],
            title="" if len(others) == 1 else "Group",
            message=FirstMessage(client_id=uuid4(), text="Bonjour"),
        ),
    )
    row: Participant = Participant.objects.get(conversation=opened.view.conversation.id, user=others[0])
    assert row.listed
    return row


def test_people_who_talk_see_each_other_and_oneself(awa: User, koffi: User, talk: Participant) -> None:
    assert people.acquaintances(awa, [str(koffi.pk), str(awa.pk)]) == {str(koffi.pk): True, str(awa.pk): True}
    assert people.acquaintances(koffi, [str(awa.pk)]) == {str(awa.pk): True}


def test_a_stranger_sees_nobody_but_themselves(awa: User, koffi: User, yao: User, talk: Participant) -> None:
    assert people.acquaintances(yao, [str(awa.pk), str(koffi.pk), str(yao.pk)]) == {str(yao.pk): True}


def test_opening_a_conversation_with_somebody_does_not_show_them(awa: User, koffi: User, talk: Participant) -> None:
    Participant.objects.filter(pk=talk.pk).update(listed=False)
    assert people.acquaintances(awa, [str(koffi.pk)]) == {}
    assert people.companions(awa, talk.conversation_id) == {}
    assert people.acquaintances(koffi, [str(awa.pk)]) == {}, "who does not know of it sees nobody either"
    assert people.still_shared([(awa.pk, str(koffi.pk)), (koffi.pk, str(awa.pk))]) == set()


@pytest.mark.parametrize("answer", [Participant.State.REQUEST, Participant.State.IGNORED])
def test_writing_to_somebody_who_has_not_accepted_does_not_show_them(
    awa: User, koffi: User, talk: Participant, answer: str
) -> None:
    Participant.objects.filter(pk=talk.pk).update(state=answer)
    assert people.acquaintances(awa, [str(koffi.pk)]) == {}
    assert people.companions(awa, talk.conversation_id) == {}
    assert people.still_shared([(awa.pk, str(koffi.pk))]) == set()
    assert people.acquaintances(koffi, [str(awa.pk)]) == {str(awa.pk): True}


def test_who_has_left_neither_sees_nor_is_seen(awa: User, koffi: User, talk: Participant) -> None:
    leave(talk)
    assert people.acquaintances(awa, [str(koffi.pk)]) == {}
    assert people.acquaintances(koffi, [str(awa.pk)]) == {}
    assert people.companions(koffi, talk.conversation_id) == {}
    assert people.still_shared([(awa.pk, str(koffi.pk)), (koffi.pk, str(awa.pk))]) == set()


def test_one_shared_conversation_of_several_is_enough(awa: User, koffi: User, yao: User, talk: Participant) -> None:
    begin(awa, koffi, yao)
    leave(talk)
    assert people.acquaintances(awa, [str(koffi.pk)]) == {str(koffi.pk): True}
    assert people.still_shared([(awa.pk, str(koffi.pk))]) == {(awa.pk, str(koffi.pk))}


def test_a_deactivated_person_is_known_as_such(awa: User, koffi: User, talk: Participant) -> None:
    User.objects.filter(pk=koffi.pk).update(is_active=False)
    assert people.acquaintances(awa, [str(koffi.pk)]) == {str(koffi.pk): False}
    assert people.companions(awa, talk.conversation_id) == {str(koffi.pk): False}


def test_what_is_no_key_is_nobody(awa: User, koffi: User, talk: Participant) -> None:
    hostile = ["", "1", "koffi", "' OR 1=1 --", "\x00", "%s", "é" * 64, str(uuid4())]
    assert people.acquaintances(awa, [*hostile, str(koffi.pk).upper()]) == {str(koffi.pk): True}
    assert people.acquaintances(awa, hostile) == {}
    assert people.still_shared([(awa.pk, raw) for raw in hostile]) == set()


def test_pairs_are_rechecked_all_at_once(
    awa: User, koffi: User, yao: User, talk: Participant, django_assert_num_queries: Any
) -> None:
    pairs = {(one.pk, str(other.pk)) for one in (awa, koffi, yao) for other in (awa, koffi, yao)}
    with django_assert_num_queries(1):
        kept = people.still_shared(pairs)
    strange = {(one.pk, str(other.pk)) for one, other in ((awa, yao), (koffi, yao), (yao, awa), (yao, koffi))}
    assert kept == pairs - strange


def test_each_question_is_one_query(awa: User, koffi: User, talk: Participant, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert people.acquaintances(awa, [str(koffi.pk), str(awa.pk), *(str(uuid4()) for _ in range(198))])
    with django_assert_num_queries(1):
        assert people.companions(awa, talk.conversation_id)
    with django_assert_num_queries(1):
        assert people.may_type(awa, talk.conversation_id)


def test_a_conversation_shows_its_first_fifty_others_in_order_of_joining(
    awa: User, make_user: Callable[[str], User]
) -> None:
    crowd = [make_user(f"person-{number:02}") for number in range(60)]
    row = begin(awa, *crowd)
    found = people.companions(awa, row.conversation_id)
    first = Participant.objects.filter(conversation=row.conversation_id).exclude(user=awa).order_by("joined_at", "id")
    assert list(found) == [str(entry.user_id) for entry in first[:50]]


def test_only_members_type_and_only_where_they_may_write(awa: User, koffi: User, yao: User, talk: Participant) -> None:
    assert people.may_type(awa, talk.conversation_id)
    for stranger, conversation in ((yao, talk.conversation_id), (awa, uuid4())):
        with pytest.raises(NotFound):
            people.may_type(stranger, conversation)
    conversation_model().objects.filter(pk=talk.conversation_id).update(closed_at=timezone.now())
    assert not people.may_type(awa, talk.conversation_id)


def leave(row: Participant) -> None:
    Participant.objects.filter(pk=row.pk).update(removed_at=timezone.now(), removed_seq=1, removal="left")
