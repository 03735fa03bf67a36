"""The application on the test database, for server processes that tests start."""

from __future__ import annotations

import os

from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]

from planb.asgi import application  # noqa: E402 (after the database is named)

__all__ = ["application"]
