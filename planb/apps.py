"""The composition root as a Django app, for its commands and templates."""

from __future__ import annotations

from django.apps import AppConfig


class PlanbConfig(AppConfig):
    name = "planb"
    verbose_name = "Plan B Chat"
