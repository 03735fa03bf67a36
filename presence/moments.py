"""Where presence joins in with chat: sockets that open, live and close, the watched conversation, the clock's tick."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from chat import database, hooks
from chat.realtime.connection import Connection
from chat.realtime.protocol import CloseCode
from presence import people, rules, store
from presence.handlers import stop_typing
from presence.watching import announce, entry_of, follow, opened, recheck, standing_of

_ROUNDS = 10


@hooks.register("connection_opened")
async def enter(connection: Connection) -> None:
    if connection.outbox.closing is None:
        opened().add(connection)
        await announce(await store.refresh([entry_of(connection)]))


@hooks.register("connection_closed")
async def leave(connection: Connection) -> None:
    if connection not in opened():
        return
    opened().discard(connection)
    standing = standing_of(connection)
    standing.closed = True
    for conversation in standing.typing:
        await stop_typing(connection, conversation)
    if connection.outbox.closing is not None and connection.outbox.closing[0] == CloseCode.RESTARTING:
        # We sent them away and they are coming back, which may take longer than the grace time: the entry ends
        # by itself where they do not.
        return
    await announce(await store.close(entry_of(connection)))


@hooks.register("connections_alive")
async def refresh(connections: Sequence[Connection]) -> None:
    entries = [entry_of(connection) for connection in connections if not standing_of(connection).closed]
    await announce(await store.refresh(entries))


@hooks.register("tick")
async def sweep() -> None:
    """Announce whose entries have ended. After an outage everybody here is entered again first: nobody goes
    offline because Redis was away."""
    health = store.health
    if health.down or health.returned:
        await refresh(list(opened()))
        health.returned = health.down
    if health.settled:
        for _ in range(_ROUNDS):
            changes, more = await store.sweep()
            await announce(changes)
            if not more:
                break


@hooks.register("tick", order=110)
async def forget_strangers() -> None:
    await recheck()


@hooks.register("conversation_watched")
async def show_conversation(connection: Connection, conversation: str | None) -> dict[str, Any]:
    """Adds who types and how the others are, who are heard of as long as the conversation is on screen."""
    async with standing_of(connection).lock:
        if conversation is None:
            if connection.watching is None:
                await follow(connection, beside=())
            return {"typing": [], "presence": {}}
        key = UUID(conversation)
        seen = await database.run(people.companions, connection.user, key)
        # Two of these may overtake each other: only the one that is on screen counts.
        if connection.watching == conversation:
            await follow(connection, beside=seen)
        hiding, sees_typing = await database.run(_hidden, connection.user, seen)
        typing = await store.list_typing(key) if sees_typing else []
        return {
            "typing": rules.typing_shown(typing, reader=connection.user_id),
            "presence": rules.shown(seen, await store.read(seen), hiding=hiding),
        }


def _hidden(viewer: Any, seen: Collection[str]) -> tuple[set[str], bool]:
    return people.hidden_from(viewer, seen), people.may_see_typing(viewer)


@hooks.register("features")
def features() -> tuple[str, ...]:
    return ("presence", "typing")
