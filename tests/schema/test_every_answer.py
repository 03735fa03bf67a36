"""Whatever is sent to the REST door: no answer of 500 or more, and none that the document does not foresee."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chat import limits
from chat.schema.views import openapi_document
from planb.accounts.models import User
from tests.conftest import Server
from tests.people import Person

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 20
# Guessing finds nobody's conversation: of so many tries all but one are about what is there.
REAL = 4
UNLIMITED: dict[str, Any] = {
    "CHAT_LIMITS": {rate.name: None for rate in limits.DEFAULTS},
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
}

NO_GUESS = {"auth.register": 400, "auth.sign_in": 401, "auth.refresh": 401, "auth.change_password": 400}

contract = schemathesis.openapi.from_dict(openapi_document())
OPERATIONS = [found.ok() for found in contract.get_all_operations() if isinstance(found, Ok)]
TAGS = sorted({operation.tags[0] for operation in OPERATIONS if operation.tags})


@pytest.mark.timeout(180)
@pytest.mark.parametrize("tag", TAGS)
def test_no_answer_is_outside_the_contract(tag: str, serve: Callable[..., Server], awa: User, koffi: User) -> None:
    server = serve(**UNLIMITED)
    for operation in OPERATIONS:
        if operation.tags == [tag]:
            # A login each: some of them end it.
            person = Person.sign_in(server.url, server.socket_url, awa)
            tried = attempts(operation, person, what_is_there(person, koffi))
            # A guess is no good password, and no token; everything else must have worked at times.
            refused = NO_GUESS.get(operation.definition.raw["operationId"])
            assert any(status == refused or status < 300 for status in tried), (operation.label, tried)


def what_is_there(person: Person, other: User) -> dict[str, Any]:
    group = person.talk_to(other, kind="group", title="Vélo")
    message = person.send(group, "Bonjour")["id"]
    return {
        "conversation": group,
        "message": message,
        "user": str(other.pk),
        "emoji": "👍",
        "session": person.session,
        "users": [str(other.pk)],
        "marks": {group: 1},
        "cursors": {group: 0},
    }


def attempts(operation: Any, person: Person, real: dict[str, Any]) -> list[int]:
    """Send what the schema allows; returns the statuses that came back."""
    answered: list[int] = []

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        made_real = len(answered) % REAL
        for part in (case.path_parameters, case.body):
            if made_real and isinstance(part, dict):
                part.update({name: value for name, value in real.items() if name in part})
        answer = case.call(base_url=person.url, headers={"Authorization": f"Bearer {person.token}"})
        case.validate_response(answer, checks=CHECKS)
        answered.append(answer.status_code)

    attempt()
    return answered
