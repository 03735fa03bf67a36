"""Tokens from outside: only what we signed, for us, for now, gets in."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.conf import settings as django_settings
from django.db import OperationalError
from django.utils import timezone

from chat.exceptions import TokenExpired, Unauthenticated, Unavailable
from planb.accounts import services, tokens
from planb.accounts.authentication import SessionAuthenticator
from planb.accounts.models import Session, User
from tests.accounts.conftest import Api, error

pytestmark = pytest.mark.django_db

NEW_KEY = "n" * 48
FOREIGN_KEY = "f" * 48


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(claims: dict[str, Any], *, key: str | None = None, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(claims, key or django_settings.TOKEN_KEY, algorithm=algorithm, headers=headers or None)


def authenticate(token: Any) -> Any:
    return SessionAuthenticator().authenticate(token)


@pytest.fixture
def access(api: Api, alice: User) -> str:
    token: str = api.sign_in()["access"]
    return token


def test_it_says_what_it_must(api: Api, alice: User) -> None:
    data = api.sign_in()
    access, refresh = claims_of(data["access"]), claims_of(data["refresh"])

    assert set(access) == {"token_type", "exp", "iat", "jti", "sub", "sid", "gen", "aud", "iss"}
    assert access["exp"] - access["iat"] == 300
    assert access["sub"] == str(alice.pk) and access["sid"] == data["session"]
    assert (access["aud"], access["iss"]) == ("planb", "planb")
    assert refresh["sid"] == data["session"] and refresh["gen"] == 1
    assert len(refresh["jti"]) == 64


def test_a_principal_names_user_session_and_expiry(access: str, alice: User) -> None:
    principal = authenticate(access)

    assert principal.user == alice
    assert principal.user_id == str(alice.pk)
    assert principal.session == str(Session.objects.get().pk)
    assert principal.expires_at == datetime.fromtimestamp(claims_of(access)["exp"], tz=UTC)


def test_what_we_sign_ourselves_is_good(access: str) -> None:
    """The refusals below would mean nothing if `signed` could not make a good token."""
    assert authenticate(signed(claims_of(access))).session == claims_of(access)["sid"]


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "another"},
        {"iss": None},
        {"sub": None},
        {"sub": str(uuid4())},
        {"sub": "'; --"},
        {"sid": None},
        {"sid": "nonsense"},
        {"sid": 7},
        {"sid": str(uuid4())},
        {"gen": None},
        {"gen": 0},
        {"gen": True},
        {"gen": "1"},
        {"gen": 2**40},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"exp": -1e300},
        {"jti": None},
        {"token_type": "refresh"},
        {"token_type": None},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
    ids=str,
)
def test_it_refuses_other_claims_though_well_signed(access: str, change: dict[str, Any]) -> None:
    claims = {name: value for name, value in (claims_of(access) | change).items() if value is not None}

    with pytest.raises(Unauthenticated):
        authenticate(signed(claims))


def test_it_refuses_a_foreign_key(access: str) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(signed(claims_of(access), key=FOREIGN_KEY))


def test_it_refuses_djangos_secret_key(access: str) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(signed(claims_of(access), key=django_settings.SECRET_KEY))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_it_refuses_another_algorithm_with_the_right_key(access: str, algorithm: str, settings: Any) -> None:
    settings.TOKEN_KEY = "k" * 64
    with pytest.raises(Unauthenticated):
        authenticate(signed(claims_of(access), algorithm=algorithm))


def test_it_refuses_no_algorithm(access: str) -> None:
    for spelling in ("none", "None", "NONE", ""):
        header = base64.urlsafe_b64encode(json.dumps({"alg": spelling, "typ": "JWT"}).encode()).rstrip(b"=").decode()
        body = access.split(".")[1]
        for forged in (f"{header}.{body}.", f"{header}.{body}.{access.split('.')[2]}"):
            with pytest.raises(Unauthenticated):
                authenticate(forged)


def test_it_refuses_rs256_in_both_directions(access: str) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(Unauthenticated):
        authenticate(signed(claims_of(access), key=pem, algorithm="RS256"))
    # The header says RS256, the signature is an HMAC with the public key's text.
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').rstrip(b"=").decode()
    text = f"{header}.{access.split('.')[1]}"
    import hashlib
    import hmac

    for key in (public, django_settings.TOKEN_KEY.encode()):
        mac = base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
        with pytest.raises(Unauthenticated):
            authenticate(f"{text}.{mac}")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_it_refuses_a_token_with_one_character_changed(access: str, part: int) -> None:
    parts = access.split(".")
    place = len(parts[part]) // 2
    parts[part] = parts[part][:place] + ("A" if parts[part][place] != "A" else "B") + parts[part][place + 1 :]
    with pytest.raises(Unauthenticated):
        authenticate(".".join(parts))


def _raw_header(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode() + ".e30.c2ln"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "a.b.c",
        "...",
        "é.é.é",
        "\ud800",
        "\x00",
        "x" * 1_000_000,
        b"bytes",
        None,
        7,
        ["x"],
        _raw_header(b"[" * 2_500),
        _raw_header(b'{"a":' * 500),
        _raw_header(b'{"alg":"HS256","kid":7}'),
        _raw_header(b'{"alg":["HS256"]}'),
        _raw_header(b'{"alg":"HS256","crit":["b64"],"b64":false}'),
        _raw_header(b"\xff\xfe"),
        _raw_header(b"9" * 3_000),
    ],
    ids=range(18),
)
def test_it_survives_what_is_no_token(raw: Any) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(raw)


def test_an_expired_token_is_told_apart(api: Api, access: str) -> None:
    claims = claims_of(access) | {"exp": int(timezone.now().timestamp()) - 1}
    api.access = signed(claims)

    with pytest.raises(TokenExpired):
        authenticate(api.access)
    answer = api.get("me")
    assert error(answer) == (401, "token_expired")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


def test_an_expired_token_of_a_foreign_key_is_only_foreign(access: str) -> None:
    claims = claims_of(access) | {"exp": int(timezone.now().timestamp()) - 1}

    with pytest.raises(Unauthenticated) as caught:
        authenticate(signed(claims, key=FOREIGN_KEY))
    assert caught.value.code == "unauthenticated"


def test_while_keys_are_replaced_both_are_accepted(api: Api, alice: User, settings: Any) -> None:
    data = api.sign_in()
    settings.TOKEN_KEY_OLD, settings.TOKEN_KEY = settings.TOKEN_KEY, NEW_KEY

    assert authenticate(data["access"]).user == alice
    renewed = services.refresh(token=data["refresh"])
    assert authenticate(renewed.access).user == alice
    jwt.decode(renewed.access, NEW_KEY, algorithms=["HS256"], audience="planb")

    settings.TOKEN_KEY_OLD = ""
    with pytest.raises(Unauthenticated):
        authenticate(data["access"])
    assert authenticate(renewed.access).user == alice
    services.refresh(token=renewed.refresh)


def test_the_old_key_brings_no_other_leniency(api: Api, access: str, settings: Any) -> None:
    old = settings.TOKEN_KEY
    settings.TOKEN_KEY_OLD, settings.TOKEN_KEY = old, NEW_KEY
    gone = claims_of(access) | {"exp": int(timezone.now().timestamp()) - 1}

    with pytest.raises(TokenExpired):
        authenticate(signed(gone, key=old))
    with pytest.raises(Unauthenticated):
        authenticate(signed(claims_of(access) | {"aud": "another"}, key=old))
    with pytest.raises(Unauthenticated):
        authenticate(signed(claims_of(access), key=FOREIGN_KEY))


@pytest.mark.parametrize("change", [{"jti": "0" * 64}, {"jti": "é"}, {"gen": 2}, {"sid": str(uuid4())}], ids=str)
def test_a_refresh_token_must_have_the_id_that_follows_from_it(api: Api, alice: User, change: dict[str, Any]) -> None:
    forged = signed(claims_of(api.sign_in()["refresh"]) | change)

    with pytest.raises(Unauthenticated):
        tokens.read_refresh(forged)


def test_a_refresh_token_of_somebody_else_rotates_nothing(api: Api, alice: User, bob: User) -> None:
    forged = signed(claims_of(api.sign_in()["refresh"]) | {"sub": str(bob.pk)})

    assert error(api.post("auth/token/refresh", {"refresh": forged})) == (401, "unauthenticated")
    assert Session.objects.get().gen == 1


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Basic YTpi", "bearer\tx", "x", "Bearer \xe9"])
def test_it_survives_a_mangled_header(api: Api, header: str) -> None:
    answer = api.get("me", Authorization=header)

    assert error(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_nobody_in_particular_is_told_to_sign_in(api: Api) -> None:
    answer = api.get("me")

    assert error(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("ending", ["revoked", "expired", "inactive"])
def test_a_good_token_of_an_ended_session_is_refused(access: str, ending: str) -> None:
    if ending == "revoked":
        Session.objects.update(revoked_at=timezone.now())
    elif ending == "expired":
        now = timezone.now()
        Session.objects.update(created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1))
    else:
        User.objects.update(is_active=False)

    with pytest.raises(Unauthenticated):
        authenticate(access)


def test_it_tells_which_sessions_ended(api: Api, alice: User, bob: User, django_assert_num_queries: Any) -> None:
    living, revoked, expired = (api.sign_in()["session"] for _ in range(3))
    closed = api.sign_in("bob")["session"]
    now = timezone.now()
    Session.objects.filter(pk=revoked).update(revoked_at=now)
    Session.objects.filter(pk=expired).update(created_at=now - timedelta(days=2), expires_at=now)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    unknown = str(uuid4())

    with django_assert_num_queries(1):
        ended = SessionAuthenticator().revoked([living, revoked, expired, closed, unknown, "nonsense"])

    assert ended == {revoked, expired, closed, unknown, "nonsense"}


def test_without_the_database_it_cannot_tell(access: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def live(self: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr("planb.accounts.models.SessionQuerySet.live", live)
    with pytest.raises(Unavailable):
        authenticate(access)
