"""From send to receipt: people on sockets, messages saved and delivered, beside a bare socket that saves nothing.

`manage.py bench` runs it against servers of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planb.settings")
django.setup()

import uvloop  # noqa: E402
from django.core.management import call_command  # noqa: E402
from websockets.asyncio.client import ClientConnection, connect  # noqa: E402
from websockets.typing import Subprotocol  # noqa: E402

from chat import wire  # noqa: E402
from chat.services.conversations import create_conversation  # noqa: E402
from planb.accounts.models import User  # noqa: E402
from planb.accounts.services import sessions  # noqa: E402
from tests.bench import machine  # noqa: E402


@dataclass
class Figures:
    """Milliseconds; `expected` deliveries against those that came."""

    name: str
    expected: int = 0
    receipts: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    cpu: float = 0.0

    def row(self) -> str:
        cells = [
            f"{len(self.receipts):,} of {self.expected:,}",
            *(f"{machine.percentile(self.receipts, share):.1f}" for share in (0.5, 0.99)),
            f"{max(self.receipts):.1f}",
            f"{machine.percentile(self.answers, 0.99):.1f}" if self.answers else "–",
            f"{self.cpu / max(1, len(self.receipts)) * 1e6:.0f}",
        ]
        return f"| {self.name} | {' | '.join(cells)} |"


@dataclass
class Cast:
    """`tokens` by person; `rooms` are (conversation, the places of its members in `tokens`)."""

    tokens: list[str]
    group: str
    pairs: list[tuple[str, tuple[int, int]]]


def prepare(people: int) -> Cast:
    call_command("migrate", verbosity=0)
    users = [User.objects.create_user(f"bench{index}-{uuid4().hex[:8]}") for index in range(people)]
    tokens = [sessions.begin(user=user, device=sessions.Device()).access for user in users]

    def start(owner: User, others: Sequence[User], title: str) -> str:
        command = wire.CreateConversation(
            client_id=uuid4(),
            kind="group" if title else "direct",
            users=[str(other.pk) for other in others],
            title=title,
            # Both sides are there from the start: the first message is what lists a direct conversation.
            message=wire.FirstMessage(client_id=uuid4(), text="Hello"),
        )
        return create_conversation(user=owner, command=command).view.conversation.id

    pairs = [(start(users[index], [users[index + 1]], ""), (index, index + 1)) for index in range(0, people - 1, 2)]
    return Cast(tokens, start(users[0], users[1:], "Everybody"), pairs)


class Load:
    """All sockets of a run, and when each text was sent."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.sockets: list[ClientConnection] = []
        self.sent: dict[str, float] = {}
        self.asked: dict[tuple[int, int], float] = {}
        self.readers: list[asyncio.Task[None]] = []

    async def open(self, url: str, tokens: Sequence[str]) -> None:
        for place, token in enumerate(tokens):
            socket = await connect(url, subprotocols=[Subprotocol("planb.v1")] if token else None, compression=None)
            if token:
                await socket.send(json.dumps({"type": "hello", "id": 0, "token": token}))
                assert json.loads(await socket.recv())["type"] == "ready"
            self.sockets.append(socket)
            self.readers.append(asyncio.ensure_future(self._read(place, socket)))

    async def _read(self, place: int, socket: ClientConnection) -> None:
        async for raw in socket:
            now = time.perf_counter()
            frame = json.loads(raw)
            if frame["type"] == "new_message":
                self.figures.receipts.append((now - self.sent[frame["message"]["text"]]) * 1000)
            elif frame["type"] == "changes":
                for message in frame["messages"]:
                    self.figures.receipts.append((now - self.sent[message["text"]]) * 1000)
            elif frame["type"] == "reply":
                self.figures.answers.append((now - self.asked[place, frame["id"]]) * 1000)

    async def send(self, place: int, number: int, frame: dict[str, object], text: str) -> None:
        self.sent[text] = self.asked[place, number] = time.perf_counter()
        await self.sockets[place].send(json.dumps(frame))

    async def close(self) -> None:
        await asyncio.gather(*(socket.close() for socket in self.sockets))
        await asyncio.gather(*self.readers)


async def run(figures: Figures, url: str, tokens: Sequence[str], pid: int, plan: Plan) -> Figures:
    load = Load(figures)
    await load.open(url, tokens)
    dice = random.Random(1)
    before = machine.cpu_seconds(pid)
    begun = time.perf_counter()
    for number in range(1, plan.messages + 1):
        place, conversation, listeners = plan.choose(dice)
        text = f"message {number} {'x' * 40}"
        frame: dict[str, object] = {"type": "send_message", "id": number, "client_id": str(uuid4()), "text": text}
        if conversation:
            frame["conversation"] = conversation
        else:
            frame = {"type": "new_message", "message": {"text": text}}
        figures.expected += listeners
        await load.send(place, number, frame, text)
        await asyncio.sleep(max(0.0, begun + number / plan.rate - time.perf_counter()))
    for _ in range(100):
        if len(figures.receipts) >= figures.expected:
            break
        await asyncio.sleep(0.05)
    figures.cpu = machine.cpu_seconds(pid) - before
    await load.close()
    return figures


@dataclass
class Plan:
    """`choose` says who sends where, and how many sockets will hear it."""

    cast: Cast
    kind: str
    messages: int
    rate: float

    def choose(self, dice: random.Random) -> tuple[int, str, int]:
        if self.kind == "pairs":
            conversation, pair = dice.choice(self.cast.pairs)
            return dice.choice(pair), conversation, 2
        place = dice.randrange(len(self.cast.tokens))
        return place, self.cast.group if self.kind == "group" else "", len(self.cast.tokens)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--rate", type=float, default=10, help="messages a second, all people together")
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    machine.pin(machine.CLIENT_CORE)
    cast = prepare(options.people)
    messages = int(options.rate * options.seconds)
    rows: list[Figures] = []
    production = {"DEBUG": "0", "HTTPS": "0", "ALLOWED_HOSTS": "127.0.0.1"}
    with machine.serve("tests.bench.served:application", production) as (port, pid):
        for kind, name in (
            ("pairs", f"Plan B, {options.people // 2} direct conversations"),
            ("group", f"Plan B, one group of {options.people}"),
        ):
            plan = Plan(cast, kind, messages, options.rate)
            print(f"… {name}", flush=True)
            rows.append(uvloop.run(run(Figures(name), f"ws://127.0.0.1:{port}/ws/v1", cast.tokens, pid, plan)))
    with machine.serve("tests.bench.floor:application") as (port, pid):
        name = f"floor: bare socket, to all {options.people}, nothing saved"
        print(f"… {name}", flush=True)
        plan = Plan(cast, "floor", messages, options.rate)
        rows.append(uvloop.run(run(Figures(name), f"ws://127.0.0.1:{port}/", [""] * options.people, pid, plan)))
    print(
        f"\n{options.people} people on {options.people} sockets, {options.rate:g} messages/s for {options.seconds:g} s"
    )
    print("| | deliveries | p50 ms | p99 ms | max ms | answer p99 ms | server CPU µs a delivery |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(row.row())
    group, floor = rows[1], rows[2]
    ratio = machine.percentile(group.receipts, 0.99) / machine.percentile(floor.receipts, 0.99)
    print(f"\nGroup against floor: p99 {ratio:.1f}×. Server pinned to one core, client to another; rate limits off.")
    print(machine.words())


if __name__ == "__main__":
    main()
