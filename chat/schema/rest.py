"""What chat's own views take and give."""

from __future__ import annotations

from chat import answers, wire
from chat.api import conversations, messages, participants, people, privacy
from chat.schema.operations import Operation, Query, describe

SEQ = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
LIMIT = Query("limit", "How many, at most 100.", {"type": "integer", "minimum": 1, "maximum": 100})
CURSOR = Query("cursor", "`next` of the page before.", {"type": "string", "maxLength": 200})
_CHANGED = (403, 404, 409)

describe(
    people.ConfigView,
    get=Operation(
        "config.read",
        "What a client must know before anybody signs in.",
        {200: answers.ConfigAnswer},
        open=True,
        examples={200: "config"},
    ),
)
describe(
    people.UsersView,
    get=Operation(
        "users.list",
        "People by id, as far as one shares a conversation with them; or by name, where the deployment allows it.",
        {200: answers.UsersAnswer},
        query=(
            Query("ids", "1 to 200 user ids, with commas between them."),
            Query("search", "A part of a name.", {"type": "string", "maxLength": 80}),
        ),
        errors=(403,),
        examples={200: "users"},
    ),
)
describe(
    privacy.PrivacyView,
    get=Operation("me.read_privacy", "What one hides.", {200: wire.Privacy}, examples={200: "privacy"}),
    patch=Operation(
        "me.update_privacy",
        "Hide, or show again, when one was last seen, that one types, what one read: from both sides.",
        {200: wire.Privacy},
        takes=wire.UpdatePrivacy,
        examples={200: "privacy"},
    ),
)
describe(
    conversations.ConversationsView,
    get=Operation(
        "conversations.list",
        "One's conversations, newest message first.",
        {200: answers.ConversationPage},
        query=(
            Query("folder", "Which ones.", {"enum": ["inbox", "archived", "requests"], "default": "inbox"}),
            CURSOR,
            LIMIT,
        ),
        examples={200: "conversations"},
    ),
    post=Operation(
        "conversations.create",
        "Start a conversation, or find the direct one that is there (200).",
        {201: answers.OpenedConversation, 200: answers.OpenedConversation},
        takes=wire.CreateConversation,
        errors=(403, 404, 409, 422),
        examples={201: "conversation_opened"},
    ),
)
describe(
    conversations.ConversationView,
    get=Operation(
        "conversations.read",
        "One conversation, what of it is one's own, and its people.",
        {200: answers.OpenedConversation},
        examples={200: "conversation_opened"},
    ),
    patch=Operation(
        "conversations.update",
        "Change title, subject or metadata: absent is keep, null is clear.",
        {200: answers.OpenedConversation},
        takes=wire.UpdateConversation,
        errors=_CHANGED,
    ),
)
describe(
    conversations.MineView,
    patch=Operation(
        "conversations.update_mine",
        "Mute, archive, pin, mark unread, keep a draft: for oneself alone.",
        {200: answers.MineAnswer},
        takes=wire.UpdateMine,
        by_path=("conversation",),
        errors=(409,),
        examples={200: "mine_answer"},
    ),
)
describe(
    conversations.MessagesView,
    get=Operation(
        "messages.list",
        "A page of messages, ascending: the newest, or those before, after or around a seq.",
        {200: wire.Page},
        query=(
            Query("before", "Older than this seq.", SEQ),
            Query("after", "Newer than this seq.", SEQ),
            Query("around", "On both sides of this seq, and it.", SEQ),
            LIMIT,
        ),
        examples={200: "page"},
    ),
)
describe(
    conversations.ChangesView,
    get=Operation(
        "conversations.changes",
        "What changed after a seq, as it is now.",
        {200: wire.Changes},
        query=(Query("after", "The seq that the client stands at.", SEQ, required=True), LIMIT),
        examples={200: "changes_body"},
    ),
)
describe(
    conversations.SyncView,
    post=Operation(
        "conversations.sync",
        "What changed in several conversations.",
        {200: answers.SyncAnswer},
        takes=wire.Sync,
        examples={200: "sync"},
    ),
)
describe(
    conversations.ReadView,
    post=Operation(
        "receipts.read",
        "Everything up to this seq was read.",
        {200: answers.MineAnswer},
        takes=wire.MarkRead,
        by_path=("conversation",),
        examples={200: "mine_answer"},
    ),
)
describe(
    conversations.DeliveredView,
    post=Operation(
        "receipts.delivered",
        "Messages have reached this device, in several conversations.",
        {200: answers.Nothing},
        takes=wire.MarkDelivered,
    ),
)
describe(
    conversations.ReceiptsView,
    get=Operation(
        "receipts.list",
        "How far everybody has read, or how many have reached one message.",
        {200: answers.ReceiptsAnswer},
        query=(Query("message_seq", "Count for the newest message at or below this seq.", SEQ),),
        examples={200: "receipts"},
    ),
)
describe(
    conversations.PositionsView,
    get=Operation(
        "positions.list",
        "Where one's conversations stand: compare with what is held.",
        {200: answers.PositionsAnswer},
        query=(CURSOR,),
        examples={200: "positions"},
    ),
)
describe(
    conversations.InboxView,
    get=Operation(
        "inbox.list",
        "What of one's own changed after an inbox number.",
        {200: answers.InboxAnswer},
        query=(Query("after", "The `inbox_seq` that the client stands at.", SEQ, required=True), LIMIT),
        examples={200: "inbox"},
    ),
)
describe(
    participants.ParticipantsView,
    get=Operation(
        "participants.list",
        "Who takes part, in order of joining.",
        {200: answers.ParticipantsPage},
        query=(Query("cursor", "`next` of the page before.", SEQ), LIMIT),
        examples={200: "participants"},
    ),
    post=Operation(
        "participants.add",
        "Let people into a group.",
        {200: answers.ConversationAnswer},
        takes=wire.AddParticipants,
        errors=_CHANGED,
    ),
)
describe(
    participants.ParticipantView,
    patch=Operation(
        "participants.change_role",
        "Give somebody a role.",
        {200: answers.ConversationAnswer},
        takes=wire.ChangeRole,
        errors=_CHANGED,
    ),
    delete=Operation(
        "participants.remove",
        "Remove somebody from a group, or leave it oneself.",
        {204: None},
        errors=(403, 409),
    ),
)
describe(
    messages.SendView,
    post=Operation(
        "messages.send",
        "Send a message. The same `client_id` with the same content again: the stored one (200).",
        {201: wire.Message, 200: wire.Message},
        takes=wire.SendMessage,
        errors=(403, 404, 409, 422),
        examples={"request": "send_message", 201: "message"},
    ),
)
describe(
    messages.MessageView,
    get=Operation("messages.read", "One message.", {200: wire.Message}, examples={200: "message"}),
    patch=Operation(
        "messages.edit",
        "Change one's own text, for a day.",
        {200: wire.Message},
        takes=wire.EditMessage,
        by_path=("message",),
        errors=(403, 409, 422),
        examples={200: "message_edited"},
    ),
    delete=Operation(
        "messages.delete",
        "Take a message back: its place stays, empty.",
        {200: wire.Message},
        errors=(403, 409),
        examples={200: "message_gone"},
    ),
)
describe(
    messages.ReactionsView,
    get=Operation(
        "reactions.list",
        "All who reacted to a message.",
        {200: answers.ReactionsAnswer},
        examples={200: "reactions"},
    ),
)
_REACTED = {200: wire.Message}
describe(
    messages.ReactionView,
    put=Operation("reactions.add", "React with an emoji.", _REACTED, errors=(400, 403, 409)),
    delete=Operation("reactions.remove", "Take a reaction back.", _REACTED, errors=(400, 403, 409)),
)
