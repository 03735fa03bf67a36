"""Opaque places in a list that is ordered by time, newest first."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from chat.exceptions import BadRequest


@dataclass(frozen=True, slots=True)
class Cursor:
    moment: datetime
    id: UUID

    def encode(self) -> str:
        text = f"{self.moment.astimezone(UTC).isoformat()}|{self.id}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, raw: str) -> Cursor:
        """Raises BadRequest for anything that `encode` did not make."""
        try:
            text = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode()
            moment, _, key = text.partition("|")
            parsed = datetime.fromisoformat(moment)
            if parsed.tzinfo is None:
                raise ValueError("naive")
            made = cls(parsed, UUID(key))
            # One spelling only: PostgreSQL does not take every offset that Python does.
            if made.encode() != raw:
                raise ValueError("another spelling")
        except (ValueError, OverflowError, binascii.Error) as error:
            raise BadRequest(fields={"cursor": "not one of ours"}) from error
        return made
