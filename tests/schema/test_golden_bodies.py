"""Every resource and every body of the REST door, as the golden files have them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chat import answers, wire
from planb.accounts import bodies
from presence import wire as presence
from tests.golden import as_golden, golden
from tests.schema.conftest import Cast


def test_a_conversation_and_its_bodies(cast: Cast, direct: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    as_golden("conversation_opened", koffi.get(f"conversations/{direct}"))
    as_golden("conversations", koffi.get("conversations"))
    as_golden("page", koffi.get(f"conversations/{direct}/messages"))
    as_golden("sync", koffi.post("sync", {"cursors": {direct: 0}}))
    as_golden("receipts", koffi.get(f"conversations/{direct}/receipts"))
    as_golden("positions", koffi.get("positions"))
    as_golden("inbox", koffi.get("inbox?after=0"))
    as_golden("participants", koffi.get(f"conversations/{direct}/participants"))
    as_golden("mine_answer", koffi.post(f"conversations/{direct}/read", {"seq": 1}))
    as_golden("users", koffi.get(f"users?ids={awa.id},{koffi.id}"))
    as_golden("user", koffi.get("me"))
    as_golden("privacy", koffi.get("me/privacy"))
    as_golden("presence_answer", koffi.get(f"presence?users={awa.id}"))


def test_a_message_that_changes(cast: Cast, direct: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    body = {"conversation": direct, "client_id": "019a0000-0000-7000-8000-00000000000b", "text": "65 000 F"}
    sent = awa.post("messages", body)
    as_golden("send_message", body)
    assert koffi.call("PUT", f"messages/{sent['id']}/reactions/👍").status_code == 200
    as_golden("reactions", awa.get(f"messages/{sent['id']}/reactions"))
    as_golden("message_edited", awa.call("PATCH", f"messages/{sent['id']}", {"text": "60 000 F"}).json())
    as_golden("message_gone", awa.call("DELETE", f"messages/{sent['id']}").json())


def test_what_is_told_before_and_at_signing_in(cast: Cast) -> None:
    koffi = cast["koffi"]
    as_golden("config", koffi.get("config"))
    as_golden("sessions", koffi.get("auth/sessions"))
    account = {"username": "yao", "password": "un vélo de ville", "display_name": "Yao"}
    as_golden("tokens", koffi.call("POST", "auth/register", account).json())


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (400, "POST", "messages", {"conversation": "x"}),
        (404, "GET", "messages/nothing", None),
        (403, "POST", "conversations/{direct}/participants", {"users": ["fatou"]}),
        (415, "POST", "messages", "text"),
    ],
)
def test_errors(cast: Cast, direct: str, status: int, method: str, path: str, body: Any) -> None:
    if body == {"users": ["fatou"]}:
        body = {"users": [cast["fatou"].id]}
    headers = {"Content-Type": "text/plain"} if status == 415 else {}
    answer = cast["awa"].call(method, path.format(direct=direct), body, headers=headers)
    assert answer.status_code == status, answer.text
    as_golden(f"error_{status}", answer.json())


def test_an_expired_or_absent_token(cast: Cast) -> None:
    answer = cast["awa"].call("GET", "me", headers={"Authorization": "Bearer no-token"})
    assert answer.status_code == 401
    as_golden("error_401", answer.json())


STRUCTS: dict[str, type[wire.Resource]] = {
    "conversation_opened": answers.OpenedConversation,
    "conversations": answers.ConversationPage,
    "page": wire.Page,
    "changes_body": wire.Changes,
    "sync": answers.SyncAnswer,
    "receipts": answers.ReceiptsAnswer,
    "positions": answers.PositionsAnswer,
    "inbox": answers.InboxAnswer,
    "participants": answers.ParticipantsPage,
    "mine_answer": answers.MineAnswer,
    "users": answers.UsersAnswer,
    "user": wire.User,
    "privacy": wire.Privacy,
    "presence_answer": presence.PresenceAnswer,
    "reactions": answers.ReactionsAnswer,
    "message_edited": wire.Message,
    "message_gone": wire.Message,
    "config": answers.ConfigAnswer,
    "sessions": bodies.SessionsAnswer,
    "tokens": bodies.TokenAnswer,
    "error_400": answers.ErrorBody,
    "error_401": answers.ErrorBody,
    "error_403": answers.ErrorBody,
    "error_404": answers.ErrorBody,
    "error_415": answers.ErrorBody,
}


@pytest.mark.parametrize("name", STRUCTS)
def test_a_golden_body_has_the_fields_of_its_struct_and_no_other(name: str) -> None:
    given = golden(name)
    made = msgspec.convert(given, STRUCTS[name])
    assert wire.builtins(made) == given


@pytest.mark.parametrize("name", sorted({"send_message": wire.SendMessage}))
def test_a_golden_command_is_one_that_the_server_takes(name: str) -> None:
    assert wire.convert(golden(name), wire.SendMessage).text
