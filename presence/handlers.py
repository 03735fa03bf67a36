"""The socket's commands `typing`, `watch_presence`, `set_presence`."""

from __future__ import annotations

import asyncio
from typing import Any

from chat import broadcast, database, limits
from chat.conf import conf as chat_conf
from chat.realtime.connection import Connection
from chat.realtime.handlers import command
from presence import people, rules, store, wire
from presence.watching import announce, entry_of, follow, standing_of

# Each change is told to everybody who watches; a client changes when its window is left or entered.
limits.register(limits.Rate("presence", 20, 60))


@command("typing", wire.Typing)
async def typing(connection: Connection, command: wire.Typing) -> Any:
    if command.active:
        await limits.acheck("typing", connection.user_id)
    # Where nobody may write, nobody is seen writing; that is no error, since a client may not know yet.
    if await database.run(people.may_type, connection.user, command.conversation):
        await (_start if command.active else _stop)(connection, command)
    return {}


async def _start(connection: Connection, command: wire.Typing) -> None:
    now, lasting = asyncio.get_running_loop().time(), chat_conf().typing_expire
    standing = standing_of(connection)
    standing.typing = {key: said for key, said in standing.typing.items() if said > now - lasting}
    standing.typing[command.conversation] = now
    await store.start_typing(
        conversation=command.conversation, user=connection.user_id, connection=connection.id, kind=command.kind
    )
    await broadcast.asend(
        [
            wire.typing_event(
                command.conversation, connection.user_id, active=True, kind=command.kind, expires_in=lasting
            )
        ]
    )


async def _stop(connection: Connection, command: wire.Typing) -> None:
    standing_of(connection).typing.pop(command.conversation, None)
    await stop_typing(connection, command.conversation)


async def stop_typing(connection: Connection, conversation: Any) -> None:
    """Nothing is told where nothing ended: that makes `active: false` harmless without a limit."""
    ended = await store.stop_typing(conversation=conversation, user=connection.user_id, connection=connection.id)
    if ended is not None:
        await broadcast.asend(
            [wire.typing_event(conversation, connection.user_id, active=False, kind=ended, expires_in=0)]
        )


@command("watch_presence", wire.WatchPresence, wire.PresenceAnswer)
async def watch_presence(connection: Connection, command: wire.WatchPresence) -> Any:
    async with standing_of(connection).lock:
        seen = await database.run(people.acquaintances, connection.user, command.users)
        # Subscribe first, then read: what changes in between is heard.
        await follow(connection, listed=seen)
        hiding = await database.run(people.hidden_from, connection.user, seen)
        return {"presence": rules.shown(seen, await store.read(seen), hiding=hiding)}


@command("set_presence", wire.SetPresence)
async def set_presence(connection: Connection, command: wire.SetPresence) -> Any:
    standing = standing_of(connection)
    if standing.mode != command.state:
        await limits.acheck("presence", connection.user_id)
        standing.mode = command.state
        standing.version += 1
        await announce(await store.refresh([entry_of(connection)]))
    return {}
