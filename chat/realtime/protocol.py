"""The socket's frames, without I/O: a total parser that answers or refuses and never throws anything else,
and the shapes of what goes out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from chat import wire
from chat.conf import conf
from chat.exceptions import BadRequest, ChatError, TooLarge

SUBPROTOCOL = "planb.v1"


class CloseCode:
    """4400–4499: change something first. Everything else: come back."""

    BAD_FRAME = 4400
    UNAUTHENTICATED = 4401
    SUSPENDED = 4403
    BAD_ORIGIN = 4405
    TOO_LARGE = 4413
    UPGRADE_REQUIRED = 4426
    REPLACED = 4429
    INTERNAL = 4500
    TOKEN_EXPIRED = 4501
    RESTARTING = 4503
    HELLO_TIMEOUT = 4508
    SLOW_CONSUMER = 4509
    RESYNC = 4510


@dataclass(frozen=True, slots=True)
class Frame:
    """One command as it came: its type, its counted id, and all fields."""

    type: str
    id: int
    fields: dict[str, Any]


class FrameError(Exception):
    """A frame that cannot be taken. `id` is the command's where it could be read, else None."""

    def __init__(self, error: ChatError, id: int | None = None) -> None:
        self.error = error
        self.id = id
        super().__init__(error.message)


def beyond_measure(raw: str | bytes) -> bool:
    """So many bytes that the socket closes."""
    most = conf().frame_close_limit
    if len(raw) > most or isinstance(raw, bytes):
        return len(raw) > most
    # Encoding is worth it only where it decides: UTF-8 takes at most four bytes a character.
    return len(raw) * 4 > most and len(raw.encode("utf-8", "surrogatepass")) > most


def parse(raw: str | bytes) -> Frame:
    """Raises FrameError, and nothing else, whatever comes."""
    if isinstance(raw, bytes):
        raise FrameError(BadRequest("Frames are text."))
    try:
        data = raw.encode()
    except UnicodeEncodeError:
        raise FrameError(BadRequest("The frame is not valid UTF-8.")) from None
    if len(data) > conf().frame_limit:
        raise FrameError(TooLarge(f"A frame holds at most {conf().frame_limit} bytes."))
    try:
        parsed = wire.loads(data)
    except BadRequest as error:
        raise FrameError(error) from None
    if not isinstance(parsed, dict):
        raise FrameError(BadRequest("A frame is one JSON object."))
    number = parsed.get("id")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**53:
        raise FrameError(BadRequest(fields={"id": "a whole number, counted up by the client"}))
    kind = parsed.get("type")
    if not isinstance(kind, str) or not kind:
        raise FrameError(BadRequest(fields={"type": "the name of a command"}), number)
    return Frame(kind, number, parsed)


def reply(id: int, data: Any) -> str:
    return wire.encode({"type": "reply", "id": id, "ok": True, "data": data})


def refusal(id: int | None, error: ChatError) -> str:
    """`id` is null where the frame was too broken to have one."""
    return wire.encode({"type": "reply", "id": id, "ok": False, "error": error.as_data()})


@dataclass(slots=True)
class BadFrames:
    """Ten unusable frames within a minute are no accident. Times are the loop's, in seconds."""

    times: deque[float] = field(default_factory=deque)

    def one_more(self, now: float) -> bool:
        """Count one; True when it is time to close with 4400."""
        self.times.append(now)
        while self.times and self.times[0] <= now - 60:
            self.times.popleft()
        return len(self.times) >= conf().bad_frames_per_minute
