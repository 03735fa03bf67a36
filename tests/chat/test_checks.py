"""Every wrong setting is said by its id before anybody connects, and the settings that we ship are right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.test import override_settings

from chat import checks, limits
from chat.conf import Conf

LAYER = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}


def said(**settings: Any) -> list[CheckMessage]:
    with override_settings(**settings):
        limits.rates.cache_clear()
        found = [
            message
            for check in (
                checks.check_values,
                checks.check_paths,
                checks.check_limits,
                checks.check_addresses,
                checks.check_servers,
                checks.check_models,
            )
            for message in check()
        ]
    limits.rates.cache_clear()
    return found


WRONG: list[tuple[str, str, Any]] = [
    ("chat.E001", "CHAT_TEXT_LIMITS", 5),
    ("chat.E001", "CHAT_", 5),
    ("chat.E002", "CHAT_TEXT_LIMIT", "4000"),
    ("chat.E002", "CHAT_TEXT_LIMIT", True),
    ("chat.E002", "CHAT_TEXT_LIMIT", 1.5),
    ("chat.E002", "CHAT_TEXT_LIMIT", None),
    ("chat.E002", "CHAT_PEOPLE_SEARCH", "no"),
    ("chat.E002", "CHAT_PING_INTERVAL", "30"),
    ("chat.E002", "CHAT_POLICY", None),
    ("chat.E002", "CHAT_ALLOWED_ORIGINS", "https://shop.example"),
    ("chat.E003", "CHAT_TEXT_LIMIT", 0),
    ("chat.E003", "CHAT_OUTBOX_BYTES", -1),
    ("chat.E003", "CHAT_HEADS_INTERVAL", float("nan")),
    ("chat.E003", "CHAT_HELLO_TIMEOUT", float("inf")),
    ("chat.E004", "CHAT_FRAME_LIMIT", 300_000),
    ("chat.E004", "CHAT_TEXT_LIMIT", 60_000),
    ("chat.E004", "CHAT_METADATA_LIMIT", 70_000),
    ("chat.E004", "CHAT_TYPING_RESEND", 6.0),
    ("chat.E004", "CHAT_HOLE_WAIT", 5.0),
    ("chat.E004", "CHAT_TITLE_LIMIT", 121),
    ("chat.E004", "CHAT_SOCKET_PATH", "ws/v1"),
    ("chat.E005", "CHAT_AUTHENTICATOR", "nowhere.Authenticator"),
    ("chat.E005", "CHAT_USER_CARD", "chat.cards.no_card"),
    ("chat.E005", "CHAT_POLICY", "Policy"),
    ("chat.E005", "CHAT_SUBJECTS", [("listing", "nowhere.resolve")]),
    ("chat.E006", "CHAT_SUBJECTS", [("x" * 41, "planb.listings.resolve")]),
    ("chat.E006", "CHAT_SUBJECTS", ["listing"]),
    ("chat.E006", "CHAT_SUBJECTS", [("listing", "planb.listings.CATALOGUE")]),
    ("chat.E006", "CHAT_USER_CARD", "chat.cards.__doc__"),
    ("chat.E006", "CHAT_POLICY", "chat.conf.Conf"),
    ("chat.E006", "CHAT_AUTHENTICATOR", "chat.policy.Policy"),
    ("chat.E007", "CHAT_LIMITS", {"sned": (1, 1)}),
    ("chat.E007", "CHAT_LIMITS", {"send": 5}),
    ("chat.E007", "CHAT_LIMITS", {"send": (0, 10)}),
    ("chat.E007", "CHAT_LIMITS", [("send", None)]),
    ("chat.E008", "CHAT_ALLOWED_ORIGINS", ["shop.example"]),
    ("chat.E008", "CHAT_ALLOWED_ORIGINS", ["https://shop.example/"]),
    ("chat.E008", "CHAT_ALLOWED_ORIGINS", ["https://*.example:x"]),
    ("chat.E008", "CHAT_ALLOWED_ORIGINS", [None]),
    ("chat.E009", "CHAT_REDIS_URL", "http://127.0.0.1"),
    ("chat.E010", "CHAT_TRUSTED_PROXIES", -1),
    ("chat.E010", "CHAT_TRUSTED_PROXIES", "1"),
    ("chat.E011", "CHANNEL_LAYERS", {}),
    ("chat.W001", "CHANNEL_LAYERS", LAYER),
    ("chat.E013", "CHAT_MESSAGE_MODEL", "nowhere.Message"),
    ("chat.E013", "CHAT_MESSAGE_MODEL", "Message"),
    ("chat.E013", "CHAT_MESSAGE_MODEL", None),
    ("chat.E013", "CHAT_CONVERSATION_MODEL", "chat.Participant"),
]


@pytest.mark.parametrize(("id", "name", "value"), WRONG, ids=lambda value: str(value)[:30])
def test_a_wrong_setting_is_said_by_its_id_alone(id: str, name: str, value: Any) -> None:
    found = said(**{name: value})
    assert [message.id for message in found] == [id], found


def test_another_database_is_refused() -> None:
    # Not by override_settings, which warns: the connections stay as they are.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.DATABASES", SQLITE)
        assert [message.id for message in checks.check_servers()] == ["chat.E012"]


def test_the_address_of_redis_is_not_repeated_since_it_may_hold_a_password() -> None:
    assert "hunter2" not in str(said(CHAT_REDIS_URL="http://:hunter2@127.0.0.1"))


BARE = """
from django.db import models
from chat.models import AbstractMessage


class Message(AbstractMessage):
    branch = models.CharField(max_length=20)
    language = models.CharField(max_length=2, db_default="")
    stars = models.IntegerField(null=True)

    class Meta(AbstractMessage.Meta):
        pass
"""


def test_a_swapped_model_needs_migrations_and_defaults(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "__init__.py").touch()
    (tmp_path / "bare" / "models.py").write_text(BARE)
    (tmp_path / "with_bare.py").write_text(
        "from planb.settings import *\nINSTALLED_APPS += ['bare']\nCHAT_MESSAGE_MODEL = 'bare.Message'\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "with_bare"}
    root = Path(checks.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert sorted(re.findall(r"chat\.[EW]\d+", done.stderr)) == ["chat.E014", "chat.E015"]
    assert "bare.Message.branch has no default" in done.stderr


@pytest.mark.parametrize(
    "origins",
    [["https://shop.example"], ["http://127.0.0.1:8000", "https://[::1]:8443"], ("HTTPS://Shop.example",), ()],
)
def test_good_origins_are_taken(origins: Any) -> None:
    assert said(CHAT_ALLOWED_ORIGINS=origins) == []


def test_what_may_be_switched_off_may_be_nothing() -> None:
    assert said(CHAT_YOUNG_ACCOUNT_DAYS=0, CHAT_LIMITS={"send": None}) == []


def test_the_defaults_and_the_projects_settings_are_right() -> None:
    assert run_checks() == []
    assert list(checks._together(Conf())) == []


def test_django_runs_every_one_of_them() -> None:
    with override_settings(CHAT_TEXT_LIMIT=0, CHAT_POLICY="x", CHAT_LIMITS=1, CHAT_REDIS_URL="x", CHANNEL_LAYERS={}):
        ids = {message.id for message in run_checks()}
    assert {"chat.E003", "chat.E005", "chat.E007", "chat.E009", "chat.E011"} <= ids


def test_every_id_is_in_the_guide() -> None:
    source = Path(checks.__file__).read_text()
    guide = (Path(checks.__file__).parent / "EXTENDING.md").read_text()
    used = {part.split('"')[0] for part in source.split('id="')[1:]}
    assert used
    assert {id for id in used if f"`{id.removeprefix('chat.')}`" not in guide} == set()
