"""A person in a test: REST calls with their token, sockets that remember what they heard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx
from django.db import connection
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError
from websockets.typing import Subprotocol

from planb.accounts.models import User
from planb.accounts.services import sessions

Json = dict[str, Any]
T = TypeVar("T")


def query(work: Callable[[], T]) -> T:
    """Look into the database, from asynchronous tests too: in a thread, whose connection goes back after."""

    def guarded() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(guarded).result()


def proof(user: User) -> tuple[str, str]:
    """An access token and the session that it stands for. `tests/acme` puts its own in this place."""
    tokens = sessions.begin(user=user, device=sessions.Device())
    return tokens.access, str(tokens.session.pk)


@dataclass
class Person:
    """Somebody who is signed in."""

    user: User
    url: str
    socket_url: str
    token: str
    session: str

    @classmethod
    def sign_in(cls, url: str, socket_url: str, user: User) -> Person:
        """Without the password: hashing it is slow on purpose, and tested elsewhere."""
        return cls(user, url, socket_url, *query(lambda: proof(user)))

    @property
    def id(self) -> str:
        return str(self.user.pk)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return httpx.request(method, f"{self.url}/api/v1/{path}", json=body, headers=headers, timeout=30, **options)

    def get(self, path: str) -> Json:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        data: Json = answer.json()
        return data

    def post(self, path: str, body: Any) -> Json:
        answer = self.call("POST", path, body)
        assert answer.status_code in {200, 201}, answer.text
        data: Json = answer.json()
        return data

    def talk_to(self, *others: Person | User, **fields: Any) -> str:
        """Start a conversation and return its id; direct with one other, a group with more."""
        users = [str(other.user.pk if isinstance(other, Person) else other.pk) for other in others]
        body = {"client_id": str(uuid4()), "kind": "direct" if len(users) == 1 else "group", "users": users, **fields}
        if body["kind"] == "group":
            body.setdefault("title", "Group")
        identity: str = self.post("conversations", body)["conversation"]["id"]
        return identity

    def send(self, conversation: str, text: str, **fields: Any) -> Json:
        return self.post("messages", {"conversation": conversation, "client_id": str(uuid4()), "text": text, **fields})

    def socket(self, **options: Any) -> Socket:
        return Socket(self, **options)


class Socket:
    """`async with person.socket() as socket`: says hello, keeps every frame it hears in `heard`."""

    def __init__(self, person: Person, *, hello: bool = True, **options: Any) -> None:
        self.person = person
        self.hello = hello
        self.options = options
        self.heard: list[Json] = []
        self.ready: Json = {}
        self._news = asyncio.Event()
        self._count = 0
        self._connection: ClientConnection
        self._reader: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self.options.setdefault("subprotocols", [Subprotocol("planb.v1")])
        self._connection = await connect(self.person.socket_url, **self.options)
        self._reader = asyncio.ensure_future(self._read())
        if self.hello:
            self.ready = await self.ask("hello", token=self.person.token)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()
        await self._reader

    async def _read(self) -> None:
        with suppress(ConnectionClosedError):
            async for raw in self._connection:
                self.heard.append(json.loads(raw))
                self._news.set()
        self._news.set()

    @property
    def closed(self) -> int | None:
        """The close code, once closed."""
        return self._connection.close_code

    async def send_raw(self, raw: str | bytes) -> None:
        await self._connection.send(raw)

    async def post(self, type: str, **fields: Any) -> int:
        """Send a command without waiting; returns its id."""
        self._count += 1
        await self._connection.send(json.dumps({"type": type, "id": self._count, **fields}))
        return self._count

    async def ask(self, type: str, **fields: Any) -> Json:
        """Send a command and wait for its answer."""
        number = await self.post(type, **fields)
        return await self.hear(lambda frame: "id" in frame and frame["id"] == number)

    async def data(self, type: str, **fields: Any) -> Any:
        """The data of an answer that must be ok."""
        answer = await self.ask(type, **fields)
        assert answer["ok"], answer
        return answer["data"]

    async def hear(self, wanted: Callable[[Json], bool] | str, seconds: float = 5) -> Json:
        """The first frame, past or to come, that fits: a predicate or an event's type."""
        fits = (lambda frame: frame["type"] == wanted) if isinstance(wanted, str) else wanted
        async with asyncio.timeout(seconds):
            while True:
                self._news.clear()
                for frame in self.heard:
                    if fits(frame):
                        return frame
                if self._reader.done():
                    raise AssertionError(f"closed with {self.closed} before it was heard; heard {self.heard}")
                await self._news.wait()

    async def hear_many(self, wanted: Callable[[Json], bool], count: int, seconds: float = 5) -> list[Json]:
        """The first so many frames that fit."""
        found: list[Json] = []

        def enough(_: Json) -> bool:
            found[:] = [frame for frame in self.heard if wanted(frame)]
            return len(found) >= count

        await self.hear(enough, seconds)
        return found[:count]

    async def message(self, text: str, seconds: float = 5) -> Json:
        """The message with this text, once it came: as an event, or with the changes that a hub made up for."""
        found: list[Json] = []

        def holds(frame: Json) -> bool:
            if frame["type"] not in {"new_message", "changes"}:
                return False
            found[:] = [item for item in messages_of(frame) if item["text"] == text]
            return bool(found)

        await self.hear(holds, seconds)
        return found[0]

    def order(self, conversation: str) -> list[int]:
        """The places of a conversation's messages in the order in which they were heard, repeats left out."""
        heard = [
            item["seq"]
            for frame in self.heard
            if frame["type"] in {"new_message", "changes"} and frame["conversation"] == conversation
            for item in messages_of(frame)
        ]
        return list(dict.fromkeys(heard))

    async def until_closed(self, seconds: float = 5) -> int:
        async with asyncio.timeout(seconds):
            await self._connection.wait_closed()
        assert self.closed is not None
        return self.closed

    def events(self, type: str) -> list[Json]:
        return [frame for frame in self.heard if frame["type"] == type]


def messages_of(frame: Json) -> list[Json]:
    """What a `new_message` or `changes` event brings."""
    found: list[Json] = [frame["message"]] if "message" in frame else frame["messages"]
    return found
