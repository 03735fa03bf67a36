"""The team's fields, rules and subjects, through both doors of a real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from planb.accounts.models import User
from tests.acme.models import Conversation, Listing, Message
from tests.people import Person, query

SignIn = Callable[[User], Person]
PHONE = "Call me: +225 07 07 07 07 07"


def stored() -> tuple[int, int, int]:
    heads = Conversation.objects.values_list("seq", flat=True)
    return Conversation.objects.count(), Message.objects.count(), sum(heads)


def test_fields_of_swapped_models_are_stored_and_shown(awa: User, talk: UUID, sign_in: SignIn) -> None:
    sent = sign_in(awa).send(str(talk), "Bonjour ACME")
    assert (sent["ext"], sent["text"]) == ({"language": "fr"}, "Bonjour Acme")
    row: Any = Message.objects.get(pk=sent["id"])
    assert row.language == "fr"
    state = sign_in(awa).get(f"conversations/{talk}")["conversation"]
    assert state["ext"] == {"branch": "Abidjan"}
    assert state["last_message"] == sent
    assert state["subject"] == {
        "type": "listing",
        "id": "bike",
        "title": "City bike",
        "url": "https://acme.example/l/bike",
        "image": None,
    }


def test_people_carry_the_teams_fields(awa: User, koffi: User, talk: UUID, sign_in: SignIn) -> None:
    users = sign_in(awa).get(f"conversations/{talk}/messages")["users"]
    assert [user["ext"] for user in users] == [{"seller": False}]


@pytest.mark.parametrize("by", ["rest", "socket"])
async def test_a_refusal_has_the_teams_code_on_both_doors(
    by: str, awa: User, koffi: User, talk: UUID, sign_in: SignIn
) -> None:
    before = query(stored)
    fields: dict[str, Any] = {"conversation": str(talk), "client_id": str(uuid4()), "text": PHONE}
    async with sign_in(koffi).socket() as other, sign_in(awa).socket() as socket:
        if by == "rest":
            answer = sign_in(awa).call("POST", "messages", fields)
            assert answer.status_code == 422
            error = answer.json()["error"]
        else:
            error = (await socket.ask("send_message", **fields))["error"]
        assert error == {
            "code": "acme.phone_number",
            "message": "Please keep phone numbers to yourself until the sale.",
            "retry": False,
            "fields": {"text": "holds a phone number"},
        }
        assert query(stored) == before
        await socket.data("send_message", conversation=str(talk), client_id=str(uuid4()), text="After that")
        await other.message("After that")
        assert [frame["message"]["text"] for frame in other.events("new_message")] == ["After that"]


def test_a_subject_that_is_not_there_is_not_found(awa: User, koffi: User, bike: Any, sign_in: SignIn) -> None:
    body = {"client_id": str(uuid4()), "kind": "direct", "users": [str(koffi.pk)]}
    answer = sign_in(awa).call("POST", "conversations", body | {"subject": {"type": "listing", "id": "boat"}})
    assert answer.status_code == 404
    assert stored() == (0, 0, 0)


def test_a_hook_refuses_a_new_conversation_and_leaves_an_old_one(
    awa: User, koffi: User, yao: User, talk: UUID, sign_in: SignIn
) -> None:
    Listing.objects.update(withdrawn=True)
    before = stored()
    subject = {"type": "listing", "id": "bike"}
    body = {"client_id": str(uuid4()), "kind": "direct", "users": [str(koffi.pk)], "subject": subject}
    answer = sign_in(yao).call("POST", "conversations", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "acme.withdrawn")
    assert stored() == before
    assert sign_in(awa).talk_to(koffi, subject=subject) == str(talk), "what was begun goes on"


def test_the_policy_is_the_teams(awa: User, talk: UUID, sign_in: SignIn) -> None:
    person = sign_in(awa)
    assert "acme.make_offer" in person.get(f"conversations/{talk}")["mine"]["can"]
    Conversation.objects.filter(pk=talk).update(**{"frozen": True})
    before = stored()
    answer = person.call("POST", "messages", {"conversation": str(talk), "client_id": str(uuid4()), "text": "Hello"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "acme.frozen")
    assert stored() == before
    assert "send" not in person.get(f"conversations/{talk}")["mine"]["can"]


def test_every_constraint_and_field_came_along() -> None:
    from chat.models import AbstractConversation, AbstractMessage

    for mine, theirs in ((Conversation, AbstractConversation), (Message, AbstractMessage)):
        kept = {
            constraint.name.replace("%(app_label)s_%(class)s", mine._meta.db_table)
            for constraint in theirs._meta.constraints
        }
        assert kept and kept <= {constraint.name for constraint in mine._meta.constraints}
        assert {field.name for field in theirs._meta.local_fields} <= {field.name for field in mine._meta.fields}
