"""Business objects that conversations are about: clients name (type, id), a resolver does the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string

from chat import wire
from chat.conf import conf
from chat.drafts import clean_text
from chat.exceptions import BadRequest, NotFound

# (id, the person who asks) → the card, or None where it is not there or not for them.
Resolver = Callable[[str, Any], "wire.Subject | None"]


def resolve(ref: wire.SubjectRef, user: Any) -> wire.Subject:
    """Raises BadRequest for an unknown type, NotFound where the resolver finds nothing."""
    paths = dict(conf().subjects)
    if ref.type not in paths:
        raise BadRequest(fields={"subject.type": "unknown"})
    clean_text(ref.id, limit=80, name="subject.id")
    resolver: Resolver = import_string(paths[ref.type])
    subject = resolver(ref.id, user)
    if subject is None:
        raise NotFound("There is no such subject.", fields={"subject": "not found"})
    return subject
