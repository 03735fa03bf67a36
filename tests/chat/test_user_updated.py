"""A changed name reaches those one talks with, once each, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from chat.events import Event, UserChanged
from chat.services.people import announce_user
from planb.accounts.models import User
from planb.accounts.services import rename
from tests.chat.conversing import start
from tests.people import Person
from tests.privacy.test_private_receipts import settled

SignIn = Callable[[User], Person]


@pytest.fixture
def fatou(make_user: Callable[[str], User]) -> User:
    return make_user("fatou")


async def test_a_new_name_is_told_once_to_everybody_one_talks_with(
    awa: User, koffi: User, yao: User, fatou: User, sign_in: SignIn
) -> None:
    one = sign_in(awa)
    # Two conversations with Koffi: he hears it by both.
    one.talk_to(koffi, message={"client_id": str(uuid4()), "text": "Bonjour"})
    one.talk_to(koffi, fatou)
    async with one.socket() as own, sign_in(koffi).socket() as two, sign_in(yao).socket() as stranger:
        renamed = (await asyncio.to_thread(one.call, "PATCH", "me", {"display_name": "Awa K."})).json()
        for socket in (own, two):
            assert (await socket.hear("user_updated"))["user"] == renamed
        await settled(own, two, stranger)
        for socket, count in ((own, 1), (two, 1), (stranger, 0)):
            assert len(socket.events("user_updated")) == count
        again = await asyncio.to_thread(one.call, "PATCH", "me", {"display_name": "Awa K."})
        assert again.status_code == 200
        await asyncio.to_thread(one.call, "PATCH", "me", {"display_name": "Awa"})
        await two.hear(lambda frame: frame["type"] == "user_updated" and frame["user"]["display_name"] == "Awa")
        assert len(two.events("user_updated")) == 2, "the same name again is no news"


def test_only_the_most_recently_active_conversations_are_told(
    awa: User, koffi: User, yao: User, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHAT_POSITIONS_LIMIT = 1  # type: ignore[attr-defined]
    told: list[Event] = []
    start(awa, koffi)
    newest = start(awa, yao)
    start(koffi, yao)
    monkeypatch.setattr("chat.broadcast.send", told.extend)
    announce_user(awa)
    (event,) = told
    assert isinstance(event, UserChanged)
    assert event.topics() == [f"u.{awa.pk}", f"c.{newest}"]


def test_a_name_that_is_refused_is_not_told(awa: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from chat.exceptions import BadRequest

    told: list[Event] = []
    monkeypatch.setattr("chat.broadcast.send", told.extend)
    with pytest.raises(BadRequest):
        rename(user=awa, display_name=" ")
    assert told == []
    awa.refresh_from_db()
    assert awa.display_name == "Awa"
