"""Names that people give themselves: one spelling for what looks the same, and nothing invisible."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError

DISPLAY_NAME_LIMIT = 80
# A match in PostgreSQL and in Python alike.
BLANK = r"^\s*$"

# Controls, surrogates, private use, unassigned; and what turns the direction of text around.
_FORBIDDEN = {"Cc", "Cs", "Co", "Cn"}
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_display_name(raw: str) -> str:
    """NFC, white space squeezed. Raises ValidationError for a name that shows nothing, or too much."""
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    if len(name) > DISPLAY_NAME_LIMIT:
        raise ValidationError(f"At most {DISPLAY_NAME_LIMIT} characters.")
    if _DIRECTION.search(name) or any(unicodedata.category(char) in _FORBIDDEN for char in name):
        raise ValidationError("There are characters in it that a name cannot have.")
    # Letters, digits, punctuation, symbols; marks and joiners alone show nothing.
    if not any(unicodedata.category(char)[0] in "LNPS" for char in name):
        raise ValidationError("A name cannot be blank.")
    return name


def validate_display_name(raw: str) -> None:
    """`clean_display_name` in the form of a field's validator."""
    clean_display_name(raw)


def trimmed(raw: str, limit: int) -> str:
    """Text that a program says about itself, cut to what a column holds, without what cannot be shown."""
    return "".join(char for char in raw if char.isprintable()).strip()[:limit]
