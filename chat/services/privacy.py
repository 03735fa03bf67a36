"""What a person hides: when they were last seen, that they type, what they have read. Who hides it does not see it of
others either; what others were told before stays told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import UnsetType, structs

from chat import cards, database, events, wire
from chat.models import Privacy

# What is hidden → what its owner therefore lacks.
_LACKS = {"hide_last_seen": "last_seen", "hide_typing": "typing", "private_receipts": "reads"}


def get_privacy(*, user: Any) -> wire.Privacy:
    row = Privacy.objects.filter(user=user).first()
    return _rendered(row) if row is not None else wire.Privacy(**dict.fromkeys(_LACKS, False))


def update_privacy(*, user: Any, command: wire.UpdatePrivacy) -> wire.Privacy:
    """Change what is given. Marks go on from where they are: what was read in private becomes known to others with
    the first mark after it is private no longer."""
    wanted = {name: value for name, value in structs.asdict(command).items() if not isinstance(value, UnsetType)}
    with database.writing():
        Privacy.objects.bulk_create([Privacy(user=user)], ignore_conflicts=True)
        row: Privacy = Privacy.objects.select_for_update().get(user=user)
        if any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save(update_fields=list(wanted))
            events.publish(events.PrivacyChanged(user=str(user.pk), lacking=sorted(_lacking(row))))
        return _rendered(row)


def lacking(user: Any) -> frozenset[str]:
    """What this person does not see of others: `last_seen`, `typing`, `reads`."""
    row = Privacy.objects.filter(user=user).first()
    return _lacking(row) if row is not None else frozenset()


def lacks(user: Any, what: str) -> bool:
    return what in lacking(user)


def hiding_last_seen(people: Iterable[str]) -> set[str]:
    """Those of these people (wire ids) who hide it."""
    keys = {key for raw in people if (key := cards.user_key(raw)) is not None}
    if not keys:
        return set()
    rows = Privacy.objects.filter(user__in=keys, hide_last_seen=True)
    return {str(key) for key in rows.values_list("user", flat=True)}


def _lacking(row: Privacy) -> frozenset[str]:
    return frozenset(lack for name, lack in _LACKS.items() if getattr(row, name))


def _rendered(row: Privacy) -> wire.Privacy:
    return wire.Privacy(**{name: getattr(row, name) for name in _LACKS})
