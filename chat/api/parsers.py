"""What the REST door reads: strict JSON of a bounded size, and never an exception that is not a ChatError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.parsers import BaseParser

from chat import wire
from chat.conf import conf
from chat.exceptions import BadRequest, TooLarge


class JSONParser(BaseParser):
    """UTF-8 only, no NaN, no lone surrogates; at most as long as a socket's frame."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = conf().frame_limit
        # The stream may be a whole upload: never read more of it than can be right.
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(f"A body may have {limit} bytes.")
        if not raw:
            raise BadRequest("The body is empty.")
        return wire.loads(raw)
