"""`messages`: send one, read one."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from chat import wire
from chat.api.base import ChatView, answer, command_of, key_of
from chat.drafts import draft_of
from chat.services import admission, messages, sending


class SendView(ChatView):
    def post(self, request: Request) -> Response:
        draft = draft_of(request.user, command_of(request, wire.SendMessage))
        sent = sending.write_one(draft, admission.admit_send)
        return answer(sent.message, 200 if sent.repeated else 201)


class MessageView(ChatView):
    def get(self, request: Request, message: str) -> Response:
        return answer(messages.get_message(user=request.user, message=key_of(message)))
