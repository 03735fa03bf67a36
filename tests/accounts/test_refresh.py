"""POST auth/token/refresh: one winner, one successor, and an end for copies."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chat.exceptions import Unauthenticated
from planb.accounts import services, tokens
from planb.accounts.authentication import SessionAuthenticator
from planb.accounts.models import Session, User
from tests.accounts.conftest import Api, error

pytestmark = pytest.mark.django_db

TOKEN = "auth/token/refresh"


def refreshed(api: Api, token: str) -> dict[str, Any]:
    answer = api.post(TOKEN, {"refresh": token})
    assert answer.status_code == 200, answer.content
    data: dict[str, Any] = answer.json()
    return data


def some_time_ago(seconds: float = 61) -> None:
    """As if the last rotation had been then."""
    Session.objects.update(rotated_at=timezone.now() - timedelta(seconds=seconds))


def use(access: str) -> None:
    SessionAuthenticator().authenticate(access)


def test_it_goes_on_with_the_same_session(api: Api, alice: User) -> None:
    first = api.sign_in()
    before = Session.objects.get()

    second = refreshed(api, first["refresh"])

    assert set(second) == {"access", "expires_at", "session", "refresh"}
    assert second["session"] == first["session"]
    assert second["refresh"] != first["refresh"]
    api.access = second["access"]
    assert api.get("me").json()["id"] == str(alice.pk)
    after = Session.objects.get()
    assert after.gen == 2
    assert after.expires_at > before.expires_at and after.last_used_at > before.last_used_at


def test_its_answer_is_kept_by_nobody(api: Api, alice: User) -> None:
    answer = api.post(TOKEN, {"refresh": api.sign_in()["refresh"]})

    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_each_successor_can_be_used_in_turn(api: Api, alice: User) -> None:
    token = api.sign_in()["refresh"]
    for gen in range(2, 8):
        token = refreshed(api, token)["refresh"]
        assert Session.objects.get().gen == gen


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_one_successor_that_works_once(api: Api, alice: User) -> None:
    token = api.sign_in()["refresh"]
    barrier = threading.Barrier(20)
    lock = threading.Lock()
    successors: list[str] = []

    def refresh(raw: str) -> None:
        barrier.wait()
        try:
            made = services.refresh(token=raw)
            with lock:
                successors.append(made.refresh)
        finally:
            connection.close()

    def all_at_once(raw: str) -> str:
        successors.clear()
        connection.close()
        threads = [threading.Thread(target=refresh, args=(raw,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(successors) == 20
        assert len(set(successors)) == 1
        return successors[0]

    second = all_at_once(token)
    assert Session.objects.get().gen == 2
    third = all_at_once(second)
    assert Session.objects.get().gen == 3
    assert len({token, second, third}) == 3


def test_a_lost_answer_is_given_again_within_a_minute(api: Api, alice: User) -> None:
    lost = api.sign_in()["refresh"]
    first = refreshed(api, lost)
    # A tab beside it has its answer already.
    use(first["access"])

    again = refreshed(api, lost)

    assert again["refresh"] == first["refresh"]
    assert Session.objects.get().gen == 2
    use(again["access"])


def test_a_lost_answer_is_given_again_hours_later_if_nobody_has_it(api: Api, alice: User) -> None:
    lost = api.sign_in()["refresh"]
    first = refreshed(api, lost)
    some_time_ago(seconds=7200)

    again, once_more = (refreshed(api, lost)["refresh"] for _ in range(2))

    assert again == once_more
    assert Session.objects.get().gen == 2
    assert tokens.read_refresh(again).gen == tokens.read_refresh(first["refresh"]).gen == 2
    refreshed(api, again)


@pytest.mark.django_db(transaction=True)
def test_once_its_answer_arrived_a_token_is_spent(
    api: Api, alice: User, closed_sockets: list[tuple[str, list[str]]]
) -> None:
    copied = api.sign_in()["refresh"]
    kept = refreshed(api, copied)
    use(kept["access"])
    some_time_ago()

    assert error(api.post(TOKEN, {"refresh": copied})) == (401, "unauthenticated")

    assert Session.objects.get().revoked_at is not None
    assert closed_sockets == [(str(alice.pk), [kept["session"]])]
    assert error(api.post(TOKEN, {"refresh": kept["refresh"]})) == (401, "unauthenticated")
    with pytest.raises(Unauthenticated):
        use(kept["access"])


@pytest.mark.django_db(transaction=True)
def test_a_token_older_than_the_one_before_ends_the_family_at_once(
    api: Api, alice: User, bob: User, closed_sockets: list[tuple[str, list[str]]]
) -> None:
    first = api.sign_in()
    second = refreshed(api, first["refresh"])
    third = refreshed(api, second["refresh"])
    elsewhere = api.sign_in()
    theirs = Api().sign_in("bob")

    assert error(api.post(TOKEN, {"refresh": first["refresh"]})) == (401, "unauthenticated")

    for token in (second["refresh"], third["refresh"]):
        assert error(api.post(TOKEN, {"refresh": token})) == (401, "unauthenticated")
    assert closed_sockets == [(str(alice.pk), [first["session"]])]
    # Other logins, of her and of others, go on.
    refreshed(api, elsewhere["refresh"])
    refreshed(api, theirs["refresh"])


def test_the_first_token_of_a_session_marks_nothing(api: Api, alice: User, django_assert_num_queries: Any) -> None:
    access = api.sign_in()["access"]

    with django_assert_num_queries(1):
        use(access)


def test_a_renewed_token_is_marked_once(api: Api, alice: User, django_assert_num_queries: Any) -> None:
    access = refreshed(api, api.sign_in()["refresh"])["access"]

    with django_assert_num_queries(2):
        use(access)
    with django_assert_num_queries(1):
        use(access)
    assert Session.objects.get().gen_seen is True


def test_an_access_token_of_before_does_not_prove_that_the_answer_arrived(api: Api, alice: User) -> None:
    before = api.sign_in()
    refreshed(api, before["refresh"])

    use(before["access"])

    assert Session.objects.get().gen_seen is False


def test_a_rotation_costs_one_query(api: Api, alice: User, django_assert_num_queries: Any) -> None:
    token = api.sign_in()["refresh"]

    with django_assert_num_queries(1):
        services.refresh(token=token)


def test_a_later_generation_than_the_database_knows_goes_nowhere(api: Api, alice: User) -> None:
    first = api.sign_in()["refresh"]
    second = refreshed(api, first)["refresh"]
    # A backup came back.
    Session.objects.update(gen=1, rotated_at=None, gen_seen=True)

    assert error(api.post(TOKEN, {"refresh": second})) == (401, "unauthenticated")
    assert Session.objects.get().revoked_at is None


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {"created_at": timezone.now() - timedelta(days=9), "expires_at": timezone.now() - timedelta(seconds=1)},
    ],
    ids=["revoked", "expired"],
)
def test_an_ended_session_does_not_go_on(api: Api, alice: User, change: dict[str, Any]) -> None:
    token = api.sign_in()["refresh"]
    Session.objects.update(**change)

    assert error(api.post(TOKEN, {"refresh": token})) == (401, "unauthenticated")
    assert Session.objects.get().gen == 1


def test_a_closed_account_does_not_go_on(api: Api, alice: User) -> None:
    first = api.sign_in()["refresh"]
    second = refreshed(api, first)["refresh"]
    User.objects.update(is_active=False)

    for token in (first, second):
        assert error(api.post(TOKEN, {"refresh": token})) == (401, "unauthenticated")
    assert Session.objects.get().gen == 2


def test_a_session_ends_after_a_year_however_often_it_is_refreshed(api: Api, alice: User) -> None:
    token = api.sign_in()["refresh"]
    start = timezone.now() - timedelta(days=364)
    Session.objects.update(created_at=start)

    refreshed(api, token)

    assert Session.objects.get().expires_at == start + Session.LONGEST


def test_an_access_token_outlives_its_session_in_no_case(api: Api, alice: User) -> None:
    token = api.sign_in()["refresh"]
    soon = timezone.now() + timedelta(seconds=30)
    Session.objects.update(created_at=soon - Session.LONGEST)

    made = services.refresh(token=token)

    assert made.expires_at <= soon
    assert tokens.read_access(made.access).expires_at <= soon


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(api: Api, alice: User) -> None:
    data = api.sign_in()

    assert error(api.post(TOKEN, {"refresh": data["access"]})) == (401, "unauthenticated")
    api.access = data["refresh"]
    assert error(api.get("me")) == (401, "unauthenticated")


def test_nothing_sent_is_nobody(api: Api, alice: User) -> None:
    for body in (None, {}, {"refresh": None}):
        assert error(api.post(TOKEN, body)) == (401, "unauthenticated")
