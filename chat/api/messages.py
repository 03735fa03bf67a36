"""`messages`: send one, read one, change one, react to one."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from chat import wire
from chat.api.base import ChatView, answer, command_of, key_of
from chat.drafts import draft_of
from chat.services import admission, editing, messages, reacting, sending


class SendView(ChatView):
    def post(self, request: Request) -> Response:
        draft = draft_of(request.user, command_of(request, wire.SendMessage))
        sent = sending.write_one(draft, admission.admit_send)
        return answer(sent.message, 200 if sent.repeated else 201)


class MessageView(ChatView):
    def get(self, request: Request, message: str) -> Response:
        return answer(messages.get_message(user=request.user, message=key_of(message)))

    def patch(self, request: Request, message: str) -> Response:
        command = command_of(request, wire.EditMessage, message=str(key_of(message)))
        admission.admit_edit(request.user)
        edited = editing.edit_message(
            user=request.user, message=command.message, text=command.text, if_edited_at=command.if_edited_at
        )
        return answer(edited)

    def delete(self, request: Request, message: str) -> Response:
        admission.admit_edit(request.user)
        return answer(editing.delete_message(user=request.user, message=key_of(message)))


class ReactionsView(ChatView):
    def get(self, request: Request, message: str) -> Response:
        found = reacting.list_reactions(user=request.user, message=key_of(message))
        return answer({"reactions": found.reactions, "users": found.users})


class ReactionView(ChatView):
    def put(self, request: Request, message: str, emoji: str) -> Response:
        return self._react(request, message, emoji, on=True)

    def delete(self, request: Request, message: str, emoji: str) -> Response:
        return self._react(request, message, emoji, on=False)

    def _react(self, request: Request, message: str, emoji: str, *, on: bool) -> Response:
        admission.admit_reaction(request.user)
        return answer(reacting.react(user=request.user, message=key_of(message), emoji=emoji, on=on))
