"""Who may see whom, and who may be seen typing, from chat's tables. Synchronous: run it in the database pool."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Exists

from chat.cards import user_key
from chat.exceptions import NotFound
from chat.models import Participant, Privacy
from chat.policy import policy
from chat.services import privacy
from chat.services.membership import participants_of

COMPANIONS_MOST = 50

# A person shows themselves to those with whom they take part in a conversation now. Taking part is more than being
# written to: an unlisted row (nobody has written yet) or an unanswered request shows nothing.
_SHARED = """EXISTS (
    SELECT 1 FROM {table} me JOIN {table} other ON other.conversation_id = me.conversation_id
    WHERE me.user_id = {viewer} AND me.removed_at IS NULL AND me.listed
      AND other.user_id = {other} AND other.removed_at IS NULL AND other.listed AND other.state = 'active'
)"""


def acquaintances(viewer: Any, wanted: Iterable[str]) -> dict[str, bool]:
    """Those of `wanted` (wire ids) whom the viewer may see, themselves too → whether they are active. One query."""
    keys = {key for raw in wanted if (key := user_key(raw)) is not None}
    if not keys:
        return {}
    model = get_user_model()
    pk = model._meta.pk
    assert pk is not None and pk.column is not None
    users = connection.ops.quote_name(model._meta.db_table)
    column = f"u.{connection.ops.quote_name(pk.column)}"
    rows = model._default_manager.raw(
        f"SELECT u.* FROM {users} u WHERE {column} = ANY(%s::{_key_type()}[]) "  # noqa: S608
        f"AND ({column} = %s OR {_shared(viewer='%s', other=column)})",
        [list(keys), viewer.pk, viewer.pk],
    )
    return {str(row.pk): bool(row.is_active) for row in rows}


def companions(viewer: Any, conversation: UUID) -> dict[str, bool]:
    """The first fifty others of a conversation, in order of joining → whether they are active."""
    entries = (
        Participant.objects.filter(
            conversation=conversation, removed_at=None, listed=True, state=Participant.State.ACTIVE
        )
        .filter(conversation__in=participants_of(viewer).values("conversation"))
        .exclude(user=viewer)
        .select_related("user")
        .order_by("joined_at", "id")[:COMPANIONS_MOST]
    )
    return {str(entry.user_id): bool(entry.user.is_active) for entry in entries}


def hidden_from(viewer: Any, people: Collection[str]) -> set[str]:
    """Those of them whose last visit the viewer does not see: theirs to hide, or the price of hiding one's own."""
    hidden = set(people) if privacy.lacks(viewer, "last_seen") else privacy.hiding_last_seen(people)
    # What one hides is no secret to oneself.
    return hidden - {str(viewer.pk)}


def may_see_typing(viewer: Any) -> bool:
    return not privacy.lacks(viewer, "typing")


def still_shared(pairs: Collection[tuple[Any, str]]) -> set[tuple[Any, str]]:
    """Those pairs (viewer's key, other's wire id) who may still be seen. One query for all."""
    keyed = [(viewer, other, key) for viewer, other in pairs if (key := user_key(other)) is not None]
    if not keyed:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.place FROM unnest(%s::{_key_type()}[], %s::{_key_type()}[]) "  # noqa: S608
            f"WITH ORDINALITY AS p(viewer, other, place) "
            f"WHERE p.viewer = p.other OR {_shared(viewer='p.viewer', other='p.other')}",
            [[viewer for viewer, _, _ in keyed], [key for _, _, key in keyed]],
        )
        return {keyed[place - 1][:2] for (place,) in cursor.fetchall()}


def may_type(viewer: Any, conversation: UUID) -> bool:
    """Whether the policy lets this member send here, and they do not hide that they type. Raises NotFound for everybody
    but members. One query."""
    hides = Exists(Privacy.objects.filter(user=viewer, hide_typing=True))
    rows = participants_of(viewer).filter(conversation=conversation).select_related("conversation")
    row = rows.annotate(hides=hides).first()
    if row is None:
        raise NotFound("There is no such conversation.")
    can = policy().capabilities(conversation=row.conversation, participant=row)
    return "send" in can and not row.hides


def _shared(*, viewer: str, other: str) -> str:
    table = connection.ops.quote_name(Participant._meta.db_table)
    return _SHARED.format(table=table, viewer=viewer, other=other)


def _key_type() -> str:
    """The column type of user keys: another project's may be integers."""
    made = Participant._meta.get_field("user").db_type(connection)
    assert made is not None
    return made
