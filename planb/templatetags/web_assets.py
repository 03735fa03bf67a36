"""The built client's files, as Vite's manifest names them. Reads no other file of the build."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from django import template
from django.conf import settings
from django.templatetags.static import static

register = template.Library()

ENTRY = "src/app/main.tsx"


class Assets(TypedDict):
    """Addresses for the page, in the order in which the page names them."""

    script: str
    styles: list[str]
    preloads: list[str]


def manifest_path() -> Path:
    return Path(settings.BASE_DIR) / "planb" / "static" / "web" / ".vite" / "manifest.json"


@register.simple_tag
def web_assets() -> Assets | None:
    """Script, styles and modules to preload; None where the client is not built."""
    path = manifest_path()
    try:
        # The time of its last change is part of the key, so that a rebuilt client needs no restart.
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Assets:
    chunks = json.loads(path.read_text(encoding="utf-8"))
    styles: dict[str, None] = {}
    preloads: dict[str, None] = {}
    pending = [ENTRY]
    seen: set[str] = set()
    while pending:
        name = pending.pop(0)
        if name in seen:
            continue
        seen.add(name)
        chunk = chunks[name]
        styles.update(dict.fromkeys(chunk.get("css", [])))
        if name != ENTRY:
            preloads[chunk["file"]] = None
        # Only what the entry always loads: a language comes when it is chosen.
        pending += chunk.get("imports", [])
    return {
        "script": _address(chunks[ENTRY]["file"]),
        "styles": [_address(file) for file in styles],
        "preloads": [_address(file) for file in preloads],
    }


def _address(file: str) -> str:
    return static(f"web/{file}")
