"""The socket's commands: a registry of types, and chat's own. Other apps add theirs with `command`.

A handler decodes nothing and writes nothing: it gets a struct, calls one service, and returns what `data` holds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from chat import answers, database, hooks, wire
from chat.auth import authenticator
from chat.drafts import draft_of
from chat.exceptions import Forbidden, UnknownType
from chat.realtime.connection import Connection
from chat.realtime.protocol import Frame
from chat.services import admission, editing, mine, positions, privacy, reacting, receipts, sending
from chat.services.membership import participant_of

Handler = Callable[[Connection, Any], Awaitable[Any]]
CommandT = TypeVar("CommandT", bound=wire.Command)


@dataclass(frozen=True, slots=True)
class Entry:
    """`answer` is what the reply's data is, for the documents; a handler may return it as a plain dict."""

    form: type[wire.Command]
    handler: Handler
    answer: type[wire.Resource]


registry: dict[str, Entry] = {}


def command(
    name: str, form: type[CommandT], answer: type[wire.Resource] = answers.Nothing
) -> Callable[[Callable[[Connection, CommandT], Awaitable[Any]]], Callable[[Connection, CommandT], Awaitable[Any]]]:
    """Register a handler for a command type. Raises ValueError where the name is taken."""

    def add(
        handler: Callable[[Connection, CommandT], Awaitable[Any]],
    ) -> Callable[[Connection, CommandT], Awaitable[Any]]:
        if name in registry:
            raise ValueError(f"the command {name} is registered already")
        registry[name] = Entry(form, handler, answer)
        return handler

    return add


async def handle(connection: Connection, frame: Frame) -> Any:
    """Run one command; returns the reply's data. Raises ChatError."""
    entry = registry.get(frame.type)
    if entry is None:
        raise UnknownType(fields={"type": f"{frame.type[:40]} is not a command"})
    return await entry.handler(connection, wire.convert(frame.fields, entry.form))


def order_key(frame: Frame) -> str | None:
    """Commands with the same key run in the order they came."""
    conversation = frame.fields.get("conversation")
    return conversation if isinstance(conversation, str) else None


@command("send_message", wire.SendMessage, answers.SentAnswer)
async def send_message(connection: Connection, command: wire.SendMessage) -> Any:
    draft = draft_of(connection.user, command)
    sent = await database.run(sending.write_one, draft, admission.admit_send)
    return {"message": sent.message, "repeated": sent.repeated}


def _edit(user: Any, command: wire.EditMessage) -> wire.Message:
    admission.admit_edit(user)
    return editing.edit_message(
        user=user, message=command.message, text=command.text, if_edited_at=command.if_edited_at
    )


def _delete(user: Any, command: wire.DeleteMessage) -> wire.Message:
    admission.admit_edit(user)
    return editing.delete_message(user=user, message=command.message)


def _react(user: Any, command: wire.React) -> wire.Message:
    admission.admit_reaction(user)
    return reacting.react(user=user, message=command.message, emoji=command.emoji, on=command.on)


@command("edit_message", wire.EditMessage, answers.MessageAnswer)
async def edit_message(connection: Connection, command: wire.EditMessage) -> Any:
    return {"message": await database.run(_edit, connection.user, command)}


@command("delete_message", wire.DeleteMessage, answers.MessageAnswer)
async def delete_message(connection: Connection, command: wire.DeleteMessage) -> Any:
    return {"message": await database.run(_delete, connection.user, command)}


@command("react", wire.React, answers.MessageAnswer)
async def react(connection: Connection, command: wire.React) -> Any:
    return {"message": await database.run(_react, connection.user, command)}


@command("update_mine", wire.UpdateMine, answers.MineAnswer)
async def update_mine(connection: Connection, command: wire.UpdateMine) -> Any:
    return {"mine": await database.run(mine.update_mine, user=connection.user, command=command)}


@command("mark_read", wire.MarkRead, answers.MineAnswer)
async def mark_read(connection: Connection, command: wire.MarkRead) -> Any:
    mine = await database.run(
        receipts.mark_read, user=connection.user, conversation=command.conversation, seq=command.seq
    )
    return {"mine": mine}


@command("mark_delivered", wire.MarkDelivered)
async def mark_delivered(connection: Connection, command: wire.MarkDelivered) -> Any:
    await database.run(receipts.mark_delivered, user=connection.user, marks=command.marks)
    return {}


@command("watch_conversation", wire.WatchConversation, answers.WatchAnswer)
async def watch_conversation(connection: Connection, command: wire.WatchConversation) -> Any:
    conversation = str(command.conversation) if command.conversation else None
    answer: dict[str, Any] = {"receipts": {}, "counts": None}
    if command.conversation is not None:
        found = await database.run(receipts.list_receipts, user=connection.user, conversation=command.conversation)
        answer |= {"receipts": found.receipts, "counts": found.counts}
    connection.watching = conversation
    for hook in hooks.at("conversation_watched"):
        answer.update(await hook(connection, conversation))
    return answer


@command("positions", wire.Positions, answers.PositionsAnswer)
async def read_positions(connection: Connection, command: wire.Positions) -> Any:
    standing = await database.run(positions.read_positions, user=connection.user, cursor=command.cursor)
    return positions.as_body(standing)


@command("refresh", wire.Refresh, answers.ExpiryAnswer)
async def refresh(connection: Connection, command: wire.Refresh) -> Any:
    principal = await database.run(authenticator().authenticate, command.token)
    if principal.user_id != connection.user_id or principal.session != connection.session:
        raise Forbidden("The token is another person's or another login's.")
    connection.principal = principal
    # The event of a change may have been lost.
    connection.lacking = await database.run(privacy.lacking, connection.user)
    connection.renewed.set()
    return {"expires_at": wire.stamp(principal.expires_at)}


@command("ping", wire.Ping, answers.Pong)
async def ping(connection: Connection, _: wire.Ping) -> Any:
    seq = await database.run(positions.inbox_head, connection.user)
    return {"now": wire.stamp(datetime.now(UTC)), "inbox_seq": seq}


async def member_of(connection: Connection, conversation: Any) -> None:
    """For handlers of other apps. Raises NotFound for everybody but current members."""
    await database.run(participant_of, connection.user, conversation)


__all__ = ["Entry", "command", "handle", "member_of", "order_key", "registry"]
