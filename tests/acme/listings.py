"""`CHAT_SUBJECTS` of the type `listing`: from the team's own table."""

from __future__ import annotations

from typing import Any

from chat import wire
from tests.acme.models import Listing


def resolve(key: str, user: Any) -> wire.Subject | None:
    listing = Listing.objects.filter(pk=key).first()
    if listing is None:
        return None
    return wire.Subject(
        type="listing", id=listing.pk, title=listing.title, url=f"https://acme.example/l/{listing.pk}", image=None
    )
