"""The application on the test database, for server processes that tests start."""

from __future__ import annotations

import json
import os

from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]
# What a test wants other than the defaults: shorter times, smaller boxes, no limits.
for name, value in json.loads(os.environ.get("TEST_SETTINGS", "{}")).items():
    setattr(settings, name, value)

from planb.asgi import application  # noqa: E402 (after the settings are made)

__all__ = ["application"]
