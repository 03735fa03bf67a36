"""`users` and `config`: who people are, and what a client must know before anybody signs in."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from chat.api.base import ChatView, answer
from chat.exceptions import BadRequest
from chat.realtime import greeting
from chat.services import people

USERS_MOST = 200


class UsersView(ChatView):
    def get(self, request: Request) -> Response:
        search = request.query_params.get("search")
        if search is not None:
            return answer({"users": people.search(user=request.user, text=search)})
        raw = request.query_params.get("ids", "")
        wanted = [item for item in raw.split(",") if item]
        if not 1 <= len(wanted) <= USERS_MOST:
            raise BadRequest(fields={"ids": f"1 to {USERS_MOST} of them"})
        return answer({"users": people.known(user=request.user, wanted=wanted)})


class ConfigView(ChatView):
    """What clients may know before anybody signed in."""

    authentication_classes = []
    permission_classes = []

    def get(self, request: Request) -> Response:
        return answer(
            {
                "revision": greeting.REVISION,
                "features": greeting.features(),
                "limits": greeting.limits(),
                "timing": greeting.timing(),
                "registration_open": people.registration_open(),
            }
        )
