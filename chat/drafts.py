"""What somebody wants to send, made clean: pure rules on text and metadata, no I/O."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from chat import cards, wire
from chat.conf import conf
from chat.exceptions import BadRequest, TooLarge, Unsupported


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to be. `digest` is over the draft as received; hooks may change the rest, never that.

    `extra` sets fields of a swapped Message model.
    """

    sender: Any
    conversation: UUID
    client_id: UUID
    text: str
    digest: bytes
    reply_to: UUID | None = None
    mentions: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "text"
    data: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[UUID, Any, UUID]:
        """What makes a send repeatable: (conversation, sender, client_id)."""
        return (self.conversation, self.sender.pk, self.client_id)


def draft_of(sender: Any, command: wire.SendMessage) -> Draft:
    """Raises BadRequest or TooLarge where the content breaks a rule of the contract."""
    if command.attachments:
        raise Unsupported("This service takes no attachments.", fields={"attachments": "not supported"})
    return Draft(
        sender=sender,
        conversation=command.conversation,
        client_id=command.client_id,
        text=clean_text(command.text),
        digest=digest(command.text, str(command.reply_to or ""), sorted(set(command.mentions)), command.metadata),
        reply_to=command.reply_to,
        mentions=tuple(dict.fromkeys(map(_spelled, command.mentions))),
        metadata=clean_metadata(command.metadata),
    )


def _spelled(raw: str) -> str:
    """A user id in its one spelling: UUIDs have several. What cannot be one stays, and is found nowhere."""
    key = cards.user_key(raw)
    return raw if key is None else str(key)


def clean_text(text: str, *, limit: int | None = None, name: str = "text", required: bool = True) -> str:
    """NFC with LF line ends. Raises BadRequest for NUL, a lone surrogate or an empty text; TooLarge over `limit`."""
    limit = conf().text_limit if limit is None else limit
    # NFC can shorten; nothing legitimate shrinks by four, and normalising is not free.
    if len(text) > 4 * limit:
        raise TooLarge(fields={name: f"at most {limit} characters"})
    _refuse_unstorable(text, name)
    clean = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if len(clean) > limit:
        raise TooLarge(fields={name: f"at most {limit} characters"})
    if required and not clean.strip():
        raise BadRequest(fields={name: "is empty"})
    return clean


def clean_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Raises TooLarge over the limit, BadRequest for what PostgreSQL's jsonb cannot hold."""
    try:
        encoded = orjson.dumps(metadata)
    except TypeError as error:
        raise BadRequest(fields={"metadata": str(error)}) from error
    if len(encoded) > conf().metadata_limit:
        raise TooLarge(fields={"metadata": f"at most {conf().metadata_limit} bytes"})
    if b"\\u0000" in encoded:
        _refuse_nul(metadata)
    return dict(metadata)


def digest(*parts: Any) -> bytes:
    """SHA-256 over parts that JSON can hold, keys in order."""
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()


def _refuse_unstorable(text: str, name: str) -> None:
    if "\x00" in text:
        raise BadRequest(fields={name: "holds a NUL character"})
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRequest(fields={name: "holds a lone surrogate"}) from error


def _refuse_nul(value: Any) -> None:
    if isinstance(value, str):
        _refuse_unstorable(value, "metadata")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _refuse_nul(key)
            _refuse_nul(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_nul(inner)
