"""The admin's own login form, counted like any other login: by name and address, and without Redis not at all."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from chat import limits
from chat.address import client_address, network_of
from chat.exceptions import RateLimited, Unavailable
from planb.accounts.models import User


class StaffLoginForm(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        if self.request is not None:
            network = network_of(client_address(self.request))
            name = User.normalize_username(self.cleaned_data.get("username") or "").casefold()
            try:
                limits.check_all([("login", f"{name}\n{network}"), ("login_address", network)])
            except RateLimited as error:
                wait = ceil(error.retry_after or 1)
                raise ValidationError(_("Too many tries. Wait %(wait)s seconds.") % {"wait": wait}) from error
            except Unavailable as error:
                raise ValidationError(_("Nobody can sign in just now. Try again shortly.")) from error
        cleaned: dict[str, Any] = super().clean()
        return cleaned
