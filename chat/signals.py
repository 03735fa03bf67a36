"""What other code may react to, once it is committed and told: Django signals, in a thread of their own.

Nobody waits for a receiver, neither the sender's acknowledgement nor another socket, and what it raises is logged.
A process that is killed takes its waiting signals along: what must happen belongs into the transaction, as a row.
Receivers get wire structs as keywords, as named beside each signal, and `**kwargs`, since fields may be added.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from django.db import connection
from django.dispatch import Signal

from chat import events

logger = logging.getLogger(__name__)

# message: wire.Message
message_sent = Signal()
# message: wire.Message, as it is now: edited, reacted to
message_updated = Signal()
# message: wire.Message, emptied
message_deleted = Signal()
# conversation: wire.Conversation; message: the system message that tells it, or None; removed: user ids
conversation_updated = Signal()
# user: id of the one person whose list it came into; conversation: wire.Conversation
conversation_added = Signal()
# user: id; conversation: id; reason: "left", "removed" or "deleted"
conversation_removed = Signal()
# user: id; conversation: id; seq: how far they have read
messages_read = Signal()

Told = tuple[Signal, dict[str, Any]]

# Signals that wait for their turn; beyond, receivers are too slow for the traffic, and memory comes first.
WAITING_MOST = 10_000
_room = threading.BoundedSemaphore(WAITING_MOST)
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chat-signals")


def of(event: events.Event) -> Told | None:
    """The signal of an event and what goes with it; None where there is none."""
    match event:
        case events.NewMessage(message=message):
            return message_sent, {"message": message}
        case events.MessageChanged(message=message, deleted=deleted):
            return message_deleted if deleted else message_updated, {"message": message}
        case events.ConversationChanged(state=state, message=told, removed=removed):
            return conversation_updated, {"conversation": state, "message": told, "removed": list(removed)}
        case events.ConversationAdded(user=user, state=state):
            return conversation_added, {"user": user, "conversation": state}
        case events.ConversationRemoved(user=user, conversation=conversation, reason=reason):
            return conversation_removed, {"user": user, "conversation": conversation, "reason": reason}
        case events.MarkMoved(kind="read", user=user, conversation=conversation, seq=seq):
            return messages_read, {"user": user, "conversation": conversation, "seq": seq}
    return None


def tell(told: Sequence[events.Event]) -> None:
    """Hand committed events to the thread; costs nothing where nobody listens."""
    for event in told:
        found = of(event)
        if found is None or not found[0].has_listeners(type(event)):
            continue
        if not _room.acquire(blocking=False):
            logger.error("a signal was dropped: %s of them wait for slow receivers", WAITING_MOST)
            continue
        _thread.submit(_send, partial(found[0].send_robust, type(event), **found[1]))


def _send(send: Callable[[], Any]) -> None:
    try:
        # Django logs what a receiver raises.
        send()
    finally:
        # Back to the connection pool, as after any work in a thread.
        connection.close()
        _room.release()


def settle() -> None:
    """Wait until what was told so far has been received: for tests and commands."""
    _thread.submit(lambda: None).result()
