"""What a socket gets first: everything it needs to know where it stands, read after its groups were confirmed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chat import cards, database, frames, hooks, wire
from chat.conf import conf
from chat.events import conversation_topic, user_topic
from chat.realtime.connection import Connection
from chat.services import positions, privacy

if TYPE_CHECKING:
    from chat.realtime.hub import Hub

REVISION = 1


def features() -> list[str]:
    """What this deployment can do beyond plain messages."""
    names = {"receipts", "groups"}
    for hook in hooks.at("features"):
        names.update(hook())
    return sorted(names)


def limits() -> wire.Json:
    """Sizes that clients may count on: code points, bytes, people, items."""
    given = conf()
    return {
        "text": given.text_limit,
        "title": given.title_limit,
        "metadata": given.metadata_limit,
        "frame": given.frame_limit,
        "page": given.page_limit,
        "group": given.group_limit,
    }


def timing() -> wire.Json:
    """Seconds."""
    given = conf()
    return {
        "ping": given.ping_interval,
        "reply": given.reply_timeout,
        "typing_resend": given.typing_resend,
        "typing_expire": given.typing_expire,
    }


async def greet(hub: Hub, connection: Connection, number: int) -> str:
    """Join first, have it confirmed, then read: whatever is committed later comes as an event. Returns `ready`."""
    await hub.subscribe([connection], [user_topic(connection.user_id)])
    memberships, connection.lacking = await database.run(_join_what, connection.user)
    since = {conversation_topic(key): seq for key, seq in memberships.items()}
    await hub.subscribe([connection], since, since)
    standing, heads = await database.run(_stand, connection.user)
    # Who was removed between the two reads must not go on hearing what they joined.
    joined = {conversation_topic(key) for key in memberships.keys() - heads.keys()}
    hub.unsubscribe(connection, joined & connection.topics)
    hub.set_cursors(heads)
    return wire.encode(
        frames.ReadyFrame(
            id=number,
            now=wire.stamp(datetime.now(UTC)),
            session=connection.session,
            connection=connection.id,
            user=cards.card(connection.user),
            expires_at=wire.stamp(connection.principal.expires_at),
            epoch=standing.epoch,
            revision=REVISION,
            features=features(),
            limits=limits(),
            timing=timing(),
            inbox_seq=standing.inbox_seq,
            badge=standing.badge,
            positions=standing.positions,
            next_positions=standing.next,
        )
    )


def _join_what(user: Any) -> tuple[dict[UUID, int], frozenset[str]]:
    return positions.list_heads(user), privacy.lacking(user)


def _stand(user: Any) -> tuple[positions.Standing, dict[UUID, int]]:
    # Heads first: a cursor ahead of what `ready` says would drop the event in between as told already.
    heads = positions.list_heads(user)
    return positions.read_positions(user=user), heads
