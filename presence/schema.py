"""What presence's view takes and gives, for the documents."""

from __future__ import annotations

from chat import answers
from chat.schema.components import extend
from chat.schema.operations import Operation, Query, describe
from presence import wire
from presence.api import PresenceView

describe(
    PresenceView,
    get=Operation(
        "presence.list",
        "How people are now, for who has no socket; those one shares nothing with are absent.",
        {200: wire.PresenceAnswer},
        query=(Query("users", "1 to 200 user ids, with commas between them.", required=True),),
        examples={200: "presence_answer"},
    ),
)
extend(answers.WatchAnswer, wire.Watched)
