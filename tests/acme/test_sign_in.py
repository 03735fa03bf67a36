"""People of an outside issuer: its JWTs open both doors, and what only looks like one opens none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.db import connection

from chat.exceptions import ChatError, TokenExpired, Unauthenticated, Unavailable
from planb.accounts.models import User
from tests.acme import sign_in as seam
from tests.acme.issuer import Issuer
from tests.acme.plugin import issuer
from tests.conftest import Server
from tests.people import Person, query


def forged() -> Iterator[tuple[str, Callable[[], str]]]:
    """Tokens that the issuer did not sign for us."""
    yield "another audience", lambda: issuer.token("mallory", aud="acme-shop")
    yield "another issuer", lambda: issuer.token("mallory", iss="https://evil.example")
    yield "no subject", lambda: issuer.token(None)
    yield "an empty subject", lambda: issuer.token("")
    yield "not yet", lambda: issuer.token("mallory", nbf=int(time.time()) + 600)
    yield "no signature", lambda: _signed(None, "none")
    yield "the public key as a secret", _hs256
    yield "a key that nobody published", _with_other_key
    yield "no key id", lambda: jwt.encode({"sub": "mallory"}, issuer.keys["first"], algorithm="RS256")
    yield "not a token", lambda: "x.y.z"
    yield "not even ASCII", lambda: "é"


def _claims() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": issuer.url, "aud": seam.AUDIENCE, "sub": "mallory", "iat": now, "exp": now + 300}


def _signed(key: Any, algorithm: str) -> str:
    return jwt.encode(_claims(), key, algorithm=algorithm, headers={"kid": issuer.kid})


def _hs256() -> str:
    pem = (
        issuer.keys["first"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    # PyJWT refuses to sign so; who forges does not use PyJWT.
    import base64
    import hashlib
    import hmac
    import json

    def part(data: dict[str, Any]) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=")

    body = part({"alg": "HS256", "typ": "JWT", "kid": "first"}) + b"." + part(_claims())
    mac = base64.urlsafe_b64encode(hmac.new(pem, body, hashlib.sha256).digest()).rstrip(b"=")
    return (body + b"." + mac).decode()


def _with_other_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return _signed(rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256")


CASES = dict(forged())


@pytest.mark.parametrize("name", CASES)
def test_a_forged_token_opens_nothing_and_makes_nobody(name: str, db: None) -> None:
    with pytest.raises(Unauthenticated) as caught:
        seam.IssuerAuthenticator().authenticate(CASES[name]())
    assert not isinstance(caught.value, TokenExpired)
    assert User.objects.count() == 0


def test_an_expired_token_is_told_apart(db: None) -> None:
    with pytest.raises(TokenExpired):
        seam.IssuerAuthenticator().authenticate(issuer.token("awa", exp=int(time.time()) - 5))
    assert User.objects.count() == 0


def test_an_issuer_that_is_down_is_unavailable_and_not_a_wrong_token(db: None, settings: Any) -> None:
    lost = Issuer()
    token = lost.token("awa")
    lost.close()
    settings.ACME_ISSUER = lost.url
    seam._keys.cache_clear()
    with pytest.raises(Unavailable) as caught:
        seam.IssuerAuthenticator().authenticate(token)
    assert caught.value.retry and isinstance(caught.value, ChatError)
    seam._keys.cache_clear()


def test_a_new_key_of_the_issuer_is_fetched(db: None) -> None:
    first = seam.IssuerAuthenticator().authenticate(issuer.token("awa")).user
    issuer.turn_over("second")
    # PyJWT fetches for an unknown key id at most every half minute: as if that had passed.
    seam._keys(issuer.url)._last_successful_fetch = None
    try:
        assert seam.IssuerAuthenticator().authenticate(issuer.token("awa")).user == first
    finally:
        issuer.kid = "first"


def test_two_first_sights_at_once_make_one_person(transactional_db: None) -> None:
    token = issuer.token("nadia", name="Nadia")

    def enter(_: int) -> Any:
        try:
            return seam.IssuerAuthenticator().authenticate(token).user.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(enter, range(8)))) == 1
    assert User.objects.get().display_name == "Nadia"


def test_a_closed_account_stays_out(awa: User) -> None:
    User.objects.update(is_active=False)
    with pytest.raises(Unauthenticated):
        seam.IssuerAuthenticator().authenticate(issuer.token("awa"))


async def test_somebody_never_seen_talks_on_both_doors(koffi: User, server: Server) -> None:
    token = issuer.token("nadia", name="Nadia")
    stranger = Person(koffi, server.url, server.socket_url, token, "")
    assert stranger.get("conversations")["items"] == []
    nadia = Person(query(lambda: User.objects.get(username="nadia")), server.url, server.socket_url, token, "")
    other = Person(koffi, server.url, server.socket_url, issuer.token("koffi"), "")
    async with nadia.socket() as hers, other.socket() as his:
        assert hers.ready["user"]["display_name"] == "Nadia"
        assert hers.ready["session"] is None
        talk = nadia.talk_to(koffi, message={"client_id": "0199aaaa-0000-7000-8000-000000000001", "text": "Hello"})
        await his.hear("conversation_added")
        other.send(talk, "Welcome")
        await hers.message("Welcome")
        renewed = await hers.data("refresh", token=issuer.token("nadia", exp=int(time.time()) + 900))
        assert renewed["expires_at"] > hers.ready["expires_at"]
        refused = await hers.ask("refresh", token=issuer.token("koffi"))
        assert refused["error"]["code"] == "forbidden"
