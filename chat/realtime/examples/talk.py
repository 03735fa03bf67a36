"""Talk in one's newest conversation: `python talk.py http://127.0.0.1:8000 awa planb-demo`, then a line per message."""

import asyncio
import json
import sys
from contextlib import suppress
from itertools import count
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol


def call(url: str, body: Any = None, token: str = "") -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = json.dumps(body).encode() if body else None
    return json.load(urlopen(Request(url, data, headers), timeout=10))  # noqa: S310


async def talk(api: str, username: str, password: str) -> None:
    tokens = call(f"{api}/auth/token", {"username": username, "password": password, "delivery": "body"})
    room = call(f"{api}/conversations?limit=1", token=tokens["access"])["items"][0]["conversation"]["id"]
    seq = call(f"{api}/conversations/{room}/messages?limit=1", token=tokens["access"])["seq"]
    unsent: dict[int, str] = {}  # commands by id until they are answered for good: sent again on each connection
    numbers = count(1)
    live: Any = None

    async def read_lines() -> None:
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            fields = {"conversation": room, "client_id": str(uuid4()), "text": line}
            number = next(numbers)
            unsent[number] = json.dumps({"type": "send_message", "id": number, **fields})
            with suppress(ConnectionClosed):
                await (live.send(unsent[number]) if live else asyncio.sleep(0))

    reading = asyncio.create_task(read_lines())  # held, since the loop holds tasks only weakly
    reading.add_done_callback(lambda done: done.result())
    async for socket in connect(
        api.replace("http", "ws", 1).replace("/api/", "/ws/"), subprotocols=[Subprotocol("planb.v1")]
    ):
        try:
            tokens = call(f"{api}/auth/token/refresh", {"refresh": tokens["refresh"]})
            await socket.send(json.dumps({"type": "hello", "id": 0, "token": tokens["access"]}))
            async for raw in socket:
                frame = json.loads(raw)
                if frame["type"] == "ready":
                    live = socket
                    await asyncio.gather(*(socket.send(command) for command in unsent.values()))
                if frame["type"] == "token_expiring":
                    tokens = call(f"{api}/auth/token/refresh", {"refresh": tokens["refresh"]})
                    await socket.send(json.dumps({"type": "refresh", "id": next(numbers), "token": tokens["access"]}))
                if frame["type"] == "reply" and (frame["ok"] or not frame["error"]["retry"]):
                    unsent.pop(frame["id"], None)
                if frame["type"] == "reply" and not frame["ok"]:
                    print(frame["error"]["message"], file=sys.stderr)
                if frame["type"] == "ready" or (frame.get("conversation") == room and frame.get("seq", 0) > seq):
                    changes = call(f"{api}/conversations/{room}/changes?after={seq}", token=tokens["access"])
                    seq = changes["seq"]
                    for message in changes.get("messages", []):
                        print(message["seq"], message["text"], flush=True)
        except ConnectionClosed as error:
            if error.rcvd and 4400 <= error.rcvd.code < 4500:
                sys.exit(error.rcvd.reason)


if __name__ == "__main__":
    asyncio.run(talk(f"{sys.argv[1]}/api/v1", *sys.argv[2:]))
