"""Pages of messages: before, after and around a place, to the edges."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.exceptions import NotFound
from chat.services.messages import get_message, page_messages
from planb.accounts.models import User
from tests.chat.conversing import send, send_many, seqs, start
from tests.stored import Message

HUGE = 2**53 - 1


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    """Ten messages."""
    conversation = start(awa, koffi)
    send_many(awa, conversation, 10)
    return conversation


@pytest.mark.parametrize(
    ("asked", "limit", "wanted", "more_before", "more_after"),
    [
        ({}, 4, [7, 8, 9, 10], True, False),
        ({}, 10, [*range(1, 11)], False, False),
        ({}, 11, [*range(1, 11)], False, False),
        ({"before": 4}, 2, [2, 3], True, True),
        ({"before": 3}, 2, [1, 2], False, True),
        ({"before": 1}, 2, [], False, True),
        ({"before": 0}, 2, [], False, True),
        ({"before": 11}, 2, [9, 10], True, False),
        ({"before": HUGE}, 2, [9, 10], True, False),
        ({"after": 0}, 2, [1, 2], False, True),
        ({"after": 7}, 3, [8, 9, 10], True, False),
        ({"after": 8}, 3, [9, 10], True, False),
        ({"after": 10}, 3, [], True, False),
        ({"after": HUGE}, 3, [], True, False),
        ({"around": 5}, 4, [3, 4, 5, 6], True, True),
        ({"around": 5}, 5, [3, 4, 5, 6, 7], True, True),
        ({"around": 5}, 1, [5], True, True),
        ({"around": 1}, 4, [1, 2, 3, 4], False, True),
        ({"around": 10}, 4, [8, 9, 10], True, False),
        ({"around": 0}, 4, [1, 2, 3, 4], False, True),
        ({"around": HUGE}, 4, [9, 10], True, False),
    ],
)
def test_a_page_holds_what_was_asked_for(
    awa: User,
    talk: UUID,
    asked: dict[str, int],
    limit: int,
    wanted: list[int],
    more_before: bool,
    more_after: bool,
) -> None:
    page = page_messages(user=awa, conversation=talk, limit=limit, **asked)
    assert seqs(page.messages) == wanted
    assert (page.more_before, page.more_after) == (more_before, more_after)
    assert page.seq == 10


def test_an_empty_conversation_is_an_empty_page(awa: User, koffi: User) -> None:
    page = page_messages(user=awa, conversation=start(awa, koffi))
    assert (page.messages, page.seq, page.more_before, page.more_after) == ([], 0, False, False)


def test_a_page_brings_whom_it_names_and_what_it_quotes(awa: User, koffi: User, yao: User) -> None:
    group = start(awa, koffi, yao)
    quoted = send(koffi, group, "old")
    inside = send(awa, group, "new", reply_to=UUID(quoted.id), mentions=[str(yao.pk)])
    send(awa, group, "newer", reply_to=UUID(inside.id))
    page = page_messages(user=yao, conversation=group, limit=2)
    assert page.referenced == [quoted], "what is on the page itself is not said twice"
    assert {user.display_name for user in page.users} == {"Awa", "Koffi", "Yao"}


def test_a_deleted_or_hidden_message_keeps_its_place_and_says_nothing(awa: User, talk: UUID) -> None:
    rows = Message.objects.filter(conversation=talk)
    rows.filter(seq=3).update(text="", deleted_at="2026-01-01T00:00:00Z", deleted_by="author", metadata={"secret": 1})
    rows.filter(seq=4).update(hidden_at="2026-01-01T00:00:00Z", metadata={"secret": 1}, mentions=[str(awa.pk)])
    page = page_messages(user=awa, conversation=talk)
    assert seqs(page.messages) == [*range(1, 11)]
    for message in page.messages[2:4]:
        assert (message.text, message.metadata, message.mentions, message.reply_to) == ("", {}, [], None)
    assert (page.messages[2].deleted_by, page.messages[3].hidden_at) == ("author", "2026-01-01T00:00:00.000Z")


@pytest.mark.parametrize("asked", [{}, {"before": 5}, {"after": 5}, {"around": 5}])
def test_a_stranger_gets_no_page(yao: User, talk: UUID, asked: dict[str, int]) -> None:
    for conversation in (talk, uuid4()):
        with pytest.raises(NotFound, match="no such conversation"):
            page_messages(user=yao, conversation=conversation, **asked)


def test_one_message_is_for_members_alone(awa: User, koffi: User, yao: User, talk: UUID) -> None:
    message = page_messages(user=awa, conversation=talk, limit=1).messages[0]
    assert get_message(user=awa, message=UUID(message.id)) == message
    assert get_message(user=koffi, message=UUID(message.id)) == message
    for user, key in ((yao, UUID(message.id)), (awa, uuid4()), (awa, talk)):
        with pytest.raises(NotFound):
            get_message(user=user, message=key)


def test_the_queries_do_not_grow_with_the_page(awa: User, koffi: User, make_user: Callable[..., User]) -> None:
    group = start(awa, koffi, *[make_user(f"person{number}") for number in range(5)])
    first = send(awa, group)
    for number in range(30):
        send([awa, koffi][number % 2], group, reply_to=UUID(first.id), mentions=[str(koffi.pk)])

    def queries(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            page_messages(user=awa, conversation=group, limit=limit)
        return len(captured)

    assert queries(2) == queries(25) <= 6
