"""`path("api/v1/", include("chat.api.urls"))`: no trailing slash anywhere."""

from __future__ import annotations

from django.urls import path, re_path

from chat.api import conversations, messages, participants, people, privacy
from chat.api.base import ChatView
from chat.exceptions import NotFound


class NowhereView(ChatView):
    """Below the API there is no HTML page, not even for what does not exist."""

    permission_classes = []
    undocumented = True

    def initial(self, request, *args, **kwargs):  # type: ignore[no-untyped-def]
        raise NotFound("There is no such endpoint.")


urlpatterns = [
    path("config", people.ConfigView.as_view()),
    path("me/privacy", privacy.PrivacyView.as_view()),
    path("users", people.UsersView.as_view()),
    path("conversations", conversations.ConversationsView.as_view()),
    path("conversations/<str:conversation>", conversations.ConversationView.as_view()),
    path("conversations/<str:conversation>/messages", conversations.MessagesView.as_view()),
    path("conversations/<str:conversation>/changes", conversations.ChangesView.as_view()),
    path("conversations/<str:conversation>/read", conversations.ReadView.as_view()),
    path("conversations/<str:conversation>/receipts", conversations.ReceiptsView.as_view()),
    path("conversations/<str:conversation>/mine", conversations.MineView.as_view()),
    path("conversations/<str:conversation>/participants", participants.ParticipantsView.as_view()),
    path("conversations/<str:conversation>/participants/<str:user>", participants.ParticipantView.as_view()),
    path("delivered", conversations.DeliveredView.as_view()),
    path("sync", conversations.SyncView.as_view()),
    path("positions", conversations.PositionsView.as_view()),
    path("inbox", conversations.InboxView.as_view()),
    path("messages", messages.SendView.as_view()),
    path("messages/<str:message>", messages.MessageView.as_view()),
    path("messages/<str:message>/reactions", messages.ReactionsView.as_view()),
    path("messages/<str:message>/reactions/<str:emoji>", messages.ReactionView.as_view()),
]
nowhere = re_path(r"^.*$", NowhereView.as_view())
