"""A command, an event, a row of the team's own in the message's transaction; and signals after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from chat import signals
from chat.exceptions import NotFound
from planb.accounts.models import User
from tests.acme import offers
from tests.acme.models import Conversation, Message, Notice, Offer
from tests.people import Person, query

SignIn = Callable[[User], Person]


def written() -> tuple[int, int]:
    return Offer.objects.count(), Message.objects.count()


async def test_an_offer_reaches_both_with_its_amount_in_ext(
    awa: User, koffi: User, talk: UUID, sign_in: SignIn
) -> None:
    async with sign_in(awa).socket() as buyer, sign_in(koffi).socket() as seller:
        assert "acme.offers" in buyer.ready["features"]
        key = str(uuid4())
        data = await buyer.data("acme.make_offer", conversation=str(talk), client_id=key, amount=90)
        assert data["message"]["ext"] == {"language": "", "offer": 90}
        assert data["message"]["data"] == {"event": "acme.offer"}
        assert await seller.message("I offer 90.") == data["message"], "one form for all"
        told = await seller.hear("acme.offer_made")
        assert told == {"type": "acme.offer_made", "conversation": str(talk), "amount": 90}
        again = await buyer.data("acme.make_offer", conversation=str(talk), client_id=key, amount=90)
        assert again == data
        assert query(Offer.objects.count) == 1


@pytest.mark.parametrize("amount", [0, -1, 1.5, "90", None, 10**7])
async def test_nonsense_is_a_bad_request(amount: object, awa: User, talk: UUID, sign_in: SignIn) -> None:
    async with sign_in(awa).socket() as socket:
        answer = await socket.ask("acme.make_offer", conversation=str(talk), client_id=str(uuid4()), amount=amount)
    assert answer["error"]["code"] == "bad_request"
    assert "amount" in answer["error"]["fields"]
    assert query(written) == (0, 1)


async def test_a_stranger_offers_nothing(yao: User, talk: UUID, sign_in: SignIn) -> None:
    async with sign_in(yao).socket() as socket:
        answer = await socket.ask("acme.make_offer", conversation=str(talk), client_id=str(uuid4()), amount=5)
    assert answer["error"]["code"] == "not_found"
    assert query(written) == (0, 1)


async def test_the_sixth_offer_of_a_minute_is_refused(awa: User, talk: UUID, sign_in: SignIn) -> None:
    async with sign_in(awa).socket() as socket:
        answers = [
            await socket.ask("acme.make_offer", conversation=str(talk), client_id=str(uuid4()), amount=n + 1)
            for n in range(6)
        ]
    assert [answer["ok"] for answer in answers] == [True] * 5 + [False]
    assert answers[5]["error"]["code"] == "rate_limited"


def test_message_and_offer_commit_together_or_not_at_all(awa: User, yao: User, talk: UUID) -> None:
    def offer(user: User) -> None:
        offers.make_offer(user=user, conversation=talk, client_id=uuid4(), amount=7)

    with patch("chat.broadcast.send") as told:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            offer(awa)
            raise ZeroDivisionError
        with pytest.raises(NotFound):
            offer(yao)
        assert (written(), Conversation.objects.get().seq) == ((0, 1), 1)
        told.assert_not_called()
        with transaction.atomic():
            offer(awa)
            told.assert_not_called()
        assert written() == (1, 2)
        assert told.call_count == 2, "the message and the event"


def test_receivers_hear_what_is_committed_and_nobody_minds_a_broken_one(
    awa: User, talk: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    from tests.chat.conversing import send

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        send(awa, talk, "index me not")
        raise ZeroDivisionError
    signals.settle()
    assert Notice.objects.count() == 0
    broken = send(awa, talk, "break me")
    kept = send(awa, talk, "index me")
    signals.settle()
    assert list(Notice.objects.values_list("event", "subject")) == [("sent", kept.id)]
    assert Message.objects.filter(pk=broken.id).exists()
    assert "an index that is down" in caplog.text


async def test_signals_are_sent_in_the_server_too(awa: User, koffi: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    group = person.talk_to(koffi, kind="group")
    sent = person.send(group, "index me")
    person.call("DELETE", f"messages/{sent['id']}")
    person.call("DELETE", f"conversations/{group}/participants/{koffi.pk}")
    async with asyncio.timeout(10):
        while query(Notice.objects.count) < 3:  # noqa: ASYNC110 (the server's thread tells in its own time)
            await asyncio.sleep(0.05)
    assert query(lambda: list(Notice.objects.order_by("pk").values_list("event", "subject"))) == [
        ("sent", sent["id"]),
        ("deleted", sent["id"]),
        ("removed", str(koffi.pk)),
    ]
