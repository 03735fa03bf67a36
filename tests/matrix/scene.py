"""The group that everybody asks about, and the people who ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core import serializers
from django.utils import timezone

from chat import models
from chat.services import participants, reacting
from chat.swap import conversation_model, message_model
from planb.accounts.models import Session, User
from planb.accounts.services import sessions
from planb.accounts.tokens import AccessToken
from tests.chat.conversing import send, start

MEMBERS = ("member", "admin", "owner")
# Staff of this site, with whatever permissions in the admin, are nobody special at these doors.
OUTSIDERS = ("stranger", "former", "staff", "moderator")
SIGNED_IN = (*OUTSIDERS, *MEMBERS)
UNPROVEN = ("anonymous", "expired", "revoked")
ROLES = (*UNPROVEN, *SIGNED_IN)

# Words that stand nowhere else, not even in an example of the documents.
TITLE, TEXT = "Le vélo de la cour", "Rendez-vous derrière le marché"


class Scene:
    """A group of the owner's; `message` is the owner's, `by` what each person has been given to own."""

    def __init__(self, make_user: Callable[..., User]) -> None:
        staff = {"staff": {"is_staff": True}, "moderator": {"is_staff": True, "is_superuser": True}}
        self.people = {name: make_user(name, **staff.get(name, {})) for name in (*SIGNED_IN, "plain", "newcomer")}
        owner = self.people["owner"]
        self.group = start(owner, *(self.people[name] for name in ("admin", "member", "plain", "former")), title=TITLE)
        self.message = UUID(send(owner, self.group, TEXT).id)
        participants.change_role(user=owner, conversation=self.group, other=self.id("admin"), role="admin")
        participants.remove_participant(user=owner, conversation=self.group, other=self.id("former"))
        reacting.react(user=owner, message=self.message, emoji="👍", on=True)
        # Somebody of one's own, so that a refusal is about the group and not about knowing nobody.
        for name in OUTSIDERS:
            start(self.people[name], self.people["newcomer"], kind="group", title="Ailleurs")
        self.tokens = {name: self._token(name) for name in SIGNED_IN}
        self.tokens |= {"expired": self._expired(), "revoked": self._revoked()}
        self.foreign_session = str(Session.objects.filter(user=owner).values_list("pk", flat=True)[0])

    def id(self, name: str) -> str:
        return str(self.people[name].pk)

    def draft(self) -> dict[str, Any]:
        return {"conversation": str(self.group), "client_id": str(uuid4()), "text": "Moi aussi"}

    def _token(self, name: str) -> str:
        return sessions.begin(user=self.people[name], device=sessions.Device()).access

    def _expired(self) -> str:
        """The owner's own, of a login that lives: only its time is over."""
        token = AccessToken(sessions.begin(user=self.people["owner"], device=sessions.Device()).access)  # type: ignore[arg-type]
        token.set_iat(at_time=timezone.now() - timedelta(hours=1))
        token.set_exp(from_time=timezone.now(), lifetime=timedelta(seconds=-60))
        return str(token)

    def _revoked(self) -> str:
        """The owner's own, with time left: only its login has ended."""
        made = sessions.begin(user=self.people["owner"], device=sessions.Device())
        Session.objects.filter(pk=made.session.pk).update(revoked_at=timezone.now())
        return made.access


def everything() -> str:
    """Every row that a door could have changed."""
    tables = (
        conversation_model(),
        message_model(),
        models.MessageVersion,
        models.Participant,
        models.Inbox,
        models.Reaction,
        models.Privacy,
        User,
        Session,
    )
    return "\n".join(serializers.serialize("json", model.objects.order_by("pk")) for model in tables)
