"""REST with everything that a query and a body can be made of: an error of the contract each, and never a 500."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from chat.models import Message
from planb.accounts.models import User
from planb.accounts.services import sessions
from tests.chat.conversing import head, row_of, send, start
from tests.chat.test_frames import UNUSABLE

Call = Callable[..., Any]
HOSTILE = [
    "",
    "0",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x10",
    "1_000",
    "٣",
    "²",
    " 1",
    "1 ",
    "9007199254740992",
    "99999999999999999999999999",
    "null",
    "true",
    "\x00",
    "é",
    "🙂",
    "x" * 3000,
    "1;DROP TABLE",
    "%",
    "../..",
    "[]",
]
QUERIES = {
    "conversations": ["folder", "cursor", "limit"],
    "conversations/{conversation}/messages": ["before", "after", "around", "limit"],
    "conversations/{conversation}/changes": ["after", "limit"],
    "conversations/{conversation}/participants": ["cursor", "limit"],
    "positions": ["cursor"],
    "inbox": ["after", "limit"],
    "users": ["ids", "search"],
    "presence": ["users"],
}
BODIES = {
    ("POST", "conversations"): ["client_id", "kind", "users", "title", "subject", "message"],
    ("PATCH", "conversations/{conversation}"): ["title", "subject", "metadata"],
    ("PATCH", "conversations/{conversation}/mine"): ["muted_until", "archived", "pinned", "marked_unread", "draft"],
    ("POST", "conversations/{conversation}/participants"): ["users"],
    ("PATCH", "conversations/{conversation}/participants/{user}"): ["role"],
    ("POST", "conversations/{conversation}/read"): ["seq"],
    ("POST", "delivered"): ["marks"],
    ("POST", "sync"): ["cursors"],
    ("POST", "messages"): ["conversation", "client_id", "text", "attachments", "reply_to", "mentions", "metadata"],
    ("PATCH", "messages/{message}"): ["text", "if_edited_at"],
}
VALUES: list[Any] = [
    None,
    True,
    -1,
    1.5,
    2**53,
    "",
    "\x00",
    "x" * 200,
    str(uuid4()),
    [],
    [None],
    ["\x00"],
    [[]],
    {},
    {"\x00": 1},
    {"type": "listing"},
    {"type": "listing", "id": "\x00"},
    {"client_id": str(uuid4()), "text": "\x00"},
    {str(uuid4()): -1},
    {"k": 1e300},
    "0001-01-01T00:00:00+23:59",
]
WELL_MEANT = {200, 201, 204}
ERRORS = {400, 403, 404, 409, 413, 415, 422, 429}


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Nothing here needs a commit."""
    return User.objects.create_user


@pytest.fixture
def scene(awa: User, koffi: User, yao: User) -> dict[str, Any]:
    conversation = start(awa, koffi, yao)
    return {"conversation": conversation, "message": send(awa, conversation).id, "user": koffi.pk}


@pytest.fixture
def call(awa: User, settings: Any) -> Call:
    """As Awa, without limits; what a view does not foresee becomes a 500 and no exception."""
    settings.CHAT_LIMITS = dict.fromkeys(["send", "send_conversation", "edit", "react", "search", "new_conversation"])
    token = sessions.begin(user=awa, device=sessions.Device()).access
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})

    def request(method: str, path: str, body: Any = None, **options: Any) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.generic(method, f"/api/v1/{path}", raw, content_type="application/json", **options)

    return request


def fine(answer: Any) -> bool:
    """A success, or an error as the contract writes it."""
    if answer.status_code in WELL_MEANT:
        return True
    error = answer.json()["error"]
    return answer.status_code in ERRORS and {"code", "message", "retry"} <= set(error) and error["code"] != "internal"


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in QUERIES.items() for name in names])
def test_any_value_of_a_query_has_an_answer(path: str, name: str, call: Call, scene: dict[str, Any]) -> None:
    for value in HOSTILE:
        answer = call("GET", path.format(**scene), query_params={name: value})
        assert fine(answer), (name, value, answer.content)


@pytest.mark.parametrize("name", ["before", "after", "around", "limit"])
def test_a_place_that_is_no_whole_number_is_a_bad_request(name: str, call: Call, scene: dict[str, Any]) -> None:
    for value in set(HOSTILE) - {"0"}:
        answer = call("GET", "conversations/{conversation}/messages".format(**scene), query_params={name: value})
        assert (answer.status_code, answer.json()["error"]["fields"]) == (400, {name: "a whole number"}), value


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_any_value_of_a_field_has_an_answer(method: str, path: str, call: Call, scene: dict[str, Any]) -> None:
    good = {
        "client_id": str(uuid4()),
        "kind": "group",
        "users": [str(scene["user"])],
        "title": "Group",
        "conversation": str(scene["conversation"]),
        "text": "Bonjour",
        "seq": 1,
    }
    where = path.format(**scene)
    for name in BODIES[method, path]:
        for value in VALUES:
            answer = call(
                method, where, {key: good[key] for key in BODIES[method, path] if key in good} | {name: value}
            )
            assert fine(answer), (name, value, answer.content)
        assert fine(call(method, where, {}))


# What is wrong with these is only that they are no command.
NO_BODY = {
    name: case for name, case in UNUSABLE.items() if " id" not in name and "id of" not in name and "type" not in name
}
NO_BODY["binary"] = NO_BODY["binary nonsense"]


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_that_is_no_frame_is_no_body_either(method: str, path: str, call: Call, scene: dict[str, Any]) -> None:
    before = head(scene["conversation"]), Message.objects.count()
    for name, (raw, code) in NO_BODY.items():
        # Without a body a PATCH changes nothing, and says so.
        if name != "nothing":
            answer = call(method, path.format(**scene), raw.encode() if isinstance(raw, str) else raw)
            assert answer.json()["error"]["code"] == code, name
    assert (head(scene["conversation"]), Message.objects.count()) == before


def test_a_body_is_as_deep_as_a_frame_and_no_deeper(call: Call, scene: dict[str, Any]) -> None:
    def sent(levels: int) -> int:
        metadata: Any = {}
        for _ in range(levels):
            metadata = {"a": metadata}
        body = {"conversation": str(scene["conversation"]), "client_id": str(uuid4()), "text": "x"}
        status: int = call("POST", "messages", body | {"metadata": metadata}).status_code
        return status

    assert [sent(levels) for levels in (6, 7, 300, 900)] == [201, 400, 400, 400]


@pytest.mark.parametrize(
    "path", ["conversations/{}", "conversations/{}/messages", "messages/{}", "messages/{}/reactions"]
)
def test_an_id_that_cannot_be_one_is_not_found(path: str, call: Call) -> None:
    for key in ("x", "\x00", "é", "0", "None", "urn", "{}", "x" * 300):
        answer = call("GET", path.format(key))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), key


@pytest.mark.parametrize("emoji", ["x", "👍👍", "👍 ", "\u2764", "🏽", "\x00", "%F0%9F%91%8D%00", "<b>"])
def test_what_is_no_emoji_is_no_reaction(emoji: str, call: Call, scene: dict[str, Any]) -> None:
    for method in ("PUT", "DELETE"):
        answer = call(method, f"messages/{scene['message']}/reactions/{emoji}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert head(scene["conversation"]) == 1


def test_a_conversation_named_in_a_body_does_not_overrule_the_address(
    call: Call, scene: dict[str, Any], awa: User, koffi: User
) -> None:
    other = start(awa, koffi, kind="group")
    send(koffi, other)
    answer = call("POST", "conversations/{conversation}/read".format(**scene), {"conversation": str(other), "seq": 1})
    assert answer.json()["mine"]["read_seq"] == 1
    assert row_of(awa, other).read_seq == 0
