"""`me/privacy`: what the caller hides from others."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from chat import wire
from chat.api.base import ChatView, answer, command_of
from chat.services import privacy


class PrivacyView(ChatView):
    def get(self, request: Request) -> Response:
        return answer(privacy.get_privacy(user=request.user))

    def patch(self, request: Request) -> Response:
        return answer(privacy.update_privacy(user=request.user, command=command_of(request, wire.UpdatePrivacy)))
