"""These tests need the team's settings: `python3 manage.py test` runs them in its second line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from planb.accounts.models import User
from tests.people import Person

collect_ignore_glob = [] if settings.CHAT_MESSAGE_MODEL == "acme.Message" else ["test_*.py"]


@pytest.fixture
def bike(transactional_db: None) -> Any:
    from tests.acme.models import Listing

    return Listing.objects.create(slug="bike", title="City bike", branch="Abidjan")


@pytest.fixture
def talk(bike: Any, awa: User, koffi: User, sign_in: Callable[[User], Person]) -> UUID:
    """Awa and Koffi about the bike."""
    person = sign_in(awa)
    key = person.talk_to(koffi, subject={"type": "listing", "id": bike.slug})
    person.send(key, "Is it still there?")
    return UUID(key)
