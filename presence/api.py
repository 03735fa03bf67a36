"""The REST door: `GET presence?users=`."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from chat.api.base import ChatView, answer
from chat.exceptions import BadRequest
from presence import people, rules, store, wire


class PresenceView(ChatView):
    """How people are now, for who has no socket; those one shares nothing with are absent."""

    def get(self, request: Request) -> Response:
        wanted = [user for user in request.query_params.get("users", "").split(",") if user]
        if not 1 <= len(wanted) <= wire.WATCH_LIMIT:
            raise BadRequest(fields={"users": f"1 to {wire.WATCH_LIMIT} of them"})
        seen = people.acquaintances(request.user, wanted)
        hiding = people.hidden_from(request.user, seen)
        return answer({"presence": rules.shown(seen, store.read_blocking(seen), hiding=hiding)})
