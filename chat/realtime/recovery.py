"""What the layer lost, from PostgreSQL: holes filled with one read for all sockets, and a watch that compares heads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from chat import database, frames, hooks, wire
from chat.auth import authenticator
from chat.conf import conf
from chat.exceptions import ChatError
from chat.models import Participant
from chat.realtime.protocol import CloseCode
from chat.realtime.topics import Topic
from chat.services import messages
from chat.swap import conversation_model

if TYPE_CHECKING:
    from chat.realtime.hub import Hub

logger = logging.getLogger(__name__)

FILL_MESSAGES = 100
FILL_BYTES = 131_072


def members_of(conversation: UUID, users: set[Any]) -> set[Any]:
    """Those of these people (keys) who take part now."""
    rows = Participant.objects.filter(conversation=conversation, user__in=users, removed_at=None)
    return set(rows.values_list("user", flat=True))


def read_fill(conversation: UUID, after: int, users: set[Any]) -> tuple[wire.Changes, set[Any]]:
    """What is after a place, and who of these people may hear it."""
    with database.snapshot():
        return messages.changes_of(conversation, after=after), members_of(conversation, users)


def changes_frame(changes: wire.Changes, *, lacking: Collection[str] = ()) -> str:
    """The `changes` event, or `behind` where clients had better fetch for themselves."""
    shown = messages.without_reads(changes) if "reads" in lacking else changes
    if not changes.reset and len(shown.messages or ()) <= FILL_MESSAGES:
        text = wire.encode(frames.ChangesFrame(**msgspec.structs.asdict(shown)))
        if len(text.encode()) <= FILL_BYTES:
            return text
    return wire.encode(frames.BehindFrame(conversation=changes.conversation, seq=changes.seq))


async def fill_hole(hub: Hub, topic: Topic) -> None:
    """Wait a little (commit and publish invert between processes), then read what is missing."""
    try:
        await asyncio.sleep(conf().hole_wait)
        while topic.waiting and topic.cursor is not None and topic.connections:
            try:
                await fill(hub, topic)
            except ChatError as error:
                logger.warning("cannot fill %s: %s", topic.name, error.code)
                await asyncio.sleep(1)
    finally:
        topic.filling = False


async def fill(hub: Hub, topic: Topic) -> None:
    """Tell the sockets of a conversation what is after the cursor. Members are read again: who left is let go."""
    after = topic.cursor
    if after is None:
        return
    conversation = UUID(topic.name.removeprefix("c."))
    users = {connection.user.pk for connection in topic.connections}
    changes, members = await database.run(read_fill, conversation, after, users)
    # Events may have been told while this was read: what is older than they are, clients merge.
    if changes.seq > max(after, topic.cursor or 0):
        texts = {lacks: changes_frame(changes, lacking=lacks) for lacks in {item.lacking for item in topic.connections}}
        for connection in list(topic.connections):
            if connection.user.pk in members:
                connection.send(texts[connection.lacking])
    for connection in list(topic.connections):
        if connection.user.pk in users - members:
            hub.unsubscribe(connection, [topic.name])
    topic.advance(changes.seq)


async def watch(hub: Hub) -> None:
    """Every few seconds: is the layer still heard, did a head run away, did a session end."""
    late: set[str] = set()
    beat = 0
    while True:
        await asyncio.sleep(1)
        beat += 1
        for hook in hooks.at("tick"):
            await _quietly(hook())
        if beat % max(1, round(conf().ping_interval)) == 0 and hub.connections:
            for hook in hooks.at("connections_alive"):
                await _quietly(hook(list(hub.connections)))
        if beat % max(1, round(conf().heads_interval)) == 0:
            await _quietly(_hear(hub))
            try:
                late = await _compare(hub, late)
            except ChatError as error:
                logger.warning("cannot compare heads: %s", error.code)


async def _quietly(work: Any) -> None:
    try:
        await work
    except Exception as error:  # the watch goes on, whatever one round meets
        logger.warning("the watch met %r", error)


async def _hear(hub: Hub) -> None:
    if not hub.deaf:
        try:
            async with asyncio.timeout(2 * conf().redis_timeout):
                await hub.echo()
        except Exception as error:  # a time-out, or whatever the layer raises without its Redis
            hub.deaf = True
            logger.warning("the channel layer does not answer: %r", error)
    if hub.deaf:
        async with asyncio.timeout(10):
            await hub.rebuild()
        logger.warning("the channel layer was rebuilt")


async def _compare(hub: Hub, late: set[str]) -> set[str]:
    """Fill conversations whose head was ahead for two rounds (one may be a message under way)."""
    cursors = {
        name: topic.cursor
        for name, topic in hub.topics.items()
        if topic.cursor is not None and topic.connections and name.startswith("c.")
    }
    sessions = {connection.session for connection in hub.connections if connection.session}
    heads, revoked = await database.run(
        _read_heads, [UUID(name.removeprefix("c.")) for name in cursors], sorted(sessions)
    )
    for connection in list(hub.connections):
        if connection.session in revoked:
            connection.close(CloseCode.UNAUTHENTICATED, "unauthenticated")
    ahead = set()
    for key, head in heads.items():
        name = f"c.{key}"
        topic = hub.topics.get(name)
        if topic is None or topic.cursor is None:
            continue
        if head < cursors[name] and topic.cursor == cursors[name]:
            # The database went back in time: a backup was restored.
            for connection in list(topic.connections):
                connection.close(CloseCode.RESYNC, "resync")
            del hub.topics[name]
        elif head > topic.cursor:
            ahead.add(name)
            if name in late or hub.deaf:
                await fill(hub, topic)
    return ahead


def _read_heads(conversations: list[UUID], sessions: list[str]) -> tuple[dict[UUID, int], set[str]]:
    heads = dict(conversation_model().objects.filter(pk__in=conversations).values_list("pk", "seq"))
    return heads, authenticator().revoked(sessions) if sessions else set()
