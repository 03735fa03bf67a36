"""The team's rules at chat's moments: refuse, change, fill fields of its own, show them in `ext`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chat import hooks
from chat.drafts import Draft
from chat.exceptions import ChatError, Refused
from tests.acme.models import Conversation, Listing, Message, Offer

_PHONE = re.compile(r"(?:\+?\d[ .-]?){9,}\d")
_FRENCH = re.compile(r"\b(bonjour|merci|oui|vous)\b", re.IGNORECASE)


class PhoneNumber(Refused):
    """A code of the team's own: clients that do not know it go by `retry`."""

    code = "acme.phone_number"
    default_message = "Please keep phone numbers to yourself until the sale."


class Withdrawn(Refused):
    code = "acme.withdrawn"
    default_message = "This listing is no longer for sale."


@hooks.register("before_send", order=10, version=1)
def no_phone_numbers(drafts: Sequence[Draft]) -> Sequence[Draft | ChatError]:
    return [
        PhoneNumber(fields={"text": "holds a phone number"}) if _PHONE.search(draft.text) else draft for draft in drafts
    ]


@hooks.register("before_send", order=20)
def mind_the_language(drafts: Sequence[Draft]) -> Sequence[Draft | ChatError]:
    """Changes the text and fills a field of the swapped Message."""
    return [
        replace(
            draft,
            text=draft.text.replace("ACME", "Acme"),
            extra={**draft.extra, "language": "fr" if _FRENCH.search(draft.text) else ""},
        )
        for draft in drafts
    ]


@hooks.register("before_open")
def branch_of_the_listing(opening: hooks.Opening) -> Mapping[str, Any]:
    if opening.subject is None:
        return {}
    listing = Listing.objects.get(pk=opening.subject.id)
    if listing.withdrawn:
        raise Withdrawn()
    return {"branch": listing.branch}


@hooks.register("message_ext")
def show_message(rows: Sequence[Message]) -> Sequence[dict[str, Any]]:
    """One query for all of them, and only where one may have an offer: `data` says so."""
    telling = [row.pk for row in rows if row.data is not None and row.data.get("event") == "acme.offer"]
    amounts = dict(Offer.objects.filter(message__in=telling).values_list("message", "amount")) if telling else {}
    return [{"language": row.language} | ({"offer": amounts[row.pk]} if row.pk in amounts else {}) for row in rows]


@hooks.register("conversation_ext")
def show_conversation(rows: Sequence[Conversation]) -> Sequence[dict[str, Any]]:
    return [{"branch": row.branch} for row in rows]


@hooks.register("features")
def features() -> tuple[str, ...]:
    return ("acme.offers",)
