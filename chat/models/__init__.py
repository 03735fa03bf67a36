"""The truth. Abstract bases carry everything, so that a project can swap Conversation and Message."""

from chat.models.conversation import AbstractConversation, Conversation
from chat.models.epoch import Epoch
from chat.models.message import AbstractMessage, Message
from chat.models.participant import Inbox, Participant
from chat.models.privacy import Privacy
from chat.models.reaction import Reaction
from chat.models.version import MessageVersion

__all__ = [
    "AbstractConversation",
    "AbstractMessage",
    "Conversation",
    "Epoch",
    "Inbox",
    "Message",
    "MessageVersion",
    "Participant",
    "Privacy",
    "Reaction",
]
