"""The one wire form: resources, commands and events as structs. REST bodies, socket frames and schemas come from here.

Commands are decoded into structs here and nowhere else; both doors use the same ones.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
import orjson
from msgspec import UNSET, Meta, Struct, UnsetType

from chat.conf import conf
from chat.exceptions import BadRequest

Json = dict[str, Any]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
UserId = Annotated[str, Meta(min_length=1, max_length=64)]
# What the server sends, for the documents that are made of these structs: encoding does not look at it.
Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


def known(*values: str) -> Meta:
    """An open enumeration: these are the words of today, and clients get along with others."""
    return Meta(extra_json_schema={"x-known-values": list(values)})


class Resource(Struct, frozen=True, kw_only=True):
    """Base of what the server sends: every field always present."""


class Command(Struct, frozen=True, kw_only=True):
    """Base of what clients send: unknown fields are ignored."""


# --- resources ----------------------------------------------------------------------------------
class User(Resource, frozen=True):
    id: str
    display_name: str
    avatar: str | None
    deleted: bool
    ext: Json


class Reaction(Resource, frozen=True):
    emoji: str
    count: int
    users: list[str]


class Message(Resource, frozen=True):
    id: Id
    conversation: Id
    seq: int
    changed_seq: int
    client_id: Id | None
    sender: str | None
    kind: Annotated[str, known("text", "voice", "call", "system")]
    text: str
    data: Json | None
    reply_to: Id | None
    mentions: list[str]
    attachments: list[Json]
    reactions: list[Reaction]
    metadata: Json
    ext: Json
    created_at: Time
    edited_at: Time | None
    deleted_at: Time | None
    deleted_by: Annotated[str, known("author", "moderator")] | None
    hidden_at: Time | None


class Subject(Resource, frozen=True):
    """The business object talked about. Only a resolver of the deployment makes one."""

    type: str
    id: str
    title: str
    url: str | None
    image: str | None


class ParticipantEntry(Resource, frozen=True):
    user: str
    role: Annotated[str, known("owner", "admin", "member")]
    joined_at: Time


class Conversation(Resource, frozen=True):
    id: Id
    kind: Annotated[str, known("direct", "group")]
    title: str
    subject: Subject | None
    seq: int
    changed_seq: int
    history_start: int
    last_message: Message | None
    participant_count: int
    participants: list[ParticipantEntry]
    closed_at: Time | None
    slow_mode: int
    metadata: Json
    ext: Json
    created_at: Time


class Mine(Resource, frozen=True):
    """What of a conversation is its reader's own. `unread` counts to 100, as of the seq `as_of`."""

    state: Annotated[str, known("active", "request", "ignored")]
    read_seq: int
    unread: int
    as_of: int
    muted_until: Time | None
    archived: bool
    pinned: bool
    marked_unread: bool
    draft: str
    others_read_seq: int
    others_delivered_seq: int
    can: list[str]


class Receipt(Resource, frozen=True):
    read_seq: int
    delivered_seq: int


class ReceiptCounts(Resource, frozen=True):
    """How many members other than its sender have reached the message at this place."""

    message_seq: int
    read: int
    delivered: int


class Privacy(Resource, frozen=True):
    """What a person hides, and therefore does not see of others."""

    hide_last_seen: bool
    hide_typing: bool
    private_receipts: bool


class ConversationView(Resource, frozen=True):
    """A conversation and what of it is the reader's own."""

    conversation: Conversation
    mine: Mine


class Position(Resource, frozen=True):
    """Where a conversation stands: `marks` is the sum of the marks in its receipts, 0 where those are counted."""

    seq: int
    marks: int
    mine: Mine


class Badge(Resource, frozen=True):
    conversations: int
    messages: int


class Changes(Resource, frozen=True, omit_defaults=True):
    """What changed in `after < changed_seq ≤ seq`, as it is now. With `reset` only `conversation` and `seq` count."""

    conversation: Id
    seq: int
    after: int | UnsetType = UNSET
    messages: list[Message] | UnsetType = UNSET
    state: Conversation | UnsetType | None = UNSET
    receipts: dict[str, Receipt] | UnsetType = UNSET
    users: list[User] | UnsetType = UNSET
    referenced: list[Message] | UnsetType = UNSET
    more: bool | UnsetType = UNSET
    reset: bool | UnsetType = UNSET


class Page(Resource, frozen=True):
    """Messages ascending. `seq` is the conversation's head, read before the rows."""

    messages: list[Message]
    seq: int
    more_before: bool
    more_after: bool
    users: list[User]
    referenced: list[Message]


# --- commands -----------------------------------------------------------------------------------
class SubjectRef(Command, frozen=True):
    type: Annotated[str, Meta(min_length=1, max_length=40)]
    id: Annotated[str, Meta(min_length=1, max_length=80)]


class ClientInfo(Command, frozen=True):
    name: Annotated[str, Meta(max_length=40)] = ""
    version: Annotated[str, Meta(max_length=40)] = ""


class Hello(Command, frozen=True):
    token: Annotated[str, Meta(min_length=1, max_length=8192)]
    device: UUID | None = None
    client: ClientInfo = ClientInfo()


class SendMessage(Command, frozen=True):
    conversation: UUID
    client_id: UUID
    text: str = ""
    attachments: list[UUID] = []
    reply_to: UUID | None = None
    mentions: Annotated[list[UserId], Meta(max_length=50)] = []
    metadata: Json = {}


class EditMessage(Command, frozen=True):
    message: UUID
    text: str
    # The `edited_at` that the editor saw: another one in between is a conflict. Absent: whatever it is.
    if_edited_at: str | UnsetType | None = UNSET


class DeleteMessage(Command, frozen=True):
    message: UUID


class React(Command, frozen=True):
    message: UUID
    emoji: Annotated[str, Meta(min_length=1, max_length=40)]
    on: bool


class UpdateMine(Command, frozen=True):
    """Absent is keep, null is clear."""

    conversation: UUID
    muted_until: Annotated[datetime, Meta(tz=True)] | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    marked_unread: bool | UnsetType = UNSET
    draft: str | UnsetType | None = UNSET


class UpdateConversation(Command, frozen=True):
    """Absent is keep, null is clear."""

    title: str | UnsetType | None = UNSET
    subject: SubjectRef | UnsetType | None = UNSET
    metadata: Json | UnsetType | None = UNSET


class UpdatePrivacy(Command, frozen=True):
    """Absent is keep."""

    hide_last_seen: bool | UnsetType = UNSET
    hide_typing: bool | UnsetType = UNSET
    private_receipts: bool | UnsetType = UNSET


class AddParticipants(Command, frozen=True):
    users: Annotated[list[UserId], Meta(min_length=1, max_length=100)]


class ChangeRole(Command, frozen=True):
    role: Literal["owner", "admin", "member"]


class MarkRead(Command, frozen=True):
    conversation: UUID
    seq: Seq


class MarkDelivered(Command, frozen=True):
    marks: Annotated[dict[UUID, Seq], Meta(min_length=1, max_length=100)]


class WatchConversation(Command, frozen=True):
    conversation: UUID | None


class Positions(Command, frozen=True):
    cursor: Annotated[str, Meta(max_length=200)] | None = None


class Refresh(Command, frozen=True):
    token: Annotated[str, Meta(min_length=1, max_length=8192)]


class Ping(Command, frozen=True):
    pass


class FirstMessage(Command, frozen=True):
    client_id: UUID
    text: str = ""
    metadata: Json = {}


class CreateConversation(Command, frozen=True):
    client_id: UUID
    kind: Literal["direct", "group"]
    users: Annotated[list[UserId], Meta(min_length=1)]
    title: str = ""
    subject: SubjectRef | None = None
    message: FirstMessage | None = None


class Sync(Command, frozen=True):
    cursors: Annotated[dict[UUID, Seq], Meta(min_length=1, max_length=50)]


# --- encoding -----------------------------------------------------------------------------------
def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with three digits of a second: `2026-11-22T10:00:00.000Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def stamp_or_none(moment: datetime | None) -> str | None:
    return stamp(moment) if moment is not None else None


_encoder = msgspec.json.Encoder()


def encode(data: Any) -> str:
    """JSON text of structs, dicts and lists of them."""
    return _encoder.encode(data).decode()


def builtins(data: Any) -> Any:
    """The same as plain dicts and lists, for DRF's renderer."""
    return msgspec.to_builtins(data)


def loads(raw: bytes | str) -> Any:
    """Parse JSON strictly (RFC 8259: no NaN, no lone surrogates), `frame_depth` deep. Raises BadRequest."""
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest("This is not valid JSON.") from error
    depth = conf().frame_depth
    if _deeper_than(parsed, depth):
        raise BadRequest(f"This is nested deeper than {depth}.")
    return parsed


def _deeper_than(value: Any, limit: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if limit == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value
    return any(_deeper_than(item, limit - 1) for item in inner)


CommandT = TypeVar("CommandT", bound=Command)


def convert(data: Any, form: type[CommandT]) -> CommandT:
    """Make a command of parsed JSON. Raises BadRequest, naming the field."""
    try:
        return msgspec.convert(data, form)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `")
        name = path.rstrip("`").removeprefix("$").lstrip(".")
        raise BadRequest(fields={name or "body": what}) from error
