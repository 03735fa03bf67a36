"""The project's settings for the server of browser tests: presence ends soon, passwords cost nothing."""

from planb.settings import *  # noqa: F403

PRESENCE_GRACE = 1.0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
