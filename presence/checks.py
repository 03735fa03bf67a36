"""What a deployment's settings must agree on."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from chat.conf import conf as chat_conf
from presence.conf import conf


@register
def check_times(**_: Any) -> list[CheckMessage]:
    """An entry must outlive one lost refresh, and a closed socket must not outlive an open one."""
    found: list[CheckMessage] = []
    if conf().ttl < 2 * chat_conf().ping_interval:
        found.append(
            Error(
                "PRESENCE_TTL must be at least twice CHAT_PING_INTERVAL: one lost refresh must put nobody offline.",
                id="presence.E001",
            )
        )
    if not 0 <= conf().grace <= conf().ttl:
        found.append(Error("PRESENCE_GRACE must lie between 0 and PRESENCE_TTL.", id="presence.E002"))
    return found
