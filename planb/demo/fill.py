"""Make the demo's people and what they wrote. Through the services, like everybody else."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from uuid_utils.compat import uuid7

from chat import wire
from chat.models import Participant
from chat.services.conversations import create_conversation
from chat.services.importing import Entry, import_messages
from planb.accounts.models import User
from planb.demo import texts

LONG = 5_000


def fill(tell: Callable[[str], None]) -> None:
    """Idempotent by people: does nothing once the first of them is there."""
    if User.objects.filter(username="awa").exists():
        return
    people = _people()
    tell(f"{len(people)} people")
    dice = random.Random(7)  # noqa: S311 (the same demo every time)
    now = timezone.now()
    for talk in texts.TALKS:
        _talk(people, talk, now, dice)
    tell(f"{len(texts.TALKS)} conversations about listings")
    _group(people, now - timedelta(hours=9))
    _long(people, now - timedelta(days=2), dice)
    tell(f"a group of {len(texts.GROUP)} and a conversation of {LONG:,} messages")
    _leave_unread(people)


def _people() -> dict[str, User]:
    made = {}
    for username, name in texts.PEOPLE.items():
        known = username in texts.ACCOUNTS
        made[username] = User.objects.create_user(
            username,
            password=texts.PASSWORD if known else None,
            display_name=name,
            is_staff=username == "modou",
            is_superuser=username == "modou",
        )
    return made


def _start(one: User, others: list[User], *, listing: str | None = None, title: str = "") -> UUID:
    opened = create_conversation(
        user=one,
        command=wire.CreateConversation(
            client_id=uuid7(),
            kind="direct" if len(others) == 1 and not title else "group",
            users=[str(other.pk) for other in others],
            title=title,
            subject=wire.SubjectRef(type="listing", id=listing) if listing else None,
        ),
    )
    return UUID(opened.view.conversation.id)


def _talk(people: dict[str, User], talk: texts.Talk, now: datetime, dice: random.Random) -> None:
    one, other, listing, days, lines = talk
    end = now - timedelta(days=days)
    language = "en" if texts.ENGLISH & {one, other} else "fr"
    conversation = _start(people[one], [people[other]], listing=listing)
    speaker, pair, entries = -1, (people[one], people[other]), []
    gaps = [timedelta(minutes=dice.choice((1, 2, 3, 7, 20, 55))) for _ in lines]
    moment = end - sum(gaps, timedelta())
    # An older exchange of the same two, some days before.
    opening = moment - timedelta(days=3 + dice.random() * 4)
    for index in range(dice.randint(6, 14)):
        entries.append(Entry(pair[index % 2], _phrase(dice, language), opening + timedelta(minutes=11 * index)))
    for line, gap in zip(lines, gaps, strict=True):
        if not line.startswith("+"):
            speaker += 1
        moment += gap
        entries.append(Entry(pair[speaker % 2], line.removeprefix("+"), moment))
    import_messages(conversation=conversation, entries=entries)


def _group(people: dict[str, User], start: datetime) -> None:
    owner, *others = (people[name] for name in texts.GROUP)
    conversation = _start(owner, others, title=texts.GROUP_TITLE)
    entries = [
        Entry(people[name], line, start + timedelta(minutes=13 * index))
        for index, (name, line) in enumerate(texts.GROUP_LINES)
    ]
    import_messages(conversation=conversation, entries=entries)


def _long(people: dict[str, User], end: datetime, dice: random.Random) -> None:
    one, other = people["awa"], people["fatou"]
    conversation = _start(one, [other])
    entries, speaker = [], one
    for index in range(LONG):
        if dice.random() < 0.6:
            speaker = other if speaker is one else one
        moment = end - timedelta(minutes=9 * (LONG - index))
        entries.append(Entry(speaker, _phrase(dice, "fr"), moment))
    import_messages(conversation=conversation, entries=entries)


def _phrase(dice: random.Random, language: str) -> str:
    first, then, last = texts.PHRASES[language]
    return f"{dice.choice(first)}, {dice.choice(then)}{dice.choice(last)}"


def _leave_unread(people: dict[str, User]) -> None:
    """Something new for Awa: two from Fatou, three in the group, one from Koffi."""
    mine = Participant.objects.filter(user=people["awa"])
    for column, value, count in (
        ("subject_id", "frigo-200l", 2),
        ("title", texts.GROUP_TITLE, 3),
        ("subject_id", "velo-ville", 2),
    ):
        mine.filter(**{f"conversation__{column}": value}).update(
            read_seq=F("read_seq") - count, delivered_seq=F("delivered_seq")
        )
