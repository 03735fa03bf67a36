"""Who is shown as what, without I/O. How the entries of a person's sockets add up to a state stands in the store's
script, where it must be to be atomic."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import structs

from presence.wire import Presence, TypingEntry

OFFLINE = Presence(state="offline", last_seen=None)


def shown(
    people: Mapping[str, bool], found: Mapping[str, Presence], *, hiding: Collection[str] = ()
) -> dict[str, Presence]:
    """What a reader is told. `people`: whom they may see → whether that person is active; `hiding`: whose last visit
    is not for this reader.

    Nobody else appears, whatever was found. Of a person who is deleted or deactivated not even the last visit is told.
    """
    return {
        user: without_visit(found.get(user, OFFLINE), hidden=user in hiding) if active else OFFLINE
        for user, active in people.items()
    }


def without_visit(presence: Presence, *, hidden: bool = True) -> Presence:
    return structs.replace(presence, last_seen=None) if hidden else presence


def typing_shown(entries: Iterable[TypingEntry], *, reader: str) -> list[TypingEntry]:
    """Everybody but oneself, in order of user, so that equal states read the same."""
    return sorted((entry for entry in entries if entry.user != reader), key=lambda entry: entry.user)
