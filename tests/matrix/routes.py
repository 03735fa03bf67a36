"""What each role gets from each method of each route below `api/v1`. One row per request that makes a difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.matrix.scene import MEMBERS, OUTSIDERS, ROLES, SIGNED_IN, Scene

Path = Callable[[Scene], str]
Body = Callable[[Scene], Any]
# A status, with the error's code where it is one.
Answer = int | tuple[int, str]

UNKNOWN = (404, "not_found")
NO = (403, "forbidden")
SIGN_IN = {
    "anonymous": (401, "unauthenticated"),
    "expired": (401, "token_expired"),
    "revoked": (401, "unauthenticated"),
}


def _nothing(_: Scene) -> None:
    return None


@dataclass(frozen=True)
class Row:
    """`answers` by role; who has no proof, and is not named, gets the 401 of that."""

    method: str
    route: str
    path: Path
    answers: Mapping[str, Answer]
    body: Body = _nothing

    @property
    def whole(self) -> dict[str, Answer]:
        given = dict(self.answers)
        return {role: given.pop(role, SIGN_IN.get(role, 0)) for role in ROLES}


def members(answer: Answer, **others: Answer) -> dict[str, Answer]:
    """Members get this, all others who are signed in `not_found`."""
    return {**dict.fromkeys(OUTSIDERS, UNKNOWN), **dict.fromkeys(MEMBERS, answer), **others}


def anybody(answer: Answer) -> dict[str, Answer]:
    """Who is signed in."""
    return dict.fromkeys(SIGNED_IN, answer)


def everybody(answer: Answer) -> dict[str, Answer]:
    return dict.fromkeys(ROLES, answer)


def group(rest: str = "") -> Path:
    return lambda s: f"conversations/{s.group}{rest}"


def message(rest: str = "") -> Path:
    return lambda s: f"messages/{s.message}{rest}"


def at(path: str) -> Path:
    return lambda _: path


C, M = "conversations/<str:conversation>", "messages/<str:message>"
NEW_PERSON = {"username": "somebody", "password": "un-mot-de-passe-long", "display_name": "Somebody"}

ROWS = [
    # --- accounts
    Row("POST", "auth/register", at("auth/register"), everybody(201), lambda _: NEW_PERSON),
    Row(
        "POST",
        "auth/token",
        at("auth/token"),
        everybody((401, "unauthenticated")),
        lambda _: {"username": "owner", "password": "guessed"},
    ),
    Row(
        "POST",
        "auth/token/refresh",
        at("auth/token/refresh"),
        everybody((401, "unauthenticated")),
        lambda _: {"refresh": "guessed"},
    ),
    Row("POST", "auth/token/revoke", at("auth/token/revoke"), {**anybody(204), "revoked": 204}),
    Row("GET", "auth/sessions", at("auth/sessions"), anybody(200)),
    Row("DELETE", "auth/sessions", at("auth/sessions"), anybody(204)),
    Row(
        "DELETE",
        "auth/sessions/<str:session>",
        lambda s: f"auth/sessions/{s.foreign_session}",
        {**anybody(UNKNOWN), "owner": 204},
    ),
    Row(
        "POST",
        "auth/password",
        at("auth/password"),
        anybody((400, "bad_request")),
        lambda _: {"old_password": "guessed", "new_password": "un-mot-de-passe-long"},
    ),
    Row("GET", "me", at("me"), anybody(200)),
    Row("PATCH", "me", at("me"), anybody(200), lambda _: {"display_name": "Another"}),
    # --- the contract itself
    *(Row("GET", page, at(page), everybody(200)) for page in ("schema", "asyncapi", "docs", "docs/socket")),
    # --- what is one's own, and names nobody
    Row("GET", "config", at("config"), everybody(200)),
    Row("GET", "me/privacy", at("me/privacy"), anybody(200)),
    Row("PATCH", "me/privacy", at("me/privacy"), anybody(200), lambda _: {"hide_typing": True}),
    Row("GET", "positions", at("positions"), anybody(200)),
    Row("GET", "inbox", at("inbox?after=0"), anybody(200)),
    Row("GET", "conversations", at("conversations"), anybody(200)),
    Row(
        "POST",
        "conversations",
        at("conversations"),
        anybody(201),
        lambda s: {"client_id": str(uuid4()), "kind": "group", "title": "Neuf", "users": [s.id("newcomer")]},
    ),
    # --- what is passed over where it is not one's own
    Row("GET", "users", lambda s: f"users?ids={s.id('plain')}", anybody(200)),
    Row("GET", "presence", lambda s: f"presence?users={s.id('plain')}", anybody(200)),
    Row("POST", "delivered", at("delivered"), anybody(200), lambda s: {"marks": {str(s.group): 1}}),
    Row("POST", "sync", at("sync"), anybody(200), lambda s: {"cursors": {str(s.group): 0}}),
    # --- the group
    Row("GET", C, group(), members(200)),
    Row("PATCH", C, group(), members(200, member=NO), lambda _: {"title": "Autre"}),
    Row("PATCH", f"{C}/mine", group("/mine"), members(200), lambda _: {"pinned": True}),
    Row("GET", f"{C}/messages", group("/messages"), members(200)),
    Row("GET", f"{C}/messages", group("/messages?around=1"), members(200)),
    Row("GET", f"{C}/changes", group("/changes?after=0"), members(200)),
    Row("POST", f"{C}/read", group("/read"), members(200), lambda _: {"seq": 1}),
    Row("GET", f"{C}/receipts", group("/receipts"), members(200)),
    Row("GET", f"{C}/receipts", group("/receipts?message_seq=1"), members(200)),
    Row("GET", f"{C}/participants", group("/participants"), members(200)),
    Row(
        "POST",
        f"{C}/participants",
        group("/participants"),
        members(200, member=NO),
        lambda s: {"users": [s.id("newcomer")]},
    ),
    Row(
        "PATCH",
        f"{C}/participants/<str:user>",
        lambda s: f"conversations/{s.group}/participants/{s.id('plain')}",
        members(NO, owner=200),
        lambda _: {"role": "admin"},
    ),
    Row(
        "DELETE",
        f"{C}/participants/<str:user>",
        lambda s: f"conversations/{s.group}/participants/{s.id('plain')}",
        members(204, member=NO),
    ),
    Row(
        "DELETE",
        f"{C}/participants/<str:user>",
        lambda s: f"conversations/{s.group}/participants/{s.id('owner')}",
        members(NO, owner=204),
    ),
    # --- its messages
    Row("POST", "messages", at("messages"), members(201), lambda s: s.draft()),
    Row("GET", M, message(), members(200)),
    Row("PATCH", M, message(), members(NO, owner=200), lambda _: {"text": "Changé"}),
    Row("DELETE", M, message(), members(200, member=NO)),
    Row("GET", f"{M}/reactions", message("/reactions"), members(200)),
    Row("PUT", f"{M}/reactions/<str:emoji>", message("/reactions/🎉"), members(200)),
    Row("DELETE", f"{M}/reactions/<str:emoji>", message("/reactions/👍"), members(200)),
]
