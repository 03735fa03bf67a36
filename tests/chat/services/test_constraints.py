"""What the database itself refuses, whoever writes: every constraint against one row that breaks it alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from chat.models import Epoch, Inbox, Participant
from planb.accounts.models import User
from tests.stored import Conversation, Message

Making = Callable[["Rows"], models.Model]


class Rows:
    """Good rows, each field of which a case may spoil."""

    def __init__(self, awa: User, koffi: User) -> None:
        self.awa, self.koffi = awa, koffi
        self.now = timezone.now()
        self.talk = self.conversation(seq=9)
        self.talk.save(force_insert=True)
        self.old = self.message(seq=1, changed_seq=1, client_id=uuid4())
        self.old.save(force_insert=True)

    def conversation(self, **fields: Any) -> Any:
        given = {"kind": "group", "created_by": self.awa, "client_id": uuid4()} | fields
        return Conversation(last_message_at=self.now, created_at=self.now, **given)

    def message(self, **fields: Any) -> Any:
        given = {"seq": 5, "changed_seq": 5, "sender": self.awa, "client_id": uuid4(), "draft_hash": b"x"} | fields
        return Message(conversation=self.talk, created_at=self.now, **given)

    def participant(self, **fields: Any) -> Participant:
        return Participant(conversation=self.talk, joined_at=self.now, **({"user": self.koffi} | fields))


@pytest.fixture
def rows(awa: User, koffi: User) -> Rows:
    return Rows(awa, koffi)


def twice(make: Callable[[Rows], models.Model]) -> Making:
    """The second of two rows that may not both be."""

    def second(rows: Rows) -> models.Model:
        make(rows).save(force_insert=True)
        return make(rows)

    return second


CASES: dict[str, list[Making]] = {
    "chat_conversation_kind_known": [lambda rows: rows.conversation(kind="crowd")],
    "chat_conversation_direct_has_key": [
        lambda rows: rows.conversation(kind="direct"),
        lambda rows: rows.conversation(kind="direct", direct_key="k", title="named"),
        lambda rows: rows.conversation(kind="group", direct_key="k"),
    ],
    "chat_conversation_direct_key_key": [
        twice(lambda rows: rows.conversation(kind="direct", direct_key="k")),
    ],
    "chat_conversation_subject_whole": [
        lambda rows: rows.conversation(subject_type="listing"),
        lambda rows: rows.conversation(subject_id="7"),
    ],
    "chat_conversation_seq_is_head": [
        lambda rows: rows.conversation(seq=1, last_message_seq=2),
        lambda rows: rows.conversation(seq=1, changed_seq=2),
        lambda rows: rows.conversation(seq=-1, last_message_seq=-1, changed_seq=-1),
        lambda rows: rows.conversation(history_start=0),
    ],
    "chat_conversation_creation_once": [
        lambda rows: rows.conversation(client_id=rows.talk.client_id),
    ],
    "chat_message_place": [lambda rows: rows.message(seq=1, changed_seq=4)],
    "chat_message_change": [twice(lambda rows: rows.message(seq=len(Message.objects.all()) + 1, changed_seq=7))],
    "chat_message_sent_once": [lambda rows: rows.message(client_id=rows.old.client_id)],
    "chat_message_seq_grows": [
        lambda rows: rows.message(seq=0, changed_seq=5),
        lambda rows: rows.message(seq=5, changed_seq=4),
    ],
    "chat_message_system_has_no_sender": [
        lambda rows: rows.message(kind="system", client_id=None),
        lambda rows: rows.message(kind="system", sender=None),
        lambda rows: rows.message(client_id=None),
        lambda rows: rows.message(draft_hash=None),
    ],
    "chat_message_deleted_is_empty": [
        lambda rows: rows.message(text="still here", deleted_at=rows.now, deleted_by="author"),
        lambda rows: rows.message(deleted_at=rows.now),
        lambda rows: rows.message(deleted_by="author"),
    ],
    "chat_participant_once": [twice(lambda rows: rows.participant())],
    "chat_participant_read_is_delivered": [
        lambda rows: rows.participant(read_seq=2, delivered_seq=1),
        lambda rows: rows.participant(read_seq=-1),
    ],
    "chat_participant_shown_was_read": [
        lambda rows: rows.participant(read_seq=2, delivered_seq=2, shown_read_seq=3),
        lambda rows: rows.participant(shown_read_seq=-1),
    ],
    "chat_participant_removal_whole": [
        lambda rows: rows.participant(removed_at=rows.now),
        lambda rows: rows.participant(removed_seq=3),
        lambda rows: rows.participant(removal="left"),
        lambda rows: rows.participant(removed_at=rows.now, removal="left"),
        lambda rows: rows.participant(removed_at=rows.now, removed_seq=3),
    ],
    "chat_participant_role_known": [lambda rows: rows.participant(role="boss")],
    "chat_participant_state_known": [lambda rows: rows.participant(state="gone")],
    "chat_inbox_seq_grows": [lambda rows: Inbox(user=rows.koffi, seq=-1)],
    "chat_epoch_single": [lambda rows: Epoch(id=2)],
}


# Another constraint that such a row breaks as well, or the name that Django made up.
ALSO = {
    "chat_conversation_kind_known": "chat_conversation_direct_has_key",
    "chat_conversation_direct_key_key": "chat_conversation_direct_key_",
}


def named(name: str) -> str:
    """As it is called in the models in force: a swapped model's constraints are named after it."""
    for model in (Conversation, Message):
        name = name.replace(f"chat_{model.__name__.lower()}_", f"{model._meta.db_table}_")
    return name


@pytest.mark.parametrize(
    ("name", "make"), [pytest.param(name, make, id=name) for name, makings in CASES.items() for make in makings]
)
def test_the_database_refuses_a_row_that_breaks(name: str, make: Making, rows: Rows) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make(rows).save(force_insert=True)
    cause = caught.value.__cause__
    broken: str = getattr(getattr(cause, "diag", None), "constraint_name", "")
    assert broken == named(name) or broken.startswith(named(ALSO.get(name, name)))


def test_good_rows_are_taken(rows: Rows) -> None:
    for row in (
        rows.conversation(kind="direct", direct_key="k", subject_type="listing", subject_id="7"),
        rows.message(),
        rows.message(seq=6, changed_seq=6, kind="system", sender=None, client_id=None, draft_hash=None),
        rows.message(seq=7, changed_seq=8, deleted_at=rows.now, deleted_by="moderator", sender=None),
        rows.participant(read_seq=3, delivered_seq=3, removed_at=rows.now, removed_seq=3, removal="left"),
    ):
        row.save(force_insert=True)


def test_every_constraint_has_a_case() -> None:
    declared = {
        constraint.name
        for model in (Conversation, Message, Participant, Inbox, Epoch)
        for constraint in model._meta.constraints
    }
    assert declared == set(map(named, CASES)) - {named("chat_conversation_direct_key_key")}


@pytest.mark.parametrize("field", ["conversation", "sender", "reply_to"])
def test_nothing_that_a_message_names_can_be_deleted_from_under_it(rows: Rows, field: str) -> None:
    rows.message(reply_to=rows.old).save(force_insert=True)
    named: models.Model = {"conversation": rows.talk, "sender": rows.awa, "reply_to": rows.old}[field]
    with pytest.raises(models.ProtectedError):
        named.delete()
