"""Many drafts in one transaction: each has its own outcome, and the queries do not grow with them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chat.drafts import Draft
from chat.events import Event, NewMessage
from chat.exceptions import BadRequest, ChatError, Conflict, NotFound
from chat.services import sending
from chat.services.sending import Sent
from planb.accounts.models import User
from tests.chat.conversing import draft, head, send, start
from tests.stored import Message


def write(drafts: list[Draft | ChatError]) -> list[Sent | ChatError]:
    with transaction.atomic():
        return sending.write_batch(drafts)


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    conversation = start(awa, koffi)
    send(awa, conversation, "first")
    return conversation


def test_a_bad_draft_fails_alone_and_takes_no_number(
    awa: User, koffi: User, yao: User, talk: UUID, untold: Callable[[], list[Event]]
) -> None:
    stored = draft(awa, talk, "stored")
    sending.send_messages([stored])
    untold()
    outcomes = write(
        [
            draft(awa, talk, "a"),
            draft(yao, talk, "not mine"),
            draft(awa, uuid4(), "nowhere"),
            stored,
            draft(awa, talk, "other", client_id=stored.client_id),
            draft(awa, talk, "bad reply", reply_to=uuid4()),
            BadRequest(),
            draft(koffi, talk, "b"),
        ]
    )
    codes = [outcome.code if isinstance(outcome, ChatError) else outcome.message.seq for outcome in outcomes]
    assert codes == [3, "not_found", "not_found", 2, "conflict", "bad_request", "bad_request", 4]
    assert head(talk) == 4
    assert list(Message.objects.filter(conversation=talk).order_by("seq").values_list("text", flat=True)) == [
        *("first", "stored", "a", "b")
    ]
    assert [event.message.text for event in untold() if isinstance(event, NewMessage)] == ["a", "b"]


def test_twins_in_one_batch_are_one_message(awa: User, talk: UUID, untold: Callable[[], list[Event]]) -> None:
    untold()
    key = uuid4()
    twins = [draft(awa, talk, "twin", client_id=key) for _ in range(3)]
    outcomes = write([*twins, draft(awa, talk, "other", client_id=key), draft(awa, talk, "next")])
    sent = [outcome for outcome in outcomes if isinstance(outcome, Sent)]
    assert [item.repeated for item in sent] == [False, True, True, False]
    assert len({item.message.id for item in sent[:3]}) == 1
    assert isinstance(outcomes[3], Conflict)
    assert sent[3].message.seq == 3
    assert len(untold()) == 2


def test_twins_of_a_refused_draft_are_refused_alike(yao: User, talk: UUID) -> None:
    key = uuid4()
    outcomes = write([draft(yao, talk, "x", client_id=key) for _ in range(2)])
    assert all(isinstance(outcome, NotFound) for outcome in outcomes)
    assert head(talk) == 1


def test_a_batch_over_several_conversations_numbers_each_in_the_order_given(
    awa: User, koffi: User, yao: User, talk: UUID
) -> None:
    other = start(awa, yao)
    outcomes = write([draft(awa, where, f"{n}") for n, where in enumerate([talk, other, talk, other, talk])])
    assert [outcome.message.seq for outcome in outcomes if isinstance(outcome, Sent)] == [2, 1, 3, 2, 4]


def test_an_empty_batch_asks_nothing(django_assert_num_queries: Callable[[int], object], db: None) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        assert sending.write_batch([]) == []
    assert len(queries) == 0


def test_the_queries_of_a_batch_do_not_grow_with_it(awa: User, koffi: User, yao: User, talk: UUID) -> None:
    group = start(awa, koffi, yao)
    quoted = send(awa, talk)

    def queries(count: int) -> int:
        batch: list[Draft | ChatError] = [
            draft([awa, koffi][n % 2], [talk, group][n % 2], f"{n}", mentions=[str(awa.pk)]) for n in range(count)
        ]
        batch[0] = draft(awa, talk, "reply", reply_to=UUID(quoted.id))
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            outcomes = sending.write_batch(batch)
        assert all(isinstance(outcome, Sent) for outcome in outcomes)
        return len(captured)

    first = queries(1)
    assert first <= 7
    assert [queries(2), queries(50)] == [first, first]


def test_one_refusal_undoes_the_whole_of_what_code_sends(
    awa: User, talk: UUID, untold: Callable[[], list[Event]]
) -> None:
    untold()
    with pytest.raises(NotFound):
        sending.send_messages([draft(awa, talk, "fine"), draft(awa, uuid4(), "not")])
    assert head(talk) == 1
    assert Message.objects.filter(conversation=talk).count() == 1
    assert untold() == [], "what was rolled back is never told"
