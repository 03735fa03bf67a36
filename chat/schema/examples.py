"""Examples for the documents: the golden files, which the suite compares with what the server answers.

`examples.json` is a copy of them that ships with the app; `manage.py contract` writes it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PLACE = Path(__file__).with_name("examples.json")


@cache
def examples() -> dict[str, Any]:
    """By the golden file's name."""
    found: dict[str, Any] = json.loads(PLACE.read_text("utf-8"))
    return found
