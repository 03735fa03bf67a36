"""What the servers write, and what is kept from them of the person's environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

_LIMIT = 5_000_000


def open_log(path: Path) -> IO[bytes]:
    """Open it at its end; a long one is put aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LIMIT:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")


def plain_environment() -> dict[str, str]:
    """Without the person's PG… settings and locale, which would steer the servers."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {"PATH": path, "LC_ALL": "C", "TZ": "UTC"}
