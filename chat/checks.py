"""What a deployment's settings must be, each with an id of its own: `manage.py check` says all of it before anybody
connects. EXTENDING.md lists the ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, get_origin, get_type_hints
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, models
from django.db.migrations.loader import MigrationLoader
from django.utils.module_loading import import_string

from chat import limits
from chat.conf import Conf, conf
from chat.models import AbstractConversation, AbstractMessage
from chat.policy import Policy

# Read elsewhere than in chat.conf.
ALSO_SETTINGS = {"CHAT_CONVERSATION_MODEL", "CHAT_MESSAGE_MODEL", "CHAT_LIMITS", "CHAT_TRUSTED_PROXIES"}
MAY_BE_NOTHING = {"CHAT_YOUNG_ACCOUNT_DAYS", "CHAT_EDIT_SECONDS"}
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"
REDIS_SCHEMES = {"redis", "rediss", "unix", "valkey", "valkeys"}
_KINDS: dict[Any, tuple[type, ...]] = {bool: (bool,), str: (str,), int: (int,), float: (int, float)}


@register
def check_values(**_: Any) -> list[CheckMessage]:
    """E001 unknown names, E002 wrong types, E003 sizes out of range, E004 sizes that do not go together."""
    hints = get_type_hints(Conf)
    known = {f"CHAT_{field.name.upper()}": field.name for field in fields(Conf)}
    found: list[CheckMessage] = []
    for name in sorted(name for name in dir(settings) if name.startswith("CHAT_")):
        if name not in known and name not in ALSO_SETTINGS:
            found.append(Error(f"There is no setting {name}.", id="chat.E001"))
    for name, field in known.items():
        found += _value(name, getattr(conf(), field), hints[field])
    return found or list(_together(conf()))


def _value(name: str, value: Any, hint: Any) -> Iterator[CheckMessage]:
    kinds = _KINDS.get(hint)
    if kinds is None:
        if get_origin(hint) is tuple and (isinstance(value, str) or not isinstance(value, Sequence)):
            yield Error(f"{name} must be a list or tuple, not {value!r}.", id="chat.E002")
        return
    # True is an int to Python, and never a size.
    if not isinstance(value, kinds) or (isinstance(value, bool) and hint is not bool):
        yield Error(f"{name} must be of type {hint.__name__}, not {value!r}.", id="chat.E002")
    elif isinstance(value, int | float) and hint is not bool:
        least = 0 if name in MAY_BE_NOTHING else 1e-9
        if not least <= value < 2**53:
            yield Error(f"{name} must be more than 0, not {value!r}.", id="chat.E003")


def _together(given: Conf) -> Iterator[CheckMessage]:
    rules = (
        (given.frame_limit <= given.frame_close_limit, "CHAT_FRAME_LIMIT may not exceed CHAT_FRAME_CLOSE_LIMIT"),
        (4 * given.text_limit <= given.frame_limit, "CHAT_FRAME_LIMIT must hold a text of CHAT_TEXT_LIMIT, in UTF-8"),
        (given.metadata_limit <= given.frame_limit, "CHAT_FRAME_LIMIT must hold metadata of CHAT_METADATA_LIMIT"),
        (given.typing_resend < given.typing_expire, "CHAT_TYPING_RESEND must be less than CHAT_TYPING_EXPIRE"),
        (given.hole_wait < given.heads_interval, "CHAT_HOLE_WAIT must be less than CHAT_HEADS_INTERVAL"),
        (given.title_limit <= 120, "CHAT_TITLE_LIMIT may not exceed the 120 characters of the column"),
        (given.socket_path.startswith("/"), "CHAT_SOCKET_PATH must begin with /"),
    )
    for fine, sentence in rules:
        if not fine:
            yield Error(f"{sentence}.", id="chat.E004")


@register
def check_paths(**_: Any) -> list[CheckMessage]:
    """E005 dotted paths that lead nowhere, E006 to something else than what is wanted."""
    found: list[CheckMessage] = []
    for name in ("authenticator", "user_card", "policy"):
        path = getattr(conf(), name)
        if isinstance(path, str):
            found += _path(f"CHAT_{name.upper()}", path, name)
    try:
        subjects = [(str(kind), str(path)) for kind, path in conf().subjects]
    except (TypeError, ValueError):
        return [*found, Error("CHAT_SUBJECTS must hold pairs of a type and a dotted path.", id="chat.E006")]
    for kind, path in subjects:
        found += _path(f"CHAT_SUBJECTS[{kind!r}]", path, "subject")
        if not 1 <= len(kind) <= 40:
            found.append(Error(f"CHAT_SUBJECTS: the type {kind!r} must have 1 to 40 characters.", id="chat.E006"))
    return found


def _path(name: str, path: str, wanted: str) -> Iterator[CheckMessage]:
    try:
        target = import_string(path)
    except ImportError as error:
        yield Error(f"{name} leads nowhere: {error}.", hint="A dotted path to what is wanted.", id="chat.E005")
        return
    if not callable(target):
        yield Error(f"{name} names {path}, which cannot be called.", id="chat.E006")
    elif wanted == "policy" and not (isinstance(target, type) and issubclass(target, Policy)):
        yield Error(f"{name} must name a subclass of chat.policy.Policy, and {path} is none.", id="chat.E006")
    elif wanted == "authenticator":
        missing = [method for method in ("authenticate", "revoked") if not callable(getattr(target, method, None))]
        if missing:
            yield Error(f"{name}: {path} lacks {' and '.join(missing)}; see chat.auth.Authenticator.", id="chat.E006")


@register
def check_limits(**_: Any) -> list[CheckMessage]:
    """E007 limits that there are not, or that are no (burst, seconds)."""
    given = getattr(settings, "CHAT_LIMITS", {})
    if not isinstance(given, Mapping):
        return [Error(f"CHAT_LIMITS must be a dictionary, not {given!r}.", id="chat.E007")]
    try:
        limits.rates()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="chat.E007")]
    return []


@register
def check_addresses(**_: Any) -> list[CheckMessage]:
    """E008 origins, E009 the address of Redis, E010 proxies."""
    found: list[CheckMessage] = []
    origins = conf().allowed_origins
    for origin in origins if not isinstance(origins, str) else ():
        if not _is_origin(origin):
            found.append(
                Error(f"CHAT_ALLOWED_ORIGINS: {origin!r} is not like https://example.org[:port].", id="chat.E008")
            )
    url = conf().redis_url
    if isinstance(url, str) and urlsplit(url).scheme not in REDIS_SCHEMES:
        schemes = ", ".join(f"{scheme}://" for scheme in sorted(REDIS_SCHEMES))
        # Not the address itself: it may hold a password.
        found.append(Error(f"CHAT_REDIS_URL must begin with one of {schemes}.", id="chat.E009"))
    proxies = getattr(settings, "CHAT_TRUSTED_PROXIES", 0)
    if not isinstance(proxies, int) or isinstance(proxies, bool) or not 0 <= proxies <= 10:
        found.append(Error("CHAT_TRUSTED_PROXIES must be a whole number from 0 to 10.", id="chat.E010"))
    return found


def _is_origin(origin: Any) -> bool:
    """RFC 6454: scheme, host and port, and nothing behind."""
    if not isinstance(origin, str):
        return False
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    plain = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    return bool(parts.scheme in {"http", "https"} and host) and origin.lower() == plain


@register
def check_servers(**_: Any) -> list[CheckMessage]:
    """E011 no channel layer, W001 one that loses more than chat makes up for, E012 another database."""
    found: list[CheckMessage] = []
    layer = settings.CHANNEL_LAYERS.get("default", {}) if hasattr(settings, "CHANNEL_LAYERS") else {}
    if not layer.get("BACKEND"):
        found.append(Error("CHANNEL_LAYERS has no default layer: nobody would hear anything.", id="chat.E011"))
    elif layer["BACKEND"] != PUBSUB:
        found.append(
            Warning(
                f"The channel layer is {layer['BACKEND']}.",
                hint=f"{PUBSUB} is what chat is tested on; others drop frames in ways that it takes longer to notice.",
                id="chat.W001",
            )
        )
    if settings.DATABASES.get(DEFAULT_DB_ALIAS, {}).get("ENGINE") != "django.db.backends.postgresql":
        found.append(Error("chat needs PostgreSQL: its order rests on row locks.", id="chat.E012"))
    return found


@register(Tags.models)
def check_models(**_: Any) -> list[CheckMessage]:
    """E013 swapped models that are not there or not ours, E014 without migrations, E015 fields that nobody fills."""
    found: list[CheckMessage] = []
    for name, base in (("CHAT_CONVERSATION_MODEL", AbstractConversation), ("CHAT_MESSAGE_MODEL", AbstractMessage)):
        found += _model(name, base)
    return found


def _model(name: str, base: type[models.Model]) -> Iterator[CheckMessage]:
    path: Any = getattr(settings, name)
    try:
        model = apps.get_model(path)
    except (LookupError, ValueError, AttributeError):
        yield Error(f"{name} is {path!r}: there is no such model, like app_label.Model.", id="chat.E013")
        return
    if not issubclass(model, base):
        yield Error(f"{name}: {path} must extend {base.__name__}.", id="chat.E013")
        return
    if model._meta.app_label == "chat":
        return
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    if model._meta.app_label not in loader.migrated_apps:
        yield Error(
            f"{name}: the app {model._meta.app_label} has no migrations, and chat's tables point at its own.",
            hint=f"manage.py makemigrations {model._meta.app_label}",
            id="chat.E014",
        )
    inherited = {field.name for field in base._meta.get_fields()}
    for field in model._meta.local_concrete_fields:
        filled = field.null or field.has_default() or field.db_default is not models.NOT_PROVIDED or field.primary_key
        if field.name not in inherited and not filled:
            yield Error(
                f"{name}: {path}.{field.name} has no default, so that system messages and imports cannot be stored.",
                hint="Give it a db_default, a default, or null=True.",
                id="chat.E015",
            )
