"""Every setting of the project, from the environment. `manage.py up` and `manage.py test` set what they need."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from planb import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
# While `up` runs, other commands (shell, createsuperuser …) find its servers here.
env.read_file(VAR_DIR / "up.env")

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY")
# Access tokens are signed with a key of their own; the older one is accepted while it is being replaced.
TOKEN_KEY = env.secret("TOKEN_KEY", default=SECRET_KEY)
TOKEN_KEY_OLD = env.env.str("TOKEN_KEY_OLD", default="")
ALLOWED_HOSTS = list(env.words("ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]") if DEBUG else ()))

# --- apps ---------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "planb",
    "planb.accounts",
    "chat",
    "presence",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "planb.urls"
ASGI_APPLICATION = "planb.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "planb" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- data ---------------------------------------------------------------------------------------
DATABASE_URL = env.url(
    "DATABASE_URL", schemes={"postgres", "postgresql"}, default="postgres://planb@127.0.0.1:5432/planb"
)
REDIS_URL = env.url("REDIS_URL", schemes={"redis", "rediss", "unix", "valkey"}, default="redis://127.0.0.1:6379/0")


def _database(address: str) -> dict[str, Any]:
    """Django's form of a PostgreSQL URL; `?host=/a/socket/folder` for a local socket."""
    parts = urlsplit(address)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", "")) or parts.hostname or "",
        "PORT": str(parts.port or query.get("port", "")),
        "OPTIONS": {
            "connect_timeout": 5,
            "pool": {
                "min_size": 2,
                "max_size": env.integer("DATABASE_POOL", default=20, least=2, most=500),
                "timeout": 5,
            },
        },
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": REDIS_URL,
                    "socket_connect_timeout": 1.0,
                    "socket_keepalive": True,
                }
            ],
            "prefix": "planb",
        },
    }
}

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
REGISTRATION_OPEN = env.flag("REGISTRATION_OPEN", default=True)

# --- the doors ----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["chat.api.authentication.PrincipalAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["chat.api.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "chat.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "chat.schema.openapi.Inspector",
}
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "chat.schema.openapi.Generator",
    "OAS_VERSION": "3.1.1",
    "TITLE": "Plan B Chat",
    "VERSION": "1",
    "DESCRIPTION": "Conversations over REST. Everything that happens is also told over the socket: see `asyncapi`.",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.integer("ACCESS_SECONDS", default=300, least=5)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.integer("REFRESH_DAYS", default=30, least=1)),
    "SIGNING_KEY": TOKEN_KEY,
    "AUDIENCE": "planb",
    "ISSUER": "planb",
    "USER_ID_CLAIM": "sub",
}
CHAT_AUTHENTICATOR = "planb.accounts.authentication.SessionAuthenticator"
CHAT_CONVERSATION_MODEL = "chat.Conversation"
CHAT_MESSAGE_MODEL = "chat.Message"
CHAT_REDIS_URL = REDIS_URL
CHAT_ALLOWED_ORIGINS = env.words("ALLOWED_ORIGINS")
CHAT_PEOPLE_SEARCH = env.flag("PEOPLE_SEARCH", default=DEBUG)
CHAT_REGISTRATION_OPEN = REGISTRATION_OPEN
CHAT_SUBJECTS = (("listing", "planb.listings.resolve"),)
# How many proxies of ours stand in front and write X-Forwarded-For.
CHAT_TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", default=0, most=10)

# --- language, time, files ----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "planb" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = Path(env.env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [path for path in (BASE_DIR / "planb" / "static",) if path.is_dir()]
# The client's build puts a hash into every name below this folder: browsers may keep those for ever.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/web/assets/"
APPEND_SLASH = False

# --- safety -------------------------------------------------------------------------------------
HTTPS = env.flag("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS and env.flag("HTTPS_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CHAT_TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    # Its start-up tells of every task at INFO.
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        # An answer of 401 or 404 is an answer, not news.
        "django.request": {"level": "ERROR"},
    },
    "root": {"handlers": ["console"], "level": env.env.str("LOG_LEVEL", default="INFO")},
}
