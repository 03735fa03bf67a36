"""Golden files: what travels, once written down and read by pytest, by the client's tests and by the documents.

`PLANB_GOLDEN=write` makes the files anew, for whoever changes the contract on purpose.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parent / "wire"

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_OTHER_EACH_TIME = {
    "epoch": "<epoch>",
    "access": "<token>",
    "refresh": "<token>",
    "token": "<token>",
    "user_agent": "<browser>",
}


class Normal:
    """Replaces what is another value in each run: ids in order of appearance, times, the epoch, tokens."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def of(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.text(key): self.field(key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.of(inner) for inner in value]
        return self.text(value) if isinstance(value, str) else value

    def field(self, key: str, value: Any) -> Any:
        if key in _OTHER_EACH_TIME and isinstance(value, str):
            return _OTHER_EACH_TIME[key]
        # Seconds that are left of it when it is asked for.
        if key == "expires_in" and 5 < value < 6:
            return 5.5
        return self.of(value)

    def text(self, value: str) -> str:
        if _TIME.fullmatch(value):
            return "2026-11-22T10:00:00.000Z"
        return _ID.sub(self.number, value)

    def number(self, match: re.Match[str]) -> str:
        return self.ids.setdefault(match[0], f"00000000-0000-7000-8000-{len(self.ids) + 1:012d}")


def as_golden(name: str, value: Any) -> None:
    """It equals the golden file of that name."""
    path = GOLDEN / f"{name}.json"
    made = Normal().of(value)
    if os.environ.get("PLANB_GOLDEN") == "write":
        path.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")
    assert made == golden(name)


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())
