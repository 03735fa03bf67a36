"""`conversations/{id}/participants`: who takes part."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from chat import wire
from chat.api.base import ChatView, answer, command_of, key_of, limit_of, number
from chat.services import participants


class ParticipantsView(ChatView):
    def get(self, request: Request, conversation: str) -> Response:
        page = participants.list_participants(
            user=request.user,
            conversation=key_of(conversation),
            after=number(request, "cursor"),
            limit=limit_of(request),
        )
        return answer({"participants": page.participants, "users": page.users, "next": page.next})

    def post(self, request: Request, conversation: str) -> Response:
        command = command_of(request, wire.AddParticipants)
        state = participants.add_participants(user=request.user, conversation=key_of(conversation), users=command.users)
        return answer({"conversation": state})


class ParticipantView(ChatView):
    def patch(self, request: Request, conversation: str, user: str) -> Response:
        command = command_of(request, wire.ChangeRole)
        state = participants.change_role(
            user=request.user, conversation=key_of(conversation), other=user, role=command.role
        )
        return answer({"conversation": state})

    def delete(self, request: Request, conversation: str, user: str) -> Response:
        participants.remove_participant(user=request.user, conversation=key_of(conversation), other=user)
        return answer(None, 204)
