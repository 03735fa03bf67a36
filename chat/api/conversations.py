"""`conversations`: list, start, open, and what changed in them."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from chat import wire
from chat.api.base import ChatView, answer, command_of, key_of, limit_of, number
from chat.exceptions import BadRequest
from chat.services import admission, conversations, messages, mine, positions, receipts


class ConversationsView(ChatView):
    def get(self, request: Request) -> Response:
        listing = conversations.list_conversations(
            user=request.user,
            folder=request.query_params.get("folder", "inbox"),
            cursor=request.query_params.get("cursor"),
            limit=limit_of(request),
        )
        return answer({"items": listing.items, "users": listing.users, "next": listing.next})

    def post(self, request: Request) -> Response:
        command = command_of(request, wire.CreateConversation)
        opened = conversations.create_conversation(
            user=request.user,
            command=command,
            admit=admission.admit_send,
            admit_new=admission.admit_conversation,
        )
        return answer(_body(opened), 201 if opened.created else 200)


class ConversationView(ChatView):
    def get(self, request: Request, conversation: str) -> Response:
        return answer(_body(conversations.get_conversation(user=request.user, conversation=key_of(conversation))))

    def patch(self, request: Request, conversation: str) -> Response:
        command = command_of(request, wire.UpdateConversation)
        opened = conversations.update_conversation(
            user=request.user, conversation=key_of(conversation), command=command
        )
        return answer(_body(opened))


class MineView(ChatView):
    def patch(self, request: Request, conversation: str) -> Response:
        command = command_of(request, wire.UpdateMine, conversation=str(key_of(conversation)))
        return answer({"mine": mine.update_mine(user=request.user, command=command)})


def _body(opened: conversations.Opened) -> wire.Json:
    return {"conversation": opened.view.conversation, "mine": opened.view.mine, "users": opened.users}


class MessagesView(ChatView):
    def get(self, request: Request, conversation: str) -> Response:
        places = {name: number(request, name) for name in ("before", "after", "around")}
        if sum(value is not None for value in places.values()) > 1:
            raise BadRequest(fields={"before": "one of before, after, around"})
        page = messages.page_messages(
            user=request.user, conversation=key_of(conversation), limit=limit_of(request), **places
        )
        return answer(page)


class ChangesView(ChatView):
    def get(self, request: Request, conversation: str) -> Response:
        after = number(request, "after")
        if after is None:
            raise BadRequest(fields={"after": "a seq"})
        changes = messages.list_changes(
            user=request.user, conversation=key_of(conversation), after=after, limit=limit_of(request, 100)
        )
        return answer(changes)


class SyncView(ChatView):
    def post(self, request: Request) -> Response:
        command = command_of(request, wire.Sync)
        return answer({"changes": messages.sync(user=request.user, cursors=command.cursors)})


class ReadView(ChatView):
    def post(self, request: Request, conversation: str) -> Response:
        command = command_of(request, wire.MarkRead, conversation=str(key_of(conversation)))
        mine = receipts.mark_read(user=request.user, conversation=command.conversation, seq=command.seq)
        return answer({"mine": mine})


class DeliveredView(ChatView):
    def post(self, request: Request) -> Response:
        receipts.mark_delivered(user=request.user, marks=command_of(request, wire.MarkDelivered).marks)
        return answer({})


class ReceiptsView(ChatView):
    def get(self, request: Request, conversation: str) -> Response:
        found = receipts.list_receipts(
            user=request.user, conversation=key_of(conversation), message_seq=number(request, "message_seq")
        )
        return answer({"receipts": found.receipts, "counts": found.counts})


class PositionsView(ChatView):
    def get(self, request: Request) -> Response:
        standing = positions.read_positions(user=request.user, cursor=request.query_params.get("cursor"))
        return answer(positions.as_body(standing))


class InboxView(ChatView):
    def get(self, request: Request) -> Response:
        after = number(request, "after")
        if after is None:
            raise BadRequest(fields={"after": "an inbox_seq"})
        found = positions.list_inbox(user=request.user, after=after, limit=limit_of(request, 100))
        return answer(
            {
                "inbox_seq": found.inbox_seq,
                "changed": found.changed,
                "removed": found.removed,
                "users": found.users,
                "more": found.more,
            }
        )
