"""Everybody at once, over both doors: one message per client_id, one order for all, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import UUID, uuid4

import httpx
from websockets.exceptions import ConnectionClosed

from chat.models import Conversation, Message
from planb.accounts.models import User
from tests.chat.conftest import QUICK
from tests.conftest import Server
from tests.people import Json, Person, query

SignIn = Callable[[User], Person]


class Rest:
    """REST calls of a person that do not hold up the test's own loop."""

    def __init__(self, person: Person, client: httpx.AsyncClient) -> None:
        self.person, self.client = person, client

    async def send(self, **fields: Any) -> httpx.Response:
        return await self.client.post(
            f"{self.person.url}/api/v1/messages",
            json=fields,
            headers={"Authorization": f"Bearer {self.person.token}"},
            timeout=30,
        )


def stored(conversation: str) -> list[tuple[int, str, str]]:
    rows = Message.objects.filter(conversation=UUID(conversation)).order_by("seq")
    return query(lambda: [(row.seq, str(row.client_id), row.text) for row in rows])


async def test_one_client_id_sixty_four_times_over_both_doors_is_one_message(
    awa: User, koffi: User, enter: SignIn
) -> None:
    person = enter(awa)
    conversation = person.talk_to(koffi)
    command: Json = {"conversation": conversation, "client_id": str(uuid4()), "text": "once", "metadata": {"n": 1}}
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(person.socket()) for _ in range(4)]
        listener = await stack.enter_async_context(enter(koffi).socket())
        rest = Rest(person, await stack.enter_async_context(httpx.AsyncClient()))
        answers: list[Any] = await asyncio.gather(
            *(sockets[number % 4].ask("send_message", **command) for number in range(32)),
            *(rest.send(**command) for _ in range(32)),
        )
        by_socket = [answer["data"] for answer in answers[:32]]
        by_rest = answers[32:]
        messages = [data["message"] for data in by_socket] + [answer.json() for answer in by_rest]
        assert all(message == messages[0] for message in messages)
        assert {answer.status_code for answer in by_rest} <= {200, 201}
        fresh = [data for data in by_socket if not data["repeated"]]
        fresh += [answer for answer in by_rest if answer.status_code == 201]
        assert len(fresh) == 1
        assert stored(conversation) == [(1, command["client_id"], "once")]
        await listener.hear("conversation_added")
        after = await rest.send(conversation=conversation, client_id=str(uuid4()), text="next")
        assert after.json()["seq"] == 2
        await listener.message("next")
        for socket in sockets:
            await socket.message("next")
            assert [frame["seq"] for frame in socket.events("new_message")] == [1, 2], "told once"


async def test_sixteen_writers_leave_one_order_for_every_socket(
    awa: User, koffi: User, yao: User, enter: SignIn
) -> None:
    people = [enter(user) for user in (awa, koffi, yao)]
    conversation = people[0].talk_to(koffi, yao)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(people[number % 3].socket()) for number in range(6)]
        client = await stack.enter_async_context(httpx.AsyncClient())

        async def by_socket(writer: int) -> None:
            for turn in range(6):
                fields: Json = {"conversation": conversation, "client_id": str(uuid4()), "text": f"{writer}/{turn}"}
                await sockets[writer % 6].data("send_message", **fields)

        async def by_rest(writer: int) -> None:
            for turn in range(6):
                fields: Json = {"conversation": conversation, "client_id": str(uuid4()), "text": f"{writer}/{turn}"}
                answer = await Rest(people[writer % 3], client).send(**fields)
                assert answer.status_code == 201, answer.text

        await asyncio.gather(*((by_socket if writer % 2 else by_rest)(writer) for writer in range(16)))
        rows = stored(conversation)
        assert [seq for seq, _, _ in rows] == list(range(1, 97))
        for socket in sockets:
            await socket.hear(lambda _, socket=socket: len(socket.order(conversation)) == 96, 15)  # type: ignore[misc]
            assert socket.order(conversation) == list(range(1, 97)), "in order, each once"
            assert socket.events("behind") == []
        texts = [text for _, _, text in rows]
        for writer in range(16):
            own = [text for text in texts if text.startswith(f"{writer}/")]
            assert own == [f"{writer}/{turn}" for turn in range(6)], "a sender's own order is kept"


async def test_a_killed_server_loses_nothing_that_it_acknowledged(
    awa: User, koffi: User, serve: Callable[..., Server]
) -> None:
    server = serve(**QUICK)
    people = [Person.sign_in(server.url, server.socket_url, user) for user in (awa, koffi)]
    conversation = people[0].talk_to(koffi, kind="group")
    drafts: list[list[Json]] = [
        [{"conversation": conversation, "client_id": str(uuid4()), "text": f"{writer}/{turn}"} for turn in range(40)]
        for writer in range(4)
    ]
    acknowledged: dict[str, Json] = {}
    enough = asyncio.Event()

    async def writer(number: int) -> None:
        """Until the server is gone under it."""
        with suppress(AssertionError, ConnectionClosed, TimeoutError):
            async with people[number % 2].socket() as socket:
                for draft in drafts[number]:
                    data = await socket.data("send_message", **draft)
                    acknowledged[draft["client_id"]] = data["message"]
                    if len(acknowledged) >= 25:
                        enough.set()

    writers = [asyncio.create_task(writer(number)) for number in range(4)]
    async with asyncio.timeout(20):
        await enough.wait()
    server.kill()
    await asyncio.gather(*writers)
    before = stored(conversation)
    assert 25 <= len(acknowledged) < 160
    assert {(message["seq"], key, message["text"]) for key, message in acknowledged.items()} <= set(before)

    await asyncio.to_thread(server.start)
    async with people[0].socket() as one, people[1].socket() as other:
        # What clients do: everything that they have no answer to, again, with the same client_id.
        for number, own in enumerate(drafts):
            for draft in own:
                if draft["client_id"] not in acknowledged:
                    await [one, other][number % 2].data("send_message", **draft)
        for key, message in acknowledged.items():
            draft = next(draft for own in drafts for draft in own if draft["client_id"] == key)
            sender = one if message["sender"] == people[0].id else other
            again = await sender.data("send_message", **draft)
            assert again == {"message": message, "repeated": True}
    rows = stored(conversation)
    assert [seq for seq, _, _ in rows] == list(range(1, 161))
    assert {key for _, key, _ in rows} == {draft["client_id"] for own in drafts for draft in own}
    assert query(lambda: Conversation.objects.get(pk=conversation).seq) == 160


async def test_a_client_that_was_away_finds_by_changes_what_it_missed(awa: User, koffi: User, enter: SignIn) -> None:
    person, other = enter(awa), enter(koffi)
    conversation = person.talk_to(koffi, kind="group")
    async with other.socket() as socket:
        for turn in range(3):
            person.send(conversation, f"{turn}")
        await socket.message("2")
    for turn in range(3, 8):
        person.send(conversation, f"{turn}")
    async with other.socket() as socket:
        head = socket.ready["positions"][conversation]["seq"]
        changes = other.get(f"conversations/{conversation}/changes?after=3")
        person.send(conversation, "8")
        await socket.message("8")
        texts = [message["text"] for message in changes["messages"]]
        assert (texts, changes["seq"], head) == (["3", "4", "5", "6", "7"], 8, 8)
        # An event that was under way may still come after `ready`: clients merge what they have.
        assert [seq for seq in socket.order(conversation) if seq > head] == [9]


async def test_a_server_that_ends_in_order_asks_its_sockets_to_come_back(
    awa: User, serve: Callable[..., Server]
) -> None:
    server = serve(**QUICK)
    person = Person.sign_in(server.url, server.socket_url, awa)
    async with person.socket() as socket:
        await asyncio.to_thread(server.stop)
        closing = await socket.hear("closing")
        assert closing["retry_after"] > 0
        assert await socket.until_closed() == 4503
